package cli

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
)

// rule reads and checks a rule in text or JSON, and gives it in the form that is evaluated. All its problems are written
// to standard error; with fatal ones the result is errReported.
func (w *workspace) rule(name, text string, lenient bool) (rule.Node, error) {
	about := segment.Definition{Members: membersOf(w.companies)}
	n, text, problems := checkedRule(text, w.known, check.Options{Lenient: lenient, Companies: w.companies})
	if len(problems) > 0 {
		w.app.complain("%s", problems.Format(name, text))
	}
	if problems.Fatal() {
		return nil, errReported
	}
	return about.Full(n), nil
}

// checkedRule gives a rule with its problems and the text in which these have
// their places: of a rule in JSON that could be read, its text.
func checkedRule(given string, known *catalog.Catalog, o check.Options) (rule.Node, string, rule.Problems) {
	text := strings.TrimPrefix(given, "\ufeff")
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		n, problems := rule.ParseJSON([]byte(text))
		if problems.Fatal() {
			return nil, text, problems
		}
		text = rule.Print(n)
	}
	n, problems := rule.Parse(text)
	if !problems.Fatal() {
		about := segment.Definition{Members: membersOf(o.Companies)}
		problems = append(problems, check.Check(about.Full(n), known, o)...)
	}
	return n, text, problems
}

// numberedRule is a rule of a file and its line, from 1.
type numberedRule struct {
	line int
	node rule.Node
}

// readRules reads a file with one rule a line. Blank lines and comments count as
// lines but are no rules. The problems of all rules are told before it fails.
func (w *workspace) readRules(path string, lenient bool) ([]numberedRule, error) {
	about, o := segment.Definition{Members: membersOf(w.companies)}, check.Options{Lenient: lenient, Companies: w.companies}
	var rules []numberedRule
	var failed error
	err := eachLine(path, func(line int, text string) error {
		if strings.HasPrefix(strings.TrimSpace(text), "#") {
			return nil
		}
		n, text, problems := checkedRule(text, w.known, o)
		w.app.complain("%s", onLine(line, problems).Format(path, strings.Repeat("\n", line-1)+text))
		if problems.Fatal() {
			failed = errReported
			return nil
		}
		rules = append(rules, numberedRule{line, about.Full(n)})
		return nil
	})
	return rules, cmp.Or(err, failed)
}

// onLine moves problems from the first line of a text to another.
func onLine(line int, problems rule.Problems) rule.Problems {
	moved := slices.Clone(problems)
	for i := range moved {
		moved[i].Start += line - 1
		moved[i].End += line - 1
	}
	return moved
}

// eachLine calls take for each line of a file that is not blank; errors name the
// line. The file may be compressed with gzip.
func eachLine(path string, take func(line int, text string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, reason(err))
	}
	defer func() { _ = file.Close() }()
	reader, err := unzipped(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	lines := bufio.NewScanner(reader)
	lines.Buffer(nil, longestLine)
	line := 0
	for lines.Scan() {
		line++
		text := strings.TrimPrefix(lines.Text(), "\ufeff")
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := take(line, text); err != nil {
			return fmt.Errorf("%s line %d: %w", path, line, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s line %d: %w", path, line+1, tooLong(err))
	}
	return nil
}

// eachJSONLine reads a file with one JSON object a line.
func eachJSONLine[T any](path string, take func(v *T) error) error {
	return eachLine(path, func(_ int, text string) error {
		var v T
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return jsonReason(err)
		}
		return take(&v)
	})
}

// unzipped reads a file that may be compressed with gzip.
func unzipped(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		return gzip.NewReader(b)
	}
	return b, nil
}
