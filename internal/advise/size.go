package advise

import "slices"

// sizes finds segments that are empty, too small or too large.
func (a *advisor) sizes() {
	for _, s := range a.segments {
		size, known := s.size()
		total := a.total(s)
		if !known || total == 0 {
			continue
		}
		building := len(a.users[s.Name]) > 0 // a building block of others has the size it has
		part := share(float64(size) / float64(total))
		f := Finding{Segments: []string{s.Name}, Figures: figures("members", size, "customers", total, "share", part), measure: int64(size)}
		switch {
		case size == 0:
			if !a.rooted[s.Name] && !a.allRooted(s) {
				f.Kind, f.What = Empty, both("%s: kein Mitglied unter %s.", "%s: none of the %s is in it.", s.Name, a.crowd(s))
				a.add(f)
			}
		case size < s.MinSize:
			f.Kind, f.Severity = TooSmall, Warning
			f.Figures["minSize"] = float64(s.MinSize)
			f.What = both("%s: %s Mitglieder, mindestens %s sind sinnvoll (size.min).",
				"%s: %s members, at least %s make sense (size.min).", s.Name, size, s.MinSize)
			a.add(f)
		case s.MaxSize > 0 && size > s.MaxSize:
			f.Kind, f.Severity = TooLarge, Warning
			f.Figures["maxSize"] = float64(s.MaxSize)
			f.What = both("%s: %s Mitglieder, höchstens %s sind sinnvoll (size.max).",
				"%s: %s members, at most %s make sense (size.max).", s.Name, size, s.MaxSize)
			a.add(f)
		case s.MinSize == 0 && size < fewMembers && total >= enough && !building && s.rule != nil:
			f.Kind, f.What = TooSmall, both("%s: %s Mitglieder unter %s.", "%s: %s members of %s.", s.Name, size, a.crowd(s))
			a.add(f)
		case s.MaxSize == 0 && float64(part) > almostAll && total >= enough && !building && !a.isRooted(s):
			f.Kind, f.What = TooLarge, both("%s: %s von %s (%s).", "%s: %s of %s (%s).", s.Name, size, a.crowd(s), part)
			a.add(f)
		}
	}
}

// isRooted tells whether the figures of a condition of a segment follow from a fault of its inputs.
func (a *advisor) isRooted(s *Segment) bool {
	return slices.ContainsFunc(s.conditions, func(c Condition) bool { return a.rooted[s.Name+"\n"+c.Asked()] })
}

// allRooted tells whether those of all its conditions do.
func (a *advisor) allRooted(s *Segment) bool {
	return len(s.conditions) > 0 && !slices.ContainsFunc(s.conditions, func(c Condition) bool { return !a.rooted[s.Name+"\n"+c.Asked()] })
}
