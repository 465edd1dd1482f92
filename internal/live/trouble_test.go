package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/store/faulttest"
)

func attribute(who, fields string) record.Record {
	return record.Record{Kind: record.Identify, Customer: []record.Identity{identity(who)}, Time: start, HasTime: true, Fields: []byte(fields), Source: "test"}
}

// sick is a server on a disk that can be broken, with three who were seen at
// start and a segment of those who were seen in the last hour.
func sick(t *testing.T) (*server, *faulttest.Disk) {
	t.Helper()
	dir := memoryDir(t)
	disk := faulttest.Over(dir)
	s := serve(t, dir, clock.NewManual(start), false)
	t.Cleanup(func() {
		disk.Mend()
		s.close()
	})
	s.apply(event("u1", "seen", start), event("u2", "seen", start), event("u3", "seen", start-hour/2))
	s.put("recent", "count(seen in last 1 hour) >= 1")
	s.settle()
	return s, disk
}

func (s *server) expect(segment string, want ...string) {
	s.t.Helper()
	s.settle()
	if got := s.members()[segment]; !slices.Equal(got, want) {
		s.t.Fatalf("%s has %v, want %v", segment, got, want)
	}
	if got, stored := s.members(), s.stored(); !reflect.DeepEqual(got, stored) {
		s.t.Fatalf("in memory %v, in the store %v", got, stored)
	}
}

// TestFullDisk refuses at once while the disk is full, says why, and goes on by itself once there is room.
func TestFullDisk(t *testing.T) {
	s, disk := sick(t)
	disk.Break(faulttest.Full, 0)
	for i := range 3 {
		if _, err := s.engine.Apply(context.Background(), []record.Record{event("u4", "seen", start)}, nil); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("call %d on a full disk: %v", i, err)
		}
		if got := s.engine.Counts().Failure; !strings.Contains(got, "full") {
			t.Errorf("the failure is %q", got)
		}
	}
	if err := s.engine.PutSegment(context.Background(), "all", "count(seen) >= 0", "", Edit{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a segment on a full disk: %v", err)
	}
	s.probe()
	if s.engine.Counts().Failure == "" {
		t.Error("the failure is over on a disk that is still full")
	}
	disk.Mend()
	s.recover()
	s.apply(event("u4", "seen", start))
	s.expect("recent", "u1", "u2", "u3", "u4")
}

// TestTimeOnAFullDisk has time cause changes that cannot be stored: they are made up for, with their instants.
func TestTimeOnAFullDisk(t *testing.T) {
	s, disk := sick(t)
	changed := s.engine.Changed()
	disk.Break(faulttest.Full, 0)
	s.clock.Set(start + hour/2)
	s.tried(changed)
	for range 3 {
		s.clock.Advance(time.Second)
		s.tried(changed)
	}
	if s.engine.Counts().Failure == "" || len(s.log()) != 3 {
		t.Fatalf("failure %q, log %v", s.engine.Counts().Failure, shown(s.log()))
	}
	disk.Mend()
	s.recover()
	s.expect("recent", "u1", "u2")
	if last := s.log()[3]; last.Due != start+hour/2 || last.Entered || last.Cause != store.CauseTime {
		t.Errorf("told %v", shown(s.log()))
	}
}

// TestClockSetBackWhileBroken does not wait for the hour of the failure to come again.
func TestClockSetBackWhileBroken(t *testing.T) {
	s, disk := sick(t)
	disk.Break(faulttest.ReadOnly, 0)
	apply := func() error {
		_, err := s.engine.Apply(context.Background(), []record.Record{event("u4", "seen", start)}, nil)
		return err
	}
	if err := apply(); !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
	disk.Mend()
	changed := s.engine.Changed()
	s.clock.Set(start - day)
	if err := apply(); !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
	<-changed
	if err := apply(); err != nil {
		t.Fatal(err)
	}
	s.expect("recent", "u1", "u2", "u3", "u4")
}

