package export

import (
	"bufio"
	"fmt"

	"github.com/kohorte/kohorte/internal/number"
	"github.com/parquet-go/parquet-go"
)

const (
	// precision of the decimals: what an INT64 holds, which every reader knows.
	precision = 18
	// most is the greatest number of that precision.
	most = 1e18 - 1
	// groupRows bounds a row group, which is held in memory before it is written.
	groupRows = 1 << 16
	// atOnce is how many rows are handed on together.
	atOnce = 128
)

// parquetEncoder writes Parquet, compressed with Snappy.
type parquetEncoder struct {
	columns []Column
	w       *parquet.GenericWriter[any]
	rows    []parquet.Row
	n       int // of rows that wait
}

func newParquet(out *bufio.Writer, t *Table) *parquetEncoder {
	nodes := parquet.Group{}
	for _, c := range t.Columns {
		nodes[c.Name] = parquet.Optional(nodeOf(c.Kind))
	}
	schema := parquet.NewSchema("kohorte", ordered{nodes, t.Columns})
	w := parquet.NewGenericWriter[any](out, schema, parquet.Compression(&parquet.Snappy),
		parquet.MaxRowsPerRowGroup(groupRows), parquet.CreatedBy("kohorte", "", ""))
	return &parquetEncoder{columns: t.Columns, w: w, rows: make([]parquet.Row, atOnce)}
}

// ordered is a group whose fields keep the order of the columns; the library sorts
// them by name.
type ordered struct {
	parquet.Group
	columns []Column
}

// Fields gives the fields in the order of the columns.
func (g ordered) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, f := range g.Group.Fields() {
		byName[f.Name()] = f
	}
	fields := make([]parquet.Field, len(g.columns))
	for i, c := range g.columns {
		fields[i] = byName[c.Name]
	}
	return fields
}

func nodeOf(k Kind) parquet.Node {
	switch k {
	case Number:
		return parquet.Decimal(number.Places, precision, parquet.Int64Type)
	case Boolean:
		return parquet.Leaf(parquet.BooleanType)
	case Date:
		return parquet.Date()
	case Time:
		return parquet.Timestamp(parquet.Millisecond)
	case Texts:
		return parquet.List(parquet.String())
	case JSON:
		return parquet.JSON()
	}
	return parquet.String()
}

func (e *parquetEncoder) row(cells []Cell) error {
	row := e.rows[e.n][:0]
	for i := range cells {
		c := &cells[i]
		if c.kind == Number && (c.n > most || c.n < -most) {
			return fmt.Errorf("%s: the number %s has more than %d places, which a decimal of Parquet cannot hold; the other formats can",
				e.columns[i].Name, c.plain(), precision)
		}
		if c.kind == Texts {
			row = appendList(row, c.texts, i)
		} else {
			row = append(row, valueOf(c, i))
		}
	}
	e.rows[e.n] = row
	if e.n++; e.n < atOnce {
		return nil
	}
	return e.flush()
}

// valueOf makes the value of a cell that is no list.
func valueOf(c *Cell, column int) parquet.Value {
	var v parquet.Value
	switch c.kind {
	case Unknown:
		return parquet.NullValue().Level(0, 0, column)
	case Text, JSON:
		v = parquet.ByteArrayValue([]byte(c.text))
	case Number, Time:
		v = parquet.Int64Value(c.n)
	case Boolean:
		v = parquet.BooleanValue(c.n != 0)
	case Date:
		v = parquet.Int32Value(int32(c.n))
	}
	return v.Level(0, 1, column)
}

// appendList appends the texts of a list with the levels that tell where it begins
// and that it is known.
func appendList(row parquet.Row, texts []string, column int) parquet.Row {
	if len(texts) == 0 {
		return append(row, parquet.NullValue().Level(0, 1, column))
	}
	for i, text := range texts {
		row = append(row, parquet.ByteArrayValue([]byte(text)).Level(min(i, 1), 2, column))
	}
	return row
}

func (e *parquetEncoder) flush() error {
	_, err := e.w.WriteRows(e.rows[:e.n])
	e.n = 0
	return err
}

func (e *parquetEncoder) close() error {
	if err := e.flush(); err != nil {
		return err
	}
	return e.w.Close()
}
