package cli

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

func (a *app) customerCommand() *cobra.Command {
	var most int
	cmd := &cobra.Command{
		Use:   "customer ID",
		Short: "Show a customer: identities, attributes with their sources, timeline",
		Long: `Shows all that is known of a person or a company. ID is a user id, an internal
id, or namespace:value such as email:anna@example.de.`,
		Args: arguments(1, 1, "a customer"),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.openIndex(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer w.close()
			c, err := w.store.Find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			shown := customerView{ID: c.ID, Name: c.Name, Kind: "person", FirstSeen: calendar.Format(c.Created)}
			if c.Kind == store.Company {
				shown.Kind = "company"
			}
			identities, err := w.store.Identities(cmd.Context(), c.ID)
			if err != nil {
				return err
			}
			for _, i := range identities {
				shown.Identities = append(shown.Identities, i.Namespace+":"+i.Value)
			}
			attributes, err := w.store.AttributesOf(cmd.Context(), c.ID)
			if err != nil {
				return err
			}
			shown.Attributes = attributeViews(attributes)
			w.timeline(&shown, c.ID, most)
			if a.asJSON {
				return a.writeJSON(shown)
			}
			a.printCustomer(&shown, w.zone())
			return nil
		},
	}
	cmd.Flags().IntVar(&most, "events", 20, "how many of the latest events to show, 0 for all")
	return cmd
}

// customerView is a customer as it is shown.
type customerView struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	Kind        string          `json:"kind"`
	FirstSeen   string          `json:"firstSeen"`
	Identities  []string        `json:"identities"`
	Company     string          `json:"company,omitempty"`
	Attributes  []attributeView `json:"attributes"`
	EventsTotal int             `json:"eventsTotal"`
	Events      []eventView     `json:"events"`
}

type attributeView struct {
	Path   string `json:"path"`
	Value  string `json:"value"`
	Time   string `json:"time"`
	Source string `json:"source"`
	Latest bool   `json:"latest"`
}

type eventView struct {
	time       calendar.Instant
	Type       string          `json:"type"`
	Time       string          `json:"time"`
	Properties []eval.Property `json:"properties,omitempty"`
}

// attributeViews shows the history of each attribute, the latest value first.
func attributeViews(attributes []store.Attribute) []attributeView {
	slices.SortStableFunc(attributes, func(a, b store.Attribute) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(b.Time, a.Time), cmp.Compare(b.Fact, a.Fact))
	})
	var views []attributeView
	for i, at := range attributes {
		views = append(views, attributeView{
			Path: at.Path, Value: string(at.Value), Time: calendar.Format(at.Time), Source: at.Source,
			Latest: i == 0 || attributes[i-1].Path != at.Path,
		})
	}
	return views
}

// timeline fills in the events, the latest first, and the company.
func (w *workspace) timeline(shown *customerView, id int64, most int) {
	position, ok := w.index.Find(id)
	if !ok {
		return
	}
	now := w.app.Now()
	if row, ok := position.Block.Company(position.Row, now); ok {
		shown.Company = w.index.Companies.Names[row]
	}
	events := w.eventsOf(position)
	shown.EventsTotal = len(events)
	slices.SortStableFunc(events, func(a, b eventView) int { return cmp.Compare(b.time, a.time) })
	if most > 0 && len(events) > most {
		events = events[:most]
	}
	shown.Events = events
}

func (w *workspace) eventsOf(p index.Position) []eventView {
	var events []eventView
	for id, t := range p.Block.Events {
		if t == nil {
			continue
		}
		for i := t.Off[p.Row]; i < t.Off[p.Row+1]; i++ {
			e := eval.ShowEvent(w.index.Schema, id, t, int(i))
			events = append(events, eventView{e.Time, e.Type, calendar.Format(e.Time), e.Properties})
		}
	}
	return events
}

func (a *app) printCustomer(c *customerView, zone *calendar.Zone) {
	a.printf("%s  (%s, internal id %d, first seen %s)\n", c.Name, c.Kind, c.ID, c.FirstSeen)
	if c.Company != "" {
		a.printf("belongs to %s\n", c.Company)
	}
	a.printf("\nIdentities\n")
	for _, i := range c.Identities {
		a.printf("  %s\n", i)
	}
	a.printf("\nAttributes\n")
	t := newTable(a.Stdout, "table", []string{"  attribute", "value", "since", "source"})
	for _, at := range c.Attributes {
		path := "  " + at.Path
		if !at.Latest {
			path = "    before"
		}
		t.row([]string{path, at.Value, at.Time, at.Source})
	}
	_ = t.finish()
	a.printf("\nTimeline, the latest %d of %d events\n", len(c.Events), c.EventsTotal)
	p := tracePrinter{app: a, zone: zone}
	for _, e := range c.Events {
		text := ""
		for _, property := range e.Properties {
			text += fmt.Sprintf("  %s = %s", property.Path, property.Value)
		}
		a.printf("  %s  %s%s\n", p.time(e.time), e.Type, text)
	}
}
