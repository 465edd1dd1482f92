package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// MarshalJSON writes a rule as a JSON tree, compact and always the same for the
// same rule. Each condition is an object with one operator, named like the words
// of the language with underscores:
//
//	{"all": [rule, …]}  {"any": [rule, …]}  {"not": rule}
//	{"=": [value, value]}  and so  != < <= > >=
//	{"in": [value, [literal, …]]}  {"between": [value, literal, literal]}
//	{"contains": [value, text]}  and so  starts_with ends_with matches
//	"not_" before any of the last six
//	{"is_known": value}  {"is_unknown": value}  {"is_true": path}
//	{"older_than": [value, duration]}  {"in_next": [value, duration]}  {"after": [value, date]}  {"on": [value, date]}
//	{"in_last": [value, duration]}  {"in_this": [value, unit]}  {"in_previous": [value, unit]}
//	{"since": [value, date]}  {"before": [value, date]}  {"today": value}  {"yesterday": value}
//	{"anniversary": {"of": value, "in_next": duration}}  {"anniversary": {"of": value, "today": true}}
//	{"in_segment": name}  {"in_segment": [name, duration]}
//	{"entered_segment": {"segment": name, window}}  {"left_segment": …}
//	{"sequence": {"first": filter, "then": filter, "within": duration}}  or with "then_no"
//	{"any_item": [path, rule]}  {"every_item": …}  {"no_item": …}
//	{"consent": [channel, purpose]}  {"top": {"percent": number, "by": value}}
//
// A filter is {"event": name, window, "where": rule}; a window is one of "in_last",
// "in_this", "in_previous", "since", "before" with what stands beside the value
// above, "today": true, "yesterday": true, or "between": [date, date].
//
// A value in the first place is a bare text if it is a path, anywhere else if it
// is a text; otherwise {"path": …} and {"text": …}. Numbers, true and false stand
// bare. The others are {"date": date}, {"count": filter} and so each aggregate,
// with "property" in the filter, {"age": path}, {"score": name} and
// {"distance": [path, text]}. In a path a name with a dot stands in backquotes.
func MarshalJSON(n Node) []byte { return []byte(jsonNode(n)) }

// underscored turns words into the name of an operator.
func underscored(words string) string { return strings.ReplaceAll(words, " ", "_") }

