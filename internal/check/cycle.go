package check

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
)

// Cycle finds segments that refer to each other in a circle, by their rules.
// The circle begins and ends with the same segment, the first in the alphabet of
// those in it; nil if there is none. The answer does not depend on the map's order.
func Cycle(defs map[string]rule.Node) []string {
	w := walker{defs: defs, done: map[string]bool{}}
	for _, name := range keys(defs) {
		if cycle := w.visit(name); cycle != nil {
			return fromFirst(cycle)
		}
	}
	return nil
}

// CycleMessage says what is wrong with a cycle and names it.
func CycleMessage(cycle []string) string {
	if len(cycle) == 2 {
		return fmt.Sprintf("segment %s refers to itself", cycle[0])
	}
	return "segments refer to each other in a circle: " + strings.Join(cycle, " → ")
}

// walker goes through the references depth first.
type walker struct {
	defs map[string]rule.Node
	path []string        // from where the walk began to where it stands
	done map[string]bool // segments that lead into no cycle
}

func (w *walker) visit(name string) []string {
	for i, earlier := range w.path {
		if earlier == name {
			return append(w.path[i:], name)
		}
	}
	def, ok := w.defs[name]
	if !ok || w.done[name] {
		return nil
	}
	w.path = append(w.path, name)
	for _, next := range Mentions(def).Segments {
		if cycle := w.visit(next); cycle != nil {
			return cycle
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.done[name] = true
	return nil
}

// fromFirst turns a cycle so that it begins with its first segment in the alphabet.
func fromFirst(cycle []string) []string {
	ring, first := cycle[:len(cycle)-1], 0
	for i, name := range ring {
		if name < ring[first] {
			first = i
		}
	}
	turned := append(append([]string{}, ring[first:]...), ring[:first]...)
	return append(turned, turned[0])
}
