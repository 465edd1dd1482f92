package cli

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/code"
	"github.com/kohorte/kohorte/internal/scenario"
	"github.com/kohorte/kohorte/internal/segment"
)

// usable is the segments in files that scenarios can use. They are read when the first
// scenario wants them, once for each time zone.
type usable struct {
	*app
	names  []string                                 // files and directories
	read   map[string]map[string]segment.Definition // by zone
	broken error
}

// usableOf finds where the segments lie: in the files of segments and the directories
// that are named; without any, in the directories of the scenarios.
func (a *app) usableOf(args []string) *usable {
	u := &usable{app: a, read: map[string]map[string]segment.Definition{}}
	for _, arg := range args {
		if areFiles([]string{arg}) {
			u.names = append(u.names, arg)
		}
	}
	if u.names == nil {
		for _, arg := range args {
			u.names = append(u.names, filepath.Dir(arg))
		}
	}
	return u
}

// given reads the segments; what is wrong with them is said at once, the first time.
func (u *usable) given(ctx context.Context) scenario.Given {
	return func(zone *calendar.Zone) (map[string]segment.Definition, error) {
		if made, known := u.read[zone.Name()]; known || u.broken != nil {
			return made, u.broken
		}
		set, err := code.Read(ctx, u.names, zone)
		if err != nil {
			return nil, ofFile(err)
		}
		set.Check(&catalog.Catalog{Zone: usualZone}, nil, true)
		if set.Fatal() {
			set.Problems = slices.DeleteFunc(set.Problems, func(p code.Problem) bool { return p.Warning })
			u.tell(set)
			u.broken = errors.New("the files with segments have mistakes, which stand above")
			return nil, u.broken
		}
		made := map[string]segment.Definition{}
		for _, d := range set.Definitions() {
			made[d.Name] = d
		}
		u.read[zone.Name()] = made
		return made, nil
	}
}
