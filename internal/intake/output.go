package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

const (
	usualBatch  = 5_000
	usualMemory = 256 << 20
	interval    = 1024 // rows between two looks at the context
	mostReasons = 1000 // different ones that are counted
)

// output collects records in batches, hands them on, and writes rows aside that are no good.
type output struct {
	ctx     context.Context // of the one import that an output lives for
	in      *Input
	opt     Options
	sink    Sink
	rows    *table.Rows // that are being read
	summary Summary
	reasons map[string]int

	records []record.Record
	spans   []span // which kept rows each record comes from
	kept    []byte
	ends    []int // where each kept row ends
	text    []byte
	names   []record.Identity

	rejects *table.Rejects
	file    io.WriteCloser
}

// span is a stretch of the kept rows.
type span struct{ from, to int }

func newOutput(ctx context.Context, in *Input, opt Options, sink Sink) *output {
	if opt.BatchSize <= 0 {
		opt.BatchSize = usualBatch
	}
	if opt.Memory <= 0 {
		opt.Memory = usualMemory
	}
	return &output{ctx: ctx, in: in, opt: opt, sink: sink, reasons: map[string]int{}}
}

// begin starts a reading of the file.
func (o *output) begin(last bool) (err error) {
	if o.rows, err = o.in.Rows(last); err == nil && o.in.survey != nil {
		o.rows.Expect(o.in.survey.Columns)
	}
	return err
}

// tick is called for every row: now and then it looks at the context and shows the progress.
func (o *output) tick(row int) error {
	if row%interval != 0 {
		return nil
	}
	o.show(false)
	return o.ctx.Err()
}

func (o *output) show(surveying bool) {
	if o.opt.Progress != nil {
		o.opt.Progress(Progress{
			Surveying: surveying, Bytes: o.rows.Bytes(), Size: o.in.Size, Rows: o.summary.Read, Rejected: o.summary.Rejected,
		})
	}
}

// keep keeps a row until the batch is handed on, and gives its place.
func (o *output) keep(row *table.Row) {
	o.kept = o.rows.Keep(o.kept, row)
	o.ends = append(o.ends, len(o.kept))
}

// keepAgain does the same for a row that was kept elsewhere.
func (o *output) keepAgain(kept []byte) {
	o.kept = append(o.kept, kept...)
	o.ends = append(o.ends, len(o.kept))
}

// emit adds the records that came from the rows kept since from.
func (o *output) emit(from int, records ...record.Record) error {
	for _, r := range records {
		o.records = append(o.records, r)
		o.spans = append(o.spans, span{from, len(o.ends)})
	}
	if len(o.records) >= o.opt.BatchSize {
		return o.flush()
	}
	return nil
}

// flush hands the batch on.
func (o *output) flush() error {
	if len(o.records) == 0 {
		o.reset()
		return nil
	}
	result, err := o.sink.Apply(o.ctx, o.records, o.opt.Now)
	if err != nil {
		return err
	}
	o.summary.Records += len(o.records)
	o.summary.Result.Add(result)
	if err := o.refused(result.Rejections); err != nil {
		return err
	}
	o.reset()
	return nil
}

func (o *output) reset() {
	o.records, o.spans, o.ends = o.records[:0], o.spans[:0], o.ends[:0]
	o.kept, o.text, o.names = o.kept[:0], o.text[:0], o.names[:0]
}

// refused rejects the rows of the records that the sink would not take, each once.
func (o *output) refused(rejections []store.Rejection) error {
	last := span{-1, -1}
	for _, rejection := range rejections {
		where := o.spans[rejection.Index]
		if where == last {
			continue
		}
		last = where
		for i := where.from; i < where.to; i++ {
			start := 0
			if i > 0 {
				start = o.ends[i-1]
			}
			if err := o.reject(o.rows.Kept(o.kept[start:o.ends[i]]), rejection.Reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// reject writes a row aside.
func (o *output) reject(row *table.Row, reason string) error {
	o.summary.Rejected++
	if _, known := o.reasons[reason]; known || len(o.reasons) < mostReasons {
		o.reasons[reason]++
	} else {
		o.reasons["other reasons"]++
	}
	if o.opt.Rejects == nil {
		return nil
	}
	if o.rejects == nil {
		file, err := o.opt.Rejects(o.in.Extension())
		if err != nil {
			return fmt.Errorf("the file for rejected rows: %w", err)
		}
		o.file, o.rejects = file, o.in.Input.Rejects(file)
	}
	return o.rejects.Write(row, reason)
}

// finish hands on what is left, unless the import failed, and closes the file of rejected rows.
func (o *output) finish(err error) (Summary, error) {
	if err == nil {
		err = o.flush()
	}
	if o.rejects != nil {
		err = errors.Join(err, o.rejects.Close(), o.file.Close())
	}
	for text, rows := range o.reasons {
		o.summary.Reasons = append(o.summary.Reasons, Reason{text, rows})
	}
	slices.SortFunc(o.summary.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Text, b.Text))
	})
	return o.summary, err
}
