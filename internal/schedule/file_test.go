package schedule

import (
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/store"
)

// TestAnyName holds for any pattern that is taken and any name of a segment: the file stays where
// it belongs.
func TestAnyName(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"{segment}", "{name}", "{date}", "{time}", "{x}", "a", "ä-1", ".", "..", "/", "\\", " ", "{", "}", "\x00"})
		e := store.Export{Segment: rapid.String().Draw(t, "segment"), Name: rapid.String().Draw(t, "name")}
		for _, p := range rapid.SliceOfN(part, 0, 6).Draw(t, "pattern") {
			e.File += p
		}
		e.File += ".csv"
		if checkFile(e.File) != nil {
			return
		}
		name := FileName(&e, rapid.Int64Range(0, 4e12).Draw(t, "due"), z)
		if err := checkFile(name); len(name) <= maxPattern && err != nil {
			t.Fatalf("%q gives %q: %v", e.File, name, err)
		}
		if !filepath.IsLocal(name) {
			t.Fatalf("%q gives %q", e.File, name)
		}
	})
}
