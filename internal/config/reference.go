package config

import (
	"fmt"
	"strings"
)

// Marks in docs/configuration.md between which the reference stands.
const (
	ReferenceBegin = "<!-- The reference begins here; go generate ./internal/config writes it. -->"
	ReferenceEnd   = "<!-- The reference ends here. -->"
)

//go:generate go test -run TestReference -update .

// Reference describes all settings as a table in Markdown.
func Reference() string {
	var b strings.Builder
	b.WriteString("\n| setting | environment | default | what it is |\n|---|---|---|---|\n")
	for i := range Settings {
		s := &Settings[i]
		usual := ""
		if s.Default != "" {
			usual = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.Name, s.Env(), usual, strings.ToUpper(s.Help[:1])+s.Help[1:])
	}
	b.WriteString("\n")
	return b.String()
}
