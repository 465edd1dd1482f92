package sentence

import (
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
)

// englishEvent names an event type.
func englishEvent(name string) word {
	if w, ok := events[name]; ok {
		return w
	}
	quoted := englishQuote(readable(name))
	return word{english: quoted + " event", englishs: quoted + " events"}
}

// englishCounted names what an aggregate is about: events, or the people of a company.
func englishCounted(a *rule.Aggregate) word {
	if a.IsPeople() {
		return person
	}
	return englishEvent(a.Filter.Event.Text)
}

func indefiniteEnglish(noun string) string {
	letters := strings.TrimLeft(noun, "“")
	if letters != "" && strings.ContainsRune("aeiouAEIOU", rune(letters[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// englishNoun names a field without an article.
func englishNoun(path string) string {
	if w, ok := fields[path]; ok {
		return w.english
	}
	return "field " + englishQuote(readable(path))
}

// englishField names a field and whose it is.
func englishField(p *rule.Path) string {
	owner, path := split(p)
	return "the " + englishOwner(owner) + englishNoun(path)
}

func englishOwner(owner string) string {
	return map[string]string{"customer": "customer’s ", "company": "company’s "}[owner]
}

// englishValue names a value.
func englishValue(v rule.Value) string {
	switch v := v.(type) {
	case *rule.Path:
		return englishField(v)
	case *rule.Literal:
		return englishLiteral(v)
	case *rule.Age:
		if owner, path := split(v.Path); births[path] && owner != "company" {
			return "the " + englishOwner(owner) + "age"
		}
		return "the age by " + englishField(v.Path)
	case *rule.Score:
		return "the score " + englishQuote(readable(v.Name.Text))
	case *rule.Distance:
		return "the distance from " + englishField(v.Path) + " to " + visible(v.To.Text)
	case *rule.Aggregate:
		return englishAggregate(v)
	}
	return rule.PrintValue(v)
}

func englishLiteral(l *rule.Literal) string {
	switch l.Kind {
	case rule.NumberLiteral:
		return englishNumber(l.Number)
	case rule.BoolLiteral:
		return englishBool(l.Bool)
	case rule.DateLiteral:
		return englishDate(l.Date)
	}
	return englishQuote(l.Text)
}

func englishAggregate(a *rule.Aggregate) string {
	event := englishCounted(a)
	all := "of all " + event.englishs + englishTail(a.Filter)
	noun, moment := "field", false
	if propertyOf(a) != nil {
		noun, moment = englishNoun(dotted(propertyOf(a))), namesMoment(dotted(propertyOf(a)))
	}
	extreme := noun
	if propertyOf(a) == nil || !known(dotted(propertyOf(a))) {
		extreme = "value of the " + noun
	}
	switch a.Func {
	case rule.Count:
		return words("the number of", event.englishs, englishGiven(a)) + englishTail(a.Filter)
	case rule.Sum:
		return words("the sum of the", noun, all)
	case rule.Avg:
		return words("the average of the", noun, all)
	case rule.Distinct:
		return words("the number of different values of the", noun, all)
	case rule.Min:
		return words("the", unless(moment, "lowest", "earliest"), extreme, all)
	case rule.Max:
		return words("the", unless(moment, "highest", "latest"), extreme, all)
	}
	one := words("the", unless(a.Func == rule.First, "last", "first"), event.english) + englishTail(a.Filter)
	if propertyOf(a) == nil {
		return one
	}
	return words("the", noun, "of", one)
}

// englishGiven says that events count only if they have a property; empty without one.
func englishGiven(a *rule.Aggregate) string {
	if propertyOf(a) == nil {
		return ""
	}
	return "with a value for the " + englishNoun(dotted(propertyOf(a)))
}

// englishTail writes window and condition of events behind their name.
func englishTail(f *rule.Filter) string {
	tail := englishWindowOf(f)
	if f.Rule == nil {
		return tail
	}
	return tail + " for which " + englishText(f.Rule, false, true)
}

// englishRanked names what customers are ranked by.
func englishRanked(v rule.Value) string {
	if _, ok := eventTime(v); ok {
		return "the time of " + englishValue(v)
	}
	return englishValue(v)
}
