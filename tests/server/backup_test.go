package server

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestBackup makes backups under load. Each is a workspace of its own, of one
// moment, with all that was acknowledged before.
func TestBackup(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	define(p)
	p.start()
	l := newLoad(p, 2, 1)
	dir := t.TempDir()
	for _, name := range []string{"first.db", "second.db"} {
		l.begin()
		<-after(400 * time.Millisecond)
		l.end(t)
		events, _ := l.acknowledged()
		l.begin()
		file := filepath.Join(dir, name)
		p.run("backup", file)
		l.end(t)
		restored := &program{t: t, data: t.TempDir(), client: p.client, read: p.read, write: p.write}
		restored.run("restore", file)
		restored.verify()
		a := newAudit(restored)
		a.readEvents(t)
		a.transitions(t)
		for n := range events {
			if !a.events[n] {
				t.Fatalf("the event %d, which was acknowledged before, is not in %s", n, name)
			}
		}
		restored.start()
		restored.kick("after", 1)
		restored.verify()
		restored.kill()
	}
	p.verify()
	checkRefusals(t, p, dir)
}

// checkRefusals sees what restore and backup refuse.
func checkRefusals(t *testing.T, p *program, dir string) {
	t.Helper()
	good := filepath.Join(dir, "second.db")
	whole, err := os.ReadFile(good)
	must(t, err)
	garbage := func(name string, text []byte) string {
		file := filepath.Join(dir, name)
		must(t, os.WriteFile(file, text, 0o600))
		return file
	}
	other := &program{t: t, data: t.TempDir()}
	other.refused([]string{"cannot be restored"}, "restore", garbage("text", []byte("This is not a backup. It is too short for one, too.")))
	other.refused([]string{"cannot be restored"}, "restore", garbage("empty", nil))
	other.refused([]string{"cannot be restored"}, "restore", garbage("half", whole[:len(whole)/2]))
	other.refused([]string{"missing cannot be restored", "no such file"}, "restore", filepath.Join(dir, "missing"))
	damaged := append([]byte(nil), whole...)
	for i := len(damaged) / 2; i < len(damaged)/2+20_000; i++ {
		damaged[i] ^= 0x55
	}
	other.refused([]string{"cannot be restored"}, "restore", garbage("damaged", damaged))
	if left, err := os.ReadDir(other.data); err != nil || len(left) > 0 {
		t.Errorf("after refused backups there is %v (%v)", left, err)
	}
	p.refused([]string{"exists already"}, "backup", good)
	p.refused([]string{"another kohorte process"}, "restore", "--force", good)
	_, err = p.stop()
	must(t, err)
	p.refused([]string{"--force", ".before"}, "restore", good)
	p.run("restore", "--force", good)
	p.start()
	p.verify()
}
