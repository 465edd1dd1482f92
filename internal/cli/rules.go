package cli

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
)

// parseRule reads and checks a rule. All its problems are written to standard
// error; with fatal ones the result is errReported.
func (a *app) parseRule(name, text string, known *catalog.Catalog, lenient bool) (rule.Node, error) {
	n, problems := rule.Parse(text)
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, known, check.Options{Lenient: lenient})...)
	}
	if len(problems) > 0 {
		a.complain("%s", problems.Format(name, text))
	}
	if problems.Fatal() {
		return nil, errReported
	}
	return n, nil
}

// numberedRule is a rule of a file and its line, from 1.
type numberedRule struct {
	line int
	node rule.Node
}

// readRules reads a file with one rule a line. Blank lines and comments count as
// lines but are no rules. The problems of all rules are told before it fails.
func (a *app) readRules(path string, known *catalog.Catalog, lenient bool) ([]numberedRule, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the rules cannot be read: %w", err)
	}
	defer func() { _ = file.Close() }()
	var rules []numberedRule
	var failed error
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for line := 1; lines.Scan(); line++ {
		text := strings.TrimPrefix(lines.Text(), "\ufeff")
		if trimmed := strings.TrimSpace(text); trimmed == "" || trimmed[0] == '#' {
			continue
		}
		n, err := a.parseRule(fmt.Sprintf("%s line %d", path, line), text, known, lenient)
		if err != nil {
			failed = err
			continue
		}
		rules = append(rules, numberedRule{line, n})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("the rules cannot be read: %w", err)
	}
	return rules, failed
}

// instants reads the values of --at; without any, now.
func (a *app) instants(texts []string, zone *calendar.Zone) ([]calendar.Instant, error) {
	if len(texts) == 0 {
		return []calendar.Instant{a.Now()}, nil
	}
	var all []calendar.Instant
	for _, text := range texts {
		t, err := instant(text, zone)
		if err != nil {
			return nil, usagef("--at %s: %w", text, err)
		}
		all = append(all, t)
	}
	return all, nil
}

func instant(text string, zone *calendar.Zone) (calendar.Instant, error) {
	d, err := calendar.ParseDate(text)
	if err != nil {
		return 0, err
	}
	return zone.Resolve(d), nil
}
