package scenario

import (
	"errors"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// use defines in both runs what a scenario uses of files. What others only refer to is
// left alone where the scenario has defined it itself.
func (r *runner) use(u *usage) error {
	for _, d := range u.list {
		if !d.named && (r.world.defined[d.Name] != nil || len(r.world.parts(d.Name)) > 0) {
			continue
		}
		if err := r.useOne(u, d.Definition); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) useOne(u *usage, d spec.Definition) error {
	d, facts := r.narrowed(d, u.place)
	if d.State != spec.Active {
		d.State = spec.Draft // nobody was ever in it
	}
	if len(facts) > 0 {
		if _, err := r.server.receive(facts, r.now); err != nil {
			return err
		}
		if err := r.world.receive(facts); err != nil {
			return err
		}
	}
	_, err := r.server.engine.Define(r.ctx, d, live.Edit{Lenient: true})
	if wrong := (*live.Wrong)(nil); errors.As(err, &wrong) {
		r.fail(u.Span, d.Name+" cannot be used here", "  "+strings.ReplaceAll(strings.TrimSpace(wrong.Text), "\n", "\n  ")+"\n")
		return errStopped
	}
	if err != nil {
		return err
	}
	return errors.Join(r.world.use(&d), r.server.settle())
}

// narrowed leaves of those who are in or out by hand only whom the scenario names
// somewhere, and gives facts by which these become known.
func (r *runner) narrowed(d spec.Definition, at place) (spec.Definition, []*fact) {
	named := r.named()
	var facts []*fact
	keep := func(list []spec.Override) (kept []spec.Override) {
		for _, o := range list {
			f := factAbout(o.Customer, d.Firms(), at)
			if named[f.who] || f.company != "" && named[person{name: f.company}] {
				o.Customer = f.text()
				kept, facts = append(kept, o), append(facts, f)
			}
		}
		return kept
	}
	d.Include, d.Exclude = keep(d.Include), keep(d.Exclude)
	return d.Normal(), facts
}

// factAbout is that somebody of whom a list has the name is there.
func factAbout(name string, firm bool, at place) *fact {
	f := &fact{place: at}
	if firm {
		f.kind, f.company = companyAttributes, strings.TrimPrefix(name, record.CompanyID+":")
		return f
	}
	f.who.name, f.who.visitor = strings.CutPrefix(name, anonymous+":")
	f.who.name = strings.TrimPrefix(f.who.name, record.UserID+":")
	return f
}

// text names whom a fact is about as lists do.
func (f *fact) text() string {
	if f.who.visitor {
		return anonymous + ":" + f.who.name
	}
	return f.company + f.who.name
}

// named tells of whom the scenario speaks: facts, or expectations.
func (s *Scenario) named() map[person]bool {
	all := map[person]bool{}
	add := func(name string) { all[person{name: name}] = true }
	for _, step := range s.steps {
		switch step := step.(type) {
		case *fact:
			all[step.who], all[step.other] = true, true
			add(step.company)
		case *expectMembers:
			for _, name := range step.names {
				add(name)
			}
		case *expectOne:
			add(step.who)
		case *expectTransitions:
			for _, t := range step.list {
				add(t.who)
			}
		}
	}
	delete(all, person{})
	return all
}

// use defines a segment, or the parts of a segmentation. A draft has nobody, a list only
// whom it includes.
func (w *world) use(d *spec.Definition) error {
	list, rules := []spec.Definition{*d}, map[string]rule.Node{}
	if d.Kind == spec.Segmentation {
		list = d.Derived()
	}
	for _, each := range list {
		if each.State != spec.Active || each.Kind == spec.List {
			each.Rule = nobody
		}
		n, problems := rule.Parse(each.Rule)
		if problems.Fatal() {
			return errors.New(problems.Format(each.Name, each.Rule))
		}
		rules[each.Name] = each.Full(n)
	}
	if d.State == spec.Active {
		w.hands[d.Name] = w.handsOf(d)
	}
	return w.define(rules, d.Firms(), slices.DeleteFunc(w.parts(d.Name), func(name string) bool { return rules[name] != nil }))
}

// nobody is a rule that holds for nobody.
const nobody = `"" is unknown`

// hand says that somebody is in or out by hand, up to an instant.
type hand struct {
	in    bool
	until calendar.Instant
}

func (w *world) handsOf(d *spec.Definition) map[*customer]hand {
	made := map[*customer]hand{}
	for _, list := range []struct {
		of []spec.Override
		in bool
	}{{d.Include, true}, {d.Exclude, false}} { // who is both is out
		for _, o := range list.of {
			h := hand{list.in, calendar.Never}
			if o.Until != 0 {
				h.until = o.Until
			}
			if c := w.about(factAbout(o.Customer, d.Firms(), place{})); c != nil {
				made[c] = h
			}
		}
	}
	return made
}

// about gives whom a fact is about; nil if nobody is known by the name.
func (w *world) about(f *fact) *customer {
	if f.company == "" {
		return w.people.known(f.who)
	}
	if i := slices.IndexFunc(w.firms, func(c *customer) bool { return shown(c.name) == f.company }); i >= 0 {
		return w.firms[i]
	}
	return nil
}

// byHand changes a verdict as long as somebody is in or out by hand.
func (w *world) byHand(segment string, c *customer, v eval.Verdict) eval.Verdict {
	if h, ok := w.hands[segment][c]; ok && w.now < h.until {
		return eval.Verdict{In: h.in, Expires: h.until}
	}
	return v
}

// inheritHands has what was said by hand of one customer hold for another of whom nothing was said.
func (w *world) inheritHands(remains, left *customer) {
	for _, hands := range w.hands {
		if h, ruled := hands[left]; ruled {
			if _, own := hands[remains]; !own {
				hands[remains] = h
			}
		}
	}
}
