package calls

import (
	"github.com/kohorte/kohorte/internal/intake/jsontext"
	"github.com/kohorte/kohorte/internal/intake/value"
)

// appendMerged appends two JSON objects as one: what stands in both is taken from
// the second, objects within them are merged likewise. Either may be empty, both were checked.
func appendMerged(dst, base, over []byte) []byte {
	switch {
	case len(base) == 0:
		return append(dst, over...)
	case len(over) == 0:
		return append(dst, base...)
	}
	own := map[string][]byte{} // nil once it is written, for keys can stand there twice
	visit(over, func(key, v []byte) { own[string(key)] = v })
	dst = append(dst, '{')
	visit(base, func(key, v []byte) {
		o, ok := own[string(key)]
		switch {
		case !ok:
			dst = append(appendKey(dst, key), v...)
		case o == nil:
			return
		case jsontext.Kind(v) == jsontext.Object && jsontext.Kind(o) == jsontext.Object:
			dst = appendMerged(appendKey(dst, key), v, o)
		default:
			dst = append(appendKey(dst, key), o...)
		}
		if ok {
			own[string(key)] = nil
		}
	})
	visit(over, func(key, _ []byte) {
		if v := own[string(key)]; v != nil {
			dst = append(appendKey(dst, key), v...)
			own[string(key)] = nil
		}
	})
	return append(dst, '}')
}

// visit goes over the members of an object that was checked.
func visit(object []byte, each func(key, value []byte)) { _ = jsontext.Members(object, each) }

// appendKey appends what stands before the value of a member: a comma unless it is the first, the key, a colon.
func appendKey(dst, key []byte) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return append(value.AppendText(dst, key), ':')
}
