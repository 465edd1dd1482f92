package record

import (
	"testing"

	"pgregory.net/rapid"
)

func TestKeysDifferWhereAnyPartDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringN(0, 3, -1), 0, 3)
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		same := len(a) == len(b)
		for i := range a {
			same = same && a[i] == b[i]
		}
		if got := KeyOf("k", a...) == KeyOf("k", b...); got != same {
			t.Fatalf("the keys of %q and %q are equal: %v", a, b, got)
		}
	})
}

func TestKeysStayAsTheyAre(t *testing.T) {
	// Keys are stored: another function would take every message in a second time.
	want := [16]byte{0x6a, 0xd0, 0xd9, 0x6d, 0x8c, 0x4a, 0xe9, 0xd5, 0x84, 0x30, 0xa8, 0xf8, 0xb7, 0x99, 0x6c, 0x89}
	if got := MessageKey("m0000001"); got != want {
		t.Errorf("the key is %x", got)
	}
	if KeyOf("message", "a") == KeyOf("order", "a") {
		t.Error("keys of two kinds are equal")
	}
}
