package cli

import (
	"context"
	"fmt"

	"github.com/kohorte/kohorte/internal/advise"
	"github.com/kohorte/kohorte/internal/advise/gather"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
)

// adviceWords are the words around findings, in the languages of their texts.
type adviceWords struct {
	severity                       map[advise.Severity]string
	why, do, key, accepted, lapsed string
	lapse                          map[advise.Lapse]string
	nothing                        string
	warnings, advice, inAll        [2]string
}

var adviceIn = map[string]adviceWords{
	"en": {
		severity: map[advise.Severity]string{advise.Warning: "WARNING", advise.Advice: "ADVICE"},
		why:      "Why", do: "Do", key: "key", accepted: "accepted by %s at %s: %s\n", lapsed: "that does not count any more: %s\n",
		lapse:    map[advise.Lapse]string{advise.NewVersion: "a segment has another version", advise.NewFigures: "the figures have changed much"},
		nothing:  "Nothing was found.",
		warnings: [2]string{"warning", "warnings"}, advice: [2]string{"piece of advice", "pieces of advice"},
		inAll: [2]string{"accepted", " (--all shows them)"},
	},
	"de": {
		severity: map[advise.Severity]string{advise.Warning: "WARNUNG", advise.Advice: "RAT"},
		why:      "Warum", do: "Was tun", key: "Schlüssel", accepted: "angenommen von %s am %s: %s\n", lapsed: "das gilt nicht mehr: %s\n",
		lapse: map[advise.Lapse]string{advise.NewVersion: "ein Segment hat eine andere Version",
			advise.NewFigures: "die Zahlen haben sich stark geändert"},
		nothing:  "Nichts gefunden.",
		warnings: [2]string{"Warnung", "Warnungen"}, advice: [2]string{"Rat", "Ratschläge"},
		inAll: [2]string{"angenommen", " (--all zeigt sie)"},
	},
}

// shower writes findings for people.
type shower struct {
	*app
	zone     *calendar.Zone
	language string
}

// all writes findings: those of a kind together, with what holds for all of them once.
func (s shower) all(list []advise.Finding, accepted int, withAccepted bool) {
	words := adviceIn[s.language]
	count := map[advise.Severity]int{}
	for i := range list {
		f := &list[i]
		if f.Active() {
			count[f.Severity]++
		}
		if i == 0 || !alike(&list[i-1], f) {
			s.printf("%s  %s\n", words.severity[f.Severity], f.Kind.Title().In(s.language))
		}
		s.one(f)
		last := i+1 == len(list) || !alike(f, &list[i+1])
		if last || list[i+1].Do != f.Do {
			s.printf("    %s: %s\n", words.do, harmless(f.Do.In(s.language)))
		}
		if last {
			s.printf("    %s: %s\n\n", words.why, f.Why.In(s.language))
		}
	}
	if len(list) == 0 {
		s.printf("%s\n", words.nothing)
	}
	hidden := ""
	if accepted > 0 && !withAccepted {
		hidden = words.inAll[1]
	}
	s.printf("%s, %s; %d %s%s.\n", countOf(count[advise.Warning], words.warnings[0], words.warnings[1]),
		countOf(count[advise.Advice], words.advice[0], words.advice[1]), accepted, words.inAll[0], hidden)
}

// alike tells whether two findings stand under one title.
func alike(f, g *advise.Finding) bool { return f.Kind == g.Kind && f.Severity == g.Severity }

func (s shower) one(f *advise.Finding) {
	words := adviceIn[s.language]
	s.printf("  - %s\n", harmless(f.What.In(s.language)))
	place := ""
	if f.Place != nil {
		place = fmt.Sprintf("  (%s:%d:%d)", f.Segments[0], f.Place.Line, f.Place.Column)
	}
	s.printf("      %s %s%s\n", words.key, harmless(f.Key), place)
	if c := f.Accepted; c != nil {
		s.printf("      "+words.accepted, harmless(c.Author), wall(s.zone, c.Created), harmless(c.Reason))
		if c.Lapsed != "" {
			s.printf("      "+words.lapsed, words.lapse[c.Lapsed])
		}
	}
}

// mostAdvised bounds the changes about which there is advice at once: more would take too long.
const mostAdvised = 200

// mostAfterChange is how many findings are told after a change.
const mostAfterChange = 5

// adviseOn finds what there is about segments that were changed, or would be. A change
// does not fail because no advice can be given.
func (a *app) adviseOn(ctx context.Context, c serve.Control, r *gather.Request) (found []advise.Finding) {
	if len(r.Names) == 0 || len(r.Names) > mostAdvised {
		return nil
	}
	r.Now = a.Now()
	err := a.viewing(ctx, false, func(v *store.View) error {
		all, err := gather.Findings(ctx, v, c, r)
		for _, f := range all {
			if f.Active() {
				found = append(found, f)
			}
		}
		return err
	})
	if err != nil {
		a.complain("kohorte: no advice about the change: %v\n", err)
		return nil
	}
	return found
}

// ofChanges asks for advice about changes, by what they do.
func ofChanges(changes live.Changes, impact *live.Impact) *gather.Request {
	r := &gather.Request{Put: changes.Put, Remove: changes.Remove, Moved: map[string]gather.Moves{}}
	for _, d := range changes.Put {
		if d.State == segment.Active || d.State == "" {
			r.Names = append(r.Names, d.Name)
		}
	}
	for i := range impact.Segments {
		s := &impact.Segments[i]
		r.Moved[s.Name] = gather.Moves{Entered: s.Entered, Left: s.Left}
	}
	return r
}

// showBriefly tells findings about what was changed, one a line.
func showBriefly(printf func(format string, args ...any), list []advise.Finding, hint string) {
	if len(list) == 0 {
		return
	}
	printf("Advice on what changes:\n")
	for _, f := range list[:min(len(list), mostAfterChange)] {
		printf("  %s: %s\n", f.Severity, harmless(f.What.EN))
	}
	more := ""
	if n := len(list) - mostAfterChange; n > 0 {
		more = countOf(n, "more", "more") + "; "
	}
	printf("  %s%s\n\n", more, hint)
}

// adviseOnLatest tells, beside the output, what there is about a segment that was just changed.
func (a *app) adviseOnLatest(ctx context.Context, c serve.Control, name string) {
	versions, _, err := a.versionsOf(ctx, name)
	if err != nil || len(versions) == 0 {
		return
	}
	found := a.adviseOn(ctx, c, &gather.Request{Names: []string{name}, Put: []segment.Definition{versions[0].Definition}})
	showBriefly(a.complain, found, "kohorte advise "+name+" tells why it matters and what to do")
}
