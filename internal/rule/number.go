package rule

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Slips with dates: 12/31/2025, 2025-12-31 10:00.
var (
	slashDate  = regexp.MustCompile(`^\d{1,4}/\d{1,2}/\d{1,4}`)
	looseClock = regexp.MustCompile(`^ +\d{1,2}:\d{2}(:\d{2})?`)
)

// number reads a number or a date, which begin alike.
func (s *scanner) number() {
	end := s.pos
	if s.text[end] == '-' {
		end++
	}
	end = s.digits(end)
	if s.text[s.pos] != '-' && s.at(end, "-") && s.digits(end+1) > end+1 {
		s.isoDate(end)
		return
	}
	if date := slashDate.FindString(s.text[s.pos:min(len(s.text), s.pos+20)]); date != "" {
		s.report(s.pos+len(date), "dates are written year-month-day", "for example 2025-12-31")
		s.emit(token{kind: dateToken}, s.pos+len(date))
		return
	}
	if s.at(end, ".") && s.digits(end+1) > end+1 {
		end = s.digits(end + 1)
	}
	if s.at(end, ".") && s.digits(end+1) > end+1 {
		s.dotted(end)
		return
	}
	s.emit(token{kind: numberToken, text: s.text[s.pos:end]}, end)
}

// at tells whether a text stands at a position.
func (s *scanner) at(pos int, text string) bool { return strings.HasPrefix(s.text[pos:], text) }

// digits gives the end of the digits at a position.
func (s *scanner) digits(pos int) int {
	for pos < len(s.text) && digit(s.text[pos]) {
		pos++
	}
	return pos
}

// isoDate reads a date such as 2026-11-21T14:30Z; end is somewhere in it.
func (s *scanner) isoDate(end int) {
	for end < len(s.text) && (namePart(rune(s.text[end])) && s.text[end] < 0x80 || strings.IndexByte("-+:.", s.text[end]) >= 0) {
		end++
	}
	written := s.text[s.pos:end]
	date, err := calendar.ParseDate(written)
	if err != nil {
		s.report(end, fmt.Sprintf("%s is not a date: %v", written, err), "")
		s.emit(token{kind: dateToken}, end) // the tree of a rule with problems is thrown away
		return
	}
	if !date.HasTime {
		if clock := looseClock.FindString(s.text[end:min(len(s.text), end+20)]); clock != "" {
			s.report(end+len(clock), "a date and its time are written as one", fmt.Sprintf("did you mean %sT%s?", written, strings.TrimLeft(clock, " ")))
			end += len(clock)
		}
	}
	s.emit(token{kind: dateToken, date: date}, end)
}

// dotted reads what has two points or more: a German date, or a number with
// thousands separators. Both are slips with an obvious meaning.
func (s *scanner) dotted(end int) {
	for end < len(s.text) && (digit(s.text[end]) || s.text[end] == '.' && s.digits(end+1) > end+1) {
		end++
	}
	written := s.text[s.pos:end]
	if date, ok := germanDate(written); ok {
		s.report(end, "dates are written year-month-day", fmt.Sprintf("did you mean %s?", date))
		s.emit(token{kind: dateToken, date: date}, end)
		return
	}
	s.report(end, written+" is not a number", "a number has no thousands separators and one decimal point: 1234.56")
	s.emit(token{kind: numberToken, text: "0"}, end)
}

// germanDate reads 31.12.2025.
func germanDate(s string) (calendar.Date, bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 || len(parts[0]) > 2 || len(parts[1]) > 2 {
		return calendar.Date{}, false
	}
	if len(parts[2]) == 2 {
		parts[2] = "20" + parts[2]
	}
	date, err := calendar.ParseDate(fmt.Sprintf("%s-%02s-%02s", parts[2], parts[1], parts[0]))
	return date, err == nil
}
