package store

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// namesOf lists the names and scopes of the keys.
func namesOf(t *testing.T, s *Store) string {
	t.Helper()
	keys, err := s.Keys(context.Background())
	must(t, err)
	var all []string
	for _, k := range keys {
		all = append(all, fmt.Sprintf("%s %s %d", k.Name, k.Scope, k.Created))
	}
	return strings.Join(all, ", ")
}

func TestKeys(t *testing.T) {
	ctx, s := context.Background(), open(t)
	before, _, err := s.Revision(ctx)
	must(t, err)
	shop, err := s.AddKey(ctx, "shop", ScopeWrite, 10)
	must(t, err)
	crm, err := s.AddKey(ctx, "CRM für Köln", ScopeRead, 20)
	must(t, err)
	for key, form := range map[string]string{shop: `^kw_[A-Z2-7]{52}$`, crm: `^kr_[A-Z2-7]{52}$`} {
		if !regexp.MustCompile(form).MatchString(key) {
			t.Errorf("a key is %s", key)
		}
	}
	if got := namesOf(t, s); got != "shop write 10, CRM für Köln read 20" {
		t.Errorf("keys: %s", got)
	}
	found, ok, err := s.FindKey(ctx, crm)
	if want := (Key{2, "CRM für Köln", ScopeRead, 20, HashKey(crm)}); found != want || !ok || err != nil {
		t.Errorf("found %+v %t %v", found, ok, err)
	}
	must(t, s.RemoveKey(ctx, "CRM für Köln"))
	for _, wrong := range []string{crm, "", shop[:len(shop)-1], strings.ToLower(shop)} {
		if found, ok, err := s.FindKey(ctx, wrong); ok || err != nil || found != (Key{}) {
			t.Errorf("%q finds %+v %v", wrong, found, err)
		}
	}
	if got := namesOf(t, s); got != "shop write 10" {
		t.Errorf("keys after one was removed: %s", got)
	}
	if after, _, err := s.Revision(ctx); after != before || err != nil {
		t.Errorf("keys change the revision from %d to %d, %v", before, after, err)
	}
}

func TestKeysRefused(t *testing.T) {
	ctx, s := context.Background(), open(t)
	if err := s.RemoveKey(ctx, "shop"); err == nil || err.Error() != `there is no key "shop"; there are none` {
		t.Errorf("remove without keys: %v", err)
	}
	_, err := s.AddKey(ctx, "shop", ScopeWrite, 10)
	must(t, err)
	for _, c := range []struct {
		name  string
		scope Scope
		says  string
	}{
		{"shop", ScopeRead, `there is a key "shop" already`},
		{"crm", "admin", `"admin" is no scope of a key: use write, to send calls, read, to read transitions`},
		{"", ScopeRead, `"" cannot be the name of a key`},
		{" crm", ScopeRead, "cannot be the name"},
		{"a\nb", ScopeRead, "cannot be the name"},
		{"a\xff", ScopeRead, "cannot be the name"},
		{strings.Repeat("ü", 101), ScopeRead, "use up to 100 printable characters"},
	} {
		if key, err := s.AddKey(ctx, c.name, c.scope, 20); key != "" || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q %s: %q %v", c.name, c.scope, key, err)
		}
	}
	if s.writer == nil {
		t.Error("a refusal makes the writer forget everything")
	}
	_, err = s.AddKey(ctx, strings.Repeat("ü", 100), ScopeRead, 20)
	must(t, err)
	must(t, s.RemoveKey(ctx, strings.Repeat("ü", 100)))
	for name, says := range map[string]string{"shpo": `there is no key "shpo"; did you mean "shop"?`, "elsewhere": `there is no key "elsewhere"; there are shop`} {
		if err := s.RemoveKey(ctx, name); err == nil || err.Error() != says {
			t.Errorf("remove %s: %v", name, err)
		}
	}
	if got := namesOf(t, s); got != "shop write 10" {
		t.Errorf("keys: %s", got)
	}
}

// TestKeysAreNotKept looks for the key in the files of the workspace.
func TestKeysAreNotKept(t *testing.T) {
	dir := memoryDir(t)
	s := openIn(t, dir)
	key, err := s.AddKey(context.Background(), "shop", ScopeWrite, 10)
	must(t, err)
	must(t, s.Close())
	s = openIn(t, dir)
	defer func() { must(t, s.Close()) }()
	if k, ok, err := s.FindKey(context.Background(), key); !ok || k.Name != "shop" || err != nil {
		t.Errorf("after opening again: %+v %t %v", k, ok, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		must(t, err)
		if bytes.Contains(content, []byte(key[3:])) {
			t.Errorf("%s has the key itself", file)
		}
	}
	if len(files) == 0 {
		t.Error("there is no file")
	}
}
