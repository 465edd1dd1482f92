package survey

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
)

func take(t testing.TB, text string) *Survey {
	t.Helper()
	in, err := table.Open(table.Source{Name: "test", Reader: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Take(t.Context(), in, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// typesOf gives what the columns are.
func typesOf(s *Survey) string {
	var types []string
	for i := range s.Columns {
		kind, doubt := s.Type(i, s.Hints)
		text := kind.String()
		if doubt != value.Sure {
			text += "?"
		}
		types = append(types, text)
	}
	return strings.Join(types, " · ")
}

func TestColumnsTellAboutEachOther(t *testing.T) {
	for text, want := range map[string]string{
		"a,b\n1/2/2025,31/1/2025\n":             "date d/m/y · date d/m/y",
		"a,b\n1/2/2025,1/31/2025\n":             "date m/d/y · date m/d/y",
		"a,b,c\n1/2/2025,31/1/2025,1/31/2025\n": "date? · date d/m/y · date m/d/y",
		"a;b\n1.500;2,5\n":                      "number 1.234,56 · number 1.234,56",
		"a;b\n1.500;2.5\n":                      "number 1,234.56 · number",
		"a;b\n1.500;x\n":                        "number 1.234,56? · text",
		"a\tb\n1.500\tx\n":                      "number 1,234.56? · text",
		"a,b,c\n\"1,500\",\"2,5\",2.5\n":        "number 1,234.56? · number 1.234,56 · number",
	} {
		if got := typesOf(take(t, text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestTheLastRowCountsToo(t *testing.T) {
	text := "code\n" + strings.Repeat("22423\n", 50_000)
	if got := typesOf(take(t, strings.Replace(text, "code", "wert", 1))); got != "number" {
		t.Errorf("%s", got)
	}
	if got := typesOf(take(t, strings.Replace(text, "code", "wert", 1)+"85123A\n")); got != "text" {
		t.Errorf("%s", got)
	}
}

func TestQuotesInJSONMakeText(t *testing.T) {
	s := take(t, `{"a":"1","b":2,"c":"true","d":"2025-12-31","e":"31.12.2025","f":[1]}`+"\nkaputt\n"+`{"late":1}`)
	if got, want := typesOf(s), "text · json · text · date · date · json · json"; got != want || s.Rows != 3 {
		t.Errorf("%s of %d rows, want %s", got, s.Rows, want)
	}
}

func TestASurveyCanBeInterrupted(t *testing.T) {
	in, err := table.Open(table.Source{Name: "test", Reader: strings.NewReader("a\n" + strings.Repeat("1\n", 10_000))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	rows := 0
	_, err = Take(ctx, in, true, func(_ int64, n int) {
		rows = n
		cancel()
	})
	if !errors.Is(err, context.Canceled) || rows == 0 || rows > 2*interval {
		t.Errorf("%v after %d rows", err, rows)
	}
}

// TestTheOrderOfRowsDoesNotMatter for what columns are.
func TestTheOrderOfRowsDoesNotMatter(t *testing.T) {
	cell := rapid.SampledFrom([]string{"1", "1.500", "1,5", "2.5", "1/2/2025", "31/1/2025", "1.2.2025", "x", "", "n/a", "ja", "nein", "20250101", "007"})
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("%s|%s", cell.Draw(t, "a"), cell.Draw(t, "b"))
		}), 1, 8).Draw(t, "rows")
		shuffled := rapid.Permutation(rows).Draw(t, "shuffled")
		header := "a|datum\n"
		first := typesOf(take(quiet{}, header+strings.Join(rows, "\n")))
		second := typesOf(take(quiet{}, header+strings.Join(shuffled, "\n")))
		if first != second {
			t.Fatalf("%s of %q, %s of %q", first, rows, second, shuffled)
		}
	})
}

// quiet is a test inside of a property, which fails by panic.
type quiet struct{ testing.TB }

func (quiet) Helper()                  {}
func (quiet) Context() context.Context { return context.Background() }
func (quiet) Fatal(args ...any)        { panic(fmt.Sprint(args...)) }
