package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store/chapter"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Chronicle reads the log of transitions by segment, from its chapters and what
// came after them. It belongs to its view.
type Chronicle struct {
	view *View
	tail map[int64][]chapter.Change // after the last chapter, by segment
}

// changeColumns are what a change of a chapter has.
const changeColumns = "seq, segment, customer, entered, due, cause"

func scanChange(q *lite.Stmt) (segment int64, c chapter.Change) {
	return q.Int(1), chapter.Change{Customer: uint32(q.Int(2)), Entered: q.Int(3) == 1, Due: q.Int(4), Cause: uint8(q.Int(5))}
}

// Chronicle opens the log. It reads what no chapter has yet, which takes a tenth of
// a second at most unless a very large commit was the last one.
func (v *View) Chronicle(ctx context.Context) (*Chronicle, error) {
	if last, _, err := v.conn.Int("SELECT max(id) FROM customers"); err != nil || last > math.MaxUint32 {
		return nil, errors.Join(err, tooMany(last))
	}
	summed, _, err := v.conn.Int("SELECT max(last) FROM chapters")
	if err != nil {
		return nil, err
	}
	c := &Chronicle{v, map[int64][]chapter.Change{}}
	return c, v.each(ctx, func(q *lite.Stmt) error {
		segment, change := scanChange(q)
		c.tail[segment] = append(c.tail[segment], change)
		return nil
	}, "SELECT "+changeColumns+" FROM transitions WHERE seq > ? ORDER BY seq", summed)
}

func tooMany(last int64) error {
	if last <= math.MaxUint32 {
		return nil
	}
	return fmt.Errorf("the history of segments is kept for up to %d customers; there are %d", uint32(math.MaxUint32), last)
}

// Members gives who was in a segment at an instant: those whose last transition
// that was due by then is an entry. They are customers as the log has them;
// who was merged since is not mapped to the survivor.
func (c *Chronicle) Members(ctx context.Context, segment int64, at calendar.Instant) (*roaring.Bitmap, error) {
	from, kept, err := c.start(segment, at)
	if err != nil {
		return nil, err
	}
	members := roaring.New()
	if err := readMembers(c.view.conn, kept, members); err != nil {
		return nil, err
	}
	err = c.view.each(ctx, func(q *lite.Stmt) error { return chapter.Apply(q.Bytes(0), at, members) },
		`SELECT data FROM chapter_segments s JOIN chapter_data d ON d.id = s.changes
		WHERE segment = ? AND chapter > ? AND earliest <= ? ORDER BY chapter`, segment, from, at)
	for i := range c.tail[segment] {
		c.tail[segment][i].Apply(at, members)
	}
	return members, err
}

// start finds the last kept members that nothing after the instant has touched: the
// chapter after which they were, and their row; 0 where there are none.
func (c *Chronicle) start(segment int64, at calendar.Instant) (chapter, row int64, err error) {
	q := c.view.conn.Query(`SELECT chapter, members FROM chapter_segments
		WHERE segment = ? AND members > 0 AND reached <= ? ORDER BY chapter DESC LIMIT 1`, segment, at)
	if q.Next() {
		chapter, row = q.Int(0), q.Int(1)
	}
	return chapter, row, q.Close()
}

// Changes calls fn for each transition of a segment, in the order of the log. The
// change is reused from call to call.
func (c *Chronicle) Changes(ctx context.Context, segment int64, fn func(*chapter.Change)) error {
	err := c.view.each(ctx, func(q *lite.Stmt) error { return chapter.Each(q.Bytes(0), fn) },
		"SELECT data FROM chapter_segments s JOIN chapter_data d ON d.id = s.changes WHERE segment = ? ORDER BY chapter", segment)
	for i := range c.tail[segment] {
		fn(&c.tail[segment][i])
	}
	return err
}

// readMembers reads kept members; row 0 stands for nobody.
func readMembers(conn *lite.Conn, row int64, into *roaring.Bitmap) (err error) {
	if row == 0 {
		return nil
	}
	q := conn.Query("SELECT data FROM chapter_data WHERE id = ?", row)
	if q.Next() {
		err = into.UnmarshalBinary(q.Bytes(0))
	}
	return errors.Join(err, q.Close())
}

