package export

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/number"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"
)

// readParquet reads a file back by its own schema.
func readParquet(t rapid.TB, data []byte) ([]Column, [][]Cell) {
	t.Helper()
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var columns []Column
	for _, f := range file.Schema().Fields() {
		columns = append(columns, Column{f.Name(), kindOf(t, f)})
	}
	var rows [][]Cell
	for _, group := range file.RowGroups() {
		r := group.Rows()
		buffer := make([]parquet.Row, 3)
		for {
			n, err := r.ReadRows(buffer)
			for _, row := range buffer[:n] {
				rows = append(rows, cellsOf(columns, row))
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return columns, rows
}

func kindOf(t rapid.TB, f parquet.Field) Kind {
	if !f.Optional() {
		t.Fatalf("%s is not optional", f.Name())
	}
	types := map[string]Kind{
		"STRING": Text, "DECIMAL(18,4)": Number, "DATE": Date, "TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS)": Time, "LIST": Texts, "JSON": JSON, "BOOLEAN": Boolean,
	}
	k, ok := types[f.Type().String()]
	if !ok {
		t.Fatalf("%s has the type %s", f.Name(), f.Type())
	}
	return k
}

func cellsOf(columns []Column, row parquet.Row) []Cell {
	cells := make([]Cell, len(columns))
	for _, v := range row {
		c := &cells[v.Column()]
		if v.DefinitionLevel() == 0 {
			continue
		}
		switch k := columns[v.Column()].Kind; k {
		case Text, JSON:
			*c = Cell{kind: k, text: string(v.ByteArray())}
		case Texts:
			c.kind = Texts
			if v.DefinitionLevel() > 1 {
				c.texts = append(c.texts, string(v.ByteArray()))
			}
		case Boolean:
			*c = BooleanCell(v.Boolean())
		case Date:
			*c = Cell{kind: k, n: int64(v.Int32())}
		default:
			*c = Cell{kind: k, n: v.Int64()}
		}
	}
	return cells
}

func TestParquetKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns, rows := aTable(t, most)
		gotColumns, got := readParquet(t, written(t, tableOf(columns, rows), Options{Format: Parquet}))
		for i, c := range columns {
			if gotColumns[i] != c {
				t.Fatalf("column %d: %v, want %v", i, gotColumns[i], c)
			}
		}
		same(t, got, rows)
	})
}

func TestParquetRefusesWhatADecimalCannotHold(t *testing.T) {
	table := tableOf([]Column{{"n", Number}}, [][]Cell{{NumberCell(number.Max)}})
	_, err := Write(t.Context(), io.Discard, table, Options{Format: Parquet})
	if err == nil || !strings.Contains(err.Error(), "922337203685477.5807") {
		t.Error(err)
	}
}

func TestParquetOfManyRowsHasSeveralGroups(t *testing.T) {
	rows := make([][]Cell, groupRows+5)
	for i := range rows {
		rows[i] = []Cell{NumberCell(number.Number(i)), TextsCell(make([]string, i%3))}
	}
	_, got := readParquet(t, written(t, tableOf([]Column{{"n", Number}, {"l", Texts}}, rows), Options{Format: Parquet}))
	same(t, got, rows)
}
