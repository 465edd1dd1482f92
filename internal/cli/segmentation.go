package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// placings tells where a customer stood in the segmentations that have a segment as a
// part, in the one of a part, or in a segmentation itself.
func (p *past) placings(ctx context.Context, name string, customer int64, at calendar.Instant) (list []api.Placing, err error) {
	of, _, isPart := segment.SplitPart(name)
	wholes := map[string]bool{name: true}
	for _, s := range p.Segments() {
		whole, part, ok := segment.SplitPart(s.Name)
		if ok && !s.Removed && (part == name || isPart && whole == of) {
			wholes[whole] = true
		}
	}
	for _, whole := range slices.Sorted(maps.Keys(wholes)) {
		placing, there, err := p.placing(ctx, whole, customer, at)
		if err != nil {
			return nil, err
		}
		if there && (whole == name || isPart || slices.Contains(placing.Parts, name)) {
			list = append(list, placing)
		}
	}
	return list, nil
}

// placing tells where a customer stood in a segmentation; false if there was none.
func (p *past) placing(ctx context.Context, name string, customer int64, at calendar.Instant) (made api.Placing, there bool, err error) {
	versions, err := p.view.Versions(ctx, name)
	if err != nil || len(versions) == 0 || versions[0].Definition.Kind != segment.Segmentation {
		return made, false, err
	}
	s, _ := p.Latest(name)
	deciding := slices.IndexFunc(versions, func(v store.Version) bool { return v.Number <= s.Active && v.Created <= at })
	if deciding < 0 {
		return made, false, nil
	}
	d := &versions[deciding].Definition
	made = api.Placing{Segmentation: name, Version: versions[deciding].Number, In: []string{}, Parts: d.Parts, Paused: versions[0].Definition.State == segment.Paused}
	for _, part := range append(slices.Clone(d.Parts), d.Rest) {
		in, err := p.isIn(ctx, part, customer, at)
		if err != nil {
			return made, false, err
		}
		if in && part != d.Rest {
			made.In = append(made.In, part)
		}
		if in, err = p.isIn(ctx, segment.PartName(name, part), customer, at); err != nil {
			return made, false, err
		}
		if in {
			made.Part, made.Rest = part, part == d.Rest
		}
	}
	return made, made.Part != "", nil
}

func (p *past) isIn(ctx context.Context, name string, customer int64, at calendar.Instant) (bool, error) {
	s, ok := p.Latest(name)
	if !ok {
		return false, nil
	}
	members, err := p.Members(ctx, s.ID, at)
	return err == nil && members.Contains(uint32(customer)), err
}

// placed says who won in a segmentation, to those who asked about one of its segments.
func placed(p *api.Placing, asked string) string {
	text := fmt.Sprintf("In segmentation %s: %s", p.Segmentation, p.Part)
	switch of, before := slices.Index(p.Parts, asked), slices.Index(p.Parts, p.Part); {
	case p.Rest:
		text += ", the rest, since the customer is in the segment of no part"
	case slices.Contains(p.In, asked) && before < of:
		text += " wins, it stands before " + asked
	default:
		text += " wins"
	}
	if p.Paused {
		text += " (it is paused)"
	}
	return text + "."
}

// whole is where a customer stood in a segmentation that was asked for.
type whole struct {
	api.Placing
	customer string
	at       calendar.Instant
	stay     *history.Stay // in the part
}

// explainWhole tells in which part of a segmentation a customer was, and why.
func (a *app) explainWhole(ctx context.Context, w *workspace, name, customer string, id int64, at calendar.Instant) error {
	found := whole{customer: customer, at: at}
	err := a.withPast(ctx, w.store, w.zone, func(p *past) (err error) {
		var there bool
		if found.Placing, there, err = p.placing(ctx, name, id, at); err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("%s was in no part of %s at %s: it was not evaluated yet, is a draft or retired, or the customer came later", harmless(customer), name, wall(w.zone, at))
		}
		part, _ := p.Latest(segment.PartName(name, found.Part))
		stays, err := p.StaysOf(ctx, part.ID, id, at)
		if last := len(stays) - 1; last >= 0 && stays[last].To == calendar.Never {
			found.stay = &stays[last]
		}
		return err
	})
	if err != nil {
		return err
	}
	if a.asJSON {
		return a.writeJSON(found.json())
	}
	found.print(a, w.zone)
	return nil
}

func (f *whole) print(a *app, zone *calendar.Zone) {
	a.printf("%s is in part %s of %s at %s (%s), by version %d.\n", harmless(f.customer), f.Part, f.Segmentation, exactly(zone, f.at), zone.Name(), f.Version)
	if f.Paused {
		a.printf("The segmentation is paused: its parts stay as they were then.\n")
	}
	if f.stay != nil {
		a.printf("  came %s by %s\n", exactly(zone, f.stay.From), f.stay.Entry)
	}
	a.printf("\nThe first segment wins:\n")
	for i, name := range f.Parts {
		mark, verdict := "✗", ""
		if slices.Contains(f.In, name) {
			mark, verdict = "✓", "  loses to "+f.Part
		}
		if name == f.Part {
			verdict = "  wins"
		}
		a.printf("%3d  %s %s%s\n", i+1, mark, name, verdict)
	}
	if f.Rest {
		a.printf("     → %s, the rest\n", f.Part)
	}
	a.printf("\nkohorte explain CUSTOMER in:SEGMENT tells why a segment has somebody or not.\n")
}

// explainedWhole is a whole for programs.
type explainedWhole struct {
	Customer string `json:"customer"`
	At       string `json:"at"`
	Since    string `json:"since,omitempty"`
	api.Placing
}

func (f *whole) json() explainedWhole {
	made := explainedWhole{Customer: f.customer, At: calendar.Format(f.at), Placing: f.Placing}
	if f.stay != nil {
		made.Since = calendar.Format(f.stay.From)
	}
	return made
}

// isSegmentation tells whether a name is that of a segmentation.
func (a *app) isSegmentation(ctx context.Context, s *store.Store, name string) (is bool, err error) {
	err = s.View(ctx, func(v *store.View) error {
		versions, err := v.Versions(ctx, name)
		is = len(versions) > 0 && versions[0].Definition.Kind == segment.Segmentation
		return err
	})
	return is, err
}
