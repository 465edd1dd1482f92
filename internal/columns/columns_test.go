package columns

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"pgregory.net/rapid"
)

func schema(t testing.TB) *Schema {
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return NewSchema(&catalog.Catalog{
		Attributes: catalog.Fields{
			"plan": {Kind: catalog.Text}, "credit": {Kind: catalog.Number}, "vip": {Kind: catalog.Boolean},
			"birthday": {Kind: catalog.Date}, "seen": {Kind: catalog.Time}, "tags": {Kind: catalog.TextList},
			"address.city": {Kind: catalog.Text},
		},
		Events: map[string]catalog.Fields{
			"order": {
				"total": {Kind: catalog.Number}, "address.city": {Kind: catalog.Text},
				"lines": {Kind: catalog.ObjectList, Fields: catalog.Fields{"sku": {Kind: catalog.Text}, "size.cm": {Kind: catalog.Number}}},
			},
		},
		Consents: []catalog.Consent{{Channel: "email", Purpose: "newsletter"}},
	}, zone)
}

func attrID(t testing.TB, s *Schema, path string) int {
	id, ok := s.Attrs.ID(path)
	if !ok {
		t.Fatalf("no attribute %s", path)
	}
	return id
}

// What is read at an instant is the value set last up to then, before the first
// the first; of several set at one time the last received.
func TestAttributesAreReadAsOfAnInstant(t *testing.T) {
	s := schema(t)
	plan := attrID(t, s, "plan")
	rapid.Check(t, func(rt *rapid.T) {
		type change struct {
			Row, At int
			Value   string
		}
		changes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) change {
			return change{rapid.IntRange(0, 2).Draw(t, "row"), rapid.IntRange(0, 5).Draw(t, "at"), rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "value")}
		}), 0, 12).Draw(rt, "changes")
		b := NewBuilder(s)
		for row := range 3 {
			b.Customer(int64(row), fmt.Sprint(row))
		}
		for _, c := range changes {
			value, _ := json.Marshal(c.Value)
			if c.Value == "" {
				value = []byte("null")
			}
			if err := b.Attribute(c.Row, plan, int64(c.At), value); err != nil {
				rt.Fatal(err)
			}
		}
		attr := b.Finish(nil).Attrs[plan]
		for row := range 3 {
			history := slices.DeleteFunc(slices.Clone(changes), func(c change) bool { return c.Row != row })
			slices.SortStableFunc(history, func(a, b change) int { return a.At - b.At })
			for now := -1; now < 7; now++ {
				want := ""
				for i, c := range history {
					if c.At <= max(now, history[0].At) {
						want = history[i].Value
					}
				}
				got := ""
				if attr != nil {
					column, i := attr.At(row, int64(now))
					got, _ = column.Text(i)
				}
				if got != want {
					rt.Fatalf("row %d at %d: %q, want %q", row, now, got, want)
				}
			}
			checkChanges(rt, attr, row)
		}
	})
}

// Between now and the next change the value stays.
func checkChanges(t *rapid.T, attr *Attr, row int) {
	if attr == nil {
		return
	}
	for now := int64(-1); now < 7; now++ {
		column, i := attr.At(row, now)
		for later := now; later < min(attr.Change(row, now), 7); later++ {
			if c, j := attr.At(row, later); c.Codes[j] != column.Codes[i] {
				t.Fatalf("row %d: the value of %d is another at %d, before the change at %d", row, now, later, attr.Change(row, now))
			}
		}
	}
}

func TestEventsStandInOrderOfTimeThenReceipt(t *testing.T) {
	s := schema(t)
	rapid.Check(t, func(rt *rapid.T) {
		type event struct{ Row, At, Total int }
		events := rapid.SliceOf(rapid.Custom(func(t *rapid.T) event {
			return event{rapid.IntRange(0, 3).Draw(t, "row"), rapid.IntRange(0, 5).Draw(t, "at"), rapid.IntRange(-3, 1000).Draw(t, "total")}
		})).Draw(rt, "events")
		b := NewBuilder(s)
		for row := range 4 {
			b.Customer(int64(row), fmt.Sprint(row))
		}
		for i, e := range events {
			if err := b.Event(e.Row, 0, int64(i+1), int64(e.At), fmt.Appendf(nil, `{"total":%d}`, e.Total)); err != nil {
				rt.Fatal(err)
			}
		}
		slices.SortStableFunc(events, func(a, b event) int { return (a.Row-b.Row)*100 + a.At - b.At })
		table := b.Finish(nil).Events[0]
		if table == nil {
			if len(events) > 0 {
				rt.Fatal("the events are gone")
			}
			return
		}
		total, _ := s.Events[0].Fields.ID("total")
		for i, e := range events {
			if table.Times[i] != int64(e.At) || table.Cols[total].Nums[i] != int64(e.Total)*10000 || int(table.Off[e.Row]) > i || int(table.Off[e.Row+1]) <= i {
				rt.Fatalf("event %d is not where it belongs", i)
			}
		}
	})
}

