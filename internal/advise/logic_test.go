package advise

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/naive/gen"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
	"pgregory.net/rapid"
)

// conditions are such that contradict each other easily.
var conditions = rapid.Custom(func(t *rapid.T) string {
	n := rapid.IntRange(-1, 2)
	op := rapid.SampledFrom([]string{"<", "<=", "=", ">", ">=", "!="})
	country := rapid.SampledFrom([]string{`"DE"`, `"de"`, `"AT"`})
	date := rapid.SampledFrom([]string{"2026-03-28", "2026-03-29", "2026-03-29T12:00", "2026-03-30"})
	text := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("credit %s %d", op.Draw(t, "op"), n.Draw(t, "n")) }),
		rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("credit in (%d, %d)", n.Draw(t, "n"), n.Draw(t, "n")) }),
		rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("credit between %d and %d", n.Draw(t, "n"), n.Draw(t, "n"))
		}),
		rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("count(order_completed) %s %d", op.Draw(t, "op"), n.Draw(t, "n"))
		}),
		rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("plan in (%s, %s)", country.Draw(t, "c"), country.Draw(t, "c"))
		}),
		rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("plan %s %s", op.Draw(t, "op"), country.Draw(t, "c")) }),
		rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("birthday %s %s", op.Draw(t, "op"), date.Draw(t, "d")) }),
		rapid.Custom(func(t *rapid.T) string {
			test := rapid.SampledFrom([]string{"after", "on", "since", "before"}).Draw(t, "test")
			day := rapid.SampledFrom([]string{"2026-03-28", "2026-03-29", "2026-03-30"}).Draw(t, "d")
			return fmt.Sprintf("last(order_completed) %s %s", test, day)
		}),
		rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("birthday between %s and %s", date.Draw(t, "d"), date.Draw(t, "d"))
		}),
	).Draw(t, "condition")
	if rapid.IntRange(0, 3).Draw(t, "negated") == 0 {
		return "not " + text
	}
	return text
})

// ruleOf joins conditions.
func ruleOf(t *rapid.T, label string) string {
	parts := rapid.SliceOfN(conditions, 1, 5).Draw(t, label)
	text := parts[0]
	for _, part := range parts[1:] {
		text = fmt.Sprintf("(%s) %s (%s)", text, rapid.SampledFrom([]string{"and", "and", "or"}).Draw(t, "joined by"), part)
	}
	n, problems := rule.Parse(text)
	if problems.Fatal() {
		t.Fatalf("%s: %s", text, problems.Format("rule", text))
	}
	return rule.Print(n)
}

// parsed reads a rule that was printed.
func parsed(t *rapid.T, text string) rule.Node {
	n, problems := rule.Parse(text)
	if problems.Fatal() {
		t.Fatalf("%s: %s", text, problems.Format("rule", text))
	}
	return n
}

// everybody draws customers on the boundaries of a rule, and asks whether another one holds for them.
func everybody(t *rapid.T, in *Input, about rule.Node, ask func(w *naive.World, c *naive.Customer, now int64)) {
	known := ruletest.Schema()
	known.Zone = in.Zone.Name()
	w := gen.World(known, about).Draw(t, "world")
	for _, c := range w.Customers {
		ask(w, c, gen.Now(w, about, c).Draw(t, "now"))
	}
}

