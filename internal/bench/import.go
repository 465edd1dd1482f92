package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// mostCalls bounds the file that the import is measured with.
const mostCalls = 1_000_000

// importCalls measures the whole way of events from a file to the disk.
func (b *bench) importCalls(ctx context.Context) error {
	events := min(b.Events, mostCalls)
	path := filepath.Join(b.Dir, "calls.ndjson")
	lines, err := b.writeCalls(path, events)
	if err != nil {
		return err
	}
	b.Log("importing a file of %d calls", lines)
	dir := filepath.Join(b.Dir, "import")
	cpu, wall, err := timed(func() error { return b.importFile(ctx, dir, path, lines) })
	if err != nil {
		return err
	}
	b.add("import of calls from a file: calls per processor second", "at least 60000", "", "%.0f", float64(lines)/cpu.Seconds())
	b.add("the same: calls per second on the wall", "", "", "%.0f", float64(lines)/wall.Seconds())
	return errors.Join(os.RemoveAll(dir), os.Remove(path))
}

func (b *bench) importFile(ctx context.Context, dir, path string, lines int) (err error) {
	s, err := store.Open(dir, workspace)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	in, err := intake.Open(table.Source{Name: path, Reader: file})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		return err
	}
	summary, err := intake.Import(ctx, in, intake.Options{Mapping: &mapping.Mapping{Kind: mapping.Calls}, Zone: zone, Currency: "EUR", Now: until}, s)
	if err == nil && (summary.Rejected > 0 || summary.Read != lines) {
		err = fmt.Errorf("of %d calls %d were read and %d rejected", lines, summary.Read, summary.Rejected)
	}
	return err
}

// call is a line of the file.
type call struct {
	Type       string          `json:"type"`
	UserID     string          `json:"userId"`
	MessageID  string          `json:"messageId"`
	Timestamp  string          `json:"timestamp"`
	Event      string          `json:"event,omitempty"`
	Traits     json.RawMessage `json:"traits,omitempty"`
	Properties json.RawMessage `json:"properties,omitempty"`
}

// writeCalls writes generated records as calls of the Segment specification.
func (b *bench) writeCalls(path string, events int) (lines int, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriter(file)
	e := json.NewEncoder(out)
	customers := max(1, b.Customers*events/max(b.Events, 1))
	for r := range benchdata.Generate(benchdata.Options{Customers: customers, Events: events, Seed: seed, Until: until}) {
		c := call{UserID: r.Customer[0].Value, MessageID: fmt.Sprintf("m%d", lines), Timestamp: calendar.Format(r.Time)}
		switch r.Kind {
		case record.Identify:
			c.Type, c.Traits = "identify", r.Fields
		case record.Track:
			c.Type, c.Event, c.Properties = "track", r.Event, r.Fields
		default:
			continue // consents are no calls
		}
		if err := e.Encode(c); err != nil {
			return lines, err
		}
		lines++
	}
	return lines, out.Flush()
}