func TestValuesOfOtherTypesAreNotKnown(t *testing.T) {
	s := schema(t)
	cases := map[string]map[string]bool{ // path → JSON → known
		"plan":     {`"pro"`: true, `""`: true, `5`: false, `null`: false, `true`: false, `["pro"]`: false},
		"credit":   {`5`: true, `-0.00005`: true, `1e3`: true, `"5"`: false, `1e300`: false},
		"vip":      {`true`: true, `false`: true, `"true"`: false, `1`: false},
		"birthday": {`"2026-02-28"`: true, `"2026-02-30"`: false, `"2026-02-28T10:00:00Z"`: false, `20260228`: false, `""`: false},
		"seen":     {`"2026-02-28T10:00:00.5Z"`: true, `"2026-02-28"`: true, `"gestern"`: false},
		"tags":     {`["a", 5, null]`: true, `[]`: true, `"a"`: false, `null`: false},
	}
	for path, values := range cases {
		for value, known := range values {
			b := NewBuilder(s)
			row := b.Customer(1, "c")
			if err := b.Attribute(row, attrID(t, s, path), 0, []byte(value)); err != nil {
				t.Fatal(err)
			}
			if c := b.Finish(nil).Attrs[attrID(t, s, path)].Latest; c.IsKnown(0) != known {
				t.Errorf("%s = %s: known %v, want %v", path, value, c.IsKnown(0), known)
			}
		}
	}
}

func TestNestedObjectsHaveDottedPaths(t *testing.T) {
	s := schema(t)
	b := NewBuilder(s)
	row := b.Customer(1, "c")
	props := `{"address":{"city":"Köln","zip":"50667"},"lines":[{"sku":"A","size":{"cm":12.5}},{"sku":null},"x"],"total":1,"total":2}`
	if err := b.Event(row, 0, 1, 0, []byte(props)); err != nil {
		t.Fatal(err)
	}
	if err := b.Event(row, 0, 2, 1, nil); err != nil {
		t.Fatal(err)
	}
	table := b.Finish(nil).Events[0]
	fields := s.Events[0].Fields
	city, _ := fields.ID("address.city")
	lines, _ := fields.ID("lines")
	total, _ := fields.ID("total")
	if text, _ := table.Cols[city].Text(0); text != "Köln" {
		t.Errorf("city %q", text)
	}
	list := table.Cols[lines]
	if !list.Known[0] || list.Known[1] || list.Off[1] != 2 || list.Items.Rows != 2 {
		t.Errorf("lines %+v", list)
	}
	size, _ := fields.List[lines].Members.ID("size.cm")
	if list.Items.Cols[size].Nums[0] != 125000 || list.Items.Cols[size].Nums[1] != Unset {
		t.Errorf("sizes %v", list.Items.Cols[size].Nums)
	}
	if table.Cols[total].Nums[0] != 10000 {
		t.Errorf("a member given twice counts %d", table.Cols[total].Nums[0])
	}
}

func TestTextsThatDifferInCaseShareAFoldCode(t *testing.T) {
	d := NewDict()
	codes := []uint32{d.Code([]byte("Weiß")), d.Code([]byte("WEIẞ")), d.Code([]byte("weiss")), d.Code([]byte("Weiß"))}
	folds := d.FoldCodes()
	if codes[0] != codes[3] || codes[0] == codes[1] || folds[codes[0]] != folds[codes[1]] || folds[codes[0]] == folds[codes[2]] {
		t.Errorf("codes %v, folds %v", codes, folds)
	}
	again := DictOf(d.Texts())
	if again.Code([]byte("weiss")) != codes[2] || again.Code([]byte("neu")) != 4 || again.FoldCodes()[codes[1]] != codes[0] {
		t.Error("a dictionary made of the texts gives other codes")
	}
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"total":1.5,"lines":[{"sku":"A"}],"address":{"city":"x"}}`))
	f.Add([]byte(`{"total":"x","lines":{"a":[]},"address":[]}`))
	f.Add([]byte(`[1,2]`))
	s := schema(f)
	f.Fuzz(func(t *testing.T, props []byte) {
		b := NewBuilder(s)
		row := b.Customer(1, "c")
		_ = b.Event(row, 0, 1, 0, props)
		_ = b.Event(row, 0, 2, 1, []byte(`{"total":3}`))
		table := b.Finish(nil).Events[0]
		for _, c := range table.Cols {
			if c != nil && c.rows() != table.Rows {
				t.Fatalf("a column has %d of %d rows", c.rows(), table.Rows)
			}
		}
	})
}
