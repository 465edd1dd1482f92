package value

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/number"
)

// Style is how a column writes its numbers.
type Style uint8

// The styles.
const (
	AnyStyle Style = iota // not decided: like Point
	Point                 // 1,234.56
	Comma                 // 1.234,56
)

// String gives the style as an example, which is how a mapping declares it.
func (s Style) String() string { return [...]string{"", "1,234.56", "1.234,56"}[s] }

// ParseStyle reads a style.
func ParseStyle(s string) (Style, error) {
	switch s {
	case "1,234.56", "1234.56", ".":
		return Point, nil
	case "1.234,56", "1234,56", ",":
		return Comma, nil
	}
	return AnyStyle, fmt.Errorf("unknown form of numbers %q: write 1,234.56 or 1.234,56", s)
}

func appendNumber(dst, cell []byte, style Style) ([]byte, error) {
	start := len(dst)
	out, ok := readNumber(dst, cell, style)
	if !ok {
		return dst, fmt.Errorf("%q is no number", shorten(cell))
	}
	if _, err := number.Parse(string(out[start:])); err != nil {
		return dst, fmt.Errorf("%q: %w", shorten(cell), err)
	}
	return out, nil
}

func shorten(cell []byte) string {
	const most = 60
	if len(cell) <= most {
		return string(cell)
	}
	return strings.ToValidUTF8(string(cell[:most]), "") + "…"
}

// amount is a number as a cell has it, without sign and unit.
type amount struct {
	digits   []byte // digits, points, commas, apostrophes and blanks
	negative bool
}

// units may stand before or behind a number.
var units = [][]byte{
	[]byte("US$"), []byte("$"), []byte("€"), []byte("£"), []byte("¥"), []byte("%"),
	[]byte("EUR"), []byte("USD"), []byte("GBP"), []byte("CHF"), []byte("Fr."),
}

// currencies are the units that name one.
var currencies = map[string]string{
	"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "EUR": "EUR", "USD": "USD", "GBP": "GBP", "CHF": "CHF", "Fr.": "CHF",
}

// Currency gives the code of the currency that stands beside a number, if there is one.
func Currency(cell []byte) string {
	_, unit := cutUnit(cell)
	return currencies[unit]
}

// cutUnit takes the sign in brackets and the unit off a number.
func cutUnit(cell []byte) (rest []byte, unit string) {
	if len(cell) > 0 && isDigit(cell[0]) && isDigit(cell[len(cell)-1]) {
		return cell, ""
	}
	for _, u := range units {
		if rest, ok := bytes.CutPrefix(cell, u); ok {
			return trimBlanks(rest), string(u)
		}
		if rest, ok := bytes.CutSuffix(cell, u); ok {
			return trimBlanks(rest), string(u)
		}
		if rest, ok := bytes.CutPrefix(cell, []byte("-")); ok && bytes.HasPrefix(trimBlanks(rest), u) {
			return append([]byte("-"), trimBlanks(trimBlanks(rest)[len(u):])...), string(u)
		}
	}
	return cell, ""
}

func trimBlanks(b []byte) []byte { return bytes.Trim(b, " \u00a0\u202f") }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// cutAmount takes sign and unit off: -5 · 5- · (5) · −5 · $5 · 5 € · -$5 · 5,- €.
func cutAmount(cell []byte) (a amount) {
	if n := len(cell); n > 2 && cell[0] == '(' && cell[n-1] == ')' {
		cell, a.negative = cell[1:n-1], true
	}
	cell, _ = cutUnit(cell)
	for _, sign := range []string{"-", "−", "–"} {
		if rest, ok := bytes.CutPrefix(cell, []byte(sign)); ok && !a.negative {
			cell, a.negative = trimBlanks(rest), true
		}
	}
	for _, whole := range []string{",--", ".--", ",-", ".-", ",–", ".–"} {
		if rest, ok := bytes.CutSuffix(cell, []byte(whole)); ok {
			cell = rest
		}
	}
	if rest, ok := bytes.CutSuffix(cell, []byte("-")); ok && !a.negative {
		cell, a.negative = rest, true
	}
	a.digits = cell
	return a
}

