package cli

import (
	"github.com/kohorte/kohorte/internal/intake"
	"github.com/kohorte/kohorte/internal/intake/mapping"
)

// summaryView is what became of a file, for programs. New, Changed, Unchanged and
// Duplicate count customers, companies, events and consents, not rows.
type summaryView struct {
	File      string `json:"file"`
	Read      int    `json:"read"`
	Skipped   int    `json:"skipped"`
	New       int    `json:"new"`
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Duplicate int    `json:"duplicate"`
	Rejected  int    `json:"rejected"`
	Rejects   string `json:"rejects,omitempty"`
	Postcodes int    `json:"postcodes,omitempty"`
}

func newSummaryView(path string, kind mapping.Kind, s *intake.Summary, rejects string) summaryView {
	r := &s.Result
	v := summaryView{
		File: path, Read: s.Read, Skipped: s.Skipped,
		New:       r.Customers.New + r.Companies.New + r.Events + r.Consents,
		Changed:   r.Customers.Changed + r.Companies.Changed,
		Unchanged: r.Customers.Unchanged + r.Companies.Unchanged,
		Duplicate: r.Duplicates + r.Repeated,
		Rejected:  s.Rejected, Rejects: rejects,
	}
	if kind == mapping.Postcodes {
		v.Postcodes = s.Read - s.Skipped - s.Rejected
	}
	return v
}

func (a *app) printSummary(path string, kind mapping.Kind, s *intake.Summary, rejects string) error {
	v := newSummaryView(path, kind, s, rejects)
	if a.asJSON {
		return a.writeJSON(v)
	}
	a.printf("%s: %s read", path, countOf(v.Read, "row", "rows"))
	for _, part := range []struct {
		n    int
		what string
	}{{v.New, "new"}, {v.Changed, "changed"}, {v.Unchanged, "unchanged"}, {v.Duplicate, "duplicate"}, {v.Skipped, "skipped"}, {v.Rejected, "rejected"}} {
		a.printf(", %s %s", thousands(int64(part.n)), part.what)
	}
	a.printf("\n")
	r := &s.Result
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{r.Customers.New, "new customer", "new customers"}, {r.Companies.New, "new company", "new companies"},
		{r.Events, "event", "events"}, {r.Consents, "consent", "consents"}, {v.Postcodes, "postcode", "postcodes"},
		{r.Merges, "customer joined with another", "customers joined with another"},
		{r.Conflicts, "record with an identity of another customer", "records with an identity of another customer"},
	} {
		if part.n > 0 {
			a.tally(part.n, part.one, part.many)
		}
	}
	if s.Rejected > 0 {
		a.printReasons(s, rejects)
	}
	return nil
}

// tally prints a line with a number of things.
func (a *app) tally(n int, one, many string) {
	if n == 1 {
		many = one
	}
	a.printf("  %10s  %s\n", thousands(int64(n)), many)
}

// mostReasons is how many reasons are shown; all are in the file of rejected rows.
const mostReasons = 10

func (a *app) printReasons(s *intake.Summary, rejects string) {
	a.printf("  rejected rows are in %s; mend them and import that file:\n", rejects)
	more := 0
	for i, r := range s.Reasons {
		if i < mostReasons {
			a.tally(r.Rows, harmless(r.Text), harmless(r.Text))
		} else {
			more += r.Rows
		}
	}
	if more > 0 {
		a.tally(more, "for other reasons", "for other reasons")
	}
}
