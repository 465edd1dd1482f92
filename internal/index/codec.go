package index

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"unsafe"
)

// codec reads or writes a snapshot with the same calls, so that both directions
// cannot differ: each method takes a pointer, and fills it or writes what it
// points to. Slices of numbers are raw memory, which is what makes a snapshot of
// gigabytes load in seconds; the header tells byte orders apart.
type codec struct {
	w   *bufio.Writer
	r   *bufio.Reader
	sum uint32
	err error
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errDamaged is the answer to a snapshot that is not what was written.
var errDamaged = errors.New("the snapshot is damaged")

func (c *codec) reading() bool { return c.r != nil }

// bytes reads or writes a run of known length.
func (c *codec) bytes(b []byte) {
	if c.err != nil {
		return
	}
	if c.reading() {
		_, c.err = io.ReadFull(c.r, b)
	} else {
		_, c.err = c.w.Write(b)
	}
	c.sum = crc32.Update(c.sum, castagnoli, b)
}

func (c *codec) int(n *int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(*n))
	c.bytes(b[:])
	*n = int64(binary.LittleEndian.Uint64(b[:]))
}

// length reads or writes a length. One that could not have been written ends the reading.
func (c *codec) length(n int) int {
	long := int64(n)
	c.int(&long)
	if long < 0 || long > maxLength {
		c.fail(errDamaged)
		return 0
	}
	return int(long)
}

// maxLength bounds what a damaged length can make the reader allocate.
const maxLength = 1 << 33

func (c *codec) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// present reads or writes whether a part is there.
func (c *codec) present(there bool) bool {
	b := []byte{0}
	if there {
		b[0] = 1
	}
	c.bytes(b)
	return c.err == nil && b[0] == 1
}

// raw reads or writes a slice of fixed-size values as memory.
func raw[T int64 | uint32 | uint8 | bool](c *codec, s *[]T) {
	n := c.length(len(*s))
	if c.err != nil {
		return
	}
	if c.reading() {
		*s = nil
		readRaw(c, s, n)
		return
	}
	c.bytes(memory(*s))
}

// readRaw reads in pieces, so that a damaged length fails at the end of the file
// and not in the allocation.
func readRaw[T int64 | uint32 | uint8 | bool](c *codec, s *[]T, n int) {
	const piece = 1 << 22
	if n <= piece {
		*s = make([]T, n)
		c.bytes(memory(*s))
		return
	}
	for len(*s) < n && c.err == nil {
		part := make([]T, min(piece, n-len(*s)))
		c.bytes(memory(part))
		*s = append(*s, part...)
	}
}

func memory[T int64 | uint32 | uint8 | bool](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// strings reads or writes texts: their lengths, then all of them in one run.
func (c *codec) strings(s *[]string) {
	lengths := make([]uint32, len(*s))
	var all []byte
	for i, text := range *s {
		lengths[i] = uint32(len(text))
		all = append(all, text...)
	}
	raw(c, &lengths)
	raw(c, &all)
	if c.err != nil || !c.reading() {
		return
	}
	*s = make([]string, len(lengths))
	text := unsafe.String(unsafe.SliceData(all), len(all)) // nothing changes it from here on
	for i, n := range lengths {
		if int(n) > len(text) {
			c.fail(errDamaged)
			return
		}
		(*s)[i], text = text[:n], text[n:]
	}
}
