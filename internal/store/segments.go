package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Segment is a segment with its latest version. Active is the version that decides
// who is in, 0 while none does.
type Segment struct {
	ID, Version, Active int64
	segment.Definition                     // of Version
	Deciding            segment.Definition // of Active
	Created             calendar.Instant
}

// Today gives the definition by which the segment is decided today: while its first version
// is filled, that one; false if nobody is in it.
func (s *Segment) Today() (d segment.Definition, decides bool) {
	return s.Latest(), s.Active != 0 || s.State == segment.Active
}

// Latest gives the definition that decides, or else the latest.
func (s *Segment) Latest() segment.Definition {
	if s.Active != 0 {
		return s.Deciding
	}
	return s.Definition
}

// Version is a version of a segment.
type Version struct {
	Number          int64
	Definition      segment.Definition
	Author, Message string
	Created         calendar.Instant
}

// Cause is what caused a transition. The numbers are part of the file's format.
type Cause int

// The causes.
const (
	CauseEvent Cause = iota // data about the customer
	CauseTime
	CauseEdit // of a segment
	CauseMerge
	CauseErasure
	CauseImport // data that came while nobody followed it
)

var causeNames = [...]string{"event", "time", "edit", "merge", "erasure", "import"}

func (c Cause) String() string { return causeNames[c] }

// Transition is an entry into a segment or an exit out of it.
type Transition struct {
	Seq              int64 // grows by one from transition to transition
	Segment, Version int64
	Customer         int64
	Entered          bool
	Due              calendar.Instant // when it became true
	Committed        calendar.Instant // when it was noticed
	Cause            Cause
	Part             int // the deciding condition: its number in the version's rule; -1 none
}

// Segments gives the segments, in order of name.
func (v *View) Segments(ctx context.Context) (list []Segment, err error) {
	var wrong error
	err = v.each(ctx, func(q *lite.Stmt) error {
		s := Segment{ID: q.Int(0), Version: q.Int(2), Active: q.Int(3), Created: q.Int(6)}
		s.Definition, err = definitionOf(q.Text(1), q.Text(4), q.Text(5))
		wrong = errors.Join(wrong, err)
		if s.Active != 0 {
			s.Deciding, err = definitionOf(q.Text(1), q.Text(7), q.Text(8))
			wrong = errors.Join(wrong, err)
		}
		list = append(list, s)
		return nil
	}, `SELECT s.id, name, s.version, active, v.rule, v.definition, v.created, coalesce(a.rule, ''), coalesce(a.definition, '')
		FROM segments s JOIN segment_versions v ON v.segment = s.id AND v.version = s.version
		LEFT JOIN segment_versions a ON a.segment = s.id AND a.version = s.active
		WHERE deleted = 0 ORDER BY name`)
	return list, errors.Join(err, wrong)
}

// definitionOf reads a version; of the first ones only the rule is known.
func definitionOf(name, rule, text string) (segment.Definition, error) {
	if text == "" {
		return segment.Definition{Name: name, Rule: rule}.Normal(), nil
	}
	return segment.Parse(text)
}

// Versions gives the versions of a segment, the latest first.
func (v *View) Versions(ctx context.Context, name string) (list []Version, err error) {
	var wrong error
	err = v.each(ctx, func(q *lite.Stmt) error {
		d, err := definitionOf(name, q.Text(1), q.Text(2))
		wrong = errors.Join(wrong, err)
		list = append(list, Version{q.Int(0), d, q.Text(3), q.Text(4), q.Int(5)})
		return nil
	}, `SELECT v.version, v.rule, v.definition, v.author, v.message, v.created FROM segment_versions v
		JOIN segments s ON s.id = v.segment WHERE s.name = ? AND s.deleted = 0 ORDER BY v.version DESC`, name)
	return list, errors.Join(err, wrong)
}

// PutSegment gives a segment a new version, or makes it if there is none of the
// name; the same definition again changes nothing. A name that was removed begins anew.
func (tx *Tx) PutSegment(d segment.Definition, author, message string) (changed bool, err error) {
	id, known, err := tx.conn.Int("SELECT id FROM segments WHERE name = ? AND deleted = 0", d.Name)
	if err != nil {
		return false, err
	}
	if known {
		same, err := tx.isLatest(id, d)
		if err != nil || same {
			return false, err
		}
	} else if id, err = tx.makeSegment(d.Name); err != nil {
		return false, err
	}
	return true, tx.addVersion(id, d, author, message)
}

