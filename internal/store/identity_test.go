package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
)

func alias(previous record.Identity, who ...record.Identity) record.Record {
	return record.Record{Kind: record.Alias, Customer: who, Previous: previous, Source: "web"}
}

// TestMerge lets a visitor become a user; all that was said of the visitor counts for the user.
func TestMerge(t *testing.T) {
	for _, join := range []struct {
		name   string
		record record.Record
	}{
		{"identify", identify(ids(user("anna"), device("d1")), 50, `{}`)},
		{"alias", alias(device("d1"), user("anna"))},
		{"alias the other way", alias(user("anna"), device("d1"))},
	} {
		t.Run(join.name, func(t *testing.T) {
			s := open(t)
			visitor := ids(device("d1"))
			apply(t, s, now,
				track(visitor, "page_viewed", 10, `{}`, "k1"), identify(visitor, 30, `{"plan":"trial"}`), consent(visitor, "email", "news", true, 15),
				group(visitor, firm("acme"), "", 12, `{}`),
				identify(ids(user("anna")), 20, `{"plan":"pro"}`), identify(ids(user("anna")), 40, `{"plan":"trial"}`), track(ids(user("anna")), "page_viewed", 11, `{}`, "k2"))
			wantResult(t, apply(t, s, now, join.record), Result{Customers: Tally{Changed: 1}, Merges: 1})
			before := contents(t, s)
			wantResult(t, apply(t, s, now, join.record), Result{Customers: Tally{Unchanged: 1}})
			wantResult(t, apply(t, s, now, identify(visitor, 30, `{"plan":"trial"}`), consent(visitor, "email", "news", true, 15), group(visitor, firm("acme"), "", 12, `{}`)),
				Result{Customers: Tally{Unchanged: 1}, Companies: Tally{Unchanged: 1}, Repeated: 1})
			if after := contents(t, s); after != before {
				t.Errorf("again changed\n%s\ninto\n%s", before, after)
			}
			apply(t, s, now, track(visitor, "page_viewed", 60, `{}`, "k3"))
			wantStory(t, s, "customer company:acme", "customer anna",
				`anna: plan = "pro" from 20 by crm`, `anna: plan = "trial" from 30 by crm`,
				`anna: joined company:acme as "" from 12 by crm`,
				"anna: page_viewed at 10 {} by shop, received 1795262400000", "anna: page_viewed at 11 {} by shop, received 1795262400000",
				"anna: page_viewed at 60 {} by shop, received 1795262400000", "anna: email news true from 15 by form")
		})
	}
}

// TestMergeChain merges twice, and finds everything by each name.
func TestMergeChain(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	apply(t, s, now, track(ids(device("d1")), "x", 1, `{}`, "1"), track(ids(email("a@x.de")), "x", 2, `{}`, "2"), track(ids(user("anna")), "x", 3, `{}`, "3"))
	apply(t, s, now, track(ids(email("a@x.de"), device("d1")), "x", 4, `{}`, "4"))
	apply(t, s, now, track(ids(user("anna"), email("a@x.de"), device("d2")), "x", 5, `{}`, "5"))
	for _, name := range []string{"anna", "user:anna", "email:a@x.de", "anonymous:d1", "anonymous:d2", "1", "2", "#3"} {
		c, err := s.Find(ctx, name)
		if err != nil || c.Name != "anna" || c.ID != 3 || c.Kind != Person || c.Created != now {
			t.Errorf("%s finds %+v %v", name, c, err)
		}
	}
	list, err := s.Identities(ctx, 1)
	must(t, err)
	var got []string
	for _, i := range list {
		got = append(got, fmt.Sprintf("%s:%s %t %s", i.Namespace, i.Value, i.Merged, i.Source))
	}
	if want := "[user:anna false shop anonymous:d1 true shop anonymous:d2 false shop email:a@x.de true shop]"; fmt.Sprint(got) != want {
		t.Errorf("identities %s, want %s", got, want)
	}
	must(t, s.Events(ctx, 0, func(e *Event) error {
		if e.Customer != 3 {
			t.Errorf("event %d belongs to %d", e.Seq, e.Customer)
		}
		return nil
	}))
}

