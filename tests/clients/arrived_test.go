//go:build clients

package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// arrived opens what a server that was stopped has stored.
func arrived(t *testing.T, s *server) *store.Store {
	t.Helper()
	kept, err := store.OpenReadOnly(s.data, "main")
	must(t, err)
	t.Cleanup(func() { must(t, kept.Close()) })
	must(t, kept.Check(context.Background()))
	return kept
}

// facts writes everything that is stored, a line each, and gives the events' times.
func facts(t *testing.T, kept *store.Store) (lines []string, times []calendar.Instant) {
	t.Helper()
	ctx := context.Background()
	names := map[int64]string{}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	must(t, kept.Customers(ctx, func(c store.Customer) error {
		names[c.ID] = c.Name
		return nil
	}))
	must(t, kept.Customers(ctx, func(c store.Customer) error {
		identities, err := kept.Identities(ctx, c.ID)
		for _, i := range identities {
			add("%s is %s:%s", c.Name, i.Namespace, i.Value)
		}
		return err
	}))
	must(t, kept.Attributes(ctx, func(a *store.Attribute) error {
		add("%s has %s = %s from %s", names[a.Customer], a.Path, a.Value, a.Source)
		return nil
	}))
	must(t, kept.Joins(ctx, func(j store.Join) error {
		add("%s joined %s", names[j.Person], names[j.Company])
		return nil
	}))
	must(t, kept.Events(ctx, 0, func(e *store.Event) error {
		add("%s did %s %s from %s", names[e.Customer], e.Type, sorted(t, e.Props), e.Source)
		times = append(times, e.Time)
		return nil
	}))
	return lines, times
}

// sorted writes JSON with its members in order.
func sorted(t *testing.T, text []byte) string {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	must(t, d.Decode(&v))
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	must(t, e.Encode(v))
	return strings.TrimSpace(b.String())
}
