package postgres

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// chunk is how many bytes of lines are sent at once while loading.
const chunk = 4 << 20

// person is what was said of a customer, by column: nothing, or a text or null in COPY's form.
type person [15]string

// null is how COPY writes it.
const null = `\N`

// take turns a record into a line of its table, or into a change of the person.
func (d *DB) take(r *record.Record, id int32, p *person) error {
	switch r.Kind {
	case record.Consent:
		if i := slices.Index(consentColumns, consents[[2]string{r.Channel, r.Purpose}]); i >= 0 {
			p[len(attributes)+i] = strconv.FormatBool(r.Granted)
		}
		return nil
	case record.Identify:
		return d.change(r, p)
	case record.Track:
		return d.event(r, id)
	}
	return fmt.Errorf("a record of kind %d has no place in PostgreSQL", r.Kind)
}

func (d *DB) change(r *record.Record, p *person) error {
	v, err := d.parser.ParseBytes(r.Fields)
	if err != nil {
		return err
	}
	for i, a := range attributes {
		if v.Exists(a.path...) {
			p[i] = string(a.append(nil, v))
		}
	}
	return nil
}

func (d *DB) event(r *record.Record, id int32) error {
	t, known := tables[r.Event]
	if !known {
		return fmt.Errorf("events %s have no table in PostgreSQL", r.Event)
	}
	v, err := d.parser.ParseBytes(r.Fields)
	if err != nil {
		return err
	}
	d.seq++
	b := strconv.AppendInt(d.lines[r.Event], d.seq, 10)
	b = strconv.AppendInt(append(b, '\t'), int64(id), 10)
	b = append(append(b, '\t'), calendar.Format(r.Time)...)
	for _, c := range t.columns {
		b = c.append(append(b, '\t'), v)
	}
	d.lines[r.Event] = append(b, '\n')
	return d.sendFull(r.Event)
}

// append adds the value of a column, or null.
func (c *column) append(b []byte, object *fastjson.Value) []byte {
	v := object.Get(c.path...)
	switch {
	case v == nil || v.Type() == fastjson.TypeNull:
		return append(b, null...)
	case v.Type() == fastjson.TypeString:
		return escape(b, string(v.GetStringBytes()))
	case c.money:
		whole, part, _ := strings.Cut(string(v.MarshalTo(nil)), ".")
		return append(append(b, whole...), (part + "00")[:2]...)
	}
	return v.MarshalTo(b)
}

// line is the person as a row of customers.
func (p *person) line(id int32) []byte {
	b := strconv.AppendInt(nil, int64(id), 10)
	for _, value := range p {
		if value == "" {
			value = null
		}
		b = append(append(b, '\t'), value...)
	}
	return append(b, '\n')
}

func (d *DB) add(table string, line []byte) { d.lines[table] = append(d.lines[table], line...) }

// sendFull sends the lines of a table when there are many.
func (d *DB) sendFull(table string) error {
	if len(d.lines[table]) < chunk {
		return nil
	}
	return d.sendLines(table)
}

func (d *DB) sendLines(table string) error {
	err := d.conn.copy(table, d.lines[table])
	d.lines[table] = d.lines[table][:0]
	return err
}

// flush sends all lines, the customers' first.
func (d *DB) flush() error {
	for _, table := range slices.Sorted(maps.Keys(d.lines)) {
		if len(d.lines[table]) > 0 {
			if err := d.sendLines(table); err != nil {
				return err
			}
		}
	}
	return nil
}

// updates are the statements for changes of attributes and consents, in one text.
func updates(changed map[int32]*person) []string {
	columns := slices.Clone(consentColumns)
	for i := range attributes {
		columns = slices.Insert(columns, i, attributes[i].name)
	}
	var all strings.Builder
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		var sets []string
		for i, value := range changed[id] {
			switch value {
			case "":
			case null:
				sets = append(sets, columns[i]+" = NULL")
			default:
				sets = append(sets, columns[i]+" = "+literal(value))
			}
		}
		if len(sets) > 0 {
			fmt.Fprintf(&all, "UPDATE customers SET %s WHERE id = %d;", strings.Join(sets, ", "), id)
		}
	}
	if all.Len() == 0 {
		return nil
	}
	return []string{all.String()}
}

// literal writes a text in SQL.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
