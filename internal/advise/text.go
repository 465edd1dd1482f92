package advise

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/segment"
)

// share is a part of one, which is written in percent.
type share float64

// list is names in a row.
type list []string

// crowd is a number of customers, or of companies.
type crowd struct {
	n     int
	firms bool
}

func (a *advisor) crowd(s *Segment) crowd { return crowd{a.total(s), s.Firms()} }

func (c crowd) in(german bool) string {
	switch {
	case german && c.firms:
		return "Firmen"
	case german:
		return "Kunden"
	case c.firms:
		return "companies"
	}
	return "customers"
}

// days is a number of days.
type days int

// date is a day.
type date calendar.Civil

// both says the same in German and English. The places are all %s; numbers, shares,
// lists and dates are written as the language has them.
func both(german, english string, values ...any) segment.Texts {
	return segment.Texts{DE: fmt.Sprintf(german, written(values, true)...), EN: fmt.Sprintf(english, written(values, false)...)}
}

// joined puts one text behind another.
func joined(a, b segment.Texts) segment.Texts {
	return segment.Texts{DE: a.DE + " " + b.DE, EN: a.EN + " " + b.EN}
}

func written(values []any, german bool) []any {
	point, group, and := ".", ",", " and "
	if german {
		point, group, and = ",", ".", " und "
	}
	texts := make([]any, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case int:
			texts[i] = grouped(v, group)
		case share:
			texts[i] = percent(v, point)
		case crowd:
			texts[i] = grouped(v.n, group) + " " + v.in(german)
		case days:
			texts[i] = grouped(int(v), group) + " " + v.unit(german)
		case list:
			texts[i] = inARow(v, and)
		case date:
			texts[i] = v.in(german)
		case segment.Texts:
			texts[i] = v.EN
			if german {
				texts[i] = v.DE
			}
		default:
			texts[i] = v
		}
	}
	return texts
}

func (d days) unit(german bool) string {
	switch {
	case german && d == 1:
		return "Tag"
	case german:
		return "Tage"
	case d == 1:
		return "day"
	}
	return "days"
}

func grouped(n int, separator string) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + separator + text[i:]
	}
	return text
}

// percent writes a share; one that is nearly none or all is not rounded to it.
func percent(s share, point string) string {
	tenths := int(float64(s)*1000 + 0.5)
	switch {
	case s > 0 && tenths == 0:
		tenths = 1
	case s < 1 && tenths == 1000:
		tenths = 999
	}
	text := strconv.Itoa(tenths / 10)
	if tenths%10 != 0 {
		text += point + strconv.Itoa(tenths%10)
	}
	return text + " %"
}

// mostListed is how many names a text has at most.
const mostListed = 5

func inARow(names []string, and string) string {
	if n := len(names); n > mostListed {
		return strings.Join(names[:mostListed], ", ") + " … (" + strconv.Itoa(n) + ")"
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + and + names[last]
}

func (d date) in(german bool) string {
	if german {
		return fmt.Sprintf("%d.%d.%d", d.Day, d.Month, d.Year)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

func (a *advisor) dateOf(t calendar.Instant) date { return date(a.Zone.Civil(t)) }

// figures makes named figures of names and numbers that take turns.
func figures(pairs ...any) map[string]float64 {
	made := map[string]float64{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		switch n := pairs[i+1].(type) {
		case int:
			made[name] = float64(n)
		case share:
			made[name] = rounded(float64(n))
		}
	}
	return made
}

// rounded keeps four places.
func rounded(f float64) float64 { return float64(int64(f*10_000+0.5)) / 10_000 }
