package rule

import (
	"fmt"
	"strings"
)

// neverNames are the keywords that hardly anybody takes for a name, so that they
// are reported as being in the wrong place rather than as names without backquotes.
var neverNames = wordSet("and or not in between is then within where for by of than with this no true false older starts ends")

func nameLike(word string) bool { return !neverNames[word] }

// meantWords are words of German and of other languages of rules, with what they are called here.
var meantWords = map[string]string{
	"und": "and", "oder": "or", "nicht": "not", "kein": "no", "keine": "no", "ist": "is", "bekannt": "known",
	"unbekannt": "unknown", "zwischen": "between", "enthält": "contains", "wo": "where", "dann": "then",
	"innerhalb": "within", "letzte": "last", "letzten": "last", "letzter": "last", "nächste": "next",
	"nächsten": "next", "diese": "this", "diesem": "this", "diesen": "this", "dieser": "this", "heute": "today",
	"gestern": "yesterday", "seit": "since", "vor": "before", "nach": "after", "am": "on", "älter": "older",
	"als": "than", "wahr": "true", "falsch": "false", "anzahl": "count", "summe": "sum", "durchschnitt": "avg",
	"mittelwert": "avg", "erste": "first", "alter": "age", "minute": "minutes", "minuten": "minutes",
	"stunde": "hours", "stunden": "hours", "tag": "days", "tage": "days", "tagen": "days", "woche": "weeks",
	"wochen": "weeks", "monat": "months", "monate": "months", "monaten": "months", "jahr": "years",
	"jahre": "years", "jahren": "years", "alle": "every", "jede": "every", "jedes": "every", "irgendein": "any",
	"mean": "avg", "average": "avg", "total": "sum", "number": "count", "maximum": "max", "minimum": "min",
	"unique": "distinct", "latest": "last", "earliest": "first", "past": "last", "like": "contains",
	"includes": "contains", "include": "contains", "has": "contains", "equals": "=", "equal": "=", "eq": "=",
	"startswith": "starts with", "endswith": "ends with", "begins": "starts with", "regex": "matches",
	"all": "every", "some": "any", "none": "no", "exists": "is known", "d": "days", "h": "hours", "hrs": "hours",
	"min": "minutes", "mins": "minutes", "w": "weeks", "y": "years", "yrs": "years", "mo": "months",
	"followed": "then", "during": "in", "until": "before", "from": "since", "greater": ">", "more": ">", "less": "<",
}

