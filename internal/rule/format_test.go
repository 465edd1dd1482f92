package rule_test

import (
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/rule"
)

func TestFormat(t *testing.T) {
	design := "country in (\"DE\")\n  and sum(order_completed.totl in last 365 days) > 500\n"
	long := strings.Repeat("a and ", 40) + "bb" + strings.Repeat(" or c", 40)
	for _, c := range []struct {
		name, text string
		problem    rule.Problem
		want       string
	}{
		{"as designed", design, rule.Problem{Span: rule.Span{Start: 28, End: 48},
			Message: `unknown event property "totl" of order_completed`, Hint: `did you mean "total"?`},
			"rule:2:11: unknown event property \"totl\" of order_completed; did you mean \"total\"?\n" +
				"  2 |   and sum(order_completed.totl in last 365 days) > 500\n" +
				"    |           ^~~~~~~~~~~~~~~~~~~~\n"},
		{"characters, not bytes", "größe = 😀 x", rule.Problem{Span: rule.Span{Start: 15, End: 16}, Message: "m"},
			"rule:1:11: m\n  1 | größe = 😀 x\n    |           ^\n"},
		{"tabs and control characters", "\ta\x1b[2J x\r\ny", rule.Problem{Span: rule.Span{Start: 7, End: 8}, Message: "m"},
			"rule:1:8: m\n  1 |  a\uFFFD[2J x\n    |        ^\n"},
		{"several lines", "a\n(b\nc)\n", rule.Problem{Span: rule.Span{Start: 2, End: 6}, Message: "m"},
			"rule:2:1: m\n  2 | (b\n    | ^~\n"},
		{"the end", "a and", rule.Problem{Span: rule.Span{Start: 5, End: 5}, Message: "m"},
			"rule:1:6: m\n  1 | a and\n    |      ^\n"},
		{"beyond the end", "a", rule.Problem{Span: rule.Span{Start: 50, End: 90}, Message: "m"},
			"rule:1:2: m\n  1 | a\n    |  ^\n"},
		{"a warning", "a", rule.Problem{Span: rule.Span{Start: 0, End: 1}, Message: "m", Warning: true},
			"rule:1:1: warning: m\n  1 | a\n    | ^\n"},
		{"the tenth line", strings.Repeat("\n", 9) + "a", rule.Problem{Span: rule.Span{Start: 9, End: 10}, Message: "m"},
			"rule:10:1: m\n  10 | a\n     | ^\n"},
		{"a long line", long, rule.Problem{Span: rule.Span{Start: 240, End: 242}, Message: "m"},
			"rule:1:241: m\n  1 | …" + strings.Repeat("a and ", 5) + "bb" + strings.Repeat(" or c", 13) + " or" + "…\n" +
				"    |  " + strings.Repeat(" ", 30) + "^~\n"},
		{"the end of a long line", long, rule.Problem{Span: rule.Span{Start: len(long), End: len(long)}, Message: "m"},
			"rule:1:443: m\n  1 | …" + strings.Repeat(" or c", 6) + "\n    |  " + strings.Repeat(" ", 30) + "^\n"},
		{"JSON", "{}", rule.Problem{Pointer: "/all/0", Message: "m", Hint: "h"}, "rule:/all/0: m; h\n"},
		{"JSON without text", "", rule.Problem{Message: "m"}, "rule: m\n"},
	} {
		if got := (rule.Problems{c.problem}).Format("rule", c.text); got != c.want {
			t.Errorf("%s:\n%s\ninstead of\n%s", c.name, got, c.want)
		}
	}
}
