package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Accepted is a finding of the advisor that somebody has seen and accepted.
type Accepted struct {
	Key, Reason, Author string
	Created             calendar.Instant
	Versions            map[string]int64 // of the segments that it is about, as they were then
	Measure             int64            // the figure that matters, as it was then
}

// ErrNotAccepted is the error for a finding that nobody has accepted.
var ErrNotAccepted = errors.New("nobody has accepted this finding")

// Accept keeps that somebody accepted a finding; the last one counts.
func (s *Store) Accept(ctx context.Context, a Accepted) error {
	versions, err := json.Marshal(a.Versions)
	if err != nil {
		return err
	}
	return s.write(ctx, func(w *writer) error {
		return w.jot("INSERT OR REPLACE INTO accepted (key, reason, author, created, versions, measure) VALUES (?, ?, ?, ?, ?, ?)",
			a.Key, a.Reason, a.Author, a.Created, string(versions), a.Measure)
	})
}

// Withdraw forgets that a finding was accepted.
func (s *Store) Withdraw(ctx context.Context, key string) error {
	var refused error // no error of the writer, which goes on
	err := s.write(ctx, func(w *writer) error {
		_, there, err := w.conn.Int("SELECT 1 FROM accepted WHERE key = ?", key)
		if err == nil && !there {
			refused = fmt.Errorf("%w: %s", ErrNotAccepted, key)
		}
		if err != nil || !there {
			return err
		}
		return w.jot("DELETE FROM accepted WHERE key = ?", key)
	})
	return errors.Join(refused, err)
}

// Accepted gives the findings that were accepted, in order of their keys.
func (v *View) Accepted(ctx context.Context) (list []Accepted, err error) {
	var wrong error
	err = v.each(ctx, func(q *lite.Stmt) error {
		a := Accepted{Key: q.Text(0), Reason: q.Text(1), Author: q.Text(2), Created: q.Int(3), Measure: q.Int(5)}
		wrong = errors.Join(wrong, json.Unmarshal(q.Bytes(4), &a.Versions))
		list = append(list, a)
		return nil
	}, "SELECT key, reason, author, created, versions, measure FROM accepted ORDER BY key")
	return list, errors.Join(err, wrong)
}

// dayMillis is the length of a day in UTC.
const dayMillis = 24 * 60 * 60 * 1000

// Uses tells on which day segments were last used, as its first instant, by name.
// Since is the earliest of these days: before it nobody noted any; 0 if nobody has yet.
func (v *View) Uses(ctx context.Context) (last map[string]calendar.Instant, since calendar.Instant, err error) {
	last = map[string]calendar.Instant{}
	err = v.each(ctx, func(q *lite.Stmt) error {
		last[q.Text(0)] = q.Int(1) * dayMillis
		return nil
	}, "SELECT name, day FROM segment_uses u JOIN segments s ON s.id = u.segment WHERE deleted = 0 ORDER BY name")
	if err != nil {
		return nil, 0, err
	}
	q := v.conn.Query("SELECT value FROM settings WHERE name = ?", usesSince)
	if q.Next() {
		_, err = fmt.Sscan(q.Text(0), &since)
	}
	return last, since * dayMillis, errors.Join(err, q.Close())
}

// usesSince is the setting with the first day on which a use was noted.
const usesSince = "uses since"

// NoteUse notes that somebody used a segment, at most once a day; a name that no
// segment has is passed over. It changes no answer, hence not the revision.
func (s *Store) NoteUse(ctx context.Context, segment string, now calendar.Instant) error {
	today := now / dayMillis
	noted := false
	err := s.Glance(ctx, func(v *View) error {
		_, there, err := v.conn.Int("SELECT 1 FROM segments WHERE name = ? AND deleted = 0", segment)
		if err != nil || !there {
			noted = true
			return err
		}
		_, noted, err = v.conn.Int("SELECT 1 FROM segment_uses WHERE day >= ? AND segment = (SELECT id FROM segments WHERE name = ?)", today, segment)
		return err
	})
	if err != nil || noted {
		return err
	}
	return s.write(ctx, func(w *writer) error {
		return errors.Join(
			w.jot("INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)", usesSince, fmt.Sprint(today)),
			w.jot(`INSERT INTO segment_uses (segment, day) SELECT id, ?1 FROM segments WHERE name = ?2 AND deleted = 0
				ON CONFLICT DO UPDATE SET day = max(day, ?1)`, today, segment))
	})
}

// newest is how many of the customers who came last tell whether an attribute is still sent.
const newest = 100

// LatestValue tells for how many of the customers who came last an attribute was
// ever set, and how many these are; and, only if it was for none, when it was last
// set for anybody, which takes a pass over all attributes.
func (v *View) LatestValue(_ context.Context, kind Kind, path string) (known, of int, latest calendar.Instant, err error) {
	field, there, err := v.conn.Int("SELECT id FROM fields WHERE base = ? AND path = ?", int64(kind), path)
	if err != nil || !there {
		return 0, 0, 0, err
	}
	q := v.conn.Query(`SELECT count(*), coalesce(sum(EXISTS (SELECT 1 FROM attributes WHERE customer = c.id AND field = ?1 AND value IS NOT NULL)), 0)
		FROM (SELECT id FROM customers WHERE kind = ?2 AND merged_into IS NULL ORDER BY id DESC LIMIT ?3) c`, field, int64(kind), newest)
	if q.Next() {
		of, known = int(q.Int(0)), int(q.Int(1))
	}
	if err := q.Close(); err != nil || known > 0 {
		return known, of, 0, err
	}
	latest, _, err = v.conn.Int("SELECT max(time) FROM attributes WHERE field = ? AND value IS NOT NULL", field)
	return known, of, latest, err
}
