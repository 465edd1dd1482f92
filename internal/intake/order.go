package intake

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/record"
)

// The types of events that orders become.
const (
	OrderCompleted = "order_completed"
	OrderRefunded  = "order_refunded"
)

// line is a line of an order.
type line struct {
	row     int // in the file
	content []byte
	cells   []table.Cell
	err     error

	at          calendar.Instant
	hasTime     bool
	quantity    number.Number
	hasQuantity bool
	amount      sum // what the line costs
	hasAmount   bool
	charge      bool // no product: postage and the like
}

// order makes the records of an order of several rows. If one of them is no
// good, none is taken: the order would come in wrong.
func (c *converter) order(id string, kept [][]byte) error {
	lines := make([]line, len(kept))
	var bad error
	for i, k := range kept {
		lines[i] = c.keptLine(k)
		if err := lines[i].err; err != nil && bad == nil {
			bad = fmt.Errorf("line %d of the same order is rejected: %w", lines[i].row, err)
		}
	}
	text, names := len(c.output.text), len(c.names)
	c.made = c.made[:0]
	if bad == nil {
		bad = c.build(id, lines)
	}
	from := len(c.ends)
	if bad == nil {
		for _, k := range kept {
			c.keepAgain(k)
		}
		return c.emit(from, c.made...)
	}
	c.output.text, c.names = c.output.text[:text], c.names[:names]
	for i, k := range kept {
		reason := bad
		if lines[i].err != nil {
			reason = lines[i].err
		}
		if err := c.reject(c.rows.Kept(k), reason.Error()); err != nil {
			return err
		}
	}
	return nil
}

// keptLine reads a kept row as a line of an order.
func (c *converter) keptLine(kept []byte) line {
	row := c.rows.Kept(kept)
	_, n := binary.Uvarint(kept)
	l := line{row: row.Line, content: kept[n:]}
	if row.Fault != "" {
		l.err = errors.New(row.Fault)
		return l
	}
	cells, err := c.complete(row.Cells)
	if err != nil {
		l.err = err
		return l
	}
	l.cells = make([]table.Cell, len(cells))
	for i, cell := range cells {
		l.cells[i] = table.Cell{Text: bytes.Clone(cell.Text), JSON: cell.JSON}
	}
	c.readLine(&l)
	return l
}

// readLine reads what a line says of time and money.
func (c *converter) readLine(l *line) {
	l.charge = anyFits(c.charges, l.cells)
	if l.at, l.hasTime, l.err = c.time(l.cells); l.err != nil {
		return
	}
	if l.quantity, l.hasQuantity, l.err = c.number(c.amounts.quantity, l.cells); l.err != nil {
		return
	}
	quantity := l.quantity
	if !l.hasQuantity {
		quantity = number.FromInt(1)
	}
	var price number.Number
	if price, l.hasAmount, l.err = c.number(c.amounts.line, l.cells); l.err == nil && l.hasAmount {
		l.amount.add(price, number.FromInt(1))
		return
	}
	if l.err == nil {
		price, l.hasAmount, l.err = c.number(c.amounts.price, l.cells)
		l.amount.add(price, quantity)
	}
}

// number reads the first of some columns that says something.
func (c *converter) number(columns []*column, cells []table.Cell) (n number.Number, ok bool, err error) {
	for _, col := range columns {
		if n, ok, err = col.number(cells, &c.reader); ok || err != nil {
			return n, ok, err
		}
	}
	return 0, false, nil
}

// lone makes the records of an order that is one row without an id.
func (c *converter) lone(cells []table.Cell, r record.Record) error {
	l := line{row: r.Row, cells: cells}
	if c.readLine(&l); l.err != nil {
		return l.err
	}
	return c.build("", []line{l})
}

// build makes the records of an order.
func (c *converter) build(id string, lines []line) error {
	if err := c.sameCustomer(lines); err != nil {
		return err
	}
	whole := c.merge(lines)
	r := record.Record{Kind: record.Track, Source: c.source, Row: lines[0].row}
	if r.Customer = c.identities(c.customer, whole); r.Customer == nil {
		return fmt.Errorf("no customer: %s is empty", titles(c.customer))
	}
	for _, l := range lines {
		if l.hasTime && (!r.HasTime || l.at < r.Time) {
			r.Time, r.HasTime = l.at, true
		}
	}
	if err := c.needsTime(r.HasTime); err != nil {
		return err
	}
	parts, err := c.split(whole, lines)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := c.part(id, p, whole, r); err != nil {
			return err
		}
	}
	return c.membership(whole, r)
}

// sameCustomer refuses an order whose lines name different customers.
func (c *converter) sameCustomer(lines []line) error {
	for _, i := range c.customer {
		var first []byte
		for _, l := range lines {
			text := i.text(l.cells)
			switch {
			case len(text) == 0 || bytes.Equal(text, first):
			case first == nil:
				first = text
			default:
				return fmt.Errorf("the lines of the order name different customers: %s is %q and %q", i.name, min(string(first), string(text)), max(string(first), string(text)))
			}
		}
	}
	return nil
}

// merge gives the cells of the whole order: of each column the first that says
// something. Which line is first, the file's order does not decide.
func (c *converter) merge(lines []line) []table.Cell {
	if len(lines) == 1 {
		return lines[0].cells
	}
	order := make([]*line, len(lines))
	for i := range lines {
		order[i] = &lines[i]
	}
	slices.SortFunc(order, func(a, b *line) int {
		return cmp.Or(cmp.Compare(a.at, b.at), bytes.Compare(a.content, b.content))
	})
	whole := make([]table.Cell, c.width)
	for i := range whole {
		for _, l := range order {
			if len(l.cells[i].Text) > 0 {
				whole[i] = l.cells[i]
				break
			}
		}
	}
	return whole
}

