package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/naive/gen"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
	"github.com/kohorte/kohorte/internal/store"
	"pgregory.net/rapid"
)

// TestBuildFromTheStore stores the customers of a random world as records, in a
// random order of the customers and in random batches, builds the index from the
// store, and compares its answers with those of the naive evaluator.
func TestBuildFromTheStore(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		known := ruletest.Schema()
		known.Zone = "Europe/Berlin"
		n := ruletest.Rule(known).Draw(rt, "rule")
		world := withoutRepeats(gen.World(known, n).Draw(rt, "world"))
		s := openStore(t, rt)
		s.fill(world)
		x := s.build(world)
		now := gen.Now(world, n, world.Customers[0]).Draw(rt, "now")
		if err := sameAnswers(x, world, n, now); err != nil {
			rt.Logf("%s", naive.Describe(world, n, world.Customers, now))
			rt.Fatal(err)
		}
	})
}

// withoutRepeats leaves out what was said before of the same time: for the store
// that is the same fact, received again, whatever was said in between.
func withoutRepeats(w *naive.World) *naive.World {
	for _, c := range w.Customers {
		c.Attributes = once(c.Attributes)
		c.Consents = once(c.Consents)
		for _, join := range c.Companies {
			join.Company.Attributes = once(join.Company.Attributes)
		}
		c.Companies = once(c.Companies)
	}
	return w
}

func once[T any](facts []T) []T {
	var kept []T
	for _, f := range facts {
		if !slices.ContainsFunc(kept, func(k T) bool { return reflect.DeepEqual(k, f) }) {
			kept = append(kept, f)
		}
	}
	return kept
}

// sameAnswers asks the index in all its ways.
func sameAnswers(x *Index, world *naive.World, n rule.Node, now calendar.Instant) error {
	p, err := x.Compile(n)
	if err != nil {
		return err
	}
	if x.Rows() != len(world.Customers) {
		return fmt.Errorf("%d customers, want %d", x.Rows(), len(world.Customers))
	}
	var want []string
	for _, c := range world.Customers {
		if world.Holds(n, c, now) {
			want = append(want, c.ID)
		}
	}
	members, err := x.Members(context.Background(), p, now)
	if err != nil {
		return err
	}
	var got []string
	for _, m := range members {
		got = append(got, m.Block.Names[m.Row])
	}
	slices.Sort(got)
	counts, err := x.Count(context.Background(), []*eval.Program{p}, now)
	if err != nil || !slices.Equal(got, want) || counts[0] != len(want) {
		return fmt.Errorf("%s at %s lets in %v and counts %v, want %v, %v", rule.PrintLine(n), calendar.Format(now), got, counts, want, err)
	}
	verdicts, err := x.Verdicts(context.Background(), []*eval.Program{p}, now)
	if err != nil {
		return err
	}
	for i, name := range x.Blocks[0].Names {
		if verdicts[0][i].In != slices.Contains(want, name) {
			return fmt.Errorf("%s at %s: the verdict of %s is %v", rule.PrintLine(n), calendar.Format(now), name, verdicts[0][i].In)
		}
	}
	return nil
}

// stored is a store that a random world is put into.
type stored struct {
	*rapid.T
	store *store.Store
	zone  *calendar.Zone
}

