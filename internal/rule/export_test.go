package rule

// Tokens cuts a text into the words and symbols that the scanner sees.
func Tokens(text string) []string {
	var problems problemList
	s := scanner{text: text, problems: &problems}
	s.scan()
	var words []string
	for _, t := range s.tokens {
		if t.kind != endToken {
			words = append(words, text[t.Start:t.End])
		}
	}
	return words
}

// IsKeyword tells whether a word is a keyword.
func IsKeyword(word string) bool {
	_, ok := keyword(word)
	return ok
}
