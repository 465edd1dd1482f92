package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// minDocumented is the least share of exported names with a comment. The rest
// is for names that say everything, such as the methods of sort.Interface.
const minDocumented = 0.95

// unfinished are words for work that was not done. Plans belong in an issue.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX)\b`)

var proseRules = []rule{
	{
		says: "every package says what it is responsible for",
		find: packageComments,
		bad: map[string]string{
			"internal/a/a.go": "package a",
			"internal/b/b.go": "// Package b is.\npackage b",
			"internal/c/c.go": "// Package c holds what is left over of the rules\npackage c",
			"internal/d/d.go": "package d", "internal/d/doc.go": "// Package d holds what is left of the rules.\npackage d",
			"internal/e/e_test.go": "package e",
			"cmd/f/main.go":        "// Command f wires the parts of the program together.\npackage main",
		},
		found: []string{
			`internal/a: no file begins with "// Package a …" and a sentence that says what the package is responsible for`,
			`internal/b: no file begins with "// Package b …" and a sentence that says what the package is responsible for`,
			`internal/c: no file begins with "// Package c …" and a sentence that says what the package is responsible for`,
		},
	},
	{
		says: "exported names have comments",
		find: tooFewComments,
		bad: map[string]string{
			"internal/a/a.go": "package a\n// T is.\ntype T int\nfunc (T) M() {}\nfunc (t) N() {}\nfunc F() {}\n" +
				"// The kinds.\nconst (\n\tA = 1\n\tB = 2\n)\nvar (\n\tC = 1 // C is\n\tD = 2\n\te = 3\n)\n",
			"internal/a/a_test.go": "package a\nfunc G() {}",
		},
		found: []string{
			"57 % of 7 exported names have a comment, 95 % is the least; without are internal/a/a.go:14 D, internal/a/a.go:4 M, internal/a/a.go:6 F",
		},
	},
	{
		says:  "exported names without comments",
		warns: true,
		find:  func(t *tree) []string { missing, _ := uncommented(t); return missing },
		bad:   map[string]string{"internal/a/a.go": "package a\ntype (\n\t// T is.\n\tT int\n\tU int\n)\n"},
		found: []string{"internal/a/a.go:5 U"},
	},
	{
		says: "code is finished",
		find: unfinishedWork,
		bad: map[string]string{
			"a.go":     "package a\n\n// TO" + "DO: more\nvar a = \"TO" + "DO\"\n",
			"Makefile": "all:\n\ttrue # FIX" + "ME\n",
			"notes.md": "TO" + "DO lists",
		},
		found: []string{"Makefile:2: unfinished: FIX" + "ME", "a.go:3: unfinished: TO" + "DO"},
	},
}

func packageComments(t *tree) []string {
	said := map[string]bool{} // by folder: whether the package says what it is for
	for _, f := range t.goFiles() {
		if !f.isTest() {
			said[f.folder()] = said[f.folder()] || saysPurpose(f.code)
		}
	}
	var found []string
	for folder, ok := range said {
		if !ok {
			found = append(found, fmt.Sprintf(`%s: no file begins with "// Package %s …" and a sentence that says what the package is responsible for`, folder, path.Base(folder)))
		}
	}
	slices.Sort(found)
	return found
}

// saysPurpose wants the beginning that godoc wants, a verb with an object, and a full stop.
func saysPurpose(code *ast.File) bool {
	text := strings.TrimSpace(code.Doc.Text())
	begins := strings.HasPrefix(text, "Package "+code.Name.Name+" ") || code.Name.Name == "main" && strings.HasPrefix(text, "Command ")
	return begins && len(strings.Fields(text)) >= 6 && strings.HasSuffix(text, ".")
}

func tooFewComments(t *tree) []string {
	missing, total := uncommented(t)
	share := 1 - float64(len(missing))/float64(max(total, 1))
	if share >= minDocumented {
		return nil
	}
	return []string{fmt.Sprintf("%.0f %% of %d exported names have a comment, %.0f %% is the least; without are %s",
		100*share, total, 100*minDocumented, strings.Join(missing, ", "))}
}

// uncommented gives the places of exported names without a comment, and how many exported names there are.
func uncommented(t *tree) (missing []string, total int) {
	for _, f := range t.goFiles() {
		if f.isTest() {
			continue
		}
		for _, decl := range f.code.Decls {
			for name, commented := range exported(decl) {
				total++
				if !commented {
					missing = append(missing, t.at(name)+" "+name.Name)
				}
			}
		}
	}
	slices.Sort(missing)
	return missing, total
}

// exported gives the exported names of a declaration and whether they have a
// comment: their own, one behind them, or that of the group.
func exported(decl ast.Decl) map[*ast.Ident]bool {
	names := map[*ast.Ident]bool{}
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || receiver(d).IsExported()) {
			names[d.Name] = d.Doc != nil
		}
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			break
		}
		for _, spec := range d.Specs {
			addSpec(names, spec, d.Doc != nil)
		}
	}
	return names
}

func addSpec(names map[*ast.Ident]bool, spec ast.Spec, group bool) {
	var own []*ast.Ident
	var comments bool
	switch s := spec.(type) {
	case *ast.TypeSpec:
		own, comments = []*ast.Ident{s.Name}, s.Doc != nil || s.Comment != nil
	case *ast.ValueSpec:
		own, comments = s.Names, s.Doc != nil || s.Comment != nil
	}
	for _, name := range own {
		if name.IsExported() {
			names[name] = comments || group
		}
	}
}

// receiver gives the name of the type of a method.
func receiver(d *ast.FuncDecl) *ast.Ident {
	var name *ast.Ident
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == nil {
			name = id
		}
		return name == nil
	})
	return name
}

func unfinishedWork(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if f.code == nil {
			found = append(found, unfinishedLines(f)...)
			continue
		}
		for _, group := range f.code.Comments {
			for _, c := range group.List {
				if word := unfinished.FindString(c.Text); word != "" {
					found = append(found, t.at(c)+": unfinished: "+word)
				}
			}
		}
	}
	return found
}

// unfinishedLines looks into what is neither Go nor prose: scripts, settings, SQL.
func unfinishedLines(f *file) []string {
	var found []string
	if path.Ext(f.path) == ".md" || path.Ext(f.path) == ".sum" || strings.Contains(f.path, "testdata/") {
		return nil
	}
	for i, line := range strings.Split(f.text, "\n") {
		if word := unfinished.FindString(line); word != "" {
			found = append(found, fmt.Sprintf("%s:%d: unfinished: %s", f.path, i+1, word))
		}
	}
	return found
}
