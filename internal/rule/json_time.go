package rule

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// windowKeys are the members that say a window, of which an event has at most one.
var windowKeys = []string{"in_last", "today", "yesterday", "in_this", "in_previous", "since", "before", "between"}

// filter reads an event with its window and condition; more are further members that may stand in it.
func (r *jsonReader) filter(t tree, more ...string) *Filter {
	optional := append(append([]string{"where"}, windowKeys...), more...)
	if !r.members(t, []string{"event"}, optional...) {
		return nil
	}
	event, _ := t.member("event")
	name, ok := r.name(event)
	f := &Filter{Event: name}
	window, okWindow := r.windowIn(t)
	f.Window = window
	if where, found := t.member("where"); found {
		f.Rule = r.node(where)
		ok = ok && f.Rule != nil
	}
	if !ok || !okWindow {
		return nil
	}
	return f
}

// windowIn reads the window among the members of an object; nil without one, false after a problem.
func (r *jsonReader) windowIn(t tree) (*Window, bool) {
	found := ""
	var window *Window
	for _, m := range t.members {
		w, isWindow := r.window(m.name, m.value)
		switch {
		case !isWindow:
			continue
		case found != "":
			r.fail(t, fmt.Sprintf("%q and %q are two windows", found, m.name), "keep one")
			return nil, false
		case w == nil:
			return nil, false
		}
		found, window = m.name, w
	}
	return window, true
}

// window reads what stands behind a key of a window; false if the key is none.
func (r *jsonReader) window(key string, t tree) (w *Window, isWindow bool) {
	w = &Window{}
	ok := true
	switch key {
	case "in_last":
		w.Kind = InLast
		w.Duration, ok = r.duration(t)
	case "today", "yesterday":
		w.Kind = Today
		if key == "yesterday" {
			w.Kind = Yesterday
		}
		if ok = t.kind == boolTree && t.truth; !ok {
			r.fail(t, fmt.Sprintf("expected true behind %q", key), "")
		}
	case "in_this", "in_previous":
		w.Kind = InThis
		if key == "in_previous" {
			w.Kind = InPrevious
		}
		w.Unit, ok = r.unit(t)
	case "since", "before":
		w.Kind = Since
		if key == "before" {
			w.Kind = Before
		}
		w.From = r.date(t)
		ok = w.From != nil
	case "between":
		w.Kind = BetweenDates
		if !r.places(t, 2, "[date, date]") {
			return nil, true
		}
		w.From, w.To = r.date(t.items[0]), r.date(t.items[1])
		ok = w.From != nil && w.To != nil
	default:
		return nil, false
	}
	if !ok {
		return nil, true
	}
	return w, true
}

// inPeriod reads a moment in a period: {"in_last": [value, duration]}, {"today": value}.
func (r *jsonReader) inPeriod(t tree, key string) Node {
	value, bound := t, tree{kind: boolTree, truth: true}
	if key != "today" && key != "yesterday" {
		if !r.places(t, 2, map[string]string{"in_last": "[value, duration]", "since": "[value, date]", "before": "[value, date]",
			"in_this": "[value, unit]", "in_previous": "[value, unit]"}[key]) {
			return nil
		}
		value, bound = t.items[0], t.items[1]
	}
	v := r.value(value, true)
	w, _ := r.window(key, bound)
	if v == nil || w == nil {
		return nil
	}
	return &Moment{Value: v, Test: InPeriod, Window: w}
}

func (r *jsonReader) moment(t tree, key string) Node {
	what := "[value, date]"
	if key == "older_than" || key == "in_next" {
		what = "[value, duration]"
	}
	if !r.places(t, 2, what) {
		return nil
	}
	n := &Moment{Value: r.value(t.items[0], true)}
	ok := n.Value != nil
	switch bound := t.items[1]; key {
	case "older_than", "in_next":
		if key == "in_next" {
			n.Test = InNext
		}
		var okDuration bool
		n.Duration, okDuration = r.duration(bound)
		ok = ok && okDuration
	default:
		n.Test = map[string]MomentTest{"after": After, "on": On}[key]
		n.Date = r.date(bound)
		ok = ok && n.Date != nil
		if n.Date != nil && n.Test == On && n.Date.Date.HasTime {
			r.fail(bound, `"on" takes a date without a time`, "")
		}
	}
	if !ok {
		return nil
	}
	return n
}

