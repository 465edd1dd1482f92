// Package config says what the server is set to and where each value comes from:
// a file, the environment over it, and the flags of the command over both.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
)

const (
	envPrefix = "KOHORTE_"

	// FileEnv is the name by which the environment names the file.
	FileEnv = envPrefix + "CONFIG"

	// UsualFile is read from the working directory if nobody names another file.
	UsualFile = "kohorte.yaml"
)

// Sources are where values can come from.
type Sources struct {
	File  string            // that the flag --config names; "" if it was not given
	Env   []string          // NAME=VALUE
	Flags map[string]string // the flags that were given, by the name of their setting
}

// FlagError is that a flag is wrong, not the file or the environment.
type FlagError struct{ error }

func (e FlagError) Unwrap() error { return e.error }

// Load reads the configuration. The error lists all problems, one a line, each
// with its place. A flag that is wrong is a FlagError.
func Load(from Sources) (*Config, error) { return load(Settings, from) }

func load(settings []Setting, from Sources) (*Config, error) {
	l := loader{settings: settings, config: &Config{}, from: from, env: environment(from.Env)}
	entries := l.file()
	for i := range settings {
		l.setting(&settings[i], entries)
	}
	l.strangers()
	return l.config, errors.Join(l.problems...)
}

// loader collects values and problems.
type loader struct {
	settings []Setting
	config   *Config
	from     Sources
	env      map[string]string
	problems []error
}

func (l *loader) report(format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf(format, args...))
}

// environment reads the variables of the program. One that is empty counts as not set.
func environment(all []string) map[string]string {
	env := map[string]string{}
	for _, variable := range all {
		if name, value, _ := strings.Cut(variable, "="); value != "" && strings.HasPrefix(name, envPrefix) {
			env[name] = value
		}
	}
	return env
}

// file reads the file that is named, or the usual one if it is there.
func (l *loader) file() map[string]entry {
	path, namedBy := UsualFile, ""
	if l.env[FileEnv] != "" {
		path, namedBy = l.env[FileEnv], FileEnv+": "
	}
	if l.from.File != "" {
		path, namedBy = l.from.File, "--config: "
	}
	text, err := os.ReadFile(path)
	if err != nil {
		if namedBy != "" || !errors.Is(err, fs.ErrNotExist) {
			l.report("%s%s: %w", namedBy, path, reason(err))
		}
		return nil
	}
	l.config.File = path
	r := reader{path: path, settings: l.settings}
	entries := r.read(text)
	l.problems = append(l.problems, r.problems...)
	return entries
}

// reason takes the path, which stands there already, out of an error.
func reason(err error) error {
	if of := new(fs.PathError); errors.As(err, &of) {
		return of.Err
	}
	return err
}

// setting takes the value of the weightiest source. Those of the others must make sense, too.
func (l *loader) setting(s *Setting, entries map[string]entry) {
	v := Value{Name: s.Name, From: FromDefault}
	if s.Default != "" {
		l.set(s, &v, FromDefault, s.Default, "")
	}
	if e, ok := entries[s.Name]; ok {
		text := e.text
		if s.kind.isPath && text != "" && !filepath.IsAbs(text) {
			text = filepath.Join(filepath.Dir(l.config.File), text)
		}
		l.set(s, &v, FromFile, text, fmt.Sprintf("%s:%d", l.config.File, e.line))
	}
	if text, ok := l.env[s.Env()]; ok {
		l.set(s, &v, FromEnv, text, s.Env())
	}
	if text, ok := l.from.Flags[s.Name]; ok {
		l.set(s, &v, FromFlag, text, "--"+s.Name)
	}
	l.config.effective = append(l.config.effective, v)
}

// set puts a value over the one before.
func (l *loader) set(s *Setting, v *Value, from, text, place string) {
	err := s.kind.set(l.config, text)
	switch {
	case text == "":
		err = errors.New("the value is missing")
	case err != nil && !s.Secret:
		err = fmt.Errorf("%w, not %q", err, text)
	}
	if err == nil {
		v.Text, v.From, v.Place = text, from, place
		if s.Secret {
			v.Text = masked
		}
		return
	}
	if from == FromFile {
		err = fmt.Errorf("%s: %w", s.Name, err)
	}
	err = fmt.Errorf("%s: %w", place, err)
	if from == FromFlag {
		err = FlagError{err}
	}
	l.problems = append(l.problems, err)
}

// strangers notes variables that look like a setting misspelt. Others are no
// problem: Kubernetes, for one, sets KOHORTE_PORT where a service is called kohorte.
func (l *loader) strangers() {
	known := []string{strings.TrimPrefix(FileEnv, envPrefix)}
	for i := range l.settings {
		known = append(known, strings.TrimPrefix(l.settings[i].Env(), envPrefix))
	}
	for variable := range l.env {
		name := strings.TrimPrefix(variable, envPrefix)
		if meant, ok := rule.Suggest(name, known); ok && !slices.Contains(known, name) {
			l.config.notes = append(l.config.notes, fmt.Sprintf("%s is set and means nothing; did you mean %s%s?", variable, envPrefix, meant))
		}
	}
	slices.Sort(l.config.notes)
}
