package gen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/rule"
)

// Zones are the zones worth testing, the usual one first: without clock
// changes, with one at midnight, of half an hour, of the other half of the year.
var Zones = []string{
	"Europe/Berlin", "Europe/Berlin", "Europe/Berlin", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC",
}

// places are some postcodes of those that random rules name; others are unknown.
var places = map[string]naive.Point{
	"DE-70173": {Latitude: 48.7784, Longitude: 9.1806}, "DE-10115": {Latitude: 52.5323, Longitude: 13.3846}, "AT-1010": {Latitude: 48.2077, Longitude: 16.3705},
}

// World draws up to three customers whose data lies on the boundaries of a rule
// over a catalogue.
func World(known *catalog.Catalog, n rule.Node) *rapid.Generator[*naive.World] {
	return rapid.Custom(func(t *rapid.T) *naive.World {
		zone, err := time.LoadLocation(known.Zone)
		if err != nil {
			t.Fatal(err)
		}
		w := &naive.World{Zone: zone, Catalog: known, Postcodes: places}
		p := newPool(t, w, n)
		companies := []*naive.Company{p.company("g1"), p.company("g2")}
		for i := range rapid.IntRange(1, 3).Draw(t, "customers") {
			w.Customers = append(w.Customers, p.customer(fmt.Sprintf("c%d", i+1), companies))
		}
		return w
	})
}

// Now draws an instant: one at which the verdict over a customer changes, or
// may change, the millisecond before or after it, and now and then any other.
func Now(w *naive.World, n rule.Node, c *naive.Customer) *rapid.Generator[int64] {
	return rapid.Custom(func(t *rapid.T) int64 {
		from := rapid.IntRange(0, 9).Draw(t, "now from")
		if from == 9 {
			return newPool(t, w, n).instant("now")
		}
		instants := w.Candidates(n, c, From, To)
		if changes := w.Flips(n, c, From, To); from < 6 && len(changes) > 0 {
			instants = changes
		}
		return rapid.SampledFrom(instants).Draw(t, "now") + rapid.SampledFrom([]int64{0, -1, 1}).Draw(t, "nudge")
	})
}

