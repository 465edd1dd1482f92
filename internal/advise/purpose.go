package advise

import (
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/fold"
	"github.com/kohorte/kohorte/internal/rule"
)

// purposes finds segments whose purpose needs a consent that their rules do not ask for,
// and those that are chosen from people who were collected for another purpose.
//
// Segments of different purposes that share members are no conflict: one person may
// have agreed to several things, and each rule asks for its own consent.
func (a *advisor) purposes() {
	for _, s := range a.segments {
		if strings.TrimSpace(s.Purpose) == "" || s.Firms() {
			continue // companies give no consent
		}
		a.withoutConsent(s)
		for i := range s.conditions {
			a.otherPurpose(s, &s.conditions[i])
		}
	}
}

// withoutConsent looks whether somebody could ever consent to the purpose, and whether the rule asks for it.
func (a *advisor) withoutConsent(s *Segment) {
	if len(ConsentsTo(a.Input, s.Purpose)) == 0 || s.WithoutConsent == 0 || a.asksFor(s, s.Purpose) {
		return
	}
	size, known := s.size()
	if !known || size == 0 {
		return
	}
	f := Finding{
		Kind: ConflictingPurpose, Segments: []string{s.Name}, Subject: "consent", Figures: figures("members", size),
		What: both("%s: der Zweck ist „%s“, aber die Regel fragt nach keiner Einwilligung dafür.",
			"%s: the purpose is “%s”, but the rule asks for no consent to it.", s.Name, s.Purpose),
		Do: both("„and consent(…, %s)“ anfügen, oder den Zweck berichtigen.", "Add “and consent(…, %s)”, or correct the purpose.", s.Purpose),
	}
	if n := s.WithoutConsent; n > 0 {
		f.Figures["withoutConsent"], f.measure = float64(n), int64(n)
		f.What = joined(f.What, both("%s von %s Mitgliedern haben nicht eingewilligt.", "%s of %s members did not consent.", n, size))
	}
	a.add(f)
}

// ConsentsTo lists the channels of consents to a purpose that are on record.
func ConsentsTo(in *Input, purpose string) (channels []string) {
	for _, c := range in.Catalog.Consents {
		if sameWord(c.Purpose, purpose) {
			channels = append(channels, c.Channel)
		}
	}
	return channels
}

// sameWord compares purposes as people write them.
func sameWord(a, b string) bool { return fold.Equal(strings.TrimSpace(a), strings.TrimSpace(b)) }

// asksFor tells whether who has not consented to a purpose cannot be in.
func (a *advisor) asksFor(s *Segment, purpose string) bool {
	return slices.ContainsFunc(s.conditions, func(c Condition) bool {
		if !c.Needed || c.Negated {
			return false
		}
		switch n := c.Node.(type) {
		case *rule.Consent:
			return sameWord(n.Purpose.Text, purpose)
		case *rule.InSegment:
			other := a.byName[n.Segment.Text]
			return other != nil && other.Name != s.Name && a.asksFor(other, purpose)
		}
		return false
	})
}

// otherPurpose looks whether a condition chooses from a segment with another purpose.
func (a *advisor) otherPurpose(s *Segment, c *Condition) {
	in, ok := c.Node.(*rule.InSegment)
	if !ok || c.Negated || a.asksFor(s, s.Purpose) {
		return
	}
	other := a.byName[in.Segment.Text]
	if other == nil || strings.TrimSpace(other.Purpose) == "" || sameWord(other.Purpose, s.Purpose) {
		return
	}
	a.add(Finding{
		Kind: ConflictingPurpose, Severity: Advice, Segments: []string{s.Name, other.Name}, Condition: c.Text(), Place: placeOf(s.Rule, c.Node.Where()),
		Figures: figures(),
		What: both("%s dient „%s“, wählt aber aus %s aus, das „%s“ dient.", "%s is for “%s” but chooses from %s, which is for “%s”.",
			s.Name, s.Purpose, other.Name, other.Purpose),
		Do: both("Prüfen, ob die Daten auch für „%s“ verwendet werden dürfen; Einwilligung in die Regel aufnehmen oder den Zweck angleichen.",
			"See whether the data may be used for “%s”, too; add the consent to the rule, or make the purposes the same.", s.Purpose),
	})
}
