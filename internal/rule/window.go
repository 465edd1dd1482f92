package rule

import (
	"fmt"
	"strconv"

	"github.com/kohorte/kohorte/internal/calendar"
)

// filterTail reads the window and the condition of an event.
func (p *parser) filterTail(f *Filter) bool {
	if p.oneOf("in", "today", "yesterday", "since", "before", "between") {
		if f.Window = p.window(); f.Window == nil {
			return false
		}
	}
	if !p.accept("where") {
		return true
	}
	f.Rule = p.rule()
	return f.Rule != nil
}

// window reads a period or `between date and date`.
func (p *parser) window() *Window {
	if !p.at("between") {
		return p.period()
	}
	start := p.next().Start
	from := p.date()
	if from == nil {
		return nil
	}
	if !p.accept("and") {
		p.expected(`"and" and the last date`, "")
		return nil
	}
	to := p.date()
	if to == nil {
		return nil
	}
	return &Window{Span: p.from(start), Kind: BetweenDates, From: from, To: to}
}

// period reads a stretch of time.
func (p *parser) period() *Window {
	t := p.peek()
	w := &Window{}
	ok := true
	switch t.word {
	case "today", "yesterday":
		p.next()
		w.Kind, _ = map[string]WindowKind{"today": Today, "yesterday": Yesterday}[t.word]
	case "since", "before":
		p.next()
		w.Kind = map[string]WindowKind{"since": Since, "before": Before}[t.word]
		w.From = p.date()
		ok = w.From != nil
	case "in":
		p.next()
		ok = p.inPeriod(w, t)
	default:
		p.expected("a window", `for example "in last 30 days", "in this month" or "since 2026-01-01"`)
		return nil
	}
	w.Span = p.from(t.Start)
	if !ok {
		return nil
	}
	return w
}

// inPeriod reads what follows `in`.
func (p *parser) inPeriod(w *Window, in token) bool {
	switch {
	case p.at("last"):
		if p.unitAhead(1) {
			p.periodSlip(in)
			return true
		}
		p.next()
		var ok bool
		w.Kind = InLast
		w.Duration, ok = p.duration()
		return ok
	case p.oneOf("this", "previous"):
		w.Kind = InThis
		if p.at("previous") {
			w.Kind = InPrevious
		}
		unit, ok := periodOf(p.after(1).word)
		if !ok {
			p.periodSlip(in)
			return false
		}
		p.pos += 2
		w.Unit = unit
		return true
	}
	p.inSlip(in.Start)
	return false
}

// moment reads the tests of when a value lies.
func (p *parser) moment(v Value, start int) Node {
	n := &Moment{Value: v}
	ok := true
	switch {
	case p.at("older"):
		p.next()
		n.Test = OlderThan
		if !p.accept("than") {
			p.thanSlip()
		}
		n.Duration, ok = p.duration()
	case p.at("in", "next"):
		n.Test = InNext
		n.Duration, ok = p.inNext()
	case p.oneOf("after", "on"):
		n.Test = After
		if p.next().is("on") {
			n.Test = On
		}
		n.Date = p.date()
		ok = n.Date != nil
		if ok && n.Test == On && n.Date.Date.HasTime {
			p.report(n.Date.Span, `"on" takes a date without a time`, "")
		}
	default:
		n.Test = InPeriod
		n.Window = p.period()
		ok = n.Window != nil
	}
	n.Span = p.from(start)
	if !ok {
		return nil
	}
	return n
}

// inNext reads `in next duration`.
func (p *parser) inNext() (calendar.Duration, bool) {
	in := p.next()
	if p.unitAhead(1) {
		p.periodSlip(in)
		return calendar.Duration{}, true
	}
	p.next()
	return p.duration()
}

func (p *parser) anniversary() Node {
	start := p.next().Start
	if !p.accept("of") {
		p.expected(`"of" and a date`, "for example anniversary of birthday in next 30 days")
		return nil
	}
	v := p.value()
	if v == nil {
		return nil
	}
	n := &Anniversary{Value: v}
	switch {
	case p.accept("today"):
	case p.at("in", "next"):
		d, ok := p.inNext()
		if !ok {
			return nil
		}
		n.InNext = &d
	default:
		p.expected(`"today" or "in next 30 days"`, "")
		return nil
	}
	n.Span = p.from(start)
	return n
}

// duration reads a whole number and its unit.
func (p *parser) duration() (calendar.Duration, bool) {
	t := p.peek()
	if t.kind != numberToken {
		p.durationSlip()
		return calendar.Duration{}, false
	}
	p.next()
	n, err := strconv.Atoi(t.text)
	switch {
	case err == nil && n >= 1 && n <= maxDuration:
	case err == nil && n < 1:
		p.report(t.Span, "a duration begins with a whole number from 1", "")
	case err == nil || len(t.text) > 6 && !isDecimal(t.text):
		p.report(t.Span, fmt.Sprintf("a duration is at most %d units long", maxDuration), "")
	default:
		p.report(t.Span, "a duration begins with a whole number from 1", "use the next smaller unit: 36 hours instead of 1.5 days")
	}
	unit, ok := unitOf(asciiLower(p.peek().text))
	if !ok || p.peek().quoted {
		return calendar.Duration{}, p.unitSlip(t)
	}
	p.next()
	return calendar.Duration{N: n, Unit: unit}, true
}

// unitAhead tells whether the token some places on is a unit of time.
func (p *parser) unitAhead(n int) bool {
	t := p.after(n)
	if t.quoted || t.kind != nameToken && t.kind != keywordToken {
		return false
	}
	_, ok := unitOf(asciiLower(t.text))
	return ok || t.is("quarter") || asciiLower(t.text) == "quarters"
}
