package intake

import (
	"errors"
	"fmt"
	"io"

	"github.com/kohorte/kohorte/internal/intake/calls"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/record"
)

// calls reads a file of calls.
func (o *output) calls(m *mapping.Mapping) error {
	if o.in.Format == table.CSV {
		return fmt.Errorf("%s: calls are JSON, and this is CSV: import it as customers, orders or events", o.in.Name)
	}
	source := m.Source
	if source == "" {
		source = string(m.Kind)
	}
	parser := calls.NewParser(source, o.opt.Zone, o.opt.Now)
	if err := o.begin(true); err != nil {
		return err
	}
	var made []record.Record
	for {
		row, err := o.rows.NextText()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", o.in.Name, err)
		}
		o.summary.Read++
		if err := o.tick(o.summary.Read); err != nil {
			return err
		}
		if made, err = o.call(parser, made[:0], row); err != nil {
			return err
		}
		if len(o.records) == 0 {
			parser.Reset()
		}
	}
}

// call takes one call in; made is where its records are put for a moment.
func (o *output) call(parser *calls.Parser, made []record.Record, row *table.Row) ([]record.Record, error) {
	if row.Fault != "" {
		return made, o.reject(row, row.Fault)
	}
	made, err := parser.Parse(made, row.Text(), row.Line)
	if err != nil {
		return made, o.reject(row, err.Error())
	}
	o.keep(row)
	return made, o.emit(len(o.ends)-1, made...)
}
