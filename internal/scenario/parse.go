package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// usualZone is the time zone of scenarios that name none.
const usualZone = "Europe/Berlin"

// Parse reads a file of scenarios, which can use the segments that are given; nil if
// none are. It reports all problems at once, in the order of their positions; then the
// file is nil.
func Parse(name, text string, given Given) (*File, rule.Problems) {
	p := parser{file: &File{Name: name, Text: text}, given: given}
	for _, s := range statements(text) {
		p.statement(s)
	}
	p.finish()
	if len(p.file.Scenarios) == 0 && len(p.problems) == 0 {
		p.problems = append(p.problems, rule.Problem{Message: `there is no scenario; one begins with scenario "TITLE"`})
	}
	if len(p.problems) > 0 {
		slices.SortStableFunc(p.problems, func(a, b rule.Problem) int { return a.Start - b.Start })
		return nil, p.problems
	}
	return p.file, nil
}

// parser holds the scenario that is being read.
type parser struct {
	file     *File
	given    Given
	problems rule.Problems
	*cursor

	*Scenario // nil before the first one
	began     bool
	now       calendar.Instant
	types     types
	visitors  map[string]bool
	companies map[string]bool
	labels    map[string]bool
	list      *expectTransitions // whose lines may follow
	depth     int                // of the line that began it

	segmentations []string // their names
	unsure        bool     // a use was wrong, so that there may be other segments
}

// readers are the words that begin a statement, with what reads it.
func readers() map[string]func(*parser, rule.Span) {
	return map[string]func(*parser, rule.Span){
		"scenario":  (*parser).scenario,
		"zone":      (*parser).readZone,
		"attribute": (*parser).attribute,
		"property":  (*parser).property,
		"declare":   (*parser).declare,
		"postcode":  (*parser).postcode,
		"segment":   (*parser).segment,

		"segmentation": (*parser).segmentation,

		"use":     (*parser).use,
		"remove":  (*parser).remove,
		"restart": (*parser).restart,
		"at":      (*parser).at,
		"expect":  (*parser).expect,
		"correct": (*parser).correct,
		"take":    (*parser).takeBack,
		"visitor": (*parser).visitor,
		"company": (*parser).company,
	}
}

