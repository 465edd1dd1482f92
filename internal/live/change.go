package live

// What is defined in one commit is a change: its units take their places together, as
// far as they have to do with each other, so that nobody enters or leaves in between.

// relate finds which of some units have to do with each other: one refers to the other,
// some other segment refers to both, or they are parts of one segmentation. Those that
// refer to others of them, however indirectly, are late: they can only be evaluated when
// these take their places.
func (e *Engine) relate(list []*unit) groups {
	reads, together := map[string][]string{}, groups{} // which segments refer to one
	for _, u := range e.plan.units {
		for _, name := range u.mentions.Segments {
			reads[name] = append(reads[name], u.segment.Name)
		}
	}
	var touched []string
	for _, u := range list {
		touched = append(touched, u.segment.Name)
		together.join(u.segment.Name, u.whole())
	}
	seen, late := map[string]bool{}, map[string]bool{}
	for len(touched) > 0 {
		name := touched[len(touched)-1]
		touched = touched[:len(touched)-1]
		if seen[name] {
			continue
		}
		seen[name] = true
		for _, reader := range reads[name] {
			together.join(name, reader)
			late[reader] = true
			touched = append(touched, reader)
		}
	}
	for _, u := range list {
		u.late = late[u.segment.Name]
	}
	return together
}

// nextChange gives units that are to be filled and then activated in one commit: of the
// earliest change some that have to do with each other, and others as long as they are
// few, in the order of their references.
func (e *Engine) nextChange() []*unit {
	e.committing.RLock()
	defer e.committing.RUnlock()
	var all []*unit
	for _, u := range e.plan.units {
		switch {
		case !u.filling || u.broken() || e.hindered(u.def.Of):
		case len(all) > 0 && u.change > all[0].change:
		case len(all) > 0 && u.change < all[0].change:
			all = []*unit{u}
		default:
			all = append(all, u)
		}
	}
	together := e.relate(all)
	sizes := map[string]int{}
	for _, u := range all {
		sizes[together.of(u.segment.Name)]++
	}
	most, taken := max(1, fillTogether/max(1, len(e.places))), 0
	chosen, asked := map[string]bool{}, map[string]bool{}
	var list []*unit
	for _, u := range all {
		group := together.of(u.segment.Name)
		if !asked[group] && (taken == 0 || taken+sizes[group] <= most) {
			chosen[group] = true
			taken += sizes[group]
		}
		asked[group] = true
		if chosen[group] {
			list = append(list, u)
		}
	}
	return list
}

// fillTogether is how many memberships of new versions that have nothing to do with each
// other are filled together, about; more would make the commit that activates them long.
const fillTogether = 200_000

// groups are names that belong together; each has a way to the name of its group.
type groups map[string]string

func (g groups) of(name string) string {
	for g[name] != "" {
		if next := g[g[name]]; next != "" {
			g[name] = next // the way gets shorter each time
		}
		name = g[name]
	}
	return name
}

func (g groups) join(a, b string) {
	if a, b = g.of(a), g.of(b); a != b {
		g[a] = b
	}
}
