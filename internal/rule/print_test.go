package rule_test

import (
	"testing"

	"github.com/kohorte/kohorte/internal/rule"
)

func TestPrint(t *testing.T) {
	const part = `sum(order_completed.total in last 365 days) > 500`
	for _, c := range []struct{ text, want string }{
		{`((a))AND(b or(c)) # comment`, "a and (b or c)"},
		{`(a and b) and (c and (d))`, "a and b and c and d"},
		{`(a or b) or not (c)`, "a or b or not c"},
		{`not (not a)`, "not (not a)"},
		{`not (a and b)`, "not (a and b)"},
		{`NOT IN SEGMENT s FOR 1 days`, "not in segment s for 1 day"},
		{"in segment  a . b or not entered segment `left`.`left`.`c d` today", "in segment a.b or not entered segment `left`.left.`c d` today"},
		{"in segment `a.b` or left segment `a.` today or in segment `.`", "in segment a.b or left segment `a.` today or in segment `.`"},
		{"`in`.in = 1 or `a b` or `größe` = `TODAY`", "`in`.in = 1 or `a b` or größe = `TODAY`"},
		{"x in(1,-2.50,\"a\",true,2026-01-01T00:00:00.000)", `x in (1, -2.5, "a", true, 2026-01-01T00:00)`},
		{`x = "\u00e4\u0000\t\n\"\\"`, `x = "ä\u0000\t\n\"\\"`},
		{`x = "\ud83d\ude00\u202e"`, `x = "😀\u202e"`},
		{`x = 0.00005 or x=-0`, `x = 0.0001 or x = 0`},
		{`x on 2026-01-01`, "x on 2026-01-01"},
		{`x after 2026-01-01T10:00:07+01:00`, "x after 2026-01-01T10:00:07+01:00"},
		{`x after 2026-01-01T10:00:00.1234567Z`, "x after 2026-01-01T10:00:00.123Z"},
		{`2026-11-26 in next 1 hour`, "2026-11-26 in next 1 hour"},
		{`a between 2026-01-01 and 2026-02-01 then b within 2 day`, "a between 2026-01-01 and 2026-02-01 then b within 2 days"},
		{`a today where (b then c within 1 day) and d then no e where not f within 3 weeks`,
			"a today where (b then c within 1 day) and d then no e where not f within 3 weeks"},
		{`a where b then c where x in last 3 days within 3 weeks and d`,
			"a where b then c where x in last 3 days within 3 weeks and d"},
		{`count(a where b then c within 1 day) > 0`, "count(a where b then c within 1 day) > 0"},
		{`a where count(b where (c then d within 1 day)) > 0 then e within 1 day`,
			"a where count(b where c then d within 1 day) > 0 then e within 1 day"},
		{`top 20 % by sum(o.total)`, "top 20% by sum(o.total)"},
		{`no products(price>3 or sku="a")`, `no products (price > 3 or sku = "a")`},
		{part + " and " + part, part + "\nand " + part},
		{part + " and (b or " + part + ")", part + "\nand (b or " + part + ")"},
		{"x and " + part + " or " + part, "x and " + part + "\nor " + part},
	} {
		n, problems := rule.Parse(c.text)
		if len(problems) > 0 {
			t.Errorf("%s", problems.Format("rule", c.text))
			continue
		}
		if got := rule.Print(n); got != c.want {
			t.Errorf("%s\nprinted as %s\ninstead of %s", c.text, got, c.want)
		}
	}
}
