package house

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const (
	maxFileSize = 1 << 20 // bytes
	maxRequired = 25      // modules that go.mod requires directly
	minReason   = 4       // words
)

// machinePath is a path that exists on somebody's machine only. The names are
// in two halves so that the rule does not find itself.
var machinePath = regexp.MustCompile(`(?:^|[^\w.)\]}/-])/(?:wo` + `rk|ro` + `ot|ho` + `me|Us` + `ers)/\w`)

var filesRules = []rule{
	{
		says:  "the licence is Apache-2.0",
		find:  licence,
		bad:   map[string]string{"LICENSE": "MIT"},
		found: []string{"LICENSE: must be the text of the Apache License, Version 2.0"},
	},
	{
		says:  "no file is larger than 1 MiB",
		find:  largeFiles,
		bad:   map[string]string{"a.bin": strings.Repeat("\xff", maxFileSize+1), "b.bin": strings.Repeat("b", maxFileSize)},
		found: []string{"a.bin: 1048577 bytes, more than 1048576"},
	},
	{
		says: "no path of somebody's machine",
		find: machinePaths,
		bad: map[string]string{
			"a.go":  "package a\nvar a = \"/ho" + "me/anna/x\"\nvar b = \"https://example.de/ho" + "me/x\"",
			"b.txt": "../wo" + "rk/x\n/wo" + "rk/x",
		},
		found: []string{"a.go:2: names a path of one machine", "b.txt:2: names a path of one machine"},
	},
	{
		says: "few dependencies, each with its reason",
		find: dependencies,
		bad: map[string]string{
			"go.mod":       "module x\nrequire a.example/one v1.0.0\nrequire (\n\tb.example/two v1.0.0\n\tc.example/three v1.0.0 // indirect\n\te.example/five v1 // why\n)\n",
			"tools/go.mod": "tool (\n\tf.example/linter/cmd/lint\n)\ntool g.example/other\nrequire f.example/linter v1 // indirect\n",
			"docs/dependencies.md": "| module | reason |\n|---|---|\n| `a.example/one` | The one that does it all. |\n" +
				"| `b.example/two` | Good. |\n| `d.example/four` | No longer used by any package. |\n" +
				"| `g.example/other` | Finds what the first one overlooks. |\n",
		},
		found: []string{
			"docs/dependencies.md: a reason is missing for b.example/two, in a row | `b.example/two` | reason |",
			"docs/dependencies.md: a reason is missing for e.example/five, in a row | `e.example/five` | reason |",
			"docs/dependencies.md: a reason is missing for f.example/linter/cmd/lint, in a row | `f.example/linter/cmd/lint` | reason |",
			"docs/dependencies.md: d.example/four is neither required directly by go.mod nor a tool of tools/go.mod",
		},
	},
	{
		says:  "the dependency budget is kept",
		find:  dependencyBudget,
		bad:   map[string]string{"go.mod": "require (\n" + strings.Repeat("\ta.example/b v1.0.0\n", maxRequired+1) + ")\n"},
		found: []string{"go.mod: 26 direct requirements, more than 25"},
	},
}

func licence(t *tree) []string {
	text := t.find("LICENSE").text
	if strings.Contains(text, "Apache License") && strings.Contains(text, "Version 2.0, January 2004") && strings.Contains(text, "END OF TERMS AND CONDITIONS") {
		return nil
	}
	return []string{"LICENSE: must be the text of the Apache License, Version 2.0"}
}

func largeFiles(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if f.size > maxFileSize {
			found = append(found, fmt.Sprintf("%s: %d bytes, more than %d", f.path, f.size, maxFileSize))
		}
	}
	return found
}

func machinePaths(t *tree) []string {
	var found []string
	for _, f := range t.files {
		for i, line := range strings.Split(f.text, "\n") {
			if machinePath.MatchString(line) {
				found = append(found, fmt.Sprintf("%s:%d: names a path of one machine", f.path, i+1))
			}
		}
	}
	return found
}

func dependencies(t *tree) []string {
	var found []string
	reasons := reasonsGiven(t)
	required := slices.Concat(directives(t, "go.mod", "require"), directives(t, "tools/go.mod", "tool"))
	for _, module := range required {
		if reasons[module] < minReason {
			found = append(found, fmt.Sprintf("docs/dependencies.md: a reason is missing for %s, in a row | `%[1]s` | reason |", module))
		}
	}
	for module := range reasons {
		if !slices.Contains(required, module) {
			found = append(found, fmt.Sprintf("docs/dependencies.md: %s is neither required directly by go.mod nor a tool of tools/go.mod", module))
		}
	}
	return found
}

func dependencyBudget(t *tree) []string {
	if n := len(directives(t, "go.mod", "require")); n > maxRequired {
		return []string{fmt.Sprintf("go.mod: %d direct requirements, more than %d", n, maxRequired)}
	}
	return nil
}

// directives gives what the directives of one kind in a go.mod file name, without what is only indirect.
func directives(t *tree, name, kind string) []string {
	var named []string
	inBlock := false
	for _, line := range strings.Split(t.find(name).text, "\n") {
		rest, single := strings.CutPrefix(line, kind+" ")
		words := strings.Fields(rest)
		switch {
		case single && rest == "(":
			inBlock = true
		case strings.HasPrefix(line, ")"):
			inBlock = false
		case (inBlock || single) && len(words) > 0 && !strings.HasSuffix(line, "// indirect"):
			named = append(named, words[0])
		}
	}
	return named
}

// reasonRow is a row of the tables of docs/dependencies.md.
var reasonRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|(.*)\\|$")

// reasonsGiven counts the words of the reason of each documented module.
func reasonsGiven(t *tree) map[string]int {
	words := map[string]int{}
	for _, row := range reasonRow.FindAllStringSubmatch(t.find("docs/dependencies.md").text, -1) {
		words[row[1]] = len(strings.Fields(row[2]))
	}
	return words
}