// readNumber appends a number as JSON has it, or tells that a cell is none of
// this style. Numbers with zeros before them are none: they are codes.
func readNumber(dst, cell []byte, style Style) ([]byte, bool) {
	if out, ok := readPlain(dst, cell); ok {
		return out, true
	}
	a := cutAmount(cell)
	if len(a.digits) == 0 {
		return dst, false
	}
	out := dst
	if a.negative {
		out = append(out, '-')
	}
	out, rest, ok := readWhole(out, a.digits, style)
	if !ok {
		return dst, false
	}
	if len(rest) == 0 {
		return out, true
	}
	if out, ok = readFraction(out, rest, style); !ok {
		return dst, false
	}
	return out, true
}

// readPlain reads whole numbers, which nearly all numbers are.
func readPlain(dst, cell []byte) ([]byte, bool) {
	digits := bytes.TrimPrefix(cell, []byte("-"))
	if len(digits) == 0 || len(digits) > 1 && digits[0] == '0' {
		return dst, false
	}
	for _, b := range digits {
		if !isDigit(b) {
			return dst, false
		}
	}
	return append(dst, cell...), true
}

// readWhole reads the digits before the decimals, in groups of three or without groups.
func readWhole(dst, digits []byte, style Style) (out, rest []byte, ok bool) {
	i := 0
	for i < len(digits) && isDigit(digits[i]) {
		i++
	}
	first := digits[:i]
	rest = digits[i:]
	if i > 1 && first[0] == '0' {
		return dst, rest, false
	}
	if i == 0 {
		return append(dst, '0'), rest, len(rest) > 1 // .5
	}
	dst = append(dst, first...)
	mark, size := groupMark(rest, style)
	if size == 0 || i > 3 || first[0] == '0' {
		return dst, rest, true
	}
	for bytes.HasPrefix(rest, mark) {
		rest = rest[size:]
		if len(rest) < 3 || !isDigit(rest[0]) || !isDigit(rest[1]) || !isDigit(rest[2]) {
			return dst, rest, false
		}
		dst, rest = append(dst, rest[:3]...), rest[3:]
	}
	return dst, rest, true
}

// groupMark gives what separates groups of digits, if such a thing follows.
func groupMark(rest []byte, style Style) (mark []byte, size int) {
	marks := []string{",", "'", "’", " ", "\u00a0", "\u202f"}
	if style == Comma {
		marks[0] = "."
	}
	for _, m := range marks {
		if bytes.HasPrefix(rest, []byte(m)) {
			return rest[:len(m)], len(m)
		}
	}
	return nil, 0
}

// readFraction reads the decimals, and the exponent that spreadsheets give to large numbers.
func readFraction(dst, rest []byte, style Style) ([]byte, bool) {
	mark := byte('.')
	if style == Comma {
		mark = ','
	}
	if rest[0] == mark {
		i := 1
		for i < len(rest) && isDigit(rest[i]) {
			i++
		}
		if i == 1 {
			return dst, false
		}
		dst = append(append(dst, '.'), rest[1:i]...)
		rest = rest[i:]
	}
	if len(rest) == 0 {
		return dst, true
	}
	signed := len(rest) > 2 && (rest[0] == 'e' || rest[0] == 'E') && (rest[1] == '+' || rest[1] == '-')
	for _, b := range rest[min(2, len(rest)):] {
		signed = signed && isDigit(b)
	}
	return append(dst, rest...), signed
}

// styles tells which styles a number fits, and whether they read it differently.
func styles(cell []byte) (point, comma, differ bool) {
	var a, b [64]byte
	if len(cell) > 40 {
		return false, false, false
	}
	if _, whole := readPlain(a[:0], cell); whole && len(cell) < 15 {
		return true, true, false
	}
	inPoint, point := readNumber(a[:0], cell, Point)
	inComma, comma := readNumber(b[:0], cell, Comma)
	point = point && inRange(inPoint)
	comma = comma && inRange(inComma)
	return point, comma, point && comma && !bytes.Equal(inPoint, inComma)
}

func inRange(json []byte) bool {
	_, err := number.Parse(string(json))
	return err == nil
}
