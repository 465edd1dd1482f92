package export

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
)

// encoder writes rows in one format. close writes what comes last, not the stream's end.
type encoder interface {
	row(cells []Cell) error
	close() error
}

// between is how many rows are written between two looks at the context.
const between = 256

// Write writes a table as a stream. It ends early with the error of the context,
// of the rows or of the stream; what was written until then is not a whole file.
func Write(ctx context.Context, w io.Writer, t *Table, o Options) (Result, error) {
	var result Result
	if err := CheckColumns(t.Columns); err != nil {
		return result, err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	e, err := newEncoder(out, t, o, &result)
	if err != nil {
		return result, err
	}
	if err := writeRows(ctx, e, t, o, &result); err != nil {
		return result, err
	}
	if err := e.close(); err != nil {
		return result, err
	}
	return result, errors.Join(out.Flush(), ctx.Err())
}

func newEncoder(out *bufio.Writer, t *Table, o Options, r *Result) (encoder, error) {
	switch o.Format {
	case CSV:
		return newCSV(out, t, o)
	case NDJSON:
		return newNDJSON(out, t), nil
	case Parquet:
		return newParquet(out, t), nil
	case XLSX:
		return newXLSX(out, t, o, r)
	}
	return nil, fmt.Errorf("export: no format %d", o.Format)
}

func writeRows(ctx context.Context, e encoder, t *Table, o Options, result *Result) error {
	for row, err := range t.Rows {
		if err == nil && result.Rows%between == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if err := checkRow(row, t.Columns); err != nil {
			return err
		}
		if err := e.row(row); err != nil {
			return err
		}
		result.Rows++
		if o.Progress != nil && result.Rows%between == 0 {
			o.Progress(result.Rows)
		}
	}
	return ctx.Err()
}

// CheckColumns refuses what not every format can hold.
func CheckColumns(columns []Column) error {
	if len(columns) == 0 {
		return &Unfit{"an export needs a column"}
	}
	seen := map[string]bool{}
	for _, c := range columns {
		switch {
		case c.Name == "":
			return &Unfit{"a column of an export has no name"}
		case notUTF8(c.Name):
			return unfit("the name %q of a column is not UTF-8", c.Name)
		case seen[c.Name]:
			return unfit("two columns of an export have the name %q", c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

func unfit(format string, args ...any) error { return &Unfit{fmt.Sprintf(format, args...)} }

// checkRow holds a source to its columns.
func checkRow(row []Cell, columns []Column) error {
	if len(row) != len(columns) {
		return fmt.Errorf("export: a row of %d cells for %d columns", len(row), len(columns))
	}
	for i := range row {
		if k := row[i].kind; k != Unknown && k != columns[i].Kind {
			return fmt.Errorf("export: a cell of type %s in the column %s of type %s", k, columns[i].Name, columns[i].Kind)
		}
	}
	return nil
}
