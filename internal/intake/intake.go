// Package intake reads files of customers, companies, orders, events, calls and
// consents into records and hands them to the store. A row that is no good does
// not stop it and is not lost: it is written aside with the reason.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake/guess"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/survey"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// Sink takes records in, a batch at a time: all of it or, with an error, none.
// What the records point to is only lent until Apply returns.
type Sink interface {
	Apply(ctx context.Context, records []record.Record, received calendar.Instant) (store.Result, error)
}

// Options are what an import needs besides the file.
type Options struct {
	// Mapping says which column is what. Without it, or without columns in it, they are guessed.
	Mapping *mapping.Mapping
	// Kind is what the rows are, where no mapping says it; empty to guess it.
	Kind mapping.Kind
	// Zone is the workspace's time zone, Currency its currency.
	Zone     *calendar.Zone
	Currency string
	// Now is the time of import.
	Now calendar.Instant
	// BatchSize is how many records are handed on at a time; 0 is 5,000.
	BatchSize int
	// Memory is how many bytes of rows are held of orders whose lines have not all
	// been read; 0 is 256 MiB. What exceeds it costs another reading of the file.
	Memory int
	// Progress is called now and then.
	Progress func(Progress)
	// Rejects opens the file for rejected rows when the first one comes; extension
	// is .csv or .ndjson. Without it they are only counted.
	Rejects func(extension string) (io.WriteCloser, error)
	// Lookup opens a file that the mapping looks something up in, by the name it has there.
	Lookup func(name string) (io.ReadCloser, error)
}

// Progress tells how far an import is.
type Progress struct {
	// Surveying is set while the file is looked through before the import.
	Surveying bool
	// Bytes of Size were read, counted as they are on disk; a Size of 0 is unknown.
	Bytes, Size int64
	Rows        int
	Rejected    int
}

// Summary is what became of a file.
type Summary struct {
	// Read counts the rows, Skipped those that the mapping passes over, Rejected
	// those that were written aside. The others became Records.
	Read, Skipped, Rejected, Records int
	// Result is what became of the records. Its Rejections are counted in Rejected.
	Result store.Result
	// Reasons are why rows were rejected, the most frequent first.
	Reasons []Reason
}

// Reason is why some rows were rejected.
type Reason struct {
	Text string
	Rows int
}

// Input is a file whose form is known. Close it.
type Input struct {
	*table.Input
	survey *survey.Survey
}

// Open looks at the beginning of a file and finds out its form.
func Open(source table.Source) (*Input, error) {
	in, err := table.Open(source)
	if err != nil {
		return nil, err
	}
	return &Input{Input: in}, nil
}

// Guess looks through the file and guesses what its columns are. What is given,
// which may be nil or Partial, stays; a mapping with columns that is not partial
// is not touched. The comments of the guess say what it rests on. It fails if
// nothing in the file tells what it could be.
func (in *Input) Guess(ctx context.Context, given *mapping.Mapping, progress func(Progress)) (*mapping.Mapping, error) {
	if given == nil {
		given = &mapping.Mapping{}
	}
	if given.Kind == mapping.Calls || given.Kind == mapping.Postcodes || given.Columns != nil && !given.Partial {
		return given, nil
	}
	if err := in.declare(given); err != nil {
		return nil, err
	}
	if given.Kind == "" && given.Columns == nil && in.Format != table.CSV && guess.Calls(in.Sample()) {
		calls := *given
		calls.Kind = mapping.Calls
		return &calls, nil
	}
	if err := in.look(ctx, false, progress); err != nil {
		return nil, err
	}
	m, err := guess.Mapping(in.survey, in.Input, given)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	return m, nil
}

// declare hands on what a mapping says of the form of the file.
func (in *Input) declare(m *mapping.Mapping) error {
	if m.Encoding == "" && m.Delimiter == 0 && m.Header == nil {
		return nil
	}
	return in.Declare(table.Settings{Encoding: m.Encoding, Delimiter: m.Delimiter, Header: m.Header})
}

// look surveys the file, once.
func (in *Input) look(ctx context.Context, last bool, progress func(Progress)) (err error) {
	if in.survey != nil {
		return nil
	}
	in.survey, err = survey.Take(ctx, in.Input, last, func(bytes int64, rows int) {
		if progress != nil {
			progress(Progress{Surveying: true, Bytes: bytes, Size: in.Size, Rows: rows})
		}
	})
	return err
}

// Import reads a file into a sink. After an error, or when ctx ends, what was
// handed on stays: whole batches; importing the file again completes it.
func Import(ctx context.Context, in *Input, opt Options, sink Sink) (Summary, error) {
	m := opt.Mapping
	if m == nil {
		m = &mapping.Mapping{Kind: opt.Kind}
	}
	m, err := in.Guess(ctx, m, opt.Progress)
	if err != nil {
		return Summary{}, err
	}
	if err := m.Check(); err != nil {
		return Summary{}, err
	}
	if m.Kind == mapping.Postcodes {
		return Summary{}, errors.New("postcodes are no records: they are read by Postcodes")
	}
	if err := in.declare(m); err != nil {
		return Summary{}, err
	}
	out := newOutput(ctx, in, opt, sink)
	if m.Kind == mapping.Calls {
		err = out.calls(m)
	} else {
		err = out.table(m)
	}
	return out.finish(err)
}
