package intake

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/once"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
	"github.com/kohorte/kohorte/internal/record"
)

// converter makes records of rows.
type converter struct {
	*plan
	*output
	keys   once.Keys
	types  map[string]string // of events, by the names that were given
	sorted []int             // the columns in the order of their names
	cells  []table.Cell
	text   []byte // the content of a row
	made   []record.Record
}

// table reads a file of customers, companies, orders, events or consents.
func (o *output) table(m *mapping.Mapping) error {
	if err := o.in.look(o.ctx, false, o.opt.Progress); err != nil {
		return err
	}
	p, err := newPlan(m, o.in.survey, o.opt)
	if err != nil {
		return fmt.Errorf("the mapping does not fit %s:\n%w", o.in.Name, err)
	}
	c := &converter{plan: p, output: o, types: map[string]string{}}
	for i := range p.columns {
		c.sorted = append(c.sorted, i)
	}
	slices.SortFunc(c.sorted, func(a, b int) int { return cmp.Compare(p.columns[a], p.columns[b]) })
	if m.Kind == mapping.Orders && p.roles[mapping.Order] != nil {
		return c.groupOrders()
	}
	if err := o.begin(true); err != nil {
		return err
	}
	return c.eachRow()
}

// eachRow reads all rows and takes those in that are neither faulty nor passed over.
func (c *converter) eachRow() error {
	for {
		row, err := c.rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", c.in.Name, err)
		}
		c.summary.Read++
		if err := c.tick(c.summary.Read); err != nil {
			return err
		}
		switch {
		case row.Fault != "":
			err = c.reject(row, row.Fault)
		case anyFits(c.skip, row.Cells):
			c.summary.Skipped++
		default:
			err = c.single(row)
		}
		if err != nil {
			return err
		}
	}
}

// single makes the records of a row that stands for itself.
func (c *converter) single(row *table.Row) error {
	text, names := len(c.output.text), len(c.names)
	c.made = c.made[:0]
	cells, err := c.complete(row.Cells)
	if err == nil {
		err = c.convert(cells, row.Line)
	}
	if err != nil {
		c.output.text, c.names = c.output.text[:text], c.names[:names]
		return c.reject(row, err.Error())
	}
	c.keep(row)
	return c.emit(len(c.ends)-1, c.made...)
}

// complete adds the hash of the row, and the cells that are looked up in other files.
func (c *converter) complete(cells []table.Cell) ([]table.Cell, error) {
	c.cells = append(c.cells[:0], cells...)
	if c.hashed {
		sum := sha256.Sum256(c.content(c.cells))
		c.cells = append(c.cells, table.Cell{Text: hex.AppendEncode(nil, sum[:8])})
	}
	for _, l := range c.lookups {
		var err error
		if c.cells, err = l.add(c.cells); err != nil {
			return nil, err
		}
	}
	return c.cells, nil
}

// convert appends what a row becomes to made.
func (c *converter) convert(cells []table.Cell, line int) error {
	r := record.Record{Source: c.source, Row: line}
	var err error
	if r.Time, r.HasTime, err = c.time(cells); err != nil {
		return err
	}
	if c.Kind != mapping.Companies {
		if r.Customer = c.identities(c.customer, cells); r.Customer == nil {
			return fmt.Errorf("no customer: %s is empty", titles(c.customer))
		}
	}
	switch c.Kind {
	case mapping.Customers:
		return c.person(cells, r)
	case mapping.Companies:
		return c.firm(cells, r)
	case mapping.Events:
		return c.happening(cells, r)
	case mapping.Consents:
		return c.consent(cells, r)
	}
	return c.lone(cells, r)
}

// person makes the record of a customer's attributes.
func (c *converter) person(cells []table.Cell, r record.Record) (err error) {
	r.Kind = record.Identify
	if r.Fields, err = c.object(&c.fields, cells); err != nil {
		return err
	}
	c.made = append(c.made, r)
	return c.membership(cells, r)
}

// membership makes the record that a customer belongs to a company, if the row says so.
func (c *converter) membership(cells []table.Cell, r record.Record) (err error) {
	companies := c.identities(c.company, cells)
	if companies == nil {
		return nil
	}
	g := record.Record{
		Kind: record.Group, Customer: r.Customer, Company: companies[0], Time: r.Time, HasTime: r.HasTime, Source: r.Source, Row: r.Row,
		Role: string(c.firstOf(mapping.CompanyRole, cells)),
	}
	if g.Fields, err = c.object(&c.companyFields, cells); err != nil {
		return err
	}
	c.made = append(c.made, g)
	return nil
}

// firm makes the record of a company's attributes.
func (c *converter) firm(cells []table.Cell, r record.Record) (err error) {
	companies := c.identities(c.company, cells)
	if companies == nil {
		return fmt.Errorf("no company: %s is empty", titles(c.company))
	}
	r.Kind, r.Company = record.Group, companies[0]
	if r.Fields, err = c.object(&c.fields, cells); err != nil {
		return err
	}
	c.made = append(c.made, r)
	return nil
}

