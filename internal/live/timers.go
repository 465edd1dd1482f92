package live

import "github.com/kohorte/kohorte/internal/calendar"

// timer says when a customer must be looked at again.
type timer struct {
	due calendar.Instant
	at  place
}

func (t timer) before(other timer) bool {
	return t.due < other.due || t.due == other.due && t.at < other.at
}

// timers is a binary heap, the earliest first. A customer's timer counts only if
// it is the one that the shard has as stored; others were overtaken.
type timers []timer

func (h *timers) push(t timer) {
	*h = append(*h, t)
	list := *h
	for i := len(list) - 1; i > 0; {
		parent := (i - 1) / 2
		if !list[i].before(list[parent]) {
			break
		}
		list[i], list[parent] = list[parent], list[i]
		i = parent
	}
}

func (h *timers) pop() timer {
	list := *h
	first, last := list[0], len(list)-1
	list[0] = list[last]
	list = list[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if list[child].before(list[least]) {
				least = child
			}
		}
		if least == i {
			break
		}
		list[i], list[least] = list[least], list[i]
		i = least
	}
	*h = list
	return first
}

// next gives the earliest instant, Never if there is none.
func (h timers) next() calendar.Instant {
	if len(h) == 0 {
		return calendar.Never
	}
	return h[0].due
}
