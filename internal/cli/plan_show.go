package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/advise"
	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/code"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
)

// show writes a plan.
func (a *app) show(p *planned) error {
	a.tell(p.set)
	if a.asJSON {
		return a.writeJSON(p.json())
	}
	effects := p.effects()
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Action != code.Keep {
			a.showStep(p, s, effects)
			delete(effects, s.Name)
		}
	}
	if p.impact != nil {
		a.showTouched(p, effects)
	}
	a.showDrift(p)
	if p.impact != nil {
		a.showAround(p.impact)
	}
	told := func(f advise.Finding) bool { // sizes that were declared stand beside each segment already
		return f.Severity == advise.Warning && (f.Kind == advise.TooSmall || f.Kind == advise.TooLarge)
	}
	showBriefly(a.printf, slices.DeleteFunc(slices.Clone(p.advice), told),
		"when the change is made, kohorte advise tells why it matters and what to do")
	n := p.counts()
	if p.Empty() {
		a.printf("No changes: %s as the files say.\n", countOf(n.Keep, "segment is", "segments are"))
		return nil
	}
	a.printf("Plan: %d to create, %d to change, %d to remove; %d stay as they are.\n", n.Create, n.Change, n.Remove, n.Keep)
	return nil
}

// showAround shows what lies beyond the segments: webhooks and exports.
func (a *app) showAround(i *live.Impact) {
	if len(i.Webhooks) > 0 {
		a.printf("Webhooks that would be sent to:\n")
		for _, h := range i.Webhooks {
			a.printf("  %s: %s\n", h.Name, countOf(h.Messages, "message", "messages"))
		}
		a.printf("\n")
	}
	if len(i.Exports) > 0 {
		a.printf("Exports on a schedule that would have other members: %s\n\n", strings.Join(i.Exports, ", "))
	}
}

// effects gives what happens to the members of segments, by name.
func (p *planned) effects() map[string]*live.SegmentImpact {
	found := map[string]*live.SegmentImpact{}
	if p.impact != nil {
		for i := range p.impact.Segments {
			found[p.impact.Segments[i].Name] = &p.impact.Segments[i]
		}
	}
	return found
}

var signs = map[code.Action]string{code.Create: "+", code.Change: "~", code.Remove: "-"}

func (a *app) showStep(p *planned, s *code.Step, effects map[string]*live.SegmentImpact) {
	a.printf("%s %s", signs[s.Action], s.Name)
	if s.Place != "" {
		a.printf("  (%s)", s.Place)
	}
	a.printf("\n")
	a.showChanges("    ", s.Changes)
	switch parts := p.partsOf(s.Name); {
	case parts != nil:
		a.showPartEffects(p, parts, effects)
	case effects[s.Name] != nil:
		a.showEffect(p, effects[s.Name])
	}
	a.printf("\n")
}

// partsOf gives the parts of a segmentation that an impact tells of, in its order; those
// that it has no more come last.
func (p *planned) partsOf(name string) (parts []*live.SegmentImpact) {
	if p.impact == nil {
		return nil
	}
	order := map[string]int{}
	for i := range p.Changes.Put {
		if d := &p.Changes.Put[i]; d.Name == name && d.Kind == segment.Segmentation {
			for n, part := range d.Derived() {
				order[part.Name] = n + 1
			}
		}
	}
	for i := range p.impact.Segments {
		if s := &p.impact.Segments[i]; s.Of == name {
			parts = append(parts, s)
		}
	}
	last := len(order) + 1
	slices.SortStableFunc(parts, func(a, b *live.SegmentImpact) int {
		return cmp.Compare(cmp.Or(order[a.Name], last), cmp.Or(order[b.Name], last))
	})
	return parts
}

// showPartEffects writes what becomes of the parts of a segmentation, which are then told.
func (a *app) showPartEffects(p *planned, parts []*live.SegmentImpact, effects map[string]*live.SegmentImpact) {
	a.printf("    parts:\n")
	for _, part := range parts {
		_, name, _ := segment.SplitPart(part.Name)
		a.printf("      %s: %s", name, thousands(int64(part.Before)))
		if len(part.Entered)+len(part.Left) > 0 {
			a.printf(" → %s", thousands(int64(part.After)))
		}
		a.printf("\n")
		a.showMoves(p, "        ", part)
		delete(effects, part.Name)
	}
}

func (a *app) showChanges(indent string, changes []segment.Change) {
	for _, c := range changes {
		before, after := harmlessLines(c.Before), harmlessLines(c.After)
		switch {
		case !strings.Contains(before+after, "\n") && before != "" && after != "":
			a.printf("%s%s: %s → %s\n", indent, c.Field, before, after)
		default:
			a.printf("%s%s:\n", indent, c.Field)
			a.showLines(indent+"  - ", before)
			a.showLines(indent+"  + ", after)
		}
	}
}

func (a *app) showLines(lead, text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		a.printf("%s%s\n", lead, line)
	}
}

// harmlessLines is harmless for a text of several lines.
func harmlessLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = harmless(lines[i])
	}
	return strings.Join(lines, "\n")
}

// showMoves writes who enters and who leaves.
func (a *app) showMoves(p *planned, indent string, i *live.SegmentImpact) {
	if n := len(i.Entered); n > 0 {
		a.printf("%s%s %s: %s\n", indent, thousands(int64(n)), plural(n, "enters", "enter"), p.some(i.Entered))
	}
	if n := len(i.Left); n > 0 {
		a.printf("%s%s %s: %s\n", indent, thousands(int64(n)), plural(n, "leaves", "leave"), p.some(i.Left))
	}
}

