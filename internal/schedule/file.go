package schedule

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/export"
	"github.com/kohorte/kohorte/internal/store"
)

// maxPattern bounds the pattern of a file's name, in bytes.
const maxPattern = 200

// places are what may stand in the pattern of a file's name.
var places = []string{"{segment}", "{name}", "{date}", "{time}"}

var place = regexp.MustCompile(`\{[^{}]*\}`)

// checkFile tells what is wrong with the pattern of a file's name, which stays below the
// directory of exports whatever it is given.
func checkFile(pattern string) error {
	if pattern == "" || len(pattern) > maxPattern {
		return fmt.Errorf("the name of the file has 1 to %d bytes", maxPattern)
	}
	if _, ok := export.FormatOfFile(pattern); !ok {
		return fmt.Errorf("the ending of %s tells no format: it is .csv, .ndjson, .parquet or .xlsx", pattern)
	}
	for _, p := range place.FindAllString(pattern, -1) {
		if !slices.Contains(places, p) {
			return fmt.Errorf("%s: unknown %s; there is %s", pattern, p, strings.Join(places, ", "))
		}
	}
	for part := range strings.SplitSeq(place.ReplaceAllString(pattern, "x"), "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.ContainsFunc(part, unsafe) {
			return fmt.Errorf("%s: the name of a file is below the directory of exports, of letters, digits, - _ . and the places %s; no part of it begins with a dot", pattern, strings.Join(places, ", "))
		}
	}
	return nil
}

// unsafe tells what a part of a file's name cannot have.
func unsafe(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r)
}

// FileName gives the name of the file of an export at an instant, below the directory of exports.
func FileName(e *store.Export, due calendar.Instant, zone *calendar.Zone) string {
	c := zone.Civil(due)
	minutes := c.Milli / minuteMillis
	return strings.NewReplacer(
		"{date}", fmt.Sprintf("%04d-%02d-%02d", c.Year, c.Month, c.Day), "{time}", fmt.Sprintf("%02d%02d", minutes/60, minutes%60),
	).Replace(named(e))
}

// named gives the pattern of an export's file with its names.
func named(e *store.Export) string {
	return strings.NewReplacer("{segment}", safe(e.Segment), "{name}", safe(e.Name)).Replace(e.File)
}

// safe makes a part of a file's name of a name.
func safe(name string) string {
	return cmp.Or(strings.Map(func(r rune) rune {
		if unsafe(r) {
			return '_'
		}
		return r
	}, strings.TrimLeft(name, ".")), "_")
}

// locate gives the path of a file below a directory, which it makes if need be. It
// refuses what a symbolic link leads elsewhere.
func locate(dir, file string) (string, error) {
	path := filepath.Join(dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	within, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	if rest, err := filepath.Rel(root, within); err != nil || !filepath.IsLocal(rest) {
		return "", fmt.Errorf("%s leads out of the directory of exports", file)
	}
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is there and no file", file)
	}
	return path, nil
}

// sweep removes what was half written when the program was killed.
func sweep(dir string, exports []store.Export) error {
	var half []*regexp.Regexp
	for i := range exports {
		folder, name := filepath.Split(filepath.FromSlash(named(&exports[i])))
		half = append(half, regexp.MustCompile("^"+anyTime(folder)+`\.`+anyTime(name)+`\.\d+\.part$`))
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		rest, err := filepath.Rel(dir, path)
		if err == nil && slices.ContainsFunc(half, func(h *regexp.Regexp) bool { return h.MatchString(rest) }) {
			return os.Remove(path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // no export was made yet
	}
	return err
}

// anyTime makes a regular expression of a pattern, for all dates and times.
func anyTime(pattern string) string {
	return place.ReplaceAllString(strings.NewReplacer(`\{`, "{", `\}`, "}").Replace(regexp.QuoteMeta(pattern)), `[0-9-]*`)
}
