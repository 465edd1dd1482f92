package advise

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
)

// Severity says how grave a finding is.
type Severity string

// The severities.
const (
	Warning Severity = "warning" // something does not do what it is meant to
	Advice  Severity = "advice"  // something could be better
)

func (s Severity) rank() int { return slices.Index([]Severity{Warning, Advice}, s) }

// Finding is something that is likely wrong or a waste.
type Finding struct {
	Key       string // stays the same as long as it is the same finding
	Kind      Kind
	Severity  Severity
	Segments  []string // that it is about; of those that lie inside another, that one first
	Subject   string   // what else it is about: a condition, an event type, an attribute
	Condition string   // of the rule of the first segment, "" if it is about no condition
	Place     *Place   // where that stands
	Figures   map[string]float64
	What      segment.Texts
	Why       segment.Texts // why it matters
	Do        segment.Texts // what to do
	Accepted  *Acceptance   // nil if nobody has

	measure  int64 // the figure by which an acceptance lapses
	versions map[string]int64
}

// Place is where something stands in a rule: lines and columns from 1, in characters.
type Place struct{ Line, Column int }

func placeOf(text string, at rule.Span) *Place {
	if at.Start > len(text) {
		return nil
	}
	before := text[:at.Start]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return &Place{1 + strings.Count(before, "\n"), 1 + len([]rune(before[lineStart:]))}
}

// Active tells whether nobody accepted the finding, or the acceptance has lapsed.
func (f *Finding) Active() bool { return f.Accepted == nil || f.Accepted.Lapsed != "" }

// key names a finding. Conditions are long and have quotes, so a few letters stand for them.
func key(kind Kind, segments []string, subject string) string {
	parts := []string{string(kind)}
	if len(segments) > 0 {
		parts = append(parts, strings.Join(segments, ","))
	}
	if subject != "" {
		sum := sha256.Sum256([]byte(subject))
		parts = append(parts, hex.EncodeToString(sum[:3]))
	}
	return strings.Join(parts, ":")
}

// Acceptance is that somebody has seen a finding and lives with it.
type Acceptance struct {
	Key, Reason, Author string
	Created             calendar.Instant
	Versions            map[string]int64
	Measure             int64
	Lapsed              Lapse // why it does not count any more; "" while it does
}

// Lapse is why an acceptance does not count any more.
type Lapse string

// The reasons.
const (
	NewVersion Lapse = "version" // a segment has another version, or there is another segment
	NewFigures Lapse = "figures" // the figure that matters has changed by more than a quarter; or data came again, and stopped again
)

// Accept makes the acceptance of a finding as it is now.
func (f *Finding) Accept(reason, author string, now calendar.Instant) Acceptance {
	return Acceptance{Key: f.Key, Reason: reason, Author: author, Created: now, Versions: f.versions, Measure: f.measure}
}

// accept finds the acceptances of what was found.
func (a *advisor) accept() {
	accepted := map[string]Acceptance{}
	for _, one := range a.Accepted {
		accepted[one.Key] = one
	}
	for i := range a.found {
		f := &a.found[i]
		if one, ok := accepted[f.Key]; ok {
			one.Lapsed = lapse(&one, f)
			f.Accepted = &one
		}
	}
}

func lapse(one *Acceptance, f *Finding) Lapse {
	for name, version := range f.versions {
		if one.Versions[name] != version {
			return NewVersion
		}
	}
	moved := max(f.measure-one.Measure, one.Measure-f.measure)
	switch {
	case f.Kind == StaleInput && moved != 0: // it came again, and stopped again
		return NewFigures
	case float64(moved) > changedMuch*float64(max(one.Measure, 1)):
		return NewFigures
	}
	return ""
}
