package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kind is what a value of a setting looks like and where it goes.
type kind struct {
	placeholder string // for a value, in capitals
	isPath      bool   // relative to the directory of the file that sets it
	set         func(c *Config, text string) error
}

// An error of a kind says what is expected; that and what stands there instead
// makes the sentence.

func directory(into func(*Config) *string) kind {
	return kind{placeholder: "DIR", isPath: true, set: func(c *Config, text string) error {
		*into(c) = text
		return nil
	}}
}

var workspaceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)

// name is checked as the store checks it when it opens the workspace.
func name(into func(*Config) *string) kind {
	return kind{placeholder: "NAME", set: func(c *Config, text string) error {
		if !workspaceName.MatchString(text) {
			return errors.New("a name of up to 63 of the letters a to z, digits, - and _ is expected")
		}
		*into(c) = text
		return nil
	}}
}

func address(into func(*Config) *string) kind {
	return kind{placeholder: "ADDRESS", set: func(c *Config, text string) error {
		_, port, err := net.SplitHostPort(text)
		if _, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil {
			return errors.New("a host and a port are expected, such as 127.0.0.1:8077 or :8077")
		}
		*into(c) = text
		return nil
	}}
}

func level(into func(*Config) *slog.Level) kind {
	var chosen string
	words := word(func(*Config) *string { return &chosen }, "debug", "info", "warn", "error")
	return kind{placeholder: "LEVEL", set: func(c *Config, text string) error {
		if err := words.set(c, text); err != nil {
			return err
		}
		return into(c).UnmarshalText([]byte(text))
	}}
}

func word(into func(*Config) *string, words ...string) kind {
	return kind{placeholder: "WORD", set: func(c *Config, text string) error {
		if !slices.Contains(words, text) {
			last := len(words) - 1
			return fmt.Errorf("%s or %s is expected", strings.Join(words[:last], ", "), words[last])
		}
		*into(c) = text
		return nil
	}}
}

func count(into func(*Config) *int) kind {
	const most = 1_000_000_000
	return kind{placeholder: "N", set: func(c *Config, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > most {
			return fmt.Errorf("a whole number from 1 to %d is expected", most)
		}
		*into(c) = n
		return nil
	}}
}

func duration(into func(*Config) *time.Duration) kind {
	return kind{placeholder: "DURATION", set: func(c *Config, text string) error {
		d, err := time.ParseDuration(text)
		if err != nil || d < time.Millisecond {
			return errors.New("a length of time with its unit is expected, such as 500ms, 15s or 2m")
		}
		*into(c) = d
		return nil
	}}
}
