package eval

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// Compile makes a rule ready. The rule must have passed the check; fields that
// the schema does not know are unknown for everybody, as in rules written ahead
// of the data. Places may be nil if no postcodes were imported. The error is for
// rules that were not checked.
func Compile(n rule.Node, schema *columns.Schema, places Places) (*Program, error) {
	c := newCompiler(n, schema, places)
	c.program.root = c.cond(n, scope{Scope: catalog.Scope{Catalog: schema.Catalog}})
	c.program.parts = parts{c.conds, c.values, c.filters}
	c.program.influence = c.program.influences()
	return c.program, c.err
}

func newCompiler(n rule.Node, schema *columns.Schema, places Places) *compiler {
	return &compiler{
		program: &Program{source: n, schema: schema}, schema: schema, places: places,
		conds: map[rule.Node]cond{}, values: map[rule.Value]any{}, filters: map[*rule.Filter]*filter{},
	}
}

type compiler struct {
	program *Program
	schema  *columns.Schema
	places  Places
	err     error
	// timed counts what can change with time alone, so that a filter knows whether its condition does.
	timed int

	conds   map[rule.Node]cond
	values  map[rule.Value]any
	filters map[*rule.Filter]*filter
}

// scope is where a path stands, with the numbers of the innermost record's fields.
type scope struct {
	catalog.Scope
	fields *columns.Fields
}

func (s scope) within(fields *columns.Fields, types catalog.Fields) scope {
	return scope{Scope: s.Within(types), fields: fields}
}

func (c *compiler) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

func (c *compiler) cond(n rule.Node, s scope) cond {
	made := c.makeCond(n, s)
	c.conds[n] = made
	return made
}

func (c *compiler) makeCond(n rule.Node, s scope) cond {
	switch n := n.(type) {
	case *rule.And:
		parts := c.all(n.Parts, s)
		cheapest := slices.Clone(parts)
		slices.SortStableFunc(cheapest, func(a, b cond) int { return cost(a) - cost(b) })
		return &andCond{parts, cheapest}
	case *rule.Or:
		return &orCond{c.all(n.Parts, s)}
	case *rule.Not:
		return &notCond{c.cond(n.Part, s)}
	case *rule.Compare:
		return c.compare(n, s)
	case *rule.In:
		return negate(n.Negated, c.in(n, s))
	case *rule.Between:
		return negate(n.Negated, c.between(n, s))
	case *rule.Match:
		return negate(n.Negated, c.match(n, s))
	case *rule.Known:
		return negate(n.Unknown, c.known(n.Value, s))
	case *rule.IsTrue:
		return c.truth(n.Path, true, s)
	case *rule.Quantified:
		return c.quantified(n, s)
	case *rule.Sequence:
		c.timed++
		return &sequence{first: c.filter(n.First, s), second: c.filter(n.Second, s), no: n.No, within: n.Within, slot: c.slot()}
	}
	c.timed++
	return c.timedCond(n, s)
}

func (c *compiler) all(nodes []rule.Node, s scope) []cond {
	made := make([]cond, len(nodes))
	for i, n := range nodes {
		made[i] = c.cond(n, s)
	}
	return made
}

// timedCond compiles the conditions whose verdict time alone can change.
func (c *compiler) timedCond(n rule.Node, s scope) cond {
	switch n := n.(type) {
	case *rule.Moment:
		return c.moment(n, s)
	case *rule.Anniversary:
		return &anniversary{value: c.scalar(n.Value, s), inNext: n.InNext}
	case *rule.InSegment:
		if id, ok := c.schema.SegmentID(n.Segment.Text); ok {
			return c.ofCompany(n.Segment, &inSegment{segment: id, forTime: n.For})
		}
		return always(false)
	case *rule.Crossed:
		return c.ofCompany(n.Segment, c.crossed(n))
	case *rule.Consent:
		if id, ok := c.schema.ConsentID(catalog.Consent{Channel: n.Channel.Text, Purpose: n.Purpose.Text}); ok {
			return &consent{id}
		}
		return always(false)
	case *rule.Top:
		top := &topCond{index: len(c.program.ranks), percent: n.Percent, by: c.scalar(n.By, s)}
		c.program.ranks = append(c.program.ranks, top)
		return top
	}
	c.fail("eval: condition %T", n)
	return always(false)
}

func negate(negated bool, made cond) cond {
	if negated {
		return &notCond{made}
	}
	return made
}

func (c *compiler) crossed(n *rule.Crossed) cond {
	id, ok := c.schema.SegmentID(n.Segment.Text)
	if !ok {
		return always(false)
	}
	table := func(b *columns.Block) *columns.EventTable {
		switch stays := b.StayTable(id); {
		case stays == nil:
			return nil
		case n.Left:
			return stays.Exit
		default:
			return stays.Entry
		}
	}
	return &crossed{&filter{table: table, window: c.window(n.Window)}}
}

