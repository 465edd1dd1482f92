package live

import (
	"log/slog"

	"github.com/kohorte/kohorte/internal/calendar"
)

// discard is a log that nobody reads.
var discard = slog.New(slog.DiscardHandler)

// stopped is a clock that shows one instant for ever.
type stopped calendar.Instant

// Now implements clock.Clock.
func (s stopped) Now() calendar.Instant { return calendar.Instant(s) }

// At implements clock.Clock; what has not come never does.
func (s stopped) At(t calendar.Instant) (due <-chan struct{}, stop func()) {
	ch := make(chan struct{})
	if t <= calendar.Instant(s) {
		close(ch)
	}
	return ch, func() {}
}
