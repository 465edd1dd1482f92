package postgres

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/calendar"
)

// segment is a segment in SQL, with places for the instants.
type segment struct {
	name     string
	sql      string
	referred bool // others ask about its members, so its stays are kept
}

// place is what stands in braces in the SQL of a segment.
var place = regexp.MustCompile(`\{([^}]*)\}`)

// prepare fills in tables and segments; the instants are left for each question.
func prepare(segments []benchdata.Segment) ([]segment, error) {
	number := map[string]int{}
	var made []segment
	var problems []error
	for i, s := range segments {
		sql := place.ReplaceAllStringFunc(s.SQL, func(braced string) string {
			text := braced[1 : len(braced)-1]
			if _, known := tables[text]; known {
				return text + " e WHERE e.customer = c.id AND e.time <= {now}"
			}
			name, refers := strings.CutPrefix(text, "segment ")
			if !refers {
				if instant(text) == "" {
					problems = append(problems, fmt.Errorf("segment %s: nothing is known as {%s}", s.Name, text))
				}
				return braced
			}
			at, known := number[name]
			if !known {
				problems = append(problems, fmt.Errorf("segment %s refers to %s, which does not stand before it", s.Name, name))
				return braced
			}
			made[at].referred = true
			return fmt.Sprintf("memberships s WHERE s.customer = c.id AND s.segment = %d AND s.since <= {now}", at)
		})
		number[s.Name] = i
		made = append(made, segment{name: s.Name, sql: sql})
	}
	return made, errors.Join(problems...)
}

// What instants may be written as.
var (
	ago      = regexp.MustCompile(`^(\d+ (?:minutes|hours|days|weeks|months|years)) ago$`)
	fromDay  = regexp.MustCompile(`^today ([-+]) (\d+ (?:days|years))$`)
	inPeriod = regexp.MustCompile(`^(this|previous|next) (week|month|quarter|year)$`)
)

// instant gives the expression for an instant, empty if there is no such. The zone
// of the session is the workspace's, so that calendar units are those of its wall clock.
func instant(text string) string {
	switch m := inPeriod.FindStringSubmatch(text); {
	case text == "now":
		return "n.now"
	case text == "today":
		return "date_trunc('day', n.now)"
	case m != nil:
		step := "1 " + m[2]
		if m[2] == "quarter" {
			step = "3 months"
		}
		sign := map[string]string{"this": "", "previous": " - interval '" + step + "'", "next": " + interval '" + step + "'"}[m[1]]
		return "date_trunc('" + m[2] + "', n.now)" + sign
	}
	if m := ago.FindStringSubmatch(text); m != nil {
		return "n.now - interval '" + m[1] + "'"
	}
	if m := fromDay.FindStringSubmatch(text); m != nil {
		return "date_trunc('day', n.now) " + m[1] + " interval '" + m[2] + "'"
	}
	return ""
}

// instants has PostgreSQL compute each instant that the segments name once, so
// that the questions hold constants.
func (d *DB) instants(now calendar.Instant) (*strings.Replacer, error) {
	named := map[string]bool{"now": true}
	for _, s := range d.segments {
		for _, m := range place.FindAllStringSubmatch(s.sql, -1) {
			named[m[1]] = true
		}
	}
	names := slices.Sorted(maps.Keys(named))
	expressions := make([]string, len(names))
	for i, name := range names {
		expressions[i] = instant(name)
	}
	var pairs []string
	err := d.conn.query(fmt.Sprintf("SELECT %s FROM (SELECT timestamptz '%s' AS now) n", strings.Join(expressions, ", "), calendar.Format(now)),
		func(values [][]byte) error {
			for i, name := range names {
				pairs = append(pairs, "{"+name+"}", "timestamptz '"+string(values[i])+"'")
			}
			return nil
		})
	return strings.NewReplacer(pairs...), err
}

// Recompute gives the members of each segment among some customers at an instant,
// and keeps the stays in those that other segments refer to. Entries and exits bear
// the instant.
func (d *DB) Recompute(customers []string, now calendar.Instant) ([][]string, error) {
	fill, err := d.instants(now)
	if err == nil {
		err = d.conn.exec("BEGIN", d.touch(customers), "ANALYZE touched")
	}
	if err != nil {
		return nil, err
	}
	members := make([][]string, len(d.segments))
	for i, s := range d.segments {
		sql := "SELECT c.id FROM touched c WHERE " + s.sql
		if s.referred {
			sql = fmt.Sprintf(keepStays, i, sql)
		}
		err := d.conn.query(fill.Replace(sql), func(values [][]byte) error {
			id, err := strconv.Atoi(string(values[0]))
			if err == nil {
				members[i] = append(members[i], d.names[id])
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("segment %s: %w", s.name, err)
		}
	}
	return members, d.conn.exec("COMMIT")
}

// keepStays ends the stays of those who are members no more and begins those of new
// members. It is written so that no estimate of how many there are leads astray:
// NOT IN is hashed, and rows to change are found by their place.
const keepStays = `WITH member AS MATERIALIZED (%[2]s),
held AS MATERIALIZED (SELECT s.customer, s.ctid AS place FROM touched c JOIN memberships s ON s.customer = c.id AND s.segment = %[1]d AND s.until > {now}),
gone AS (UPDATE memberships SET until = {now} WHERE ctid = ANY (ARRAY(SELECT place FROM held WHERE customer NOT IN (SELECT id FROM member)))),
come AS (INSERT INTO memberships SELECT %[1]d, id, {now}, 'infinity' FROM member WHERE id NOT IN (SELECT customer FROM held))
SELECT id FROM member`

// touch is the statement that gathers the rows of some customers.
func (d *DB) touch(customers []string) string {
	ids := make([]string, 0, len(customers))
	for _, name := range customers {
		if id, known := d.ids[name]; known {
			ids = append(ids, strconv.Itoa(int(id)))
		}
	}
	return "TRUNCATE touched; INSERT INTO touched SELECT * FROM customers WHERE id = ANY ('{" + strings.Join(ids, ",") + "}') ORDER BY id"
}

// Stay is a stay of a customer in a segment: from, and to or calendar.Never.
type Stay struct {
	Segment, Customer string
	From, To          calendar.Instant
}

// SetStays replaces the stays of all customers in the segments.
func (d *DB) SetStays(stays []Stay) error {
	var b []byte
	for _, s := range stays {
		segment := slices.IndexFunc(d.segments, func(known segment) bool { return known.name == s.Segment })
		id, known := d.ids[s.Customer]
		if segment < 0 || !known {
			return fmt.Errorf("there is no segment %s or no customer %s", s.Segment, s.Customer)
		}
		until := "infinity"
		if s.To != calendar.Never {
			until = calendar.Format(s.To)
		}
		b = fmt.Appendf(b, "%d\t%d\t%s\t%s\n", segment, id, calendar.Format(s.From), until)
	}
	if err := d.conn.exec("TRUNCATE memberships"); err != nil {
		return err
	}
	if err := d.conn.copy("memberships", b); err != nil {
		return err
	}
	return d.conn.exec("VACUUM (FREEZE, ANALYZE) memberships")
}
