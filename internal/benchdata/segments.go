package benchdata

import (
	_ "embed"
	"strings"
)

//go:embed segments.txt
var segmentsText string

// Segment is a live segment of the generated shop.
type Segment struct {
	Name, Rule string
	// SQL is the rule as a condition for PostgreSQL over the row c of a customer; what
	// stands in braces is explained at the head of segments.txt.
	SQL string
}

// Segments gives a hundred live segments, each after those that it refers to.
func Segments() []Segment {
	var all []Segment
	for line := range strings.Lines(segmentsText) {
		text := strings.TrimSpace(line)
		switch {
		case text == "" || text[0] == '#':
		case line[0] == ' ':
			last := &all[len(all)-1]
			last.SQL = strings.TrimSpace(last.SQL + " " + text)
		default:
			name, rule, _ := strings.Cut(text, ": ")
			all = append(all, Segment{Name: name, Rule: rule})
		}
	}
	return all
}
