package store

import (
	"context"
	"maps"
	"slices"
	"testing"
)

func TestNamespaces(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	apply(t, s, now, identify(ids(user("anna"), email("old@example.de")), 1, `{}`))
	apply(t, s, now+1, identify(ids(user("anna"), email("a-new@example.de")), 1, `{}`), identify(ids(device("x"), email("x@example.de")), 1, `{}`),
		identify(ids(device("y")), 1, `{}`), group(nil, firm("acme"), "", 1, `{}`))
	apply(t, s, now+2, alias(device("x"), user("anna")))
	must(t, s.View(ctx, func(v *View) error {
		all, err := v.Namespaces(ctx)
		slices.Sort(all)
		if want := []string{"anonymous", "company", "email", "user"}; err != nil || !slices.Equal(all, want) {
			t.Errorf("%q, %v", all, err)
		}
		for namespace, want := range map[string]map[int64]string{
			"user": {1: "anna"}, "email": {1: "a-new@example.de"}, "anonymous": {1: "x", 3: "y"}, "company": {}, "phone": {},
		} {
			if got, err := v.InNamespace(ctx, namespace); err != nil || !maps.Equal(got, want) {
				t.Errorf("%s: %v, %v, want %v", namespace, got, err, want)
			}
		}
		return nil
	}))
}
