package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
)

// TestReadersWhileWriting reads views while batches are written: each view is one
// moment, with whole batches and customers who are not merged halfway.
func TestReadersWhileWriting(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	const batches, size, readers = 60, 20, 3
	started := make(chan struct{}, readers)
	done := make(chan struct{})
	failures := make([]error, readers)
	var wg sync.WaitGroup
	for r := range readers {
		wg.Go(func() {
			for first := true; ; first = false {
				if err := s.View(ctx, func(v *View) error { return wholeBatches(ctx, v, size) }); err != nil {
					failures[r] = err
					return
				}
				if first {
					started <- struct{}{}
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for range readers {
		<-started
	}
	for n := range batches {
		var batch []record.Record
		for i := range size {
			batch = append(batch, track(ids(device(fmt.Sprint(n, " ", i))), "x", 1, `{}`, fmt.Sprint(n, " ", i)))
		}
		for i := range size {
			batch = append(batch, identify(ids(user(fmt.Sprint(n)), device(fmt.Sprint(n, " ", i))), 1, `{"n":1}`))
		}
		apply(t, s, now, batch...)
	}
	close(done)
	wg.Wait()
	must(t, errors.Join(failures...))
	must(t, s.View(ctx, func(v *View) error { return wholeBatches(ctx, v, size) }))
}

// wholeBatches expects one customer with one attribute for each batch, to whom all its events belong.
func wholeBatches(ctx context.Context, v *View, size int) error {
	events, customers, attributes := map[int64]int{}, 0, 0
	err := errors.Join(
		v.Events(ctx, 0, func(e *Event) error { events[e.Customer]++; return nil }),
		v.Customers(ctx, func(c Customer) error {
			customers++
			if events[c.ID] != size {
				return fmt.Errorf("%s has %d events", c.Name, events[c.ID])
			}
			return nil
		}),
		v.Attributes(ctx, func(*Attribute) error { attributes++; return nil }))
	if err == nil && (len(events) != customers || attributes != customers) {
		err = fmt.Errorf("%d customers, %d have events, %d attributes", customers, len(events), attributes)
	}
	return err
}

// TestTwoWriters lets two stores of one file take turns, as two processes do:
// what one writes the other must know.
func TestTwoWriters(t *testing.T) {
	dir := memoryDir(t)
	stores := []*Store{openIn(t, dir), openIn(t, dir)}
	undisturbed := open(t)
	for n := range 20 {
		batch := crashBatchOf(n)[:60]
		apply(t, stores[n%2], now, batch...)
		apply(t, undisturbed, now, batch...)
		if again := apply(t, stores[(n+1)%2], now, batch...); again.Events > 0 || again.Customers.New > 0 || again.Customers.Changed > 0 {
			t.Fatalf("batch %d again: %+v", n, again)
		}
	}
	if contents(t, stores[0]) != contents(t, undisturbed) {
		t.Error("two writers wrote something else than one")
	}
	for _, s := range stores {
		must(t, s.Close())
	}
}

// TestFailureInBatch breaks a batch in the middle: nothing of it stays, and the next one is not disturbed.
func TestFailureInBatch(t *testing.T) {
	s := open(t)
	apply(t, s, now, crashBatchOf(0)...)
	before := contents(t, s)
	broken := errors.New("broken")
	err := s.write(context.Background(), func(w *writer) error {
		w.received, w.result = now, &Result{}
		for _, r := range crashBatchOf(1) {
			must(t, w.apply(&r))
		}
		return broken
	})
	if !errors.Is(err, broken) || contents(t, s) != before {
		t.Fatalf("a broken batch left something, %v", err)
	}
	undisturbed := open(t)
	for n := range 3 {
		apply(t, s, now, crashBatchOf(n)...)
		apply(t, undisturbed, now, crashBatchOf(n)...)
	}
	if contents(t, s) != contents(t, undisturbed) {
		t.Error("after a broken batch, others are kept otherwise")
	}
}