func (r *jsonReader) anniversary(t tree) Node {
	if !r.members(t, []string{"of"}, "in_next", "today") {
		return nil
	}
	of, _ := t.member("of")
	n := &Anniversary{Value: r.value(of, true)}
	next, hasNext := t.member("in_next")
	today, hasToday := t.member("today")
	if hasNext == hasToday {
		r.fail(t, `expected either "in_next" or "today"`, "")
		return nil
	}
	ok := n.Value != nil
	if hasToday {
		_, _ = r.window("today", today)
	} else {
		var d calendar.Duration
		d, ok = r.duration(next)
		n.InNext = &d
	}
	if !ok || n.Value == nil {
		return nil
	}
	return n
}

func (r *jsonReader) inSegment(t tree) Node {
	if t.kind == textTree {
		t.items = []tree{t}
	} else if !r.places(t, 2, "a name or [name, duration]") {
		return nil
	}
	segment, ok := r.name(t.items[0])
	n := &InSegment{Segment: segment}
	if len(t.items) == 2 {
		var d calendar.Duration
		var okDuration bool
		d, okDuration = r.duration(t.items[1])
		n.For = &d
		ok = ok && okDuration
	}
	if !ok {
		return nil
	}
	return n
}

func (r *jsonReader) crossed(t tree, left bool) Node {
	if !r.members(t, []string{"segment"}, windowKeys...) {
		return nil
	}
	name, _ := t.member("segment")
	segment, ok := r.name(name)
	w, okWindow := r.windowIn(t)
	if okWindow && w == nil {
		r.fail(t, "a window is missing", `for example "in_last": "30 days"`)
	}
	if !ok || w == nil {
		return nil
	}
	return &Crossed{Left: left, Segment: segment, Window: w}
}

func (r *jsonReader) sequence(t tree) Node {
	if !r.members(t, []string{"first", "within"}, "then", "then_no") {
		return nil
	}
	first, _ := t.member("first")
	within, _ := t.member("within")
	second, then := t.member("then")
	no, thenNo := t.member("then_no")
	if then == thenNo {
		r.fail(t, `expected either "then" or "then_no"`, "")
		return nil
	}
	if thenNo {
		second = no
	}
	n := &Sequence{First: r.filter(first), No: thenNo, Second: r.filter(second)}
	var ok bool
	if n.Within, ok = r.duration(within); !ok || n.First == nil || n.Second == nil {
		return nil
	}
	return n
}

// unit reads the unit of "in_this" and "in_previous".
func (r *jsonReader) unit(t tree) (calendar.Unit, bool) {
	if !r.expect(textTree, t, "a unit") {
		return 0, false
	}
	unit, ok := periodOf(t.text)
	if !ok {
		r.fail(t, fmt.Sprintf("%s is no period", clip(quote(t.text))), `use "week", "month", "quarter" or "year"`)
	}
	return unit, ok
}

// duration reads a duration as the text form writes it: "30 days".
func (r *jsonReader) duration(t tree) (calendar.Duration, bool) {
	const example = `for example "30 days"`
	if !r.expect(textTree, t, "a duration") {
		return calendar.Duration{}, false
	}
	var problems problemList
	s := scanner{text: t.text, problems: &problems}
	if len(t.text) <= len("1000000 minutes")+10 && strings.Trim(t.text, " ") != "" && !strings.ContainsAny(t.text, "#\n") {
		s.scan()
		p := parser{tokens: s.tokens, problems: &problems}
		d, ok := p.duration()
		if ok && len(problems) == 0 && p.peek().kind == endToken {
			return d, true
		}
	}
	if len(problems) > 0 {
		r.fail(t, problems[0].Message, problems[0].Hint)
	} else {
		r.fail(t, fmt.Sprintf("%s is no duration", clip(quote(t.text))), example)
	}
	return calendar.Duration{}, false
}
