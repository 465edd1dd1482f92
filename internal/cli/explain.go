package cli

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/spf13/cobra"
)

func (a *app) explainCommand() *cobra.Command {
	var q questionFlags
	cmd := &cobra.Command{
		Use:   "explain CUSTOMER RULE | explain CUSTOMER in:SEGMENT",
		Short: "Tell why a customer is in or out, since when and until when",
		Long: `Explains the verdict of a rule for one customer: each condition with the values
it compared and the events it counted, since when it has been so, and when it
will change if no data arrives. CUSTOMER is a user id, an internal id, an
identity as namespace:value, or attribute:value where only one person has that
value, such as email:anna@example.de.

With in:SEGMENT it also tells when the customer came and left and by what, from the
log, what was decided by hand, and who won in the segmentations of which the segment is
a part. With in:SEGMENTATION it tells which part has the customer, and which ones lose.`,
		Example: `  kohorte explain email:anna@example.de 'count(order_completed in last 12 months) >= 3'
  kohorte explain u4711 in:sleeping
  kohorte explain acme in:key_accounts`,
		Args: arguments(2, 2, "a customer and a rule, or in:SEGMENT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if name, ok := asksSegment(args[1:]); ok {
				return a.used(cmd.Context(), a.explainSegment(cmd.Context(), args[0], name, &q), name)
			}
			w, err := a.ask(cmd.Context(), args[1], &q)
			if err != nil {
				return err
			}
			defer w.close()
			position, name, err := w.find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			trace := w.index.Machine(w.program, w.now).Explain(position.Block, position.Row, w.now)
			if a.asJSON {
				return a.writeJSON(explained{name, calendar.Format(w.now), api.NewTrace(&trace)})
			}
			a.printTrace(name, w.now, w.zone, &trace)
			return nil
		},
	}
	q.add(cmd, false)
	return cmd
}

// explained is a trace for programs.
type explained struct {
	Customer string `json:"customer"`
	At       string `json:"at"`
	api.Trace
}

// tracePrinter writes a trace for people; times are those of the workspace's zone.
type tracePrinter struct {
	app  *app
	zone *calendar.Zone
	now  calendar.Instant
}

func (a *app) printTrace(customer string, now calendar.Instant, zone *calendar.Zone, t *eval.Trace) {
	p := tracePrinter{a, zone, now}
	verdict := "is out"
	if t.In {
		verdict = "is in"
	}
	a.printf("%s %s at %s (%s), %s.\n\n", harmless(customer), verdict, exactly(zone, now), zone.Name(), p.span(t))
	p.part(t, 0)
}

// span says since when and until when.
func (p tracePrinter) span(t *eval.Trace) string {
	text := ""
	if t.Since != calendar.Unset {
		text = "since " + exactly(p.zone, t.Since) + ", "
	}
	if t.Expires == calendar.Never {
		return text + "until data changes"
	}
	return text + fmt.Sprintf("until %s (in %s) unless data changes", exactly(p.zone, t.Expires), roughly(t.Expires-p.now))
}

// eventLine writes an event with its properties.
func eventLine(zone *calendar.Zone, e eval.EventTrace) string {
	return wall(zone, e.Time) + "  " + e.Type + propertyList(e.Properties)
}

func propertyList(properties []eval.Property) string {
	line := ""
	for _, p := range properties {
		line += "  " + p.Path + " = " + p.Value
	}
	return line
}

// part writes one condition with its evidence; the marks of those on which the
// verdict rests are followed by an arrow.
func (p tracePrinter) part(t *eval.Trace, depth int) {
	indent := strings.Repeat("  ", depth)
	mark := "✗"
	if t.In {
		mark = "✓"
	}
	arrow := "  "
	if t.Decides && len(t.Parts) == 0 {
		arrow = "→ "
	}
	p.app.printf("%s%s%s %s\n", arrow, indent, mark, title(t))
	if len(t.Parts) == 0 {
		p.evidence(t, indent+"      ")
	}
	for i := range t.Parts {
		p.part(&t.Parts[i], depth+1)
	}
}

// title names a condition; those with parts only say how they are joined.
func title(t *eval.Trace) string {
	switch t.Node.(type) {
	case *rule.And:
		return "all of:"
	case *rule.Or:
		return "at least one of:"
	case *rule.Not:
		return "not:"
	}
	return t.Condition
}

func (p tracePrinter) evidence(t *eval.Trace, indent string) {
	for _, v := range t.Values {
		p.app.printf("%s%s = %s\n", indent, v.Expression, v.Value)
	}
	for _, e := range t.Events {
		p.app.printf("%s%s\n", indent, eventLine(p.zone, e))
	}
	for _, object := range t.Objects {
		p.app.printf("%s  •%s\n", indent, propertyList(object))
	}
	for _, name := range t.People {
		p.app.printf("%s  •  %s\n", indent, harmless(name))
	}
	p.app.printf("%s%s\n", indent, p.span(t))
}