// happening makes the record of an event.
func (c *converter) happening(cells []table.Cell, r record.Record) (err error) {
	if err := c.needsTime(r.HasTime); err != nil {
		return err
	}
	r.Kind, r.EventGiven = record.Track, c.Event
	if c.roles[mapping.Event] != nil {
		if given := c.firstOf(mapping.Event, cells); len(given) > 0 {
			r.EventGiven = string(given)
		}
	}
	if r.Event = c.eventType(r.EventGiven); r.Event == "" {
		return fmt.Errorf("no event: %s is empty", titles(c.roles[mapping.Event]))
	}
	if r.Fields, err = c.object(&c.fields, cells); err != nil {
		return err
	}
	r.Key = c.key(cells, r.Event)
	c.made = append(c.made, r)
	return c.membership(cells, r)
}

func (c *converter) needsTime(has bool) error {
	if !has {
		return fmt.Errorf("no time: %s is empty", titles(c.roles[mapping.Time]))
	}
	return nil
}

// eventType gives the type of an event by its name.
func (c *converter) eventType(given string) string {
	const most = 100_000
	if t, ok := c.types[given]; ok {
		return t
	}
	t := value.Snake(given)
	if len(c.types) < most {
		c.types[given] = t
	}
	return t
}

// consent makes the record of a decision.
func (c *converter) consent(cells []table.Cell, r record.Record) error {
	r.Kind = record.Consent
	r.Channel, r.Purpose = string(c.firstOf(mapping.Channel, cells)), string(c.firstOf(mapping.Purpose, cells))
	granted := c.firstOf(mapping.Granted, cells)
	var ok bool
	switch r.Granted, ok = value.ParseBoolean(granted); {
	case r.Channel == "":
		return fmt.Errorf("no channel: %s is empty", titles(c.roles[mapping.Channel]))
	case r.Purpose == "":
		return fmt.Errorf("no purpose: %s is empty", titles(c.roles[mapping.Purpose]))
	case !ok:
		return fmt.Errorf("%s: %q means neither yes nor no", titles(c.roles[mapping.Granted]), granted)
	}
	c.made = append(c.made, r)
	return nil
}

// identities reads the identities of a customer or company.
func (c *converter) identities(of []identity, cells []table.Cell) []record.Identity {
	start := len(c.names)
	for _, i := range of {
		if text := i.text(cells); len(text) > 0 {
			c.names = append(c.names, record.Identity{Namespace: i.namespace, Value: normal(i.namespace, string(text))})
		}
	}
	if len(c.names) == start {
		return nil
	}
	return c.names[start:len(c.names):len(c.names)]
}

// normal writes an identity in the one way in which it is compared.
func normal(namespace, text string) string {
	if namespace == "email" {
		return strings.ToLower(text)
	}
	return text
}

// titles lists the names of columns for messages.
func titles[T interface{ title() string }](columns []T) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.title())
	}
	return strings.Join(names, ", ")
}

func (c *column) title() string { return c.name }

// time reads when a row holds, from the first column that says it.
func (c *converter) time(cells []table.Cell) (at calendar.Instant, ok bool, err error) {
	for _, col := range c.roles[mapping.Time] {
		cell := col.cell(cells)
		if len(cell.Text) == 0 || isNull(cell) || !cell.JSON && value.IsMissing(cell.Text) {
			continue
		}
		at, err = c.reader.Time(cell.Text, col.kind)
		return at, err == nil, col.blame(err)
	}
	return 0, false, nil
}

// firstOf gives the text of the first column of a role that says something.
func (c *converter) firstOf(role mapping.Role, cells []table.Cell) []byte {
	for _, col := range c.roles[role] {
		if text := col.text(cells); len(text) > 0 {
			return text
		}
	}
	return nil
}

// object writes fields into the text of the batch.
func (c *converter) object(fields *object, cells []table.Cell) ([]byte, error) {
	o := c.output
	start := len(o.text)
	var err error
	o.text, err = fields.writeObject(o.text, cells, &c.reader)
	return o.text[start:len(o.text):len(o.text)], err
}

// key gives the key of something that happened: by its message id, or by the content of the row.
func (c *converter) key(cells []table.Cell, event string) [16]byte {
	if id := c.firstOf(mapping.Message, cells); len(id) > 0 {
		return record.KeyOf("row", c.source, event, string(id))
	}
	return c.keys.Key(c.content(cells))
}

// content writes all that makes a row different from others: its source, and
// each cell with the name of its column, in an order that the file does not decide.
func (c *converter) content(cells []table.Cell) []byte {
	c.text = append(append(c.text[:0], c.Kind...), 0)
	c.text = append(append(c.text, c.source...), 0)
	for _, i := range c.sorted {
		if len(cells[i].Text) > 0 {
			c.text = append(append(c.text, c.columns[i]...), 0)
			c.text = append(append(c.text, cells[i].Text...), 0)
		}
	}
	return c.text
}
