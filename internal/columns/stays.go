package columns

import "github.com/kohorte/kohorte/internal/calendar"

// Stays collects the stays of a block's customers in segments.
type Stays struct {
	rows    int
	entries []*eventBuilder
	ends    [][]calendar.Instant
}

// NewStays begins the stays of so many customers in so many segments.
func NewStays(rows, segments int) *Stays {
	return &Stays{rows: rows, entries: make([]*eventBuilder, segments), ends: make([][]calendar.Instant, segments)}
}

// Add adds a stay of a customer in a segment, by its id: from, and to or calendar.Never.
func (s *Stays) Add(row, segment int, from, to calendar.Instant) {
	s.entries[segment] = s.entries[segment].add(row, from)
	s.ends[segment] = append(s.ends[segment], to)
}

// Finish makes a table for each segment; nil where nobody ever stayed.
func (s *Stays) Finish() []*StayTable {
	tables := make([]*StayTable, len(s.entries))
	for i, e := range s.entries {
		if t, order := e.finish(s.rows); t != nil {
			tables[i] = newStayTable(t, pick(s.ends[i], order))
		}
	}
	return tables
}

// newStayTable derives the entries and exits of stays.
func newStayTable(entries *EventTable, ends []calendar.Instant) *StayTable {
	s := &StayTable{Off: entries.Off, From: entries.Times, To: ends, Entry: entries}
	exits := &eventBuilder{}
	for r := range len(entries.Off) - 1 {
		for i := entries.Off[r]; i < entries.Off[r+1]; i++ {
			if ends[i] != calendar.Never {
				exits.add(r, ends[i])
			}
		}
	}
	s.Exit, _ = exits.finish(len(entries.Off) - 1)
	return s
}
