package calls

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

var berlin = func() *calendar.Zone {
	z, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return z
}()

// now is 2026-11-21T12:00:00Z.
const now calendar.Instant = 1_795_262_400_000

func parser() *Parser { return NewParser("app", berlin, now) }

// show writes records in a line each.
func show(records []record.Record) string {
	var out []string
	for _, r := range records {
		s := fmt.Sprint([]string{"identify", "track", "group", "alias", "consent"}[r.Kind], " ", r.Customer)
		switch r.Kind {
		case record.Track:
			s += " " + r.Event
			if r.EventGiven != r.Event {
				s += " (" + r.EventGiven + ")"
			}
		case record.Group:
			s += fmt.Sprint(" of ", r.Company, r.Role)
		case record.Alias:
			s += fmt.Sprint(" was ", r.Previous)
		}
		if r.HasTime {
			s += " " + calendar.Format(r.Time)
		}
		out = append(out, s+" "+string(r.Fields))
	}
	return strings.Join(out, "\n")
}

func TestCalls(t *testing.T) {
	for call, want := range map[string]string{
		`{"type":"identify","userId":"u1","traits":{"email":"a@b.de","n":1.50},"timestamp":"2026-01-02T03:04:05.678Z"}`: `identify [{user u1}] 2026-01-02T03:04:05.678Z {"email":"a@b.de","n":1.50}`,
		`{"type":"identify","userId":" u1 ","anonymousId":"x","traits":null}`:                                           `identify [{user u1} {anonymous x}] {}`,
		`{"type":"track","anonymousId":"x","event":"Order Completed","properties":{"a":[{"b":"\u00e4"}]}}`:              `track [{anonymous x}] order_completed (Order Completed) {"a":[{"b":"\u00e4"}]}`,
		`{"type":"Track","userId":17,"event":"ÄrgerGemeldet"}`:                                                          `track [{user 17}] ärger_gemeldet (ÄrgerGemeldet) {}`,
		`{"type":"page","userId":"u","name":"Home","properties":{"url":"/"}}`:                                           `track [{user u}] page_viewed {"name":"Home","url":"/"}`,
		`{"type":"page","userId":"u","name":"Home","category":"Docs"}`:                                                  `track [{user u}] page_viewed {"name":"Home","category":"Docs"}`,
		`{"type":"screen","userId":"u","name":"Home","properties":{"name":"Own"}}`:                                      `track [{user u}] screen_viewed {"name":"Own"}`,
		`{"type":"screen","userId":"u"}`:                                                                                `track [{user u}] screen_viewed {}`,
		`{"type":"group","userId":"u","groupId":"g","traits":{"n":1,"role":" buyer ","o":{"role":"x"}}}`:                `group [{user u}] of {company g}buyer {"n":1,"o":{"role":"x"}}`,
		`{"type":"group","userId":"u","groupId":"g","role":"user","traits":{"role":"buyer"}}`:                           `group [{user u}] of {company g}user {"role":"buyer"}`,
		`{"type":"group","userId":"u","groupId":"g","traits":{"role":7}}`:                                               `group [{user u}] of {company g} {"role":7}`,
		`{"type":"group","groupId":"g","traits":{"role":"buyer"}}`:                                                      `group [] of {company g} {"role":"buyer"}`,
		`{"type":"group","userId":"u","groupId":"g","role":"buyer","traits":{"industry":"x"}}`:                          `group [{user u}] of {company g}buyer {"industry":"x"}`,
		`{"type":"group","groupId":7}`:                                                                                  `group [] of {company 7} {}`,
		`{"type":"alias","userId":"u","previousId":"x"}`:                                                                "alias [{user u}] was {anonymous x} ",
		`{"type":"alias","userId":"u","previousId":"u"}`:                                                                "alias [{user u}] was {anonymous u} ",
		`{"type":"track","userId":"u","event":"e","timestamp":"2026-07-01 12:00"}`:                                      `track [{user u}] e 2026-07-01T10:00:00.000Z {}`,
		`{"type":"track","userId":"u","event":"e","originalTimestamp":1767225600000}`:                                   `track [{user u}] e 2026-01-01T00:00:00.000Z {}`,
		`{"type":"track","userId":"u","event":"e","timestamp":null,"receivedAt":"2026-01-01T00:00:00Z","context":{}}`:   `track [{user u}] e 2026-01-01T00:00:00.000Z {}`,
	} {
		records, err := parser().Parse(nil, []byte(call), 1)
		if got := show(records); err != nil || got != want {
			t.Errorf("%s\n got %q\nwant %q: %v", call, got, want, err)
		}
	}
}

