// Package keyring answers for each request what its key permits, from memory, and
// follows what other processes change about the keys.
package keyring

import (
	"context"
	"crypto/sha256"
	"sync"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/store"
)

// Keys are where the keys are kept.
type Keys interface {
	Keys(ctx context.Context) ([]store.Key, error)
	FindKey(ctx context.Context, key string) (store.Key, bool, error)
}

var _ Keys = (*store.Store)(nil)

// maxAge is how long what was read counts, in milliseconds: so long can a key
// that was removed still work.
const maxAge = 1000

// Ring knows the keys. Any number of goroutines may use it.
type Ring struct {
	keys  Keys
	clock clock.Clock

	mu     sync.RWMutex
	byHash map[[sha256.Size]byte]store.Key
	read   calendar.Instant

	// asking is held by the one who asks the store, so that a flood of wrong keys
	// waits in line and leaves the store to others.
	asking sync.Mutex
}

// New makes a ring, which reads the keys when it is first asked.
func New(keys Keys, c clock.Clock) *Ring { return &Ring{keys: keys, clock: c} }

// Find gives what a key permits; false if there is no such key. A new key works
// at once: the store is asked about a key that is not known.
func (r *Ring) Find(ctx context.Context, key string) (store.Key, bool, error) {
	hash := store.HashKey(key)
	k, known, fresh := r.look(hash)
	if known && fresh || key == "" {
		return k, known, nil
	}
	r.asking.Lock()
	defer r.asking.Unlock()
	k, known, fresh = r.look(hash)
	if !fresh {
		if err := r.load(ctx); err != nil {
			return store.Key{}, false, err
		}
		k, known, _ = r.look(hash)
	}
	if known {
		return k, true, nil
	}
	return r.keys.FindKey(ctx, key)
}

// look looks into memory, and tells whether that is fresh. A clock that was set
// back makes it old.
func (r *Ring) look(hash [sha256.Size]byte) (k store.Key, known, fresh bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	age := r.clock.Now() - r.read
	k, known = r.byHash[hash]
	return k, known, r.byHash != nil && age >= 0 && age < maxAge
}

func (r *Ring) load(ctx context.Context) error {
	now := r.clock.Now() // before reading: what changes meanwhile is read again in time
	keys, err := r.keys.Keys(ctx)
	if err != nil {
		return err
	}
	byHash := make(map[[sha256.Size]byte]store.Key, len(keys))
	for _, k := range keys {
		byHash[k.Hash] = k
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byHash, r.read = byHash, now
	return nil
}
