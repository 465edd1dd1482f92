package house

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const (
	maxRequired = 25 // modules that go.mod requires directly
	minReason   = 4  // words
)

var moduleRules = []rule{
	{
		says: "go.mod requires what the code imports, and no more",
		find: untidyModules,
		bad: map[string]string{
			"go.mod":    "require (\n\ta.example/one v1\n\tb.example/two v1\n\tc.example/three v1 // indirect\n)\n",
			"a.go":      goFile("a", "a.example/one/part", "c.example/three", "strings", "math/big", modulePath+"/internal/rule"),
			"a_test.go": goFile("a", "a.example/onemore"),
		},
		found: []string{
			"a.go:3: c.example/three is imported, but go.mod does not require its module directly: run go mod tidy",
			"a_test.go:2: a.example/onemore is imported, but go.mod does not require its module directly: run go mod tidy",
			"go.mod: b.example/two is required directly, but nothing imports it: run go mod tidy",
		},
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

// untidyModules finds what go mod tidy would change. It asks neither the
// network nor the module cache, unlike go mod tidy -diff.
func untidyModules(t *tree) []string {
	var found []string
	required := directives(t, "go.mod", "require")
	used := map[string]bool{}
	for _, f := range t.goFiles() {
		for imported, spec := range f.imports() {
			host, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(host, ".") || within(imported, []string{modulePath}) {
				continue
			}
			i := slices.IndexFunc(required, func(module string) bool { return within(imported, []string{module}) })
			if i < 0 {
				found = append(found, fmt.Sprintf("%s: %s is imported, but go.mod does not require its module directly: run go mod tidy", t.at(spec), imported))
				continue
			}
			used[required[i]] = true
		}
	}
	for _, module := range required {
		if !used[module] {
			found = append(found, fmt.Sprintf("go.mod: %s is required directly, but nothing imports it: run go mod tidy", module))
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