func (tx *Tx) addVersion(id int64, d segment.Definition, author, message string) error {
	tx.w.change()
	tx.w.unlike = true
	if err := tx.conn.Run("UPDATE segments SET version = version + 1, state = ? WHERE id = ?", string(d.Normal().State), id); err != nil {
		return err
	}
	return tx.conn.Run(`INSERT INTO segment_versions (segment, version, rule, created, definition, author, message)
		SELECT id, version, ?, ?, ?, ?, ? FROM segments WHERE id = ?`, d.Rule, tx.w.received, d.JSON(), author, message, id)
}

// isLatest tells whether a definition is that of the latest version.
func (tx *Tx) isLatest(id int64, d segment.Definition) (same bool, err error) {
	q := tx.conn.Query("SELECT rule, definition FROM segments s JOIN segment_versions v ON v.segment = s.id AND v.version = s.version WHERE s.id = ?", id)
	if q.Next() {
		latest, wrong := definitionOf(d.Name, q.Text(0), q.Text(1))
		same, err = wrong == nil && latest.JSON() == d.JSON(), wrong
	}
	return same, errors.Join(err, q.Close())
}

// makeSegment makes a segment without versions.
func (tx *Tx) makeSegment(name string) (int64, error) {
	if err := tx.conn.Run("UPDATE segments SET name = name || ' #' || id WHERE name = ?", name); err != nil {
		return 0, err
	}
	if err := tx.conn.Run("INSERT INTO segments (name, version, active, deleted) VALUES (?, 0, 0, 0)", name); err != nil {
		return 0, err
	}
	id, _, err := tx.conn.Int("SELECT id FROM segments WHERE name = ?", name)
	return id, err
}

// Activate makes a version the one that decides.
func (tx *Tx) Activate(id, version int64) error {
	tx.w.change()
	return tx.conn.Run("UPDATE segments SET active = ? WHERE id = ?", version, id)
}

// RemoveSegment removes a segment; the caller must have told the exits of its members.
func (tx *Tx) RemoveSegment(id int64) error {
	tx.w.change()
	tx.w.unlike = true
	return tx.conn.Run("UPDATE segments SET deleted = 1 WHERE id = ?", id)
}

// AddTransition adds a transition to the log, gives it its number, keeps who is in,
// and puts it into the outbox of those who want to be told.
func (tx *Tx) AddTransition(t *Transition) error {
	w := tx.w
	w.written = true
	w.lastTransition++
	t.Seq, t.Committed = w.lastTransition, w.received
	entered := int64(0)
	if t.Entered {
		entered = 1
	}
	add := w.do.addTransition
	for i, v := range [...]int64{t.Seq, t.Segment, t.Version, t.Customer, entered, t.Due, t.Committed, int64(t.Cause), int64(t.Part)} {
		add.BindInt(i+1, v)
	}
	if err := add.Run(); err != nil {
		return err
	}
	member := w.do.dropMember
	if t.Entered {
		member = w.do.addMember
		member.BindInt(3, t.Due)
	}
	member.BindInt(1, t.Segment)
	member.BindInt(2, t.Customer)
	if err := member.Run(); err != nil {
		return err
	}
	return w.enqueue(t.Seq, t.Segment, t.Customer, w.received)
}

// SetTimer notes when time alone can next change a membership of a customer; Never for not at all.
func (tx *Tx) SetTimer(customer int64, due calendar.Instant) error {
	tx.w.written = true
	set := tx.w.do.dropTimer
	if due != calendar.Never {
		set = tx.w.do.setTimer
		set.BindInt(2, due)
	}
	set.BindInt(1, customer)
	return set.Run()
}

// Followed tells up to which revision and instant memberships follow the data and time.
func (v *View) Followed() (revision int64, clock calendar.Instant, err error) {
	q := v.conn.Query("SELECT evaluated, clock FROM state")
	if q.Next() {
		revision, clock = q.Int(0), q.Int(1)
	}
	return revision, clock, q.Close()
}

// Members calls fn for each membership, in order of segment and customer.
func (v *View) Members(ctx context.Context, fn func(segment, customer int64, since calendar.Instant) error) error {
	return v.each(ctx, func(q *lite.Stmt) error { return fn(q.Int(0), q.Int(1), q.Int(2)) },
		"SELECT segment, customer, since FROM members ORDER BY segment, customer")
}

// Timers calls fn for each customer with the earliest instant at which time can change a membership.
func (v *View) Timers(ctx context.Context, fn func(customer int64, due calendar.Instant) error) error {
	return v.each(ctx, func(q *lite.Stmt) error { return fn(q.Int(0), q.Int(1)) }, "SELECT customer, due FROM timers ORDER BY due, customer")
}

