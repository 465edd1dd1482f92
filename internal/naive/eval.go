package naive

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
)

// moment is the place where a part of a rule is evaluated: a customer, an
// instant and, inside a `where`, `any`, `every` or `no`, the innermost event or object.
type moment struct {
	*World
	customer *Customer
	now      int64
	inside   bool
	staff    bool // the customer is asked about as one of a company's people
	record   map[string]any
}

// within gives the same moment inside an event or object.
func (m moment) within(record map[string]any) moment {
	m.inside, m.record = true, record
	return m
}

// Holds tells whether a customer satisfies a rule at an instant.
func (w *World) Holds(n rule.Node, c *Customer, now int64) bool {
	return moment{World: w, customer: c, now: now}.holds(n)
}

func (m moment) holds(n rule.Node) bool {
	switch n := n.(type) {
	case *rule.And:
		for _, part := range n.Parts {
			if !m.holds(part) {
				return false
			}
		}
		return true
	case *rule.Or:
		for _, part := range n.Parts {
			if m.holds(part) {
				return true
			}
		}
		return false
	case *rule.Not:
		return !m.holds(n.Part)
	case *rule.Compare:
		return m.compare(m.value(n.Left), n.Op, m.value(n.Right))
	case *rule.In:
		return m.in(m.value(n.Value), n.List) != n.Negated
	case *rule.Between:
		return m.between(m.value(n.Value), n.Low, n.High) != n.Negated
	case *rule.Match:
		return match(m.value(n.Value), n.How, n.Text.Text) != n.Negated
	case *rule.Known:
		return (m.value(n.Value) == nil) == n.Unknown
	case *rule.Moment:
		return m.moment(n)
	case *rule.Anniversary:
		return m.anniversary(n)
	case *rule.InSegment:
		return m.inSegment(n)
	case *rule.Crossed:
		return m.crossed(n)
	case *rule.Sequence:
		return m.sequence(n)
	case *rule.Quantified:
		return m.quantified(n)
	case *rule.Consent:
		return m.consent(n)
	case *rule.Top:
		return m.top(n)
	case *rule.IsTrue:
		return m.path(n.Path) == true
	}
	panic(fmt.Sprintf("naive: unknown condition %T", n))
}

// compare: every comparison with an unknown value or of different types is
// false, except !=, which is the negation of =.
func (m moment) compare(left any, op rule.Op, right any) bool {
	switch op {
	case rule.Equal:
		return equal(left, right)
	case rule.NotEqual:
		return !equal(left, right)
	}
	order, ok := order(left, right)
	switch {
	case !ok:
		return false
	case op == rule.Less:
		return order < 0
	case op == rule.LessEqual:
		return order <= 0
	case op == rule.Greater:
		return order > 0
	}
	return order >= 0
}

func (m moment) in(value any, list []*rule.Literal) bool {
	for _, literal := range list {
		if equal(value, m.literal(literal)) {
			return true
		}
	}
	return false
}

// between includes both ends; of a bare date on the right that is its whole day.
func (m moment) between(value any, low, high *rule.Literal) bool {
	if !m.compare(value, rule.GreaterEqual, m.literal(low)) {
		return false
	}
	if high.Kind == rule.DateLiteral && !high.Date.HasTime {
		return m.compare(value, rule.Less, m.dayAfter(high.Date))
	}
	return m.compare(value, rule.LessEqual, m.literal(high))
}

func match(value any, how rule.Matching, pattern string) bool {
	if list, ok := value.([]string); ok && how == rule.Contains {
		for _, element := range list {
			if fold(element) == fold(pattern) {
				return true
			}
		}
		return false
	}
	text, ok := value.(string)
	switch {
	case !ok:
		return false
	case how == rule.Matches:
		return regexp.MustCompile(pattern).MatchString(text)
	case how == rule.Contains:
		return strings.Contains(fold(text), fold(pattern))
	case how == rule.StartsWith:
		return strings.HasPrefix(fold(text), fold(pattern))
	}
	return strings.HasSuffix(fold(text), fold(pattern))
}

// moment tests when a date or time lies.
func (m moment) moment(n *rule.Moment) bool {
	t, ok := m.value(n.Value).(int64)
	if !ok {
		return false
	}
	switch n.Test {
	case rule.OlderThan:
		return m.now >= m.Later(t, n.Duration)
	case rule.InNext:
		return m.now < t && m.Earlier(t, n.Duration) <= m.now
	case rule.After:
		if n.Date.Date.HasTime {
			return t > m.InstantOf(n.Date.Date)
		}
		return t >= m.dayAfter(n.Date.Date)
	case rule.On:
		return m.InstantOf(n.Date.Date) <= t && t < m.dayAfter(n.Date.Date)
	}
	return m.inWindow(t, n.Window)
}

