package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/export"
	"github.com/kohorte/kohorte/internal/projection"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// Selection says which customers are exported: the members of a segment or, without
// one, those whom a rule lets in.
type Selection struct {
	Segment string
	Rule    string
	Members spec.Members // of whom the rule is; "" means people
	Lenient bool
}

// Table gives the members of a segment or a rule with what package projection makes of
// the columns, as they are now; at is the instant. Who is in a segment is that of one
// commit. What is known of customers is read between commits, some thousands at a time,
// so that the engine never waits for the export: of late rows it may be newer.
func (e *Engine) Table(ctx context.Context, of Selection, columns []string) (table *export.Table, at calendar.Instant, err error) {
	identities, err := projection.ReadIdentities(ctx, e.store, columns)
	if err != nil {
		return nil, 0, err
	}
	pick, shards, at, err := e.pick(ctx, of)
	if err != nil {
		return nil, 0, err
	}
	if d, err := e.definitionOf(of.Segment); err == nil {
		of.Members = d.Members
	}
	e.structure.RLock()
	defer e.structure.RUnlock()
	source := projection.Source{
		Schema: e.index.Schema, Places: e.index.Places, Identities: identities, Label: "columns", Companies: of.Members == spec.Companies,
		Ranks: func(p *eval.Program, now calendar.Instant) []*eval.Ranks { return ranksOf(p, shards, now) },
	}
	chosen, err := source.Columns(columns, at)
	if err != nil {
		return nil, 0, err
	}
	zone := e.index.Schema.Zone
	return &export.Table{Columns: projection.Exported(chosen), Zone: zone, Rows: func(yield func([]export.Cell, error) bool) {
		var cells []export.Cell
		for n, s := range shards {
			cells = e.project(s, n, pick, chosen, zone, cells[:0])
			for row := range slices.Chunk(cells, len(chosen)) {
				if !yield(row, nil) {
					return
				}
			}
		}
	}}, at, nil
}

// project makes the rows of a shard between two commits.
func (e *Engine) project(s *shard, n int, pick picker, chosen []projection.Column, zone *calendar.Zone, cells []export.Cell) []export.Cell {
	e.committing.RLock()
	defer e.committing.RUnlock()
	s.RLock()
	defer s.RUnlock()
	for _, row := range pick(s, n) {
		if s.block.Gone(int(row)) {
			continue
		}
		for i := range chosen {
			cells = append(cells, chosen[i].Exported(s.block, int(row), zone))
		}
	}
	return cells
}

// picker gives the rows of a shard, of its number, that are selected; the shard is locked.
type picker func(s *shard, n int) []int32

// pick finds out who is selected, at which instant.
func (e *Engine) pick(ctx context.Context, of Selection) (picker, []*shard, calendar.Instant, error) {
	if of.Segment != "" {
		return e.pickMembers(of.Segment)
	}
	p, shards, release, err := e.prepareRule(ctx, Question{Rule: of.Rule, Members: of.Members, Lenient: of.Lenient})
	if err != nil {
		return nil, nil, 0, err
	}
	defer release()
	at, m := e.now(), p.Machine()
	m.UseRanks(ranksOf(p, shards, at))
	return func(s *shard, _ int) []int32 { return m.Select(s.block, at) }, shards, at, nil
}

// pickMembers picks the members of a segment as they are between two commits.
func (e *Engine) pickMembers(name string) (picker, []*shard, calendar.Instant, error) {
	e.committing.RLock()
	defer e.committing.RUnlock()
	s := e.segments[name]
	switch {
	case s == nil:
		return nil, nil, 0, fmt.Errorf("%w: %s", ErrNoSegment, name)
	case s.Definition.Kind == spec.Segmentation:
		return nil, nil, 0, wrong("%s is a segmentation; ask for one of its parts, such as %s", name, s.said().Derived()[0].Name)
	case s.active == nil && s.Definition.State == spec.Active:
		return nil, nil, 0, wrong("%s is being evaluated for the first time, or cannot be; its members are not known yet", name)
	}
	rows := make([][]int32, len(e.shards))
	if s.active != nil {
		for n, shard := range e.shards {
			for row := range shard.block.IDs {
				if shard.member(row, s.active.slot) {
					rows[n] = append(rows[n], int32(row))
				}
			}
		}
	}
	return func(_ *shard, n int) []int32 { return rows[n] }, slices.Clone(e.shards), e.now(), nil
}