// meant suggests the word of the language that a name stands for, as a hint;
// words are those that could stand there.
func meant(t token, words ...string) string {
	if t.kind != nameToken || t.quoted {
		return ""
	}
	written := strings.ToLower(t.text)
	word, ok := meantWords[written]
	if ok {
		ok = false
		for _, w := range words {
			ok = ok || w == word
		}
	}
	if !ok {
		word, ok = Suggest(written, words)
	}
	if !ok {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", word)
}

// tests are the words and symbols that can follow a value.
var tests = []string{
	"=", "!=", "<", ">", "in", "not", "between", "contains", "starts with", "starts", "ends with", "ends", "matches", "is",
	"is known", "older", "after", "on", "today", "yesterday", "since", "before",
}

// noTest reports a value other than a path that nothing tests.
func (p *parser) noTest(v Value) {
	t := p.peek()
	if hint := meant(t, tests...); hint != "" {
		p.report(t.Span, fmt.Sprintf("unexpected %s", t.describe()), hint)
		return
	}
	if t.kind == badToken {
		return
	}
	if t.is("where") {
		p.report(t.Span, `"where" follows an event`, `inside the parentheses: count(order_completed where …)`)
		return
	}
	hint := "for example count(order_completed) >= 3 or last(order_completed) older than 30 days"
	if _, ok := v.(*Literal); ok {
		hint = `for example country = "DE"`
	}
	if t.kind == numberToken || t.kind == textToken || t.kind == dateToken {
		p.report(t.Span, "an operator such as = is missing before "+t.describe(), "")
		return
	}
	p.report(v.Where(), "a value alone is no condition: a comparison is missing after it", hint)
}

// notTest reports a `not` after a value that no test follows that could be negated.
func (p *parser) notTest() {
	t := p.peek()
	switch {
	case p.oneOf("in", "older", "after", "on", "today", "yesterday", "since", "before", "is"):
		p.report(t.Span, fmt.Sprintf("%q cannot follow \"not\" here", t.text), `put "not" before the whole condition`)
	case p.oneOf("known", "unknown"):
		p.report(t.Span, fmt.Sprintf("%q follows \"is\"", t.text), `write "is known" or "is unknown"`)
	default:
		p.expected(`"in (", "between", "contains", "starts with", "ends with" or "matches" after "not"`,
			meant(t, "between", "contains", "starts with", "starts", "ends with", "ends", "matches"))
	}
}

// isSlip reports what follows `is` and goes on as if the likely meaning stood there.
func (p *parser) isSlip(v Value, is token) Node {
	negated := p.accept("not")
	t := p.peek()
	at := p.from(is.Start)
	at.End = t.End
	word := strings.ToLower(t.text)
	switch {
	case negated && p.oneOf("known", "unknown"):
		opposite := map[string]string{"known": "unknown", "unknown": "known"}[t.word]
		p.report(at, fmt.Sprintf(`"is not %s" is no test`, t.word), fmt.Sprintf(`did you mean "is %s"?`, opposite))
	case t.kind == nameToken && (word == "null" || word == "empty" || word == "set" || word == "missing" || word == "nil"):
		opposite := map[bool]string{true: "known", false: "unknown"}[negated != (word == "set")]
		p.report(at, fmt.Sprintf("%q is not a word of the language", word), fmt.Sprintf(`did you mean "is %s"?`, opposite))
	case t.kind == textToken || t.kind == numberToken || t.kind == dateToken || p.oneOf("true", "false"):
		op := map[bool]string{true: "!=", false: "="}[negated]
		p.report(is.Span, `"is" only asks whether a value is known`, fmt.Sprintf("did you mean %q?", op))
	case p.at("in"):
		p.report(is.Span, `unexpected "is"`, `leave it out`)
		return nil
	default:
		p.expected(`"known" or "unknown" after "is"`, meant(t, "known", "unknown"))
		return nil
	}
	p.next()
	return &Known{Span: p.from(v.Where().Start), Value: v}
}

// inSlip reports what follows an `in` that began at a position and means nothing there.
func (p *parser) inSlip(start int) {
	t := p.peek()
	at := Span{start, t.End}
	switch {
	case t.kind == numberToken:
		p.report(at, `"in" is followed by "last" or "next"`, fmt.Sprintf(`for example "in last %s days" or "in next %s days"`, clip(t.text), clip(t.text)))
	case p.oneOf("last", "this", "previous", "next") && (p.pos < 2 || p.tokens[p.pos-2].kind == keywordToken):
		p.report(at, fmt.Sprintf(`a value is missing before "in %s"`, t.word), "for example last(order_completed) in last 30 days")
	case p.at("next"):
		p.report(at, "a window of events cannot lie in the future", `did you mean "in last"?`)
	case p.at("segment"):
		p.report(at, `"in segment" stands alone, without a value before it`, "for example in segment vip")
	case t.kind == textToken:
		p.report(t.Span, "a list stands in parentheses", fmt.Sprintf("write in (%s)", clip(quote(t.text))))
	case t.kind == nameToken && strings.EqualFold(t.text, "the"):
		p.report(t.Span, `unexpected "the"`, "leave it out")
	default:
		p.expected(`a list in parentheses, "last", "next", "this", "previous" or "segment" after "in"`,
			meant(t, "last", "next", "this", "previous", "segment"))
	}
}

// periodSlip reports "in last month", "in previous 3 months" and their like.
func (p *parser) periodSlip(in token) {
	word, t := p.next(), p.peek()
	at := Span{in.Start, t.End}
	unit := strings.TrimSuffix(asciiLower(t.text), "s")
	_, calendarUnit := periodOf(unit)
	switch {
	case word.is("last") && calendarUnit:
		p.report(at, fmt.Sprintf(`"in last %s" can mean two things`, t.text), lastHint(unit))
	case word.is("last") || word.is("next"):
		p.report(at, "a number is missing before "+t.describe(), fmt.Sprintf(`did you mean "in %s 1 %s"?`, word.word, unit))
	case t.kind == numberToken && word.is("previous"):
		p.report(at, `"in previous" is followed by a unit`, `for a number of units write "in last"`)
	case unit == "day":
		p.report(at, fmt.Sprintf(`"in %s day" is not a window`, word.word), fmt.Sprintf("did you mean %q?", map[bool]string{true: "today", false: "yesterday"}[word.is("this")]))
	default:
		p.expected(fmt.Sprintf(`"week", "month", "quarter" or "year" after "in %s"`, word.word), meant(t, "week", "month", "quarter", "year"))
		return
	}
	p.next()
}

func lastHint(unit string) string {
	if unit == "quarter" {
		return `did you mean "in previous quarter" or "in last 3 months"?`
	}
	return fmt.Sprintf(`did you mean "in previous %s" or "in last 1 %s"?`, unit, unit)
}

// thanSlip reports `older 30 days` and `older then 30 days`.
func (p *parser) thanSlip() {
	t := p.peek()
	if t.is("then") {
		p.report(p.next().Span, `unexpected "then"`, `did you mean "than"?`)
		return
	}
	p.expected(`"than" after "older"`, "")
}

// durationSlip reports what stands where a duration should.
func (p *parser) durationSlip() {
	const example = "for example 30 days"
	if p.unitAhead(0) {
		unit := strings.TrimSuffix(asciiLower(p.peek().text), "s")
		p.report(p.peek().Span, "a number is missing before "+p.peek().describe(), fmt.Sprintf(`did you mean "1 %s"?`, unit))
		return
	}
	p.expected("a duration", example)
}

// unitSlip reports what stands where the unit of a duration should; true if it can be passed over.
func (p *parser) unitSlip(count token) bool {
	t := p.peek()
	switch unit := asciiLower(t.text); {
	case unit == "quarter" || unit == "quarters":
		p.report(t.Span, "quarters are no unit of a duration", "a quarter has 3 months")
	case unit == "second" || unit == "seconds":
		p.report(t.Span, "seconds are no unit of a duration", "the shortest unit is minutes")
	case unit == "m":
		p.report(t.Span, `"m" can mean two things`, `did you mean "minutes" or "months"?`)
	case p.boundary() || t.kind == symbolToken:
		p.report(count.Span, "a unit is missing after "+clip(count.text), fmt.Sprintf(`for example "%s days"`, clip(count.text)))
		return false
	default:
		hint := meant(t, "minutes", "hours", "days", "weeks", "months", "years")
		p.expected("a unit such as days", hint)
		if hint == "" {
			return false
		}
	}
	p.next()
	return true
}