func (a *app) showEffect(p *planned, i *live.SegmentImpact) {
	a.printf("    members: %s → %s\n", thousands(int64(i.Before)), thousands(int64(i.After)))
	a.showMoves(p, "    ", i)
	if n := len(i.Unknown); n > 0 {
		shown := strings.Join(i.Unknown[:min(n, int(p.sample))], ", ")
		if n > int(p.sample) {
			shown += ", …"
		}
		a.printf("    %s not there: %s\n", countOf(n, "customer is", "customers are"), harmless(shown))
	}
	for _, d := range p.Changes.Put {
		if d.Name != i.Name || d.State != segment.Active {
			continue
		}
		if d.MinSize > 0 && i.After < d.MinSize {
			a.printf("    warning: fewer than the %s that make sense\n", thousands(int64(d.MinSize)))
		}
		if d.MaxSize > 0 && i.After > d.MaxSize {
			a.printf("    warning: more than the %s that make sense\n", thousands(int64(d.MaxSize)))
		}
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// some names the first of some customers.
func (p *planned) some(ids []int64) string {
	var names []string
	for _, id := range p.sampled(ids) {
		names = append(names, harmless(p.names[id]))
	}
	if len(ids) > len(names) {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// showTouched writes the segments that only refer to those of the plan.
func (a *app) showTouched(p *planned, effects map[string]*live.SegmentImpact) {
	for i := range p.impact.Segments {
		s := &p.impact.Segments[i]
		if effects[s.Name] == nil || len(s.Entered)+len(s.Left) == 0 {
			continue
		}
		a.printf("> %s  (refers to what changes)\n", cmp.Or(s.Of, s.Name))
		if s.Of != "" {
			a.showPartEffects(p, p.partsOf(s.Of), effects)
		} else {
			a.showEffect(p, s)
		}
		a.printf("\n")
	}
}

// showDrift writes what was made elsewhere, and what is in no file.
func (a *app) showDrift(p *planned) {
	var changed, lone []*code.Step
	for i := range p.Steps {
		switch s := &p.Steps[i]; {
		case s.Drift == nil:
		case s.Place == "":
			lone = append(lone, s)
		default:
			changed = append(changed, s)
		}
	}
	a.showDrifted(p, "Changed elsewhere, not by files:", changed)
	a.showDrifted(p, "In the workspace and in no file (--prune removes them, kohorte segment export writes files):", lone)
}

func (a *app) showDrifted(p *planned, title string, steps []*code.Step) {
	if len(steps) == 0 {
		return
	}
	a.printf("%s\n", title)
	for _, s := range steps {
		d := s.Drift
		a.printf("  %s: version %d%s\n", s.Name, d.Version, a.made(p.zone, d.Author, d.Message, d.Created))
		switch {
		case d.Since == 0 && s.Place != "":
			a.printf("      it was never made from files\n")
		case len(d.Changes) > 0:
			a.printf("      since version %d, the last from files:\n", d.Since)
		}
		a.showChanges("      ", d.Changes)
	}
	a.printf("\n")
}

// made says by whom, when and why a version was made.
func (a *app) made(zone *calendar.Zone, author, message string, at calendar.Instant) string {
	text := ""
	if author != "" {
		text += " by " + harmless(author)
	}
	text += " at " + wall(zone, at)
	if message != "" {
		text += fmt.Sprintf(" (%s)", harmless(message))
	}
	return text
}

// stepCounts counts the steps of a plan.
type stepCounts struct {
	Create int `json:"create"`
	Change int `json:"change"`
	Remove int `json:"remove"`
	Keep   int `json:"keep"`
}

func (p *planned) counts() (n stepCounts) {
	for i := range p.Steps {
		switch p.Steps[i].Action {
		case code.Create:
			n.Create++
		case code.Change:
			n.Change++
		case code.Remove:
			n.Remove++
		default:
			n.Keep++
		}
	}
	return n
}

// planJSON is a plan for programs.
type planJSON struct {
	Steps    []code.Step          `json:"steps"`
	Impact   []segmentEffect      `json:"impact"`
	Webhooks []live.WebhookImpact `json:"webhooks"`
	Exports  []string             `json:"exports"`
	Advice   []api.Finding        `json:"advice"`
	Counts   stepCounts           `json:"counts"`
	State    string               `json:"state,omitempty"`
}

type segmentEffect struct {
	code.Effect
	Sample  sampleJSON `json:"sample"`
	Unknown []string   `json:"unknown,omitempty"`
}

type sampleJSON struct {
	Entered []string `json:"entered"`
	Left    []string `json:"left"`
}

func (p *planned) json() planJSON {
	made := planJSON{Steps: append([]code.Step{}, p.Steps...), Impact: []segmentEffect{}, Webhooks: []live.WebhookImpact{}, Exports: []string{}, Counts: p.counts()}
	made.Advice = adviceJSON(p.advice, 0).Findings
	if p.impact == nil {
		return made
	}
	made.State = p.impact.State
	made.Webhooks, made.Exports = append(made.Webhooks, p.impact.Webhooks...), append(made.Exports, p.impact.Exports...)
	for i, e := range code.Effects(p.impact) {
		s := &p.impact.Segments[i]
		made.Impact = append(made.Impact, segmentEffect{e, sampleJSON{p.list(s.Entered), p.list(s.Left)}, s.Unknown})
	}
	return made
}

func (p *planned) list(ids []int64) []string {
	names := []string{}
	for _, id := range p.sampled(ids) {
		names = append(names, p.names[id])
	}
	return names
}
