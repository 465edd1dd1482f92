package house

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
)

// layers are the packages in the order of the data. A package imports from its
// own layer and from those before it; that a layer has no cycles the compiler sees to.
// Folders below a package stand in its layer.
var layers = [][]string{
	{"internal/number", "internal/calendar", "internal/fold", "internal/clock"},
	{"internal/catalog", "internal/record", "internal/rule", "internal/segment"},
	{"internal/language", "internal/check", "internal/sentence", "internal/store", "internal/intake", "internal/config", "internal/keyring", "internal/tracking"},
	{"internal/columns"},
	{"internal/eval"},
	{"internal/index", "internal/export"},
	{"internal/history", "internal/overlap", "internal/projection"},
	{"internal/live"},
	{"internal/scenario", "internal/code", "internal/advise"},
	{"internal/webhook", "internal/schedule"},
	{"internal/api"},
	{"internal/serve"},
	{"internal/demo", "internal/bench", "internal/benchdata"},
	{"internal/cli"},
	{"cmd/kohorte"},
}

// onlyTests are packages for tests: no other code may import them. So are
// those whose name ends in test, as ruletest, wherever they stand.
var onlyTests = []string{"internal/naive", "internal/house"}

// keepers are imports that belong to a few packages, so that what they stand
// for has one home. Tests and the packages for tests are free.
var keepers = map[string][]string{
	"math/big":               {"internal/number"}, // exact numbers are number.Number everywhere else
	"modernc.org/sqlite":     {"internal/store"},  // nobody else knows which database it is
	"modernc.org/libc":       {"internal/store"},
	"github.com/spf13/cobra": {"internal/cli"}, // commands are wired in one place
	"pgregory.net/rapid":     {},               // no program carries its tests
	"C":                      {},               // pure Go, so that it builds everywhere
	top:                      {"cmd/kohorte"},
}

// top is the package that nothing but the program stands on, tests included.
const top = modulePath + "/internal/cli"

// callers are functions that only some packages may call, tests included.
var callers = map[string][]string{
	"time.Now":   clockOwners,
	"time.Since": clockOwners,
	"time.Until": clockOwners,
	"time.Sleep": {}, // code waits for signals, and tests too
	"os.Exit":    {"cmd/kohorte"},
}

// clockOwners read the clock and hand instants on.
var clockOwners = []string{"internal/clock", "internal/bench", "internal/cli", "cmd/kohorte"}

var orderRules = []rule{
	{
		says: "imports follow the order of the data",
		find: layering,
		bad: map[string]string{
			"internal/eval/eval.go":      goFile("eval", modulePath+"/internal/index", modulePath+"/internal/rule"),
			"internal/eval/eval_test.go": goFile("eval", modulePath+"/internal/index"),
			"internal/rule/json/json.go": goFile("json", modulePath+"/internal/eval/x", modulePath+"/internal/catalog"),
			"internal/misc/misc.go":      goFile("misc"),
			"internal/index/index.go":    goFile("index", modulePath+"/internal/naive", modulePath+"/internal/rule/ruletest"),
			"internal/naive/naive.go":    goFile("naive", modulePath+"/internal/rule/ruletest"),
		},
		found: []string{
			"internal/eval/eval.go:2: internal/eval imports internal/index, which comes after it in the order of the data",
			"internal/index/index.go:2: internal/naive is for tests only",
			"internal/index/index.go:3: internal/rule/ruletest is for tests only",
			"internal/misc/misc.go:1: internal/misc has no place in the order of the data yet: give it one in internal/house/order_test.go",
			"internal/rule/json/json.go:2: internal/rule/json imports internal/eval/x, which comes after it in the order of the data",
		},
	},
	{
		says: "some imports have one home",
		find: strayImports,
		bad: map[string]string{
			"internal/eval/eval.go":      goFile("eval", "math/big", "math"),
			"internal/eval/eval_test.go": goFile("eval", "math/big", top),
			"internal/naive/naive.go":    goFile("naive", "math/big", "pgregory.net/rapid"),
			"internal/number/number.go":  goFile("number", "math/big"),
			"internal/store/store.go":    goFile("store", "modernc.org/sqlite/lib", "pgregory.net/rapid"),
		},
		found: []string{
			"internal/eval/eval.go:2: math/big may be imported by internal/number only",
			"internal/eval/eval_test.go:3: " + top + " may be imported by cmd/kohorte only",
			"internal/store/store.go:3: pgregory.net/rapid may be imported by tests only",
		},
	},
	{
		says: "the clock is read at the top and handed down, and nobody sleeps",
		find: strayCalls,
		bad: map[string]string{
			"internal/eval/eval.go":      "package eval\nimport \"time\"\nvar a = time.Now()\nvar b = time.Now",
			"internal/eval/eval_test.go": "package eval\nimport clock \"time\"\nfunc f() { clock.Sleep(1) }",
			"internal/cli/cli.go":        "package cli\nimport \"time\"\nvar a = time.Now()",
			"internal/rule/rule.go":      "package rule\ntype t struct{ Now int }\nfunc f(time t) int { return time.Now }",
		},
		found: []string{
			"internal/eval/eval.go:3: time.Now is for internal/clock, internal/bench, internal/cli, cmd/kohorte",
			"internal/eval/eval.go:4: time.Now is for internal/clock, internal/bench, internal/cli, cmd/kohorte",
			"internal/eval/eval_test.go:3: time.Sleep is for nobody",
		},
	},
}

