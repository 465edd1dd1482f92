package live

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// Stats are counts since the engine was opened.
type Stats struct {
	mu sync.Mutex
	Counts
}

// Counts are what an engine did since it was opened, and what waits.
type Counts struct {
	Commits, Records, Events int64
	Transitions, Evaluations int64
	Duplicates, Rejected     int64
	CommitMillis             int64 // all commits together
	LastCommitMillis         int64
	Waiting                  int // records
	Timers                   int
	Customers                int
	Instant                  calendar.Instant // up to which time was followed
	NextTimer                calendar.Instant
	Failure                  string // why nothing can be stored now; "" while it can
}

// count counts a commit.
func (e *Engine) count(c *cycle, began calendar.Instant) {
	byID := make(map[int64]*segment, len(e.segments))
	for _, s := range e.segments {
		byID[s.ID] = s
	}
	for _, t := range c.written {
		if s := byID[t.Segment]; s != nil && t.Entered {
			s.size.Add(1)
		} else if s != nil {
			s.size.Add(-1)
		}
	}
	e.stats.mu.Lock()
	defer e.stats.mu.Unlock()
	n := &e.stats.Counts
	n.Commits++
	n.Transitions += int64(len(c.written))
	for _, w := range e.workers {
		n.Evaluations += w.evaluations
		w.evaluations = 0
	}
	for _, r := range c.batch {
		n.Records += int64(len(r.records))
		n.Rejected += int64(len(r.rejected))
	}
	n.LastCommitMillis = max(0, e.Clock.Now()-began) // the clock may have been set back
	n.CommitMillis += n.LastCommitMillis
	n.Timers, n.NextTimer, n.Customers = len(e.timers), e.timers.next(), e.people()
}

// Counts tells what the engine did.
func (e *Engine) Counts() Counts {
	e.stats.mu.Lock()
	n := e.stats.Counts
	e.stats.mu.Unlock()
	n.Waiting, n.Instant = e.queue.waiting(), e.instant.Load()
	if failure := e.failure.Load(); failure != nil {
		n.Failure = *failure
	}
	return n
}

// State is how far a segment is.
type State string

// The states of segments.
const (
	Filling State = "filling" // the first version is evaluated for everybody
	Active  State = "active"
	Editing State = "editing" // active, and a new version is evaluated
	Resting State = "resting" // a draft, paused, or retired
	Slow    State = "slow"    // its rule is too expensive to be followed event by event; it is refreshed now and then
	Broken  State = "broken"  // it is not followed; Problem says why
)

// Status is what is known of a segment now.
type Status struct {
	Name, Rule      string
	Definition      spec.Definition // of the latest version
	Life            spec.State      // what people want
	Version, Active int64
	State           State
	Problem         string
	Progress        float64          // of filling: from 0 to 1
	Members         int              // of a segmentation: of all parts together
	Fresh           calendar.Instant // up to which the members are exact
	Parts           []PartStatus     // of a segmentation, by the version that decides, else by the latest: in order, the rest last
}

// PartStatus is a part of a segmentation with how many are in it.
type PartStatus struct {
	Name    string // without the segmentation
	Segment string // the name of the part as a segment
	Members int
}

// Segments tells the state of all segments, in order of name.
func (e *Engine) Segments() []Status {
	e.committing.RLock()
	defer e.committing.RUnlock()
	var list []Status
	for _, s := range e.segments {
		if s.Definition.Kind == spec.Segmentation {
			list = append(list, e.segmentationStatus(s))
		} else {
			list = append(list, e.status(s))
		}
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// status tells the state of one segment.
func (e *Engine) status(s *segment) Status {
	status := Status{Name: s.Name, Rule: s.Rule, Life: s.Definition.State, Definition: s.Definition, Version: s.Version, Active: s.Active, Problem: s.problem(), State: Active}
	if s.active != nil {
		status.Fresh, status.Members = e.instant.Load(), int(s.size.Load())
		if s.active.slow.Load() {
			status.State, status.Fresh = Slow, s.active.began
		}
	}
	switch {
	case status.Problem != "":
		status.State = Broken
	case s.Definition.State != spec.Active:
		status.State = Resting
	case s.active == nil:
		status.State = Filling
	case s.next != nil && s.next.version != s.Active:
		status.State = Editing
	}
	if s.next != nil {
		status.Progress = s.next.progress()
	}
	return status
}

// progress tells how much of a unit is filled, from 0 to 1.
func (u *unit) progress() float64 {
	done := 0
	for _, passed := range u.passed {
		if passed {
			done++
		}
	}
	return float64(done) / float64(max(1, len(u.passed)))
}

// Changed gives a channel that is closed by the next commit.
func (e *Engine) Changed() <-chan struct{} { return e.changed.wait() }

// describe writes a record as a call of the Segment specification, so that it can be mended and sent again.
func describe(r *record.Record) []byte {
	call := map[string]any{"type": [...]string{"identify", "track", "group", "alias", "consent"}[r.Kind]}
	for _, id := range r.Customer {
		if id.Namespace == record.UserID {
			call["userId"] = id.Value
		} else {
			call[id.Namespace+"Id"] = id.Value
		}
	}
	if r.HasTime {
		call["timestamp"] = calendar.Format(r.Time)
	}
	switch r.Kind {
	case record.Track:
		call["event"], call["properties"] = r.Event, json.RawMessage(r.Fields)
	case record.Group:
		call["groupId"], call["traits"] = r.Company.Value, json.RawMessage(r.Fields)
	case record.Identify:
		call["traits"] = json.RawMessage(r.Fields)
	case record.Alias:
		call["previousId"] = r.Previous.Value
	case record.Consent:
		call["channel"], call["purpose"], call["granted"] = r.Channel, r.Purpose, r.Granted
	}
	text, err := json.Marshal(call)
	if err != nil {
		return []byte("{}") // its fields were no JSON
	}
	return text
}
