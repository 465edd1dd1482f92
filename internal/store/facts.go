package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/store/lite"
)

// facts calls fn for each row of a table of facts: first for the customers who
// were never merged, in order of id, then for each of the others with all that
// was said of those who were merged into it, in the given order.
func facts[T any](ctx context.Context, v *View, t *factTable[T], fn func(*T) error) error {
	err := v.each(ctx, func(q *lite.Stmt) error {
		id := q.Int(0)
		if len(v.families.into) > 0 && (v.families.survivor(id) != id || v.families.absorbed[id] != nil) {
			return nil
		}
		row := t.scan(q)
		return fn(&row)
	}, "SELECT "+t.columns+" FROM "+t.table+" ORDER BY "+t.key)
	for _, id := range slices.Sorted(maps.Keys(v.families.absorbed)) {
		if err != nil {
			return err
		}
		err = factsOf(ctx, v, t, id, fn)
	}
	return err
}

// factsOf calls fn for each fact of one customer.
func factsOf[T any](ctx context.Context, v *View, t *factTable[T], id int64, fn func(*T) error) error {
	var rows []T
	for _, member := range v.families.members(id) {
		err := v.each(ctx, func(q *lite.Stmt) error {
			row := t.scan(q)
			t.keep(&row, id)
			rows = append(rows, row)
			return nil
		}, "SELECT "+t.columns+" FROM "+t.table+" WHERE "+t.owner+" = ?", member)
		if err != nil {
			return err
		}
	}
	slices.SortFunc(rows, t.compare)
	for i := range rows {
		if err := fn(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// factTable says how the rows of a table are read. The first column is the customer.
type factTable[T any] struct {
	table, owner, columns, key string
	scan                       func(*lite.Stmt) T
	keep                       func(row *T, owner int64) // makes a row last, and another customer's
	compare                    func(a, b T) int          // of one customer
}

// Attributes calls fn for each attribute of each customer with its history: in
// order of time and, at equal times, of receipt. A value that held already is left out.
func (v *View) Attributes(ctx context.Context, fn func(*Attribute) error) error {
	table, err := v.attributeTable()
	if err != nil {
		return err
	}
	e := expander{fn: onlyChanges(fn)}
	if err := facts(ctx, v, table, e.add); err != nil {
		return err
	}
	return e.flush()
}

// AttributesOf gives the attributes of a customer with their history, in order of path, time and receipt.
func (v *View) AttributesOf(ctx context.Context, id int64) ([]Attribute, error) {
	table, err := v.attributeTable()
	if err != nil {
		return nil, err
	}
	var list []Attribute
	e := expander{fn: onlyChanges(func(a *Attribute) error {
		kept := *a
		kept.Value = bytes.Clone(a.Value)
		list = append(list, kept)
		return nil
	})}
	err = errors.Join(factsOf(ctx, v, table, v.families.survivor(id), e.add), e.flush())
	slices.SortStableFunc(list, func(a, b Attribute) int { return cmp.Compare(a.Path, b.Path) })
	return list, err
}

// expander replaces the marks of objects that were set as a whole: for each of
// the customer's attributes in the object it says that it was unset. It holds
// the facts of one customer at a time.
type expander struct {
	fn     func(*Attribute) error
	rows   []Attribute
	values []byte
	marked bool
}

func (e *expander) add(a *Attribute) error {
	if len(e.rows) > 0 && e.rows[0].Customer != a.Customer {
		if err := e.flush(); err != nil {
			return err
		}
	}
	from := len(e.values)
	e.values = append(e.values, a.Value...)
	row := *a
	row.Value = e.values[from:len(e.values):len(e.values)]
	e.rows = append(e.rows, row)
	e.marked = e.marked || isReplaceMark(a.Path)
	return nil
}

// flush hands on the facts of the customer.
func (e *expander) flush() error {
	if e.marked {
		e.expand()
	}
	for i := range e.rows {
		if err := e.fn(&e.rows[i]); err != nil {
			return err
		}
	}
	e.rows, e.values, e.marked = e.rows[:0], e.values[:0], false
	return nil
}

func (e *expander) expand() {
	isMark := func(a Attribute) bool { return isReplaceMark(a.Path) }
	marks := slices.DeleteFunc(slices.Clone(e.rows), func(a Attribute) bool { return !isMark(a) })
	rows := slices.DeleteFunc(e.rows, isMark)
	known := rows
	for _, mark := range marks {
		for i, row := range known {
			if !strings.HasPrefix(row.Path, mark.Path) || slices.ContainsFunc(known[:i], row.samePath) || !unsets(mark, row.Path, known) {
				continue
			}
			mark := mark
			mark.Path, mark.Value = row.Path, null
			rows = append(rows, mark)
		}
	}
	place := map[string]int{}
	for i, row := range slices.Backward(rows) {
		place[row.Path] = i // the paths keep their order
	}
	slices.SortStableFunc(rows, func(a, b Attribute) int {
		return cmp.Or(cmp.Compare(place[a.Path], place[b.Path]), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Fact, b.Fact))
	})
	e.rows = rows
}

func (a *Attribute) samePath(other Attribute) bool { return a.Path == other.Path }

// unsets tells whether an object that was set as a whole took the value of an
// attribute away: it had one before, and none was given with the object.
func unsets(mark Attribute, path string, rows []Attribute) bool {
	before := false
	for _, row := range rows {
		switch {
		case row.Path != path:
		case row.Time == mark.Time && row.Fact > mark.Fact:
			return false
		case row.Time < mark.Time || row.Time == mark.Time:
			before = true
		}
	}
	return before
}

// onlyChanges leaves out values that held already. Rows must come by customer, path and time.
func onlyChanges(fn func(*Attribute) error) func(*Attribute) error {
	var last Attribute
	var value []byte
	return func(a *Attribute) error {
		if last.Customer == a.Customer && last.Path == a.Path && bytes.Equal(value, a.Value) {
			return nil
		}
		last, value = *a, append(value[:0], a.Value...)
		return fn(a)
	}
}

var null = []byte("null")

func (v *View) attributeTable() (*factTable[Attribute], error) {
	sources, err := v.names("sources")
	if err != nil {
		return nil, err
	}
	fields, _, err := readFields(v.conn)
	if err != nil {
		return nil, err
	}
	byID := map[int64]*field{}
	for _, f := range fields {
		byID[f.id] = f
	}
	return &factTable[Attribute]{
		table: "attributes", owner: "customer", columns: "customer, field, time, fact, value, source", key: "customer, field, time, fact",
		scan: func(q *lite.Stmt) Attribute {
			f := byID[q.Int(1)]
			a := Attribute{
				Customer: q.Int(0), Kind: Kind(f.base), Path: f.path, Time: q.Int(2), Fact: q.Int(3), Value: q.Bytes(4), Source: sources[q.Int(5)],
			}
			if a.Value == nil {
				a.Value = null
			}
			return a
		},
		keep: func(a *Attribute, owner int64) { a.Customer, a.Value = owner, bytes.Clone(a.Value) },
		compare: func(a, b Attribute) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Fact, b.Fact))
		},
	}, nil
}

