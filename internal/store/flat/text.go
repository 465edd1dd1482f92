package flat

import (
	"unicode/utf16"
	"unicode/utf8"
)

// text takes a text in quotes and writes it with the fewest escapes. With name,
// its characters are appended there as well.
func (w *Walker) text(name *[]byte) error {
	w.at++
	w.out = append(w.out, '"')
	for {
		from := w.at
		for w.at < len(w.in) && plain(w.in[w.at]) {
			w.at++
		}
		w.out = append(w.out, w.in[from:w.at]...)
		if name != nil {
			*name = append(*name, w.in[from:w.at]...)
		}
		switch c := w.peek(); {
		case w.at == len(w.in):
			return w.wrong("the text does not end")
		case c == '"':
			w.at++
			w.out = append(w.out, '"')
			return nil
		case c == '\\':
			r, err := w.escape()
			if err != nil {
				return err
			}
			w.out = appendRune(w.out, r)
			if name != nil {
				*name = utf8.AppendRune(*name, r)
			}
		default:
			return w.wrong("a control character in a text")
		}
	}
}

func plain(c byte) bool { return c >= ' ' && c != '"' && c != '\\' }

var shortEscapes = [256]rune{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escape reads one escaped character; half of a pair is the replacement character.
func (w *Walker) escape() (rune, error) {
	if w.at+1 >= len(w.in) {
		return 0, w.wrong("the text does not end")
	}
	c := w.in[w.at+1]
	if r := shortEscapes[c]; r != 0 {
		w.at += 2
		return r, nil
	}
	r, ok := hex4(w.in[w.at:])
	if !ok {
		return 0, w.wrong(`\ must be followed by one of "\/bfnrt or u and four hexadecimal digits`)
	}
	w.at += 6
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if low, ok := hex4(w.in[w.at:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			w.at += 6
			return pair, nil
		}
	}
	return utf8.RuneError, nil
}

// hex4 reads \uXXXX.
func hex4(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// appendRune writes a character of a text, escaped if JSON demands it.
func appendRune(out []byte, r rune) []byte {
	const hexDigits = "0123456789abcdef"
	switch {
	case r == '"' || r == '\\':
		return append(out, '\\', byte(r))
	case r == '\n':
		return append(out, '\\', 'n')
	case r == '\r':
		return append(out, '\\', 'r')
	case r == '\t':
		return append(out, '\\', 't')
	case r < ' ':
		return append(out, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
	}
	return utf8.AppendRune(out, r)
}
