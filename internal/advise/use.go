package advise

import (
	"github.com/kohorte/kohorte/internal/calendar"
)

// uses finds segments that nobody uses, and whether there are more of them than of others.
func (a *advisor) uses() {
	if a.UsesSince == 0 || a.Now-a.UsesSince < longUnused*day {
		return // nobody noted uses for long enough
	}
	var unused []string
	for _, s := range a.segments {
		if a.isUsed(s) {
			continue
		}
		unused = append(unused, s.Name)
		since := max(a.UsesSince, s.Changed)
		if s.Used != 0 {
			since = s.Used
		}
		days := int((a.Now - since) / day)
		f := Finding{
			Kind: Unused, Segments: []string{s.Name}, Figures: figures("days", days),
			What: both("%s: seit %s Tagen ohne bekannte Verwendung (zuletzt %s): kein Webhook, kein anderes Segment, kein Export, keine Abfrage.",
				"%s: no use on record for %s days (last on %s): no webhook, no other segment, no export, no query.", s.Name, days, a.dateOf(since)),
		}
		if s.Used == 0 {
			f.What = both("%s: keine Verwendung bekannt, seit %s Tagen (%s) beobachtet: kein Webhook, kein anderes Segment, kein Export, keine Abfrage.",
				"%s: no use on record, watched for %s days (since %s): no webhook, no other segment, no export, no query.", s.Name, days, a.dateOf(since))
		}
		a.add(f)
	}
	if all := len(a.segments); all >= many && 2*len(unused) > all {
		a.add(Finding{
			Kind: TooMany, Segments: unused, Key: string(TooMany), measure: int64(len(unused)), Figures: figures("segments", all, "unused", len(unused)),
			What: both("Von %s aktiven Segmenten wurden %s in den letzten %s Tagen von niemandem verwendet: %s.",
				"Of %s active segments nobody used %s within the last %s days: %s.", all, len(unused), longUnused, list(unused)),
		})
	}
}

// isUsed tells whether somebody depends on a segment, asked for it, or changed it lately.
func (a *advisor) isUsed(s *Segment) bool {
	lately := func(t calendar.Instant) bool { return a.Now-t < longUnused*day }
	return len(s.Webhooks)+len(s.Exports) > 0 || len(a.users[s.Name]) > 0 || lately(s.Used) || lately(s.Changed)
}
