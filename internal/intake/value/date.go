package value

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Order is the order of day, month and year in the dates of a column, where the
// dates do not show it themselves: 2025-12-31 is always read the same.
type Order uint8

// The orders.
const (
	AnyOrder   Order = iota // not decided: dates that need an order are errors
	DayFirst                // 31/12/2025
	MonthFirst              // 12/31/2025
	YearFirst               // 25-12-31
	Unix                    // seconds since 1970
	UnixMilli               // milliseconds since 1970
)

var orderNames = [...]string{"", "d/m/y", "m/d/y", "y/m/d", "unix", "unix_ms"}

// String gives the order as a mapping declares it.
func (o Order) String() string { return orderNames[o] }

// ParseOrder reads an order: d/m/y, m/d/y or y/m/d, with any separator, unix or unix_ms.
func ParseOrder(s string) (Order, error) {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune("./- ,", r) {
			return '/'
		}
		return r
	}, strings.ToLower(s))
	for _, long := range []string{"yyyy", "yy", "dd", "mm"} {
		plain = strings.ReplaceAll(plain, long, long[:1])
	}
	for o, name := range orderNames {
		if plain == name && o > 0 {
			return Order(o), nil
		}
	}
	return AnyOrder, fmt.Errorf("unknown form of dates %q: write d.m.y, d/m/y, m/d/y, y-m-d, unix or unix_ms", s)
}

// Errors of dates; messages name the cell before them.
var (
	errNoDate    = errors.New("is no date")
	errYears     = errors.New("lies outside of the years 1 to 9999")
	errAmbiguous = errors.New("may be day/month or month/day: declare the format of the column")
)

// moment is a date as a cell has it, before its parts are known for day, month and year.
type moment struct {
	parts     [3]int
	certain   bool // the parts are year, month, day
	shortYear bool // no part has four digits
	dots      bool // only days come first in dates with dots
	clock     calendar.Date
	compact   bool // eight digits in a row
}

// readMoment takes a cell apart that looks like a date, possible or not.
func readMoment(cell []byte) (moment, bool) {
	var m moment
	if len(cell) < 6 || len(cell) > 50 {
		return m, false
	}
	rest, ok := m.readDay(cell)
	if !ok {
		return m, false
	}
	return m, m.readClock(rest)
}

// readDay reads three parts with a separator between them.
func (m *moment) readDay(cell []byte) (rest []byte, ok bool) {
	if hasLetterEarly(cell) {
		return m.readNamed(cell)
	}
	first, n := readInt(cell)
	if n == 8 {
		m.parts = [3]int{first / 10000, first / 100 % 100, first % 100}
		m.certain, m.compact = true, true
		return cell[8:], m.parts[0] >= 1000
	}
	if n == 0 || n == 3 || n > 4 || len(cell) <= n {
		return nil, false
	}
	separator := cell[n]
	if separator != '-' && separator != '/' && separator != '.' {
		return nil, false
	}
	second, k := readInt(cell[n+1:])
	end := n + 1 + k
	if k == 0 || k > 2 || end >= len(cell) || cell[end] != separator {
		return nil, false
	}
	end++
	if separator == '.' && end < len(cell) && cell[end] == ' ' {
		end++
	}
	third, j := readInt(cell[end:])
	m.parts = [3]int{first, second, third}
	m.certain, m.dots = n == 4, separator == '.'
	m.shortYear = n <= 2 && j == 2
	return cell[end+j:], n == 4 && j > 0 && j <= 2 || n <= 2 && (j == 4 || j == 2)
}

// readInt reads digits from the start of a text and tells how many there are.
func readInt(text []byte) (value, n int) {
	for n < len(text) && isDigit(text[n]) && n < 18 {
		value = value*10 + int(text[n]-'0')
		n++
	}
	return value, n
}

// order gives year, month and day.
func (m *moment) order(o Order) (year, month, day int) {
	a, b, c := m.parts[0], m.parts[1], m.parts[2]
	switch {
	case m.certain || o == YearFirst:
		return a, b, c
	case o == MonthFirst && !m.dots:
		return c, a, b
	}
	return c, b, a
}

