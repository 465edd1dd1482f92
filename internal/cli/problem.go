package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// errReported ends the program with status 1 after everything was said.
var errReported = errors.New("reported")

// usageError is a wrong call, as opposed to a problem with data.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// wrongFlag says what is wrong with a flag, without the words of the library that read it.
func wrongFlag(cmd *cobra.Command, err error) error {
	text := err.Error()
	var number *strconv.NumError
	if errors.As(err, &number) {
		text = strings.TrimSuffix(text, number.Error()) + "a whole number is expected"
		if errors.Is(number, strconv.ErrRange) {
			text = strings.Replace(text, "a whole number is expected", "the number is too large", 1)
		}
	}
	return usagef("%s; %s --help lists the flags", text, cmd.CommandPath())
}

// reason puts what the operating system says of a file into words, without its
// path: callers name the file.
func reason(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return said{"there is no such file", err}
	case errors.Is(err, fs.ErrPermission):
		return said{"this user may not do that", err}
	case errors.As(err, &path):
		return path.Err
	}
	return err
}

// said is an error in words of its own.
type said struct {
	text  string
	cause error
}

func (s said) Error() string { return s.text }
func (s said) Unwrap() error { return s.cause }

// tooLong says that a line does not end where lines end.
func tooLong(err error) error {
	if errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("the line is longer than %d characters", longestLine)
	}
	return reason(err)
}

// longestLine bounds the lines of files that are read line by line.
const longestLine = 1 << 20

// jsonReason says what is wrong with a JSON object on a line.
func jsonReason(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("expected a JSON object, not %s", an(kind.Value))
	case errors.As(err, &kind):
		return fmt.Errorf("%q must be %s, not %s", kind.Field, expected(kind.Type), an(kind.Value))
	case errors.As(err, &syntax):
		return fmt.Errorf("this is no JSON object: it goes wrong after %d characters", max(syntax.Offset-1, 0))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("this is no JSON object: its end is missing")
	}
	return err
}

func expected(t reflect.Type) string {
	if t.Kind() == reflect.Int {
		return "a whole number"
	}
	return "a text in quotes"
}

// an names what JSON has instead; numbers come with their digits.
func an(value string) string {
	value, _, _ = strings.Cut(value, " ")
	switch value {
	case "bool":
		return "true or false"
	case "string":
		return "a text"
	case "array", "object":
		return "an " + value
	}
	return "a " + value
}
