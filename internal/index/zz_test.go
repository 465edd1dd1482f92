package index

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"syscall"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/valyala/fastjson"
)

func cpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestZZ(t *testing.T) {
	customers := 100000
	until := int64(1795000000000)
	known := benchdata.Catalog()
	s := columns.NewSchema(known, berlin)
	x := &Index{Schema: s, Companies: &columns.Companies{}}
	var builders []*columns.Builder
	rows := map[string]int{}
	var p fastjson.Parser
	row := func(id string) (int, *columns.Builder) {
		n, ok := rows[id]
		if !ok {
			n = len(rows)
			rows[id] = n
			if n/blockRows == len(builders) {
				builders = append(builders, columns.NewBuilder(s))
			}
			builders[n/blockRows].Customer(int64(n), id)
		}
		return n % blockRows, builders[n/blockRows]
	}
	began := cpu()
	n := 0
	for r := range benchdata.Generate(benchdata.Options{Customers: customers, Events: customers * 50, Seed: 1, Until: until}) {
		i, b := row(r.Customer[0].Value)
		switch r.Kind {
		case record.Identify:
			v, _ := p.ParseBytes(r.Fields)
			o, _ := v.Object()
			o.Visit(func(k []byte, v *fastjson.Value) {
				if id, ok := s.Attrs.ID(string(k)); ok {
					b.Attribute(i, id, r.Time, v.MarshalTo(nil))
				}
			})
		case record.Track:
			id, ok := s.EventID(r.Event)
			if !ok {
				t.Fatal(r.Event)
			}
			b.Event(i, id, r.Time, r.Fields)
			n++
		case record.Consent:
			id, _ := s.ConsentID(catalog.Consent{Channel: r.Channel, Purpose: r.Purpose})
			b.Consent(i, id, r.Time, r.Granted)
		}
	}
	fmt.Println("events", n, "customers", len(rows), "fill", cpu()-began)
	began = cpu()
	for _, b := range builders {
		x.Blocks = append(x.Blocks, b.Finish(x.Companies))
	}
	builders = nil
	fmt.Println("finish", cpu()-began)
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	fmt.Println("heap MB", ms.HeapAlloc>>20, "per event", float64(ms.HeapAlloc)/float64(n))
	f, _ := os.Create("/tmp/cpu.prof")
	measure := func(texts []string) time.Duration {
		var ps []*eval.Program
		for _, text := range texts {
			nn, problems := rule.Parse(text)
			if problems.Fatal() {
				t.Fatal(problems.Format("r", text))
			}
			pp, err := x.Compile(nn)
			if err != nil {
				t.Fatal(err)
			}
			ps = append(ps, pp)
		}
		best := time.Hour
		for range 3 {
			began := cpu()
			c, err := x.Count(context.Background(), ps, until)
			if err != nil {
				t.Fatal(err)
			}
			if d := cpu() - began; d < best {
				best = d
			}
			if len(texts) == 1 {
				fmt.Print(c[0], " ")
			}
		}
		return best
	}
	for _, r := range benchdata.Typical() {
		d := measure([]string{r})
		fmt.Println(d, r)
	}
	pprof.StartCPUProfile(f)
	fmt.Println("hundred", measure(benchdata.Rules()))
	pprof.StopCPUProfile()
	type rd struct {
		d time.Duration
		r string
	}
	for _, r := range benchdata.Rules() {
		if d := measure([]string{r}); d > 8*time.Millisecond {
			fmt.Println(d, r)
		}
	}
}
