package code

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/config"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
	"gopkg.in/yaml.v3"
)

// IsFile tells whether a name is that of a file with segments.
func IsFile(name string) bool {
	ending := strings.ToLower(path.Ext(name))
	return ending == ".yaml" || ending == ".yml"
}

// opener opens a file by its name below the directory that is read.
type opener func(name string) (fs.File, error)

// Read reads files, and all files in directories. Dates without a zone are of the
// given one. What is wrong is in the problems of the set; the error is for names
// that cannot be read at all.
func Read(ctx context.Context, names []string, zone *calendar.Zone) (*Set, error) {
	set := &Set{zone: zone, files: map[string]int{}}
	err := eachFile(ctx, names, set.read)
	set.twice()
	set.sort()
	return set, err
}

// Texts calls take for the text of each file that Read would read.
func Texts(ctx context.Context, names []string, take func(name, text string) error) error {
	return eachFile(ctx, names, func(name, shown string, open opener) error {
		content, err := text(name, open)
		if err != nil {
			return fmt.Errorf("%s: %w", shown, err)
		}
		return take(shown, content)
	})
}

// eachFile calls take for the files that are named and those in directories that are,
// each once. Nothing outside of the directory of a name is opened.
func eachFile(ctx context.Context, names []string, take func(name, shown string, open opener) error) error {
	seen := map[string]bool{}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		below, list := name, []string(nil)
		if !info.IsDir() {
			below, list = filepath.Dir(name), []string{filepath.Base(name)}
		}
		root, err := os.OpenRoot(below)
		if err != nil {
			return err
		}
		if info.IsDir() {
			list, err = filesIn(root)
		}
		for _, file := range list {
			shown := filepath.Join(below, filepath.FromSlash(file))
			if full, wrong := filepath.Abs(shown); err == nil && wrong == nil && !seen[full] {
				seen[full] = true
				err = cmp.Or(ctx.Err(), take(file, shown, func(name string) (fs.File, error) { return root.Open(name) }))
			}
		}
		if err = errors.Join(err, root.Close()); err != nil {
			return err
		}
	}
	return nil
}

// filesIn lists the files of a directory and all below it, in the order of their names.
func filesIn(root *os.Root) (list []string, err error) {
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || !IsFile(name) || entry.Name() == config.UsualFile || strings.HasPrefix(entry.Name(), "."):
			return nil
		case len(list) == maxFiles:
			return fmt.Errorf("there are more than %d files", maxFiles)
		}
		list = append(list, name)
		return nil
	})
	return list, err
}

// text reads a file whole.
func text(name string, open opener) (string, error) {
	file, err := open(name)
	if err != nil {
		return "", bare(err)
	}
	defer func() { _ = file.Close() }()
	switch info, err := file.Stat(); {
	case err != nil:
		return "", bare(err)
	case !info.Mode().IsRegular():
		return "", errors.New("this is no ordinary file")
	}
	b, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return "", bare(err)
	case len(b) > maxFile:
		return "", fmt.Errorf("the file has more than %d bytes (16 MiB)", maxFile)
	}
	return string(b), nil
}

// bare leaves out what the message says otherwise: what was done to which file.
func bare(err error) error {
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		return of.Err
	}
	return err
}

// read reads one file into the set.
func (set *Set) read(name, shown string, open opener) error {
	set.files[shown] = len(set.files)
	content, err := text(name, open)
	if err != nil {
		set.report(&source{name: shown, lines: []int{0}}, rule.Problem{Message: err.Error()})
		return nil
	}
	set.Files++
	if set.bytes += int64(len(content)); set.bytes > maxBytes {
		return fmt.Errorf("the files have more than %d bytes (256 MiB)", maxBytes)
	}
	f := newSource(shown, content)
	if p := unreadable(f); p != nil {
		set.report(f, *p)
		return nil
	}
	beside := func(other string) (fs.File, error) { return open(path.Join(path.Dir(filepath.ToSlash(name)), other)) }
	for _, c := range f.chunks() {
		(&reader{chunk: c, set: set, open: beside}).document()
	}
	return nil
}

// file reads the customers of a list, one a line, as they come.
func (r *reader) file(n *yaml.Node, s *Segment) {
	name := r.value(n)
	if name == "" || path.IsAbs(name) || filepath.IsAbs(name) || strings.Contains(name, `\`) {
		r.report(r.span(n), "write members.csv, or lists/members.csv", "%q is no name of a file beside this one", name)
		return
	}
	file, err := r.open(name)
	if err != nil {
		r.report(r.span(n), "it must stand in the directory that is read", "the list %s cannot be read: %v", name, bare(err))
		return
	}
	defer func() { _ = file.Close() }()
	list, err := customers(file)
	if err != nil {
		r.report(r.span(n), "", "the list %s cannot be read: %v", name, err)
	}
	s.Include = slices.Concat(list, s.Include)
}

// clipped shortens a line for a message.
func clipped(line string) string {
	const most = 40
	if runes := []rune(line); len(runes) > most {
		line = string(runes[:most]) + "…"
	}
	return strconv.Quote(line)
}

// longest is how many bytes a line of a list can have.
const longest = 4 << 10

// customers reads one customer a line. Quotes around them, a heading "customer", blank
// lines and those that begin with # are passed over.
func customers(r io.Reader) (list []segment.Override, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longest)
	for number := 1; lines.Scan(); number++ {
		name := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		several := !strings.HasPrefix(name, "#") && strings.ContainsAny(name, ",;\t")
		if len(name) >= 2 && name[0] == '"' && name[len(name)-1] == '"' {
			name = name[1 : len(name)-1]
			several = strings.Contains(strings.ReplaceAll(name, `""`, ""), `"`)
			name = strings.TrimSpace(strings.ReplaceAll(name, `""`, `"`))
		}
		switch {
		case name == "" || strings.HasPrefix(name, "#") || number == 1 && strings.EqualFold(name, "customer"):
			continue
		case len(list) == maxList:
			return list, fmt.Errorf("it has more than %d customers", maxList)
		case several:
			return list, fmt.Errorf("line %d has several columns, %s: write one customer a line, and a name with such a mark in double quotes", number, clipped(name))
		case !legible(name):
			return list, fmt.Errorf("line %d is no text in UTF-8", number)
		}
		list = append(list, segment.Override{Customer: name})
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return list, fmt.Errorf("a line has more than %d bytes; one customer stands on a line", longest)
	}
	return list, lines.Err()
}
