package benchdata

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/record"
	"pgregory.net/rapid"
)

// until is 2026-11-21T00:00 in Berlin.
const until = calendar.Instant(1_795_215_600_000)

var small = Options{Customers: 5_000, Events: 250_000, Seed: 1, Until: until}

// smallDigest is of the records of small. It changes when the generator does, and
// must not change for any other reason.
const smallDigest = "289e4297985d1c6d35e982e393be1e92"

func TestRecordsAreTheSameEverywhere(t *testing.T) {
	if got := digest(small); got != smallDigest {
		t.Errorf("the digest is %s, want %s", got, smallDigest)
	}
	other := small
	other.Seed++
	if digest(other) == smallDigest {
		t.Error("another seed gives the same records")
	}
}

func digest(o Options) string {
	h := sha256.New()
	var number [8]byte
	for r := range Generate(o) {
		binary.BigEndian.PutUint64(number[:], uint64(r.Time))
		h.Write(number[:])
		h.Write([]byte{byte(r.Kind)})
		h.Write([]byte(r.Customer[0].Value + r.Event + r.EventGiven + r.Channel + r.Purpose))
		h.Write(r.Fields)
		h.Write(r.Key[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// TestAnySizeIsRight wants exactly as many customers and events as asked for, in
// the order of time, with keys of their own, and nobody to act before they are known.
func TestAnySizeIsRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Options{
			Customers: rapid.IntRange(1, 300).Draw(t, "customers"), Events: rapid.IntRange(0, 3000).Draw(t, "events"),
			Seed: rapid.Uint64().Draw(t, "seed"), Until: until,
		}
		known, keys, events, last := map[string]bool{}, map[[16]byte]bool{}, 0, calendar.Instant(0)
		for r := range Generate(o) {
			if r.Time < last || r.Time >= until || !r.HasTime {
				t.Fatalf("%d follows %d", r.Time, last)
			}
			last = r.Time
			switch r.Kind {
			case record.Identify:
				known[r.Customer[0].Value] = true
			case record.Track:
				events++
				keys[r.Key] = true
			}
			if !known[r.Customer[0].Value] {
				t.Fatalf("%s acts before it is known", r.Customer[0].Value)
			}
		}
		if len(known) != o.Customers || events != o.Events || len(keys) != o.Events {
			t.Fatalf("%+v gives %d customers, %d events, %d keys", o, len(known), events, len(keys))
		}
	})
}

func TestWhatIsKeptStays(t *testing.T) {
	var kept []record.Record
	var before []string
	for r := range Generate(Options{Customers: 50, Events: 2000, Until: until}) {
		kept, before = append(kept, r), append(before, string(r.Fields))
	}
	for i, r := range kept {
		if string(r.Fields) != before[i] {
			t.Fatalf("record %d was %s and became %s", i, before[i], r.Fields)
		}
		_ = append(r.Fields, "must not reach the next one"...)
		_ = append(r.Customer, record.Identity{Value: "nor this"})
	}
}

// TestCatalogIsWhatTheDataHave compares the declared fields with those that occur, in both directions.
func TestCatalogIsWhatTheDataHave(t *testing.T) {
	known, seen := Catalog(), map[string]bool{}
	for r := range Generate(small) {
		switch r.Kind {
		case record.Identify:
			note(t, seen, "customer", known.Attributes, r.Fields)
		case record.Track:
			note(t, seen, r.Event, known.Events[r.Event], r.Fields)
		case record.Consent:
			if !slices.Contains(known.Consents, catalog.Consent{Channel: r.Channel, Purpose: r.Purpose}) {
				t.Fatalf("consent %s, %s is not declared", r.Channel, r.Purpose)
			}
		}
	}
	declared := len(known.Attributes)
	for _, fields := range known.Events {
		declared += len(fields)
	}
	if declared != len(seen) {
		t.Errorf("%d fields are declared, %d occur", declared, len(seen))
	}
}

func note(t *testing.T, seen map[string]bool, where string, fields catalog.Fields, object []byte) {
	var members map[string]any
	if err := json.Unmarshal(object, &members); err != nil {
		t.Fatalf("%v: %s", err, object)
	}
	if inner, ok := members["address"].(map[string]any); ok {
		delete(members, "address")
		for name, value := range inner {
			members["address."+name] = value
		}
	}
	for path, value := range members {
		kind := map[string]catalog.Kind{"string": catalog.Text, "float64": catalog.Number, "bool": catalog.Boolean}[fmt.Sprintf("%T", value)]
		if declared := fields[path].Kind; declared != kind && (declared != catalog.Date || len(value.(string)) != 10) {
			t.Fatalf("%s.%s is declared as %d, but is %v", where, path, declared, value)
		}
		seen[where+"."+path] = true
	}
}

// TestDataHaveTheSkewOfAShop holds the shares of the events, and of the customers in them.
func TestDataHaveTheSkewOfAShop(t *testing.T) {
	kinds, customers, months := map[string]int{}, map[string]int{}, map[int]int{}
	zone, err := calendar.LoadZone(Zone)
	if err != nil {
		t.Fatal(err)
	}
	for r := range Generate(small) {
		if r.Kind == record.Track {
			kinds[r.Event]++
			customers[r.Customer[0].Value]++
			months[zone.Civil(r.Time).Month]++
		}
	}
	t.Log(kinds)
	for event, per1000 := range map[string]int{
		"product_viewed": 500, "page_viewed": 120, "product_added": 90, "cart_viewed": 65, "order_completed": 50, "email_opened": 75,
	} {
		between(t, event, kinds[event]*1000/small.Events, per1000*8/10, per1000*12/10)
	}
	var counts []int
	for _, n := range customers {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	top := 0
	for _, n := range counts[len(counts)*9/10:] {
		top += n
	}
	t.Log(len(counts), counts[0], counts[len(counts)/2], counts[len(counts)-1], top*100/small.Events)
	between(t, "share of the busiest tenth", top*100/small.Events, 40, 70)
	between(t, "events of the median customer", counts[len(counts)/2], 5, 40)
	between(t, "customers with events", len(counts), small.Customers*70/100, small.Customers)
	between(t, "December to February in per cent", months[12]*100/months[2], 160, 260)
}

func between(t *testing.T, what string, n, low, high int) {
	t.Helper()
	if n < low || n > high {
		t.Errorf("%s: %d, want %d to %d", what, n, low, high)
	}
}

func TestStopsWhenNobodyListens(t *testing.T) {
	for _, limit := range []int{1, 10, 30_000} {
		n := 0
		for range Generate(small) {
			if n++; n == limit {
				break
			}
		}
		if n != limit {
			t.Errorf("gave %d records", n)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	n := 0
	for b.Loop() {
		for range Generate(Options{Customers: 100_000, Events: 2_000_000, Seed: 1, Until: until}) {
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}
