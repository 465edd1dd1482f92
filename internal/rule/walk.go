package rule

// Walk calls f for a condition and, where f returns true, for the conditions in
// it: the parts of `and`, `or` and `not`, and those in the `where` of aggregates
// and sequences and behind `any`, `every` and `no`. Their order is that of the text.
func Walk(n Node, f func(Node) bool) {
	walk(n, 1, func(n Node, _ int) bool { return f(n) })
}

func walk(n Node, level int, f func(Node, int) bool) {
	if !f(n, level) {
		return
	}
	for _, child := range children(n) {
		walk(child, level+1, f)
	}
}

// children lists the conditions directly in a condition.
func children(n Node) []Node {
	switch n := n.(type) {
	case *And:
		return n.Parts
	case *Or:
		return n.Parts
	case *Not:
		return []Node{n.Part}
	case *Quantified:
		return []Node{n.Rule}
	case *Sequence:
		return filterRules(n.First, n.Second)
	}
	var found []Node
	for _, v := range Values(n) {
		if a, ok := v.(*Aggregate); ok {
			found = append(found, filterRules(a.Filter)...)
		}
	}
	return found
}

func filterRules(filters ...*Filter) []Node {
	var found []Node
	for _, f := range filters {
		if f.Rule != nil {
			found = append(found, f.Rule)
		}
	}
	return found
}

// Values lists the values that a condition itself tests, without its literals in
// lists and bounds and without those of the conditions in it.
func Values(n Node) []Value {
	switch n := n.(type) {
	case *Compare:
		return []Value{n.Left, n.Right}
	case *In:
		return []Value{n.Value}
	case *Between:
		return []Value{n.Value}
	case *Match:
		return []Value{n.Value}
	case *Known:
		return []Value{n.Value}
	case *Moment:
		return []Value{n.Value}
	case *Anniversary:
		return []Value{n.Value}
	case *Top:
		return []Value{n.By}
	case *IsTrue:
		return []Value{n.Path}
	}
	return nil
}

// Filters lists the event filters that a condition itself reads: of its aggregates, or of its sequence.
func Filters(n Node) []*Filter {
	if s, ok := n.(*Sequence); ok {
		return []*Filter{s.First, s.Second}
	}
	var found []*Filter
	for _, v := range Values(n) {
		if a, ok := v.(*Aggregate); ok {
			found = append(found, a.Filter)
		}
	}
	return found
}

// Leaves lists the conditions that are joined by `and`, `or` and `not`, in the order of the text.
func Leaves(n Node) []Node {
	switch n := n.(type) {
	case *And:
		return leavesOf(n.Parts)
	case *Or:
		return leavesOf(n.Parts)
	case *Not:
		return Leaves(n.Part)
	}
	return []Node{n}
}

func leavesOf(parts []Node) []Node {
	var all []Node
	for _, n := range parts {
		all = append(all, Leaves(n)...)
	}
	return all
}
