package rule

import (
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/number"
)

// ParseJSON reads a rule from the JSON form that MarshalJSON describes. It
// accepts what has a text form and nothing else; `all` and `any` may have one
// part or stand in one another, as parentheses may in the text. It reports all
// problems at once, each with a JSON pointer; the rule is nil if one is fatal.
func ParseJSON(data []byte) (Node, Problems) {
	t, err := readTree(data)
	if err != nil {
		return nil, Problems{{Message: err.Error()}}
	}
	var r jsonReader
	n := r.node(t)
	if len(r.problems) == 0 {
		r.problems.limits(n)
	}
	if len(r.problems) > 0 {
		return nil, Problems(r.problems)
	}
	return n, nil
}

// jsonReader turns JSON into a rule. Its functions return nil after they reported a problem.
type jsonReader struct{ problems problemList }

func (r *jsonReader) fail(at tree, message, hint string) {
	if !r.problems.full() {
		r.problems = append(r.problems, Problem{Message: message, Hint: hint, Pointer: at.at})
	}
}

// expect reports a value of the wrong kind.
func (r *jsonReader) expect(kind treeKind, t tree, what string) bool {
	if t.kind != kind {
		r.fail(t, fmt.Sprintf("expected %s, found %s", what, t.kind), "")
	}
	return t.kind == kind
}

// jsonOperators read what stands behind the operators of conditions.
var jsonOperators = map[string]func(*jsonReader, tree) Node{}

func init() {
	ops := jsonOperators
	ops["all"] = func(r *jsonReader, t tree) Node { return allOf(Span{}, r.nodes(t)) }
	ops["any"] = func(r *jsonReader, t tree) Node { return anyOf(Span{}, r.nodes(t)) }
	ops["not"] = (*jsonReader).not
	for i, word := range opWords {
		ops[word] = func(r *jsonReader, t tree) Node { return r.compare(t, Op(i)) }
	}
	for _, negated := range []bool{false, true} {
		ops[negatedName(negated, "in")] = func(r *jsonReader, t tree) Node { return r.in(t, negated) }
		ops[negatedName(negated, "between")] = func(r *jsonReader, t tree) Node { return r.between(t, negated) }
		for i, word := range matchingWords {
			ops[negatedName(negated, underscored(word))] = func(r *jsonReader, t tree) Node { return r.match(t, Matching(i), negated) }
		}
	}
	ops["is_known"] = func(r *jsonReader, t tree) Node { return r.known(t, false) }
	ops["is_unknown"] = func(r *jsonReader, t tree) Node { return r.known(t, true) }
	ops["is_true"] = (*jsonReader).isTrue
	for _, key := range []string{"older_than", "in_next", "after", "on"} {
		ops[key] = func(r *jsonReader, t tree) Node { return r.moment(t, key) }
	}
	for _, key := range windowKeys[:len(windowKeys)-1] { // a value between dates is a "between"
		ops[key] = func(r *jsonReader, t tree) Node { return r.inPeriod(t, key) }
	}
	ops["anniversary"] = (*jsonReader).anniversary
	ops["in_segment"] = (*jsonReader).inSegment
	ops["entered_segment"] = func(r *jsonReader, t tree) Node { return r.crossed(t, false) }
	ops["left_segment"] = func(r *jsonReader, t tree) Node { return r.crossed(t, true) }
	ops["sequence"] = (*jsonReader).sequence
	for i, word := range quantifierWords {
		ops[word+"_item"] = func(r *jsonReader, t tree) Node { return r.quantified(t, Quantifier(i)) }
	}
	ops["consent"] = (*jsonReader).consent
	ops["top"] = (*jsonReader).top
}

// node reads a condition.
func (r *jsonReader) node(t tree) Node {
	const example = `for example {"=": ["country", "DE"]}`
	if t.kind != objectTree || len(t.members) != 1 {
		found := t.kind.String()
		if t.kind == objectTree {
			found = fmt.Sprintf("an object with %d members", len(t.members))
		}
		r.fail(t, "expected a condition, an object with one operator, found "+found, example)
		return nil
	}
	m := t.members[0]
	read, ok := jsonOperators[m.name]
	if !ok {
		r.fail(t, fmt.Sprintf("unknown operator %q", clip(m.name)), didYouMean(m.name, mapKeys(jsonOperators)))
		return nil
	}
	return read(r, m.value)
}

func mapKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func didYouMean(name string, candidates []string) string {
	if best, ok := Suggest(name, candidates); ok {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return ""
}

func (r *jsonReader) nodes(t tree) []Node {
	if !r.expect(listTree, t, "a list of conditions") {
		return nil
	}
	if len(t.items) == 0 {
		r.fail(t, "the list of conditions is empty", "")
	}
	var nodes []Node
	for _, item := range t.items {
		nodes = append(nodes, r.node(item))
	}
	return nodes
}

func (r *jsonReader) not(t tree) Node {
	n := r.node(t)
	if n == nil {
		return nil
	}
	return &Not{Part: n}
}

// places checks that a value is a list of so many things; what describes them.
func (r *jsonReader) places(t tree, n int, what string) bool {
	if t.kind == listTree && len(t.items) == n {
		return true
	}
	found := t.kind.String()
	if t.kind == listTree {
		found = fmt.Sprintf("a list of %d", len(t.items))
	}
	r.fail(t, fmt.Sprintf("expected %s, found %s", what, found), "")
	return false
}

func (r *jsonReader) compare(t tree, op Op) Node {
	if !r.places(t, 2, "[value, value]") {
		return nil
	}
	left, right := r.value(t.items[0], true), r.value(t.items[1], false)
	if left == nil || right == nil {
		return nil
	}
	return &Compare{Left: left, Op: op, Right: right}
}

func (r *jsonReader) in(t tree, negated bool) Node {
	if !r.places(t, 2, "[value, [literal, …]]") {
		return nil
	}
	v, list := r.value(t.items[0], true), t.items[1]
	if !r.expect(listTree, list, "a list of literals") || v == nil {
		return nil
	}
	if len(list.items) == 0 {
		r.fail(list, "the list is empty", "")
		return nil
	}
	n := &In{Value: v, Negated: negated}
	for _, item := range list.items {
		l := r.literal(item)
		if l == nil {
			return nil
		}
		n.List = append(n.List, l)
	}
	return n
}

func (r *jsonReader) between(t tree, negated bool) Node {
	if !r.places(t, 3, "[value, literal, literal]") {
		return nil
	}
	v, low, high := r.value(t.items[0], true), r.literal(t.items[1]), r.literal(t.items[2])
	if v == nil || low == nil || high == nil {
		return nil
	}
	return &Between{Value: v, Negated: negated, Low: low, High: high}
}

func (r *jsonReader) match(t tree, how Matching, negated bool) Node {
	if !r.places(t, 2, "[value, text]") {
		return nil
	}
	v := r.value(t.items[0], true)
	if !r.expect(textTree, t.items[1], "a text") || v == nil {
		return nil
	}
	return &Match{Value: v, Negated: negated, How: how, Text: &Literal{Text: t.items[1].text}}
}

func (r *jsonReader) known(t tree, unknown bool) Node {
	v := r.value(t, true)
	if v == nil {
		return nil
	}
	return &Known{Value: v, Unknown: unknown}
}

func (r *jsonReader) isTrue(t tree) Node {
	if p := r.path(t); p != nil {
		return &IsTrue{Path: p}
	}
	return nil
}

func (r *jsonReader) quantified(t tree, q Quantifier) Node {
	if !r.places(t, 2, "[path, condition]") {
		return nil
	}
	list, n := r.path(t.items[0]), r.node(t.items[1])
	if list == nil || n == nil {
		return nil
	}
	return &Quantified{Quantifier: q, List: list, Rule: n}
}

func (r *jsonReader) consent(t tree) Node {
	if !r.places(t, 2, "[channel, purpose]") {
		return nil
	}
	channel, ok := r.name(t.items[0])
	purpose, okPurpose := r.name(t.items[1])
	if !ok || !okPurpose {
		return nil
	}
	return &Consent{Channel: channel, Purpose: purpose}
}

func (r *jsonReader) top(t tree) Node {
	if !r.members(t, []string{"percent", "by"}) {
		return nil
	}
	share, _ := t.member("percent")
	by, _ := t.member("by")
	v := r.value(by, true)
	if !r.expect(numberTree, share, "a number") || v == nil {
		return nil
	}
	percent, err := number.Parse(share.text)
	if err != nil || percent <= 0 || percent > number.FromInt(100) {
		r.fail(share, "the percentage must be greater than 0 and at most 100", "")
		return nil
	}
	return &Top{Percent: percent, By: v}
}

// members checks that an object has the required members and else only optional ones.
func (r *jsonReader) members(t tree, required []string, optional ...string) bool {
	if !r.expect(objectTree, t, "an object") {
		return false
	}
	allowed := slices.Concat(required, optional)
	ok := true
	for _, m := range t.members {
		if !slices.Contains(allowed, m.name) {
			r.fail(m.value, fmt.Sprintf("unknown member %q", clip(m.name)), didYouMean(m.name, allowed))
			ok = false
		}
	}
	for _, name := range required {
		if _, found := t.member(name); !found && ok { // a misspelt one is not missing as well
			r.fail(t, fmt.Sprintf("the member %q is missing", name), "")
			ok = false
		}
	}
	return ok
}
