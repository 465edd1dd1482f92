package rule

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

// Span is where a part of a rule stands in its text: byte offsets, the end not
// included. Rules that come from JSON have zero spans.
type Span struct{ Start, End int }

// Where gives the span itself; every node embeds one.
func (s Span) Where() Span { return s }

// Node is a condition: something that is true or false for one customer at one instant.
type Node interface {
	Where() Span
	node()
}

// Value is something that a condition compares: an attribute, a literal, an aggregate over events, …
type Value interface {
	Where() Span
	value()
}

// PathOf gives the path that a value reads from where it stands, or nil: of an aggregate
// none, since it reads from its events.
func PathOf(v Value) *Path {
	switch v := v.(type) {
	case *Path:
		return v
	case *Age:
		return v.Path
	case *Distance:
		return v.Path
	}
	return nil
}

// The conditions.
type (
	// And is true if all of its parts are. It has at least two parts, none of which is an And.
	And struct {
		Span
		Parts []Node
	}
	// Or is true if one of its parts is. It has at least two parts, none of which is an Or.
	Or struct {
		Span
		Parts []Node
	}
	// Not negates.
	Not struct {
		Span
		Part Node
	}
	// Compare is `left op right`.
	Compare struct {
		Span
		Left  Value
		Op    Op
		Right Value
	}
	// In is `value [not] in (list)`.
	In struct {
		Span
		Value   Value
		Negated bool
		List    []*Literal
	}
	// Between is `value [not] between low and high`, both ends included.
	Between struct {
		Span
		Value     Value
		Negated   bool
		Low, High *Literal
	}
	// Match is `value [not] contains|starts with|ends with|matches "text"`.
	Match struct {
		Span
		Value   Value
		Negated bool
		How     Matching
		Text    *Literal // of kind TextLiteral
	}
	// Known is `value is known`, or `is unknown` with Unknown set.
	Known struct {
		Span
		Value   Value
		Unknown bool
	}
	// Moment tests when a date or time lies: `older than`, `in next`, `after`, `on`, or a period.
	Moment struct {
		Span
		Value    Value
		Test     MomentTest
		Duration calendar.Duration // OlderThan, InNext
		Date     *Literal          // After, On; of kind DateLiteral
		Window   *Window           // InPeriod; never of kind BetweenDates
	}
	// Anniversary is `anniversary of value in next duration`, or `… today` without a duration.
	Anniversary struct {
		Span
		Value  Value
		InNext *calendar.Duration
	}
	// InSegment is `in segment name [for duration]`.
	InSegment struct {
		Span
		Segment Name
		For     *calendar.Duration
	}
	// Crossed is `entered|left segment name window`.
	Crossed struct {
		Span
		Left    bool
		Segment Name
		Window  *Window
	}
	// Sequence is `first then [no] second within duration`.
	Sequence struct {
		Span
		First  *Filter
		No     bool
		Second *Filter
		Within calendar.Duration
	}
	// Quantified is `any|every|no path (rule)` over a list of objects.
	Quantified struct {
		Span
		Quantifier Quantifier
		List       *Path
		Rule       Node
	}
	// Consent is `consent(channel, purpose)`.
	Consent struct {
		Span
		Channel, Purpose Name
	}
	// Top is `top percent% by value`.
	Top struct {
		Span
		Percent number.Number // greater than 0, at most 100
		By      Value
	}
	// IsTrue is a boolean attribute that stands alone.
	IsTrue struct {
		Span
		Path *Path
	}
)

// The values.
type (
	// Path names an attribute, an event property or a member of an object: plan,
	// address.city, company.industry, customer.country. What the first name means
	// depends on where the path stands; the checker decides.
	Path struct {
		Span
		Names []string // at least one
	}
	// Literal is a text, number, boolean or date written in the rule.
	Literal struct {
		Span
		Kind   LiteralKind
		Text   string        // TextLiteral
		Number number.Number // NumberLiteral
		Bool   bool          // BoolLiteral
		Date   calendar.Date // DateLiteral
	}
	// Aggregate is `func(event[.property] filter)`.
	Aggregate struct {
		Span
		Func     Func
		Filter   *Filter
		Property *Path // relative to the event; nil without one
	}
	// Age is `age(path)`: completed years.
	Age struct {
		Span
		Path *Path
	}
	// Score is `score(name)`: a model's figure for the customer.
	Score struct {
		Span
		Name Name
	}
	// Distance is `distance(path, "DE-70173")`: kilometres to a postcode.
	Distance struct {
		Span
		Path *Path
		To   *Literal // of kind TextLiteral
	}
)

// The parts that conditions and values share.
type (
	// Name is a name and where it stands: of an event, a segment, a channel, …
	Name struct {
		Span
		Text string
	}
	// Filter chooses events: a type, and optionally a window and a condition on each event.
	Filter struct {
		Span
		Event  Name
		Window *Window // nil: all time
		Rule   Node    // nil: every event
	}
	// Window is a stretch of time relative to now or between dates.
	Window struct {
		Span
		Kind     WindowKind
		Duration calendar.Duration // InLast
		Unit     calendar.Unit     // InThis, InPrevious: Week, Month, Quarter or Year
		From, To *Literal          // Since and Before use From; BetweenDates both; of kind DateLiteral
	}
)

// Op is a comparison operator.
type Op uint8

// The comparison operators.
const (
	Equal Op = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
)

// Matching is a way to compare a text or list with a text.
type Matching uint8

// The ways to match.
const (
	Contains Matching = iota
	StartsWith
	EndsWith
	Matches // RE2, unanchored, case-sensitive
)

// MomentTest is a way to test when a moment lies.
type MomentTest uint8

// The tests of a Moment.
const (
	OlderThan MomentTest = iota
	InNext
	After
	On
	InPeriod
)

// Quantifier says how many objects of a list must satisfy a condition.
type Quantifier uint8

// The quantifiers.
const (
	Any Quantifier = iota
	Every
	No
)

// LiteralKind is the kind of a Literal.
type LiteralKind uint8

// The kinds of literals.
const (
	TextLiteral LiteralKind = iota
	NumberLiteral
	BoolLiteral
	DateLiteral
)

// Func is an aggregate function.
type Func uint8

// The aggregate functions.
const (
	Count Func = iota
	Sum
	Avg
	Min
	Max
	Distinct
	First
	Last
)

// WindowKind is the kind of a Window.
type WindowKind uint8

// The kinds of windows.
const (
	InLast WindowKind = iota
	Today
	Yesterday
	InThis
	InPrevious
	Since
	Before
	BetweenDates // as a window only; as a condition on a value it is a Between
)

func (*And) node()         {}
func (*Or) node()          {}
func (*Not) node()         {}
func (*Compare) node()     {}
func (*In) node()          {}
func (*Between) node()     {}
func (*Match) node()       {}
func (*Known) node()       {}
func (*Moment) node()      {}
func (*Anniversary) node() {}
func (*InSegment) node()   {}
func (*Crossed) node()     {}
func (*Sequence) node()    {}
func (*Quantified) node()  {}
func (*Consent) node()     {}
func (*Top) node()         {}
func (*IsTrue) node()      {}

func (*Path) value()      {}
func (*Literal) value()   {}
func (*Aggregate) value() {}
func (*Age) value()       {}
func (*Score) value()     {}
func (*Distance) value()  {}
