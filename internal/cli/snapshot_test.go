package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

const snapshot = "data/main.index"

// smallShop imports two customers of a country.
func smallShop(t *testing.T, country string) *place {
	t.Helper()
	p := newPlace(t)
	p.importShop(country)
	return p
}

func (p *place) importShop(country string) {
	p.t.Helper()
	calls := p.write("calls.ndjson",
		`{"type": "identify", "userId": "anna", "messageId": "1", "timestamp": "2025-01-10T08:00:00Z", "traits": {"country": "`+country+`"}}`,
		`{"type": "identify", "userId": "ben", "messageId": "2", "timestamp": "2025-01-10T08:00:00Z", "traits": {"country": "AT"}}`)
	p.ok("import", "--as", "calls", calls)
}

const fromGermany = `country = "DE"`

func TestSnapshotIsUsed(t *testing.T) {
	austria := smallShop(t, "AT")
	austria.ok("count", fromGermany)
	foreign := austria.read(snapshot)

	germany := smallShop(t, "DE")
	if got := germany.ok("count", fromGermany); !strings.HasPrefix(got, "1 of 2") {
		t.Fatalf("got %s", got)
	}
	before := germany.read(snapshot)
	if germany.ok("list", fromGermany); germany.read(snapshot) != before {
		t.Error("the second call wrote the index again")
	}
	// What the snapshot says counts: one of other data with the same fields and revision gives the answer of those.
	if err := os.WriteFile(snapshot, []byte(foreign), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := germany.ok("count", fromGermany); !strings.HasPrefix(got, "0 of 2") {
		t.Errorf("the snapshot was not read: %s", got)
	}
}

// TestSnapshotIsRebuilt makes the index anew wherever there is none that fits.
func TestSnapshotIsRebuilt(t *testing.T) {
	p := smallShop(t, "DE")
	p.ok("count", fromGermany)
	good, err := os.ReadFile(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(change func([]byte) []byte) func() {
		return func() {
			if err := os.WriteFile(snapshot, change(bytes.Clone(good)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, spoil := range map[string]func(){
		"removed":   func() { _ = os.Remove(snapshot) },
		"empty":     damaged(func(b []byte) []byte { return nil }),
		"truncated": damaged(func(b []byte) []byte { return b[:len(b)*2/3] }),
		"a bit":     damaged(func(b []byte) []byte { b[len(b)*2/3] ^= 4; return b }),
		"something": damaged(func(b []byte) []byte { return bytes.Repeat([]byte("kohorte\n"), 100) }),
	} {
		t.Run(name, func(t *testing.T) {
			spoil()
			if got := p.ok("count", fromGermany); !strings.HasPrefix(got, "1 of 2") {
				t.Errorf("got %s", got)
			}
			if again, err := os.ReadFile(snapshot); err != nil || !bytes.Equal(again, good) {
				t.Errorf("the snapshot is not as it was, %v", err)
			}
		})
	}
}

func TestSnapshotFollowsTheData(t *testing.T) {
	p := smallShop(t, "DE")
	p.ok("count", fromGermany)
	calls := p.write("more.ndjson", `{"type": "identify", "userId": "ben", "messageId": "3", "timestamp": "2025-02-10T08:00:00Z", "traits": {"country": "DE"}}`)
	p.ok("import", "--as", "calls", calls)
	if got := p.ok("count", fromGermany); !strings.HasPrefix(got, "2 of 2") {
		t.Errorf("after an import: %s", got)
	}
	if got := p.ok("count", fromGermany, "--at", "2025-01-20"); !strings.HasPrefix(got, "1 of 2") {
		t.Errorf("before that: %s", got)
	}
	p.fails(1, "unknown segment", "count", "in segment win_back")
	p.ok("fields", "--declare", p.write("more.json", `{"segments": ["win_back"]}`))
	if got := p.ok("count", "not in segment win_back"); !strings.HasPrefix(got, "2 of 2") {
		t.Errorf("after a declaration: %s", got)
	}
}

// TestSnapshotOfAWorkspaceThatIsGone removes only the workspace's file, as people do.
func TestSnapshotOfAWorkspaceThatIsGone(t *testing.T) {
	p := smallShop(t, "DE")
	p.ok("count", fromGermany)
	if err := os.Remove("data/main.db"); err != nil {
		t.Fatal(err)
	}
	p.importShop("AT")
	if got := p.ok("count", fromGermany); !strings.HasPrefix(got, "0 of 2") {
		t.Errorf("the index of the former data answers: %s", got)
	}
}

func TestSnapshotThatCannotBeKept(t *testing.T) {
	p := smallShop(t, "DE")
	if err := os.Mkdir(snapshot, 0o700); err != nil {
		t.Fatal(err)
	}
	p.write(snapshot+"/taken", "")
	stdout, stderr, status := p.run("count", fromGermany)
	if status != 0 || !strings.HasPrefix(stdout, "1 of 2") || !strings.Contains(stderr, "the index is not kept for the next call") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if entries, err := os.ReadDir("data"); err != nil || len(entries) != 3 { // the workspace, its lock and what is in the way
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
