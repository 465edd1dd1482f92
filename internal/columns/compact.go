package columns

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Compact takes the tails of a block into its base tables. It cannot be undone:
// the edits must have been kept.
func (e *Editor) Compact(b *Block) {
	rows := b.Rows()
	b.Attrs = grown(b.Attrs, len(e.schema.Attrs.List))
	for _, a := range b.Attrs {
		a.compact(rows)
	}
	b.Joins.compact(rows)
	b.Roles.compact(rows)
	b.Events = grown(b.Events, len(e.schema.Events))
	for id, t := range b.Events {
		if t != nil {
			b.Events[id] = t.compact(rows)
			b.Events[id].Cols = grown(b.Events[id].Cols, len(e.schema.Events[id].Fields.List))
		}
	}
	b.Consents = grown(b.Consents, len(e.schema.Consents))
	for id, t := range b.Consents {
		if t != nil {
			b.Consents[id] = t.compact(rows)
		}
	}
	b.Stays = grown(b.Stays, len(e.schema.Segments))
	for id, t := range b.Stays {
		if t != nil {
			b.Stays[id] = t.compact(rows)
		}
	}
	b.changed, b.edits = nil, 0
	for row := range b.IDs {
		if b.Gone(row) {
			b.IDs[row], b.Names[row] = 0, ""
		}
	}
}

// CompactCompanies does the same for the companies.
func (e *Editor) CompactCompanies(c *Companies) {
	c.Attrs = grown(c.Attrs, len(e.schema.Company.List))
	for _, a := range c.Attrs {
		a.compact(len(c.IDs))
	}
	c.edits = Block{}
}

func (t *EventTable) compact(rows int) *EventTable {
	made := &EventTable{Off: make([]uint32, 1, rows+1), Latest: calendar.Unset}
	n := len(t.Times)
	made.Times, made.Seqs = make([]calendar.Instant, 0, n+n/16), make([]uint32, 0, n+n/16)
	take := func(from *EventTable, lo, hi int) {
		if lo == hi {
			return
		}
		made.appendRows(&from.Table, lo, hi)
		made.Times = append(made.Times, from.Times[lo:hi]...)
		if from.Seqs != nil {
			made.Seqs = append(made.Seqs, from.Seqs[lo:hi]...)
		}
	}
	begin, end := 0, 0 // a stretch of the base that is taken as a whole
	for row := range rows {
		from, i := t.Of(row)
		lo, hi := int(from.Off[i]), int(from.Off[i+1])
		if from == t {
			if lo != end {
				take(t, begin, end)
				begin = lo
			}
			end = hi
		} else {
			take(t, begin, end)
			begin = end
			take(from, lo, hi)
		}
		made.Off = append(made.Off, made.Off[row]+uint32(hi-lo))
	}
	take(t, begin, end)
	for _, at := range made.Times {
		made.Latest = max(made.Latest, at)
	}
	return made
}

func (a *Attr) compact(rows int) {
	if a == nil {
		return
	}
	a.extend()
	latest, past, hist := a.Latest.empty(), a.Latest.empty(), []uint32{0}
	var times []calendar.Instant
	for row := range rows {
		from, i := a, row
		if row < len(a.tails) && a.tails[row] != nil {
			from, i = a.tails[row], 0
		}
		if i < from.Latest.rows() {
			latest.appendRows(from.Latest, i, i+1)
		} else {
			latest.pad(row + 1)
		}
		if i+1 < len(from.HistOff) && from.HistOff[i] < from.HistOff[i+1] {
			lo, hi := int(from.HistOff[i]), int(from.HistOff[i+1])
			past.appendRows(from.Past, lo, hi)
			times = append(times, from.Times[lo:hi]...)
		}
		hist = append(hist, offset(len(times)))
	}
	*a = Attr{Latest: latest, none: a.none}
	if len(times) > 0 {
		a.HistOff, a.Times, a.Past, a.Newest = hist, times, past, slices.Max(times)
	}
}

func (t *ConsentTable) compact(rows int) *ConsentTable {
	made := &ConsentTable{Off: make([]uint32, 1, rows+1)}
	for row := range rows {
		from, i := t.Of(row)
		lo, hi := from.Off[i], from.Off[i+1]
		made.Times, made.Granted = append(made.Times, from.Times[lo:hi]...), append(made.Granted, from.Granted[lo:hi]...)
		made.Off = append(made.Off, offset(len(made.Times)))
	}
	return made
}

func (t *StayTable) compact(rows int) *StayTable {
	made := NewStays(rows, 1)
	made.entries[0] = &eventBuilder{}
	for row := range rows {
		from, i := t.Of(row)
		for s := from.Off[i]; s < from.Off[i+1]; s++ {
			made.Add(row, 0, from.From[s], from.To[s])
		}
	}
	return made.Finish()[0]
}
