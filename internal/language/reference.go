package language

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
)

// The marks between which docs/rules.md holds the reference.
const (
	ReferenceBegin = "<!-- The reference is generated from internal/language: go generate ./internal/language -->\n"
	ReferenceEnd   = "<!-- The end of the reference. -->\n"
)

//go:generate go test -run TestReference -update .

// Reference writes all declarations and the cast of their examples in Markdown.
func Reference() string {
	var b strings.Builder
	b.WriteString("The examples are about Anna and Ben, on " + display(Now) + " in " + Zone + " unless another time is given. A test evaluates each of them.\n\n")
	for _, c := range Cast() {
		c.write(&b)
	}
	for _, group := range Groups() {
		fmt.Fprintf(&b, "### %s\n\n%s\n\n", group.Title, group.Doc)
		for i := range group.Declarations {
			group.Declarations[i].write(&b)
		}
	}
	return b.String()
}

func (d *Declaration) write(b *strings.Builder) {
	fmt.Fprintf(b, "#### %s\n\n```\n%s\n```\n\n%s\n", d.title(), strings.Join(d.Syntax, "\n"), d.Doc)
	if types := d.types(); types != "" {
		b.WriteString("\n" + types + "\n")
	}
	b.WriteString("\n| rule | verdict | why |\n|---|---|---|\n")
	for _, e := range d.Examples {
		verdict := "out"
		if e.In {
			verdict = "in"
		}
		who := e.Customer.Name
		if e.Now != Now {
			who += ", " + display(e.Now)
		}
		fmt.Fprintf(b, "| `%s` | %s: %s | %s |\n", strings.ReplaceAll(e.Rule, "|", `\|`), who, verdict, e.Why)
	}
	b.WriteString("\n")
}

// title gives the name as a heading, symbols with their relatives.
func (d *Declaration) title() string {
	switch d.Name {
	case "=":
		return "= and !="
	case "<":
		return "<, <=, > and >="
	case "boolean":
		return "a boolean by itself"
	}
	return d.Name
}

// types says what the part works on and what it gives.
func (d *Declaration) types() string {
	var parts []string
	switch {
	case len(d.Takes) == len(anything):
		parts = append(parts, "Works on every type")
	case len(d.Takes) > 0:
		parts = append(parts, "Works on "+d.Needs())
	}
	switch {
	case d.Same:
		parts = append(parts, "gives a value of that type")
	case d.Gives != catalog.Unknown:
		parts = append(parts, "gives "+AKind(d.Gives))
	}
	if len(parts) == 0 {
		return ""
	}
	text := strings.Join(parts, "; ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// write shows a customer as a block of code.
func (c *Customer) write(b *strings.Builder) {
	fmt.Fprintf(b, "**%s**\n\n```\nattributes  %s\n", c.Name, c.Attributes)
	if c.Company != "" {
		fmt.Fprintf(b, "company     %s\n", c.Company)
	}
	for _, e := range c.Events {
		fmt.Fprintf(b, "%-19s %-15s %s\n", display(e.Time), e.Type, e.Properties)
	}
	for _, d := range c.Consents {
		decision := "refused"
		if d.Granted {
			decision = "granted"
		}
		fmt.Fprintf(b, "%-19s consent to %s by %s %s\n", display(d.Time), d.Purpose, d.Channel, decision)
	}
	for _, m := range c.Memberships {
		fmt.Fprintf(b, "%-19s entered %s", display(m.From), m.Segment)
		if m.To != "" {
			fmt.Fprintf(b, ", left it %s", display(m.To))
		}
		b.WriteString("\n")
	}
	b.WriteString("```\n\n")
}

// display writes a date with a time for people.
func display(date string) string { return strings.Replace(date, "T", " ", 1) }
