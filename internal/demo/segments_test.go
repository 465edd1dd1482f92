package demo

import (
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
)

// compile makes a rule ready, and wants it without any problem.
func compile(t *testing.T, text string, known *catalog.Catalog, schema *columns.Schema) *eval.Program {
	t.Helper()
	node, problems := rule.Parse(text)
	if len(problems) == 0 {
		problems = check.Check(node, known, check.Options{})
	}
	if len(problems) > 0 {
		t.Fatal(problems.Format("rule", text))
	}
	program, err := eval.Compile(node, schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func (p *population) machine(text string, known *catalog.Catalog) *eval.Machine {
	program := compile(p.t, text, known, p.schema)
	m := program.Machine()
	if program.NeedsRanks() {
		m.UseRanks(program.Rank([]*columns.Block{p.block}, until))
	}
	return m
}

// TestSegmentsHaveTellingSizes wants each segment to have members, and none to have nearly all.
func TestSegmentsHaveTellingSizes(t *testing.T) {
	for _, c := range Companies {
		known, p := Catalog(c), populate(t, c)
		names := map[string]bool{}
		for _, s := range Segments(c) {
			m, size := p.machine(s.Rule, known), 0
			for row := range p.block.Rows() {
				if m.Holds(p.block, row, until) {
					size++
				}
			}
			t.Logf("%-12s %-24s %5d of %d", c, s.Name, size, p.block.Rows())
			if size < 3 || size > p.block.Rows()*4/10 {
				t.Errorf("%s: segment %s has %d of %d customers", c, s.Name, size, p.block.Rows())
			}
			if names[s.Name] || s.Title.DE == "" || s.Title.EN == "" {
				t.Errorf("%s: segment %s is there twice, or without a title", c, s.Name)
			}
			names[s.Name] = true
		}
		if len(names) < 12 {
			t.Errorf("%s has only %d segments", c, len(names))
		}
	}
}

// TestExamplesHold wants what is shown as an example to be true.
func TestExamplesHold(t *testing.T) {
	for _, c := range Companies {
		known, p := Catalog(c), populate(t, c)
		for _, e := range Explanations(c) {
			namespace, value, _ := strings.Cut(e.Customer, ":")
			row, ok := p.rows[record.Identity{Namespace: namespace, Value: value}]
			if !ok {
				t.Fatalf("%s: no customer %s", c, e.Customer)
			}
			v := p.machine(e.Rule, known).Verdict(p.block, row, until)
			if !v.In || v.Expires <= until {
				t.Errorf("%s: %s is in: %v, until %d", c, e.Customer, v.In, v.Expires)
			}
		}
	}
}

// TestNextStepsAreRules checks the rules in the commands, all right but the one that shows an error.
func TestNextStepsAreRules(t *testing.T) {
	rules, wrong := 0, 0
	for _, c := range Companies {
		for _, s := range NextSteps(c, until) {
			if _, rest, ok := strings.Cut(s.Command, "'"); ok {
				text, _, _ := strings.Cut(rest, "'")
				node, problems := rule.Parse(text)
				if len(problems) > 0 {
					t.Fatal(problems.Format("rule", text))
				}
				rules++
				if problems := check.Check(node, Catalog(c), check.Options{}); problems.Fatal() {
					wrong++
					if !strings.Contains(problems.Format("rule", text), `"total"`) {
						t.Error(problems.Format("rule", text))
					}
				}
			}
		}
	}
	if rules < 4 || wrong != 1 {
		t.Errorf("%d rules, %d of them wrong", rules, wrong)
	}
}
