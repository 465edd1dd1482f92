package chapter

import (
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"
)

func drawChanges(t *rapid.T) []Change {
	return rapid.SliceOf(rapid.Custom(func(t *rapid.T) Change {
		return Change{
			Customer: rapid.Uint32().Draw(t, "customer"), Entered: rapid.Bool().Draw(t, "entered"),
			Cause: rapid.Uint8Range(0, 127).Draw(t, "cause"), Due: rapid.Int64().Draw(t, "due"),
		}
	})).Draw(t, "changes")
}

// TestRoundTrip reads back what was written, and applies it as a naive replay does.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		changes := drawChanges(t)
		until := rapid.Int64().Draw(t, "until")
		var w Writer
		in := map[uint32]bool{}
		for _, c := range changes {
			w.Add(c)
			if c.Due <= until {
				in[c.Customer] = c.Entered
			}
		}
		var got []Change
		if err := Each(w.Bytes(), func(c *Change) { got = append(got, *c) }); err != nil || !slices.Equal(got, changes) {
			t.Fatalf("read %v, %v; want %v", got, err, changes)
		}
		members := roaring.New()
		if err := Apply(w.Bytes(), until, members); err != nil {
			t.Fatal(err)
		}
		for customer, want := range in {
			if members.Contains(customer) != want {
				t.Errorf("customer %d is in: %v, want %v", customer, !want, want)
			}
		}
		for _, customer := range members.ToArray() {
			if !in[customer] {
				t.Errorf("customer %d is in", customer)
			}
		}
	})
}

// TestDamaged cuts bytes off; nothing panics.
func TestDamaged(t *testing.T) {
	var w Writer
	w.Add(Change{Customer: 70_000, Entered: true, Due: 1_795_000_000_000})
	for n := 1; n < len(w.Bytes()); n++ {
		if err := Each(w.Bytes()[:n], func(*Change) {}); err != ErrDamaged {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}

// FuzzEach reads any bytes.
func FuzzEach(f *testing.F) {
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := Each(data, func(*Change) {}); err != nil && err != ErrDamaged {
			t.Error(err)
		}
	})
}
