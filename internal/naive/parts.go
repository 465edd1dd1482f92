package naive

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// Parts is what a rule mentions, each thing as often as it does. It tells which
// instants and which data are of interest to it.
type Parts struct {
	Durations []calendar.Duration
	Units     []calendar.Unit // of whole periods: days, weeks, months, quarters, years
	Dates     []calendar.Date
	Texts     []string
	Numbers   []number.Number
	Events    []string
	Paths     []string // dotted, with "customer." and "company." as they stand
	Segments  []string
	Consents  []rule.Consent
	Yearly    bool // ages and anniversaries
	Ranks     bool // other customers matter
}

// PartsOf collects what a rule mentions.
func PartsOf(n rule.Node) *Parts {
	p := &Parts{}
	p.node(n)
	return p
}

func (p *Parts) node(n rule.Node) {
	switch n := n.(type) {
	case nil:
	case *rule.And:
		p.nodes(n.Parts)
	case *rule.Or:
		p.nodes(n.Parts)
	case *rule.Not:
		p.node(n.Part)
	case *rule.IsTrue:
		p.path(n.Path)
	case *rule.Quantified:
		p.path(n.List)
		p.node(n.Rule)
	case *rule.InSegment:
		p.Segments = append(p.Segments, n.Segment.Text)
		p.duration(n.For)
	case *rule.Crossed:
		p.Segments = append(p.Segments, n.Segment.Text)
		p.window(n.Window)
	case *rule.Sequence:
		p.filter(n.First)
		p.filter(n.Second)
		p.duration(&n.Within)
	case *rule.Consent:
		p.Consents = append(p.Consents, *n)
	default:
		p.test(n)
	}
}

func (p *Parts) nodes(parts []rule.Node) {
	for _, part := range parts {
		p.node(part)
	}
}

// test takes the conditions on a value.
func (p *Parts) test(n rule.Node) {
	switch n := n.(type) {
	case *rule.Compare:
		p.values(n.Left, n.Right)
	case *rule.In:
		p.values(n.Value)
		for _, literal := range n.List {
			p.values(literal)
		}
	case *rule.Between:
		p.values(n.Value, n.Low, n.High)
	case *rule.Match:
		p.values(n.Value, n.Text)
	case *rule.Known:
		p.values(n.Value)
	case *rule.Moment:
		p.values(n.Value)
		p.duration(&n.Duration)
		p.date(n.Date)
		p.window(n.Window)
	case *rule.Anniversary:
		p.values(n.Value)
		p.Yearly = true
		p.duration(n.InNext)
	case *rule.Top:
		p.values(n.By)
		p.Ranks = true
	default:
		panic(fmt.Sprintf("naive: unknown condition %T", n))
	}
}

func (p *Parts) values(values ...rule.Value) {
	for _, v := range values {
		switch v := v.(type) {
		case *rule.Path:
			p.path(v)
		case *rule.Literal:
			p.literal(v)
		case *rule.Aggregate:
			if v.IsPeople() {
				p.people(v)
				continue
			}
			p.filter(v.Filter)
			if v.Property != nil {
				p.path(v.Property)
			}
		case *rule.Age:
			p.path(v.Path)
			p.Yearly = true
		case *rule.Distance:
			p.path(v.Path)
			p.literal(v.To)
		case *rule.Score:
		default:
			panic(fmt.Sprintf("naive: unknown value %T", v))
		}
	}
}

// people takes an aggregate over the people of a company.
func (p *Parts) people(a *rule.Aggregate) {
	if len(a.Property.Names) > 1 {
		p.Paths = append(p.Paths, strings.Join(a.Property.Names[1:], "."))
	}
	p.node(a.Filter.Rule)
}

func (p *Parts) path(path *rule.Path) {
	p.Paths = append(p.Paths, strings.Join(path.Names, "."))
}

func (p *Parts) literal(l *rule.Literal) {
	switch l.Kind {
	case rule.TextLiteral:
		p.Texts = append(p.Texts, l.Text)
	case rule.NumberLiteral:
		p.Numbers = append(p.Numbers, l.Number)
	case rule.DateLiteral:
		p.Dates = append(p.Dates, l.Date)
	}
}

func (p *Parts) filter(f *rule.Filter) {
	p.Events = append(p.Events, f.Event.Text)
	p.window(f.Window)
	p.node(f.Rule)
}

func (p *Parts) window(w *rule.Window) {
	if w == nil {
		return
	}
	p.duration(&w.Duration)
	p.date(w.From)
	p.date(w.To)
	switch w.Kind {
	case rule.Today, rule.Yesterday:
		p.Units = append(p.Units, calendar.Day)
	case rule.InThis, rule.InPrevious:
		p.Units = append(p.Units, w.Unit)
	}
}

func (p *Parts) duration(d *calendar.Duration) {
	if d != nil && d.N > 0 {
		p.Durations = append(p.Durations, *d)
	}
}

func (p *Parts) date(l *rule.Literal) {
	if l != nil {
		p.Dates = append(p.Dates, l.Date)
	}
}