// object writes an object of keys and values that are JSON already.
func object(keysAndValues ...string) string {
	var parts []string
	for i := 0; i < len(keysAndValues); i += 2 {
		parts = append(parts, jsonString(keysAndValues[i])+":"+keysAndValues[i+1])
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func array(values ...string) string { return "[" + strings.Join(values, ",") + "]" }

func jsonString(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string and a buffer have no errors
	return strings.TrimSuffix(b.String(), "\n")
}

func jsonNodes(nodes []Node) string {
	var parts []string
	for _, n := range nodes {
		parts = append(parts, jsonNode(n))
	}
	return array(parts...)
}

func jsonNode(n Node) string {
	switch n := n.(type) {
	case *And:
		return object("all", jsonNodes(n.Parts))
	case *Or:
		return object("any", jsonNodes(n.Parts))
	case *Not:
		return object("not", jsonNode(n.Part))
	case *Compare:
		return object(n.Op.String(), array(jsonValue(n.Left, true), jsonValue(n.Right, false)))
	case *In:
		return object(negatedName(n.Negated, "in"), array(jsonValue(n.Value, true), jsonLiterals(n.List)))
	case *Between:
		return object(negatedName(n.Negated, "between"), array(jsonValue(n.Value, true), jsonValue(n.Low, false), jsonValue(n.High, false)))
	case *Match:
		return object(negatedName(n.Negated, underscored(n.How.String())), array(jsonValue(n.Value, true), jsonString(n.Text.Text)))
	case *Known:
		return object(map[bool]string{false: "is_known", true: "is_unknown"}[n.Unknown], jsonValue(n.Value, true))
	case *IsTrue:
		return object("is_true", jsonValue(n.Path, true))
	}
	return jsonSpecial(n)
}

func jsonSpecial(n Node) string {
	switch n := n.(type) {
	case *Moment:
		return jsonMoment(n)
	case *Anniversary:
		if n.InNext == nil {
			return object("anniversary", object("of", jsonValue(n.Value, true), "today", "true"))
		}
		return object("anniversary", object("of", jsonValue(n.Value, true), "in_next", jsonString(duration(*n.InNext))))
	case *InSegment:
		if n.For == nil {
			return object("in_segment", jsonString(n.Segment.Text))
		}
		return object("in_segment", array(jsonString(n.Segment.Text), jsonString(duration(*n.For))))
	case *Crossed:
		key, value := jsonWindow(n.Window)
		return object(map[bool]string{false: "entered", true: "left"}[n.Left]+"_segment",
			object("segment", jsonString(n.Segment.Text), key, value))
	case *Sequence:
		then := map[bool]string{false: "then", true: "then_no"}[n.No]
		return object("sequence", object("first", jsonFilter(n.First, nil), then, jsonFilter(n.Second, nil), "within", jsonString(duration(n.Within))))
	case *Quantified:
		return object(n.Quantifier.String()+"_item", array(jsonValue(n.List, true), jsonNode(n.Rule)))
	case *Consent:
		return object("consent", array(jsonString(n.Channel.Text), jsonString(n.Purpose.Text)))
	case *Top:
		return object("top", object("percent", n.Percent.String(), "by", jsonValue(n.By, true)))
	}
	panic(fmt.Sprintf("rule: unknown condition %T", n))
}

func negatedName(negated bool, name string) string {
	if negated {
		return "not_" + name
	}
	return name
}

func jsonMoment(n *Moment) string {
	v := jsonValue(n.Value, true)
	switch n.Test {
	case OlderThan:
		return object("older_than", array(v, jsonString(duration(n.Duration))))
	case InNext:
		return object("in_next", array(v, jsonString(duration(n.Duration))))
	case After:
		return object("after", array(v, jsonString(n.Date.Date.String())))
	case On:
		return object("on", array(v, jsonString(n.Date.Date.String())))
	}
	key, value := jsonWindow(n.Window)
	if value == "true" {
		return object(key, v)
	}
	return object(key, array(v, value))
}

// jsonWindow gives the key and the value of a window.
func jsonWindow(w *Window) (key, value string) {
	switch w.Kind {
	case InLast:
		return "in_last", jsonString(duration(w.Duration))
	case Today:
		return "today", "true"
	case Yesterday:
		return "yesterday", "true"
	case InThis:
		return "in_this", jsonString(unitWords[w.Unit])
	case InPrevious:
		return "in_previous", jsonString(unitWords[w.Unit])
	case Since:
		return "since", jsonString(w.From.Date.String())
	case Before:
		return "before", jsonString(w.From.Date.String())
	}
	return "between", array(jsonString(w.From.Date.String()), jsonString(w.To.Date.String()))
}

// jsonFilter writes an event; property is nil without one.
func jsonFilter(f *Filter, property *Path) string {
	members := []string{"event", jsonString(f.Event.Text)}
	if property != nil {
		members = append(members, "property", jsonString(pathText(property.Names)))
	}
	if f.Window != nil {
		key, value := jsonWindow(f.Window)
		members = append(members, key, value)
	}
	if f.Rule != nil {
		members = append(members, "where", jsonNode(f.Rule))
	}
	return object(members...)
}

func jsonLiterals(list []*Literal) string {
	var parts []string
	for _, l := range list {
		parts = append(parts, jsonValue(l, false))
	}
	return array(parts...)
}

// jsonValue writes a value; in the first place of an operator a bare text is a path.
func jsonValue(v Value, first bool) string {
	switch v := v.(type) {
	case *Path:
		text := jsonString(pathText(v.Names))
		if first {
			return text
		}
		return object("path", text)
	case *Literal:
		return jsonLiteral(v, first)
	case *Aggregate:
		return object(v.Func.String(), jsonFilter(v.Filter, v.Property))
	case *Age:
		return object("age", jsonString(pathText(v.Path.Names)))
	case *Score:
		return object("score", jsonString(v.Name.Text))
	case *Distance:
		return object("distance", array(jsonString(pathText(v.Path.Names)), jsonString(v.To.Text)))
	}
	panic(fmt.Sprintf("rule: unknown value %T", v))
}

func jsonLiteral(l *Literal, first bool) string {
	switch l.Kind {
	case TextLiteral:
		if first {
			return object("text", jsonString(l.Text))
		}
		return jsonString(l.Text)
	case NumberLiteral:
		return l.Number.String()
	case BoolLiteral:
		return strconv.FormatBool(l.Bool)
	}
	return object("date", jsonString(l.Date.String()))
}

// pathText joins the names of a path with dots; a name with a dot stands in backquotes.
func pathText(names []string) string {
	written := make([]string, len(names))
	for i, n := range names {
		written[i] = n
		if strings.Contains(n, ".") {
			written[i] = "`" + n + "`"
		}
	}
	return strings.Join(written, ".")
}
