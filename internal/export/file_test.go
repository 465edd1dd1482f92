package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// names lists a directory.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFilesAreWhole(t *testing.T) {
	for _, f := range formats {
		dir := t.TempDir()
		path := filepath.Join(dir, "members."+f.String())
		if r, err := ToFile(t.Context(), path, many(1000, nil), Options{Format: f}); err != nil || r.Rows != 1000 {
			t.Fatalf("%+v, %v", r, err)
		}
		if got, want := read(t, path), string(written(t, many(1000, nil), Options{Format: f})); got != want {
			t.Errorf("%s: the file has %d bytes, the stream %d", f, len(got), len(want))
		}
		if all := names(t, dir); len(all) != 1 {
			t.Errorf("left over: %q", all)
		}
	}
}

func TestAfterAnErrorNothingIsLeft(t *testing.T) {
	broken := errors.New("the source is broken")
	for _, before := range []string{"", "what stood here before"} {
		for _, f := range formats {
			dir := t.TempDir()
			path := filepath.Join(dir, "members")
			if before != "" {
				if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := ToFile(t.Context(), path, many(1000, broken), Options{Format: f}); !errors.Is(err, broken) {
				t.Errorf("%s: %v", f, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			half := Options{Format: f, Progress: func(int64) { cancel() }}
			if _, err := ToFile(ctx, path, many(1000, nil), half); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", f, err)
			}
			cancel()
			all := names(t, dir)
			if before == "" && len(all) != 0 || before != "" && (len(all) != 1 || read(t, path) != before) {
				t.Errorf("%s: left over: %q", f, all)
			}
		}
	}
}

// TestCancellationAtTheEnd ends the context when all rows were handed over: there is no file then either.
func TestCancellationAtTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	table := many(10, nil)
	rows := table.Rows
	table.Rows = func(yield func([]Cell, error) bool) {
		rows(yield)
		cancel()
	}
	defer cancel()
	if _, err := ToFile(ctx, filepath.Join(dir, "a.csv"), table, Options{}); !errors.Is(err, context.Canceled) || len(names(t, dir)) != 0 {
		t.Errorf("%v, left over: %q", err, names(t, dir))
	}
}

func TestModesAndLinksStay(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes and links are others there")
	}
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a.csv"), filepath.Join(dir, "link.csv")
	mode := func() os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	if _, err := ToFile(t.Context(), path, many(1, nil), Options{}); err != nil || mode() != privately {
		t.Errorf("%v, %v", mode(), err)
	}
	if err := errors.Join(os.Chmod(path, 0o644), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	if _, err := ToFile(t.Context(), link, many(2, nil), Options{}); err != nil || mode() != 0o644 {
		t.Errorf("%v, %v", mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 || read(t, path) != string(written(t, many(2, nil), Options{})) {
		t.Errorf("the link was replaced, %v", err)
	}
}

func TestDevicesAndPipesGetAStream(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/dev/fd is needed")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/dev/fd/%d", w.Fd())
	if _, err := ToFile(t.Context(), path, many(3, nil), Options{Format: NDJSON}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if want := written(t, many(3, nil), Options{Format: NDJSON}); err != nil || string(got) != string(want) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestDirectoriesAreRefused(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "no", "a.csv")} {
		if _, err := ToFile(t.Context(), path, many(1, nil), Options{}); err == nil {
			t.Error("exported to", path)
		}
	}
	if all := names(t, dir); len(all) != 0 {
		t.Errorf("left over: %q", all)
	}
}
