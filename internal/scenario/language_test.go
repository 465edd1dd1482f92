package scenario

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/language"
)

// TestExamplesOfTheLanguage runs the examples of the language's documentation as
// scenarios: against the live engine too, with memberships that were lived through.
func TestExamplesOfTheLanguage(t *testing.T) {
	byTime := map[string][]language.Example{}
	for _, group := range language.Groups() {
		for _, d := range group.Declarations {
			for _, e := range d.Examples {
				key := e.Now
				if strings.Contains(e.Rule, "top ") {
					key += " ranked"
				}
				byTime[key] = append(byTime[key], e)
			}
		}
	}
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(byTime)) {
		now, _, ranked := strings.Cut(key, " ")
		begin := "2020-01-01"
		if ranked {
			begin = now // or ranks would be computed for each hour of six years
		}
		writeCast(&text, key, begin)
		fmt.Fprintf(&text, "at %s\n", now)
		for i, e := range byTime[key] {
			is := "not in"
			if e.In {
				is = "in"
			}
			fmt.Fprintf(&text, "segment e%d: %s\nexpect %s %s e%d\n", i, e.Rule, e.Customer.Name, is, i)
		}
	}
	f, problems := Parse("examples", text.String(), nil)
	if f == nil {
		t.Fatal(problems.Format("examples", text.String()))
	}
	if n := strings.Count(text.String(), "\nexpect "); n < 100 {
		t.Errorf("only %d examples were found", n)
	}
	err := RunAll(context.Background(), f.Scenarios, runtime.GOMAXPROCS(0), func(r Result) {
		for _, failure := range r.Failures {
			t.Errorf("%s\n%s", r.Title, failure.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// writeCast writes the beginning of a scenario in which all is known of the cast from an instant on.
func writeCast(b *strings.Builder, title, begin string) {
	fmt.Fprintf(b, "scenario %q\nzone %s\n", title, language.Zone)
	var declared map[string]json.RawMessage
	_ = json.Unmarshal([]byte(language.Declared), &declared)
	delete(declared, "segments")
	text, _ := json.Marshal(declared)
	fmt.Fprintf(b, "declare %s\n", text)
	for _, code := range slices.Sorted(maps.Keys(language.Postcodes)) {
		at := language.Postcodes[code]
		fmt.Fprintf(b, "postcode %s: %v, %v\n", code, at[0], at[1])
	}
	b.WriteString("segment complaint_open: in_complaint_open\nsegment win_back: in_win_back\n")
	b.WriteString("segment loyal: in_loyal\nsegmentation lifecycle: loyal, else others\n")
	fmt.Fprintf(b, "at %s\n", begin)
	for _, c := range language.Cast() {
		writeCustomer(b, c)
	}
}

func writeCustomer(b *strings.Builder, c *language.Customer) {
	const longAgo = "2020-01-01"
	fmt.Fprintf(b, "%s on %s: %s, in_complaint_open = false, in_win_back = false, in_loyal = false\n", c.Name, longAgo, assignments(c.Attributes))
	if c.Company != "" {
		fmt.Fprintf(b, "%s belongs to firm on %s\nfirm on %s: %s\n", c.Name, longAgo, longAgo, assignments(c.Company))
	}
	for _, e := range c.Events {
		fmt.Fprintf(b, "%s did %s on %s %s\n", c.Name, e.Type, e.Time, assignments(e.Properties))
	}
	for _, d := range c.Consents {
		verb := "refuses"
		if d.Granted {
			verb = "consents to"
		}
		fmt.Fprintf(b, "%s %s %s %s on %s\n", c.Name, verb, d.Channel, d.Purpose, d.Time)
	}
	for _, m := range c.Memberships {
		name := strings.TrimPrefix(m.Segment, "lifecycle.")
		fmt.Fprintf(b, "%s on %s: in_%s = true\n", c.Name, m.From, name)
		if m.To != "" {
			fmt.Fprintf(b, "%s on %s: in_%s = false\n", c.Name, m.To, name)
		}
	}
}

// assignments writes a JSON object as a scenario sets fields.
func assignments(object string) string {
	var members map[string]json.RawMessage
	_ = json.Unmarshal([]byte(object), &members)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		list = append(list, name+" = "+strings.ReplaceAll(string(members[name]), "\n", " "))
	}
	return strings.Join(list, ", ")
}