func openStore(t *testing.T, rt *rapid.T) *stored {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	rt.Cleanup(func() { // at once: a long run would fill the disk
		if err := errors.Join(s.Close(), os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	return &stored{T: rt, store: s, zone: berlin}
}

// receipt is when everything is received.
const receipt calendar.Instant = 1_795_258_800_000

// fill applies all records in random batches; what is said of one customer keeps its order.
func (s *stored) fill(w *naive.World) {
	s.must(s.store.Declare(context.Background(), w.Catalog))
	s.must(s.store.SetPostcodes(context.Background(), postcodesOf(w)))
	var lines [][]record.Record
	seen := map[*naive.Company]bool{}
	for _, c := range w.Customers {
		lines = append(lines, s.recordsOf(w, c))
		for _, join := range c.Companies {
			if !seen[join.Company] {
				seen[join.Company] = true
				lines = append(lines, s.companyOf(w, join.Company))
			}
		}
	}
	var batch []record.Record
	for len(lines) > 0 {
		i := rapid.IntRange(0, len(lines)-1).Draw(s.T, "next")
		if len(lines[i]) == 0 {
			lines = slices.Delete(lines, i, i+1)
			continue
		}
		batch = append(batch, lines[i][0])
		lines[i] = lines[i][1:]
		if rapid.IntRange(0, 9).Draw(s.T, "end of batch") == 9 {
			s.apply(batch)
			batch = batch[:0]
		}
	}
	s.apply(batch)
}

func (s *stored) apply(batch []record.Record) {
	result, err := s.store.Apply(context.Background(), batch, receipt)
	s.must(err)
	for _, r := range result.Rejections {
		s.Fatalf("%+v is refused: %s", batch[r.Index], r.Reason)
	}
}

func (s *stored) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func postcodesOf(w *naive.World) []store.Postcode {
	var all []store.Postcode
	for code, at := range w.Postcodes {
		all = append(all, store.Postcode{Country: code[:2], Code: code[3:], Lat: at.Latitude, Lon: at.Longitude})
	}
	return all
}

// recordsOf says all that is known of a customer, in its order. The first and the
// last name the user; those between may name only a device of theirs, which the
// last joins to the user.
func (s *stored) recordsOf(w *naive.World, c *naive.Customer) []record.Record {
	user := record.Identity{Namespace: record.UserID, Value: c.ID}
	device := record.Identity{Namespace: "anonymous", Value: "device of " + c.ID}
	all := []record.Record{{Kind: record.Identify, Fields: []byte("{}")}}
	for _, a := range c.Attributes {
		all = append(all, record.Record{Kind: record.Identify, Time: a.Time, Fields: s.fields(map[string]any{a.Path: a.Value}, w.Catalog.Attributes)})
	}
	for _, join := range c.Companies {
		all = append(all, record.Record{Kind: record.Group, Time: join.Time, Company: companyID(join.Company), Fields: []byte("{}")})
	}
	for i, e := range c.Events {
		all = append(all, record.Record{
			Kind: record.Track, Time: e.Time, Event: e.Type, EventGiven: e.Type,
			Fields: s.fields(e.Props, w.Catalog.Events[e.Type]), Key: record.KeyOf("test", c.ID, fmt.Sprint(i)),
		})
	}
	for _, d := range c.Consents {
		all = append(all, record.Record{Kind: record.Consent, Time: d.Time, Channel: d.Channel, Purpose: d.Purpose, Granted: d.Granted})
	}
	all = append(all, record.Record{Kind: record.Identify, Fields: []byte("{}")})
	for i := range all {
		all[i].HasTime, all[i].Source = true, "test"
		all[i].Customer = []record.Identity{user}
		if i > 0 && rapid.Bool().Draw(s.T, "by device") {
			all[i].Customer = []record.Identity{device}
		}
	}
	all[len(all)-1].Customer = []record.Identity{user, device}
	return all
}

func (s *stored) companyOf(w *naive.World, c *naive.Company) []record.Record {
	all := []record.Record{{Kind: record.Group, Fields: []byte("{}")}}
	for _, a := range c.Attributes {
		all = append(all, record.Record{Kind: record.Group, Time: a.Time, Fields: s.fields(map[string]any{a.Path: a.Value}, w.Catalog.Company)})
	}
	for i := range all {
		all[i].HasTime, all[i].Source, all[i].Company = true, "test", companyID(c)
	}
	return all
}

func companyID(c *naive.Company) record.Identity {
	return record.Identity{Namespace: "company", Value: c.ID}
}

// fields writes values by dotted path as records have them.
func (s *stored) fields(values map[string]any, types catalog.Fields) []byte {
	text, err := json.Marshal(s.plain(values, types))
	s.must(err)
	return text
}

func (s *stored) plain(values map[string]any, types catalog.Fields) map[string]any {
	object := map[string]any{}
	for path, value := range values {
		object[path] = s.value(value, types[path])
	}
	return object
}

func (s *stored) value(value any, t catalog.Type) any {
	switch v := value.(type) {
	case number.Number:
		return json.RawMessage(v.String())
	case int64:
		if t.Kind == catalog.Date {
			return calendar.Date{Civil: dayOf(s.zone, v)}.String()
		}
		return calendar.Format(v)
	case []map[string]any:
		objects := make([]map[string]any, len(v))
		for i, object := range v {
			objects[i] = s.plain(object, t.Fields)
		}
		return objects
	}
	return value
}

func dayOf(zone *calendar.Zone, t calendar.Instant) calendar.Civil {
	c := zone.Civil(t)
	return calendar.Civil{Year: c.Year, Month: c.Month, Day: c.Day}
}

// build builds the index, with the past memberships of the world.
func (s *stored) build(w *naive.World) *Index {
	var x *Index
	s.must(s.store.View(context.Background(), func(v *store.View) (err error) {
		x, err = Build(context.Background(), v, nil)
		return err
	}))
	var stays []Stay
	for _, c := range w.Customers {
		customer, err := s.store.Find(context.Background(), c.ID)
		s.must(err)
		position, ok := x.Find(customer.ID)
		if !ok || position.Block.Names[position.Row] != c.ID {
			s.Fatalf("%s is not in the index", c.ID)
		}
		for _, m := range c.Memberships {
			stay := Stay{Segment: m.Segment, Customer: position, From: m.From, To: calendar.Never}
			if m.To != nil {
				stay.To = *m.To
			}
			stays = append(stays, stay)
		}
	}
	return x.WithStays(stays)
}
