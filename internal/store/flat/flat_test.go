package flat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// describe lists the fields of an object, one a line.
func describe(w *Walker) string {
	var b strings.Builder
	names := [Kinds]string{"null", "text", "date", "time", "number", "boolean", "empty", "texts", "objects", "other"}
	for i := range w.Fields {
		f := &w.Fields[i]
		member := ""
		if f.Member {
			member = " member"
		}
		fmt.Fprintf(&b, "%s %s%s %s\n", w.Path(f), names[f.Kind], member, w.Value(f))
	}
	return b.String()
}

func TestFields(t *testing.T) {
	var w Walker
	for _, c := range []struct{ in, want string }{
		{``, ``},
		{` {} `, ``},
		{`{"a":1}`, "a number 1\n"},
		{`{ "a" : { "b" : { "c" : -0.50e+3 } , "d" : true } , "e" : null }`, "a.b.c number -0.50e+3\na.d boolean true\ne null null\n"},
		{`{"a.b":1,"ü":"\u00fc","":2}`, "a.b number 1\nü text \"ü\"\n number 2\n"},
		{`{"d":"2024-02-29","e":"2023-02-29","t":"2026-11-21T14:30:00+01:00","u":"2026-11-21 14:30","v":"2026-11-21T25:00"}`,
			"d date \"2024-02-29\"\ne text \"2023-02-29\"\nt time \"2026-11-21T14:30:00+01:00\"\nu text \"2026-11-21 14:30\"\nv text \"2026-11-21T25:00\"\n"},
		{`{"a":[],"b":[null],"c":["x",null,"2024-01-01"],"d":[1],"e":["x",1],"f":[true]}`,
			"a empty []\nb empty [null]\nc texts [\"x\",null,\"2024-01-01\"]\nd other [1]\ne other [\"x\",1]\nf other [true]\n"},
		{`{"p":[{"sku":"a","dim":{"w":1}}, {"sku":null}, {}]}`,
			"p[].sku text member \"a\"\np[].dim.w number member 1\np[].sku null member null\np objects [{\"sku\":\"a\",\"dim\":{\"w\":1}},{\"sku\":null},{}]\n"},
		{`{"p":[{"q":[{"r":1}],"s":["x"]}]}`,
			"p[].q[].r number member 1\np[].q objects member [{\"r\":1}]\np[].s texts member [\"x\"]\np objects [{\"q\":[{\"r\":1}],\"s\":[\"x\"]}]\n"},
		{`{"p":[[{"a":1}],"x"],"q":[{"a":1},2]}`, "p other [[{\"a\":1}],\"x\"]\nq[].a number member 1\nq other [{\"a\":1},2]\n"},
		{`{"s":"\"\\\/\b\f\n\r\t\u0001\u001F\ud83d\ude00\ud83d\u0041"}`, `s text "\"\\/\u0008\u000c\n\r\t\u0001\u001f😀` + "\ufffdA\"\n"},
		{`{"a\"\n":1}`, "a\"\n number 1\n"},
	} {
		if err := w.Walk([]byte(c.in)); err != nil {
			t.Errorf("%s: %v", c.in, err)
		} else if got := describe(&w); got != c.want {
			t.Errorf("%s\ngives %s\n want %s", c.in, got, c.want)
		}
	}
}

