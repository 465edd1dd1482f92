package sentence

import (
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
)

// phrase is a German noun with its definite article: der letzte Kassengang in diesem Monat.
type phrase struct {
	noun
	adjective string // without its ending: "letzt"
	tail      string // what follows the noun
	literal   string // a phrase without a noun, the same in all cases
}

func (p phrase) nominative() string { return p.in(article(p.gender, definite), "e", p.word) }

func (p phrase) dative() string { return p.in(article(p.gender, dative), "en", p.noun.dative) }

func (p phrase) genitive() string {
	if p.literal != "" {
		return "von " + p.literal
	}
	return p.in(article(p.gender, genitive), "en", p.noun.genitive)
}

// after gives the dative after "an" or "von", which join with an article: am, vom.
func (p phrase) after(preposition string) string {
	rest, ok := strings.CutPrefix(p.dative(), "dem ")
	if !ok {
		return preposition + " " + p.dative()
	}
	return map[string]string{"an": "am ", "von": "vom "}[preposition] + rest
}

func (p phrase) in(article, ending, word string) string {
	if p.literal != "" {
		return p.literal
	}
	if p.adjective != "" {
		word = p.adjective + ending + " " + word
	}
	return article + " " + word + p.tail
}

// The articles by case and gender.
type articles [3]string

var (
	definite       = articles{"der", "die", "das"}
	genitive       = articles{"des", "der", "des"}
	dative         = articles{"dem", "der", "dem"}
	indefinite     = articles{"ein", "eine", "ein"}
	accusative     = articles{"einen", "eine", "ein"}
	none           = articles{"kein", "keine", "kein"}
	noneAccusative = articles{"keinen", "keine", "kein"}
	relative       = articles{"dem", "der", "dem"} // after "bei"
)

func article(g gender, from articles) string { return from[g] }

// germanEvent names an event type.
func germanEvent(name string) noun {
	if w, ok := events[name]; ok {
		return w.german
	}
	quoted := " " + germanQuote(readable(name))
	return noun{gender: neuter, word: "Ereignis" + quoted, genitive: "Ereignisses" + quoted, dative: "Ereignis" + quoted,
		plural: "Ereignisse" + quoted}
}

// germanCounted names what an aggregate is about: events, or the people of a company.
func germanCounted(a *rule.Aggregate) noun {
	if a.IsPeople() {
		return person.german
	}
	return germanEvent(a.Filter.Event.Text)
}

// germanNoun names a field.
func germanNoun(path string) noun {
	if w, ok := fields[path]; ok {
		return w.german
	}
	quoted := " " + germanQuote(readable(path))
	return noun{gender: neuter, word: "Feld" + quoted, genitive: "Felds" + quoted, dative: "Feld" + quoted, moment: namesMoment(path)}
}

// germanField names a field and whose it is.
func germanField(p *rule.Path) phrase {
	owner, path := split(p)
	return phrase{noun: germanNoun(path), tail: germanOwner(owner)}
}

func germanOwner(owner string) string {
	return map[string]string{"customer": " des Kunden", "company": " der Firma"}[owner]
}

// germanValue names a value.
func germanValue(v rule.Value) phrase {
	switch v := v.(type) {
	case *rule.Path:
		return germanField(v)
	case *rule.Literal:
		if v.Kind == rule.DateLiteral {
			date := germanDate(v.Date)
			return phrase{noun: noun{gender: masculine, word: date, genitive: date, dative: date}}
		}
		return phrase{literal: germanLiteral(v)}
	case *rule.Age:
		age := phrase{noun: neut("Alter", "Alters", "")}
		owner, path := split(v.Path)
		if !births[path] || owner == "company" {
			age.tail = " nach " + germanField(v.Path).dative()
		} else {
			age.tail = germanOwner(owner)
		}
		return age
	case *rule.Score:
		return phrase{noun: masc("Score", "Scores", ""), tail: " " + germanQuote(readable(v.Name.Text))}
	case *rule.Distance:
		return phrase{noun: fem("Entfernung", ""), tail: " " + germanField(v.Path).after("von") + " bis " + visible(v.To.Text)}
	case *rule.Aggregate:
		return germanAggregate(v)
	}
	return phrase{literal: rule.PrintValue(v)}
}

func germanLiteral(l *rule.Literal) string {
	switch l.Kind {
	case rule.NumberLiteral:
		return germanNumber(l.Number)
	case rule.BoolLiteral:
		return germanBool(l.Bool)
	case rule.DateLiteral:
		return germanDate(l.Date)
	}
	return germanQuote(l.Text)
}

func germanAggregate(a *rule.Aggregate) phrase {
	event := germanCounted(a)
	all := " aller " + event.plural + germanTail(a.Filter, event.gender, true)
	property := phrase{noun: noun{gender: neuter, word: "Feld", genitive: "Felds", dative: "Feld"}}
	if propertyOf(a) != nil {
		property.noun = germanNoun(dotted(propertyOf(a)))
	}
	switch a.Func {
	case rule.Count:
		given := germanGiven(a)
		if given != "" {
			given = " " + given
		}
		return phrase{noun: fem("Zahl", ""), tail: " der " + event.plural + given + germanTail(a.Filter, event.gender, true)}
	case rule.Sum:
		return phrase{noun: fem("Summe", ""), tail: " " + property.genitive() + all}
	case rule.Avg:
		return phrase{noun: masc("Durchschnitt", "Durchschnitts", ""), tail: " " + property.genitive() + all}
	case rule.Distinct:
		return phrase{noun: fem("Zahl", ""), tail: " der verschiedenen Werte " + property.genitive() + all}
	case rule.Min, rule.Max:
		return germanExtreme(a, property, all)
	}
	one := phrase{noun: event, adjective: "letzt", tail: germanTail(a.Filter, event.gender, false)}
	if a.Func == rule.First {
		one.adjective = "erst"
	}
	if propertyOf(a) == nil {
		return one
	}
	property.tail = " " + one.genitive()
	return property
}

// germanExtreme names the smallest or greatest value of a property.
func germanExtreme(a *rule.Aggregate, property phrase, all string) phrase {
	if propertyOf(a) == nil || !known(dotted(propertyOf(a))) {
		moment := property.moment
		all = " " + property.genitive() + all
		property = phrase{noun: masc("Wert", "Werts", "")}
		property.moment = moment
	}
	property.tail = all
	switch {
	case property.moment && a.Func == rule.Min:
		property.adjective = "frühest"
	case property.moment:
		property.adjective = "spätest"
	case a.Func == rule.Min:
		property.adjective = "niedrigst"
	default:
		property.adjective = "höchst"
	}
	return property
}

// germanGiven says that events count only if they have a property; empty without one.
func germanGiven(a *rule.Aggregate) string {
	if propertyOf(a) == nil {
		return ""
	}
	property := phrase{noun: germanNoun(dotted(propertyOf(a)))}
	return "mit Angabe " + property.genitive()
}

// germanTail writes window and condition of events behind their name.
func germanTail(f *rule.Filter, g gender, plural bool) string {
	tail := germanWindowOf(f)
	if tail != "" {
		tail = " " + tail
	}
	return tail + germanWhere(f, g, plural)
}

// germanWhere writes the condition of events as a relative clause; empty without one.
func germanWhere(f *rule.Filter, g gender, plural bool) string {
	if f.Rule == nil {
		return ""
	}
	pronoun := article(g, relative)
	if plural {
		pronoun = "denen"
	}
	return ", bei " + pronoun + " " + germanText(f.Rule, false, subClause, true) + open
}