// What logic calls never true is true for nobody, and what it calls always true for everybody.
func TestLogicIsRight(t *testing.T) {
	said := map[Kind]int{}
	rapid.Check(t, func(t *rapid.T) {
		text := ruleOf(t, "rule")
		in := world(put("a", text, 0, 100))
		for _, f := range Findings(in) {
			if f.Severity != Warning || f.Kind != NeverTrue && f.Kind != AlwaysTrue {
				continue
			}
			said[f.Kind]++
			n := parsed(t, f.Condition)
			everybody(t, in, n, func(w *naive.World, c *naive.Customer, now int64) {
				if holds := w.Holds(n, c, now); holds != (f.Kind == AlwaysTrue) {
					t.Fatalf("%s: %s, but for %s it is %v\n%s", text, f.What.EN, c.ID, holds, naive.Describe(w, n, w.Customers, now))
				}
			})
			if strings.Contains(f.What.EN, "nobody is in the segment") {
				whole := parsed(t, text)
				everybody(t, in, whole, func(w *naive.World, c *naive.Customer, now int64) {
					if w.Holds(whole, c, now) {
						t.Fatalf("%s: %s, but %s is in", text, f.What.EN, c.ID)
					}
				})
			}
		}
	})
	if said[NeverTrue] == 0 || said[AlwaysTrue] == 0 {
		t.Errorf("the rules that were drawn have too few faults: %v", said)
	}
}

// If the rules alone put everybody of one segment into another, everybody of it is there.
func TestImpliedRules(t *testing.T) {
	said := 0
	rapid.Check(t, func(t *rapid.T) {
		inner, outer := ruleOf(t, "inner"), ruleOf(t, "outer")
		if rapid.Bool().Draw(t, "narrowed") { // else few lie in one another
			inner = fmt.Sprintf("(%s) and (%s)", outer, inner)
		}
		in := world(put("inner", inner, 0, 50), put("outer", outer, 0, 100))
		a := newAdvisor(in)
		if !a.implies(a.byName["inner"], a.byName["outer"]) {
			return
		}
		said++
		x, y := parsed(t, inner), parsed(t, outer)
		both := parsed(t, fmt.Sprintf("(%s) or (%s)", inner, outer))
		everybody(t, in, both, func(w *naive.World, c *naive.Customer, now int64) {
			if w.Holds(x, c, now) && !w.Holds(y, c, now) {
				t.Fatalf("%s does not put %s into %s", inner, c.ID, outer)
			}
		})
	})
	if said == 0 {
		t.Error("no rule that was drawn lies in another one")
	}
}

func TestContradictions(t *testing.T) {
	for text, want := range map[string]string{
		`points > 40 and points < 30`:                                            "points > 40 and points < 30 1:17",
		`points > 40 and (country = "DE" or points < 30)`:                        "points > 40 and points < 30 1:36",
		`(country = "DE" or points < 30) and points > 40`:                        "points > 40 and points < 30 1:20",
		`country in ("DE", "AT") and country in ("CH", "FR")`:                    `country in ("DE", "AT") and country in ("CH", "FR") 1:29`,
		`country in ("DE", "AT") and country = "de"`:                             "",
		`points > 40 or points < 30`:                                             "",
		`not (points > 40 and points < 30)`:                                      "",
		`country = "DE" and not country = "DE"`:                                  `country = "DE" and not country = "DE" 1:20`,
		`in segment s.a and in segment s.b`:                                      "in segment s.a and in segment s.b 1:20",
		`in segment s.a and in segment r.b`:                                      "",
		`in segment s.a and in segment s.a for 3 days`:                           "",
		`count(order_completed) < 0`:                                             "count(order_completed) < 0 1:1",
		`joined between 2026-02-01 and 2026-01-01`:                               "joined between 2026-02-01 and 2026-01-01 1:1",
		`joined after 2026-01-01 and joined before 2026-01-02`:                   "joined after 2026-01-01 and joined before 2026-01-02 1:29",
		`joined since 2026-01-01 and joined before 2026-01-02`:                   "",
		`count(order_completed where n > 3 and n < 2) = 1`:                       "",
		"country = \"DE\"\nand points > 3\nand age_group = \"ü\" and points = 1": "points > 3 and points = 1 3:25",
	} {
		got := ""
		for _, f := range Findings(world(put("a", text, 0, 100))) {
			if f.Kind == NeverTrue {
				got = fmt.Sprintf("%s %d:%d", f.Condition, f.Place.Line, f.Place.Column)
			}
		}
		if got != want {
			t.Errorf("%s: found %q, want %q", text, got, want)
		}
	}
}
