package benchdata

import (
	_ "embed"
	"slices"
	"strings"
)

// rules.txt has one rule a line; those that begin with "typical:" are the typical ones.
//
//go:embed rules.txt
var rulesText string

const typical = "typical: "

// Rules gives a hundred different rules such as marketers write, typical and
// elaborate ones, for the generated data.
func Rules() []string {
	rules := lines()
	for i := range rules {
		rules[i] = strings.TrimPrefix(rules[i], typical)
	}
	return rules
}

// Typical gives the rules of one to three parts that stand for what is asked most.
func Typical() []string {
	rules := slices.DeleteFunc(lines(), func(line string) bool { return !strings.HasPrefix(line, typical) })
	for i := range rules {
		rules[i] = strings.TrimPrefix(rules[i], typical)
	}
	return rules
}

func lines() []string { return strings.Split(strings.TrimSpace(rulesText), "\n") }
