package eval

import (
	"strconv"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// Trace explains the verdict of a condition and of its parts.
type Trace struct {
	Condition string           // in canonical form
	In        bool             // the verdict
	Decides   bool             // whether the verdict of the whole rests on this part
	Since     calendar.Instant // when the verdict became this; Unset if it has been since before anything is known
	Expires   calendar.Instant // not later than the next flip by time alone
	Values    []ValueTrace     // what the condition compares, literals left out
	Events    []EventTrace     // the latest events that count, at most maxEvents of each filter
	Objects   [][]Property     // of any, every and no: the objects that show why, at most maxEvents
	People    []string         // of aggregates over the people of a company: some who count, at most maxEvents
	Parts     []Trace          // of and, or, not
	Node      rule.Node
}

// ValueTrace is a value that a condition looked at.
type ValueTrace struct {
	Expression string // in canonical form
	Value      string // as a rule would write it, or "unknown"
}

// EventTrace is an event that a condition counted.
type EventTrace struct {
	Type       string
	Time       calendar.Instant
	Properties []Property
}

// Property is a known property of an event or an object.
type Property struct{ Path, Value string }

// maxEvents bounds how many events of one filter an explanation shows.
const maxEvents = 5

// Explain evaluates the rule with its trace.
func (m *Machine) Explain(block *columns.Block, row int, now calendar.Instant) Trace {
	verdict := m.Verdict(block, row, now)
	trace := m.trace(m.program.source)
	trace.Expires = verdict.Expires
	decide(&trace)
	return trace
}

func (m *Machine) trace(n rule.Node) Trace {
	c := m.program.parts.conds[n]
	in, expires := m.until(c)
	t := Trace{Condition: rule.PrintLine(n), Node: n, In: in, Expires: expires, Since: m.since(c)}
	switch n := n.(type) {
	case *rule.And:
		t.Parts = m.traces(n.Parts)
	case *rule.Or:
		t.Parts = m.traces(n.Parts)
	case *rule.Not:
		t.Parts = m.traces([]rule.Node{n.Part})
	default:
		m.evidence(&t, n)
	}
	return t
}

func (m *Machine) traces(nodes []rule.Node) []Trace {
	all := make([]Trace, len(nodes))
	for i, n := range nodes {
		all[i] = m.trace(n)
	}
	return all
}

// decide marks the parts on which the verdict rests: all parts of a true `and`
// and a false `or`, else those that agree with the verdict.
func decide(t *Trace) {
	t.Decides = true
	_, negation := t.Node.(*rule.Not)
	for i := range t.Parts {
		if negation || t.Parts[i].In == t.In {
			decide(&t.Parts[i])
		}
	}
}

// How far before the first known instant the search for the last flip begins,
// and how many instants it looks at: dates such as a birthday can lie before the
// first event, and a search without bound could follow a yearly return for ages.
const (
	sinceYears = 10
	sinceSteps = 20_000
)

// since finds the instant at which a condition took the verdict that it has at
// m.now, by following its expiries up to now. Ranks of the past are not kept.
func (m *Machine) since(c cond) calendar.Instant {
	now, began := m.now, calendar.Unset
	if m.program.NeedsRanks() {
		return began
	}
	m.now = m.zone.Sub(min(m.earliest(), now), calendar.Duration{N: sinceYears, Unit: calendar.Year})
	was, next := m.until(c)
	for step := 0; next <= now && step < sinceSteps; step++ {
		m.now = next
		var is bool
		if is, next = m.until(c); is != was {
			was, began = is, m.now
		}
	}
	m.now = now
	return began
}

// earliest gives the first instant that is known of the customer.
func (m *Machine) earliest() calendar.Instant {
	first := m.now
	for _, t := range m.block.Events {
		if t == nil {
			continue
		}
		if t, row := t.Of(m.row); t.Off[row] < t.Off[row+1] {
			first = min(first, t.Times[t.Off[row]])
		}
	}
	return first
}

// evidence collects the values and events of a leaf.
func (m *Machine) evidence(t *Trace, n rule.Node) {
	for _, v := range rule.Values(n) {
		if _, literal := v.(*rule.Literal); !literal {
			t.Values = append(t.Values, ValueTrace{rule.PrintValue(v), m.show(v)})
		}
	}
	if s, ok := n.(*rule.Sequence); ok {
		m.sequenceEvents(t, m.program.parts.conds[s].(*sequence))
		return
	}
	if q, ok := m.program.parts.conds[n].(*quantified); ok {
		m.objects(t, n.(*rule.Quantified).List, q)
		return
	}
	if c, ok := n.(*rule.Crossed); ok {
		t.Events = m.crossings(c, m.program.parts.conds[c])
	}
	for _, v := range rule.Values(n) {
		a, ok := v.(*rule.Aggregate)
		switch {
		case ok && a.IsPeople():
			t.People = append(t.People, m.program.parts.values[v].(*people).names(m, maxEvents)...)
		case ok:
			t.Events = append(t.Events, m.counted(a)...)
		}
	}
}

// objects shows what a list holds, and the objects that satisfy its condition; of
// every, those that do not.
func (m *Machine) objects(t *Trace, list *rule.Path, q *quantified) {
	t.Values = append(t.Values, ValueTrace{rule.PrintValue(list), m.showLocated(q.list)})
	table, from, to := q.objects(m)
	for i := from; i < to && len(t.Objects) < maxEvents; i++ {
		outer := m.enter(table, i)
		in := q.rule.holds(m)
		m.leave(outer)
		if in != (q.quantifier == rule.Every) {
			t.Objects = append(t.Objects, properties(table, q.members, i, m.zone))
		}
	}
}

// counted gives the events that an aggregate rests on: the one that first and
// last name, else the latest that it counts.
func (m *Machine) counted(a *rule.Aggregate) []EventTrace {
	f := m.program.parts.filters[a.Filter]
	most := maxEvents
	if a.Func == rule.Last {
		most = 1
	}
	var found []EventTrace
	r := f.run(m)
	for i := r.to - 1; i >= r.from && len(found) < most; i-- {
		if !f.keeps(m, &r, i) {
			continue
		}
		if a.Func == rule.First {
			found = nil // the earliest comes last
		}
		found = append(found, ShowEvent(m.program.schema, f.event, r.t, i))
	}
	return found
}

// crossings gives the last entries or exits that count.
func (m *Machine) crossings(n *rule.Crossed, made cond) []EventTrace {
	if of, is := made.(*ofCompany); is {
		back, belongs := of.turn(m)
		defer back()
		if made = of.cond; !belongs {
			return nil
		}
	}
	c, ok := made.(*crossed)
	if !ok {
		return nil // nothing is known of the segment
	}
	verb := "entered "
	if n.Left {
		verb = "left "
	}
	var found []EventTrace
	r := c.run(m)
	for i := r.to - 1; i >= r.from && len(found) < maxEvents; i-- {
		if c.keeps(m, &r, i) {
			found = append(found, EventTrace{Type: verb + n.Segment.Text, Time: r.t.Times[i]})
		}
	}
	return found
}

// sequenceEvents shows the first event that fits and what followed it.
func (m *Machine) sequenceEvents(t *Trace, s *sequence) {
	a, b := s.first.run(m), s.second.run(m)
	for i := a.to - 1; i >= a.from; i-- {
		if !s.first.keeps(m, &a, i) {
			continue
		}
		start, end := a.t.Times[i], m.zone.Add(a.t.Times[i], s.within)
		followed := s.follows(m, &b, start, end)
		if t.In && (followed == s.no || s.no && m.now < end) {
			continue // not the one that makes it true
		}
		t.Events = append(t.Events, ShowEvent(m.program.schema, s.first.event, a.t, i))
		for j := b.from; followed && j < b.to; j++ {
			if at := b.t.Times[j]; at > start && at <= end && s.second.keeps(m, &b, j) {
				t.Events = append(t.Events, ShowEvent(m.program.schema, s.second.event, b.t, j))
				break
			}
		}
		return
	}
}

// ShowEvent shows row i of the events of a type, with the properties that are known.
func ShowEvent(s *columns.Schema, id int, t *columns.EventTable, i int) EventTrace {
	return EventTrace{Type: s.Events[id].Name, Time: t.Times[i], Properties: properties(&t.Table, s.Events[id].Fields, i, s.Zone)}
}

// properties shows what is known of row i of a table.
func properties(t *columns.Table, fields *columns.Fields, i int, z *calendar.Zone) []Property {
	var known []Property
	for p, field := range fields.List {
		if c := t.Col(p); c != nil && c.IsKnown(i) {
			known = append(known, Property{field.Path, Show(c, i, z)})
		}
	}
	return known
}

// show writes what a value is for the customer at m.now.
func (m *Machine) show(v rule.Value) string {
	switch made := m.program.parts.values[v].(type) {
	case located:
		return m.showLocated(made.locator)
	case locator: // asked first, since some are scalars of their event, too
		return m.showLocated(made)
	case scalar:
		if s := made.scalar(m); s != unset {
			return m.showScalar(v, s)
		}
	}
	return "unknown"
}

func (m *Machine) showLocated(l locator) string {
	if c, i := l.locate(m); c != nil && c.IsKnown(i) {
		return Show(c, i, m.zone)
	}
	return "unknown"
}

// showScalar writes a computed value: the time of an event, a number, or a date
// or time that is the least or greatest of a property.
func (m *Machine) showScalar(v rule.Value, s int64) string {
	a, ok := v.(*rule.Aggregate)
	if !ok {
		return number.Number(s).String()
	}
	c := compiler{schema: m.program.schema}
	return showMoment(c.aggregateKind(a), s, m.zone)
}

func showMoment(k catalog.Kind, s int64, z *calendar.Zone) string {
	switch k {
	case catalog.Time:
		return calendar.Format(s)
	case catalog.Date:
		c := z.Civil(s)
		return calendar.Date{Civil: calendar.Civil{Year: c.Year, Month: c.Month, Day: c.Day}}.String()
	}
	return number.Number(s).String()
}

// Show writes a known value of a column: texts quoted, dates as days in the
// zone, times in UTC, of a list of objects only how many there are.
func Show(c *columns.Column, i int, z *calendar.Zone) string {
	switch c.Kind {
	case catalog.Text:
		text, _ := c.Text(i)
		return quoted(text)
	case catalog.Boolean:
		return strconv.FormatBool(c.Bools[i] == columns.True)
	case catalog.TextList:
		text := "["
		for j := c.Off[i]; j < c.Off[i+1]; j++ {
			if j > c.Off[i] {
				text += ", "
			}
			text += quoted(c.Dict.Text(c.Codes[j]))
		}
		return text + "]"
	case catalog.ObjectList:
		if n := c.Off[i+1] - c.Off[i]; n != 1 {
			return "[" + strconv.Itoa(int(n)) + " objects]"
		}
		return "[1 object]"
	}
	return showMoment(c.Kind, c.Nums[i], z)
}

// quoted writes a text as rules write it.
func quoted(text string) string {
	return rule.PrintValue(&rule.Literal{Kind: rule.TextLiteral, Text: text})
}