func (p *parser) problem(span rule.Span, hint, format string, args ...any) {
	p.problems = append(p.problems, rule.Problem{Span: span, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (p *parser) statement(s statement) {
	p.cursor = &cursor{text: p.file.Text, pos: s.start, end: s.end}
	span := rule.Span{Start: s.start, End: s.end}
	if p.list != nil && s.indent > p.depth && !isExpectation(p.text[s.start:s.end]) {
		p.expectedTransition()
	} else {
		p.list, p.depth = nil, s.indent
		p.begin(span)
	}
	if p.cursor.problem == nil && !p.done() {
		p.cursor.fail(p.here(), "", "unexpected %q", p.text[p.pos:p.here().End])
	}
	if p.cursor.problem != nil {
		p.problems = append(p.problems, *p.cursor.problem)
	}
}

// begin reads the statement that its first word names; else it is a fact about a person.
func (p *parser) begin(span rule.Span) {
	start := p.pos
	word := p.word("")
	read := readers()[word]
	switch {
	case p.Scenario == nil && word != "scenario":
		p.cursor.fail(p.firstWord(start), "", `expected scenario "TITLE" first`)
	case read != nil:
		read(p, span)
	default:
		p.pos = start
		p.fact(span)
	}
}

func (p *parser) firstWord(start int) rule.Span {
	p.pos = start
	return p.here()
}

func (p *parser) scenario(span rule.Span) {
	p.finish()
	zone, _ := calendar.LoadZone(usualZone)
	title := p.quoted("a title")
	if slices.ContainsFunc(p.file.Scenarios, func(s *Scenario) bool { return s.Title == title }) {
		p.cursor.fail(span, "", "there is a scenario with this title already")
	}
	p.Scenario = &Scenario{Title: title, Line: lineOf(p.file.Text, span.Start), file: p.file, zone: zone, known: &catalog.Catalog{Zone: usualZone}}
	p.file.Scenarios = append(p.file.Scenarios, p.Scenario)
	p.began, p.types = false, types{known: p.known}
	p.visitors, p.companies, p.labels = map[string]bool{}, map[string]bool{}, map[string]bool{}
	p.segmentations, p.unsure = nil, false
}

// finish does what must wait for the end of a scenario.
func (p *parser) finish() {
	if p.Scenario == nil {
		return
	}
	p.known.Consents = catalog.SortConsents(p.known.Consents)
	if !p.began {
		p.problem(rule.Span{Start: p.start(), End: p.start()}, "", "the scenario has no instant: say at 2026-01-01T10:00")
	}
}

// start is where the present scenario begins.
func (p *parser) start() int {
	lines := strings.SplitAfterN(p.file.Text, "\n", p.Line)
	return len(p.file.Text) - len(lines[len(lines)-1])
}

func (p *parser) readZone(span rule.Span) {
	at := p.here()
	name := p.word("/+")
	zone, err := calendar.LoadZone(name)
	switch {
	case err != nil:
		p.cursor.fail(at, "", "there is no time zone %q", name)
	case len(p.steps) > 0:
		p.cursor.fail(span, "", "the time zone must stand before all that happens")
	default:
		p.zone, p.known.Zone = zone, name
	}
}

func (p *parser) at(span rule.Span) {
	instant := p.zone.Resolve(p.date())
	if p.began && instant < p.now {
		p.cursor.fail(span, "", "time does not go back")
	}
	p.began, p.now = true, instant
	p.steps = append(p.steps, &at{place{span}, instant})
}

func (p *parser) segment(span rule.Span) {
	named := p.here()
	name := p.word("")
	if !rule.IsName(name) {
		p.cursor.fail(named, "", "%q cannot be the name of a segment", name)
	}
	firms := p.accept("of")
	if firms && !p.accept("companies") {
		p.cursor.fail(p.here(), "", "expected segment NAME of companies: RULE")
	}
	p.need(':', "the name of the segment")
	p.space()
	if p.pos == p.end {
		p.cursor.fail(p.here(), "", "expected a rule")
	}
	if !slices.Contains(p.segments, name) {
		p.segments = append(p.segments, name)
	}
	p.steps = append(p.steps, &segment{place: place{span}, name: name, firms: firms, text: p.text[p.pos:p.end], offset: p.pos})
	p.pos = p.end
}

// segmentation reads `NAME [of companies]: SEGMENT, SEGMENT, …, else REST`.
func (p *parser) segmentation(span rule.Span) {
	d := spec.Definition{Name: p.name("the name of a segmentation"), Kind: spec.Segmentation}
	if p.accept("of") {
		d.Members = spec.Companies
		if !p.accept("companies") {
			p.cursor.fail(p.here(), "", "expected segmentation NAME of companies: SEGMENT, …, else REST")
		}
	}
	p.need(':', "the name of the segmentation")
	for p.cursor.problem == nil && !p.accept("else") {
		d.Parts = append(d.Parts, p.name("the name of a segment, or else and the name of the rest"))
		p.need(',', "a part; the last is else and the name of the rest")
	}
	d.Rest = p.name("the name of the rest")
	for _, part := range d.Derived() {
		if !slices.Contains(p.segments, part.Name) {
			p.segments = append(p.segments, part.Name)
		}
	}
	p.segmentations = append(p.segmentations, d.Name)
	p.steps = append(p.steps, &division{place: place{span}, segmentation: d})
}

func (p *parser) remove(span rule.Span) {
	switch {
	case p.accept("segmentation"):
		at := p.here()
		name := p.name("the name of a segmentation")
		if !slices.Contains(p.segmentations, name) {
			p.cursor.fail(at, "", "there is no segmentation %q", name)
		}
		p.steps = append(p.steps, &removal{place{span}, name})
	case p.accept("segment"):
		p.steps = append(p.steps, &removal{place{span}, p.segmentName()})
	default:
		p.cursor.fail(p.here(), "", "expected remove segment NAME or remove segmentation NAME")
	}
}

func (p *parser) restart(span rule.Span) { p.steps = append(p.steps, &restart{place{span}}) }

// segmentName reads the name of a segment that was defined.
func (p *parser) segmentName() string {
	at := p.here()
	name := p.word("")
	if !slices.Contains(p.segments, name) && !p.unsure {
		hint := ""
		if meant, ok := rule.Suggest(name, p.segments); ok {
			hint = fmt.Sprintf("did you mean %q?", meant)
		}
		p.cursor.fail(rule.Span{Start: at.Start, End: max(p.pos, at.Start)}, hint, "there is no segment %q", name)
	}
	return name
}

func lineOf(text string, pos int) int { return 1 + strings.Count(text[:pos], "\n") }
