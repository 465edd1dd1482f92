package house

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A tree is the module's source as it would be committed.
type tree struct {
	fset  *token.FileSet
	files []*file
}

// A file is one file of the tree; what is not UTF-8 or is too large to be
// source has no text.
type file struct {
	path string // relative to the root, with slashes
	size int64
	text string
	code *ast.File // of Go files outside of testdata
}

const (
	modulePath = "github.com/kohorte/kohorte"
	maxText    = 4 << 20
)

// neverOurs are folders that Git or a package manager keeps.
var neverOurs = map[string]bool{".git": true, "bin": true, "node_modules": true}

// readTree reads and parses everything that is not ignored by .gitignore.
func readTree(fsys fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	ignored := ignorePatterns(fsys)
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case entry.IsDir() && (neverOurs[entry.Name()] || ignored.match(name)):
			return fs.SkipDir
		case entry.Type().IsRegular() && !ignored.match(name):
			return t.read(fsys, name, entry)
		}
		return nil
	})
	return t, err
}

func (t *tree) read(fsys fs.FS, name string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	f := &file{path: name, size: info.Size()}
	t.files = append(t.files, f)
	if f.size > maxText {
		return nil
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil || !utf8.Valid(data) {
		return err
	}
	f.text = string(data)
	if path.Ext(name) == ".go" && !strings.Contains("/"+name, "/testdata/") {
		f.code, err = parser.ParseFile(t.fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
	}
	return err
}

// goFiles gives the parsed files, without those that a program wrote.
func (t *tree) goFiles() []*file {
	var code []*file
	for _, f := range t.files {
		if f.code != nil && !ast.IsGenerated(f.code) {
			code = append(code, f)
		}
	}
	return code
}

// find gives the file at a path, an empty one if there is none.
func (t *tree) find(name string) *file {
	for _, f := range t.files {
		if f.path == name {
			return f
		}
	}
	return &file{path: name}
}

// at gives the place of a node for a message, as path:line.
func (t *tree) at(node ast.Node) string {
	p := t.fset.Position(node.Pos())
	return p.Filename + ":" + strconv.Itoa(p.Line)
}

func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// folder is the folder of the file: internal/rule, cmd/kohorte.
func (f *file) folder() string { return path.Dir(f.path) }

func (f *file) lines() int { return strings.Count(f.text, "\n") }

// imports gives the import paths of a Go file with the nodes that name them.
func (f *file) imports() map[string]*ast.ImportSpec {
	found := map[string]*ast.ImportSpec{}
	for _, spec := range f.code.Imports {
		if name, err := strconv.Unquote(spec.Path.Value); err == nil {
			found[name] = spec
		}
	}
	return found
}

// patterns are lines of a .gitignore file: names, globs, a slash in front for
// the root and one behind for folders. That is all that ours uses.
type patterns []string

func ignorePatterns(fsys fs.FS) patterns {
	f, err := fsys.Open(".gitignore")
	if err != nil {
		return nil
	}
	defer f.Close()
	var ps patterns
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if line := strings.TrimSpace(lines.Text()); line != "" && line[0] != '#' {
			ps = append(ps, strings.TrimSuffix(line, "/"))
		}
	}
	return ps
}

func (ps patterns) match(name string) bool {
	for _, p := range ps {
		subject := path.Base(name)
		if rooted, ok := strings.CutPrefix(p, "/"); ok {
			p, subject = rooted, name
		}
		if ok, _ := path.Match(p, subject); ok {
			return true
		}
	}
	return false
}
