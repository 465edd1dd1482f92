package segment

import (
	"fmt"
	"slices"
)

// State is where a segment is in its life:
//
//	draft ──► active ◄──► paused
//	  │          │           │
//	  └──────────┴───────────┴──► retired ──► active
//
// A draft has no members. A paused segment keeps those that it has. A retired one
// has lost them; its history stays.
type State string

// The states.
const (
	Draft   State = "draft"
	Active  State = "active"
	Paused  State = "paused"
	Retired State = "retired"
)

// States lists all states.
var States = []State{Draft, Active, Paused, Retired}

// next says which states may follow one.
var next = map[State][]State{
	"":      {Draft, Active}, // a new segment
	Draft:   {Draft, Active, Retired},
	Active:  {Active, Paused, Retired},
	Paused:  {Paused, Active, Retired},
	Retired: {Retired, Active},
}

// CheckStep tells what is wrong with going from one state to another; nil if nothing.
func CheckStep(from, to State) error {
	if slices.Contains(next[from], to) {
		return nil
	}
	if from == "" {
		return fmt.Errorf("a new segment cannot be %s: it begins as %s", to, joined(next[from]))
	}
	return fmt.Errorf("a segment that is %s cannot become %s, only %s", from, to, joined(next[from][1:]))
}
