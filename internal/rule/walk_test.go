package rule_test

import (
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/rule"
)

func TestWalk(t *testing.T) {
	const text = `not (count(a where b) > sum(c.x where d = 1)) and every l (e or f where g then h where i within 1 day) ` +
		`and last(j where k) in last 1 day and top 5% by count(m where n)`
	n, problems := rule.Parse(text)
	if len(problems) > 0 {
		t.Fatal(problems.Format("rule", text))
	}
	var leaves, events []string
	rule.Walk(n, func(n rule.Node) bool {
		if is, ok := n.(*rule.IsTrue); ok {
			leaves = append(leaves, is.Path.Names[0])
		}
		for _, f := range rule.Filters(n) {
			events = append(events, f.Event.Text)
		}
		return true
	})
	if want := []string{"b", "e", "g", "i", "k", "n"}; !slices.Equal(leaves, want) {
		t.Errorf("walked over %v, want %v", leaves, want)
	}
	if want := []string{"a", "c", "f", "h", "j", "m"}; !slices.Equal(events, want) {
		t.Errorf("found the events %v, want %v", events, want)
	}
	count := 0
	rule.Walk(n, func(rule.Node) bool { count++; return false })
	if count != 1 {
		t.Errorf("walked over %d conditions though the first said to stop", count)
	}
}
