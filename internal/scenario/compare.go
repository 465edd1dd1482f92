package scenario

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
)

// fail notes a failure: where it is, and below it what was found.
func (r *runner) fail(at rule.Span, message, detail string) {
	line, column := r.position(at)
	text := rule.Problems{{Span: at, Message: message}}.Format(r.file.Name, r.file.Text)
	r.failures = append(r.failures, Failure{line, column, text + detail})
}

// position gives the line and column of a place in the file, from 1.
func (r *runner) position(at rule.Span) (line, column int) {
	before := r.file.Text[:at.Start]
	return lineOf(r.file.Text, at.Start), 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
}

// wall writes an instant as the scenario would.
func (r *runner) wall(t calendar.Instant) string {
	if t == calendar.Never {
		return "never"
	}
	c := r.zone.Civil(t)
	if back := r.zone.Instant(c); back != t {
		return calendar.Format(t) // the later of two that the clock shows alike
	}
	return calendar.Date{Civil: c, HasTime: true}.String()
}

// agree compares the two runs: who is in, and the transitions since the last time.
func (r *runner) agree(s step) error {
	theirs, err := r.server.memberships()
	if err != nil {
		return err
	}
	told, err := r.server.log()
	if err != nil {
		return err
	}
	detail := ""
	for _, name := range slices.Sorted(maps.Keys(r.world.defined)) {
		if mine := r.world.members(name); !slices.Equal(mine, theirs[name]) {
			detail += fmt.Sprintf("  %s by the evaluator:    %s\n  %s by the live engine:  %s\n", name, listed(mine), name, listed(theirs[name]))
		}
	}
	mine := r.world.transitions()
	got, want := sorted(told[min(r.agreed, len(told)):]), sorted(mine[r.agreed:])
	if lines, same := r.diff(want, got); !same {
		detail += "  transitions (- the evaluator alone, + the live engine alone):\n" + lines
	}
	r.agreed = len(mine)
	if detail == "" {
		return nil
	}
	r.fail(s.where(), "the evaluator and the live engine disagree at "+r.wall(r.now), detail)
	return errStopped
}

func listed(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

func (r *runner) compareMembers(e *expectMembers) {
	got := r.world.members(e.segment)
	if slices.Equal(got, e.names) {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  expected: %s\n  got:      %s\n", listed(e.names), listed(got))
	for _, name := range e.names {
		if !slices.Contains(got, name) {
			fmt.Fprintf(&b, "  - %s is out: %s\n", name, r.why(e.segment, name))
		}
	}
	for _, name := range got {
		if !slices.Contains(e.names, name) {
			fmt.Fprintf(&b, "  + %s is in: %s\n", name, r.why(e.segment, name))
		}
	}
	r.fail(e.Span, fmt.Sprintf("%s has other members at %s", e.segment, r.wall(r.now)), b.String())
}

func (r *runner) why(segment, name string) string {
	c := r.world.customer(segment, name)
	switch {
	case c == nil:
		return "nobody has this name"
	case shown(c.name) != name:
		return "this turned out to be " + shown(c.name)
	case r.world.defined[segment] == nil:
		return "there is no such segment now"
	}
	return r.world.why(segment, c)
}

func (r *runner) compareOne(e *expectOne) error {
	c := r.world.customer(e.segment, e.who)
	if c == nil || r.world.defined[e.segment] == nil {
		r.fail(e.Span, "at this instant there is no such person or no such segment", "")
		return nil
	}
	if in := r.world.in[membership{e.segment, c}]; in != e.in {
		state := map[bool]string{true: "in", false: "not in"}
		r.fail(e.Span, fmt.Sprintf("%s is %s %s at %s", e.who, state[in], e.segment, r.wall(r.now)), "  since "+r.world.why(e.segment, c)+"\n")
		return nil
	}
	if e.until != nil {
		until, err := r.world.until(e.segment, c)
		if err != nil {
			return err
		}
		if until != *e.until {
			r.fail(e.Span, "this stays so until another instant", fmt.Sprintf("  expected: %s\n  got:      %s\n", r.wall(*e.until), r.wall(until)))
		}
	}
	if got := r.world.deciding(e.segment, c); e.because != "" && got != e.because {
		r.fail(e.Span, "another condition decides", fmt.Sprintf("  expected: %s\n  got:      %s\n", e.because, got))
	}
	return nil
}

func (r *runner) compareTransitions(e *expectTransitions) {
	all := r.world.transitions()
	got := sorted(all[r.told:])
	r.told = len(all)
	for i := range got {
		got[i].who = shown(got[i].who)
	}
	if lines, same := r.diff(sorted(e.list), got); !same {
		r.fail(e.Span, fmt.Sprintf("other transitions up to %s (- expected, + got)", r.wall(r.now)), lines)
	}
}

// sorted puts transitions in order of instant, then of names.
func sorted(list []transition) []transition {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b transition) int {
		return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.who, b.who), cmp.Compare(a.segment, b.segment))
	})
	return list
}

// diff writes two lists of transitions as one: what only the first has with a
// minus, what only the second has with a plus. Where no cause is said, any will do.
func (r *runner) diff(want, got []transition) (lines string, same bool) {
	type line struct {
		transition
		mark string
	}
	var all []line
	same = true
	for _, w := range want {
		i := slices.IndexFunc(got, func(g transition) bool { return w.is(g) })
		if i < 0 {
			all, same = append(all, line{w, "-"}), false
			continue
		}
		all = append(all, line{got[i], " "})
		got = slices.Delete(slices.Clone(got), i, i+1)
	}
	for _, g := range got {
		all, same = append(all, line{g, "+"}), false
	}
	slices.SortStableFunc(all, func(a, b line) int { return cmp.Compare(a.due, b.due) })
	for _, l := range all {
		lines += "  " + l.mark + " " + r.words(l.transition) + "\n"
	}
	return lines, same
}

// is tells whether a transition is the expected one.
func (t transition) is(got transition) bool {
	if t.cause == "" {
		got.cause = ""
	}
	return t == got
}

func (r *runner) words(t transition) string {
	verb := "left"
	if t.entered {
		verb = "entered"
	}
	text := fmt.Sprintf("%s %s %s at %s", shown(t.who), verb, t.segment, r.wall(t.due))
	if t.cause != "" {
		text += " by " + t.cause
	}
	return text
}
