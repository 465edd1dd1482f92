package live

import (
	"context"
	"slices"
)

// unexported refuses to remove a segment whose members are exported on a schedule.
func (c *cycle) unexported(name string) error {
	exports, err := c.tx.Exports(context.Background())
	for i := range exports {
		if exports[i].Segment == name {
			return wrong("segment %s is written to files by the export %s; remove or change that first", name, exports[i].Name)
		}
	}
	return err
}

// untold refuses to end a segment of which a webhook tells, which would fall silent. One
// for all segments does not.
func (c *cycle) untold(name string) error {
	hooks, err := c.tx.Webhooks(context.Background())
	for i := range hooks {
		if slices.Contains(hooks[i].Segments, name) {
			return wrong("segment %s is told by the webhook %s; change or remove that first", name, hooks[i].Name)
		}
	}
	return err
}
