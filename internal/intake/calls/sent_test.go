package calls

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

func TestSentCalls(t *testing.T) {
	const hour = 3_600_000
	q := Request{Source: "shop", Type: "track", Received: now, SentAt: []byte(`"2026-11-21T11:00:00Z"`), Traits: []byte(`{"a":1,"b":2}`)}
	call := `{"type":"page","userId":"u","event":"A b","messageId":"m","timestamp":"2026-11-21T10:00:00Z","context":{"traits":{"b":3}}}`
	records, err := parser().ParseSent(nil, []byte(call), 7, &q)
	if err != nil || len(records) != 2 {
		t.Fatal(records, err)
	}
	traits, event := records[0], records[1]
	if traits.Kind != record.Identify || string(traits.Fields) != `{"a":1,"b":3}` || event.Event != "a_b" {
		t.Errorf("got %s", show(records))
	}
	for _, r := range records {
		if r.Time != now-hour || !r.HasTime || r.Original != now-2*hour || !r.Corrected || r.Source != "shop" || r.Row != 7 || !r.Retry {
			t.Errorf("got %+v", r)
		}
	}
	if event.Key != record.MessageKey("m") || traits.Key == event.Key || traits.Key == ([16]byte{}) {
		t.Errorf("the keys are %x and %x", traits.Key, event.Key)
	}
	if records, err := parser().ParseSent(records[:1], []byte(`{"userId":"u"}`), 1, &q); err == nil || len(records) != 1 {
		t.Errorf("traits without their event: %v, %v", records, err)
	}
}

// TestTimesAtTheEdge of the calendar are not corrected beyond it.
func TestTimesAtTheEdge(t *testing.T) {
	for at, want := range map[string]calendar.Instant{"9999-12-31T23:59:59.999Z": latest, "0001-01-01T00:00:00Z": earliest} {
		for _, sent := range []string{at, "2026-11-21T12:00:00Z"} {
			q := Request{Received: want, SentAt: []byte(`"` + sent + `"`)}
			records, err := parser().ParseSent(nil, []byte(`{"type":"page","userId":"u","timestamp":"`+at+`"}`), 1, &q)
			if err != nil || records[0].Time != want || records[0].Corrected != (sent == at) {
				t.Errorf("%s sent %s: %+v, %v", at, sent, records, err)
			}
		}
	}
}

func TestNamesAreNotRememberedWithoutBounds(t *testing.T) {
	p := parser()
	for _, name := range []string{"short", strings.Repeat("x", longestName+1)} {
		if _, err := p.Parse(nil, []byte(`{"type":"track","userId":"u","event":"`+name+`"}`), 1); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.events) != 1 {
		t.Errorf("%d names are remembered", len(p.events))
	}
}

// FuzzMerge compares with merging the objects as the standard library reads them.
func FuzzMerge(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"a":1,"b":{"x":1,"y":{"z":2}},"c":{}}`, `{"b":{"y":{"z":3,"w":[]},"q":"\n"},"c":7,"d":null}`}, {`{}`, `{"a":1}`}, {`{"a":{}}`, `{}`},
		{`{"a":1,"a":{"b":1},"\u0061":2}`, `{"a":{"c":1},"a":3}`}, {``, `{"a":1}`}, {`{"a":1}`, ``},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, base, over []byte) {
		a, okBase := readObject(base)
		b, okOver := readObject(over)
		if !okBase || !okOver || len(base)+len(over) == 0 {
			return
		}
		var got map[string]any
		if text := appendMerged(nil, base, over); json.Unmarshal(text, &got) != nil || !reflect.DeepEqual(got, mergedMaps(a, b)) {
			t.Fatalf("%q and %q make %q, want %v", base, over, text, mergedMaps(a, b))
		}
	})
}

// readObject reads what appendMerged may be given: nothing, or an object of UTF-8.
// Halves of surrogates are left out, which the standard library replaces.
func readObject(text []byte) (map[string]any, bool) {
	object := map[string]any{}
	if len(text) == 0 {
		return object, true
	}
	ok := json.Unmarshal(text, &object) == nil && object != nil && string(text) == strings.ToValidUTF8(string(text), "") && text[0] == '{' && text[len(text)-1] == '}'
	return object, ok && !strings.Contains(string(text), `\ud`) && !strings.Contains(string(text), `\uD`)
}

func mergedMaps(base, over map[string]any) map[string]any {
	all := map[string]any{}
	for key, v := range base {
		all[key] = v
	}
	for key, v := range over {
		a, isObject := all[key].(map[string]any)
		if b, both := v.(map[string]any); isObject && both {
			v = mergedMaps(a, b)
		}
		all[key] = v
	}
	return all
}