func (c *compiler) quantified(n *rule.Quantified, s scope) cond {
	ref, known := s.Resolve(n.List.Names)
	if !known || ref.Type.Kind != catalog.ObjectList {
		return always(n.Quantifier != rule.Any)
	}
	made := &quantified{quantifier: n.Quantifier, list: c.locate(n.List, s), members: c.field(ref, s).Members}
	outer := c.timed
	made.rule = c.cond(n.Rule, s.within(made.members, ref.Type.Fields))
	made.timed = c.timed > outer
	return made
}

// filter compiles a choice of events; its condition sees their properties.
func (c *compiler) filter(n *rule.Filter, s scope) *filter {
	made := &filter{window: c.window(n.Window)}
	c.filters[n] = made
	id, ok := c.schema.EventID(n.Event.Text)
	if !ok {
		made.table = func(*columns.Block) *columns.EventTable { return nil }
		return made
	}
	made.event = id
	if n.Rule != nil {
		outer := c.timed
		made.where = c.cond(n.Rule, s.within(c.schema.Events[id].Fields, c.schema.Catalog.Events[n.Event.Text]))
		made.timed = c.timed > outer
	}
	return made
}

// allTime is the window of a filter that names none.
const allTime rule.WindowKind = 255

func (c *compiler) window(n *rule.Window) *window {
	w := &window{kind: allTime, slot: c.slot()}
	if n == nil {
		return w
	}
	w.kind, w.duration, w.unit = n.Kind, n.Duration, n.Unit
	if n.From != nil {
		w.from = c.date(n.From)
	}
	if n.To != nil {
		w.to = c.endOf(n.To) + 1
	}
	return w
}

func (c *compiler) slot() int {
	c.program.windows++
	return c.program.windows - 1
}

func (c *compiler) memo() int {
	c.program.memos++
	return c.program.memos - 1
}

// date gives the instant of a date in the rule, of a bare one its midnight.
func (c *compiler) date(l *rule.Literal) calendar.Instant { return c.schema.Zone.Resolve(l.Date) }

// endOf gives the last instant of a bare date's day; a date with a time is its own end.
func (c *compiler) endOf(l *rule.Literal) calendar.Instant {
	t := c.date(l)
	if l.Date.HasTime {
		return t
	}
	return c.schema.Zone.DayStart(t, 1) - 1
}

func (c *compiler) moment(n *rule.Moment, s scope) cond {
	if !isMoment(c.kind(n.Value, s)) {
		return always(false)
	}
	v := c.scalar(n.Value, s)
	switch n.Test {
	case rule.OlderThan:
		return &olderThan{value: v, duration: n.Duration, slot: c.slot()}
	case rule.InNext:
		return &inNext{value: v, duration: n.Duration}
	case rule.After:
		return &compareScalars{left: v, op: rule.Greater, right: constant(c.endOf(n.Date))}
	case rule.On:
		return &betweenScalars{value: v, low: c.date(n.Date), high: c.endOf(n.Date)}
	}
	switch w := n.Window; w.Kind {
	case rule.InLast:
		return &inLast{value: v, duration: w.Duration, slot: c.slot()}
	case rule.Since:
		return &compareScalars{left: v, op: rule.GreaterEqual, right: constant(c.date(w.From))}
	case rule.Before:
		return &compareScalars{left: v, op: rule.Less, right: constant(c.date(w.From))}
	}
	return &inPeriod{value: v, window: c.window(n.Window)}
}

func isMoment(k catalog.Kind) bool { return k == catalog.Date || k == catalog.Time }

func (c *compiler) compare(n *rule.Compare, s scope) cond {
	if n.Op == rule.NotEqual {
		equal := *n
		equal.Op = rule.Equal
		return &notCond{c.compare(&equal, s)}
	}
	kl, kr := c.kind(n.Left, s), c.kind(n.Right, s)
	switch {
	case kl == catalog.Number && kr == catalog.Number || isMoment(kl) && isMoment(kr):
		made := &compareScalars{left: c.scalar(n.Left, s), op: n.Op, right: c.scalar(n.Right, s)}
		setLevels(made.left, made.right)
		setLevels(made.right, made.left)
		return made
	case kl == catalog.Text && kr == catalog.Text:
		return c.compareTexts(n, s)
	case kl == catalog.Boolean && kr == catalog.Boolean && n.Op == rule.Equal:
		return c.compareBools(n, s)
	}
	return always(false)
}

// setLevels tells an age what it is compared with, if that is fixed.
func setLevels(value scalar, with ...scalar) {
	a, ok := value.(*age)
	if !ok {
		return
	}
	levels := []int{}
	for _, w := range with {
		fixed, ok := w.(constant)
		if !ok {
			return
		}
		floor := int(fixed / number.Scale)
		levels = append(levels, floor, floor+1)
	}
	slices.Sort(levels)
	a.levels = slices.Compact(levels)
}

func (c *compiler) compareTexts(n *rule.Compare, s scope) cond {
	left, leftFixed := n.Left.(*rule.Literal)
	right, rightFixed := n.Right.(*rule.Literal)
	switch {
	case leftFixed && rightFixed:
		return constantText(left.Text, testOrder(n.Op, right.Text))
	case rightFixed:
		return &textTest{value: c.locate(n.Left, s), memo: c.memo(), test: testOrder(n.Op, right.Text)}
	case leftFixed:
		return &textTest{value: c.locate(n.Right, s), memo: c.memo(), test: testOrder(mirror(n.Op), left.Text)}
	}
	return &compareTexts{left: c.locate(n.Left, s), right: c.locate(n.Right, s), op: n.Op}
}

