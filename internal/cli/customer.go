package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/projection"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

func (a *app) customerCommand() *cobra.Command {
	var most int
	cmd := &cobra.Command{
		Use:   "customer ID",
		Short: "Show a customer: identities, attributes with their sources, timeline",
		Long: `Shows all that is known of a person or a company. ID is a user id, an internal
id (17, or #17), an identity as namespace:value, or attribute:value where only
one person has that value, such as email:anna@example.de.`,
		Args: arguments(1, 1, "a customer"),
		Example: `  kohorte customer email:anna@example.de
  kohorte customer 4711 --events 0 --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if most < 0 {
				return usagef("--events is a number from 0")
			}
			return a.customer(cmd.Context(), args[0], most)
		},
	}
	cmd.Flags().IntVar(&most, "events", 20, "how many of the latest events to show, 0 for all")
	return cmd
}

func (a *app) customer(ctx context.Context, text string, most int) error {
	w, err := a.open(ctx, &questionFlags{})
	if err != nil {
		return err
	}
	defer w.close()
	c, err := w.customer(ctx, text)
	if err != nil {
		return err
	}
	shown, err := w.view(ctx, c)
	if err != nil {
		return err
	}
	if c.Kind == store.Person {
		if err := w.load(ctx); err != nil {
			return err
		}
		w.timeline(shown, c.ID, most)
	}
	if a.asJSON {
		return a.writeJSON(shown)
	}
	return a.printCustomer(shown, w.zone)
}

// customerView is a customer as it is shown.
type customerView struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	Kind        string          `json:"kind"`
	FirstSeen   moment          `json:"firstSeen"`
	Identities  []string        `json:"identities"`
	Company     string          `json:"company,omitempty"`
	CompanyName string          `json:"companyName,omitempty"`
	Attributes  []attributeView `json:"attributes"`
	Consents    []consentView   `json:"consents"`
	EventsTotal int             `json:"eventsTotal"`
	Events      []eventView     `json:"events"`
}

type attributeView struct {
	Path   string          `json:"path"`
	Value  json.RawMessage `json:"value"`
	Time   moment          `json:"time"`
	Source string          `json:"source"`
	Latest bool            `json:"latest"`
}

type consentView struct {
	Channel string `json:"channel"`
	Purpose string `json:"purpose"`
	Granted bool   `json:"granted"`
	Time    moment `json:"time"`
}

type eventView struct {
	Number     uint32          `json:"number"` // by which kohorte event names it
	Type       string          `json:"type"`
	Time       moment          `json:"time"`
	Properties json.RawMessage `json:"properties"`
	trace      eval.EventTrace
}

// moment is an instant that programs read in UTC with milliseconds.
type moment calendar.Instant

// MarshalJSON writes the instant.
func (m moment) MarshalJSON() ([]byte, error) {
	return projection.Quoted(calendar.Format(calendar.Instant(m))), nil
}

// view shows what the store knows.
func (w *workspace) view(ctx context.Context, c store.Customer) (*customerView, error) {
	shown := &customerView{ID: c.ID, Name: c.Name, Kind: "person", FirstSeen: moment(c.Created), Consents: []consentView{}, Events: []eventView{}}
	if c.Kind == store.Company {
		shown.Kind = "company"
	}
	identities, err := w.store.Identities(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for _, i := range identities {
		shown.Identities = append(shown.Identities, i.Namespace+":"+i.Value)
	}
	attributes, err := w.store.AttributesOf(ctx, c.ID)
	shown.Attributes = attributeViews(attributes)
	return shown, err
}

// attributeViews shows the history of each attribute, the latest value first.
func attributeViews(attributes []store.Attribute) []attributeView {
	slices.SortStableFunc(attributes, func(a, b store.Attribute) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(b.Time, a.Time), cmp.Compare(b.Fact, a.Fact))
	})
	views := make([]attributeView, 0, len(attributes))
	for i, at := range attributes {
		latest := i == 0 || attributes[i-1].Path != at.Path
		if !latest && attributes[i-1].Time == at.Time {
			continue // replaced at the same time, so it never held
		}
		views = append(views, attributeView{Path: at.Path, Value: at.Value, Time: moment(at.Time), Source: at.Source, Latest: latest})
	}
	return views
}

// timeline fills in the events, the latest first, the decisions and the company.
func (w *workspace) timeline(shown *customerView, id int64, most int) {
	position, ok := w.index.Find(id)
	if !ok {
		return // it came while the index was read
	}
	if row, ok := position.Block.Company(position.Row, w.app.Now()); ok {
		shown.Company, shown.CompanyName = w.index.Companies.Names[row], w.companyName(row)
	}
	shown.Consents = append(shown.Consents, w.consentsOf(position)...)
	events := w.eventsOf(position)
	shown.EventsTotal = len(events)
	slices.SortStableFunc(events, func(a, b eventView) int { return cmp.Compare(b.Time, a.Time) })
	if most > 0 && len(events) > most {
		events = events[:most]
	}
	shown.Events = events
}

// companyName gives the attribute name of a company, empty if it has none.
func (w *workspace) companyName(row int) string {
	id, ok := w.index.Schema.Company.ID("name")
	if !ok || w.index.Companies.Attrs[id] == nil || w.index.Schema.Company.List[id].Type.Kind != catalog.Text {
		return ""
	}
	name, _ := w.index.Companies.Attrs[id].Latest.Text(row)
	return name
}

// consentsOf gives all decisions of a person, of each channel and purpose the latest first.
func (w *workspace) consentsOf(p index.Position) []consentView {
	var views []consentView
	for id, t := range p.Block.Consents {
		if t == nil {
			continue
		}
		topic := w.index.Schema.Consents[id]
		for i := int(t.Off[p.Row+1]) - 1; i >= int(t.Off[p.Row]); i-- {
			views = append(views, consentView{topic.Channel, topic.Purpose, t.Granted[i], moment(t.Times[i])})
		}
	}
	return views
}

// eventsOf gives all events of a person, of each type in order of time.
func (w *workspace) eventsOf(p index.Position) []eventView {
	events := []eventView{}
	schema := w.index.Schema
	for id, t := range p.Block.Events {
		if t == nil {
			continue
		}
		for i := int(t.Off[p.Row]); i < int(t.Off[p.Row+1]); i++ {
			events = append(events, eventView{
				Number: t.Seqs[i], Type: schema.Events[id].Name, Time: moment(t.Times[i]),
				Properties: projection.AppendObject(nil, &t.Table, schema.Events[id].Fields, i, schema.Zone),
				trace:      eval.ShowEvent(schema, id, t, i),
			})
		}
	}
	return events
}

func (a *app) printCustomer(c *customerView, zone *calendar.Zone) error {
	a.printf("%s (%s, internal id %d, first seen %s)\n", harmless(c.Name), c.Kind, c.ID, wall(zone, calendar.Instant(c.FirstSeen)))
	switch {
	case c.CompanyName != "":
		a.printf("belongs to %s (%s)\n", harmless(c.CompanyName), harmless(c.Company))
	case c.Company != "":
		a.printf("belongs to %s\n", harmless(c.Company))
	}
	a.printf("\nIdentities\n")
	for _, i := range c.Identities {
		a.printf("  %s\n", harmless(i))
	}
	if len(c.Attributes) > 0 {
		if err := a.printAttributes(c.Attributes, zone); err != nil {
			return err
		}
	}
	if c.Kind == "company" {
		return nil
	}
	if len(c.Consents) > 0 {
		a.printf("\nConsents\n")
	}
	for _, d := range c.Consents {
		answer := "no"
		if d.Granted {
			answer = "yes"
		}
		a.printf("  %s %s: %s since %s\n", harmless(d.Channel), harmless(d.Purpose), answer, wall(zone, calendar.Instant(d.Time)))
	}
	a.printf("\nTimeline: %s", countOf(c.EventsTotal, "event", "events"))
	if n := len(c.Events); n < c.EventsTotal {
		a.printf(", the latest %d", n)
	}
	a.printf("\n")
	for _, e := range c.Events {
		a.printf("  %s  #%d\n", eventLine(zone, e.trace), e.Number)
	}
	return nil
}

func (a *app) printAttributes(attributes []attributeView, zone *calendar.Zone) error {
	a.printf("\nAttributes\n")
	t := newTable(a.Stdout, "table", "  attribute", "value", "since", "source")
	for _, at := range attributes {
		path := "  " + at.Path
		if !at.Latest {
			path = "    before"
		}
		t.row(path, shorten(string(at.Value), longestValue), wall(zone, calendar.Instant(at.Time)), at.Source)
	}
	return t.finish()
}

// longestValue bounds a value in a table for people, in characters.
const longestValue = 60
