package live

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/store/faulttest"
	"pgregory.net/rapid"
)

// While the disk fails in every way and is mended again, while the machine crashes
// and what was reported as failed is sent again, memberships stay those of a naive
// evaluation, and each record is in the store exactly once.
func TestMembershipsSurviveABrokenDisk(t *testing.T) {
	root := memoryDir(t)
	disk := faulttest.Over(root)
	rapid.Check(t, func(rt *rapid.T) {
		disk.Mend()
		dir, err := os.MkdirTemp(root, "case")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		tr := newTrial(rt, filepath.Join(dir, "0"))
		for i := range tr.facts {
			r := &tr.facts[i].record
			binary.BigEndian.PutUint64(r.Key[:], uint64(i+1))
			r.Retry = true
		}
		f := &disturbed{trial: tr, disk: disk, root: dir}
		tr.server.disk, tr.server.mend, tr.disturb = disk, f.mend, f.disturb
		tr.run()
		f.countEvents()
	})
}

// disturbed is a random case with a disk that fails.
type disturbed struct {
	*trial
	disk    *faulttest.Disk
	root    string
	crashes int
}

var faults = []faulttest.Fault{
	faulttest.WriteError, faulttest.ShortWrite, faulttest.SyncError, faulttest.Full, faulttest.ReadOnly, faulttest.ReadError,
}

// disturb has the disk fail, now or a little later, if it does not yet.
func (f *disturbed) disturb() {
	if !rapid.Bool().Draw(f.T, "disturbed") {
		return
	}
	fault := rapid.SampledFrom(faults).Draw(f.T, "fault")
	after := rapid.IntRange(0, 12).Draw(f.T, "after")
	if fault == faulttest.Full && rapid.Bool().Draw(f.T, "some room") {
		f.disk.Fill(int64(after) * 8_000)
		return
	}
	if fault == faulttest.SyncError {
		after /= 6
	}
	if rapid.Bool().Draw(f.T, "once") {
		f.disk.Hiccup(fault, after)
		return
	}
	f.disk.Break(fault, after)
}

// mend waits while the engine finds the disk broken, has the machine crash or not,
// and mends the disk.
func (f *disturbed) mend(err error) bool {
	f.Helper()
	if f.crashes > 0 && errors.Is(err, store.ErrNoEvent) {
		return false // it was removed before the crash
	}
	if !errors.Is(err, ErrUnavailable) {
		f.Fatalf("while the disk is broken: %v", err)
	}
	for range rapid.IntRange(0, 2).Draw(f.T, "seconds broken") {
		f.server.probe()
	}
	if rapid.IntRange(0, 3).Draw(f.T, "crash") == 0 {
		f.crash()
		return true
	}
	f.disk.Mend()
	f.server.recover()
	return true
}

// crash goes on with the files as they are on the disk now.
func (f *disturbed) crash() {
	f.Helper()
	f.crashes++
	s := f.server
	to := filepath.Join(f.root, string(rune('0'+f.crashes)))
	if err := os.CopyFS(to, os.DirFS(s.dir)); err != nil {
		f.Fatal(err)
	}
	_ = os.Remove(filepath.Join(to, "main.db-shm")) // it is lost with the process
	s.close()
	s.dir = to
	s.start()
}

// countEvents compares the events in the store with those that arrived.
func (f *disturbed) countEvents() {
	s, want, got := f.server, 0, 0
	for _, fact := range f.world.arrived {
		if fact.record.Kind == record.Track && fact.record.Event != "" {
			want++
		}
	}
	st, err := store.Open(s.dir, "main")
	if err != nil {
		f.Fatal(err)
	}
	err = st.View(context.Background(), func(v *store.View) error {
		return v.Events(context.Background(), 0, func(e *store.Event) error {
			if e.Customer != 0 {
				got++
			}
			return nil
		})
	})
	if err := errors.Join(err, st.Check(context.Background()), st.Close()); err != nil {
		f.Fatal(err)
	}
	if got != want {
		f.Fatalf("%d events in the store, %d arrived", got, want)
	}
}

// probe lets the engine try again after it could not store something.
func (s *server) probe() {
	changed := s.engine.Changed()
	if s.engine.Counts().Failure == "" {
		return
	}
	s.tried(changed)
	changed = s.engine.Changed()
	if s.engine.Counts().Failure == "" {
		return
	}
	s.clock.Advance(time.Second)
	s.tried(changed)
}

// tried waits until the engine has stored something, or waits for its next try.
func (s *server) tried(changed <-chan struct{}) {
	waits := make(chan struct{})
	next := s.clock.Now() + alarm
	go func() {
		s.clock.WaitForDue(next)
		close(waits)
	}()
	select {
	case <-changed:
	case <-waits:
	}
}

// recover waits until the engine stores data again.
func (s *server) recover() {
	for s.engine.Counts().Failure != "" {
		s.probe()
	}
}