// part is what becomes one event: an order, or what of it was returned.
type part struct {
	refund   bool
	lines    []line
	total    number.Number
	hasTotal bool
}

// split tells what of an order was bought and what returned.
func (c *converter) split(whole []table.Cell, lines []line) ([]part, error) {
	refund := anyFits(c.refunds, whole)
	var returned, bought []line
	for _, l := range lines {
		refund = refund || anyFits(c.refunds, l.cells)
		if l.quantity < 0 {
			returned = append(returned, l)
		} else {
			bought = append(bought, l)
		}
	}
	total, given, err := c.number(c.amounts.total, whole)
	switch {
	case err != nil:
		return nil, err
	case given:
		return []part{{refund || total < 0 || len(bought) == 0, lines, magnitudeOf(total), true}}, nil
	case refund || len(bought) == 0:
		p, err := c.sumUp(true, lines)
		return []part{p}, err
	}
	first, err := c.sumUp(false, bought)
	if err == nil && first.total < 0 {
		first, err = c.sumUp(true, lines)
		return []part{first}, err
	}
	if err != nil || len(returned) == 0 {
		return []part{first}, err
	}
	second, err := c.sumUp(true, returned)
	return []part{first, second}, err
}

func magnitudeOf(n number.Number) number.Number {
	if n < 0 {
		return -n
	}
	return n
}

// sumUp adds up the lines of a part. Lines without an amount are errors, unless none has one.
func (c *converter) sumUp(refund bool, lines []line) (part, error) {
	p := part{refund: refund, lines: lines}
	var all sum
	for _, l := range lines {
		all.merge(l.amount)
		p.hasTotal = p.hasTotal || l.hasAmount
	}
	for _, l := range lines {
		if p.hasTotal && !l.hasAmount {
			return p, fmt.Errorf("no price in line %d: %s is empty", l.row, titles(slices.Concat(c.amounts.line, c.amounts.price)))
		}
	}
	total, ok := all.total()
	if !ok {
		return p, errors.New("the total of the order is beyond ±922,337,203,685,477")
	}
	if p.total = total; refund {
		p.total = magnitudeOf(total)
	}
	return p, nil
}

// part makes the event of one part of an order.
func (c *converter) part(id string, p part, whole []table.Cell, r record.Record) (err error) {
	r.Event = OrderCompleted
	if p.refund {
		r.Event = OrderRefunded
	}
	r.EventGiven = r.Event
	switch {
	case id != "":
		r.Key = record.KeyOf("order", c.source, id, r.Event)
	default:
		r.Key = c.key(whole, r.Event)
	}
	o := c.output
	start := len(o.text)
	if o.text, err = c.fields.write(append(o.text, '{'), whole, &c.reader); err != nil {
		return err
	}
	if id != "" {
		o.text = append(value.AppendText(append(o.text, `"order_id":`...), []byte(id)), ',')
	}
	if p.hasTotal {
		o.text = append(append(append(o.text, `"total":`...), p.total.String()...), ',')
	}
	if currency := c.currency(whole); len(currency) > 0 {
		o.text = append(value.AppendText(append(o.text, `"currency":`...), currency), ',')
	}
	if err = c.products(p); err != nil {
		return err
	}
	o.text = closeObject(o.text, start)
	r.Fields = o.text[start:len(o.text):len(o.text)]
	c.made = append(c.made, r)
	return nil
}

// currency gives the currency of an order: its own, the mapping's, the workspace's.
func (c *converter) currency(whole []table.Cell) []byte {
	for _, col := range c.amounts.currency {
		if text := col.text(whole); len(text) > 0 {
			return bytes.ToUpper(text)
		}
	}
	if c.Mapping.Currency != "" {
		return []byte(c.Mapping.Currency)
	}
	return []byte(c.opt.Currency)
}

// products writes the list of products. Returned quantities are positive in a refund.
func (c *converter) products(p part) (err error) {
	o := c.output
	if c.product.members == nil {
		return nil
	}
	o.text = append(o.text, `"products":[`...)
	first := len(o.text)
	for _, l := range p.lines {
		if l.charge {
			continue
		}
		cells := l.cells
		if p.refund {
			cells = c.positive(l)
		}
		start := len(o.text)
		if start > first {
			o.text = append(o.text, ',')
		}
		before := len(o.text)
		if o.text, err = c.product.writeObject(o.text, cells, &c.reader); err != nil {
			return fmt.Errorf("line %d: %w", l.row, err)
		}
		if len(o.text) == before+len("{}") {
			o.text = o.text[:start] // the line says nothing of a product
		}
	}
	o.text = append(o.text, ']', ',')
	return nil
}

// positive gives the cells of a line with its negative quantity and amount made positive.
func (c *converter) positive(l line) []table.Cell {
	cells := slices.Clone(l.cells)
	for _, columns := range [][]*column{c.amounts.quantity, c.amounts.line} {
		for _, col := range columns {
			if n, ok, err := col.number(l.cells, &c.reader); ok && err == nil && n < 0 {
				cells[col.index] = table.Cell{Text: []byte(magnitudeOf(n).String()), JSON: true}
			}
		}
	}
	return cells
}
