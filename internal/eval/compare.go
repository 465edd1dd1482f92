package eval

import (
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/fold"
	"github.com/kohorte/kohorte/internal/rule"
)

// compareScalars is `left op right` of numbers, dates and times; never NotEqual,
// which is compiled as the negation of Equal.
type compareScalars struct {
	left, right scalar
	op          rule.Op
}

func (c *compareScalars) holds(m *Machine) bool {
	l, r := c.left.scalar(m), c.right.scalar(m)
	return l != unset && r != unset && ordered(c.op, l, r)
}

func (c *compareScalars) change(m *Machine) calendar.Instant {
	return min(c.left.change(m), c.right.change(m))
}

func ordered(op rule.Op, l, r int64) bool {
	switch op {
	case rule.Equal:
		return l == r
	case rule.Less:
		return l < r
	case rule.LessEqual:
		return l <= r
	case rule.Greater:
		return l > r
	default:
		return l >= r
	}
}

// betweenScalars is `value between low and high`, both included.
type betweenScalars struct {
	value     scalar
	low, high int64
}

func (c *betweenScalars) holds(m *Machine) bool {
	v := c.value.scalar(m)
	return v != unset && v >= c.low && v <= c.high
}

func (c *betweenScalars) change(m *Machine) calendar.Instant { return c.value.change(m) }

// inScalars is `value in (list)`; the list is sorted.
type inScalars struct {
	value scalar
	list  []int64
}

func (c *inScalars) holds(m *Machine) bool {
	v := c.value.scalar(m)
	if v == unset {
		return false
	}
	_, found := slices.BinarySearch(c.list, v)
	return found
}

func (c *inScalars) change(m *Machine) calendar.Instant { return c.value.change(m) }

// textTest is a condition on one text against literals. Its answer depends on
// the text alone, so each machine remembers it for each code of the dictionary.
type textTest struct {
	value locator
	memo  int
	test  func(text string) bool
}

// What a machine remembers of a code; 0 is nothing yet.
const (
	memoFalse uint8 = 1
	memoTrue  uint8 = 2
)

func (c *textTest) holds(m *Machine) bool {
	column, i := c.value.locate(m)
	if column == nil {
		return false
	}
	return c.holdsCode(m, column, column.Codes[i])
}

func (c *textTest) holdsCode(m *Machine, column *columns.Column, code uint32) bool {
	memo := c.memory(m, column)
	if memo[code] == 0 {
		memo[code] = c.decide(column, code)
	}
	return memo[code] == memoTrue
}

// memory gives what the machine remembers, with room for all codes.
func (c *textTest) memory(m *Machine, column *columns.Column) []uint8 {
	memo := m.memos[c.memo]
	if n := column.Dict.Len(); n > len(memo) {
		memo = append(memo, make([]uint8, n-len(memo))...)
		memo[0] = memoFalse // not known
		m.memos[c.memo] = memo
	}
	return memo
}

func (c *textTest) decide(column *columns.Column, code uint32) uint8 {
	if c.test(column.Dict.Text(code)) {
		return memoTrue
	}
	return memoFalse
}

func (c *textTest) change(m *Machine) calendar.Instant { return c.value.change(m) }

// constantText tests a text that is a literal itself.
func constantText(text string, test func(string) bool) cond { return always(test(text)) }

// compareTexts is `left op right` of two texts that are not literals.
type compareTexts struct {
	left, right locator
	op          rule.Op
}

func (c *compareTexts) holds(m *Machine) bool {
	cl, i := c.left.locate(m)
	cr, j := c.right.locate(m)
	if cl == nil || cr == nil {
		return false
	}
	l, okL := cl.Text(i)
	r, okR := cr.Text(j)
	if !okL || !okR {
		return false
	}
	if c.op == rule.Equal {
		return fold.Equal(l, r)
	}
	return ordered(c.op, int64(fold.Compare(l, r)), 0)
}

func (c *compareTexts) change(m *Machine) calendar.Instant {
	return min(c.left.change(m), c.right.change(m))
}

// listContains is `list contains "element"`: some whole element is equal.
type listContains struct {
	list    locator
	element string
}

func (c *listContains) holds(m *Machine) bool {
	column, i := c.list.locate(m)
	if column == nil {
		return false
	}
	for _, code := range column.Codes[column.Off[i]:column.Off[i+1]] {
		if fold.Equal(column.Dict.Text(code), c.element) {
			return true
		}
	}
	return false
}

func (c *listContains) change(m *Machine) calendar.Instant { return c.list.change(m) }

// The tests of texts against literals.

func testOrder(op rule.Op, literal string) func(string) bool {
	if op == rule.Equal {
		return func(text string) bool { return fold.Equal(text, literal) }
	}
	folded := fold.String(literal)
	return func(text string) bool { return ordered(op, int64(strings.Compare(fold.String(text), folded)), 0) }
}

func testBetween(low, high string) func(string) bool {
	low, high = fold.String(low), fold.String(high)
	return func(text string) bool {
		folded := fold.String(text)
		return folded >= low && folded <= high
	}
}

func testIn(list []string) func(string) bool {
	set := make(map[string]bool, len(list))
	for _, text := range list {
		set[fold.String(text)] = true
	}
	return func(text string) bool { return set[fold.String(text)] }
}

func testPart(how rule.Matching, part string) func(string) bool {
	part = fold.String(part)
	find := strings.Contains
	switch how {
	case rule.StartsWith:
		find = strings.HasPrefix
	case rule.EndsWith:
		find = strings.HasSuffix
	}
	return func(text string) bool { return find(fold.String(text), part) }
}
