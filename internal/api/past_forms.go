package api

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/kohorte/kohorte/internal/overlap"
	"github.com/kohorte/kohorte/internal/store"
)

// Whence an answer about the past comes.
const (
	FromLog        = "log"
	FromTodaysRule = "today's rule"
)

// Course is how a segment grew and shrank.
type Course struct {
	Segment   string        `json:"segment"`
	Removed   bool          `json:"removed" doc:"Whether it is not there any more"`
	Source    string        `json:"source" doc:"log: it is what was, whatever the rule is today"`
	From      string        `json:"from" format:"date-time"`
	To        string        `json:"to" format:"date-time"`
	By        string        `json:"by" enum:"day,week,month"`
	Before    int           `json:"before" doc:"Members just before the first step"`
	Steps     []Step        `json:"steps" doc:"Without gaps; the first and the last may be shorter"`
	Completed Lengths       `json:"completed" doc:"Of the stays that ended in this time"`
	Running   Lengths       `json:"running" doc:"Of those that went on at its end, up to there"`
	Versions  []RuleVersion `json:"versions"`
}

// Step is what happened to a segment from an instant up to, not including, another.
type Step struct {
	From    string         `json:"from" format:"date-time"`
	To      string         `json:"to" format:"date-time"`
	Size    int            `json:"size" doc:"Members at the end"`
	Entries map[string]int `json:"entries" doc:"How many came by which cause"`
	Exits   map[string]int `json:"exits"`
}

// Lengths are how long stays took.
type Lengths struct {
	Count         int   `json:"count"`
	AverageMillis int64 `json:"averageMillis"`
	MedianMillis  int64 `json:"medianMillis"`
}

// RuleVersion is a version of the rule of a segment.
type RuleVersion struct {
	Version int64  `json:"version"`
	Created string `json:"created" format:"date-time"`
	Rule    string `json:"rule"`
}

// NewCourse makes the form for programs of how a segment went.
func NewCourse(s *store.FollowedSegment, c *history.Course, from, to calendar.Instant, by string) Course {
	made := Course{
		Segment: s.Name, Removed: s.Removed, Source: FromLog, From: calendar.Format(from), To: calendar.Format(to), By: by, Before: c.Before,
		Completed: lengthsOf(c.Completed), Running: lengthsOf(c.Running),
	}
	for _, step := range c.Steps {
		made.Steps = append(made.Steps, Step{calendar.Format(step.From), calendar.Format(step.To), step.Size, byName(step.Entries), byName(step.Exits)})
	}
	for _, v := range s.Versions {
		made.Versions = append(made.Versions, RuleVersion{v.Number, calendar.Format(v.Created), v.Rule})
	}
	return made
}

func lengthsOf(l history.Lengths) Lengths { return Lengths{l.Count, l.Average, l.Median} }

func byName(counts history.Causes) map[string]int {
	names := map[string]int{}
	for cause, n := range counts {
		names[cause.String()] = n
	}
	return names
}

// Matrix counts who went from which segment to which.
type Matrix struct {
	Source  string   `json:"source" doc:"log"`
	From    string   `json:"from" format:"date-time"`
	To      string   `json:"to" format:"date-time"`
	Rows    []string `json:"rows" doc:"The segments at the first instant, (none), and (new) for who came later"`
	Columns []string `json:"columns" doc:"The segments at the second instant, and (none)"`
	Counts  [][]int  `json:"counts" doc:"Row after row"`
}

// NewMatrix makes the form for programs of a migration.
func NewMatrix(m *history.Matrix) Matrix {
	return Matrix{FromLog, calendar.Format(m.From), calendar.Format(m.To), m.Rows, m.Columns, m.Counts}
}

// Overlap is what segments have in common.
type Overlap struct {
	At       string   `json:"at" format:"date-time"`
	Segments []Sized  `json:"segments"`
	Pairs    []Pair   `json:"pairs"`
	Regions  []Region `json:"regions,omitempty" doc:"All intersections; only of up to eight segments that were named"`
}

// Sized is a segment with the number of its members.
type Sized struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// Pair is what two segments have in common.
type Pair struct {
	A          string  `json:"a"`
	B          string  `json:"b"`
	Both       int     `json:"both"`
	Jaccard    float64 `json:"jaccard" doc:"The share of those in both among those in any, from 0 to 1"`
	AInB       float64 `json:"aInB" doc:"The share of a that is in b too"`
	BInA       float64 `json:"bInA"`
	NearlySame bool    `json:"nearlySame"`
}

// Region is an intersection of segments.
type Region struct {
	Segments []string `json:"segments"`
	All      int      `json:"all" doc:"Who is in all of these"`
	Exact    int      `json:"exact" doc:"Who is in these and in no other"`
}

// NewOverlap makes the form for programs of an overlap.
func NewOverlap(at calendar.Instant, sets []overlap.Set, pairs []overlap.Pair, regions []overlap.Region) Overlap {
	made := Overlap{At: calendar.Format(at), Segments: []Sized{}, Pairs: []Pair{}}
	for _, s := range sets {
		made.Segments = append(made.Segments, Sized{s.Name, int(s.Members.GetCardinality())})
	}
	for _, c := range pairs {
		made.Pairs = append(made.Pairs, Pair{sets[c.A].Name, sets[c.B].Name, c.Both, c.Jaccard(), c.AInB(), c.BInA(), c.NearlySame()})
	}
	for _, r := range regions {
		made.Regions = append(made.Regions, Region{r.Names(sets), r.All, r.Exact})
	}
	return made
}
