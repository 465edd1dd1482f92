package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/projection"
	"github.com/spf13/cobra"
)

// listFlags are the flags of list.
type listFlags struct {
	questionFlags
	rules, probes string
	verdicts      bool
	todaysRule    bool
	format        string
	columns       []string
}

func (a *app) listCommand() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list RULE | list in:SEGMENT | list --rules FILE",
		Short: "List the customers that a rule lets in, or the verdict for everyone",
		Long: `Lists the members of a rule. With --verdicts every customer is listed, with the
verdict and the instant until which it holds if no data arrives.

in:SEGMENT lists who was in a segment at the instant of --at, from the log, or with
--todays-rule who would have been in by the rule that it has now, from the data.

--rules FILE asks one rule a line in one pass; --probes FILE answers single
questions, lines {"rule", "at", "customer"}, where rule is a line of --rules.`,
		Example: `  kohorte list 'country = "CH"' --columns first_name,last_name,address.city
  kohorte list 'consent(email, newsletter)' --columns email --format csv > newsletter.csv
  kohorte list in:sleeping --at 2026-03-01
  kohorte list --rules segments.txt --at 2026-01-01 --at 2026-07-01 --verdicts --format ndjson`,
		Args: arguments(0, 1, "a rule or --rules FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.asJSON {
				f.format = "ndjson"
			}
			if err := f.check(args); err != nil {
				return err
			}
			if name, ok := asksSegment(args); ok {
				return a.listSegment(cmd.Context(), name, &f)
			}
			return a.list(cmd.Context(), args, &f)
		},
	}
	f.add(cmd, true)
	cmd.Flags().StringVar(&f.rules, "rules", "", "`FILE` with one rule a line")
	cmd.Flags().StringVar(&f.probes, "probes", "", "`FILE` with questions: lines "+`{"rule", "at", "customer"}`)
	cmd.Flags().BoolVar(&f.verdicts, "verdicts", false, "list every customer with verdict and expiry")
	cmd.Flags().BoolVar(&f.todaysRule, "todays-rule", false, todaysRuleUsage)
	cmd.Flags().StringVar(&f.format, "format", "table", "`FORM` of the list: table, csv or ndjson")
	cmd.Flags().StringArrayVar(&f.columns, "columns", nil, "what to show: attributes, identities and values of rules, `A,B`")
	return cmd
}

// check refuses flags that do not fit together.
func (f *listFlags) check(args []string) error {
	_, past := asksSegment(args)
	lines := f.verdicts || f.probes != "" || f.rules != ""
	switch {
	case len(args) == 1 && f.rules != "":
		return usagef("a rule and --rules FILE do not go together")
	case len(args) == 0 && f.rules == "":
		return usagef("expected a rule in quotes or --rules FILE")
	case f.todaysRule && !past:
		return usagef("--todays-rule goes with in:SEGMENT")
	case past && (f.verdicts || f.probes != "" || f.memberships != ""):
		return usagef("in:SEGMENT lists members; it does not go with --verdicts, --probes and --memberships")
	case !slices.Contains([]string{"table", "csv", "ndjson"}, f.format):
		return usagef("--format is table, csv or ndjson, not %q", f.format)
	case len(f.columns) > 0 && lines:
		return usagef("--columns shows attributes of the members of one rule; it does not go with --verdicts, --rules and --probes")
	case f.probes != "" && len(f.at) > 0:
		return usagef("--probes brings its own instants; it does not go with --at")
	case len(f.at) > 1 && !lines:
		return usagef("several --at need --verdicts")
	}
	return nil
}

func (a *app) list(ctx context.Context, args []string, f *listFlags) error {
	w, err := a.open(ctx, &f.questionFlags)
	if err != nil {
		return err
	}
	defer w.close()
	instants, err := a.instants(f.at, w.zone)
	if err != nil {
		return err
	}
	nodes, err := w.rulesOf(args, f)
	if err != nil {
		return err
	}
	if err := w.load(ctx); err != nil {
		return err
	}
	rules := make([]asked, len(nodes))
	for i, n := range nodes {
		if rules[i].program, err = w.index.Compile(n.node); err != nil {
			return err
		}
		rules[i].line = n.line
	}
	out := bufio.NewWriterSize(a.Stdout, 1<<16)
	err = w.answer(ctx, out, rules, instants, f)
	return errors.Join(err, out.Flush())
}

func (w *workspace) answer(ctx context.Context, out io.Writer, rules []asked, instants []calendar.Instant, f *listFlags) error {
	switch {
	case f.probes != "":
		return w.answerProbes(out, rules, f)
	case f.verdicts || f.rules != "":
		return w.listVerdicts(ctx, out, rules, instants, f)
	}
	return w.listMembers(ctx, out, rules[0].program, instants[0], f)
}

// asked is a rule to be answered: its line and its program.
type asked struct {
	line    int
	program *eval.Program
}

func (w *workspace) rulesOf(args []string, f *listFlags) ([]numberedRule, error) {
	if len(args) == 0 {
		return w.readRules(f.rules, f.lenient)
	}
	n, err := w.rule("rule", args[0], f.lenient)
	return []numberedRule{{1, n}}, err
}

// verdict is one answer.
type verdict struct {
	rule     int
	at       calendar.Instant
	customer string
	eval.Verdict
}

// verdictsAtOnce bounds the verdicts that are kept in memory before they are written.
const verdictsAtOnce = 1 << 25

