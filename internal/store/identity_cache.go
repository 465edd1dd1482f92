package store

import (
	"hash/maphash"

	"github.com/kohorte/kohorte/internal/record"
)

// identityGeneration is how many identities one generation of the cache holds: about 50 MB.
const identityGeneration = 1 << 20

// identityKey stands for an identity: 128 bits of a seeded hash, so that two
// identities share one about as often as memory fails. It holds no pointers,
// which spares the garbage collector millions of them.
type identityKey [2]uint64

// identityCache remembers which customers identities name. It has two
// generations: when the younger is full, the elder is forgotten.
type identityCache struct {
	seeds  [2]maphash.Seed
	limit  int
	young  map[identityKey]int64
	old    map[identityKey]int64
	buffer []byte
}

func newIdentityCache(limit int) identityCache {
	return identityCache{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, limit: limit,
		young: map[identityKey]int64{}, old: map[identityKey]int64{},
	}
}

func (c *identityCache) key(kind Kind, identity record.Identity) identityKey {
	c.buffer = append(append(c.buffer[:0], byte(kind)), identity.Namespace...)
	c.buffer = append(append(c.buffer, 0), identity.Value...)
	return identityKey{maphash.Bytes(c.seeds[0], c.buffer), maphash.Bytes(c.seeds[1], c.buffer)}
}

func (c *identityCache) get(key identityKey) (int64, bool) {
	if id, ok := c.young[key]; ok {
		return id, true
	}
	id, ok := c.old[key]
	if ok {
		c.put(key, id)
	}
	return id, ok
}

func (c *identityCache) put(key identityKey, id int64) {
	if len(c.young) >= c.limit {
		c.old, c.young = c.young, make(map[identityKey]int64, c.limit)
	}
	c.young[key] = id
}
