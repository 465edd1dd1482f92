package demo

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
)

// TestActivityHasALongTail wants a few customers to do much and many to do little.
func TestActivityHasALongTail(t *testing.T) {
	orders, visits := map[string]int{}, map[string]int{}
	for _, r := range collect[OnlineShop]() {
		switch r.Event {
		case "order_completed":
			orders[r.Customer[0].Value]++
		case "product_viewed":
			visits[r.Customer[0].Value]++
		}
	}
	between(t, "per cent of views by the busiest tenth", shareOfTop(visits, 10), 45, 75)
	between(t, "per cent of orders by the busiest tenth of buyers", shareOfTop(orders, 10), 25, 55)
	once := 0
	for _, n := range orders {
		if n == 1 {
			once++
		}
	}
	between(t, "per cent of buyers with one order", once*100/len(orders), 45, 70)
}

func shareOfTop(counts map[string]int, percent int) int {
	var all []int
	total, top := 0, 0
	for _, n := range counts {
		all = append(all, n)
		total += n
	}
	slices.Sort(all)
	for _, n := range all[len(all)-len(all)*percent/100:] {
		top += n
	}
	return top * 100 / total
}

// TestTheYearHasSeasons wants December to beat February, evenings to beat mornings,
// and Black Friday to beat an average day.
func TestTheYearHasSeasons(t *testing.T) {
	perMonth, perHour, fridays, total := map[int]int{}, map[int]int{}, 0, 0
	for _, r := range collect[OnlineShop]() {
		if r.Event != "order_completed" {
			continue
		}
		c := berlin.Civil(r.Time)
		perHour[c.Milli/int(hour)]++
		perMonth[c.Month]++
		if total++; daysToBlackFriday(c) == 0 {
			fridays++
		}
	}
	between(t, "December to February in per cent", perMonth[12]*100/perMonth[2], 120, 300)
	between(t, "8 in the evening to 8 in the morning in per cent", perHour[20]*100/perHour[8], 180, 800)
	between(t, "4 at night to noon in per cent", perHour[4]*100/perHour[12], 0, 15)
	between(t, "Black Friday to an average day in per cent", fridays*100/3*1096/total, 200, 600)
}

// TestOfficesCloseAtWeekends looks at the machine builder's week.
func TestOfficesCloseAtWeekends(t *testing.T) {
	for _, r := range collect[MachineBuilder]() {
		if r.Event == "quote_requested" && r.Customer[0].Value != contactID(0) {
			if c := berlin.Civil(r.Time); weekday(c) > 5 || weekday(c) == 5 && c.Milli > int(6*hour) {
				t.Fatalf("a quote is requested on %s, weekday %d", isoDate(c), weekday(c))
			}
		}
	}
}

// TestStoriesMakeSense wants every refund after its order, every delivery after an
// order, and nobody to be tracked by the user id before they are known.
func TestStoriesMakeSense(t *testing.T) {
	ordered, known, accepted := map[string]bool{}, map[string]bool{}, map[string]bool{}
	refunds := 0
	records := slices.Concat(collect[OnlineShop](), collect[MachineBuilder]())
	slices.SortStableFunc(records, func(a, b record.Record) int { return cmp.Compare(a.Time, b.Time) }) // some arrive late
	for _, r := range records {
		if r.Kind == record.Identify {
			known[r.Customer[0].Value] = true
		}
		if r.Kind != record.Track {
			continue
		}
		if id := r.Customer[0]; id.Namespace == record.UserID && !known[id.Value] && r.Time < until-3*year+2*day {
			t.Fatalf("%s of %s before they are known", r.Event, id.Value)
		}
		var f map[string]json.RawMessage
		if strings.HasPrefix(r.Event, "order_") || strings.HasPrefix(r.Event, "offer_") {
			f = flat(t, r.Fields)
		}
		switch r.Event {
		case "order_completed":
			ordered[string(f["order_id"])] = true
		case "order_refunded":
			refunds++
			if !ordered[string(f["order_id"])] {
				t.Fatalf("order %s is sent back before it is made", f["order_id"])
			}
		case "offer_sent":
			accepted[string(f["offer_id"])] = true
		case "offer_accepted", "offer_rejected":
			if !accepted[string(f["offer_id"])] {
				t.Fatalf("offer %s is answered before it is sent", f["offer_id"])
			}
		}
	}
	between(t, "refunds per 1000 orders", refunds*1000/len(ordered), 60, 250)
}
