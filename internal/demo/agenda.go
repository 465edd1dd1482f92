package demo

import "github.com/kohorte/kohorte/internal/calendar"

// appointment is something to do at a time; number keeps the order of what was appointed for one time.
type appointment struct {
	at     calendar.Instant
	number uint64
	do     func()
}

func (a *appointment) before(b *appointment) bool {
	return a.at < b.at || a.at == b.at && a.number < b.number
}

// agenda holds the appointments, the next one first: a binary heap.
type agenda struct {
	heap  []appointment
	count uint64
}

func (a *agenda) add(at calendar.Instant, do func()) {
	a.count++
	a.heap = append(a.heap, appointment{at, a.count, do})
	for i := len(a.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !a.heap[i].before(&a.heap[parent]) {
			return
		}
		a.heap[i], a.heap[parent] = a.heap[parent], a.heap[i]
		i = parent
	}
}

func (a *agenda) take() appointment {
	first, last := a.heap[0], len(a.heap)-1
	a.heap[0] = a.heap[last]
	a.heap[last] = appointment{}
	a.heap = a.heap[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return first
		}
		if child+1 < last && a.heap[child+1].before(&a.heap[child]) {
			child++
		}
		if !a.heap[child].before(&a.heap[i]) {
			return first
		}
		a.heap[i], a.heap[child] = a.heap[child], a.heap[i]
		i = child
	}
}
