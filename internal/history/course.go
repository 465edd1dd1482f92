package history

import (
	"context"
	"slices"
	"sort"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// Causes counts transitions by their causes.
type Causes map[store.Cause]int

// Total counts all.
func (c Causes) Total() int {
	n := 0
	for _, of := range c {
		n += of
	}
	return n
}

// Step is what happened to a segment from an instant up to, not including, another.
type Step struct {
	From, To       calendar.Instant
	Entries, Exits Causes
	Size           int // just before To: the size before, more the entries, less the exits
}

// Lengths are how long stays took, in milliseconds.
type Lengths struct {
	Count           int
	Average, Median int64 // 0 if there are none; the lower median of an even number
}

// Course is how a segment went.
type Course struct {
	Before    int     // members just before the first step
	Steps     []Step  // without gaps
	Completed Lengths // of the stays that ended in the steps
	Running   Lengths // of those that lasted at the end of the last step, up to there
}

// Marks cuts the time from an instant to another at the beginnings of days, weeks or
// months in a zone. The first and the last piece may be shorter. Without any time
// between them there is one mark.
func Marks(zone *calendar.Zone, from, to calendar.Instant, by calendar.Unit) []calendar.Instant {
	marks := []calendar.Instant{from}
	for n := 1; ; n++ {
		next := zone.DayStart(from, n)
		if by != calendar.Day {
			next = zone.PeriodStart(from, by, n)
		}
		if next >= to {
			break
		}
		if next > marks[len(marks)-1] { // a day that a zone left out has no length
			marks = append(marks, next)
		}
	}
	if to > from {
		marks = append(marks, to)
	}
	return marks
}

// Course tells how a segment went between marks, which ascend; at least two.
func (p *Past) Course(ctx context.Context, segment int64, marks []calendar.Instant) (*Course, error) {
	c := counter{marks: marks, entries: make([]Causes, len(marks)-1), exits: make([]Causes, len(marks)-1)}
	if err := p.Stays(ctx, segment, c.stay); err != nil {
		return nil, err
	}
	return c.course(), nil
}

// counter counts stays by their beginnings and ends.
type counter struct {
	marks              []calendar.Instant
	entries, exits     []Causes
	before             int
	completed, running []int64
	last               int // the step of the instant before, which is likely that of the next
}

func (c *counter) stay(s *Stay) {
	first, end := c.marks[0], c.marks[len(c.marks)-1]
	if s.From < first && s.To >= first {
		c.before++
	}
	if i := c.step(s.From); i >= 0 {
		count(&c.entries[i], s.Entry)
	}
	if i := c.step(s.To); i >= 0 {
		count(&c.exits[i], s.Exit)
		c.completed = append(c.completed, s.To-s.From)
	}
	if s.From < end && s.To >= end {
		c.running = append(c.running, end-s.From)
	}
}

func count(into *Causes, cause store.Cause) {
	if *into == nil {
		*into = Causes{}
	}
	(*into)[cause]++
}

// step finds the step of an instant, -1 outside of all.
func (c *counter) step(t calendar.Instant) int {
	if t < c.marks[0] || t >= c.marks[len(c.marks)-1] {
		return -1
	}
	if i := c.last; c.marks[i] > t || c.marks[i+1] <= t {
		c.last = sort.Search(len(c.marks), func(i int) bool { return c.marks[i] > t }) - 1
	}
	return c.last
}

func (c *counter) course() *Course {
	made := &Course{Before: c.before, Completed: lengths(c.completed), Running: lengths(c.running)}
	size := c.before
	for i := range c.entries {
		size += c.entries[i].Total() - c.exits[i].Total()
		made.Steps = append(made.Steps, Step{c.marks[i], c.marks[i+1], c.entries[i], c.exits[i], size})
	}
	return made
}

// lengths sums lengths up. They come in any order and are put in another.
func lengths(all []int64) Lengths {
	if len(all) == 0 {
		return Lengths{}
	}
	sum, rest, n := int64(0), int64(0), int64(len(all))
	for _, l := range all { // the sum itself could be too large
		sum += l / n
		rest += l % n
	}
	return Lengths{len(all), sum + rest/n, nth(all, (len(all)-1)/2)}
}

// nth gives the value that would stand at a place if all were in order. It puts them in another order.
func nth(all []int64, place int) int64 {
	for len(all) > 64 {
		pivot := middle(all[0], all[len(all)/2], all[len(all)-1])
		less, greater := part(all, pivot)
		switch {
		case place < less:
			all = all[:less]
		case place >= greater:
			all, place = all[greater:], place-greater
		default:
			return pivot
		}
	}
	slices.Sort(all)
	return all[place]
}

// part puts those that are less than the pivot first, and those that are greater last.
func part(all []int64, pivot int64) (less, greater int) {
	greater = len(all)
	for i := 0; i < greater; {
		switch v := all[i]; {
		case v < pivot:
			all[i], all[less] = all[less], v
			less++
			i++
		case v > pivot:
			greater--
			all[i], all[greater] = all[greater], v
		default:
			i++
		}
	}
	return less, greater
}

func middle(a, b, c int64) int64 {
	return max(min(a, b), min(max(a, b), c))
}
