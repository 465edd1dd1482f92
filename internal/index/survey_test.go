package index

import (
	"context"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"
)

// A survey counts and lists as Count and Members do, one rule at a time, and knows the days of all events.
func TestSurvey(t *testing.T) {
	rules := []string{
		`country = "de"`, `top 10% by credit`, `count(order_completed) >= 2 and consent(email, newsletter)`, `country is known and country is unknown`,
		`company.industry = "Maschinenbau"`,
	}
	rapid.Check(t, func(rt *rapid.T) {
		x := invent(rapid.Uint64Range(0, 1<<40).Draw(rt, "seed"), rapid.IntRange(0, 300).Draw(rt, "customers"))
		asked := rapid.SliceOfN(rapid.SampledFrom(rules), 0, 5).Draw(rt, "rules")
		q := &Question{
			At: 3000, Counts: append(slices.Clone(asked), "credit = \"text\"", "credit = "), Members: append(slices.Clone(asked), "country >"),
			Events: []string{"order_completed", "email_opened", "never_seen"},
		}
		a, err := x.Survey(context.Background(), q)
		if err != nil {
			rt.Fatal(err)
		}
		for i, text := range asked {
			names := members(t, x, text)
			if a.Counts[i] != len(names) || int(a.Members[i].GetCardinality()) != len(names) {
				rt.Fatalf("%s holds for %d; the survey counts %d and lists %d", text, len(names), a.Counts[i], a.Members[i].GetCardinality())
			}
			for _, id := range a.Members[i].ToArray() {
				if p, ok := x.Find(int64(id)); !ok || !slices.Contains(names, p.Block.Names[p.Row]) {
					rt.Fatalf("%s: the survey lists customer %d", text, id)
				}
			}
		}
		if n := len(asked); a.Counts[n] != -1 || a.Counts[n+1] != -1 || !a.Members[n].IsEmpty() {
			rt.Fatalf("rules that cannot be asked have the counts %v, %v", a.Counts[n:], a.Members[n])
		}
		if a.Customers != x.Rows() {
			rt.Fatalf("%d customers, not %d", a.Customers, x.Rows())
		}
		if !a.Days[0].Equals(orderDays(x)) || !a.Days[1].IsEmpty() || !a.Days[2].IsEmpty() {
			rt.Fatalf("the days are %v", a.Days)
		}
	})
}

// orderDays are those of orders: the instants of invented orders are all on the first day.
func orderDays(x *Index) *roaring.Bitmap {
	days := roaring.New()
	for _, b := range x.Blocks {
		id, _ := x.Schema.EventID("order_completed")
		if t := b.EventTable(id); t != nil {
			for _, time := range t.Times {
				days.Add(uint32(time / day))
			}
		}
	}
	return days
}

func TestSurveyCanBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := invent(1, 100).Survey(ctx, &Question{Counts: []string{`country = "DE"`}}); err == nil {
		t.Error("an interrupted survey has an answer")
	}
}
