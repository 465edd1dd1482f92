// Package chapter is the form in which the transitions of one segment are kept
// together: a few bytes each, to be read a hundred times faster than rows.
//
// A change is a byte with the cause and whether it is an entry, then the time and
// the customer as differences from the change before, in the variable-length
// numbers of encoding/binary.
package chapter

import (
	"encoding/binary"
	"errors"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/calendar"
)

// Change is a transition of a segment: a customer enters or leaves.
type Change struct {
	Customer uint32
	Entered  bool
	Cause    uint8            // the number of a store.Cause
	Due      calendar.Instant // when it became true
}

// Writer puts changes into a row of bytes. The zero value is ready.
type Writer struct {
	data     []byte
	due      calendar.Instant
	customer uint32
}

// Add adds a change.
func (w *Writer) Add(c Change) {
	head := c.Cause << 1
	if c.Entered {
		head |= 1
	}
	w.data = append(w.data, head)
	w.data = binary.AppendVarint(w.data, c.Due-w.due)
	w.data = binary.AppendVarint(w.data, int64(c.Customer)-int64(w.customer))
	w.due, w.customer = c.Due, c.Customer
}

// Bytes gives what was written.
func (w *Writer) Bytes() []byte { return w.data }

// ErrDamaged is the error for bytes that no Writer wrote.
var ErrDamaged = errors.New("a chapter of the log of transitions is damaged")

// Each calls fn for each change, in their order. The change is reused from call to call.
func Each(data []byte, fn func(*Change)) error {
	var c Change
	for len(data) > 0 {
		head := data[0]
		due, n := binary.Varint(data[1:])
		if n <= 0 {
			return ErrDamaged
		}
		data = data[1+n:]
		step, n := binary.Varint(data)
		if n <= 0 {
			return ErrDamaged
		}
		data = data[n:]
		c.Entered, c.Cause = head&1 == 1, head>>1
		c.Due += due
		c.Customer += uint32(step)
		fn(&c)
	}
	return nil
}

// Apply has the changes that are due at an instant or before it enter and leave.
func Apply(data []byte, until calendar.Instant, members *roaring.Bitmap) error {
	return Each(data, func(c *Change) { c.Apply(until, members) })
}

// Apply has the customer enter or leave, if that is due at the instant or before it.
func (c *Change) Apply(until calendar.Instant, members *roaring.Bitmap) {
	switch {
	case c.Due > until:
	case c.Entered:
		members.Add(c.Customer)
	default:
		members.Remove(c.Customer)
	}
}
