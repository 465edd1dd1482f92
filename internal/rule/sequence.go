package rule

import "fmt"

// sequence reads on after a condition that turns out to be the first event of a
// sequence, for `where` or `then` follows it.
func (p *parser) sequence(n Node) Node {
	first := asFilter(n)
	if first == nil {
		p.notAnEvent(n)
		return nil
	}
	if p.inWhere {
		p.report(p.peek().Span, `a sequence in the "where" of a sequence stands in parentheses`, "")
		return nil
	}
	before := len(*p.problems)
	if !p.step(first) {
		return nil
	}
	if !p.accept("then") {
		if len(*p.problems) == before { // else the `then` may be in what was skipped
			p.noThen(first)
		}
		return nil
	}
	seq := &Sequence{First: first, No: p.accept("no"), Second: &Filter{}}
	if p.at("not") {
		p.report(p.next().Span, `unexpected "not"`, `did you mean "then no"?`)
	}
	if !p.second(seq.Second) {
		return nil
	}
	if !p.accept("within") {
		if len(*p.problems) == before {
			p.noWithin()
		}
		return nil
	}
	var ok bool
	if seq.Within, ok = p.duration(); !ok {
		return nil
	}
	seq.Span = p.from(n.Where().Start)
	return seq
}

// step reads the window and condition of an event of a sequence; a condition
// ends with `then` or `within`.
func (p *parser) step(f *Filter) bool {
	outer := p.inWhere
	p.inWhere = true
	ok := p.filterTail(f)
	p.inWhere = outer
	f.Span = p.from(f.Event.Start)
	return ok
}

// second reads the event that follows.
func (p *parser) second(f *Filter) bool {
	what := `an event after "then"`
	if p.oneOf("any", "every") {
		p.report(p.next().Span, "unexpected word before the event", `"then" is followed by an event or by "no" and an event`)
	}
	var ok bool
	if f.Event, ok = p.name(what); !ok {
		return false
	}
	if p.at(".") {
		p.report(p.peek().Span, "a sequence consists of events, without properties", "conditions on properties follow \"where\"")
		return false
	}
	return p.step(f)
}

// asFilter reads a finished condition as an event with or without a window, nil if it is none.
func asFilter(n Node) *Filter {
	event := func(v Value, w *Window) *Filter {
		path, ok := v.(*Path)
		if !ok || len(path.Names) != 1 {
			return nil
		}
		return &Filter{Span: n.Where(), Event: Name{path.Span, path.Names[0]}, Window: w}
	}
	switch n := n.(type) {
	case *IsTrue:
		return event(n.Path, nil)
	case *Moment:
		if n.Test == InPeriod {
			return event(n.Value, n.Window)
		}
	case *Between:
		if !n.Negated && n.Low.Kind == DateLiteral && n.High.Kind == DateLiteral {
			at := Span{n.Low.Start, n.High.End}
			return event(n.Value, &Window{Span: at, Kind: BetweenDates, From: n.Low, To: n.High})
		}
	}
	return nil
}

// notAnEvent reports a `where` or `then` after what is no event.
func (p *parser) notAnEvent(n Node) {
	t := p.peek()
	p.looseThen = p.looseThen || t.is("then")
	hint := fmt.Sprintf("for example order_completed in last 30 days %s …", t.word)
	if t.is("where") && endsInCall(n) {
		hint = `inside the parentheses: count(order_completed where …)`
	}
	p.report(t.Span, fmt.Sprintf("%q follows an event and, if it has one, its window", t.word), hint)
}

// endsInCall tells whether a condition tests an aggregate.
func endsInCall(n Node) bool {
	for _, v := range Values(n) {
		if _, ok := v.(*Aggregate); ok {
			return true
		}
	}
	return false
}

// noThen reports an event with a condition that nothing follows.
func (p *parser) noThen(first *Filter) {
	event := name(first.Event.Text)
	hint := fmt.Sprintf("to ask for such an event at all, write count(%s where …) > 0", clip(event))
	p.report(Span{p.lastEnd(), p.lastEnd()}, `"then" and a second event are missing`, hint)
}

// noWithin reports a sequence without its limit.
func (p *parser) noWithin() {
	if p.at("then") {
		p.report(p.peek().Span, "a sequence has two events", `join two sequences with "and"`)
		return
	}
	if p.boundary() {
		p.report(Span{p.lastEnd(), p.lastEnd()}, `a sequence ends with "within" and a duration`, "for example within 30 days")
		return
	}
	hint := meant(p.peek(), "within", "where")
	if hint == "" {
		hint = "for example within 30 days"
	}
	p.expected(`"within" and a duration`, hint)
}