// Joins calls fn for each person's joins, in order of time and, at equal times, of receipt.
func (v *View) Joins(ctx context.Context, fn func(Join) error) error {
	sources, err := v.names("sources")
	if err != nil {
		return err
	}
	table := &factTable[Join]{
		table: "joins", owner: "person", columns: "person, company, role, time, fact, source", key: "person, time, fact",
		scan: func(q *lite.Stmt) Join {
			return Join{Person: q.Int(0), Company: q.Int(1), Role: q.Text(2), Time: q.Int(3), Fact: q.Int(4), Source: sources[q.Int(5)]}
		},
		keep:    func(j *Join, owner int64) { j.Person = owner },
		compare: func(a, b Join) int { return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Fact, b.Fact)) },
	}
	return facts(ctx, v, table, func(j *Join) error { return fn(*j) })
}

// Consents calls fn for each person's decisions, in order of channel and purpose
// as they were first seen, then of time and, at equal times, of receipt.
func (v *View) Consents(ctx context.Context, fn func(Consent) error) error {
	sources, err := v.names("sources")
	if err != nil {
		return err
	}
	topics := []topic{{}}
	q := v.conn.Query("SELECT channel, purpose FROM topics ORDER BY id")
	for q.Next() {
		topics = append(topics, topic{q.Text(0), q.Text(1)})
	}
	if err := q.Close(); err != nil {
		return err
	}
	type row struct {
		Consent
		topic int64
	}
	table := &factTable[row]{
		table: "consents", owner: "customer", columns: "customer, topic, time, fact, granted, source", key: "customer, topic, time, fact",
		scan: func(q *lite.Stmt) row {
			t := topics[q.Int(1)]
			return row{Consent{q.Int(0), t.channel, t.purpose, q.Int(4) == 1, q.Int(2), q.Int(3), sources[q.Int(5)]}, q.Int(1)}
		},
		keep: func(r *row, owner int64) { r.Customer = owner },
		compare: func(a, b row) int {
			return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Fact, b.Fact))
		},
	}
	return facts(ctx, v, table, func(r *row) error { return fn(r.Consent) })
}