// From and To are about the ends of the time that the data is about.
var (
	From = time.Date(2023, 6, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	To   = time.Date(2029, 6, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
)

func (p *pool) company(id string) *naive.Company {
	c := &naive.Company{ID: id, Attributes: p.history(p.world.Catalog.Company, "company.")}
	c.Attributes = append(c.Attributes, p.history(p.world.Catalog.Company, "")...)
	for _, segment := range p.segments() {
		c.Memberships = append(c.Memberships, p.stays(segment)...)
	}
	return c
}

func (p *pool) customer(id string, companies []*naive.Company) *naive.Customer {
	c := &naive.Customer{ID: id, Attributes: p.history(p.world.Catalog.Attributes, "")}
	for range rapid.IntRange(0, 3).Draw(p.T, "joins") {
		c.Companies = append(c.Companies, naive.Join{
			Company: rapid.SampledFrom(companies).Draw(p.T, "company"), Time: p.instant("joined"),
			Role: rapid.SampledFrom([]string{"", "", "Decision_Maker", "user"}).Draw(p.T, "role"),
		})
	}
	for range rapid.IntRange(0, 8).Draw(p.T, "events") {
		c.Events = append(c.Events, p.event())
	}
	for _, asked := range p.parts.Consents {
		for range rapid.IntRange(0, 3).Draw(p.T, "consents") {
			c.Consents = append(c.Consents, naive.Consent{
				Channel: asked.Channel.Text, Purpose: asked.Purpose.Text,
				Granted: rapid.Bool().Draw(p.T, "granted"), Time: p.instant("decided"),
			})
		}
	}
	for _, segment := range p.segments() {
		c.Memberships = append(c.Memberships, p.stays(segment)...)
	}
	return c
}

// segments gives the segments to which the rule refers.
func (p *pool) segments() []string {
	return slices.Compact(slices.Sorted(slices.Values(p.parts.Segments)))
}

// history draws changes of attributes, mostly of those that the rule reads.
func (p *pool) history(fields catalog.Fields, prefix string) []naive.Change {
	var changes []naive.Change
	for _, path := range slices.Sorted(maps.Keys(fields)) {
		most := 0
		if slices.ContainsFunc(p.parts.Paths, func(read string) bool { return strings.TrimPrefix(read, "customer.") == prefix+path }) {
			most = 3
		}
		for range rapid.IntRange(min(most, 1), most).Draw(p.T, path+" changes") {
			changes = append(changes, naive.Change{Path: path, Time: p.instant(path + " set"), Value: p.value(path, fields[path])})
		}
	}
	return changes
}

// event draws an event, mostly of a type that the rule asks for.
func (p *pool) event() naive.Event {
	types := slices.Sorted(maps.Keys(p.world.Catalog.Events))
	if len(p.parts.Events) > 0 && rapid.IntRange(0, 9).Draw(p.T, "any type") < 9 {
		types = p.parts.Events
	}
	e := naive.Event{Type: rapid.SampledFrom(types).Draw(p.T, "type")}
	e.Time = p.instant(e.Type)
	e.Props = p.object(p.world.Catalog.Events[e.Type])
	return e
}

// object draws the fields that the rule reads, most of them set.
func (p *pool) object(fields catalog.Fields) map[string]any {
	object := map[string]any{}
	for _, path := range slices.Sorted(maps.Keys(fields)) {
		if slices.Contains(p.parts.Paths, path) && rapid.IntRange(0, 4).Draw(p.T, path+" unset") < 4 {
			object[path] = p.value(path, fields[path])
		}
	}
	return object
}

// value draws a value of a type, at times an unknown one.
func (p *pool) value(label string, t catalog.Type) any {
	if rapid.IntRange(0, 9).Draw(p.T, label+" unknown") == 9 {
		return nil
	}
	switch t.Kind {
	case catalog.Text:
		return p.text(label)
	case catalog.Number:
		return rapid.SampledFrom(p.numbers).Draw(p.T, label)
	case catalog.Boolean:
		return rapid.Bool().Draw(p.T, label)
	case catalog.Time:
		return p.instant(label)
	case catalog.Date:
		return p.day(label)
	case catalog.TextList:
		texts := make([]string, rapid.IntRange(0, 3).Draw(p.T, label))
		for i := range texts {
			texts[i] = p.text(label)
		}
		return texts
	case catalog.ObjectList:
		objects := []map[string]any{}
		for range rapid.IntRange(0, 3).Draw(p.T, label) {
			objects = append(objects, p.object(t.Fields))
		}
		return objects
	}
	return nil
}

// day draws a date: the midnight of the day of a time.
func (p *pool) day(label string) int64 {
	year, month, day := time.UnixMilli(p.instant(label)).In(p.world.Zone).Date()
	return p.world.InstantOf(calendar.Date{Civil: calendar.Civil{Year: year, Month: int(month), Day: day}})
}

// stays draws memberships in one segment, one after the other; some begin where the one before ended.
func (p *pool) stays(segment string) []naive.Membership {
	times := make([]int64, rapid.IntRange(0, 6).Draw(p.T, segment+" crossings"))
	for i := range times {
		times[i] = p.instant(segment)
	}
	slices.Sort(times)
	var stays []naive.Membership
	for i := 0; i < len(times); i += 2 {
		if i > 0 && rapid.IntRange(0, 3).Draw(p.T, "goes on") == 3 {
			times[i] = times[i-1]
		}
		stay := naive.Membership{Segment: segment, From: times[i]}
		if i+1 < len(times) {
			stay.To = &times[i+1]
		}
		if stay.To == nil || stay.From < *stay.To {
			stays = append(stays, stay)
		}
	}
	return stays
}