func mirror(op rule.Op) rule.Op {
	switch op {
	case rule.Less:
		return rule.Greater
	case rule.LessEqual:
		return rule.GreaterEqual
	case rule.Greater:
		return rule.Less
	case rule.GreaterEqual:
		return rule.LessEqual
	}
	return op
}

func (c *compiler) compareBools(n *rule.Compare, s scope) cond {
	left, leftFixed := n.Left.(*rule.Literal)
	right, rightFixed := n.Right.(*rule.Literal)
	switch {
	case leftFixed && rightFixed:
		return always(left.Bool == right.Bool)
	case rightFixed:
		return c.truth(n.Left, right.Bool, s)
	case leftFixed:
		return c.truth(n.Right, left.Bool, s)
	}
	return &sameBool{c.locate(n.Left, s), c.locate(n.Right, s)}
}

func (c *compiler) truth(v rule.Value, want bool, s scope) cond {
	if c.kind(v, s) != catalog.Boolean {
		return always(false)
	}
	if want {
		return &isTrue{c.locate(v, s), columns.True}
	}
	return &isTrue{c.locate(v, s), columns.False}
}

func (c *compiler) in(n *rule.In, s scope) cond {
	switch kind := c.kind(n.Value, s); {
	case isScalar(kind):
		return c.inScalars(n, kind, s)
	case kind == catalog.Text:
		var list []string
		for _, l := range n.List {
			if l.Kind == rule.TextLiteral {
				list = append(list, l.Text)
			}
		}
		return c.text(n.Value, testIn(list), s)
	case kind == catalog.Boolean:
		made := &orCond{}
		for _, l := range n.List {
			if l.Kind == rule.BoolLiteral {
				made.parts = append(made.parts, c.compareBools(&rule.Compare{Left: n.Value, Right: l}, s))
			}
		}
		return made
	}
	return always(false)
}

func (c *compiler) inScalars(n *rule.In, kind catalog.Kind, s scope) cond {
	made := &inScalars{value: c.scalar(n.Value, s)}
	var fixed []scalar
	for _, l := range n.List {
		if literalFits(l, kind) {
			v := c.scalar(l, s)
			fixed = append(fixed, v)
			made.list = append(made.list, v.scalar(nil))
		}
	}
	slices.Sort(made.list)
	setLevels(made.value, fixed...)
	return made
}

func literalFits(l *rule.Literal, kind catalog.Kind) bool {
	switch l.Kind {
	case rule.NumberLiteral:
		return kind == catalog.Number
	case rule.DateLiteral:
		return isMoment(kind)
	case rule.TextLiteral:
		return kind == catalog.Text
	}
	return kind == catalog.Boolean
}

func (c *compiler) between(n *rule.Between, s scope) cond {
	kind := c.kind(n.Value, s)
	if !literalFits(n.Low, kind) || !literalFits(n.High, kind) || kind == catalog.Boolean {
		return always(false)
	}
	switch n.Low.Kind {
	case rule.TextLiteral:
		return c.text(n.Value, testBetween(n.Low.Text, n.High.Text), s)
	case rule.DateLiteral:
		return &betweenScalars{value: c.scalar(n.Value, s), low: c.date(n.Low), high: c.endOf(n.High)}
	}
	made := &betweenScalars{value: c.scalar(n.Value, s), low: int64(n.Low.Number), high: int64(n.High.Number)}
	setLevels(made.value, constant(made.low), constant(made.high))
	return made
}

func (c *compiler) match(n *rule.Match, s scope) cond {
	kind := c.kind(n.Value, s)
	if n.How == rule.Contains && kind == catalog.TextList {
		return &listContains{c.locate(n.Value, s), n.Text.Text}
	}
	if kind != catalog.Text {
		return always(false)
	}
	if n.How != rule.Matches {
		return c.text(n.Value, testPart(n.How, n.Text.Text), s)
	}
	pattern, err := regexp.Compile(n.Text.Text)
	if err != nil {
		c.fail("the pattern %q is not a regular expression (RE2): %w", n.Text.Text, err)
		return always(false)
	}
	return c.text(n.Value, pattern.MatchString, s)
}

// text compiles a test of a text against literals.
func (c *compiler) text(v rule.Value, test func(string) bool, s scope) cond {
	if l, ok := v.(*rule.Literal); ok {
		return constantText(l.Text, test)
	}
	return &textTest{value: c.locate(v, s), memo: c.memo(), test: test}
}

func (c *compiler) known(v rule.Value, s scope) cond {
	if _, ok := v.(*rule.Literal); ok {
		return always(true)
	}
	switch kind := c.kind(v, s); {
	case isScalar(kind):
		return &isKnown{scalar: c.scalar(v, s)}
	case kind == catalog.Unknown:
		return always(false)
	}
	return &isKnown{locator: c.locate(v, s)}
}