// fits tells whether an order makes a day of the calendar of the parts.
func (m *moment) fits(o Order) bool {
	if !m.certain && (o == YearFirst && (!m.shortYear || m.dots) || o == MonthFirst && m.dots) {
		return false
	}
	year, month, day := m.order(o)
	if m.shortYear {
		year += 2000 // the century matters for 29 February only, and there it does not
	}
	return year >= calendar.MinYear && year <= calendar.MaxYear && month >= 1 && month <= 12 &&
		day >= 1 && day <= calendar.DaysIn(year, month)
}

// needsOrder tells whether the parts can be read in more than one order.
func (m *moment) needsOrder() bool { return !m.certain && (m.shortYear || !m.dots) }

// date gives the date of a cell.
func (r *Reader) date(cell []byte, t Type) (calendar.Date, error) {
	if t.Order == Unix || t.Order == UnixMilli {
		return unixDate(cell, t.Order)
	}
	m, ok := readMoment(cell)
	if !ok {
		return calendar.Date{}, errNoDate
	}
	order := t.Order
	if order == AnyOrder && m.needsOrder() {
		if !m.dots {
			return calendar.Date{}, errAmbiguous
		}
		order = DayFirst
	}
	if !m.fits(order) {
		return calendar.Date{}, errors.New("is no day of the calendar")
	}
	d := m.clock
	d.Year, d.Month, d.Day = m.order(order)
	if m.shortYear {
		d.Year = r.fullYear(d.Year, t.Past)
	}
	return d, nil
}

// yearsAhead is how far into the future a year of two digits may lie.
const yearsAhead = 20

// fullYear adds the century: that which puts the year at most 20 years ahead of
// the present one, or not ahead of it at all.
func (r *Reader) fullYear(short int, past bool) int {
	last := r.Year + yearsAhead
	if past {
		last = r.Year
	}
	return last - (last-short)%100
}

func unixDate(cell []byte, o Order) (calendar.Date, error) {
	cell, _, _ = bytes.Cut(cell, []byte("."))
	value, n := readInt(bytes.TrimPrefix(cell, []byte("-")))
	if n == 0 || n != len(bytes.TrimPrefix(cell, []byte("-"))) {
		return calendar.Date{}, errNoDate
	}
	if cell[0] == '-' {
		value = -value
	}
	if o == Unix {
		value *= 1000
	}
	const farthest = 253_402_300_800_000 // year 10000
	if value >= farthest || value < -farthest/5 {
		return calendar.Date{}, errYears
	}
	d := calendar.Date{Civil: utc.Civil(int64(value)), HasTime: true, HasZone: true}
	return d, nil
}

var utc = func() *calendar.Zone {
	z, err := calendar.LoadZone("UTC")
	if err != nil {
		panic(err) // the zones are part of the program
	}
	return z
}()

// Time reads a cell as an instant; a bare date is its midnight.
func (r *Reader) Time(cell []byte, t Type) (calendar.Instant, error) {
	d, err := r.date(cell, t)
	var at calendar.Instant
	if err == nil {
		at = r.Zone.Resolve(d)
		err = inCalendar(utc.Civil(at))
	}
	if err != nil {
		return 0, fmt.Errorf("%q %w", shorten(cell), err)
	}
	return at, nil
}

// inCalendar refuses what an offset brought beyond the first or the last year.
func inCalendar(c calendar.Civil) error {
	if c.Year < calendar.MinYear || c.Year > calendar.MaxYear {
		return errYears
	}
	return nil
}

func (r *Reader) appendTime(dst, cell []byte, t Type) ([]byte, error) {
	at, err := r.Time(cell, t)
	if err != nil {
		return dst, err
	}
	return append(append(append(dst, '"'), calendar.Format(at)...), '"'), nil
}

func (r *Reader) appendDate(dst, cell []byte, t Type) ([]byte, error) {
	d, err := r.date(cell, t)
	if err == nil && d.HasZone {
		d.Civil = r.Zone.Civil(r.Zone.Resolve(d))
		err = inCalendar(d.Civil)
	}
	if err != nil {
		return dst, fmt.Errorf("%q %w", shorten(cell), err)
	}
	dst = appendPadded(append(dst, '"'), d.Year, 4)
	dst = appendPadded(append(dst, '-'), d.Month, 2)
	dst = appendPadded(append(dst, '-'), d.Day, 2)
	return append(dst, '"'), nil
}

func appendPadded(dst []byte, n, width int) []byte {
	for unit := [...]int{1, 1, 10, 100, 1000}[width]; unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+n/unit%10))
	}
	return dst
}
