package export

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

// What a sheet can hold.
const (
	sheetRows    = 1 << 20
	sheetColumns = 1 << 14
	cellLetters  = 32_767
	sheetDigits  = 15 // of a number
)

// The numbers of the formats of cells in styles.xml.
const (
	asGeneral = iota
	asHeader
	asText
	asDate
	asTime
)

// Excel counts days from 1900 but takes that year for a leap year: only from 1 March
// 1900, its day 61, do all programs agree.
const (
	epoch    = 25_569 // the day 1970-01-01
	firstDay = 61
)

// xlsxEncoder writes a workbook sheet by sheet, straight into the ZIP file. All
// texts stand in their cells as texts, so that none is a formula.
type xlsxEncoder struct {
	zip     *zip.Writer
	columns []Column
	names   []string // of the columns: A, B, …
	zone    *calendar.Zone
	german  bool
	result  *Result
	limit   int // of rows a sheet
	sheets  int
	rows    int // of this sheet
	sheet   io.Writer
	line    []byte
}

func newXLSX(out *bufio.Writer, t *Table, o Options, r *Result) (*xlsxEncoder, error) {
	if len(t.Columns) > sheetColumns {
		return nil, fmt.Errorf("%d columns are more than the %d of a sheet", len(t.Columns), sheetColumns)
	}
	e := &xlsxEncoder{zip: zip.NewWriter(out), columns: t.Columns, zone: t.Zone, german: o.German, result: r, limit: sheetRows}
	for i := range t.Columns {
		e.names = append(e.names, columnName(i))
	}
	// Programs tell a workbook from another ZIP file by its first file.
	if err := e.part("_rels/.rels", packageRelations); err != nil {
		return nil, err
	}
	return e, e.begin()
}

// columnName names a column as spreadsheets do: A to Z, AA, AB, …
func columnName(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return columnName(i/26-1) + string(rune('A'+i%26))
}

// begin begins a sheet with the header.
func (e *xlsxEncoder) begin() (err error) {
	e.sheets++
	e.rows = 0
	if e.sheet, err = e.zip.Create(sheetPath(e.sheets)); err != nil {
		return err
	}
	if _, err := io.WriteString(e.sheet, sheetHead(e.columns, e.sheets == 1)); err != nil {
		return err
	}
	header := make([]Cell, len(e.columns))
	for i, c := range e.columns {
		header[i] = TextCell(c.Name)
	}
	return e.write(header, asHeader)
}

func (e *xlsxEncoder) end() error {
	_, err := io.WriteString(e.sheet, sheetTail)
	return err
}

func (e *xlsxEncoder) row(cells []Cell) error {
	if e.rows >= e.limit {
		if err := e.end(); err != nil {
			return err
		}
		if err := e.begin(); err != nil {
			return err
		}
	}
	return e.write(cells, asText)
}

// write writes a row whose texts have a format.
func (e *xlsxEncoder) write(cells []Cell, style int) error {
	e.rows++
	row := strconv.Itoa(e.rows)
	b := append(append(append(e.line[:0], `<row r="`...), row...), `">`...)
	for i := range cells {
		if cells[i].kind != Unknown {
			b = append(append(append(append(b, `<c r="`...), e.names[i]...), row...), '"')
			b = e.cell(b, &cells[i], style)
		}
	}
	e.line = append(b, "</row>"...)
	_, err := e.sheet.Write(e.line)
	return err
}

// cell appends what follows on the place of a cell.
func (e *xlsxEncoder) cell(b []byte, c *Cell, style int) []byte {
	switch c.kind {
	case Number:
		if digits(c.n) <= sheetDigits {
			return value(b, asGeneral, number.Number(c.n).String())
		}
	case Boolean:
		return append(strconv.AppendInt(append(b, ` t="b"><v>`...), c.n, 10), "</v></c>"...)
	case Date:
		if c.n+epoch >= firstDay {
			return value(b, asDate, strconv.FormatInt(c.n+epoch, 10))
		}
	case Time:
		if serial, ok := serialOf(wallOf(c.n, e.zone)); ok {
			return value(b, asTime, serial)
		}
	}
	text := c.plain()
	switch {
	case e.german:
		text = c.german(e.zone)
	case c.kind == Time: // on the clocks of the zone, as the later ones
		text = isoWall(wallOf(c.n, e.zone))
	}
	b = append(append(b, ` s="`...), strconv.Itoa(style)...)
	b = append(b, `" t="inlineStr"><is><t xml:space="preserve">`...)
	b, cut := appendXML(b, text)
	if cut {
		e.result.Cut++
	}
	return append(b, "</t></is></c>"...)
}

func value(b []byte, style int, text string) []byte {
	b = append(strconv.AppendInt(append(b, ` s="`...), int64(style), 10), `"><v>`...)
	return append(append(b, text...), "</v></c>"...)
}

// digits counts the digits of a number that are not zeros at its end. A
// spreadsheet keeps only fifteen.
func digits(n int64) int {
	for n != 0 && n%10 == 0 {
		n /= 10
	}
	count := 0
	for ; n != 0; n /= 10 {
		count++
	}
	return count
}

// serialOf writes a wall-clock time as the days that a spreadsheet counts; false
// before March 1900.
func serialOf(w calendar.Civil) (string, bool) {
	day := time.Date(w.Year, time.Month(w.Month), w.Day, 0, 0, 0, 0, time.UTC).Unix()/daySeconds + epoch
	if day < firstDay {
		return "", false
	}
	// Eleven places are a millionth of a second, and fit the digits of a float64.
	const places, scale = 11, 100_000_000_000
	fraction := (int64(w.Milli)*scale + dayMillis/2) / dayMillis
	return fmt.Sprintf("%d.%0*d", day, places, fraction), true
}

func (e *xlsxEncoder) close() error {
	if err := e.end(); err != nil {
		return err
	}
	for _, p := range lastParts(e.sheets, e.german) {
		if err := e.part(p.path, p.text); err != nil {
			return err
		}
	}
	return e.zip.Close()
}

func (e *xlsxEncoder) part(path, text string) error {
	w, err := e.zip.Create(path)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}
