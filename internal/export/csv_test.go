package export

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/number"
	"pgregory.net/rapid"
)

// readCSV reads what RFC 4180 describes, byte by byte: encoding/csv changes line breaks.
func readCSV(t rapid.TB, text string, comma byte) [][]string {
	t.Helper()
	var rows [][]string
	var row []string
	for len(text) > 0 {
		var cell strings.Builder
		if text[0] == '"' {
			text = text[1:]
			for {
				before, after, ok := strings.Cut(text, `"`)
				if !ok {
					t.Fatal("a quote is not closed")
				}
				cell.WriteString(before)
				if text = after; !strings.HasPrefix(text, `"`) {
					break
				}
				cell.WriteByte('"')
				text = text[1:]
			}
		} else {
			end := strings.IndexAny(text, string(comma)+"\r\n\"")
			if end < 0 {
				t.Fatalf("no end of a cell in %q", text)
			}
			cell.WriteString(text[:end])
			text = text[end:]
		}
		row = append(row, cell.String())
		if rest, ok := strings.CutPrefix(text, "\r\n"); ok {
			rows, row, text = append(rows, row), nil, rest
		} else if text[0] == comma {
			text = text[1:]
		} else {
			t.Fatalf("%q after a cell", text[:1])
		}
	}
	return rows
}

func TestRawCSVKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns, rows := aTable(t, number.Max)
		read := readCSV(t, string(written(t, tableOf(columns, rows), Options{Raw: true})), ',')
		if len(read) != len(rows)+1 {
			t.Fatalf("%d rows of %d", len(read)-1, len(rows))
		}
		for i, row := range rows {
			for j := range row {
				if got, want := read[i+1][j], row[j].plain(); got != want {
					t.Fatalf("read %q, want %q", got, want)
				}
			}
		}
	})
}

// spreadsheets execute what begins with one of these after what they trim.
func executes(text string) bool {
	return strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") ||
		strings.IndexAny(strings.TrimLeft(text, " \t\r\n\u00a0\u3000\u200b\ufeff\x00"), "=+-@") == 0
}

func TestCSVHoldsNoFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns, rows := aTable(t, number.Max)
		o := Options{German: rapid.Bool().Draw(t, "german")}
		comma, text := byte(','), string(written(t, tableOf(columns, rows), o))
		if o.German {
			var ok bool
			if text, ok = strings.CutPrefix(text, "\ufeff"); !ok {
				t.Fatal("the mark of UTF-8 is missing")
			}
			comma = ';'
		}
		for i, row := range readCSV(t, text, comma)[1:] {
			for j, got := range row {
				c := rows[i][j]
				switch c.kind {
				case Text, Texts, JSON:
					if executes(got) {
						t.Fatalf("%q may be executed", got)
					}
					if want := c.plain(); got != want && got != "'"+want {
						t.Fatalf("%q became %q", want, got)
					}
					continue
				}
				if o.German && c.kind == Number {
					got = strings.Replace(got, ",", ".", 1)
				}
				if want := c.plain(); got != want && !(o.German && c.kind != Number) {
					t.Fatalf("%q became %q", want, got)
				}
			}
		}
	})
}

func TestCSVIsReadByTheStandardLibrary(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(string(written(t, example(), Options{})))).ReadAll()
	if err != nil || len(rows) != 5 || rows[1][0] != `Jörg Ärger, "der Große"` || rows[1][1] != "01067" || rows[2][0][0] != '\'' {
		t.Fatalf("%q, %v", rows, err)
	}
	list, err := csv.NewReader(strings.NewReader(rows[1][6])).Read()
	if err == nil {
		t.Fatalf("a list has a blank after its comma, not %q", list)
	}
	r := csv.NewReader(strings.NewReader(rows[1][6]))
	r.TrimLeadingSpace = true
	if list, err = r.Read(); err != nil || len(list) != 2 || list[1] != "Größe L, blau" {
		t.Fatalf("%q, %v", list, err)
	}
}

func TestEmptyAndUnknownTextsDiffer(t *testing.T) {
	table := tableOf([]Column{{"a", Text}, {"b", Text}}, [][]Cell{{TextCell(""), {}}})
	if got := string(written(t, table, Options{})); got != "a,b\r\n\"\",\r\n" {
		t.Errorf("%q", got)
	}
	single := tableOf([]Column{{"a", Text}}, [][]Cell{{{}}})
	if got := string(written(t, single, Options{})); got != "a\r\n\"\"\r\n" {
		t.Errorf("an empty line is no row for readers: %q", got)
	}
}

func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Anna": "Anna", "01067": "01067", "a=b": "a=b", "'=1": "'=1", " ": " ",
		"=1+1": "'=1+1", "+49": "'+49", "-1": "'-1", "@A1": "'@A1", "\tx": "'\tx", "\rx": "'\rx", "\nx": "'\nx",
		"  =1": "'  =1", "\u00a0=1": "'\u00a0=1", "\u200b\ufeff=1": "'\u200b\ufeff=1", "\x00=1": "'\x00=1", "＝1": "'＝1", "＠A": "'＠A",
	} {
		if got := Harmless(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