func layering(t *tree) []string {
	var found []string
	unplaced := map[string]bool{}
	for _, f := range t.goFiles() {
		folder := f.folder()
		if f.isTest() || forTests(folder) {
			continue
		}
		own := layerOf(folder)
		if own < 0 {
			if !unplaced[folder] {
				found = append(found, fmt.Sprintf("%s: %s has no place in the order of the data yet: give it one in internal/house/order_test.go", t.at(f.code), folder))
			}
			unplaced[folder] = true
			continue
		}
		for imported, spec := range f.imports() {
			other, ours := strings.CutPrefix(imported, modulePath+"/")
			switch {
			case !ours:
			case forTests(other):
				found = append(found, fmt.Sprintf("%s: %s is for tests only", t.at(spec), other))
			case layerOf(other) > own:
				found = append(found, fmt.Sprintf("%s: %s imports %s, which comes after it in the order of the data", t.at(spec), folder, other))
			}
		}
	}
	return found
}

func strayImports(t *tree) []string {
	var found []string
	for _, f := range t.goFiles() {
		for imported, spec := range f.imports() {
			for kept, owners := range keepers {
				free := kept != top && (f.isTest() || forTests(f.folder()))
				if within(imported, []string{kept}) && !free && !within(f.folder(), owners) {
					found = append(found, fmt.Sprintf("%s: %s may be imported by %s only", t.at(spec), kept, names(owners, "tests")))
				}
			}
		}
	}
	return found
}

func strayCalls(t *tree) []string {
	var found []string
	for _, f := range t.goFiles() {
		packages := localNames(f)
		ast.Inspect(f.code, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := selector.X.(*ast.Ident); ok {
				called := packages[x.Name] + "." + selector.Sel.Name
				if owners, kept := callers[called]; kept && !within(f.folder(), owners) {
					found = append(found, fmt.Sprintf("%s: %s is for %s", t.at(selector), called, names(owners, "nobody")))
				}
			}
			return true
		})
	}
	return found
}

// localNames maps the names by which a file calls its imports to their paths.
func localNames(f *file) map[string]string {
	local := map[string]string{}
	for imported, spec := range f.imports() {
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		local[name] = imported
	}
	return local
}

// within tells whether a path is one of the roots or below one.
func within(name string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return name == root || strings.HasPrefix(name, root+"/")
	})
}

func forTests(folder string) bool {
	return within(folder, onlyTests) || strings.HasSuffix(path.Base(folder), "test")
}

func layerOf(folder string) int {
	return slices.IndexFunc(layers, func(layer []string) bool { return within(folder, layer) })
}

// names lists folders, or says for whom something is if for no folder.
func names(folders []string, none string) string {
	if len(folders) == 0 {
		return none
	}
	return strings.Join(folders, ", ")
}

// goFile is the source of an example: the package clause and an import a line.
func goFile(name string, imports ...string) string {
	text := "package " + name + "\n"
	for _, i := range imports {
		text += "import " + strconv.Quote(i) + "\n"
	}
	return text
}
