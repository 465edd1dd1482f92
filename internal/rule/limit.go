package rule

import "fmt"

// The limits of a rule. They hold for its tree and its canonical text, so that
// the text and the JSON form allow the same rules.
const (
	maxBytes      = 64 << 10
	maxPredicates = 500
	maxLevels     = 32
	maxDuration   = 1_000_000 // of any unit
)

var (
	tooDeep     = fmt.Sprintf("conditions are nested more than %d levels deep", maxLevels)
	tooDeepHint = "move the inner ones into a segment of their own"
)

// limits reports a rule that is too large.
func (l *problemList) limits(n Node) {
	predicates, deep := 0, false
	walk(n, 1, func(n Node, level int) bool {
		if level > maxLevels {
			if !deep {
				l.add(n.Where(), tooDeep, tooDeepHint)
			}
			deep = true
			return false
		}
		switch n.(type) {
		case *And, *Or, *Not:
			return true
		}
		predicates++
		if predicates == maxPredicates+1 {
			l.add(n.Where(), fmt.Sprintf("the rule has more than %d conditions", maxPredicates), "move parts of it into segments of their own")
		}
		return true
	})
	if len(*l) > 0 {
		return
	}
	if size := len(PrintLine(n)); size > maxBytes {
		l.add(Span{}, fmt.Sprintf("the rule has %d bytes in its canonical form; at most %d (64 KiB) are allowed", size, maxBytes),
			"move parts of it into segments of their own")
	}
}