// inWindow tells whether a time lies in a window; without one, every time does.
func (m moment) inWindow(t int64, window *rule.Window) bool {
	if window == nil {
		return true
	}
	today := m.day(m.now)
	switch window.Kind {
	case rule.InLast:
		return t <= m.now && m.now < m.Later(t, window.Duration)
	case rule.Today:
		return m.instantOf(today) <= t && t < m.instantOf(today.AddDate(0, 0, 1))
	case rule.Yesterday:
		return m.instantOf(today.AddDate(0, 0, -1)) <= t && t < m.instantOf(today)
	case rule.InThis:
		return m.instantOf(period(today, window.Unit, 0)) <= t && t < m.instantOf(period(today, window.Unit, 1))
	case rule.InPrevious:
		return m.instantOf(period(today, window.Unit, -1)) <= t && t < m.instantOf(period(today, window.Unit, 0))
	case rule.Since:
		return m.InstantOf(window.From.Date) <= t
	case rule.Before:
		return t < m.InstantOf(window.From.Date)
	case rule.BetweenDates:
		return m.between(t, window.From, window.To)
	}
	panic(fmt.Sprintf("naive: unknown window %d", window.Kind))
}

// anniversary looks at the first return of day and month that is not over yet.
func (m moment) anniversary(n *rule.Anniversary) bool {
	t, ok := m.value(n.Value).(int64)
	if !ok {
		return false
	}
	year, month, day := m.wallOf(t).Date()
	for year = max(year+1, m.wallOf(m.now).Year()-1); ; year++ {
		begin := m.midnight(year, month, day) // 29 February of a common year is 1 March
		end := m.midnight(year, month, day+1)
		if year > 9999 {
			return false
		}
		if end <= m.now {
			continue
		}
		if n.InNext == nil {
			return begin <= m.now
		}
		return m.Earlier(begin, *n.InNext) <= m.now
	}
}

// quantified: over an empty or unset list `every` and `no` are true, `any` is false.
func (m moment) quantified(n *rule.Quantified) bool {
	if m.customer.Firm != nil && strings.Join(n.List.Names, ".") == "company.people" {
		return m.quantifiedPeople(n)
	}
	objects, _ := m.path(n.List).([]map[string]any)
	matching := 0
	for _, object := range objects {
		if m.within(object).holds(n.Rule) {
			matching++
		}
	}
	switch n.Quantifier {
	case rule.Any:
		return matching > 0
	case rule.Every:
		return matching == len(objects)
	}
	return matching == 0
}

// sequence: both sides by themselves choose events that exist at `now`.
func (m moment) sequence(n *rule.Sequence) bool {
	for _, a := range m.events(n.First) {
		end := m.Later(a.Time, n.Within)
		followed := false
		for _, b := range m.events(n.Second) {
			if a.Time < b.Time && b.Time <= end {
				followed = true
			}
		}
		if followed && !n.No || !followed && n.No && m.now >= end {
			return true
		}
	}
	return false
}

// consent asks for the last decision up to now; of several at one time, the one received last.
func (m moment) consent(n *rule.Consent) bool {
	granted, latest := false, int64(always)
	for _, c := range m.customer.Consents {
		if c.Channel == n.Channel.Text && c.Purpose == n.Purpose.Text && c.Time <= m.now && c.Time >= latest {
			granted, latest = c.Granted, c.Time
		}
	}
	return granted
}

// inSegment: a member now and, with a duration, since at least so long without a break.
func (m moment) inSegment(n *rule.InSegment) bool {
	entered, ok := m.memberSince(n.Segment.Text, m.now)
	return ok && (n.For == nil || m.now >= m.Later(entered, *n.For))
}

// memberSince gives the beginning of the unbroken stay at an instant. A stay
// that begins where, or before, another one ends continues that one.
func (m moment) memberSince(segment string, at int64) (since int64, ok bool) {
	for _, stay := range m.memberships(segment) {
		if stay.Segment == segment && stay.From <= at && (stay.To == nil || at < *stay.To) && (!ok || stay.From < since) {
			since, ok = stay.From, true
		}
	}
	if !ok {
		return 0, false
	}
	if before, was := m.memberSince(segment, since-1); was {
		return before, true
	}
	return since, true
}

// crossed: some entry or exit up to now lies in the window.
func (m moment) crossed(n *rule.Crossed) bool {
	for _, stay := range m.memberships(n.Segment.Text) {
		at := &stay.From
		if n.Left {
			at = stay.To
		}
		if stay.Segment == n.Segment.Text && at != nil && *at <= m.now && m.inWindow(*at, n.Window) {
			return true
		}
	}
	return false
}
