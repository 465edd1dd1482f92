package scenario

import (
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
)

// expect reads what is expected: of a segment, of one person, transitions, or a problem.
func (p *parser) expect(span rule.Span) {
	before := p.pos
	switch first := p.word(""); first {
	case "transitions", "no":
		p.transitions(span, first == "no")
		return
	case "error", "warning":
		if !p.mark(':') {
			p.refused(span, first == "warning")
			return
		}
	}
	if !p.began {
		p.cursor.fail(span, "", "say at which instant: at 2026-01-01T10:00")
	}
	p.pos = before
	if rest := p.text[p.pos:p.end]; strings.Contains(strings.SplitN(rest, `"`, 2)[0], ":") && !strings.Contains(strings.SplitN(rest, ":", 2)[0], " in ") {
		p.members(span)
		return
	}
	p.one(span)
}

// members reads `SEGMENT: NAME, NAME, …` or `SEGMENT: nobody`.
func (p *parser) members(span rule.Span) {
	e := &expectMembers{place: place{span}, segment: p.segmentName()}
	p.need(':', "the segment")
	if !p.accept("nobody") {
		for {
			e.names = append(e.names, p.name("a name or nobody"))
			if p.cursor.problem != nil || !p.mark(',') {
				break
			}
		}
	}
	slices.Sort(e.names)
	p.steps = append(p.steps, e)
}

// one reads `NAME [not] in SEGMENT [until DATE|never] [because CONDITION]`.
func (p *parser) one(span rule.Span) {
	e := &expectOne{place: place{span}, who: p.name("a segment or a person"), in: true}
	if p.accept("not") {
		e.in = false
	}
	if !p.accept("in") {
		p.cursor.fail(span, "", "expected SEGMENT: NAMES, or NAME in SEGMENT, or transitions, or error TEXT")
	}
	e.segment = p.segmentName()
	if p.accept("until") {
		t := calendar.Never
		if !p.accept("never") {
			t = p.zone.Resolve(p.date())
		}
		e.until = &t
	}
	if p.accept("because") {
		e.because = p.condition()
	}
	p.steps = append(p.steps, e)
}

// condition reads a part of a rule up to the end.
func (p *parser) condition() string {
	p.space()
	offset, text := p.pos, p.text[p.pos:p.end]
	p.pos = p.end
	n, problems := rule.Parse(text)
	if n == nil {
		for _, problem := range shifted(problems, offset) {
			p.cursor.problem = &problem
		}
		return ""
	}
	return rule.PrintLine(n)
}

// shifted moves problems of a part to where it stands in the file.
func shifted(problems rule.Problems, offset int) rule.Problems {
	problems = slices.Clone(problems)
	for i := range problems {
		problems[i].Start += offset
		problems[i].End += offset
	}
	return problems
}

func (p *parser) transitions(span rule.Span, none bool) {
	if none && !p.accept("transitions") {
		p.cursor.fail(p.here(), "", "expected no transitions")
	}
	e := &expectTransitions{place: place{span}}
	p.steps = append(p.steps, e)
	if !none {
		p.list = e
	}
}

// expectedTransition reads `NAME entered|left SEGMENT [at DATE] [by CAUSE]`.
func (p *parser) expectedTransition() {
	t := transition{who: p.name("a name"), due: p.now}
	switch {
	case p.accept("entered"):
		t.entered = true
	case p.accept("left"):
	default:
		p.cursor.fail(p.here(), "", "expected entered or left")
	}
	t.segment = p.segmentName()
	if p.accept("at") {
		t.due = p.zone.Resolve(p.date())
	}
	if p.accept("by") {
		at := p.here()
		t.cause = p.word("")
		if !slices.Contains([]string{"event", "time", "edit", "merge", "import"}, t.cause) {
			p.cursor.fail(at, "", "causes are event, time, edit, merge and import")
		}
	}
	p.list.list = append(p.list.list, t)
}

// refused reads the problem that is expected of the segment or fact before it.
func (p *parser) refused(span rule.Span, warning bool) {
	r := &refusal{place{span}, p.quoted("the text of the problem"), warning}
	if len(p.steps) > 0 {
		switch s := p.steps[len(p.steps)-1].(type) {
		case *segment:
			s.refused = r
			return
		case *division:
			s.refused = r
			return
		case *fact:
			s.refused = r
			return
		}
	}
	p.cursor.fail(span, "", "an expected problem stands directly after the segment or the fact that has it")
}
