package cli

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// TestPastSessions replays the sessions in testdata/past, in a workspace with a log.
func TestPastSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/past/*.session")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d sessions found, %v", len(files), err)
	}
	for _, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".session"), func(t *testing.T) {
			p := newPlace(t)
			switch filepath.Base(path) {
			case "segmentation.session":
				p.writeParts()
			case "life.session":
				p.writeLife()
			default:
				p.writePast()
			}
			p.replay(path)
		})
	}
}

// diary writes a log by hand.
type diary struct {
	*place
	store *store.Store
	zone  *calendar.Zone
	ids   map[string]int64
}

// at reads a date in Berlin.
func (d *diary) at(text string) calendar.Instant {
	d.t.Helper()
	t, err := instant(text, d.zone)
	if err != nil {
		d.t.Fatal(err)
	}
	return t
}

func (d *diary) on(date string, work func(tx *store.Tx) error) {
	d.t.Helper()
	err := d.store.Update(context.Background(), d.at(date), func(tx *store.Tx) error {
		tx.Count(&store.Result{})
		return work(tx)
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *diary) put(date string, defined segment.Definition, id, version int64) {
	d.t.Helper()
	d.on(date, func(tx *store.Tx) error {
		if _, err := tx.PutSegment(defined, "", ""); err != nil {
			return err
		}
		return tx.Activate(id, version)
	})
}

// come has customers come; a second identity joins a visitor.
func (d *diary) come(date, country, userID string, visitor ...string) {
	d.t.Helper()
	d.on(date, func(tx *store.Tx) error {
		r := record.Record{Kind: record.Identify, Time: d.at(date), HasTime: true, Fields: []byte(`{"country": "` + country + `"}`), Source: "test"}
		if userID != "" {
			r.Customer = append(r.Customer, record.Identity{Namespace: record.UserID, Value: userID})
		}
		for _, v := range visitor {
			r.Customer = append(r.Customer, record.Identity{Namespace: "anonymous", Value: v})
		}
		effect, _, err := tx.Apply(&r)
		if err == nil {
			d.ids[userID+strings.Join(visitor, "")] = effect.Person
		}
		return err
	})
}

// moves has customers enter (+name) or leave (-name) a segment.
func (d *diary) moves(date string, segment, version int64, cause store.Cause, who ...string) {
	d.t.Helper()
	d.on(date, func(tx *store.Tx) error {
		for _, name := range who {
			err := tx.AddTransition(&store.Transition{
				Segment: segment, Version: version, Customer: d.ids[name[1:]], Entered: name[0] == '+', Due: d.at(date), Cause: cause, Part: -1,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// writePast writes a log with segments of several versions, one that was removed, a
// merge, and transitions around the change of the clocks.
func (p *place) writePast() {
	p.t.Helper()
	s, err := store.Open("data", "main")
	if err != nil {
		p.t.Fatal(err)
	}
	s.SetChapter(4)
	zone, err := calendar.LoadZone(usualZone)
	if err != nil {
		p.t.Fatal(err)
	}
	d := &diary{p, s, zone, map[string]int64{}}
	d.come("2026-09-01", "DE", "anna")
	d.come("2026-09-01", "AT", "ben")
	d.come("2026-09-02", "CH", "carla")
	d.come("2026-09-03", "CH", "", "v1")
	d.put("2026-09-10", segment.Definition{Name: "alps", Rule: `country in ("AT", "CH")`}, 1, 1)
	d.moves("2026-09-10", 1, 1, store.CauseEdit, "+ben", "+carla", "+v1")
	d.put("2026-09-12", segment.Definition{Name: "old", Rule: `country is known`}, 2, 1)
	d.moves("2026-09-12", 2, 1, store.CauseEdit, "+anna", "+ben")
	d.moves("2026-10-24T23:30", 1, 1, store.CauseEvent, "-carla")
	d.come("2026-10-25T00:10", "CH", "dora")
	d.moves("2026-10-25T00:10", 1, 1, store.CauseEvent, "+dora")
	d.moves("2026-10-25T01:30:00Z", 1, 1, store.CauseTime, "-dora") // 02:30 for the second time
	d.moves("2026-10-25T23:30", 1, 1, store.CauseTime, "+dora")
	d.come("2026-11-01T10:00", "CH", "carla", "v1")
	d.moves("2026-11-01T10:00", 1, 1, store.CauseMerge, "+carla", "-v1")
	d.put("2026-11-05", segment.Definition{Name: "alps", Rule: `country in ("AT", "CH", "DE")`}, 1, 2)
	d.moves("2026-11-05", 1, 2, store.CauseEdit, "+anna")
	d.moves("2026-11-06", 2, 1, store.CauseEdit, "-anna", "-ben")
	d.on("2026-11-06", func(tx *store.Tx) error { return tx.RemoveSegment(2) })
	d.put("2026-11-07", segment.Definition{
		Name: "german", Rule: `country = "DE"`, Exclude: []segment.Override{{Customer: "ben", Reason: "complained", Until: d.at("2027-01-01")}},
	}, 3, 1)
	d.moves("2026-11-07", 3, 1, store.CauseEdit, "+anna")
	d.put("2026-11-07", segment.Definition{Name: "germans", Rule: `country in ("DE")`, Include: []segment.Override{{Customer: "anna"}}}, 4, 1)
	d.moves("2026-11-07", 4, 1, store.CauseEdit, "+anna")
	if err := s.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// TestUnfollowed tells that nobody follows the segments, where the log may lack something.
func TestUnfollowed(t *testing.T) {
	p := newPlace(t)
	p.writePast()
	s, err := store.Open("data", "main")
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(context.Background(), noon-100_000, func(tx *store.Tx) error { return tx.SetTimer(1, noon-50_000) })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	const says = "nobody follows the segments now: what changed after 2026-11-21 11:58:20 is not in the log yet"
	for _, args := range [][]string{{"list", "in:alps"}, {"history", "alps"}, {"migration", "--from", "2026-11-01"}, {"overlap"}} {
		if _, stderr, status := p.run(args...); status != 0 || !strings.Contains(stderr, says) {
			t.Errorf("%s: status %d, %s", args, status, stderr)
		}
	}
	if _, stderr, _ := p.run("list", "in:alps", "--at", "2026-11-20"); stderr != "" {
		t.Errorf("of a day that is over: %s", stderr)
	}
}

// writeParts writes a log with a segmentation whose parts were moved once.
func (p *place) writeParts() {
	p.t.Helper()
	s, err := store.Open("data", "main")
	if err != nil {
		p.t.Fatal(err)
	}
	zone, err := calendar.LoadZone(usualZone)
	if err != nil {
		p.t.Fatal(err)
	}
	d := &diary{p, s, zone, map[string]int64{}}
	for _, who := range [][2]string{{"anna", "DE"}, {"ben", "AT"}, {"carla", "CH"}, {"fred", "FR"}} {
		d.come("2026-09-01", who[1], who[0])
	}
	d.put("2026-09-10", segment.Definition{Name: "alps", Rule: `country in ("AT", "CH")`}, 1, 1)
	d.put("2026-09-10", segment.Definition{Name: "tour", Rule: `country in ("DE", "CH")`}, 2, 1)
	home := segment.Definition{Name: "home", Kind: segment.Segmentation, Parts: []string{"alps", "tour"}, Rest: "others"}
	d.divide("2026-09-10", home, 1)
	d.moves("2026-09-10", 1, 1, store.CauseEdit, "+ben", "+carla")
	d.moves("2026-09-10", 2, 1, store.CauseEdit, "+anna", "+carla")
	d.moves("2026-09-10", 4, 1, store.CauseEdit, "+ben", "+carla")
	d.moves("2026-09-10", 5, 1, store.CauseEdit, "+anna")
	d.moves("2026-09-10", 6, 1, store.CauseEdit, "+fred")
	home.Parts = []string{"tour", "alps"}
	d.divide("2026-10-15", home, 2)
	d.moves("2026-10-15", 4, 2, store.CauseEdit, "-carla")
	d.moves("2026-10-15", 5, 2, store.CauseEdit, "+carla")
	if err := s.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// writeLife writes a log of segments in all states, and of a list.
func (p *place) writeLife() {
	p.t.Helper()
	s, err := store.Open("data", "main")
	if err != nil {
		p.t.Fatal(err)
	}
	zone, err := calendar.LoadZone(usualZone)
	if err != nil {
		p.t.Fatal(err)
	}
	d := &diary{p, s, zone, map[string]int64{}}
	d.come("2026-09-01", "DE", "anna")
	d.come("2026-09-01", "AT", "ben")
	german := segment.Definition{Rule: `country = "DE"`}
	state := func(name string, s segment.State) segment.Definition {
		made := german
		made.Name, made.State = name, s
		return made
	}
	d.put("2026-09-10", state("idea", segment.Draft), 1, 0)
	d.put("2026-09-10", state("gone", segment.Active), 2, 1)
	d.moves("2026-09-10", 2, 1, store.CauseEdit, "+anna")
	d.put("2026-10-01", state("gone", segment.Retired), 2, 0)
	d.moves("2026-10-01", 2, 1, store.CauseEdit, "-anna")
	described := state("gone", segment.Retired)
	described.Owner = "carla"
	d.put("2026-10-02", described, 2, 0)
	d.put("2026-09-10", state("back", segment.Active), 3, 1)
	d.moves("2026-09-10", 3, 1, store.CauseEdit, "+anna")
	d.put("2026-10-01", state("back", segment.Retired), 3, 0)
	d.moves("2026-10-01", 3, 1, store.CauseEdit, "-anna")
	d.put("2026-11-01", state("back", segment.Active), 3, 3)
	d.moves("2026-11-01", 3, 3, store.CauseEdit, "+anna")
	d.put("2026-11-02", state("back", segment.Paused), 3, 4)
	d.put("2026-09-10", state("fresh", segment.Active), 4, 0)
	board := segment.Definition{Name: "board", Kind: segment.List, Include: []segment.Override{{Customer: "anna", Reason: "chair"}}}
	d.put("2026-09-10", board, 5, 1)
	d.moves("2026-09-10", 5, 1, store.CauseEdit, "+anna")
	board.Include = append(board.Include, segment.Override{Customer: "ben"})
	d.put("2026-10-01", board, 5, 2)
	d.moves("2026-10-01", 5, 2, store.CauseEdit, "+ben")
	if err := s.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// divide gives a segmentation a version: it has the id 3, its parts those that follow.
func (d *diary) divide(date string, defined segment.Definition, version int64) {
	d.t.Helper()
	d.put(date, defined, 3, version)
	for _, part := range defined.Derived() {
		id, of := map[string]int64{"home.alps": 4, "home.tour": 5, "home.others": 6}[part.Name], version
		if id == 6 {
			of = 1 // its rule stays
		}
		d.put(date, part, id, of)
	}
}
