package live

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// ruling says that a customer is in or out by hand.
type ruling struct {
	in    bool
	until calendar.Instant // Never if it does not end
	said  *spec.Override
}

// rule changes the verdict about a customer where it was ruled by hand.
func (u *unit) rule(v eval.Verdict, customer int64, now calendar.Instant) eval.Verdict {
	if len(u.rulings) == 0 {
		return v
	}
	if r, ok := u.rulings[customer]; ok && now < r.until {
		return eval.Verdict{In: r.in, Expires: r.until}
	}
	return v
}

// ruled tells whether a customer is in or out by hand at an instant.
func (u *unit) ruled(customer int64, now calendar.Instant) bool {
	r, ok := u.rulings[customer]
	return ok && now < r.until
}

// rulingsOf finds the customers whom a definition includes and excludes. Those who
// are not there are left out: they count once the segment is defined anew.
func rulingsOf(d *spec.Definition, find finding) (map[int64]ruling, []string) {
	made := map[int64]ruling{}
	var unknown []string
	for _, list := range []struct {
		of []spec.Override
		in bool
	}{{d.Include, true}, {d.Exclude, false}} { // who is both is out
		for i := range list.of {
			o := &list.of[i]
			id, ok := find(o.Customer, d.Firms())
			if !ok {
				unknown = append(unknown, o.Customer)
				continue
			}
			until := o.Until
			if until == 0 {
				until = calendar.Never
			}
			made[id] = ruling{list.in, until, o}
		}
	}
	return made, unknown
}

// finding finds a person or a company by name.
type finding func(name string, firm bool) (int64, bool)

// finder finds customers in a view.
func finder(v *store.View) finding {
	return func(name string, firm bool) (int64, bool) {
		find := v.IDOf
		if firm {
			find = v.CompanyOf
		}
		id, err := find(name)
		return id, err == nil && id != 0
	}
}
