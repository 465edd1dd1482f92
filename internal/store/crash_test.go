package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
)

// The crash test starts its own binary, which imports batches until it is killed.
const (
	crashDir    = "KOHORTE_TEST_CRASH_DIR"
	crashBatch  = 500
	crashTotal  = 60 // batches
	crashKillAt = 20
)

// crashBatchOf is the batch number n of the import: events, attributes, joins and merges.
func crashBatchOf(n int) []record.Record {
	var records []record.Record
	for i := range crashBatch {
		who := ids(user("u"+strconv.Itoa((n*7+i)%300)), device("d"+strconv.Itoa(n*crashBatch+i)))
		switch i % 5 {
		case 0:
			records = append(records, identify(who, int64(n+1), fmt.Sprintf(`{"n":%d,"text":"batch %d"}`, n, n)))
		case 1:
			records = append(records, group(who[:1], firm("c"+strconv.Itoa(n%10)), "", int64(n+1), `{"size":1}`))
		default:
			records = append(records, track(who[i%2:], "viewed", int64(i+1), fmt.Sprintf(`{"batch":%d}`, n), fmt.Sprintf("%d/%d", n, i)))
		}
	}
	return records
}

// TestCrashChild is the child; it says after each batch that the batch is on disk.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("only a child of TestCrash runs this")
	}
	s := openIn(t, dir)
	for n := range crashTotal {
		apply(t, s, now, crashBatchOf(n)...)
		fmt.Printf("done %d\n", n+1)
	}
}

// TestCrash kills an import with SIGKILL in the middle of a batch. What was
// reported must be there, whole batches only, the file undamaged; and going on
// with the import gives what an import without the crash gives.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	reported := killDuringImport(t, dir)
	s := openIn(t, dir)
	defer func() { must(t, s.Close()) }()
	must(t, s.Check(context.Background()))
	whole := 0
	must(t, s.Events(context.Background(), 0, func(e *Event) error {
		if want := fmt.Sprintf(`{"batch":%d}`, whole/(crashBatch*3/5)); string(e.Props) != want {
			t.Fatalf("event %d has %s, want %s", e.Seq, e.Props, want)
		}
		whole++
		return nil
	}))
	batches := whole / (crashBatch * 3 / 5)
	if whole%(crashBatch*3/5) != 0 || batches < reported || batches > reported+1 {
		t.Fatalf("%d events survived, which is not what %d reported batches make", whole, reported)
	}
	if reported == crashTotal {
		t.Fatal("the import ended before it was killed")
	}
	undisturbed := open(t)
	for n := range batches {
		apply(t, undisturbed, now, crashBatchOf(n)...)
	}
	if contents(t, s) != contents(t, undisturbed) {
		t.Fatal("the survivors are not those of whole batches")
	}
	for n := range crashTotal {
		apply(t, s, now, crashBatchOf(n)...)
		if n >= batches {
			apply(t, undisturbed, now, crashBatchOf(n)...)
		}
	}
	if contents(t, s) != contents(t, undisturbed) {
		t.Fatal("importing everything again gives something else than an import without a crash")
	}
}

// killDuringImport starts the child, kills it and gives how many batches it reported.
func killDuringImport(t *testing.T, dir string) int {
	t.Helper()
	binary, err := os.Executable()
	must(t, err)
	child := exec.Command(binary, "-test.run=^TestCrashChild$")
	child.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	reported := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), "done "); ok {
			reported, err = strconv.Atoi(n)
			must(t, err)
		}
		if reported == crashKillAt {
			must(t, child.Process.Kill())
		}
	}
	_, err = io.Copy(io.Discard, out)
	must(t, err)
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	return reported
}
