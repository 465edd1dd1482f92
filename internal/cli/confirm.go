package cli

import (
	"bufio"
	"context"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/mapping"
)

// confirm shows the guess and asks whether to take it.
func (a *app) confirm(ctx context.Context, path string, m *mapping.Mapping, yes bool) error {
	a.complain("%s is read like this (keep it as a file for --map to change it):\n\n%s\n", path, indented(m.String()))
	if yes {
		return nil
	}
	if path == "-" {
		return usagef("standard input cannot be asked about; add --yes or --map FILE")
	}
	a.complain("Import it so? [y/N] ")
	answer, err := a.readLine(ctx)
	if err != nil {
		a.complain("\n")
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "j", "ja":
		return nil
	}
	a.complain("%s was not imported.\n", path)
	return errReported
}

// readLine reads an answer from standard input. It does not wait longer than ctx.
func (a *app) readLine(ctx context.Context) (string, error) {
	if a.answers == nil {
		a.answers = bufio.NewReader(a.Stdin)
	}
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := a.answers.ReadString('\n')
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case l := <-read:
		if l.err != nil && l.text == "" {
			return "", usagef("nobody answered; add --yes or --map FILE")
		}
		return l.text, nil
	}
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}
