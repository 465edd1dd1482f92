package tracking

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// callOf makes a call of a size in bytes.
func callOf(size int) string {
	const before, after = `{"userId":"u","type":"track","event":"e","properties":{"x":"`, `"}}`
	return before + strings.Repeat("x", size-len(before)-len(after)) + after
}

// batchOf makes a batch of a size in bytes, of calls that are small enough.
func batchOf(size int) string {
	var b strings.Builder
	b.WriteString(`{"batch":[`)
	for size-b.Len() > 2*MaxCall {
		b.WriteString(callOf(MaxCall) + ",")
	}
	left := size - b.Len() - len(`,]}`)
	b.WriteString(callOf(left/2) + "," + callOf(left-left/2) + "]}")
	return b.String()
}

func TestLimits(t *testing.T) {
	inBatch := func(calls ...string) string { return `{"batch":[` + strings.Join(calls, ",") + `]}` }
	for _, test := range []struct {
		name, path, body, says string
		item                   int
	}{
		{"largest call", "/v1/track", callOf(MaxCall), "", -1},
		{"larger call", "/v1/track", callOf(MaxCall + 1), "the body is larger than 32 KB (32768 bytes), which is the limit of a call", -1},
		{"largest batch", "/v1/batch", batchOf(MaxBatch), "", -1},
		{"larger batch", "/v1/batch", batchOf(MaxBatch + 1), "the body is larger than 500 KB (512000 bytes), which is the limit of a batch", -1},
		{"largest call in a batch", "/v1/import", inBatch(callOf(MaxCall), " "+callOf(MaxCall)+"\n"), "", -1},
		{"larger call in a batch", "/v1/b", inBatch(callOf(MaxCall), callOf(MaxCall+1)), "batch[1] has 32769 bytes; a call may have 32 KB (32768 bytes)", 1},
		{"many traits", "/v1/batch", `{"context":{"traits":{"x":"` + strings.Repeat("x", 400_000) + `"}},"batch":[` + strings.Repeat(`{},`, 10) + `{}]}`,
			"the traits in the context of the batch, merged into each of its 11 calls, make more than 4 MB", -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, zip := range []bool{false, true} {
				s := serve(t)
				body, encoding := test.body, ""
				if zip {
					body, encoding = zipped(t, body), "gzip"
				}
				w, text := s.do("POST", test.path, body, "Authorization", "Bearer "+key, "Content-Encoding", encoding)
				if test.says == "" {
					if w.StatusCode != 200 || len(s.sink.records) == 0 || len(s.sink.rejected) > 0 {
						t.Errorf("gzip %v: %d %s", zip, w.StatusCode, text)
					}
					continue
				}
				p := problemIn(t, text)
				if w.StatusCode != 400 || p.Message != test.says || p.Code != "too_large" || (p.Item == nil) != (test.item < 0) || p.Item != nil && *p.Item != test.item || s.sink.accepted > 0 {
					t.Errorf("gzip %v: %d %s", zip, w.StatusCode, text)
				}
			}
		})
	}
}

// TestBodyOfUnknownLength is bounded too.
func TestBodyOfUnknownLength(t *testing.T) {
	s := serve(t)
	for size, want := range map[int]int{MaxCall: 200, MaxCall + 1: 400, 50 * MaxCall: 400} {
		r, err := http.NewRequest("POST", s.url+"/v1/track", io.MultiReader(strings.NewReader(callOf(size)))) // sent in chunks
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		w.Body.Close()
		if w.StatusCode != want {
			t.Errorf("%d bytes: %d, want %d", size, w.StatusCode, want)
		}
	}
}

func TestBadGzip(t *testing.T) {
	call := `{"userId":"u","event":"e"}`
	good := zipped(t, call)
	var nothing bytes.Buffer // 100,000 compressed members of nothing
	one := zipped(t, "")
	for range 100_000 {
		nothing.WriteString(one)
	}
	var bomb bytes.Buffer // 64 MB
	w := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, body, encoding string
		status               int
		code                 string
	}{
		{"good", good, "gzip", 200, ""},
		{"good by its old name", good, "X-GZIP", 200, ""},
		{"in two members", zipped(t, call[:5]) + zipped(t, call[5:]), "gzip", 200, ""},
		{"identity", call, "identity", 200, ""},
		{"a bomb", bomb.String(), "gzip", 400, "too_large"},
		{"a bomb that is small", bomb.String()[:20_000], "gzip", 400, "too_large"},
		{"a bomb of nothing", nothing.String(), "gzip", 400, "too_large"},
		{"not compressed", call, "gzip", 400, "malformed_body"},
		{"empty", "", "gzip", 400, "malformed_body"},
		{"cut off", good[:len(good)-9], "gzip", 400, "malformed_body"},
		{"broken", good[:12] + "\xff\xff\xff" + good[15:], "gzip", 400, "malformed_body"},
		{"wrong sum", good[:len(good)-8] + "aaaa" + good[len(good)-4:], "gzip", 400, "malformed_body"},
		{"compressed but not said", good, "", 400, "malformed_json"},
		{"something else", call, "br", 415, "encoding_unknown"},
	} {
		s := serve(t)
		w, text := s.do("POST", "/v1/track", test.body, "Authorization", "Bearer "+key, "Content-Encoding", test.encoding)
		if w.StatusCode != test.status || test.status != 200 && problemIn(t, text).Code != test.code || test.status == 200 && s.kept() != "track [{user u}] e {}" {
			t.Errorf("%s: %d %s", test.name, w.StatusCode, text)
		}
	}
}

func TestMalformedJSON(t *testing.T) {
	s := serve(t)
	for _, test := range []struct {
		body, says string
		position   int
	}{
		{``, "the body is not JSON: it ends where a value should stand (at byte 1)", 1},
		{`{"userId":"u","event":}`, "the body is not JSON: there is something that is no value (at byte 23)", 23},
		{"\ufeff{a", "the body is not JSON: a key in double quotes is missing (at byte 5)", 5},
		{`{"a":"` + "\xff" + `"}`, "the body is not JSON: there is a byte that is not UTF-8 (at byte 7)", 7},
		{`{} {}`, "the body is not JSON: there is something behind the closing brace (at byte 4)", 4},
		{`[{"userId":"u"}]`, "the body is not a JSON object but a list", 0},
		{`null`, "the body is not a JSON object but a null", 0},
		{`{"a":` + strings.Repeat("[", 100), "the body is not JSON: it is nested too deep (at byte 69)", 69},
		{`data=%7B%7D`, "the body is not JSON: there is something that is no value (at byte 1)", 1},
	} {
		for _, path := range []string{"/v1/track", "/v1/batch"} {
			p := problemIn(t, s.post(path, test.body, 400))
			if p.Message != test.says || p.Position != test.position || p.Code != "malformed_json" {
				t.Errorf("%s %q: %+v", path, test.body, p)
			}
		}
	}
	inner := `{"batch":[{"userId":"u","type":"track","event":"e"},{"userId":}]}`
	if p := problemIn(t, s.post("/v1/batch", inner, 400)); p.Position != strings.Index(inner, ":}")+2 {
		t.Errorf("the position is %d", p.Position)
	}
	if s.sink.accepted > 0 {
		t.Error("something was accepted")
	}
	if w, text := s.do("POST", "/v1/track", `{"writeKey":"wk_shop",}`); w.StatusCode != 400 || strings.Contains(text, "wk_") {
		t.Error(fmt.Sprint("without a header, malformed JSON is told: ", w.StatusCode, text))
	}
}