// listVerdicts writes a line for every instant, rule and customer. Without
// --verdicts only the members are listed.
func (w *workspace) listVerdicts(ctx context.Context, out io.Writer, rules []asked, instants []calendar.Instant, f *listFlags) error {
	write, finish := w.verdictWriter(out, f.format)
	batch := max(1, verdictsAtOnce/max(1, w.index.Rows()))
	for _, now := range instants {
		for some := range slices.Chunk(rules, batch) {
			programs := make([]*eval.Program, len(some))
			for i, r := range some {
				programs[i] = r.program
			}
			verdicts, err := w.index.Verdicts(ctx, programs, now)
			if err != nil {
				return err
			}
			for i, r := range some {
				w.writeVerdicts(write, r.line, now, verdicts[i], f.verdicts)
			}
		}
	}
	return finish()
}

func (w *workspace) writeVerdicts(write func(verdict), line int, now calendar.Instant, verdicts []eval.Verdict, all bool) {
	n := 0
	for _, b := range w.index.Blocks {
		for _, name := range b.Names {
			if v := verdicts[n]; v.In || all {
				write(verdict{line, now, name, v})
			}
			n++
		}
	}
}

// verdictWriter writes verdicts in a format. Programs read instants in UTC.
func (w *workspace) verdictWriter(out io.Writer, format string) (write func(verdict), finish func() error) {
	if format == "ndjson" {
		return verdictLines(out)
	}
	t := newTable(out, format, "rule", "at", "customer", "in", "expires")
	return func(v verdict) {
		at, expires := calendar.Format(v.at), ""
		if v.Expires != calendar.Never {
			expires = calendar.Format(v.Expires)
		}
		if format == "table" {
			at = exactly(w.zone, v.at)
			if expires != "" {
				expires = exactly(w.zone, v.Expires)
			}
		}
		t.row(fmt.Sprint(v.rule), at, v.customer, fmt.Sprint(v.In), expires)
	}, t.finish
}

// verdictLines writes verdicts as lines of JSON.
func verdictLines(out io.Writer) (write func(verdict), finish func() error) {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	var failed error
	return func(v verdict) {
		if failed == nil {
			failed = e.Encode(struct {
				Rule     int     `json:"rule"`
				At       string  `json:"at"`
				Customer string  `json:"customer"`
				In       bool    `json:"in"`
				Expires  *string `json:"expires"`
			}{v.rule, calendar.Format(v.at), v.customer, v.In, api.OptionalTime(v.Expires)})
		}
	}, func() error { return failed }
}

// answerProbes answers single questions, in their order.
func (w *workspace) answerProbes(out io.Writer, rules []asked, f *listFlags) error {
	byLine := make(map[int]*eval.Program, len(rules))
	for _, r := range rules {
		byLine[r.line] = r.program
	}
	rows := w.rowsByName()
	machines := map[*eval.Program]*eval.Machine{}
	write, finish := w.verdictWriter(out, f.format)
	err := eachJSONLine(f.probes, func(p *probe) error {
		program, ok := byLine[p.Rule]
		if !ok {
			return fmt.Errorf("there is no rule in line %d of the rules", p.Rule)
		}
		position, ok := rows[p.Customer]
		if !ok {
			return fmt.Errorf("there is no customer %q", p.Customer)
		}
		at, err := instant(p.At, w.zone)
		if err != nil {
			return fmt.Errorf("at %q: %w", p.At, err)
		}
		m := machines[program]
		if m == nil || program.NeedsRanks() {
			m = w.index.Machine(program, at)
			machines[program] = m
		}
		write(verdict{p.Rule, at, p.Customer, m.Verdict(position.Block, position.Row, at)})
		return nil
	})
	if err != nil {
		return err
	}
	return finish()
}

type probe struct {
	Rule     int    `json:"rule"`
	At       string `json:"at"`
	Customer string `json:"customer"`
}

// listMembers writes the members with the chosen columns.
func (w *workspace) listMembers(ctx context.Context, out io.Writer, p *eval.Program, now calendar.Instant, f *listFlags) error {
	members, err := w.index.Members(ctx, p, now)
	if err != nil {
		return err
	}
	return w.writeMembers(ctx, out, members, now, f, memberList{closing: func(n int) string {
		return fmt.Sprintf("%s of %s at %s", thousands(int64(n)), countOf(w.index.Rows(), "customer", "customers"), wall(w.zone, now))
	}})
}

// whose is the column that every list begins with.
const whose = "customer"

func (w *workspace) writeMembers(ctx context.Context, out io.Writer, members []index.Position, now calendar.Instant, f *listFlags, l memberList) error {
	fields, err := w.columns(ctx, f.columns, now)
	if err != nil {
		return err
	}
	_, own := w.index.Schema.Attrs.ID(whose)
	fields = slices.DeleteFunc(fields, func(c projection.Column) bool { return c.Name == whose && !own }) // which stands first anyway
	header := l.header(f.format)
	first := len(header)
	for _, f := range fields {
		header = append(header, f.Name)
	}
	t := newTable(out, f.format, header...)
	cells := make([]cell, len(header))
	for _, m := range members {
		name := m.Block.Names[m.Row]
		for i, text := range l.row(f.format, name) {
			cells[i] = cell{text, projection.Quoted(text)}
		}
		for i := range fields {
			text, json := fields[i].Value(m.Block, m.Row, w.zone)
			cells[first+i] = cell{text, json}
		}
		t.cells(cells)
	}
	return l.finish(w.app, t, len(members))
}
