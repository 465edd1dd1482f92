package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kohorte/kohorte/internal/bench/load"
	"github.com/kohorte/kohorte/internal/bench/postgres"
	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/record"
)

// comparedSeconds is how many seconds of a run PostgreSQL goes through.
const comparedSeconds = 5

// compare has PostgreSQL recompute the same segments for those whom the same events touched.
func (l *liveBench) compare(ctx context.Context) (err error) {
	if l.SkipSQL {
		return nil
	}
	db, err := postgres.Open(ctx, benchdata.Segments())
	if errors.Is(err, postgres.ErrAbsent) {
		l.Log("the comparison is left out: %v", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l.Log("loading the history into PostgreSQL")
	if err := db.Load(benchdata.Generate(l.data())); err != nil {
		return err
	}
	l.Log("computing the segments for everyone there")
	if err := l.everyone(db); err != nil {
		return err
	}
	if err := l.second(db, "of the run at 20000", l.fullSent, l.fullCPU); err != nil {
		return err
	}
	return l.second(db, "at 10000 events a second", l.halfSent, l.halfCPU)
}

// everyone fills the memberships, which are not measured.
func (l *liveBench) everyone(db *postgres.DB) error {
	seen := map[string]bool{}
	var all []string
	for r := range benchdata.Generate(l.data()) {
		if id := r.Customer[0].Value; !seen[id] {
			seen[id] = true
			all = append(all, id)
		}
	}
	if _, err := db.Recompute(all, time.Now().UnixMilli()); err != nil {
		return err
	}
	return db.Tidy()
}

// second goes through some seconds of a run, one after the other.
func (l *liveBench) second(db *postgres.DB, what string, sent []load.Sent, own time.Duration) error {
	var recompute, insert time.Duration
	events, touched, seconds := 0, 0, 0
	for _, second := range secondsOf(sent) {
		var records []record.Record
		var customers []string
		for _, s := range second {
			records = append(records, l.load.Records(s)...)
			customers = append(customers, l.load.Customers(s)...)
		}
		slices.Sort(customers)
		customers = slices.Compact(customers)
		before, err := db.CPU()
		if err != nil {
			return err
		}
		if err := db.Insert(records); err != nil {
			return err
		}
		between, err := db.CPU()
		if err != nil {
			return err
		}
		if _, err := db.Recompute(customers, second[len(second)-1].At); err != nil {
			return err
		}
		after, err := db.CPU()
		if err != nil {
			return err
		}
		insert, recompute = insert+between-before, recompute+after-between
		events, touched, seconds = events+len(records), touched+len(customers), seconds+1
	}
	if events == 0 {
		return nil
	}
	each := recompute / time.Duration(events)
	l.add(fmt.Sprintf("the same in PostgreSQL %s, %d events and %d customers a second: processor time an event", what, events/seconds, touched/seconds),
		"at least 50", fmt.Sprintf("%.1f", float64(each)/float64(own)), "%.0f µs (and %.0f µs to insert it)", micros(each), micros(insert/time.Duration(events)))
	return nil
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// secondsOf cuts a run into the requests of each whole second, at most comparedSeconds from its middle.
func secondsOf(sent []load.Sent) [][]load.Sent {
	bySecond := map[int64][]load.Sent{}
	var order []int64
	for _, s := range sent {
		at := s.Due.Unix()
		if bySecond[at] == nil {
			order = append(order, at)
		}
		bySecond[at] = append(bySecond[at], s)
	}
	slices.Sort(order)
	if len(order) > 2 {
		order = order[1 : len(order)-1] // the first and the last are not whole
	}
	if from := (len(order) - comparedSeconds) / 2; from > 0 {
		order = order[from : from+comparedSeconds]
	}
	var seconds [][]load.Sent
	for _, at := range order {
		seconds = append(seconds, bySecond[at])
	}
	return seconds
}
