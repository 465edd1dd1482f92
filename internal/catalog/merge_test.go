package catalog

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestMergeLaysTypesOverTypes(t *testing.T) {
	c := &Catalog{
		Zone:       "Europe/Berlin",
		Attributes: Fields{"plan": {Kind: Text}, "born": {Kind: Text}, "seen": {Kind: Number}},
		Events:     map[string]Fields{"bought": {"total": {Kind: Number}, "items": {Kind: ObjectList, Fields: Fields{"sku": {Kind: Text}}}}},
		Segments:   []string{"b"},
		Consents:   []Consent{{"sms", "news"}},
		Dimensions: map[string]Dimension{"plan": Behavioural, "born": Demographic},
	}
	over := &Catalog{
		Attributes: Fields{"born": {Kind: Date}, "seen": {Kind: Unknown}},
		Company:    Fields{"size": {Kind: Number}},
		Events: map[string]Fields{
			"bought": {"items": {Kind: ObjectList, Fields: Fields{"price": {Kind: Number}}}},
			"called": nil,
		},
		Segments:   []string{"a", "b"},
		Consents:   []Consent{{"email", "news"}, {"sms", "news"}},
		Dimensions: map[string]Dimension{"plan": Transactional},
	}
	c.Merge(over)
	want := &Catalog{
		Zone:       "Europe/Berlin",
		Attributes: Fields{"plan": {Kind: Text}, "born": {Kind: Date}, "seen": {Kind: Number}},
		Company:    Fields{"size": {Kind: Number}},
		Events: map[string]Fields{
			"bought": {"total": {Kind: Number}, "items": {Kind: ObjectList, Fields: Fields{"sku": {Kind: Text}, "price": {Kind: Number}}}},
			"called": nil,
		},
		Segments:   []string{"a", "b"},
		Consents:   []Consent{{"email", "news"}, {"sms", "news"}},
		Dimensions: map[string]Dimension{"plan": Transactional, "born": Demographic},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
	if len(over.Events["bought"]["items"].Fields) != 1 {
		t.Error("Merge changed the catalogue that it laid over")
	}
}

func TestMergeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawCatalog(t, "a"), drawCatalog(t, "b")
		bBefore := reflect.ValueOf(drawCopy(b)).Interface()
		a.Merge(b)
		if !reflect.DeepEqual(drawCopy(b), bBefore) {
			t.Fatal("Merge changed its argument")
		}
		once := drawCopy(a)
		a.Merge(b)
		if !reflect.DeepEqual(drawCopy(a), once) {
			t.Fatalf("merging twice differs from once:\n%+v\n%+v", a, once)
		}
		for path, want := range b.Attributes {
			if got := a.Attributes[path]; want.Kind != Unknown && got.Kind != want.Kind {
				t.Fatalf("%s is %v after the merge, declared %v", path, got, want)
			}
		}
		a.Merge(&Catalog{})
		if !reflect.DeepEqual(drawCopy(a), once) {
			t.Fatal("an empty catalogue changed something")
		}
	})
}

func drawCatalog(t *rapid.T, label string) *Catalog {
	name := rapid.SampledFrom([]string{"x", "y", "z"})
	kind := rapid.Custom(func(t *rapid.T) Type { return Type{Kind: Kind(rapid.IntRange(0, int(TextList)).Draw(t, "kind"))} })
	list := rapid.Custom(func(t *rapid.T) Type {
		return Type{Kind: ObjectList, Fields: rapid.MapOf(name, kind).Draw(t, "members")}
	})
	fields := rapid.MapOf(name, rapid.OneOf(kind, list))
	c := &Catalog{
		Zone:       rapid.SampledFrom([]string{"", "Europe/Berlin"}).Draw(t, label+" zone"),
		Attributes: fields.Draw(t, label+" attributes"),
		Events:     rapid.MapOf(name, fields).Draw(t, label+" events"),
		Segments:   rapid.SliceOf(name).Draw(t, label+" segments"),
	}
	return c
}

// drawCopy gives a deep copy in which empty maps and lists are nil.
func drawCopy(c *Catalog) Catalog {
	var copied Catalog
	copied.Merge(c)
	return copied
}
