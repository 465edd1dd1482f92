package live

import "context"

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
