package tracking

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// FuzzRequest: whatever comes, there is an answer of a known status with a reason, and 200
// is only said after the sink took records that are whole.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"userId":"u","event":"A b","properties":{"x":[1,{"y":null}]},"timestamp":"2026-01-01","sentAt":"2026-01-02T00:00:00Z","messageId":"m","writeKey":"wk_shop"}`,
		`{"writeKey":"wk_shop","sentAt":1767225600000,"context":{"traits":{"a":{"b":1},"a":2}},"batch":[{"type":"page","anonymousId":"a","context":{"traits":{"a":{"\u0062":"}"}}}},7,"]",{}]}`,
		`{"batch":[`, `{"batch":{}}`, `[]`, "\ufeff{}", zipped(f, `{"userId":"u","event":"e"}`),
	} {
		for kind := range uint8(8) {
			f.Add([]byte(seed), kind)
		}
	}
	sink := &checking{}
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	h, err := New(Config{Sink: sink, Keys: keyring{key: "shop"}, Now: func() calendar.Instant { return now }, Zone: zone})
	if err != nil {
		f.Fatal(err)
	}
	paths := []string{"/v1/track", "/v1/batch", "/v1/identify", "/v1/page", "/v1/group", "/v1/alias"}
	f.Fuzz(func(t *testing.T, body []byte, kind uint8) {
		r := httptest.NewRequest("POST", paths[int(kind/4)%len(paths)], strings.NewReader(string(body)))
		if kind&1 > 0 {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		if kind&2 > 0 {
			r.Header.Set("Content-Encoding", "gzip")
		}
		sink.calls, sink.wrong = 0, ""
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if sink.wrong != "" || (w.Code == http.StatusOK) != (sink.calls == 1) || sink.calls > 1 {
			t.Fatalf("%q: %d, accepted %d times: %s", body, w.Code, sink.calls, sink.wrong)
		}
		switch w.Code {
		case http.StatusOK:
		case http.StatusBadRequest, http.StatusUnauthorized:
			problemIn(t, w.Body.String())
		default:
			t.Fatalf("%q: %d %s", body, w.Code, w.Body)
		}
	})
}

// checking looks at each record.
type checking struct {
	calls int
	wrong string
}

func (c *checking) Accept(_ context.Context, b Batch) error {
	c.calls++
	for _, r := range b.Records {
		if r.Kind != record.Alias && (len(r.Fields) == 0 || r.Fields[0] != '{' || !json.Valid(r.Fields)) ||
			len(r.Customer) == 0 && r.Company.Value == "" || !r.HasTime || r.Retry != (r.Key != [16]byte{}) || r.Source != "shop" {
			c.wrong = fmt.Sprintf("%+v with %s", r, r.Fields)
		}
	}
	for _, r := range b.Rejected {
		if r.Reason == "" || !json.Valid(r.Body) || strings.Contains(string(r.Body), `"writeKey":"wk_shop"`) && strings.Count(string(r.Body), "{") < 2 {
			c.wrong = fmt.Sprintf("rejected for %q: %s", r.Reason, r.Body)
		}
	}
	return nil
}

// BenchmarkBatch reads batches of 100 events as libraries for browsers send them.
func BenchmarkBatch(b *testing.B) {
	const event = `{"timestamp":"2026-11-21T11:59:58.123Z","integrations":{},"type":"track","event":"Order Completed","userId":"c%05d","anonymousId":"507f191e-810c-1972-9de8-60ea00000000",` +
		`"properties":{"total":129.9,"currency":"EUR","products":[{"sku":"A-1","price":49.95,"quantity":2},{"sku":"B-2","price":30,"quantity":1}]},` +
		`"context":{"page":{"path":"/academy/","referrer":"","search":"","title":"Analytics Academy","url":"https://example.de/academy/"},"locale":"de-DE","library":{"name":"analytics.js","version":"next-1.84.3"},` +
		`"userAgent":"Mozilla/5.0 (iPhone; CPU iPhone OS 9_1 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Version/9.0 Mobile/13B143 Safari/601.1"},"messageId":"ajs-next-1795262400000-%08d"}`
	calls := make([]string, 100)
	for i := range calls {
		calls[i] = fmt.Sprintf(event, i, i)
	}
	body := `{"writeKey":"wk_shop","sentAt":"2026-11-21T12:00:00.000Z","batch":[` + strings.Join(calls, ",") + `]}`
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	sink := &counting{}
	h, err := New(Config{Sink: sink, Keys: keyring{key: "shop"}, Now: func() calendar.Instant { return now }, Zone: zone})
	if err != nil {
		b.Fatal(err)
	}
	for name, sent := range map[string]string{"plain": body, "gzip": zipped(b, body)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			sink.records = 0
			for b.Loop() {
				r := httptest.NewRequest("POST", "/v1/batch", strings.NewReader(sent))
				if name == "gzip" {
					r.Header.Set("Content-Encoding", "gzip")
				}
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
			if sink.records != b.N*100 {
				b.Fatalf("%d records", sink.records)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(sink.records), "ns/event")
		})
	}
}

type counting struct{ records int }

func (c *counting) Accept(_ context.Context, b Batch) error {
	c.records += len(b.Records)
	return nil
}