// TestSharedIdentity has two users with one mailbox and one device: nothing is merged, nothing is lost.
func TestSharedIdentity(t *testing.T) {
	s := open(t)
	got := apply(t, s, now,
		identify(ids(user("anna"), email("info@x.de"), device("d")), 1, `{"n":1}`),
		identify(ids(user("ben"), email("info@x.de")), 2, `{"n":2}`),
		track(ids(user("ben"), device("d")), "x", 3, `{}`, "k"),
		identify(ids(email("info@x.de")), 4, `{"n":3}`))
	wantResult(t, got, Result{Customers: Tally{New: 2, Changed: 1}, Events: 1, Conflicts: 2})
	wantStory(t, s, "customer anna", "customer ben", "anna: n = 1 from 1 by crm", "anna: n = 3 from 4 by crm", "ben: n = 2 from 2 by crm",
		"ben: x at 3 {} by shop, received 1795262400000")
}

// TestTwoUsersAreNotMerged refuses aliases of two users, however they are named.
func TestTwoUsersAreNotMerged(t *testing.T) {
	s := open(t)
	apply(t, s, now, identify(ids(user("anna"), email("a@x.de")), 1, `{}`), identify(ids(user("ben"), email("b@x.de")), 1, `{}`))
	before := contents(t, s)
	got := apply(t, s, now, alias(user("ben"), user("anna")), alias(email("b@x.de"), user("anna")), alias(email("b@x.de"), email("a@x.de")),
		alias(email("b@x.de"), user("new")), alias(user("old"), user("anna")))
	if len(got.Rejections) != 5 {
		t.Errorf("%+v", got)
	}
	for _, r := range got.Rejections {
		if !strings.Contains(r.Reason, "users are never merged without a person's decision") {
			t.Errorf("record %d: %s", r.Index, r.Reason)
		}
	}
	if after := contents(t, s); after != before {
		t.Error("a refused alias changed something")
	}
}

// TestNames shows which name a customer bears.
func TestNames(t *testing.T) {
	s := open(t)
	apply(t, s, now, track(ids(device("d")), "x", 1, `{}`, "1"))
	wantStory(t, s, "customer anonymous:d", "anonymous:d: x at 1 {} by shop, received 1795262400000")
	apply(t, s, now, track(ids(email("a@x.de"), device("d")), "x", 2, `{}`, "2"), track(ids(device("d"), user("anna")), "x", 2, `{}`, "3"))
	if got := story(t, s)[0]; got != "customer anna" {
		t.Error(got)
	}
	// The same id names a person and a company.
	apply(t, s, now, group(ids(firm("7")), firm("7"), "", 1, `{}`))
	if got := story(t, s); got[1] != "customer company:7" || got[2] != "customer company:7" {
		t.Error(got)
	}
}

func TestIdentityCache(t *testing.T) {
	c := newIdentityCache(10)
	key := func(i int) identityKey { return c.key(Person, user(fmt.Sprint(i))) }
	for i := range 1000 {
		c.put(key(i), int64(i))
		if got, ok := c.get(key(0)); !ok || got != 0 {
			t.Fatalf("what is used all the time was forgotten after %d", i)
		}
		if got, ok := c.get(key(i)); !ok || got != int64(i) {
			t.Fatalf("%d gives %d %t", i, got, ok)
		}
	}
	if n := len(c.young) + len(c.old); n > 20 {
		t.Errorf("%d entries", n)
	}
	if _, ok := c.get(key(500)); ok {
		t.Error("nothing was forgotten")
	}
	if c.key(Person, user("1")) == c.key(Company, user("1")) || c.key(Person, user("1")) == c.key(Person, email("1")) {
		t.Error("different identities have one key")
	}
}
