package store

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	if _, err := s.Find(ctx, "anna"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "no customers yet") {
		t.Errorf("in an empty workspace: %v", err)
	}
	apply(t, s, now, identify(ids(user("c00017"), email("Anna@Example.de")), 1, `{}`), identify(ids(user("3")), 1, `{}`), identify(ids(user("other")), 1, `{}`),
		group(nil, firm("acme"), "", 1, `{}`), identify(ids(user("a:b")), 1, `{}`))
	for text, want := range map[string]string{
		"c00017": "c00017", " c00017 ": "c00017", "user:c00017": "c00017", "email:Anna@Example.de": "c00017", "1": "c00017", "#1": "c00017",
		"3": "3", "#3": "other", "company:acme": "company:acme", "a:b": "a:b", "user:a:b": "a:b",
	} {
		if c, err := s.Find(ctx, text); err != nil || c.Name != want {
			t.Errorf("%s finds %q %v, want %q", text, c.Name, err, want)
		}
	}
	for text, want := range map[string]string{
		"c0017":                 `did you mean "c00017"?`,
		"C00017":                `did you mean "c00017"?`,
		"email:anna@example.de": `did you mean "email:Anna@Example.de"?`,
		"company:acne":          `did you mean "company:acme"?`,
		"phone:1":               "one of the namespaces company, email, user",
		"zzz":                   "use a user id, namespace:value such as",
		"99":                    "use a user id",
		"#99":                   "use a user id",
		"":                      "use a user id",
	} {
		if _, err := s.Find(ctx, text); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestPostcodes(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	want := func(want ...Postcode) {
		t.Helper()
		var got []Postcode
		must(t, s.Postcodes(ctx, func(p Postcode) error { got = append(got, p); return nil }))
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	must(t, s.SetPostcodes(ctx, []Postcode{{"DE", "70173", 48, 9}, {"AT", "1010", 48.25, 16.5}, {"DE", "50667", 50, 6}, {"DE", "70173", 49, 10}}))
	want(Postcode{"AT", "1010", 48.25, 16.5}, Postcode{"DE", "50667", 50, 6}, Postcode{"DE", "70173", 48.5, 9.5})
	must(t, s.SetPostcodes(ctx, []Postcode{{"DE", "70174", 48, 9}, {"DE", "50667", 51, 6}}))
	want(Postcode{"AT", "1010", 48.25, 16.5}, Postcode{"DE", "50667", 51, 6}, Postcode{"DE", "70174", 48, 9})
	for _, bad := range []Postcode{{"DE", "1", 91, 0}, {"DE", "1", 0, -181}, {"DE", "1", math.NaN(), 0}, {"", "1", 0, 0}, {"DE", "", 0, 0}} {
		if err := s.SetPostcodes(ctx, []Postcode{{"CH", "8001", 47, 8}, bad}); err == nil {
			t.Errorf("kept %v", bad)
		}
	}
	want(Postcode{"AT", "1010", 48.25, 16.5}, Postcode{"DE", "50667", 51, 6}, Postcode{"DE", "70174", 48, 9})
}

// Lines of lists name people by what sources call them; only people at the command line name them by internal ids.
func TestWhomLinesName(t *testing.T) {
	s := open(t)
	apply(t, s, now, identify(ids(user("anna"), email("anna.mueller@post.example")), 1, `{}`), identify(ids(user("3")), 1, `{}`), identify(ids(user("Bo@x.de")), 1, `{}`),
		group(nil, firm("acme"), "", 1, `{}`), identify(ids(email("bo@x.de")), 1, `{}`))
	must(t, s.View(context.Background(), func(v *View) error {
		for line, want := range map[string][]int64{
			"anna": {1}, "user:anna": {1}, " #1 ": {1}, "email:Anna.Mueller@POST.example": {1}, "Anna.Mueller@post.example": {1},
			"3": {2}, "1": nil, "#2": {2}, "#4": nil, "#99": nil, "company:acme": nil, "Bo@x.de": {3, 5}, "BO@X.de": {5}, "email:": nil, "": nil, "@": nil,
		} {
			var ids []int64
			for _, name := range NamesIn(line) {
				id, err := v.PersonOf(name)
				must(t, err)
				if id != 0 {
					ids = append(ids, id)
				}
			}
			if !slices.Equal(ids, want) {
				t.Errorf("%q names %d, not %d", line, ids, want)
			}
		}
		for line, want := range map[string]int64{"acme": 4, " company:acme": 4, "anna": 0, "4": 0} {
			if id, err := v.CompanyOf(line); id != want || err != nil {
				t.Errorf("the company %q is %d %v, not %d", line, id, err, want)
			}
		}
		return nil
	}))
}
