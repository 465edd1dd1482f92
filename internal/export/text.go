package export

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

const (
	daySeconds = 24 * 60 * 60
	dayMillis  = daySeconds * 1000
)

func notUTF8(text string) bool { return !utf8.ValidString(text) }

// day gives the date of a Date cell.
func (c *Cell) day() time.Time { return time.Unix(c.n*daySeconds, 0).UTC() }

// plain writes a cell as programs read it: dates as 2026-12-31, times in UTC.
// Of an unknown cell it is empty.
func (c *Cell) plain() string {
	switch c.kind {
	case Text, JSON:
		return c.text
	case Number:
		return number.Number(c.n).String()
	case Boolean:
		if c.n != 0 {
			return "true"
		}
		return "false"
	case Date:
		return isoDay(c.day())
	case Time:
		return calendar.Format(c.n)
	case Texts:
		return joined(c.texts)
	}
	return ""
}

// german writes a cell as a German Excel reads it, times on the clocks of the zone.
func (c *Cell) german(zone *calendar.Zone) string {
	switch c.kind {
	case Number:
		return strings.Replace(c.plain(), ".", ",", 1)
	case Boolean:
		if c.n != 0 {
			return "WAHR"
		}
		return "FALSCH"
	case Date:
		d := c.day()
		return fmt.Sprintf("%02d.%02d.%04d", d.Day(), d.Month(), d.Year())
	case Time:
		w := wallOf(c.n, zone)
		s := w.Milli / 1000
		return fmt.Sprintf("%02d.%02d.%04d %02d:%02d:%02d", w.Day, w.Month, w.Year, s/3600, s/60%60, s%60)
	}
	return c.plain()
}

func isoDay(d time.Time) string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year(), d.Month(), d.Day())
}

func isoWall(w calendar.Civil) string {
	s := w.Milli / 1000
	return fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", w.Year, w.Month, w.Day, s/3600, s/60%60, s%60)
}

// wallOf gives the wall-clock time of an instant.
func wallOf(t calendar.Instant, zone *calendar.Zone) calendar.Civil {
	if zone != nil {
		return zone.Civil(t)
	}
	u := time.UnixMilli(t).UTC()
	return calendar.Civil{
		Year: u.Year(), Month: int(u.Month()), Day: u.Day(),
		Milli: ((u.Hour()*60+u.Minute())*60+u.Second())*1000 + u.Nanosecond()/1_000_000,
	}
}

// joined writes a list as one line of CSV with ", " between its texts: it can be
// read by people, and taken apart again.
func joined(texts []string) string {
	var b strings.Builder
	for i, text := range texts {
		if i > 0 {
			b.WriteString(", ")
		}
		if text == "" || strings.ContainsAny(text, ",\"\r\n") || strings.TrimSpace(text) != text {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		b.WriteString(text)
	}
	return b.String()
}

// Harmless puts an apostrophe before a text that a spreadsheet would take for a
// formula, as OWASP advises: what begins with = + - @, with a tabulator or with a
// line break, also behind blanks and marks that nobody sees, and the wide forms of
// these letters, which some spreadsheets take for the same.
func Harmless(text string) string {
	if text == "" {
		return text
	}
	visible := strings.TrimLeftFunc(text, unseen)
	first, _ := utf8.DecodeRuneInString(visible)
	if strings.ContainsRune("\t\r\n", rune(text[0])) || visible != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + text
	}
	return text
}

// unseen tells what spreadsheets drop or hide at the beginning of a cell.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
