package value

import (
	"bytes"
	"encoding/json"
	"math/bits"
	"slices"
	"strings"
)

// Profile gathers what the cells of one column have in common. Add them all,
// then Decide.
type Profile struct {
	Name   string
	Filled int // cells that are not empty, those that say "n/a" included
	// Distinct counts the different values, up to MostDistinct.
	Distinct int
	// Examples are the first few different values.
	Examples []string
	// Currencies are the codes of the currencies that stood beside numbers.
	Currencies []string
	// Literals counts the cells of a JSON file that are no text.
	Literals int
	// Semicolons counts the cells with one in them.
	Semicolons int

	values  map[string]struct{}
	missing int
	typed   int // cells that say something, and not only that there is no value
	numbers numberVotes
	dates   dateVotes
	words   []string // the different words, lower case
	wordy   bool     // there are too many for a yes and a no
	json    int
	counted int // Filled when the last different value was counted

	pointZero int    // whole numbers written as 17850.0
	unix      [2]int // cells with ten digits, and with thirteen
	mails     int
}

// MostDistinct is how far different values are counted.
const MostDistinct = 10_000

const (
	mostExamples = 3
	firstLook    = 100 // the cells of a column that are all looked at closely
)

type numberVotes struct {
	point, comma int // cells that fit the style
	differ       int // cells that fit both and mean something else in each
}

type dateVotes struct {
	possible int // cells that are dates
	clocked  int // of them, with a time of day that is not midnight
	compact  int // of them, written as eight digits
	open     int // of them, without a certain order
	fits     [UnixMilli + 1]int
	only     [UnixMilli + 1]int // dates that fit this order and no other
	differ   bool               // some date means different days in different orders
	first    [2]uint64          // which values of two digits stand in the first place
	last     [2]uint64          // and in the last
}

// Add takes a cell in. An empty one tells nothing.
func (p *Profile) Add(cell []byte, literal bool) {
	if len(cell) == 0 {
		return
	}
	p.Filled++
	p.remember(cell)
	if literal {
		p.Literals++
		if cell[0] == '-' || isDigit(cell[0]) {
			p.typed++
			p.addNumber(cell)
		}
		return
	}
	if IsMissing(cell) {
		p.missing++
		return
	}
	p.typed++
	p.addNumber(cell)
	p.addDate(cell)
	p.addWord(cell)
	if b := cell[0]; (b == '[' || b == '{') && json.Valid(cell) {
		p.json++
	}
	p.mails += count(bytes.IndexByte(cell, '@') > 0)
	p.Semicolons += count(bytes.IndexByte(cell, ';') > 0)
}

func (p *Profile) remember(cell []byte) {
	if p.Distinct == MostDistinct {
		return
	}
	p.counted = p.Filled
	if p.values == nil {
		p.values = map[string]struct{}{}
	}
	if _, ok := p.values[string(cell)]; ok {
		return
	}
	p.values[string(cell)] = struct{}{}
	if p.Distinct++; len(p.Examples) < mostExamples {
		p.Examples = append(p.Examples, shorten(cell))
	}
	if p.Distinct == MostDistinct {
		p.values = nil
	}
}

func (p *Profile) addNumber(cell []byte) {
	if p.typed > firstLook && 2*max(p.numbers.point, p.numbers.comma) < p.typed {
		return // the column is something else
	}
	point, comma, differ := styles(cell)
	p.numbers.point += count(point)
	p.numbers.comma += count(comma)
	p.numbers.differ += count(differ)
	if code := Currency(cell); code != "" && !slices.Contains(p.Currencies, code) {
		p.Currencies = append(p.Currencies, code)
	}
	if head, ok := bytes.CutSuffix(cell, []byte(".0")); ok && len(head) > 0 && bytes.IndexFunc(head, notDigit) < 0 {
		p.pointZero++
	}
	if _, n := readInt(cell); n == len(cell) {
		p.unix[0] += count(n == 10)
		p.unix[1] += count(n == 13)
	}
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *Profile) addDate(cell []byte) {
	d := &p.dates
	if p.typed > firstLook && 2*d.possible < p.typed {
		return
	}
	m, ok := readMoment(cell)
	if !ok || m.needsOrder() && !d.vote(&m) || !m.needsOrder() && !m.fits(DayFirst) {
		return
	}
	d.possible++
	d.compact += count(m.compact)
	d.clocked += count(m.clock.HasTime && m.clock.Milli != 0)
	d.open += count(m.needsOrder())
}

// vote notes which orders a date fits, and tells whether it fits any.
func (d *dateVotes) vote(m *moment) bool {
	var fitting [3]Order
	n := 0
	for _, o := range []Order{DayFirst, MonthFirst, YearFirst} {
		if m.fits(o) {
			d.fits[o]++
			fitting[n] = o
			n++
		}
	}
	if n == 1 {
		d.only[fitting[0]]++
	}
	for _, o := range fitting[:n] {
		y, mo, da := m.order(o)
		y0, mo0, da0 := m.order(fitting[0])
		d.differ = d.differ || y != y0 || mo != mo0 || da != da0
	}
	if m.shortYear {
		d.first[m.parts[0]/64] |= 1 << (m.parts[0] % 64)
		d.last[m.parts[2]/64] |= 1 << (m.parts[2] % 64)
	}
	return n > 0
}

func variety(set [2]uint64) int { return bits.OnesCount64(set[0]) + bits.OnesCount64(set[1]) }

func (p *Profile) addWord(cell []byte) {
	if p.wordy {
		return
	}
	word := strings.ToLower(string(cell))
	if !slices.Contains(p.words, word) {
		p.words = append(p.words, word)
		p.wordy = len(p.words) > 2
	}
}

// boolean tells whether the words of the column are a yes and a no. A single
// word is none, unless it says true or false: NO may be a country.
func (p *Profile) boolean() bool {
	for _, pair := range truths[:len(truths)-1] {
		both := len(p.words) == 2 && slices.Contains(p.words, pair[0]) && slices.Contains(p.words, pair[1])
		plain := len(p.words) == 1 && pair[0] == "true" && slices.Contains(pair[:], p.words[0])
		if both || plain {
			return true
		}
	}
	return false
}

// Empty tells whether the column has no value at all.
func (p *Profile) Empty() bool { return p.Filled == p.missing }

// Mails tells whether nearly all cells look like e-mail addresses.
func (p *Profile) Mails() bool { return p.typed > 0 && p.mails*10 >= p.typed*9 }

// Unique tells whether no value comes twice, as far as values are counted.
func (p *Profile) Unique() bool { return p.Filled > 0 && p.Distinct == p.counted }

// Repeats tells how often a value comes on average, as far as values are counted.
func (p *Profile) Repeats() float64 { return float64(p.counted) / float64(max(1, p.Distinct)) }

// Values gives the different values, in order; nil if there are more than most.
func (p *Profile) Values(most int) []string {
	if p.Distinct > min(most, MostDistinct-1) {
		return nil
	}
	values := make([]string, 0, p.Distinct)
	for v := range p.values {
		values = append(values, v)
	}
	slices.Sort(values)
	return values
}