func TestCallsThatAreNoGood(t *testing.T) {
	for call, want := range map[string]string{
		`{"type":"track","event":"e"}`:                                    "the call names nobody: userId or anonymousId is missing",
		`{"type":"track","userId":"","event":"e"}`:                        "the call names nobody: userId or anonymousId is missing",
		`{"type":"track","userId":"u"}`:                                   "the event has no name",
		`{"type":"track","userId":"u","event":" - "}`:                     "the event has no name",
		`{"type":"track","userId":"u","event":{}}`:                        "event must be text, not an object",
		`{"type":"trakc","userId":"u"}`:                                   `unknown type of call "trakc": it is one of identify, track, page, screen, group, alias`,
		`{"userId":"u"}`:                                                  "the type of the call is missing: identify, track, page, screen, group or alias",
		`{"type":"identify","userId":"u","traits":[]}`:                    "traits must be an object, not a list",
		`{"type":"identify","userId":true}`:                               "userId must be text, not true or false",
		`{"type":"group","userId":"u"}`:                                   "the groupId is missing",
		`{"type":"alias","userId":"u"}`:                                   "the previousId is missing",
		`{"type":"track","userId":"u","event":"e","timestamp":"gestern"}`: `timestamp: "gestern" is no date`,
		`{"type":"track","userId":"u","event":"e","timestamp":{}}`:        "timestamp: a time is text, not an object",
		`{"type":"track","userId":"u","event":"e","messageId":[]}`:        "messageId must be text, not a list",
		`[]`:                "the line cannot be read: it is not a JSON object but a list",
		`{"type":"track",}`: "the line cannot be read: it is not JSON: a key in double quotes is missing (at byte 17)",
	} {
		records, err := parser().Parse(nil, []byte(call), 1)
		if err == nil || err.Error() != want || len(records) > 0 {
			t.Errorf("%s: %v, want %s", call, err, want)
		}
	}
}

func TestKeysOfCalls(t *testing.T) {
	p := parser()
	key := func(call string) [16]byte {
		records, err := p.Parse(nil, []byte(call), 1)
		if err != nil || len(records) != 1 {
			t.Fatal(records, err)
		}
		return records[0].Key
	}
	const track = `{"type":"track","userId":"u","event":"e"}`
	if key(`{"type":"track","userId":"u","event":"e","messageId":"m"}`) != record.MessageKey("m") {
		t.Error("the message id does not make the key")
	}
	first, second := key(track), key(track)
	if first == second || first == ([16]byte{}) {
		t.Error("two equal events of one file have one key")
	}
	if p = parser(); key(track) != first || key(track) != second {
		t.Error("the file read again has other keys")
	}
	if p = NewParser("other", berlin, now); key(track) == first {
		t.Error("the same event of another source has the same key")
	}
	if key(`{"type":"identify","userId":"u"}`) != ([16]byte{}) {
		t.Error("attributes are harmless and need no key")
	}
}

// TestRecordsKeepTheirFields until the parser is reset.
func TestRecordsKeepTheirFields(t *testing.T) {
	p := parser()
	var records []record.Record
	for i := range 1000 {
		var err error
		line := fmt.Appendf(nil, `{"type":"identify","userId":"u%d","traits":{"n":%d}}`, i, i)
		if records, err = p.Parse(records, line, i); err != nil {
			t.Fatal(err)
		}
		clear(line) // as the reader's buffer is used again
	}
	for i, r := range records {
		if string(r.Fields) != fmt.Sprintf(`{"n":%d}`, i) || r.Customer[0].Value != fmt.Sprintf("u%d", i) || r.Row != i {
			t.Fatalf("record %d is %+v with %s", i, r, r.Fields)
		}
	}
}

// FuzzParse: what is taken has fields that are a JSON object, and names somebody or a company.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"type":"track","userId":"u","event":"A b","properties":{"x":[1,{"y":null}]},"timestamp":"2026-01-01","messageId":"m"}`,
		`{"type":"page","anonymousId":"a","name":"N\n","category":"C","properties":{"name":1}}`,
		`{"type":"group","groupId":"g","role":"r","traits":{}}`, `{"type":"alias","userId":"u","previousId":"p"}`, `{"type":"screen","userId":1e5,"properties":{"":""}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, call []byte) {
		records, err := parser().Parse(nil, call, 1)
		if err != nil && len(records) > 0 || err == nil && len(records) == 0 && !strings.Contains(string(call), "previousId") {
			t.Fatalf("%q: %d records, %v", call, len(records), err)
		}
		for _, r := range records {
			if r.Fields != nil && !json.Valid([]byte(strings.ToValidUTF8(string(r.Fields), "?"))) {
				t.Fatalf("%q: fields %s", call, r.Fields)
			}
			if r.Kind != record.Alias && (len(r.Fields) == 0 || r.Fields[0] != '{') || len(r.Customer) == 0 && r.Company.Value == "" {
				t.Fatalf("%q: %+v", call, r)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	call := []byte(`{"type": "track", "userId": "c00001", "timestamp": "2025-02-01T18:55:19.898Z", "messageId": "m0000001", "event": "Order Completed", ` +
		`"properties": {"total": 129.9, "currency": "EUR", "products": [{"sku": "A-1", "price": 49.95, "quantity": 2}, {"sku": "B-2", "price": 30, "quantity": 1}]}}`)
	p := parser()
	b.ReportAllocs()
	var records []record.Record
	for b.Loop() {
		var err error
		if records, err = p.Parse(records[:0], call, 1); err != nil {
			b.Fatal(err)
		}
		p.Reset()
	}
}
