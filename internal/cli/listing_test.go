package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// anyText has what spreadsheets, terminals and JSON find special.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", "=1+1", "@SUM(A1)", "-5", "-5,20", "+49 711", "-cmd|' /C calc'!A0", "\t=1", "Müller; Söhne", "a\nb", "\x1b[31m", "\u202eabc", "李", "Jo\u0308rg"}),
		rapid.StringOfN(rapid.RuneFrom([]rune("=+-@\t\r\n\",;'ä7 ")), 0, 6, -1),
	)
}

func aTable() *rapid.Generator[[][]string] {
	return rapid.Custom(func(t *rapid.T) [][]string {
		n := rapid.IntRange(1, 4).Draw(t, "columns")
		return rapid.SliceOfN(rapid.SliceOfN(anyText(), n, n), 1, 5).Draw(t, "rows")
	})
}

// written lists rows, the first as header.
func written(t *rapid.T, format string, rows [][]string) string {
	var out bytes.Buffer
	l := newTable(&out, format, append([]string{}, rows[0]...)...)
	for _, row := range rows[1:] {
		l.row(row...)
	}
	if err := l.finish(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCSVKeepsTextsAndHoldsNoFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := aTable().Draw(t, "rows")
		if len(rows[0]) == 1 {
			t.Skip("a row with one empty cell is an empty line, which readers pass over")
		}
		read, err := csv.NewReader(strings.NewReader(written(t, "csv", rows))).ReadAll()
		if err != nil || len(read) != len(rows) {
			t.Fatalf("%d rows, %v", len(read), err)
		}
		for i, row := range read {
			for j, got := range row {
				given := strings.ReplaceAll(rows[i][j], "\r\n", "\n") // as the reader of CSV has it
				if got != given && got != "'"+given {
					t.Fatalf("%q became %q", given, got)
				}
				if strings.ContainsAny(got[:min(1, len(got))], "=@\t\r\n") || strings.ContainsAny(got[:min(1, len(got))], "+-") && !looksNumeric(got) {
					t.Fatalf("%q may be executed", got)
				}
			}
		}
	})
}

func TestNDJSONKeepsTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := aTable().Draw(t, "rows")
		rows[0] = []string{"a", "b", "c", "d"}[:len(rows[0])]
		lines := strings.Split(written(t, "ndjson", rows), "\n")
		if len(lines) != len(rows) { // no header, but an end
			t.Fatalf("%d lines of %d rows", len(lines)-1, len(rows)-1)
		}
		for i, row := range rows[1:] {
			var got map[string]string
			if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
				t.Fatalf("%v: %s", err, lines[i])
			}
			for j, text := range row {
				if got[rows[0][j]] != strings.ToValidUTF8(text, "\ufffd") {
					t.Fatalf("%q became %q", text, got[rows[0][j]])
				}
			}
		}
	})
}

// TestTablesStandStraight: columns begin at the same place and nothing commands the terminal.
func TestTablesStandStraight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := aTable().Draw(t, "rows")
		text := written(t, "table", rows)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) != len(rows) {
			t.Fatalf("%d lines of %d rows", len(lines), len(rows))
		}
		for _, r := range text {
			if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%q is left in the table", r)
			}
		}
		start := 0
		for column := range rows[0] {
			widest := 0
			for i, row := range rows {
				cell := harmless(row[column])
				if !stands(lines[i], strings.TrimRight(cell, " "), start) {
					t.Fatalf("%q does not stand at %d of %q", cell, start, lines[i])
				}
				widest = max(widest, breadth(cell))
			}
			start += widest + 2
		}
	})
}

// stands tells whether a cell begins behind so many columns of a line.
func stands(line, cell string, columns int) bool {
	for i := range line + " " {
		if breadth(line[:i]) == columns && strings.HasPrefix(line[i:], cell) {
			return true
		}
	}
	return cell == "" && breadth(line) < columns // spaces at the end are not written
}

func TestBreadth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "Größe": 5, "Jo\u0308rg": 4, "李": 2, "1\u202f000": 5, "a\u200bb": 2} {
		if got := breadth(text); got != want {
			t.Errorf("%q is %d wide, want %d", text, got, want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1 000", -1000: "-1 000", -999: "-999", 1234567: "1 234 567"} {
		if got := strings.ReplaceAll(thousands(n), "\u202f", " "); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
