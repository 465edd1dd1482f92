package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/spf13/cobra"
)

func (a *app) explainCommand() *cobra.Command {
	var q questionFlags
	cmd := &cobra.Command{
		Use:   "explain CUSTOMER RULE",
		Short: "Tell why a customer is in or out, since when and until when",
		Long: `Explains the verdict of a rule for one customer: each condition with the values
it compared and the events it counted, since when it has been so, and when it
will change if no data arrives. CUSTOMER is a user id, an internal id, or
namespace:value such as email:anna@example.de.`,
		Args: arguments(2, 2, "a customer and a rule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.openIndex(cmd.Context(), &q)
			if err != nil {
				return err
			}
			defer w.close()
			now, err := a.oneInstant(&q, w.zone())
			if err != nil {
				return err
			}
			p, err := w.compile("rule", args[1], q.lenient)
			if err != nil {
				return err
			}
			position, name, err := w.find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			trace := w.index.Machine(p, now).Explain(position.Block, position.Row, now)
			if a.asJSON {
				return a.writeJSON(newExplained(name, now, &trace))
			}
			a.printTrace(name, now, w.zone(), &trace)
			return nil
		},
	}
	q.add(cmd, false)
	return cmd
}

// explained is a trace for programs.
type explained struct {
	Customer  string           `json:"customer,omitempty"`
	At        string           `json:"at,omitempty"`
	Condition string           `json:"condition"`
	In        bool             `json:"in"`
	Decides   bool             `json:"decides"`
	Since     *string          `json:"since"`
	Expires   *string          `json:"expires"`
	Values    []explainedValue `json:"values,omitempty"`
	Events    []explainedEvent `json:"events,omitempty"`
	Parts     []explained      `json:"parts,omitempty"`
}

type explainedValue struct {
	Expression string `json:"expression"`
	Value      string `json:"value"`
}

type explainedEvent struct {
	Type       string            `json:"type"`
	Time       string            `json:"time"`
	Properties map[string]string `json:"properties,omitempty"`
}

func newExplained(customer string, at calendar.Instant, t *eval.Trace) explained {
	e := explainedPart(t)
	e.Customer, e.At = customer, calendar.Format(at)
	return e
}

func explainedPart(t *eval.Trace) explained {
	e := explained{Condition: t.Condition, In: t.In, Decides: t.Decides, Since: optional(t.Since), Expires: optional(t.Expires)}
	for _, v := range t.Values {
		e.Values = append(e.Values, explainedValue(v))
	}
	for _, event := range t.Events {
		properties := map[string]string{}
		for _, p := range event.Properties {
			properties[p.Path] = p.Value
		}
		e.Events = append(e.Events, explainedEvent{event.Type, calendar.Format(event.Time), properties})
	}
	for i := range t.Parts {
		e.Parts = append(e.Parts, explainedPart(&t.Parts[i]))
	}
	return e
}

func optional(t calendar.Instant) *string {
	if t == calendar.Never || t == calendar.Unset {
		return nil
	}
	text := calendar.Format(t)
	return &text
}

// tracePrinter writes a trace for people; times are those of the workspace's zone.
type tracePrinter struct {
	app  *app
	zone *calendar.Zone
	now  calendar.Instant
}

func (a *app) printTrace(customer string, now calendar.Instant, zone *calendar.Zone, t *eval.Trace) {
	p := tracePrinter{a, zone, now}
	verdict := "is not in"
	if t.In {
		verdict = "is in"
	}
	a.printf("%s %s at %s%s.\n\n", customer, verdict, p.time(now), p.span(t))
	p.part(t, 0)
}

// span says since when and until when.
func (p tracePrinter) span(t *eval.Trace) string {
	text := ""
	if t.Since != calendar.Unset {
		text += ", since " + p.time(t.Since)
	}
	if t.Expires == calendar.Never {
		return text + ", until data changes"
	}
	return text + fmt.Sprintf(", until %s (in %s) unless data changes", p.time(t.Expires), roughly(t.Expires-p.now))
}

func (p tracePrinter) time(t calendar.Instant) string {
	c := p.zone.Civil(t)
	clock := time.Duration(c.Milli) * time.Millisecond
	return fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", c.Year, c.Month, c.Day,
		int(clock.Hours()), int(clock.Minutes())%60, int(clock.Seconds())%60)
}

// roughly writes a stretch of time in its largest unit.
func roughly(milliseconds int64) string {
	d := time.Duration(min(milliseconds, 1<<42)) * time.Millisecond
	switch days := int(d.Hours() / 24); {
	case days >= 2:
		return fmt.Sprintf("%d days", days)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return fmt.Sprintf("%d seconds", int(d.Seconds()))
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
		text := ""
		for _, property := range e.Properties {
			text += "  " + property.Path + " = " + property.Value
		}
		p.app.printf("%s%s  %s%s\n", indent, p.time(e.Time), e.Type, text)
	}
	p.app.printf("%s%s\n", indent, strings.TrimPrefix(p.span(t), ", "))
}
