package serve

import (
	"net/http"

	"github.com/kohorte/kohorte/internal/live"
)

// Segment is the state of a segment as it is told.
type Segment struct {
	Name     string  `json:"name"`
	Rule     string  `json:"rule"`
	Version  int64   `json:"version"`
	Life     string  `json:"life"`  // what people want: draft, active, paused, retired
	State    string  `json:"state"` // how far it is
	Problem  string  `json:"problem,omitempty"`
	Progress float64 `json:"progress"`
	Members  int     `json:"members"`
	Fresh    string  `json:"fresh,omitempty"` // up to which instant the members are exact
	Of       string  `json:"of,omitempty"`    // of a part: its segmentation
	Parts    []Part  `json:"parts,omitempty"` // of a segmentation, in order, the rest last
}

// Part is a part of a segmentation as it is told.
type Part struct {
	Name    string `json:"name"`
	Segment string `json:"segment"` // the name of the part as a segment
	Members int    `json:"members"`
}

func segmentOf(s *live.Status) Segment {
	told := Segment{Name: s.Name, Rule: s.Rule, Version: s.Version, Life: string(s.Life), State: string(s.State), Problem: s.Problem, Progress: s.Progress, Members: s.Members}
	told.Of = s.Definition.Of
	for _, p := range s.Parts {
		told.Parts = append(told.Parts, Part(p))
	}
	if s.Active != 0 {
		told.Fresh = format(s.Fresh)
	}
	if s.State == live.Active {
		told.Progress = 1
	}
	return told
}

func (s *server) segmentList() []Segment {
	list := []Segment{}
	for _, status := range s.engine.Segments() {
		list = append(list, segmentOf(&status))
	}
	return list
}

// segments answers with the state of all segments.
func (s *server) segments(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string][]Segment{"segments": s.segmentList()})
}
