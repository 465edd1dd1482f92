package value

import (
	"bytes"
	"strings"
)

// readClock reads what stands behind a day: nothing, or a time of day with or
// without a zone: T14:30 · 14:30:05.250 · 2:30 PM · 14:30 Uhr · 14:30:00+01:00 · 14:30 UTC.
func (m *moment) readClock(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " ,T\u00a0")
	if len(rest) == 0 {
		return true
	}
	hour, n := readInt(rest)
	if n == 0 || n > 2 || n >= len(rest) || rest[n] != ':' && rest[n] != '.' {
		return false
	}
	minute, k := readInt(rest[n+1:])
	if k != 2 {
		return false
	}
	rest = rest[n+1+k:]
	second, milli := 0, 0
	if len(rest) > 2 && (rest[0] == ':' || rest[0] == '.') {
		if second, k = readInt(rest[1:]); k != 2 {
			return false
		}
		milli, rest = readMillis(rest[3:])
	}
	hour, rest, ok := readHalf(hour, rest)
	if !ok || hour > 23 || minute > 59 || second > 59 {
		return false
	}
	m.clock.HasTime = true
	m.clock.Milli = (hour*60+minute)*60_000 + second*1000 + milli
	return m.readZone(rest)
}

// readMillis reads the decimals of a second; those beyond the third are cut off.
func readMillis(rest []byte) (milli int, _ []byte) {
	if len(rest) < 2 || rest[0] != '.' && rest[0] != ',' || !isDigit(rest[1]) {
		return 0, rest
	}
	i := 1
	for unit := 100; i < len(rest) && isDigit(rest[i]); unit /= 10 {
		milli += int(rest[i]-'0') * unit
		i++
	}
	return milli, rest[i:]
}

// readHalf reads AM and PM, and the German word for o'clock, which says nothing.
func readHalf(hour int, rest []byte) (_ int, _ []byte, ok bool) {
	word := strings.ToLower(string(trimBlanks(rest)))
	switch {
	case word == "uhr":
		return hour, nil, true
	case word != "am" && word != "pm" && word != "a.m." && word != "p.m.":
		return hour, rest, true
	case hour < 1 || hour > 12:
		return hour, rest, false
	}
	hour %= 12
	if word[0] == 'p' {
		hour += 12
	}
	return hour, nil, true
}

// readZone reads Z, UTC, GMT, +01:00, +0100 or +01 at the end.
func (m *moment) readZone(rest []byte) bool {
	rest = trimBlanks(rest)
	switch string(rest) {
	case "":
		return true
	case "Z", "z", "UTC", "GMT":
		m.clock.HasZone = true
		return true
	}
	if rest[0] != '+' && rest[0] != '-' {
		return false
	}
	digits := bytes.Replace(rest[1:], []byte(":"), nil, 1)
	value, n := readInt(digits)
	if n == 2 {
		value *= 100
	}
	if n != len(digits) || n != 2 && n != 4 || value/100 > 23 || value%100 > 59 {
		return false
	}
	m.clock.HasZone = true
	m.clock.Offset = value/100*60 + value%100
	if rest[0] == '-' {
		m.clock.Offset = -m.clock.Offset
	}
	return true
}

// months are the beginnings of the names of the months, in English and German.
var months = map[string]int{
	"jan": 1, "jän": 1, "feb": 2, "mar": 3, "mär": 3, "mrz": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6,
	"jul": 7, "aug": 8, "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12,
}

var monthNames = map[string]bool{
	"january": true, "february": true, "march": true, "april": true, "june": true, "july": true, "august": true, "sept": true,
	"september": true, "october": true, "november": true, "december": true, "januar": true, "jänner": true, "februar": true,
	"märz": true, "maerz": true, "juni": true, "juli": true, "oktober": true, "dezember": true,
}

func monthOf(word string) int {
	word = strings.ToLower(strings.TrimSuffix(word, "."))
	if _, short := months[word]; !short && !monthNames[word] {
		return 0
	}
	runes := []rune(word)
	if word == "maerz" {
		return 3
	}
	return months[string(runes[:3])]
}

// hasLetterEarly tells whether a letter stands where only a month's name can bring it.
func hasLetterEarly(cell []byte) bool {
	for _, b := range cell[:6] {
		if b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= 0x80 {
			return b != 'T' || !isDigit(cell[0])
		}
	}
	return false
}

// readNamed reads a day with the name of its month: 31 Dec 2025 · 31. Dezember
// 2025 · Dec 31, 2025 · 31-Dec-25 · Wed, 31 Dec 2025.
func (m *moment) readNamed(cell []byte) (rest []byte, ok bool) {
	words, end := dateWords(cell)
	if len(words) < 3 {
		return nil, false
	}
	day, month := words[0], monthOf(words[1])
	if month == 0 {
		day, month = words[1], monthOf(words[0])
	}
	d, n := readInt([]byte(day))
	y, k := readInt([]byte(words[2]))
	if month == 0 || n == 0 || n > 2 || k != len(words[2]) || k != 2 && k != 4 {
		return nil, false
	}
	switch strings.ToLower(day[n:]) {
	case "", ".", "st", "nd", "rd", "th":
	default:
		return nil, false
	}
	m.parts, m.certain, m.shortYear = [3]int{y, month, d}, true, k == 2
	return cell[end:], true
}

// dateWords gives the three words that make a date, without the weekday before
// them, and where the third ends.
func dateWords(cell []byte) (words []string, end int) {
	isBreak := func(b byte) bool { return b == ' ' || b == '-' || b == ',' || b == '/' }
	for i := 0; i < len(cell) && len(words) < 3; i++ {
		start := i
		for i < len(cell) && !isBreak(cell[i]) {
			i++
		}
		word := string(cell[start:i])
		if word == "" || len(words) == 0 && weekday[strings.ToLower(strings.TrimSuffix(word, "."))] {
			continue
		}
		words, end = append(words, word), i
	}
	return words, end
}

var weekday = func() map[string]bool {
	days := map[string]bool{}
	for _, d := range strings.Fields(`mon monday mo montag tue tuesday tues di dienstag wed wednesday mi mittwoch
		thu thursday thurs do donnerstag fri friday fr freitag sat saturday sa samstag sonnabend sun sunday so sonntag`) {
		days[d] = true
	}
	return days
}()
