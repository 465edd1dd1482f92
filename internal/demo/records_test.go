package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/record"
	"pgregory.net/rapid"
)

// digests are of the first 20,000 records of the small worlds. They change when a
// generator changes, and must not change for any other reason.
var digests = map[Company]string{
	OnlineShop:     "b96f09f1843070a5516410ad6ef326d2",
	MachineBuilder: "21aa9664aec4f9db473dfc8fbfba541d",
}

func TestRecordsAreTheSameEverywhere(t *testing.T) {
	for _, c := range Companies {
		h := sha256.New()
		for _, r := range collect[c]()[:20_000] {
			digest(h, &r)
		}
		if got := hex.EncodeToString(h.Sum(nil)[:16]); got != digests[c] {
			t.Errorf("%s has the digest %s, want %s", c, got, digests[c])
		}
	}
}

func digest(h hash.Hash, r *record.Record) {
	var time [8]byte
	binary.BigEndian.PutUint64(time[:], uint64(r.Time))
	h.Write(time[:])
	h.Write(r.Fields)
	h.Write(r.Key[:])
	for _, s := range []any{r.Kind, r.Customer, r.Company, r.Role, r.Event, r.EventGiven, r.Previous, r.Channel, r.Purpose, r.Granted, r.Source} {
		io.WriteString(h, fmt.Sprint(s, "|"))
	}
}

func TestAgainTheSameAndOtherSeedsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(Companies).Draw(t, "company")
		o := Options{Customers: rapid.IntRange(1, 40).Draw(t, "customers"), Seed: rapid.Uint64().Draw(t, "seed"), Until: until}
		first, again := summary(c, o), summary(c, o)
		o.Seed++
		if other := summary(c, o); first != again || first == other {
			t.Fatalf("%s %+v: %s, again %s, with another seed %s", c, o, first, again, other)
		}
	})
}

func summary(c Company, o Options) string {
	h := sha256.New()
	for r := range Records(c, o) {
		digest(h, &r)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestStopsWhenNobodyListens(t *testing.T) {
	for _, c := range Companies {
		n := 0
		for range Records(c, few(c)) {
			if n++; n == 100 {
				break
			}
		}
		if n != 100 {
			t.Errorf("%s gave %d records", c, n)
		}
	}
}

// TestReceiptIsInOrder wants times to rise, but for the events that arrive late or twice.
func TestReceiptIsInOrder(t *testing.T) {
	for _, c := range Companies {
		records := collect[c]()
		var newest calendar.Instant
		late := 0
		for _, r := range records {
			if !r.HasTime || r.Time >= until || r.Time < berlin.Sub(until, calendar.Duration{N: 3, Unit: calendar.Year}) {
				t.Fatalf("%s: a record has the time %s", c, calendar.Format(r.Time))
			}
			if r.Time < newest {
				late++
				if newest-r.Time > 3*day {
					t.Fatalf("%s: an event of %s is received at %s", c, calendar.Format(r.Time), calendar.Format(newest))
				}
			}
			newest = max(newest, r.Time)
		}
		between(t, string(c)+": late per 1000", late*1000/len(records), 3, lateEvents+repeatedEvents)
	}
}

// TestKeysNameEvents wants the same key for the same event only.
func TestKeysNameEvents(t *testing.T) {
	for _, c := range Companies {
		events, repeated := map[[16]byte]string{}, 0
		for _, r := range collect[c]() {
			if r.Kind != record.Track {
				continue
			}
			content := fmt.Sprint(r.Customer, r.Event, r.Time, string(r.Fields))
			if known, ok := events[r.Key]; ok {
				repeated++
				if known != content {
					t.Fatalf("one key for %s and %s", known, content)
				}
			}
			if r.Key == [16]byte{} || r.EventGiven == "" {
				t.Fatalf("an event without key or given name: %+v", r)
			}
			events[r.Key] = content
		}
		between(t, string(c)+": events received twice per 1000", repeated*1000/len(events), repeatedEvents/2, repeatedEvents*2)
	}
}

// TestCatalogIsWhatTheDataHave compares the declared fields with those that occur, in both directions.
func TestCatalogIsWhatTheDataHave(t *testing.T) {
	for _, c := range Companies {
		known := Catalog(c)
		seen := map[string]bool{}
		note := func(where string, fields catalog.Fields, object []byte) {
			for path, value := range flat(t, object) {
				if kind := fields[path].Kind; string(value) != "null" && !fits(kind, string(value)) {
					t.Fatalf("%s: %s.%s is declared as %d, but is %s", c, where, path, kind, value)
				}
				seen[where+"."+path] = true
			}
		}
		for _, r := range collect[c]() {
			switch r.Kind {
			case record.Identify:
				note("customer", known.Attributes, r.Fields)
			case record.Group:
				note("company", known.Company, r.Fields)
			case record.Track:
				note(r.Event, known.Events[r.Event], r.Fields)
			case record.Consent:
				if !slices.Contains(known.Consents, catalog.Consent{Channel: r.Channel, Purpose: r.Purpose}) {
					t.Fatalf("%s: consent %s, %s is not declared", c, r.Channel, r.Purpose)
				}
			}
		}
		declared := len(known.Attributes) + len(known.Company)
		for _, fields := range known.Events {
			declared += len(fields)
		}
		if declared != len(seen) {
			t.Errorf("%s: %d fields are declared, %d occur", c, declared, len(seen))
		}
	}
}

func fits(kind catalog.Kind, value string) bool {
	switch kind {
	case catalog.Text:
		return value[0] == '"'
	case catalog.Number:
		return strings.Trim(value, "0123456789.") == ""
	case catalog.Boolean:
		return value == "true" || value == "false"
	case catalog.Date:
		return len(value) == len(`"2025-12-31"`) && value[5] == '-' && value[8] == '-'
	case catalog.ObjectList:
		return value[0] == '['
	}
	return false
}

func between(t *testing.T, what string, n, low, high int) {
	t.Helper()
	if n < low || n > high {
		t.Errorf("%s: %d, want %d to %d", what, n, low, high)
	}
}

func BenchmarkShop(b *testing.B) {
	n := 0
	for b.Loop() {
		for range Shop(Options{Seed: 1, Until: until}) {
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}
