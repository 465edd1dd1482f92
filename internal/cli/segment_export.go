package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/code"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

func rawJSON(text string) json.RawMessage { return json.RawMessage(text) }

func (a *app) segmentExportCommand() *cobra.Command {
	var overwrite bool
	cmd := &cobra.Command{
		Use:   "export DIR",
		Short: "Write the segments of the workspace as files",
		Long: `Writes each segment as a file NAME.yaml of a directory; the same segments make the
same files. A segment that a file of the directory has already is left alone if it
says the same, so that comments stay. If it says otherwise nothing is written, unless
--overwrite allows it.`,
		Args: arguments(1, 1, "a directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.exportSegments(cmd.Context(), args[0], overwrite)
		},
	}
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "also over files that say otherwise")
	return cmd
}

// exportRun is one export.
type exportRun struct {
	dir       string
	overwrite bool
	zone      *calendar.Zone
	there     map[string]*code.Segment      // what the files of the directory have
	said      map[string]segment.Definition // and what they say
	taken     map[string]bool               // names of files, in lower case
	files     map[string]string             // to be written
	order     []string
	Same      int
	conflicts []string
}

func (a *app) exportSegments(ctx context.Context, dir string, overwrite bool) error {
	e := &exportRun{dir: dir, overwrite: overwrite, there: map[string]*code.Segment{}, said: map[string]segment.Definition{}, taken: map[string]bool{}, files: map[string]string{}}
	err := a.viewing(ctx, false, func(v *store.View) error { return e.run(ctx, v) })
	if err != nil {
		return ofFile(err)
	}
	if len(e.conflicts) > 0 {
		a.complain("%s\nNothing was written.\n", strings.Join(e.conflicts, "\n"))
		return errReported
	}
	if err := e.write(); err != nil {
		return ofFile(err)
	}
	if a.asJSON {
		return a.writeJSON(map[string]any{"written": append([]string{}, e.order...), "same": e.Same})
	}
	a.printf("%s written into %s", countOf(len(e.order), "file", "files"), dir)
	if e.Same > 0 {
		a.printf("; %s there already", countOf(e.Same, "segment is", "segments are"))
	}
	a.printf("\n")
	return nil
}

func (e *exportRun) run(ctx context.Context, v *store.View) error {
	known, err := v.Catalog(ctx)
	if err != nil {
		return err
	}
	if e.zone, err = calendar.LoadZone(known.Zone); err != nil {
		return err
	}
	list, err := v.Segments(ctx)
	if err != nil {
		return err
	}
	if exists(e.dir) {
		set, err := code.Read(ctx, []string{e.dir}, e.zone)
		if err != nil {
			return err
		}
		for i, d := range set.Definitions() {
			e.there[d.Name], e.said[d.Name] = set.Segments[i], d
		}
	}
	for i := range list {
		if list[i].Kind != segment.Part { // it comes with its segmentation
			e.add(list[i].Definition)
		}
	}
	return nil
}

func (e *exportRun) add(d segment.Definition) {
	base := d.Name
	for e.taken[strings.ToLower(base)] { // some systems take Abc and abc for the same file
		base += "-2"
	}
	e.taken[strings.ToLower(base)] = true
	path := filepath.Join(e.dir, base+".yaml")
	before := e.there[d.Name]
	switch {
	case before != nil && e.said[d.Name].JSON() == d.JSON():
		e.Same++
		return
	case before != nil && filepath.Clean(before.File()) != path:
		e.conflicts = append(e.conflicts, fmt.Sprintf("%s: %s says otherwise than the workspace; change it there", before.Place(), d.Name))
		return
	case exists(path) && !e.overwrite:
		e.conflicts = append(e.conflicts, fmt.Sprintf("%s: it says otherwise than the workspace; --overwrite replaces it", path))
		return
	}
	text, list := code.Text(d, e.zone, base+".csv")
	e.files[path] = text
	e.order = append(e.order, path)
	if list != "" {
		path = filepath.Join(e.dir, base+".csv")
		e.files[path] = list
		e.order = append(e.order, path)
	}
}

func (e *exportRun) write() error {
	if err := os.MkdirAll(e.dir, 0o755); err != nil {
		return err
	}
	for _, path := range e.order {
		if err := os.WriteFile(path, []byte(e.files[path]), 0o644); err != nil {
			return err
		}
	}
	return nil
}
