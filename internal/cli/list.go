package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/spf13/cobra"
)

// listFlags are the flags of list.
type listFlags struct {
	questionFlags
	rules, probes string
	verdicts      bool
	format        string
	columns       []string
}

func (a *app) listCommand() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list RULE | list --rules FILE",
		Short: "List the customers that a rule lets in, or the verdict for everyone",
		Long: `Lists the members of a rule. With --verdicts every customer is listed, with the
verdict and the instant until which it holds if no data arrives.

--rules FILE asks one rule a line in one pass; --probes FILE answers single
questions, lines {"rule", "at", "customer"}, where rule is a line of --rules.`,
		Args: arguments(0, 1, "a rule or --rules FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (f.rules != "") {
				return usagef("expected a rule in quotes or --rules FILE")
			}
			if !slices.Contains([]string{"table", "csv", "ndjson"}, f.format) {
				return usagef("--format is table, csv or ndjson, not %q", f.format)
			}
			if a.asJSON {
				f.format = "ndjson"
			}
			return a.list(cmd.Context(), args, &f)
		},
	}
	f.add(cmd, true)
	cmd.Flags().StringVar(&f.rules, "rules", "", "file with one rule a line")
	cmd.Flags().StringVar(&f.probes, "probes", "", `file with questions: lines {"rule", "at", "customer"}`)
	cmd.Flags().BoolVar(&f.verdicts, "verdicts", false, "list every customer with verdict and expiry")
	cmd.Flags().StringVar(&f.format, "format", "table", "table, csv or ndjson")
	cmd.Flags().StringSliceVar(&f.columns, "columns", nil, "attributes to show, separated by commas")
	return cmd
}

func (a *app) list(ctx context.Context, args []string, f *listFlags) error {
	w, err := a.openIndex(ctx, &f.questionFlags)
	if err != nil {
		return err
	}
	defer w.close()
	rules, err := w.rulesOf(args, f)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.Stdout, 1<<16)
	defer func() { _ = out.Flush() }()
	if f.probes != "" {
		return w.answerProbes(out, rules, f.probes)
	}
	instants, err := a.instants(f.at, w.zone())
	if err != nil {
		return err
	}
	if f.verdicts || f.rules != "" {
		return w.listVerdicts(ctx, out, rules, instants, f)
	}
	return w.listMembers(ctx, out, rules[0].program, instants, f)
}

// asked is a rule to be answered: its line and its program.
type asked struct {
	line    int
	program *eval.Program
}

func (w *workspace) rulesOf(args []string, f *listFlags) ([]asked, error) {
	if len(args) == 1 {
		p, err := w.compile("rule", args[0], f.lenient)
		return []asked{{1, p}}, err
	}
	nodes, err := w.app.readRules(f.rules, w.known(), f.lenient)
	if err != nil {
		return nil, err
	}
	all := make([]asked, len(nodes))
	for i, n := range nodes {
		p, err := w.index.Compile(n.node)
		if err != nil {
			return nil, err
		}
		all[i] = asked{n.line, p}
	}
	return all, nil
}

// verdictLine is one answer for programs.
type verdictLine struct {
	Rule     int     `json:"rule"`
	At       string  `json:"at"`
	Customer string  `json:"customer"`
	In       bool    `json:"in"`
	Expires  *string `json:"expires"`
}

func newVerdictLine(rule int, at calendar.Instant, customer string, v eval.Verdict) verdictLine {
	line := verdictLine{Rule: rule, At: calendar.Format(at), Customer: customer, In: v.In}
	if v.Expires != calendar.Never {
		expires := calendar.Format(v.Expires)
		line.Expires = &expires
	}
	return line
}

// verdictsAtOnce bounds the verdicts that are kept in memory before they are written.
const verdictsAtOnce = 1 << 25

