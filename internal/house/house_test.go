package house

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
)

// A rule of the house.
type rule struct {
	says  string
	find  func(*tree) []string // what breaks the rule, as path:line and a sentence
	warns bool                 // findings are worth a look, not a failure
	// bad is a small tree that breaks the rule, found is what the rule finds in it.
	bad   map[string]string
	found []string
}

// rules are all rules; each stands in the file of its subject.
var rules = slices.Concat(orderRules, proseRules, sizeRules, filesRules, moduleRules)

// TestHouse holds the module to the rules.
func TestHouse(t *testing.T) {
	tree, err := readTree(os.DirFS(moduleRoot(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.goFiles()) < 10 {
		t.Fatalf("only %d Go files found: the rules read the wrong folder", len(tree.goFiles()))
	}
	for _, r := range rules {
		t.Run(r.says, func(t *testing.T) {
			for _, finding := range r.find(tree) {
				if r.warns {
					t.Log(finding)
				} else {
					t.Error(finding)
				}
			}
		})
	}
}

// TestRulesBite shows that each rule finds what breaks it, and no more.
func TestRulesBite(t *testing.T) {
	for _, r := range rules {
		t.Run(r.says, func(t *testing.T) {
			found := r.find(exampleTree(t, r.bad))
			slices.Sort(found)
			if !slices.Equal(found, r.found) {
				t.Errorf("found %q\n want %q", found, r.found)
			}
		})
	}
}

// TestIgnoredFilesAreNotRead holds for what .gitignore and Git keep out.
func TestIgnoredFilesAreNotRead(t *testing.T) {
	tree := exampleTree(t, map[string]string{
		".gitignore": "# build\n/bin/\n/data/\n*.prof\n", ".git/config": "", "bin/kohorte": "", "data/x/y.db": "",
		"cpu.prof": "", "sub/data/kept.txt": "", "web/node_modules/a/b.js": "", "binary": "\xff\xfe", "a/testdata/broken.go": "{",
	})
	var paths []string
	for _, f := range tree.files {
		paths = append(paths, f.path)
	}
	want := []string{".gitignore", "a/testdata/broken.go", "binary", "sub/data/kept.txt"}
	if !slices.Equal(paths, want) {
		t.Errorf("read %q, want %q", paths, want)
	}
}

func exampleTree(t *testing.T, files map[string]string) *tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := readTree(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above the working directory")
	}
}
