//go:build unix

package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
)

// The benchmarks report processor time, of all threads, since the machine may be
// busy with other things. They write to the disk, not to memory.

// cpu gives the processor time of the process in nanoseconds.
func cpu() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

const benchBatch = 10_000

// generator makes records of an online shop.
type generator struct {
	random    *rand.Rand
	customers int
	batch     []record.Record
}

func newGenerator(customers int) *generator {
	return &generator{rand.New(rand.NewPCG(1, 2)), customers, make([]record.Record, benchBatch)}
}

func (g *generator) who() []record.Identity {
	return ids(user(fmt.Sprintf("c%07d", g.random.IntN(g.customers))))
}

func (g *generator) events() []record.Record {
	r := g.random
	for i := range g.batch {
		e := record.Record{Kind: record.Track, Customer: g.who(), Time: now - r.Int64N(1000*day), HasTime: true, Source: "shop"}
		switch n := r.IntN(10); {
		case n < 7:
			e.Event, e.EventGiven = "product_viewed", "Product Viewed"
			e.Fields = fmt.Appendf(nil, `{"sku":"A-%d","category":"shoes","price":%d.%02d}`, r.IntN(5000), r.IntN(200), r.IntN(100))
		case n < 9:
			e.Event, e.EventGiven = "cart_viewed", "Cart Viewed"
			e.Fields = fmt.Appendf(nil, `{"value":%d.%02d,"currency":"EUR","express":%t}`, r.IntN(200), r.IntN(100), r.IntN(2) == 0)
		default:
			e.Event, e.EventGiven = "order_completed", "Order Completed"
			e.Fields = fmt.Appendf(nil, `{"total":%d.%02d,"currency":"EUR","country":"DE","delivery_on":"2026-%02d-%02d","products":[{"sku":"A-%d","price":%d,"quantity":1},{"sku":"B-%d","price":%d,"quantity":2}]}`,
				r.IntN(500), r.IntN(100), 1+r.IntN(12), 1+r.IntN(28), r.IntN(5000), r.IntN(200), r.IntN(5000), r.IntN(200))
		}
		for j := range e.Key {
			e.Key[j] = byte(r.Uint32())
		}
		g.batch[i] = e
	}
	return g.batch
}

func (g *generator) profiles(first int) []record.Record {
	r := g.random
	for i := range g.batch {
		g.batch[i] = record.Record{
			Kind: record.Identify, Customer: ids(user(fmt.Sprintf("c%07d", first+i)), email(fmt.Sprintf("c%d@example.de", first+i))), Source: "crm",
			Time: now - r.Int64N(1000*day), HasTime: true,
			Fields: fmt.Appendf(nil, `{"first_name":"Anna","country":"DE","plan":"pro","logins":%d,"credit":%d.5,"vip":%t,"birthday":"19%02d-05-06","address":{"city":"Köln","postal_code":"%05d"},"tags":["b2b"]}`,
				r.IntN(100), r.IntN(1000), r.IntN(9) == 0, 50+r.IntN(49), r.IntN(99999)),
		}
	}
	return g.batch
}

// importing applies batches until at least b.N records are in, and reports processor time for each.
func importing(b *testing.B, s *Store, batch func(i int) []record.Record) int {
	var spent int64
	count := 0
	for ; count < b.N; count += benchBatch {
		records := batch(count)
		before := cpu()
		if result := apply(b, s, now, records...); len(result.Rejections) > 0 {
			b.Fatal(result.Rejections[0])
		}
		spent += cpu() - before
	}
	b.ReportMetric(float64(spent)/float64(count), "cpu-ns/record")
	b.ReportMetric(float64(count)/(float64(spent)/1e9), "records/cpu-s")
	return count
}

func benchStore(b *testing.B) *Store {
	s := openIn(b, b.TempDir())
	b.Cleanup(func() { must(b, s.Close()) })
	return s
}

// size gives the size of the workspace's file.
func size(b *testing.B, s *Store) float64 {
	must(b, s.Close())
	files, err := filepath.Glob(s.Path() + "*")
	must(b, err)
	var total int64
	for _, f := range files {
		info, err := os.Stat(f)
		must(b, err)
		total += info.Size()
	}
	return float64(total)
}

func BenchmarkImportEvents(b *testing.B) {
	s, g := benchStore(b), newGenerator(max(1000, b.N/50))
	n := importing(b, s, func(int) []record.Record { return g.events() })
	b.ReportMetric(size(b, s)/float64(n), "bytes/record")
}

// BenchmarkImportAgain imports what is there already.
func BenchmarkImportAgain(b *testing.B) {
	s, g := benchStore(b), newGenerator(1000)
	for range 10 {
		apply(b, s, now, g.events()...)
	}
	records := append([]record.Record(nil), g.batch...)
	importing(b, s, func(int) []record.Record { return records })
}

func BenchmarkImportCustomers(b *testing.B) {
	s, g := benchStore(b), newGenerator(1)
	n := importing(b, s, g.profiles)
	b.ReportMetric(size(b, s)/float64(n), "bytes/record")
}

func BenchmarkReadEvents(b *testing.B) {
	s, g := benchStore(b), newGenerator(10_000)
	for range 50 {
		apply(b, s, now, g.events()...)
	}
	reading(b, func(one func()) error {
		return s.Events(context.Background(), 0, func(*Event) error { one(); return nil })
	})
}

func BenchmarkReadAttributes(b *testing.B) {
	s, g := benchStore(b), newGenerator(1)
	for i := range 5 {
		apply(b, s, now, g.profiles(i*benchBatch)...)
	}
	reading(b, func(one func()) error {
		return s.Attributes(context.Background(), func(*Attribute) error { one(); return nil })
	})
}

// reading reads everything again and again and reports processor time for each row.
func reading(b *testing.B, read func(one func()) error) {
	rows := 0
	b.ResetTimer()
	before := cpu()
	for rows < b.N {
		must(b, read(func() { rows++ }))
	}
	spent := cpu() - before
	b.ReportMetric(float64(spent)/float64(rows), "cpu-ns/row")
	b.ReportMetric(float64(rows)/(float64(spent)/1e9), "rows/cpu-s")
}