// FollowedSegment is a segment that is or was followed.
type FollowedSegment struct {
	ID       int64
	Name     string // one whose name was given to another since has its number behind it
	Active   int64  // the version that decides; 0 if none does yet
	Removed  bool
	Firms    bool              // its members are companies
	Versions []FollowedVersion // in their order
}

// FollowedVersion is a version of a segment's rule.
type FollowedVersion struct {
	Number  int64
	Rule    string
	Created calendar.Instant
	Kind    segment.Kind
	State   segment.State
	Listed  int // how many are included by hand
}

// FollowedSegments gives all segments, in order of id, those that were removed too.
func (v *View) FollowedSegments(ctx context.Context) (list []FollowedSegment, err error) {
	err = v.each(ctx, func(q *lite.Stmt) error {
		if last := len(list) - 1; last < 0 || list[last].ID != q.Int(0) {
			list = append(list, FollowedSegment{ID: q.Int(0), Name: q.Text(1), Active: q.Int(2), Removed: q.Int(3) == 1})
		}
		s := &list[len(list)-1]
		s.Firms = segment.Members(q.Text(7)) == segment.Companies
		s.Versions = append(s.Versions, FollowedVersion{
			Number: q.Int(4), Rule: q.Text(5), Created: q.Int(6),
			Kind: segment.Kind(q.Text(8)), State: segment.State(cmp.Or(q.Text(9), string(segment.Active))), Listed: int(q.Int(10)),
		})
		return nil
	}, `SELECT s.id, name, active, deleted, v.version, rule, created, `+membersOf("v.definition")+`,
		`+saidOf("v.definition", "kind")+`, `+saidOf("v.definition", "state")+`,
		CASE v.definition WHEN '' THEN 0 ELSE COALESCE(json_array_length(v.definition, '$.include'), 0) END FROM segments s
		JOIN segment_versions v ON v.segment = s.id ORDER BY s.id, v.version`)
	return list, err
}

// Absorbed calls fn for each customer who was merged away and the one who remains, in no order.
func (v *View) Absorbed(fn func(gone, survivor int64)) {
	for gone, survivor := range v.families.into {
		fn(gone, survivor)
	}
}

// Newcomers counts the persons, or companies, who were there at an instant, and gives those who
// came after it, up to another. Of those who were merged the first counts.
func (v *View) Newcomers(ctx context.Context, of Kind, from, to calendar.Instant) (before int, newcomers *roaring.Bitmap, err error) {
	newcomers, old := roaring.New(), map[int64]bool{} // old: families of several
	err = v.each(ctx, func(q *lite.Stmt) error {
		id, survivor := q.Int(0), v.families.survivor(q.Int(0))
		several := survivor != id || v.HasAbsorbed(id)
		switch created := q.Int(1); {
		case several:
			old[survivor] = old[survivor] || created <= from
			if created > from && created <= to {
				newcomers.Add(uint32(survivor))
			}
		case created <= from:
			before++
		case created <= to:
			newcomers.Add(uint32(id))
		}
		return nil
	}, "SELECT id, created FROM customers WHERE kind = ? ORDER BY id", int64(of))
	for survivor, isOld := range old {
		if isOld {
			before++
			newcomers.Remove(uint32(survivor))
		}
	}
	return before, newcomers, err
}

// Names gives the names of customers, in order of their ids; those who are not there any more are left out.
func (v *View) Names(ctx context.Context, who *roaring.Bitmap) (names []string, err error) {
	err = v.EachNamed(ctx, who, func(_ int64, name string) { names = append(names, name) })
	return names, err
}

// EachNamed calls fn for customers with their names, as Names has them.
func (v *View) EachNamed(ctx context.Context, who *roaring.Bitmap, fn func(id int64, name string)) error {
	return v.each(ctx, func(q *lite.Stmt) error {
		if who.Contains(uint32(q.Int(0))) {
			fn(q.Int(0), q.Text(1))
		}
		return nil
	}, "SELECT id, name FROM customers WHERE merged_into IS NULL ORDER BY id")
}

// IsDue tells whether time may have changed a membership up to an instant without
// anybody having noticed yet.
func (v *View) IsDue(at calendar.Instant) (bool, error) {
	_, due, err := v.conn.Int("SELECT 1 FROM timers WHERE due <= ? LIMIT 1", at)
	return due, err
}
