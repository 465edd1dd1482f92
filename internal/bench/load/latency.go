package load

import (
	"slices"
	"time"
)

// Latencies are how long things took, from the shortest.
type Latencies []time.Duration

// At gives the latency that a share of all do not exceed: 0.5 the median, 1 the longest; 0 without any.
func (l Latencies) At(share float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(len(l)-1, max(0, int(share*float64(len(l)))))]
}

// Acknowledged gives how long requests took from when they were due: one that had
// to wait for a connection took as long as it waited too.
func Acknowledged(sent []Sent) Latencies {
	var all Latencies
	for _, s := range sent {
		all = append(all, s.Acked.Sub(s.Due))
	}
	slices.Sort(all)
	return all
}

// Visibility is how long it took until changed memberships were seen.
type Visibility struct {
	ByEvent Latencies // since the request of the event was due
	ByTime  Latencies // since the instant of the change
	Unknown int       // transitions that no request explains
}

// Visible finds for each transition the request that caused it. The transition is
// due between the request's due time and its acknowledgement; of several such
// requests about one customer the earliest counts, so that nothing looks faster than it was.
func (l *Load) Visible(sent []Sent, seen []Transition, shift time.Duration) Visibility {
	requests := map[string][]*Sent{}
	for i := range sent {
		for _, id := range l.Customers(sent[i]) {
			requests[id] = append(requests[id], &sent[i])
		}
	}
	var v Visibility
	for _, t := range seen {
		due := time.UnixMilli(t.Due).Add(-shift)
		if t.Cause == "time" {
			v.ByTime = append(v.ByTime, t.Seen.Sub(due))
		} else if s := cause(requests[t.Customer], due); s != nil {
			v.ByEvent = append(v.ByEvent, t.Seen.Sub(s.Due))
		} else {
			v.Unknown++
		}
	}
	slices.Sort(v.ByEvent)
	slices.Sort(v.ByTime)
	return v
}

// cause finds among a customer's requests, in the order of their due times, the
// earliest that was under way at an instant, or else the last one before it.
func cause(requests []*Sent, at time.Time) *Sent {
	var last *Sent
	for _, s := range requests {
		if s.Due.After(at.Add(time.Millisecond)) { // instants are whole milliseconds
			break
		}
		if !s.Acked.Before(at) {
			return s
		}
		last = s
	}
	return last
}
