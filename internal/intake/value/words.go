package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// truths are pairs of words that mean yes and no.
var truths = [][2]string{
	{"true", "false"}, {"yes", "no"}, {"ja", "nein"}, {"wahr", "falsch"}, {"y", "n"}, {"j", "n"}, {"t", "f"}, {"on", "off"}, {"x", ""},
}

// ParseBoolean reads a word that means yes or no, in English or German, or 1 and 0.
func ParseBoolean(cell []byte) (value, ok bool) {
	const longest = len("false") + 1
	if len(cell) == 0 || len(cell) > longest {
		return false, false
	}
	word := strings.ToLower(string(cell))
	for _, pair := range truths {
		if word == pair[0] || word == pair[1] {
			return word == pair[0], true
		}
	}
	return word == "1", word == "1" || word == "0"
}

// Yes gives the word for yes that goes with a word for yes or no; empty if it is neither.
func Yes(word string) string {
	word = strings.ToLower(word)
	for _, pair := range truths[:len(truths)-1] {
		if word == pair[0] || word == pair[1] {
			return pair[0]
		}
	}
	return ""
}

func appendBoolean(dst, cell []byte) ([]byte, error) {
	value, ok := ParseBoolean(cell)
	if !ok {
		return dst, fmt.Errorf("%q means neither yes nor no", shorten(cell))
	}
	if value {
		return append(dst, "true"...), nil
	}
	return append(dst, "false"...), nil
}

// appendList appends the texts of a list; a cell that is a JSON list of its own is taken as it is.
func appendList(dst, cell []byte, separator byte) []byte {
	if cell[0] == '[' {
		if out, err := appendLiteral(dst, cell); err == nil {
			return out
		}
	}
	dst = append(dst, '[')
	start := len(dst)
	for part := range bytes.SplitSeq(cell, []byte{separator}) {
		if part = trimBlanks(part); len(part) == 0 {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = AppendText(dst, part)
	}
	return append(dst, ']')
}

func appendLiteral(dst, cell []byte) ([]byte, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, cell); err != nil {
		return dst, fmt.Errorf("%q is not JSON", shorten(cell))
	}
	return append(dst, compact.Bytes()...), nil
}

// AppendText appends a text as JSON. Text that is not UTF-8 gets the replacement character.
func AppendText(dst, text []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(text); {
		b := text[i]
		if b >= ' ' && b != '"' && b != '\\' && b < utf8.RuneSelf {
			i++
			continue
		}
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, text[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		dst = append(dst, text[start:i]...)
		dst = appendEscape(dst, b)
		i++
		start = i
	}
	return append(append(dst, text[start:]...), '"')
}

func appendEscape(dst []byte, b byte) []byte {
	switch b {
	case '"', '\\':
		return append(dst, '\\', b)
	case '\n':
		return append(dst, '\\', 'n')
	case '\t':
		return append(dst, '\\', 't')
	case '\r':
		return append(dst, '\\', 'r')
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
}
