package advise

import (
	"slices"

	"github.com/kohorte/kohorte/internal/segment"
)

// Kind is a kind of finding.
type Kind string

// The kinds.
const (
	Empty              Kind = "empty"
	NeverTrue          Kind = "never_true"
	UnreachablePart    Kind = "unreachable_part"
	StaleInput         Kind = "stale_input"
	UnknownInput       Kind = "unknown_input"
	ConflictingPurpose Kind = "conflicting_purpose"
	NearDuplicate      Kind = "near_duplicate"
	Inside             Kind = "inside"
	TooSmall           Kind = "too_small"
	TooLarge           Kind = "too_large"
	AlwaysTrue         Kind = "always_true"
	FrozenDate         Kind = "frozen_date"
	Unused             Kind = "unused"
	TooMany            Kind = "too_many"
	OneDimension       Kind = "one_dimension"
)

// kindInfo says what holds for all findings of a kind, unless a finding says something else.
type kindInfo struct {
	kind     Kind
	severity Severity
	title    segment.Texts
	why, do  segment.Texts
}

// Kinds lists the kinds, in the order in which they are told.
func Kinds() []Kind {
	names := make([]Kind, len(kinds))
	for i := range kinds {
		names[i] = kinds[i].kind
	}
	return names
}

// Title names the kind for people.
func (k Kind) Title() segment.Texts { return kinds[k.rank()].title }

func (k Kind) rank() int {
	return slices.IndexFunc(kinds, func(i kindInfo) bool { return i.kind == k })
}

