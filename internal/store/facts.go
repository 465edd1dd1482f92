package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
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

// expander says for each attribute of a customer when it was unset because an
// object around it was set as a whole (see replaceMark) or gave way to another
// value. It holds the facts of one customer at a time, by path and time.
type expander struct {
	fn     func(*Attribute) error
	rows   []Attribute
	values []byte
	nested bool

	// Used again for each customer:
	paths     []string
	histories map[string][]Attribute
	covers    []Attribute
	expanded  []Attribute
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
	e.nested = e.nested || strings.Contains(a.Path, ".")
	return nil
}

// flush hands on the facts of the customer.
func (e *expander) flush() error {
	rows := e.rows
	if e.nested {
		rows = e.expand()
	}
	for i := range rows {
		if err := e.fn(&rows[i]); err != nil {
			return err
		}
	}
	e.rows, e.values, e.nested = e.rows[:0], e.values[:0], false
	return nil
}

func (e *expander) expand() []Attribute {
	if e.histories == nil {
		e.histories = map[string][]Attribute{}
	}
	clear(e.histories)
	e.paths, e.expanded = e.paths[:0], e.expanded[:0]
	for from, to := 0, 0; from < len(e.rows); from = to {
		path := e.rows[from].Path
		for to = from; to < len(e.rows) && e.rows[to].Path == path; to++ {
			continue
		}
		e.histories[path] = e.rows[from:to]
		e.paths = append(e.paths, path)
	}
	for _, path := range e.paths {
		if !isReplaceMark(path) {
			e.expandPath(path)
		}
	}
	return e.expanded
}

// expandPath adds to the history of a path that it was unset at the times of
// what covers it, unless it was set at that time.
func (e *expander) expandPath(path string) {
	history := e.histories[path]
	e.covers = append(e.covers[:0], e.histories[path+replaceMark]...)
	for i := range len(path) {
		if path[i] == '.' {
			e.covers = append(append(e.covers, e.histories[path[:i]]...), e.histories[path[:i+1]]...)
		}
	}
	from := len(e.expanded)
	e.expanded = append(e.expanded, history...)
	for _, cover := range e.covers {
		if _, set := slices.BinarySearchFunc(history, cover.Time, func(a Attribute, t calendar.Instant) int { return cmp.Compare(a.Time, t) }); !set {
			cover.Path, cover.Value = path, null
			e.expanded = append(e.expanded, cover)
		}
	}
	if len(e.expanded)-from > len(history) {
		slices.SortStableFunc(e.expanded[from:], func(a, b Attribute) int { return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Fact, b.Fact)) })
	}
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
	if v.attributes != nil {
		return v.attributes, nil
	}
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
	v.attributes = &factTable[Attribute]{
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
	}
	return v.attributes, nil
}

// Joins calls fn for each person's joins, in order of time and, at equal times, of receipt.
func (v *View) Joins(ctx context.Context, fn func(Join) error) error {
	table, err := v.joinTable()
	if err != nil {
		return err
	}
	return facts(ctx, v, table, func(j *Join) error { return fn(*j) })
}

// JoinsOf gives the joins of a person, in order of time and, at equal times, of receipt.
func (v *View) JoinsOf(ctx context.Context, id int64) (list []Join, err error) {
	table, err := v.joinTable()
	if err != nil {
		return nil, err
	}
	err = factsOf(ctx, v, table, v.families.survivor(id), func(j *Join) error {
		list = append(list, *j)
		return nil
	})
	return list, err
}

func (v *View) joinTable() (*factTable[Join], error) {
	sources, err := v.names("sources")
	return &factTable[Join]{
		table: "joins", owner: "person", columns: "person, company, role, time, fact, source", key: "person, time, fact",
		scan: func(q *lite.Stmt) Join {
			return Join{Person: q.Int(0), Company: q.Int(1), Role: q.Text(2), Time: q.Int(3), Fact: q.Int(4), Source: sources[q.Int(5)]}
		},
		keep:    func(j *Join, owner int64) { j.Person = owner },
		compare: func(a, b Join) int { return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Fact, b.Fact)) },
	}, err
}

// consentRow is a decision with the number of its topic.
type consentRow struct {
	Consent
	topic int64
}

// Consents calls fn for each person's decisions, in order of channel and purpose
// as they were first seen, then of time and, at equal times, of receipt.
func (v *View) Consents(ctx context.Context, fn func(Consent) error) error {
	table, err := v.consentTable()
	if err != nil {
		return err
	}
	return facts(ctx, v, table, func(r *consentRow) error { return fn(r.Consent) })
}

// ConsentsOf gives the decisions of a person in the same order.
func (v *View) ConsentsOf(ctx context.Context, id int64) (list []Consent, err error) {
	table, err := v.consentTable()
	if err != nil {
		return nil, err
	}
	err = factsOf(ctx, v, table, v.families.survivor(id), func(r *consentRow) error {
		list = append(list, r.Consent)
		return nil
	})
	return list, err
}

func (v *View) consentTable() (*factTable[consentRow], error) {
	sources, err := v.names("sources")
	if err != nil {
		return nil, err
	}
	topics := []topic{{}}
	q := v.conn.Query("SELECT channel, purpose FROM topics ORDER BY id")
	for q.Next() {
		topics = append(topics, topic{q.Text(0), q.Text(1)})
	}
	return &factTable[consentRow]{
		table: "consents", owner: "customer", columns: "customer, topic, time, fact, granted, source", key: "customer, topic, time, fact",
		scan: func(q *lite.Stmt) consentRow {
			t := topics[q.Int(1)]
			return consentRow{Consent{q.Int(0), t.channel, t.purpose, q.Int(4) == 1, q.Int(2), q.Int(3), sources[q.Int(5)]}, q.Int(1)}
		},
		keep: func(r *consentRow, owner int64) { r.Customer = owner },
		compare: func(a, b consentRow) int {
			return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Fact, b.Fact))
		},
	}, q.Close()
}
