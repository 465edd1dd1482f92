package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// flip answers for `count(e in last D) op number`: no event comes into being by
// time where none lies in the future, so that the count only falls, by one for
// each event that leaves. The verdict flips when so many have left that the
// comparison turns: not before the first of those leaves that are in when all
// earlier ones have left.
func (c *compareScalars) flip(m *Machine) (in bool, at calendar.Instant, ok bool) {
	counted, isCount := c.left.(*count)
	fixed, isFixed := c.right.(constant)
	if !isCount || !isFixed || counted.where != nil || counted.property >= 0 || counted.window.kind != rule.InLast {
		return false, 0, false
	}
	r := counted.run(m)
	if r.t == nil {
		return ordered(c.op, 0, int64(fixed)), calendar.Never, true
	}
	if r.from != r.sure || r.t.Latest > m.now {
		return false, 0, false
	}
	n := int64(r.to - r.from)
	in = ordered(c.op, n*number.Scale, int64(fixed))
	for left := int64(1); left <= n; left++ {
		if ordered(c.op, (n-left)*number.Scale, int64(fixed)) != in {
			return in, m.firstEnd(r.t.Times[r.from+int(left)-1:r.to], counted.window.duration), true
		}
		if left == 1 && n > 1 {
			left = c.skip(n, int64(fixed))
		}
	}
	return in, calendar.Never, true
}

// skip gives how many events can leave before it is worth looking again: until the
// count is one more than the number it is compared with.
func (c *compareScalars) skip(n, fixed int64) int64 {
	return max(1, n-fixed/number.Scale-2)
}