func TestProblems(t *testing.T) {
	var w Walker
	for _, c := range []struct{ in, want string }{
		{`[]`, "not a JSON object"},
		{`7`, "not a JSON object"},
		{"{\"a\":\"\xff\"}", "not valid UTF-8"},
		{`{"ä":01}`, "not valid JSON at character 8: not a number"},
		{`{"a":1.}`, "not a number"}, {`{"a":-}`, "not a number"}, {`{"a":1e}`, "not a number"}, {`{"a":.5}`, "a value expected"},
		{`{"a" 1}`, `":" expected`}, {`{"a":1 "b"}`, `"," or "}" expected`}, {`{"a":[1 2]}`, `"," or "]" expected`},
		{`{a:1}`, "a name in quotes expected"}, {`{"a":1,}`, "a name in quotes expected"}, {`{"a":[1,]}`, "a value expected"},
		{`{"a":tru}`, "a value expected"}, {`{"a":}`, "a value expected"}, {`{"a":1} {}`, "nothing may follow after the object"},
		{`{"a":"x`, "the text does not end"}, {`{"a":"\`, "the text does not end"}, {"{\"a\":\"\n\"}", "a control character in a text"},
		{`{"a":"\x"}`, `\ must be followed by`}, {`{"a":"\u12G4"}`, `\ must be followed by`}, {`{"a":1`, `"," or "}" expected`},
		{`{"a":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + "}", "nested deeper than 64 levels"},
		{strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65), "nested deeper than 64 levels"},
	} {
		if err := w.Walk([]byte(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.in, err, c.want)
		}
	}
}

// agree holds the walker to encoding/json: what it accepts, what the compact form means, and that it is final.
func agree(t interface{ Fatalf(string, ...any) }, in []byte) {
	var w Walker
	err := w.Walk(in)
	var want map[string]any
	decoder := json.NewDecoder(bytes.NewReader(in))
	decoder.UseNumber()
	valid := utf8.Valid(in) && json.Valid(in) && decoder.Decode(&want) == nil && want != nil
	if valid != (err == nil) && len(bytes.TrimSpace(in)) > 0 && (err == nil || !strings.Contains(err.Error(), "nested deeper")) {
		t.Fatalf("%q: valid is %t, error %v", in, valid, err)
	}
	if err != nil || !valid {
		return
	}
	var got map[string]any
	decoder = json.NewDecoder(bytes.NewReader(w.Compact()))
	decoder.UseNumber()
	if err := decoder.Decode(&got); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%q means %v, its compact form %q %v", in, want, w.Compact(), got)
	}
	for i := range w.Fields {
		if value := w.Value(&w.Fields[i]); !json.Valid(value) {
			t.Fatalf("%q: value %q of %q is not JSON", in, value, w.Path(&w.Fields[i]))
		}
	}
	first, fields := string(w.Compact()), describe(&w)
	if err := w.Walk([]byte(first)); err != nil || string(w.Compact()) != first || describe(&w) != fields {
		t.Fatalf("the compact form %q of %q is not final: %q %v", first, in, w.Compact(), err)
	}
}

func TestAgreesWithStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOfN(rapid.String(), anyValue(3), 0, 5).Draw(t, "object")
		in, err := json.MarshalIndent(object, "", rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent"))
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "broken") {
			i := rapid.IntRange(0, len(in)-1).Draw(t, "at")
			in[i] = rapid.SampledFrom([]byte(`{}[],:"\ 0-e.tn`+"\x00\xff")).Draw(t, "byte")
		}
		agree(t, in)
	})
}

func anyValue(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Float64Range(-1e15, 1e15).AsAny(), rapid.Int32().AsAny(), rapid.String().AsAny(),
		rapid.SampledFrom([]string{"2024-02-29", "2026-11-21T14:30", "2026-11-21T14:30:00Z", "2024-02-30"}).AsAny(),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	inner := rapid.Deferred(func() *rapid.Generator[any] { return anyValue(depth - 1) })
	return rapid.OneOf(append(scalars, rapid.SliceOfN(inner, 0, 3).AsAny(), rapid.MapOfN(rapid.StringN(0, 3, 8), inner, 0, 3).AsAny())...)
}

func FuzzWalk(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":{"b":[{"c":"\u00fc\ud83d\ude00"},null]}}`, `{"a":-1.5e3,"b":"2026-11-21T14:30Z"}`, `{"a":[[[]]]`, "{\"\xff\":1}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) { agree(t, in) })
}

func BenchmarkWalk(b *testing.B) {
	in := []byte(`{"total":129.95,"currency":"EUR","coupon":null,"gift":false,"delivery_on":"2026-11-24","address":{"city":"Köln"}}`)
	var w Walker
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if err := w.Walk(in); err != nil {
			b.Fatal(err)
		}
	}
}
