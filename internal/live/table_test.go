package live

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/record"
)

// table reads what is selected as lines of JSON. Meanwhile is called after the first row.
func (s *server) table(of Selection, meanwhile func()) (lines []string) {
	s.t.Helper()
	table, _, err := s.engine.Table(context.Background(), of, []string{"customer", "count(kick) as kicks"})
	if err != nil {
		s.t.Fatal(err)
	}
	for row, err := range table.Rows {
		if err != nil {
			s.t.Fatal(err)
		}
		var line []byte
		for i := range row {
			line = append(row[i].AppendJSON(line), ' ')
		}
		lines = append(lines, string(line))
		if len(lines) == 1 && meanwhile != nil {
			meanwhile()
		}
	}
	return lines
}

// An export has the members of the instant at which it began, whatever changes while it is
// read, and holds up nobody.
func TestTableWhileTheEngineGoesOn(t *testing.T) {
	const start, many = 1_795_000_000_000, shardRows + 1000
	s := serve(t, memoryDir(t), clock.NewManual(start), false)
	defer s.close()
	everybody := func() {
		var kicks []record.Record
		for i := range many - 1 {
			kicks = append(kicks, kick(fmt.Sprintf("u%04d", i), start, i))
		}
		kicks = append(kicks, kick("a1", start, 0))
		s.apply(kicks...)
	}
	everybody()
	s.put("quiet", "count(kick) < 2")
	s.settle()
	lines := s.table(Selection{Segment: "quiet"}, func() {
		everybody()
		s.apply(record.Record{Kind: record.Alias, Customer: []record.Identity{identity("u4500")}, Previous: identity("a1")})
	})
	if s.settle(); s.state("quiet").Members != 0 {
		t.Fatal("nobody left")
	}
	old, merged := 0, 0
	for _, line := range lines {
		if strings.HasSuffix(line, " 1 ") {
			old++
		}
		if strings.HasSuffix(line, " 4 ") {
			merged++
		}
	}
	if len(lines) != many-1 || old != shardRows || merged != 1 {
		t.Errorf("%d rows, %d of them as it was, %d merged", len(lines), old, merged)
	}
	if n := len(s.table(Selection{Segment: "quiet"}, nil)); n != 0 {
		t.Errorf("%d rows of nobody", n)
	}
	if n := len(s.table(Selection{Rule: "count(kick) >= 2 and not in segment quiet"}, nil)); n != many-1 {
		t.Errorf("%d rows of the rule", n)
	}
}
