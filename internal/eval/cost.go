package eval

// cost estimates what a condition takes per customer, to ask the cheap ones first.
func cost(c cond) int {
	switch c := c.(type) {
	case always:
		return 0
	case *textTest:
		return 1 + locatorCost(c.value)
	case *isTrue:
		return 1 + locatorCost(c.locator)
	case *compareScalars:
		return 1 + scalarCost(c.left) + scalarCost(c.right)
	case *betweenScalars:
		return 1 + scalarCost(c.value)
	case *inScalars:
		return 2 + scalarCost(c.value)
	case *olderThan:
		return 2 + scalarCost(c.value)
	case *inLast:
		return 2 + scalarCost(c.value)
	case *notCond:
		return cost(c.part)
	case *andCond:
		return totalCost(c.parts)
	case *orCond:
		return totalCost(c.parts)
	case *sequence:
		return 10 + filterCost(c.first) + filterCost(c.second)
	case *consent, *inSegment:
		return 3
	}
	return 12
}

func totalCost(parts []cond) int {
	n := 0
	for _, part := range parts {
		n += cost(part)
	}
	return n
}

func locatorCost(l locator) int {
	switch l := l.(type) {
	case attribute, property:
		return 0
	case *edgeProperty:
		return 8 + filterCost(l.filter)
	}
	return 2
}

func scalarCost(s scalar) int {
	switch s := s.(type) {
	case constant:
		return 0
	case located:
		return locatorCost(s.locator)
	case *edge:
		return 2 + filterCost(s.filter)
	case *count:
		return 4 + filterCost(s.filter)
	case *foldValues:
		return 6 + filterCost(s.filter)
	}
	return 8
}

func filterCost(f *filter) int {
	if f.where == nil {
		return 0
	}
	return 6 + cost(f.where)
}
