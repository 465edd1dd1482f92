package live

import (
	"context"
	"errors"
	"slices"

	"github.com/kohorte/kohorte/internal/store"
)

// around finds what lies beyond the segments that an impact concerns: whom webhooks
// would tell of entries and exits, and which exports would write other members.
func (i *Impact) around(v *store.View) error {
	hooks, err := v.Webhooks(context.Background())
	for _, h := range hooks {
		if n := i.messages(&h); n > 0 && h.Disabled == "" {
			i.Webhooks = append(i.Webhooks, WebhookImpact{h.Name, n})
		}
	}
	exports, other := v.Exports(context.Background())
	for _, x := range exports {
		if slices.ContainsFunc(i.Segments, func(s SegmentImpact) bool { return s.Name == x.Segment && len(s.Entered)+len(s.Left) > 0 }) {
			i.Exports = append(i.Exports, x.Name)
		}
	}
	return errors.Join(err, other)
}

// messages counts what a webhook would be told.
func (i *Impact) messages(h *store.Webhook) (n int) {
	for _, s := range i.Segments {
		if len(h.Segments) == 0 || slices.Contains(h.Segments, s.Name) && !s.New {
			n += len(s.Entered) + len(s.Left)
		}
	}
	return n
}
