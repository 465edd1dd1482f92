package export

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
	"pgregory.net/rapid"
)

var berlin = func() *calendar.Zone {
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

// tableOf makes a table of rows in memory.
func tableOf(columns []Column, rows [][]Cell) *Table {
	return &Table{Columns: columns, Rows: each(rows), Zone: berlin}
}

// each hands out each row in the same slice, as sources may.
func each(rows [][]Cell) iter.Seq2[[]Cell, error] {
	return func(yield func([]Cell, error) bool) {
		var row []Cell
		for _, r := range rows {
			if row = append(row[:0], r...); !yield(row, nil) {
				return
			}
		}
	}
}

// written writes a table, which must succeed.
func written(t rapid.TB, table *Table, o Options) []byte {
	t.Helper()
	var out bytes.Buffer
	result, err := Write(context.Background(), &out, table, o)
	if err != nil {
		t.Fatal(err)
	}
	if rows := slices.Collect(rowsOf(table)); int(result.Rows) != len(rows) || result.Cut != 0 {
		t.Fatalf("%+v of %d rows", result, len(rows))
	}
	return out.Bytes()
}

func rowsOf(t *Table) iter.Seq[[]Cell] {
	return func(yield func([]Cell) bool) {
		for row := range t.Rows {
			if !yield(row) {
				return
			}
		}
	}
}

// anyText has what the formats find special.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"", " ", "01067", "=1+1", "  =1+1", "\u200b=1", "＝1", "@SUM(A1)", "-5", "+49 711", "\t=1", "\r", "\n", "a\r\nb", "\x00", "Größe; \"L\"", "ß, ü",
			"_x0041_", "_x0041_x0042_", "_x000d_", "\ufffe\uffff", "<a>&amp;</a>", "李", "Jo\u0308rg", "\ufeffBOM", "null", "\U0001f600",
		}),
		rapid.StringOfN(rapid.RuneFrom([]rune("=+-@\t\r\n\",;'ä7 _x0A\x00\x1f")), 0, 12, -1),
	)
}

// anyDay is a midnight of the years 1 to 9999 as a wall-clock time.
func anyDay() *rapid.Generator[calendar.Civil] {
	return rapid.Custom(func(t *rapid.T) calendar.Civil {
		c := calendar.Civil{Year: rapid.IntRange(1, 9999).Draw(t, "year"), Month: rapid.IntRange(1, 12).Draw(t, "month")}
		c.Day = rapid.IntRange(1, calendar.DaysIn(c.Year, c.Month)).Draw(t, "day")
		return c
	})
}

func anyTime() *rapid.Generator[calendar.Instant] {
	return rapid.Custom(func(t *rapid.T) calendar.Instant {
		c := anyDay().Draw(t, "day")
		c.Milli = rapid.IntRange(0, dayMillis-1).Draw(t, "milli")
		return berlin.Instant(c)
	})
}

func anyNumber(most number.Number) *rapid.Generator[number.Number] {
	return rapid.OneOf(
		rapid.Custom(func(t *rapid.T) number.Number {
			return number.Number(rapid.Int64Range(-int64(most), int64(most)).Draw(t, "number"))
		}),
		rapid.SampledFrom([]number.Number{0, 1, -1, 10_000, -12_500, most, -most, 1_234_567_890_123_450, 1_000_000_000_000_000}),
	)
}

// anyCell is a cell of a kind, unknown now and then.
func anyCell(k Kind, most number.Number) *rapid.Generator[Cell] {
	return rapid.Custom(func(t *rapid.T) Cell {
		if rapid.IntRange(0, 5).Draw(t, "unknown") == 0 {
			return Cell{}
		}
		switch k {
		case Number:
			return NumberCell(anyNumber(most).Draw(t, "cell"))
		case Boolean:
			return BooleanCell(rapid.Bool().Draw(t, "cell"))
		case Date:
			return DateCell(anyDay().Draw(t, "cell"))
		case Time:
			return TimeCell(anyTime().Draw(t, "cell"))
		case Texts:
			return TextsCell(rapid.SliceOfN(anyText(), 0, 3).Draw(t, "cell"))
		case JSON:
			return JSONCell(string(appendQuoted(nil, anyText().Draw(t, "cell"))))
		}
		return TextCell(anyText().Draw(t, "cell"))
	})
}

// aTable draws columns and rows with numbers up to most.
func aTable(t *rapid.T, most number.Number) ([]Column, [][]Cell) {
	kinds := rapid.SliceOfN(rapid.SampledFrom([]Kind{Text, Number, Boolean, Date, Time, Texts, JSON}), 1, 5).Draw(t, "kinds")
	var columns []Column
	for i, k := range kinds {
		columns = append(columns, Column{fmt.Sprintf("%c %s.ü", 'z'-i, k), k})
	}
	rows := make([][]Cell, rapid.IntRange(0, 5).Draw(t, "rows"))
	for i := range rows {
		for _, k := range kinds {
			rows[i] = append(rows[i], anyCell(k, most).Draw(t, "cell"))
		}
	}
	return columns, rows
}

// same compares rows; a list without texts may be nil.
func same(t rapid.TB, got, want [][]Cell) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("read %d rows of %d", len(got), len(want))
	}
	for i := range want {
		for j := range want[i] {
			g, w := got[i][j], want[i][j]
			if g.kind != w.kind || g.n != w.n || g.text != w.text || !slices.Equal(g.texts, w.texts) {
				t.Fatalf("row %d, cell %d: read %+v, want %+v", i, j, g, w)
			}
		}
	}
}

// example has a row of everything; it is written to the golden files.
func example() *Table {
	columns := []Column{
		{"name", Text}, {"plz", Text}, {"umsatz", Number}, {"vip", Boolean}, {"geburtstag", Date}, {"zuletzt", Time}, {"tags", Texts}, {"maschinen", JSON},
	}
	day := func(y, m, d int) Cell { return DateCell(calendar.Civil{Year: y, Month: m, Day: d}) }
	return tableOf(columns, [][]Cell{
		{TextCell("Jörg Ärger, \"der Große\""), TextCell("01067"), NumberCell(12_345_600), BooleanCell(true), day(1992, 2, 29),
			TimeCell(1_795_258_800_250), TextsCell([]string{"neu", "Größe L, blau"}), JSONCell(`[{"type":"Fräse"}]`)},
		{TextCell("=HYPERLINK(\"http://böse.example\")"), TextCell(""), NumberCell(-5), BooleanCell(false), day(1900, 2, 28),
			TimeCell(-62_135_596_800_000), TextsCell(nil), {}},
		{TextCell("Zeile 1\nZeile 2\r\n\x1f_x0041_"), TextCell("+49 711"), NumberCell(number.Max / 10), {}, day(9999, 12, 31), {}, TextsCell([]string{"=1"}), {}},
		{{}, {}, {}, {}, {}, {}, {}, {}},
	})
}