// Log calls fn for the transitions after a number, in their order. The customers
// are those of the time; survivor maps them to those who remained.
func (v *View) Log(ctx context.Context, after int64, fn func(*Transition) error) error {
	var t Transition
	return v.each(ctx, func(q *lite.Stmt) error {
		t = scanTransition(q)
		return fn(&t)
	}, "SELECT "+transitionColumns+" FROM transitions t WHERE seq > ? ORDER BY seq", after)
}

const transitionColumns = "t.seq, t.segment, t.version, t.customer, t.entered, t.due, t.committed, t.cause, t.part"

func scanTransition(q *lite.Stmt) Transition {
	return Transition{
		Seq: q.Int(0), Segment: q.Int(1), Version: q.Int(2), Customer: q.Int(3), Entered: q.Int(4) == 1,
		Due: q.Int(5), Committed: q.Int(6), Cause: Cause(q.Int(7)), Part: int(q.Int(8)),
	}
}

// Survivor gives the customer for whom what is said of a customer counts.
func (v *View) Survivor(id int64) int64 { return v.families.survivor(id) }

// HasAbsorbed tells whether others were merged into a customer.
func (v *View) HasAbsorbed(id int64) bool { return len(v.families.absorbed[id]) > 0 }

// Told is a transition with the names that people know.
type Told struct {
	Transition
	SegmentName, CustomerName string
	Rule                      string // of the version
}

// Transitions gives at most so many transitions after a number, of one segment if a name
// is given, or of the parts of one segmentation.
func (v *View) Transitions(ctx context.Context, after int64, most int, segment string) (list []Told, err error) {
	err = v.each(ctx, func(q *lite.Stmt) error {
		list = append(list, Told{Transition: scanTransition(q), SegmentName: q.Text(9), CustomerName: q.Text(10), Rule: q.Text(11)})
		return nil
	}, fmt.Sprintf(`SELECT %s, s.name, coalesce(c.name, ''), coalesce(v.rule, '') FROM transitions t
		JOIN segments s ON s.id = t.segment LEFT JOIN customers c ON c.id = t.customer
		LEFT JOIN segment_versions v ON v.segment = t.segment AND v.version = t.version
		WHERE t.seq > ?1 AND (?2 = '' OR s.name = ?2 OR s.name > ?2 || '.' AND s.name < ?2 || '/' AND instr(s.name, ' ') = 0) ORDER BY t.seq LIMIT ?3`, transitionColumns), after, segment, most)
	return list, err
}

// LastTransition gives the number of the last transition, 0 if there is none.
func (v *View) LastTransition() (int64, error) {
	last, _, err := v.conn.Int("SELECT max(seq) FROM transitions")
	return last, err
}

// NameOf gives the name of a customer as it is kept, also of one who was merged away.
func (v *View) NameOf(id int64) (name string, err error) {
	q := v.conn.Query("SELECT name FROM customers WHERE id = ?", id)
	if q.Next() {
		name = q.Text(0)
	}
	return name, q.Close()
}

// RuleOf gives the rule of a version of a segment, "" if there is none.
func (v *View) RuleOf(segment string, version int64) (text string, err error) {
	q := v.conn.Query("SELECT rule FROM segment_versions v JOIN segments s ON s.id = v.segment WHERE s.name = ? AND v.version = ?", segment, version)
	if q.Next() {
		text = q.Text(0)
	}
	return text, q.Close()
}

// Member is a customer in a segment since an instant.
type Member struct {
	Customer int64
	Name     string
	Since    calendar.Instant
}

// MembersOf gives members of a segment in order of id, at most so many after an id;
// known tells whether there is such a segment.
func (v *View) MembersOf(ctx context.Context, segment string, after int64, most int) (list []Member, known bool, err error) {
	id, known, err := v.conn.Int("SELECT id FROM segments WHERE name = ? AND deleted = 0", segment)
	if err != nil || !known {
		return nil, known, err
	}
	err = v.each(ctx, func(q *lite.Stmt) error {
		list = append(list, Member{q.Int(0), q.Text(1), q.Int(2)})
		return nil
	}, `SELECT m.customer, c.name, m.since FROM members m JOIN customers c ON c.id = m.customer
		WHERE m.segment = ? AND m.customer > ? ORDER BY m.customer LIMIT ?`, id, after, most)
	return list, true, err
}

// SegmentsOf calls fn for each segment that a customer is in, in order of name.
func (v *View) SegmentsOf(ctx context.Context, customer int64, fn func(name string, since calendar.Instant) error) error {
	return v.each(ctx, func(q *lite.Stmt) error { return fn(q.Text(0), q.Int(1)) },
		"SELECT s.name, m.since FROM segments s JOIN members m ON m.segment = s.id AND m.customer = ? WHERE s.deleted = 0 ORDER BY s.name", customer)
}
