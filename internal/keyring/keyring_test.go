package keyring

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/store"
)

// counted counts the questions to a store.
type counted struct {
	*store.Store
	reads, finds atomic.Int64
	broken       error
}

func (c *counted) Keys(ctx context.Context) ([]store.Key, error) {
	c.reads.Add(1)
	if c.broken != nil {
		return nil, c.broken
	}
	return c.Store.Keys(ctx)
}

func (c *counted) FindKey(ctx context.Context, key string) (store.Key, bool, error) {
	c.finds.Add(1)
	return c.Store.FindKey(ctx, key)
}

func (c *counted) want(t *testing.T, reads, finds int64) {
	t.Helper()
	if r, f := c.reads.Swap(0), c.finds.Swap(0); r != reads || f != finds {
		t.Errorf("the list was read %d times and %d keys were looked for, want %d and %d", r, f, reads, finds)
	}
}

// newRing makes a ring over an empty store, and that store opened as another process has it.
func newRing(t *testing.T) (r *Ring, keys *counted, other *store.Store, c *clock.Manual) {
	t.Helper()
	dir := t.TempDir()
	var stores [2]*store.Store
	for i := range stores {
		s, err := store.Open(dir, "shop")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		stores[i] = s
	}
	keys, c = &counted{Store: stores[0]}, clock.NewManual(1_000_000)
	return New(keys, c), keys, stores[1], c
}

func add(t *testing.T, s *store.Store, name string) string {
	t.Helper()
	key, err := s.AddKey(context.Background(), name, store.ScopeWrite, 1)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (r *Ring) want(t *testing.T, key, name string) {
	t.Helper()
	k, ok, err := r.Find(context.Background(), key)
	if k.Name != name || ok != (name != "") || err != nil {
		t.Errorf("%s: %+v %t %v, want %q", key, k, ok, err, name)
	}
}

func TestRing(t *testing.T) {
	r, keys, other, c := newRing(t)
	r.want(t, "", "")
	keys.want(t, 0, 0)
	shop := add(t, other, "shop")
	r.want(t, shop, "shop")
	r.want(t, shop, "shop")
	keys.want(t, 1, 0)

	crm := add(t, other, "crm") // works before the list is old
	r.want(t, crm, "crm")
	r.want(t, shop+"x", "")
	keys.want(t, 0, 2)

	if err := other.RemoveKey(context.Background(), "shop"); err != nil {
		t.Fatal(err)
	}
	c.Advance(999 * time.Millisecond)
	r.want(t, shop, "shop")
	c.Advance(time.Millisecond)
	r.want(t, shop, "")
	r.want(t, crm, "crm")
	keys.want(t, 1, 1)

	c.Set(0) // the clock of the machine was wrong
	r.want(t, crm, "crm")
	r.want(t, crm, "crm")
	keys.want(t, 1, 0)
}

// TestRingFails does not let anybody in on what it knew long ago.
func TestRingFails(t *testing.T) {
	r, keys, other, c := newRing(t)
	shop := add(t, other, "shop")
	r.want(t, shop, "shop")
	keys.broken = errors.New("broken")
	r.want(t, shop, "shop")
	c.Advance(time.Minute)
	if k, ok, err := r.Find(context.Background(), shop); ok || !errors.Is(err, keys.broken) || k != (store.Key{}) {
		t.Errorf("%+v %t %v", k, ok, err)
	}
	keys.broken = nil
	r.want(t, shop, "shop")
}

// TestRingTogether has many requests at once, which read the list once a second.
func TestRingTogether(t *testing.T) {
	r, keys, other, c := newRing(t)
	shop := add(t, other, "shop")
	for range 3 {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { r.want(t, shop, "shop") })
		}
		all.Wait()
		keys.want(t, 1, 0)
		c.Advance(time.Second)
	}
}
