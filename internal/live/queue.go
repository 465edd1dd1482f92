package live

import "sync"

// queue holds the requests that wait for a commit, bounded by their records.
type queue struct {
	mu     sync.Mutex
	list   []*request
	weight int
	limit  int
	closed bool
	wake   chan struct{}
}

// put adds a request, unless too much is waiting.
func (q *queue) put(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return ErrUnavailable
	case q.weight > 0 && q.weight+r.weight() > q.limit && r.work == nil:
		return ErrFull
	}
	q.list = append(q.list, r)
	q.weight += r.weight()
	q.nudge()
	return nil
}

// nudge has the engine look whether there is something to do.
func (q *queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take takes the first requests, up to a number of records.
func (q *queue) take(most int) []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, weight := 0, 0
	for n < len(q.list) && (n == 0 || weight+q.list[n].weight() <= most && !q.list[n].alone && !q.list[n-1].alone) {
		weight += q.list[n].weight()
		n++
	}
	taken := q.list[:n:n]
	q.list = q.list[n:]
	q.weight -= weight
	return taken
}

// putBack puts requests back in front.
func (q *queue) putBack(list []*request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(append([]*request(nil), list...), q.list...)
	for _, r := range list {
		q.weight += r.weight()
	}
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list)
}

// waiting counts the records that wait.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.weight
}

// close lets nothing in any more.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}

// fail answers all that waits with an error.
func (q *queue) fail(err error) {
	for _, r := range q.take(1 << 62) {
		r.done <- result{err: err}
	}
}

// broadcast wakes everybody who waits for something new.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

// wait gives a channel that is closed by the next tell.
func (b *broadcast) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) tell() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
