package tracking

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/jsontext"
)

// longestKey bounds what is looked up, in bytes.
const longestKey = 256

var (
	keyMissing = problem{status: http.StatusUnauthorized, Code: "key_missing",
		Message: "the write key is missing: send it as the user of Basic authentication, as a Bearer token, or as writeKey in the body"}
	keyUnknown = problem{status: http.StatusUnauthorized, Code: "key_unknown", Message: "the write key is not known"}
)

// who finds the source of a request from its write key.
type who struct {
	keys   Keys
	source string
	known  bool
	given  bool // a key was given, known or not
}

// header looks at the header. What Basic authentication says decides. A Bearer
// token may also be that of OAuth, which stands beside a write key in the body.
func (a *who) header(authorization string) *problem {
	scheme, value, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	value = strings.TrimSpace(value)
	switch {
	case strings.EqualFold(scheme, "Basic"):
		a.try(basicUser(value))
		if a.given && !a.known {
			return &keyUnknown
		}
	case strings.EqualFold(scheme, "Bearer"):
		a.try(value)
	}
	return nil
}

// body looks at the writeKey in the body, unless the header told enough.
func (a *who) body(writeKey []byte) *problem {
	if a.known {
		return nil
	}
	if jsontext.Kind(writeKey) == jsontext.Text {
		a.try(string(jsontext.Unquote(writeKey)))
	}
	switch {
	case a.known:
		return nil
	case a.given:
		return &keyUnknown
	}
	return &keyMissing
}

func (a *who) try(key string) {
	if key == "" {
		return
	}
	a.given = true
	if len(key) <= longestKey {
		a.source, a.known = a.keys.WriteKey(key)
	}
}

// basicUser gives the user of Basic authentication; old libraries leave out the colon behind it.
func basicUser(encoded string) string {
	encoded = strings.TrimRight(encoded, "=")
	if len(encoded) > 2*longestKey {
		return encoded // no key is so long: it will not be known
	}
	text, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return encoded // whatever it is, it is no key
	}
	user, _, _ := strings.Cut(string(text), ":")
	return user
}
