package store

import (
	"errors"
	"maps"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/chapter"
)

// chapterSize is how many transitions make a chapter: few enough to be read from
// the log while somebody waits for an answer and while a commit writes them.
const chapterSize = 1 << 16

// keepShare: the members are kept anew after changes of half a byte for each transition of a chapter, 32 KB. With
// larger memberships it is after changes of their size, so that both take about the same room.
const keepShare = 2

// mostChapters are written with one commit, each in less than a tenth of a second.
// After a million entries at once the next commits write them bit by bit.
const mostChapters = 4

// SetChapter has chapters of another size written, for tests and measurements.
func (s *Store) SetChapter(size int64) { s.chapter = size }

// summarize writes chapters that are full.
func (w *writer) summarize() error {
	missing := (w.lastTransition - w.summed) / w.chapterSize
	for range min(missing, mostChapters) {
		if err := w.writeChapter(); err != nil {
			return err
		}
	}
	return nil
}

// draft is what a chapter will have about a segment.
type draft struct {
	chapter.Writer
	earliest, latest calendar.Instant
}

func (w *writer) writeChapter() error {
	drafts, last, err := w.draftChapter()
	if err != nil {
		return err
	}
	w.chapters++
	w.summed = last
	for _, segment := range slices.Sorted(maps.Keys(drafts)) {
		if err := w.writeDraft(segment, drafts[segment]); err != nil {
			return err
		}
	}
	return w.conn.Run("INSERT INTO chapters (id, last) VALUES (?, ?)", w.chapters, last)
}

// draftChapter reads the next chapter from the log.
func (w *writer) draftChapter() (map[int64]*draft, int64, error) {
	drafts, last := map[int64]*draft{}, int64(0)
	q := w.conn.Query("SELECT "+changeColumns+" FROM transitions WHERE seq > ? ORDER BY seq LIMIT ?", w.summed, w.chapterSize)
	for q.Next() {
		last = q.Int(0)
		segment, c := scanChange(q)
		d := drafts[segment]
		if d == nil {
			d = &draft{earliest: math.MaxInt64, latest: math.MinInt64}
			drafts[segment] = d
		}
		d.Add(c)
		d.earliest, d.latest = min(d.earliest, c.Due), max(d.latest, c.Due)
	}
	return drafts, last, q.Close()
}

func (w *writer) writeDraft(segment int64, d *draft) error {
	reached, bytes, err := w.segmentSoFar(segment)
	if err != nil {
		return err
	}
	bytes += int64(len(d.Bytes()))
	changes, err := w.addData(d.Bytes())
	if err != nil {
		return err
	}
	kept, at, size, err := w.keptMembers(segment)
	if err != nil {
		return err
	}
	members := int64(0)
	if bytes >= max(w.chapterSize/keepShare, size) {
		bytes = 0
		if members, err = w.keepMembers(segment, kept, at, d); err != nil {
			return err
		}
	}
	return w.conn.Run("INSERT INTO chapter_segments (segment, chapter, earliest, reached, bytes, changes, members) VALUES (?, ?, ?, ?, ?, ?, ?)",
		segment, w.chapters, d.earliest, max(reached, d.latest), bytes, changes, members)
}

// segmentSoFar gives what the last chapter with a segment says of it.
func (w *writer) segmentSoFar(segment int64) (reached calendar.Instant, bytes int64, err error) {
	reached = math.MinInt64
	q := w.conn.Query("SELECT reached, bytes FROM chapter_segments WHERE segment = ? ORDER BY chapter DESC LIMIT 1", segment)
	if q.Next() {
		reached, bytes = q.Int(0), q.Int(1)
	}
	return reached, bytes, q.Close()
}

// keptMembers finds the members that were kept last: their row, the chapter after
// which they were, and their size.
func (w *writer) keptMembers(segment int64) (row, chapter, size int64, err error) {
	q := w.conn.Query(`SELECT members, chapter, length(data) FROM chapter_segments s JOIN chapter_data d ON d.id = s.members
		WHERE segment = ? AND members > 0 ORDER BY chapter DESC LIMIT 1`, segment)
	if q.Next() {
		row, chapter, size = q.Int(0), q.Int(1), q.Int(2)
	}
	return row, chapter, size, q.Close()
}

// keepMembers keeps who is in after a draft, from those who were in after a chapter.
func (w *writer) keepMembers(segment, kept, at int64, d *draft) (int64, error) {
	members := roaring.New()
	if err := readMembers(w.conn, kept, members); err != nil {
		return 0, err
	}
	var damaged error
	q := w.conn.Query("SELECT data FROM chapter_segments s JOIN chapter_data d ON d.id = s.changes WHERE segment = ? AND chapter > ? ORDER BY chapter", segment, at)
	for q.Next() {
		damaged = errors.Join(damaged, chapter.Apply(q.Bytes(0), calendar.Never, members))
	}
	if err := errors.Join(q.Close(), damaged, chapter.Apply(d.Bytes(), calendar.Never, members)); err != nil {
		return 0, err
	}
	members.RunOptimize()
	data, err := members.ToBytes()
	if err != nil {
		return 0, err
	}
	return w.addData(data)
}

func (w *writer) addData(data []byte) (int64, error) {
	if err := w.conn.Run("INSERT INTO chapter_data (data) VALUES (?)", data); err != nil {
		return 0, err
	}
	row, _, err := w.conn.Int("SELECT last_insert_rowid()")
	return row, err
}
