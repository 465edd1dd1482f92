// Package scenario reads and runs plain-text tests of segments: given these
// customers and events at these instants, expect these members and transitions.
// Each scenario runs against the evaluator alone and against the live engine, and
// the two must agree. docs/scenarios/README.md describes the language.
package scenario

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// Extension is how the names of files with scenarios end.
const Extension = ".scenario"

// File is a file of scenarios.
type File struct {
	Name      string // as messages name it
	Text      string
	Scenarios []*Scenario
}

// Scenario is one test: what happens, in order, and what is expected of it.
type Scenario struct {
	Title string
	Line  int // where it begins, from 1

	file      *File
	zone      *calendar.Zone
	known     *catalog.Catalog // the fields of all facts, without segments
	postcodes []postcode
	steps     []step
	segments  []string // all that are defined somewhere, in order of appearance
}

// postcode is where a postcode lies, in degrees.
type postcode struct {
	country, code string
	lat, lon      float64
}

// step is one statement of a scenario; where it stands is for messages.
type step interface{ where() rule.Span }

// place is where a statement stands in the text of the file.
type place struct{ rule.Span }

func (p place) where() rule.Span { return p.Span }

type (
	// at moves the time on.
	at struct {
		place
		instant calendar.Instant
	}
	// segment defines a segment or gives it another rule. The text of the rule
	// begins at an offset in the file.
	segment struct {
		place
		name, text string
		firms      bool // its members are companies
		offset     int
		refused    *refusal // what is expected to be wrong with it; nil for nothing
	}
	// division defines a segmentation.
	division struct {
		place
		segmentation spec.Definition
		refused      *refusal
	}
	// removal removes a segment or a segmentation.
	removal struct {
		place
		name string
	}
	// restart stops the server and starts it again.
	restart struct{ place }
	// correction gives an event another time, if it has one, and other properties.
	correction struct {
		place
		label  string
		on     *calendar.Instant
		fields []field
		gone   bool // the event is taken back instead
	}
	// expectMembers says who is in a segment.
	expectMembers struct {
		place
		segment string
		names   []string // sorted
	}
	// expectOne says whether somebody is in a segment, and on request why and until when.
	expectOne struct {
		place
		who, segment string
		in           bool
		until        *calendar.Instant
		because      string // a condition in canonical form; "" if nothing is said
	}
	// expectTransitions says who entered and left since the last such expectation.
	expectTransitions struct {
		place
		list []transition
	}
)

// refusal is a problem that is expected of the statement before it.
type refusal struct {
	place
	text    string
	warning bool
}

// person is a user or a visitor, by the name in the scenario.
type person struct {
	name    string
	visitor bool
}

// factKind tells what a fact says.
type factKind uint8

const (
	attributes factKind = iota
	event
	consent
	join
	companyAttributes
	alias
)

// fact is one thing that becomes known.
type fact struct {
	place
	kind             factKind
	who              person
	other            person // alias: who the visitor turned out to be
	company, role    string
	event, label     string
	channel, purpose string
	granted          bool
	on               *calendar.Instant // its own time; nil for that of its receipt
	fields           []field
	refused          *refusal
}

// field is a value that is set: its dotted path, the value as JSON and its type.
type field struct {
	rule.Span
	path string
	json string
	kind catalog.Type // of kind Unknown for null and for objects
}

// transition is an entry or an exit.
type transition struct {
	who, segment string
	entered      bool
	due          calendar.Instant
	cause        string // event, time, edit, merge, import; "" if nothing is said
}
