package live

import (
	"fmt"
	"slices"

	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Restored gives what an earlier version said, to be made the latest. Where the segment
// cannot go back to the state of that version, it keeps its own. There is at least one
// version, and the latest is the first.
func Restored(versions []store.Version, number int64) (spec.Definition, error) {
	latest := &versions[0]
	i := slices.IndexFunc(versions, func(v store.Version) bool { return v.Number == number })
	if i < 0 {
		return spec.Definition{}, wrong("%s has no version %d; it has 1 to %d", latest.Definition.Name, number, latest.Number)
	}
	d := versions[i].Definition
	if spec.CheckStep(latest.Definition.State, d.State) != nil {
		d.State = latest.Definition.State
	}
	return d, nil
}

// RestoreMessage says why there is such a version, where nobody says it better.
func RestoreMessage(number int64) string { return fmt.Sprintf("restore: version %d", number) }
