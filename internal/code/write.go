package code

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/segment"
)

// longList is from how many customers on a list stands in a file of its own.
const longList = 50

// Text writes a definition as a file that reads back as the same, in the usual form.
// Dates that begin a day of the zone are written as days. With a name for its file,
// the customers of a long list stand in that, one a line; the text of it is the second.
func Text(d segment.Definition, zone *calendar.Zone, listFile string) (file, list string) {
	d = d.Normal()
	var b strings.Builder
	add := func(key, text string) {
		if text != "" {
			b.WriteString(key + ": " + text + "\n")
		}
	}
	add("segment", cmp.Or(plainName(d.Name), quote(d.Name)))
	add("title", textsOf(d.Title))
	add("description", textsOf(d.Description))
	if d.Kind != segment.ByRule {
		add("kind", string(d.Kind))
	}
	add("members", string(d.Members))
	if d.Rule != "" {
		b.WriteString("rule: |\n  " + strings.ReplaceAll(strings.TrimRight(d.Rule, "\n"), "\n", "\n  ") + "\n")
	}
	add("parts", listed(d.Parts))
	add("rest", valueOf(d.Rest))
	add("restTitle", textsOf(d.RestTitle))
	add("owner", valueOf(d.Owner))
	add("purpose", valueOf(d.Purpose))
	add("tags", listed(d.Tags))
	add("size", sizeOf(d))
	if d.Kind == segment.List && listFile != "" && len(d.Include) >= longList {
		list, d.Include = listOf(d.Include)
		add("list", valueOf(listFile))
	}
	writeOverrides(&b, "include", d.Include, zone)
	writeOverrides(&b, "exclude", d.Exclude, zone)
	if d.State != segment.Active {
		add("state", string(d.State))
	}
	text, _ := Format(d.Name, b.String())
	return text, list
}

func plainName(name string) string {
	if isPlain(name) {
		return name
	}
	return ""
}

// valueOf writes a text; "" if it is empty.
func valueOf(text string) string {
	if text == "" || isPlain(text) {
		return text
	}
	return quote(text)
}

func textsOf(t segment.Texts) string {
	var parts []string
	if t.DE != "" {
		parts = append(parts, "de: "+valueOf(t.DE))
	}
	if t.EN != "" {
		parts = append(parts, "en: "+valueOf(t.EN))
	}
	if parts == nil {
		return ""
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func listed(list []string) string {
	if len(list) == 0 {
		return ""
	}
	values := make([]string, len(list))
	for i, text := range list {
		values[i] = valueOf(text)
	}
	return "[" + strings.Join(values, ", ") + "]"
}

func sizeOf(d segment.Definition) string {
	switch {
	case d.MinSize == 0 && d.MaxSize == 0:
		return ""
	case d.MaxSize == 0:
		return fmt.Sprintf("{min: %d}", d.MinSize)
	case d.MinSize == 0:
		return fmt.Sprintf("{max: %d}", d.MaxSize)
	}
	return fmt.Sprintf("{min: %d, max: %d}", d.MinSize, d.MaxSize)
}

func writeOverrides(b *strings.Builder, key string, list []segment.Override, zone *calendar.Zone) {
	if len(list) == 0 {
		return
	}
	b.WriteString(key + ":\n")
	for _, o := range list {
		text := "customer: " + valueOf(o.Customer)
		if o.Reason != "" {
			text += ", reason: " + valueOf(o.Reason)
		}
		if o.Until != 0 {
			text += ", until: " + dateOf(o.Until, zone)
		}
		b.WriteString("  - {" + text + "}\n")
	}
}

// dateOf writes an instant as a day if it begins one, else in UTC.
func dateOf(t calendar.Instant, zone *calendar.Zone) string {
	c := zone.Civil(t)
	day := calendar.Civil{Year: c.Year, Month: c.Month, Day: c.Day}
	if c.Milli == 0 && zone.Resolve(calendar.Date{Civil: day}) == t {
		return fmt.Sprintf("%04d-%02d-%02d", c.Year, c.Month, c.Day)
	}
	return quote(calendar.Format(t))
}

// listOf gives the customers that can stand on lines alone, and the others.
func listOf(all []segment.Override) (lines string, rest []segment.Override) {
	var b strings.Builder
	for _, o := range all {
		read, err := customers(strings.NewReader(o.Customer + "\n"))
		if o.Reason != "" || o.Until != 0 || err != nil || len(read) != 1 || read[0].Customer != o.Customer {
			rest = append(rest, o)
			continue
		}
		b.WriteString(o.Customer + "\n")
	}
	return b.String(), slices.Clip(rest)
}
