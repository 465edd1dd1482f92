package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
	"pgregory.net/rapid"
)

// sheetXML is what the tests read of a sheet.
type sheetXML struct {
	Rows []struct {
		R     int `xml:"r,attr"`
		Cells []struct {
			R     string    `xml:"r,attr"`
			S     int       `xml:"s,attr"`
			T     string    `xml:"t,attr"`
			Value string    `xml:"v"`
			Text  string    `xml:"is>t"`
			F     *struct{} `xml:"f"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
}

// readParts reads the files of a workbook, in their order.
func readParts(t rapid.TB, data []byte) (names []string, parts map[string]string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	parts = map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
		parts[f.Name] = string(text)
	}
	return names, parts
}

// found is a cell of a sheet: its type and format and what stands in it.
type found struct {
	kind  string
	style int
	text  string
}

// readSheet reads a sheet; cells that are not there have no kind.
func readSheet(t rapid.TB, text string, columns int) [][]found {
	t.Helper()
	var sheet sheetXML
	if err := xml.Unmarshal([]byte(text), &sheet); err != nil {
		t.Fatal(err)
	}
	rows := make([][]found, len(sheet.Rows))
	for i, row := range sheet.Rows {
		rows[i] = make([]found, columns)
		if row.R != i+1 {
			t.Fatalf("row %d is numbered %d", i+1, row.R)
		}
		for _, c := range row.Cells {
			if c.F != nil {
				t.Fatalf("%s is a formula", c.R)
			}
			column := slices.Index([]string{"A", "B", "C", "D", "E", "F", "G", "H"}, strings.TrimRight(c.R, "0123456789"))
			f := found{kind: c.T, style: c.S, text: c.Value}
			if c.T == "inlineStr" {
				f.text = unescaped(c.Text)
			} else if c.T == "" {
				f.kind = "n"
			}
			rows[i][column] = f
		}
	}
	return rows
}

var anEscape = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescaped reads the escapes of a workbook from the left, as Excel does.
func unescaped(text string) string {
	return anEscape.ReplaceAllStringFunc(text, func(e string) string {
		code, _ := strconv.ParseUint(e[2:6], 16, 16) // the pattern has seen to it
		return string(rune(code))
	})
}

func TestXLSXKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns, rows := aTable(t, number.Max)
		_, parts := readParts(t, written(t, tableOf(columns, rows), Options{Format: XLSX}))
		got := readSheet(t, parts["xl/worksheets/sheet1.xml"], len(columns))
		if len(got) != len(rows)+1 {
			t.Fatalf("%d rows of %d", len(got)-1, len(rows))
		}
		for i, c := range columns {
			if got[0][i] != (found{"inlineStr", asHeader, c.Name}) {
				t.Fatalf("%+v is not the header %q", got[0][i], c.Name)
			}
		}
		for i, row := range rows {
			for j := range row {
				if want := inSheet(&row[j]); got[i+1][j] != want {
					t.Fatalf("read %+v, want %+v of %+v", got[i+1][j], want, row[j])
				}
			}
		}
	})
}

// inSheet says how a cell stands in a sheet, computed in another way than the
// encoder does: by counting on from a day that Microsoft documents.
func inSheet(c *Cell) found {
	switch c.kind {
	case Unknown:
		return found{}
	case Boolean:
		return found{"b", asGeneral, strconv.FormatInt(c.n, 10)}
	case Number:
		if text := c.plain(); len(strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(text), "0")) <= 15 {
			return found{"n", asGeneral, text}
		}
	case Date:
		if text := c.plain(); text >= "1900-03-01" {
			return found{"n", asDate, strconv.FormatInt(39448+c.n-13879, 10)} // 2008-01-01
		}
	case Time:
		w := berlin.Civil(c.n)
		if w.Year > 1900 || w.Year == 1900 && w.Month >= 3 {
			day := DateCell(w)
			fraction := strconv.FormatFloat(float64(w.Milli)/dayMillis, 'f', 11, 64)
			return found{"n", asTime, inSheet(&day).text + fraction[1:]}
		}
		at := time.Date(w.Year, time.Month(w.Month), w.Day, 0, 0, 0, w.Milli*1_000_000, time.UTC)
		return found{"inlineStr", asText, at.Format(time.DateTime)}
	}
	return found{"inlineStr", asText, c.plain()}
}

func TestWorkbookHasItsParts(t *testing.T) {
	names, parts := readParts(t, written(t, example(), Options{Format: XLSX}))
	want := []string{"_rels/.rels", "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "[Content_Types].xml"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	for name, text := range parts {
		if err := xml.Unmarshal([]byte(text), new(struct{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMoreRowsThanASheetHoldsGoToFurtherSheets(t *testing.T) {
	var out bytes.Buffer
	buffered, columns := newBuffered(&out), []Column{{"n", Number}}
	e, err := newXLSX(buffered, &Table{Columns: columns}, Options{}, &Result{})
	if err != nil {
		t.Fatal(err)
	}
	e.limit = 3 // the header and two rows
	for i := range 5 {
		if err := e.row([]Cell{NumberCell(number.FromInt(int64(i)))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.close(); err != nil {
		t.Fatal(err)
	}
	_ = buffered.Flush()
	_, parts := readParts(t, out.Bytes())
	var all []string
	for _, name := range []string{"sheet1", "sheet2", "sheet3"} {
		for _, row := range readSheet(t, parts["xl/worksheets/"+name+".xml"], 1) {
			all = append(all, row[0].text)
		}
	}
	if want := []string{"n", "0", "1", "n", "2", "3", "n", "4"}; !slices.Equal(all, want) {
		t.Errorf("%q", all)
	}
	if !strings.Contains(parts["xl/workbook.xml"], `name="Members 3" sheetId="3" r:id="rId3"`) || !strings.Contains(parts["[Content_Types].xml"], "sheet3.xml") {
		t.Error(parts["xl/workbook.xml"])
	}
}

func TestTextsThatACellCannotHoldAreCutAndCounted(t *testing.T) {
	long := strings.Repeat("ü", cellLetters-1)
	table := tableOf([]Column{{"a", Text}}, [][]Cell{{TextCell(long)}, {TextCell(long + "😀")}, {TextCell(long + "xy")}})
	var out bytes.Buffer
	result, err := Write(t.Context(), &out, table, Options{Format: XLSX})
	if err != nil || result.Cut != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	_, parts := readParts(t, out.Bytes())
	rows := readSheet(t, parts["xl/worksheets/sheet1.xml"], 1)
	if rows[1][0].text != long || rows[2][0].text != long || rows[3][0].text != long+"x" {
		t.Error("cut at a wrong place")
	}
}

func TestColumnNames(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		if got := columnName(i); got != want {
			t.Errorf("%d is %s, want %s", i, got, want)
		}
	}
}

func TestDaysOfSheets(t *testing.T) {
	for _, c := range []struct {
		civil calendar.Civil
		want  string
	}{
		{calendar.Civil{Year: 1900, Month: 2, Day: 28}, ""},
		{calendar.Civil{Year: 1900, Month: 3, Day: 1}, "61.00000000000"},
		{calendar.Civil{Year: 2026, Month: 11, Day: 21, Milli: dayMillis / 2}, "46347.50000000000"},
		{calendar.Civil{Year: 9999, Month: 12, Day: 31, Milli: dayMillis - 1}, "2958465.99999998843"},
	} {
		if got, ok := serialOf(c.civil); got != c.want || ok != (c.want != "") {
			t.Errorf("%v is %s, want %s", c.civil, got, c.want)
		}
	}
}
