package seen

import "encoding/binary"

// filter is a Bloom filter in blocks of one cache line: each key sets one bit in
// each of the eight words of one block. With sixteen bits a key it errs in about
// one of a thousand questions, and never when it says no.
type filter []uint64

const (
	blockWords   = 8
	bitsPerKey   = 16
	keysPerBlock = blockWords * 64 / bitsPerKey
)

func newFilter(keys int) filter {
	return make(filter, (keys/keysPerBlock+1)*blockWords)
}

// probe is what a filter must know of a key, the same for filters of all sizes.
type probe struct {
	block uint64
	bits  [blockWords]uint64
}

// newProbe mixes the key well, for keys need not be random.
func newProbe(e entry) probe {
	h := mix(e.high ^ mix(e.low))
	p := probe{block: h >> 32}
	h = mix(h)
	for i := range p.bits {
		p.bits[i] = 1 << (h >> (8 * i) & 63)
	}
	return p
}

// mix is the finalizer of SplitMix64.
func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// blockOf gives the block of a key: its 32 bits of hash scaled to the number of blocks.
func (f filter) blockOf(p *probe) []uint64 {
	i := p.block * uint64(len(f)/blockWords) >> 32
	return f[i*blockWords:][:blockWords]
}

func (f filter) add(p *probe) {
	block := f.blockOf(p)
	for i, bit := range p.bits {
		block[i] |= bit
	}
}

func (f filter) mayHave(p *probe) bool {
	block := f.blockOf(p)
	for i, bit := range p.bits {
		if block[i]&bit == 0 {
			return false
		}
	}
	return true
}

func (f filter) bytes() []byte {
	b := make([]byte, 0, len(f)*8)
	for _, word := range f {
		b = binary.LittleEndian.AppendUint64(b, word)
	}
	return b
}

func filterOf(b []byte) filter {
	f := make(filter, len(b)/8)
	for i := range f {
		f[i] = binary.LittleEndian.Uint64(b[i*8:])
	}
	return f
}