// kinds are told in this order; docs/advice.md and docs/rat.md tell the same.
var kinds = []kindInfo{
	{Empty, Warning, both("Leeres Segment", "Empty segment"),
		both("Wer damit arbeitet, erreicht niemanden und merkt es nicht.", "Who works with it reaches nobody, and does not notice."),
		both("Regel prüfen (kohorte explain mit einem Kunden, der drin sein sollte); sonst stilllegen.",
			"Check the rule (kohorte explain with a customer who should be in); else retire it.")},
	{NeverTrue, Warning, both("Bedingung, die nie wahr ist", "Condition that is never true"),
		both("Meist ein Tippfehler, ein Wert, den es nicht gibt, oder ein „und“, wo „oder“ gemeint war.",
			"Mostly a typing error, a value that does not exist, or an “and” where “or” was meant."),
		both("Werte mit kohorte fields vergleichen; die Bedingung berichtigen oder streichen.",
			"Compare with the values of kohorte fields; correct the condition or drop it.")},
	{UnreachablePart, Warning, both("Unerreichbarer Teil", "Unreachable part"),
		both("Der erste passende Teil gewinnt; dieser bekommt nie jemanden, und was für ihn geplant ist, geschieht nicht.",
			"The first part that fits wins; this one never gets anybody, and what is planned for it does not happen."),
		both("Den Teil weiter nach vorne stellen, die Teile davor enger fassen oder ihn streichen.",
			"Move the part forward, narrow the parts before it, or drop it.")},
	{StaleInput, Warning, both("Daten, die nicht mehr kommen", "Input that no longer comes"),
		both("Regeln rechnen mit dem alten Stand weiter: Wer „seit 90 Tagen nichts getan“ hat, ist dann bald jeder.",
			"Rules go on with what was: soon everybody “did nothing for 90 days”."),
		both("Die Quelle oder den Import prüfen; wenn die Daten nicht wiederkommen, die Regeln umstellen.",
			"Check the source or the import; if the data does not come back, change the rules.")},
	{UnknownInput, Advice, both("Meist unbekannte Angabe", "Input that is mostly unknown"),
		both("Wo die Angabe fehlt, ist jede Bedingung darüber falsch, ihre Verneinung wahr: Das Segment zeigt, wen man kennt, nicht wen es gibt.",
			"Where it is unknown, every condition about it is false and its negation true: the segment shows whom you know about, not who there "+
				"is."),
		both("Die Angabe erheben oder importieren, oder eine verwenden, die bekannt ist (kohorte fields).",
			"Collect or import it, or use one that is known (kohorte fields).")},
	{ConflictingPurpose, Warning, both("Widerspruch beim Zweck", "Conflicting purpose"),
		both("Daten dürfen nur für den Zweck verwendet werden, für den sie gegeben wurden (Art. 5 und 6 DSGVO).",
			"Data may be used only for the purpose for which it was given (GDPR, articles 5 and 6)."),
		both("Die passende Einwilligung in die Regel aufnehmen oder den Zweck berichtigen.", "Add the consent to the rule, or correct the purpose.")},
	{NearDuplicate, Warning, both("Fast gleiche Segmente", "Near-duplicates"),
		both("Zwei Namen für dieselben Leute: Sie bekommen alles doppelt, und Änderungen treffen nur eines.",
			"Two names for the same people: they get everything twice, and changes reach only one."),
		both("Eines behalten, das andere stilllegen oder durch „in segment …“ ersetzen.", "Keep one; retire the other, or replace it by “in segment …”.")},
	{Inside, Advice, both("Ein Segment in einem anderen", "One segment inside another"),
		both("Wer im inneren ist, ist immer auch im äußeren und wird von beiden angesprochen.",
			"Who is in the inner one is always in the outer one too, and is addressed by both."),
		both("Wenn das gewollt ist, im Regeltext sagen (in segment …); sonst die inneren aus dem äußeren ausnehmen (not in segment …) oder eine "+
			"Segmentierung daraus machen.",
			"If it is meant, say so in the rule (in segment …); else leave the inner ones out of the outer (not in segment …), or make a "+
				"segmentation of them.")},
	{TooSmall, Advice, both("Zu kleines Segment", "Too small segment"),
		both("Mit so wenigen lässt sich keine Wirkung messen, und der Name des Segments verrät, wer sie sind.",
			"With so few no effect can be measured, and the name of the segment tells who they are."),
		both("Die Regel weiter fassen, das Segment mit einem ähnlichen zusammenlegen, oder size.min setzen, wenn so wenige gewollt sind.",
			"Widen the rule, join the segment with one like it, or set size.min if so few are meant.")},
	{TooLarge, Advice, both("Zu großes Segment", "Too large segment"),
		both("Ein Segment, in dem fast alle sind, wählt niemanden aus.", "A segment that almost everybody is in selects nobody."),
		both("Die Regel enger fassen, oder size.max setzen, wenn so viele gewollt sind.", "Narrow the rule, or set size.max if so many are meant.")},
	{AlwaysTrue, Advice, both("Bedingung, die immer wahr ist", "Condition that is always true"),
		both("Sie ändert nichts, aber wer die Regel liest, glaubt es.", "It changes nothing, but who reads the rule believes it does."),
		both("Die Bedingung streichen oder berichtigen.", "Drop the condition, or correct it.")},
	{FrozenDate, Advice, both("Eingefrorenes Datum", "Frozen date"),
		both("Ein festes Datum wandert nicht mit: Der Zeitraum wird jeden Tag länger und meint bald etwas anderes.",
			"A fixed date does not move along: the stretch gets longer every day and soon means something else."),
		both("Einen Zeitraum schreiben, der mitwandert.", "Write a stretch that moves along.")},
	{Unused, Advice, both("Unbenutztes Segment", "Unused segment"),
		both("Es kostet Rechenzeit und Aufmerksamkeit, und niemand merkt, wenn es falsch wird.",
			"It costs computing time and attention, and nobody notices when it goes wrong."),
		both("Stilllegen (kohorte segment retire); die Geschichte bleibt.", "Retire it (kohorte segment retire); its history stays.")},
	{TooMany, Advice, both("Mehr Segmente, als jemand braucht", "More segments than anyone uses"),
		both("Wer unter vielen ungenutzten sucht, nimmt das falsche oder legt noch eines an.",
			"Who searches among many unused ones takes the wrong one, or makes yet another."),
		both("Die unbenutzten stilllegen.", "Retire the unused ones.")},
	{OneDimension, Advice, both("Nur eine Dimension", "A single dimension"),
		both("Eine Zielgruppe, die nur nach einer Seite beschrieben ist, enthält sehr verschiedene Leute; üblich sind etwa drei Dimensionen.",
			"A target group that is described from one side only has very different people in it; about three dimensions are usual."),
		both("Prüfen, ob Verhalten, Kauf, Lebenslage oder Ort das Segment schärfen.",
			"See whether behaviour, purchases, circumstances or place would sharpen the segment.")},
}