// listVerdicts writes a line for every instant, rule and customer. Without
// --verdicts only the members are listed.
func (w *workspace) listVerdicts(ctx context.Context, out io.Writer, rules []asked, instants []calendar.Instant, f *listFlags) error {
	write, finish := verdictWriter(out, f.format)
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

func (w *workspace) writeVerdicts(write func(verdictLine), line int, now calendar.Instant, verdicts []eval.Verdict, all bool) {
	n := 0
	for _, b := range w.index.Blocks {
		for _, name := range b.Names {
			if v := verdicts[n]; v.In || all {
				write(newVerdictLine(line, now, name, v))
			}
			n++
		}
	}
}

// verdictWriter writes verdict lines in a format.
func verdictWriter(out io.Writer, format string) (write func(verdictLine), finish func() error) {
	if format == "ndjson" {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		var failed error
		return func(l verdictLine) {
			if failed == nil {
				failed = e.Encode(l)
			}
		}, func() error { return failed }
	}
	t := newTable(out, format, []string{"rule", "at", "customer", "in", "expires"})
	return func(l verdictLine) {
		expires := ""
		if l.Expires != nil {
			expires = *l.Expires
		}
		t.row([]string{fmt.Sprint(l.Rule), l.At, l.Customer, fmt.Sprint(l.In), expires})
	}, t.finish
}

// answerProbes answers single questions, in their order.
func (w *workspace) answerProbes(out io.Writer, rules []asked, path string) error {
	byLine := make(map[int]*eval.Program, len(rules))
	for _, r := range rules {
		byLine[r.line] = r.program
	}
	rows := w.rowsByName()
	machines := map[*eval.Program]*eval.Machine{}
	write, finish := verdictWriter(out, "ndjson")
	err := eachJSONLine(path, func(line int, p *probe) error {
		program, ok := byLine[p.Rule]
		if !ok {
			return fmt.Errorf("there is no rule in line %d of the rules", p.Rule)
		}
		position, ok := rows[p.Customer]
		if !ok {
			return fmt.Errorf("unknown customer %q", p.Customer)
		}
		at, err := instant(p.At, w.zone())
		if err != nil {
			return fmt.Errorf("at %q: %w", p.At, err)
		}
		m := machines[program]
		if m == nil || program.NeedsRanks() {
			m = w.index.Machine(program, at)
			machines[program] = m
		}
		write(newVerdictLine(p.Rule, at, p.Customer, m.Verdict(position.Block, position.Row, at)))
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

// eachJSONLine reads a file with one JSON object a line; errors name the line.
func eachJSONLine[T any](path string, take func(line int, v *T) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	reader, err := unzipped(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	lines := bufio.NewScanner(reader)
	lines.Buffer(nil, 1<<20)
	for line := 1; lines.Scan(); line++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		var v T
		err := json.Unmarshal([]byte(text), &v)
		if err == nil {
			err = take(line, &v)
		}
		if err != nil {
			return fmt.Errorf("%s line %d: %w", path, line, err)
		}
	}
	return lines.Err()
}

// listMembers writes the members with the chosen attributes.
func (w *workspace) listMembers(ctx context.Context, out io.Writer, p *eval.Program, instants []calendar.Instant, f *listFlags) error {
	if len(instants) > 1 {
		return usagef("several --at need --verdicts")
	}
	now := instants[0]
	members, err := w.index.Members(ctx, p, now)
	if err != nil {
		return err
	}
	columns, err := w.columnsOf(f.columns)
	if err != nil {
		return err
	}
	header := []string{"customer"}
	for _, c := range columns {
		header = append(header, c.title)
	}
	t := newTable(out, f.format, header)
	for _, m := range members {
		row := []string{m.Block.Names[m.Row]}
		for _, c := range columns {
			row = append(row, c.value(m, now))
		}
		t.row(row)
	}
	if err := t.finish(); err != nil {
		return err
	}
	if f.format == "table" {
		_, err = fmt.Fprintf(out, "\n%s of %s customers at %s\n", thousands(int64(len(members))), thousands(int64(w.index.Rows())), calendar.Format(now))
	}
	return err
}

// column is an attribute to show.
type column struct {
	title string
	value func(index.Position, calendar.Instant) string
}
