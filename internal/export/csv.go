package export

import (
	"bufio"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// csvEncoder writes CSV as RFC 4180 has it. encoding/csv is not used since it
// changes line breaks within texts and writes empty and unknown texts alike.
type csvEncoder struct {
	out    *bufio.Writer
	zone   *calendar.Zone
	comma  byte
	german bool
	raw    bool
}

func newCSV(out *bufio.Writer, t *Table, o Options) (*csvEncoder, error) {
	e := &csvEncoder{out: out, zone: t.Zone, comma: ',', german: o.German, raw: o.Raw}
	if o.German {
		e.comma = ';'
		_, _ = out.WriteString("\ufeff") // the writer keeps its error until Flush
	}
	header := make([]Cell, len(t.Columns))
	for i, c := range t.Columns {
		header[i] = TextCell(c.Name)
	}
	return e, e.row(header)
}

func (e *csvEncoder) row(cells []Cell) error {
	for i := range cells {
		if i > 0 {
			_ = e.out.WriteByte(e.comma)
		}
		text := e.text(&cells[i])
		// A row of one empty cell would be an empty line, which readers pass over.
		if e.mustQuote(text) || text == "" && (cells[i].kind != Unknown || len(cells) == 1) {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		_, _ = e.out.WriteString(text)
	}
	_, err := e.out.WriteString("\r\n")
	return err
}

func (e *csvEncoder) text(c *Cell) string {
	text := ""
	if e.german {
		text = c.german(e.zone)
	} else {
		text = c.plain()
	}
	if !e.raw && (c.kind == Text || c.kind == Texts || c.kind == JSON) {
		return Harmless(text)
	}
	return text
}

// mustQuote tells whether a cell needs quotes. Blanks at its ends get them, since some readers trim.
func (e *csvEncoder) mustQuote(text string) bool {
	return strings.ContainsAny(text, "\"\r\n") || strings.IndexByte(text, e.comma) >= 0 || strings.TrimSpace(text) != text
}

func (e *csvEncoder) close() error { return nil }
