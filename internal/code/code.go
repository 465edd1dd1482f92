// Package code has segments as files: it reads YAML files into definitions with the
// place of every field, says all that is wrong with them at once, formats them
// without losing comments, writes the segments of a workspace as files, and compares
// files with a workspace.
//
// A file has one segment or several, divided by lines "---". Directories are read
// with all below them; hidden ones and kohorte.yaml, the settings, are passed over.
package code

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
	"gopkg.in/yaml.v3"
)

// The bounds of what is read.
const (
	maxFiles    = 100_000
	maxFile     = 16 << 20  // bytes
	maxDocument = 1 << 20   // bytes of one segment; long lists stand in files of their own
	maxBytes    = 256 << 20 // of all files
	maxList     = 1_000_000 // lines of a list
	maxProblems = 1_000     // more are counted, not told
)

// Set is the segments of some files.
type Set struct {
	Files    int // that were read
	Segments []*Segment
	Problems []Problem // in the order of files and places
	More     int       // problems that are not told, since there are so many

	zone  *calendar.Zone
	files map[string]int // their order, by name
	bytes int64
	fatal bool
}

// Segment is a definition with where it is said.
type Segment struct {
	segment.Definition
	file   *chunk
	at     rule.Span            // of the name
	places map[string]rule.Span // of the values, by their keys: rule, size.min
	text   *yaml.Node           // of the rule
	rule   rule.Node            // nil while it cannot be read
}

// Place tells where the name of the segment stands: file:line:column.
func (s *Segment) Place() string { return s.file.place(s.at.Start) }

// File gives the file of the segment.
func (s *Segment) File() string { return s.file.name }

// Fatal tells whether something is wrong that forbids the segments.
func (set *Set) Fatal() bool { return set.fatal }

// Definitions gives the definitions, their rules in canonical form.
func (set *Set) Definitions() []segment.Definition {
	list := make([]segment.Definition, len(set.Segments))
	for i, one := range set.Segments {
		list[i] = one.Normal()
		if one.rule != nil {
			list[i].Rule = rule.Print(one.rule)
		}
	}
	return list
}

// place gives where a key of the segment has its value, else where its name stands.
func (s *Segment) place(key string) rule.Span {
	if at, ok := s.places[key]; ok {
		return at
	}
	return s.at
}

// report adds a problem.
func (set *Set) report(f *source, p rule.Problem) {
	set.fatal = set.fatal || !p.Warning
	if len(set.Problems) == maxProblems {
		set.More++
		return
	}
	set.Problems = append(set.Problems, f.problem(p))
}

// sort puts the problems into the order of files and places.
func (set *Set) sort() {
	slices.SortStableFunc(set.Problems, func(a, b Problem) int {
		if a.File != b.File {
			return set.files[a.File] - set.files[b.File]
		}
		return a.offset - b.offset
	})
}