// TestErrorWithinWork fails in the middle of a commit, where SQLite gives up the
// transaction: nothing of what comes after in the commit may stay either.
func TestErrorWithinWork(t *testing.T) {
	s := step(t)
	s.must(&request{records: []record.Record{event("u1", "seen", start)}})
	s.must(s.put("more", "count(seen) >= 1"))
	failed := 0
	for after := range 60 {
		other, err := store.Open(filepath.Dir(s.store.Path()), "main") // so that the engine must read pages anew
		if err == nil {
			_, err = other.Apply(context.Background(), []record.Record{event("u1", "other", start+int64(after))}, start)
			err = errors.Join(err, other.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		s.disk.Hiccup(faulttest.ReadError, after)
		who := fmt.Sprintf("new%d", after)
		errs := s.commit(s.put("more", fmt.Sprintf("count(seen) >= %d", after+2)), &request{records: []record.Record{event(who, "seen", start)}})
		s.disk.Mend()
		if (errs[0] == nil) != (errs[1] == nil) {
			t.Fatalf("after %d: %v", after, errs)
		}
		stored := slices.Contains(s.customers(), who)
		if errs[1] != nil {
			failed++
		}
		if stored != (errs[1] == nil) {
			t.Fatalf("after %d: %v, and stored: %t", after, errs[1], stored)
		}
		s.must()
	}
	if failed < 10 || failed == 60 {
		t.Errorf("%d of 60 failed", failed)
	}
}

// customers names those who are in the store.
func (s *stepped) customers() (names []string) {
	s.Helper()
	err := s.store.View(context.Background(), func(v *store.View) error {
		return v.Customers(context.Background(), func(c store.Customer) error {
			names = append(names, c.Name)
			return nil
		})
	})
	if err != nil {
		s.Fatal(err)
	}
	return names
}

// TestErrorWhileASegmentIsFilled has the disk fail at every write from the
// definition on: what time changes afterwards is noticed all the same.
func TestErrorWhileASegmentIsFilled(t *testing.T) {
	for after := range 30 {
		s, disk := sick(t)
		s.mend = func(error) bool {
			disk.Mend()
			s.recover()
			return true
		}
		disk.Break(faulttest.WriteError, after)
		s.put("missed", "last(seen) older than 45 minutes")
		s.settle()
		disk.Mend()
		s.expect("missed")
		s.clock.Set(start + hour/3)
		s.expect("missed", "u3")
	}
}

// TestDamagedSnapshot starts from the store when the snapshot is of no use.
func TestDamagedSnapshot(t *testing.T) {
	s := serve(t, memoryDir(t), clock.NewManual(start), true)
	defer func() { s.close() }()
	s.apply(event("u1", "seen", start), event("u2", "seen", start-2*hour), attribute("u3", `{"plan": "free", "list": [{"a": 1}, {"b": "x"}]}`))
	s.put("recent", "count(seen in last 1 hour) >= 1")
	s.expect("recent", "u1")
	log := s.log()
	path := filepath.Join(s.dir, "main.index")
	s.close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damages := [][]byte{nil, []byte("x"), bytes.Repeat([]byte{255}, 5000), append(slices.Clone(whole), 0)}
	for cut := 0; cut < len(whole); cut += 1 + len(whole)/20 {
		flipped := slices.Clone(whole)
		flipped[cut] ^= 0x10
		damages = append(damages, whole[:cut], flipped)
	}
	for i, damage := range damages {
		if err := os.WriteFile(path, damage, 0o600); err != nil {
			t.Fatal(err)
		}
		s.start()
		s.expect("recent", "u1")
		if now := s.log(); !reflect.DeepEqual(now, log) {
			t.Fatalf("damage %d: told %v", i, shown(now))
		}
		s.close()
	}
	s.start()
}

// TestNewTypeWhileTimePasses reads everything anew in a commit in which time changed
// the last customer of an index that is longer than the new one.
func TestNewTypeWhileTimePasses(t *testing.T) {
	s := step(t)
	s.must(&request{records: []record.Record{attribute("u1", `{"size": 1}`), event("au1", "seen", start), event("u2", "seen", start)}})
	s.must(&request{records: []record.Record{{Kind: record.Alias, Customer: []record.Identity{identity("u1")}, Previous: identity("au1")}}})
	s.must(s.put("recent", "count(seen in last 1 hour) >= 1"))
	s.clock.Set(start + hour)
	change := []record.Record{attribute("u1", `{"size": "L"}`), attribute("u2", `{"size": "M"}`)}
	s.disk.Break(faulttest.WriteError, 0)
	if err := s.commit(&request{records: change})[0]; !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
	s.disk.Mend()
	s.must()
	s.must(&request{records: change})
	report, err := Verify(context.Background(), s.store, nil)
	if err != nil || len(report.Problems) > 0 || report.Transitions != 4 {
		t.Errorf("%+v, %v", report, err)
	}
}
