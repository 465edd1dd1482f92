package jsontext

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestFaultsAreSaidInPlainWords(t *testing.T) {
	for text, want := range map[string]string{
		``:                                      "it is not JSON: it ends where a value should stand (at byte 1)",
		`[1]`:                                   "it is not a JSON object but a list",
		`{"a":1}x`:                              "it is not JSON: there is something behind the closing brace (at byte 8)",
		`{"a":1`:                                "it is not JSON: a comma or a closing brace is missing (at byte 7)",
		`{"a":`:                                 "it is not JSON: it ends where a value should stand (at byte 6)",
		`{a:1}`:                                 "it is not JSON: a key in double quotes is missing (at byte 2)",
		`{"a" 1}`:                               "it is not JSON: a colon is missing behind a key (at byte 6)",
		`{"a":NaN}`:                             "it is not JSON: there is something that is no value (at byte 6)",
		`{"a":nul}`:                             "it is not JSON: there is a word without quotes (at byte 6)",
		`{"a":01}`:                              "it is not JSON: a number has zeros before it (at byte 8)",
		`{"a":"x` + "\x01":                      "it is not JSON: there is a control character in a text (at byte 8)",
		`{"a":"\x"}`:                            "it is not JSON: a backslash stands before something that cannot be escaped (at byte 7)",
		`{"a":"`:                                "it is not JSON: a text is not closed (at byte 6)",
		`{"a":1.}`:                              "it is not JSON: a number ends in a point (at byte 8)",
		`{"a":1e}`:                              "it is not JSON: the exponent of a number is missing (at byte 8)",
		`{"a":[1 2]}`:                           "it is not JSON: a comma or a closing bracket is missing (at byte 9)",
		`{"a":` + strings.Repeat("[", MaxDepth): "it is not JSON: it is nested too deep (at byte 69)",
	} {
		if err := Members([]byte(text), func(_, _ []byte) {}); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// FuzzMembers: what is taken is what the standard library takes, member for member.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":[true,null,"x\n"],"c":{"d":-1.5e+7}}`, ` { "ü\u00e4\ud83d\ude00" : "\"" } `, `{}`, `{"a":{},"b":[]}`, `[1]`, `{"a":0,"a":-0.1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		members := map[string]string{}
		err := Members(text, func(key, value []byte) {
			members[string(key)] = string(value)
			if Kind(value) == Text {
				Unquote(value)
			}
		})
		var want map[string]json.RawMessage
		valid := json.Unmarshal(text, &want) == nil && want != nil
		if err != nil {
			if valid && !strings.Contains(err.Error(), "too deep") {
				t.Fatalf("%q: %v, but it is JSON", text, err)
			}
			return
		}
		if !valid {
			t.Fatalf("%q was taken, but it is no JSON object", text)
		}
		compare(t, members, want)
	})
}

func compare(t *testing.T, got map[string]string, want map[string]json.RawMessage) {
	t.Helper()
	for key, value := range got {
		// The standard library replaces what is not UTF-8; that is checked before.
		key = strings.ToValidUTF8(key, "\ufffd")
		if string(want[key]) != value && !strings.Contains(key, "\ufffd") {
			t.Fatalf("member %q is %q, want %q", key, value, want[key])
		}
	}
}

func BenchmarkMembers(b *testing.B) {
	text := []byte(`{"type": "track", "userId": "c00001", "timestamp": "2025-02-01T18:55:19.898Z", "messageId": "m0000001", "event": "Order Completed", ` +
		`"properties": {"total": 129.9, "currency": "EUR", "products": [{"sku": "A-1", "price": 49.95, "quantity": 2}, {"sku": "B-2", "price": 30, "quantity": 1}]}}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := Members(text, func(_, _ []byte) {}); err != nil {
			b.Fatal(err)
		}
	}
}
