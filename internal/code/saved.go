package code

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kohorte/kohorte/internal/live"
)

// savedFormat is the format of plans in files.
const savedFormat = "kohorte plan 1"

// maxSaved bounds the file of a plan.
const maxSaved = 512 << 20

// Saved is a plan as a file has it: what is to be done, and of which world that was said.
type Saved struct {
	Format    string       `json:"format"`
	Workspace string       `json:"workspace"`
	State     string       `json:"state"` // of the definitions, "" if nothing is to be done
	Lenient   bool         `json:"lenient,omitempty"`
	Impact    []Effect     `json:"impact"`
	Changes   live.Changes `json:"changes"`
}

// Effect is what a plan does to the members of a segment, in short.
type Effect struct {
	Name    string `json:"name"`
	Before  int    `json:"before"`
	After   int    `json:"after"`
	Entered int    `json:"entered"`
	Left    int    `json:"left"`
	Who     string `json:"who"` // another text for other people
}

// Save makes what a file has of a plan; the impact is nil if nothing is to be done.
func (p *Plan) Save(workspace string, impact *live.Impact, lenient bool) *Saved {
	s := &Saved{Format: savedFormat, Workspace: workspace, Lenient: lenient, Impact: []Effect{}, Changes: p.Changes}
	if impact != nil {
		s.State, s.Impact = impact.State, Effects(impact)
	}
	return s
}

// Effects shortens an impact.
func Effects(impact *live.Impact) []Effect {
	list := []Effect{}
	for i := range impact.Segments {
		s := &impact.Segments[i]
		who := sha256.Sum256(fmt.Append(nil, s.Entered, s.Left))
		list = append(list, Effect{s.Name, s.Before, s.After, len(s.Entered), len(s.Left), fmt.Sprintf("%x", who[:8])})
	}
	return list
}

// ReadSaved reads the plan of a file.
func ReadSaved(r io.Reader) (*Saved, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSaved+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxSaved {
		return nil, fmt.Errorf("it has more than %d bytes", maxSaved)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	s := &Saved{}
	if err := d.Decode(s); err != nil || s.Format != savedFormat {
		return nil, errors.New("this is no plan, or one of another version; kohorte plan DIR --out FILE makes one")
	}
	return s, nil
}

// Moved tells how the impact of the changes differs now from what the plan says; ""
// if the very same people enter and leave.
func (s *Saved) Moved(impact *live.Impact) string {
	now := Effects(impact)
	for i := range max(len(now), len(s.Impact)) {
		switch {
		case i >= len(now) || i < len(s.Impact) && s.Impact[i].Name < now[i].Name:
			return s.Impact[i].Name + " would not be touched any more"
		case i >= len(s.Impact) || now[i].Name < s.Impact[i].Name:
			return now[i].Name + " would be touched too"
		case now[i].Who != s.Impact[i].Who:
			return fmt.Sprintf("into %s %d would come and %d would leave it, in the plan it was %d and %d or other people",
				now[i].Name, now[i].Entered, now[i].Left, s.Impact[i].Entered, s.Impact[i].Left)
		}
	}
	return ""
}
