package live

import (
	"context"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/index"
)

// A survey sees what was just taken in, as Count does.
func TestSurvey(t *testing.T) {
	const day = 24 * 60 * 60 * 1000
	s := serve(t, memoryDir(t), clock.NewManual(someday), true)
	defer func() { s.close() }()
	s.apply(kick("u1", someday-9*day, 1), kick("u2", someday-9*day, 1))
	s.restart()
	s.apply(kick("u2", someday-2*day, 2), kick("u3", someday, 1))
	ctx := context.Background()
	a, err := s.engine.Survey(ctx, &index.Question{
		At: someday, Counts: []string{"count(kick) >= 2", "count(kick) >= 1", "top 34% by count(kick)", "nonsense >"},
		Members: []string{"count(kick in last 3 days) >= 1"}, Events: []string{"kick", "unheard_of"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"count(kick) >= 2", "count(kick) >= 1", "top 34% by count(kick)"} {
		if n, all, err := s.engine.Count(ctx, Question{Rule: text, Lenient: true, At: someday}); n != a.Counts[i] || all != a.Customers || err != nil {
			t.Errorf("%s: counted %d of %d, %v; the survey says %d of %d", text, n, all, err, a.Counts[i], a.Customers)
		}
	}
	if a.Counts[0] != 1 || a.Counts[3] != -1 || !slices.Equal(a.Members[0].ToArray(), []uint32{2, 3}) {
		t.Errorf("counts %v, members %v", a.Counts, a.Members[0])
	}
	const today = someday / day
	if got := a.Days[0].ToArray(); !slices.Equal(got, []uint32{today - 9, today - 2, today}) || !a.Days[1].IsEmpty() {
		t.Errorf("the days are %v and %v", got, a.Days[1])
	}
}
