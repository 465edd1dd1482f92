package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/segment"
)

// employ has a company with so many employees.
func (c *client) employ(company string, employees int) {
	c.t.Helper()
	_, err := c.engine.Apply(c.t.Context(), []record.Record{{
		Kind: record.Group, Company: record.Identity{Namespace: record.CompanyID, Value: company}, Time: someday - 1000, HasTime: true, Fields: fmt.Appendf(nil, `{"employees":%d}`, employees),
	}}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
}

// Segments of companies are defined, tried out and read like those of people.
func TestSegmentsOfCompanies(t *testing.T) {
	c := start(t)
	c.employ("acme", 300)
	c.employ("tiny", 3)
	large := `"rule":"employees >= 250","members":"companies"`
	c.want(200, http.MethodPost, "/impact", `{"put":[{"name":"large",`+large+`}]}`, `"after":1`)
	c.want(200, http.MethodPut, "/segments/large", `{`+large+`}`, `"members":"companies"`)
	c.want(204, http.MethodPost, "/changes", `{"put":[{"name":"small","rule":"employees < 250","members":"companies"}]}`)
	c.settle()
	c.want(200, http.MethodGet, "/segments/large", "", `"members":1`, `"members":"companies"`)
	c.want(200, http.MethodGet, "/segments/small/members", "", `"name":"company:tiny"`)
	c.want(422, http.MethodPut, "/segments/large", `{"rule":"employees >= 250"}`, "stay people or companies")
	c.want(422, http.MethodPut, "/segments/cats", `{"rule":"employees >= 250","members":"cats"}`)
}

// Dates begin in the zone of the workspace, as in files and queries.
func TestForms(t *testing.T) {
	c := start(t) // in Berlin
	c.kick("u1", 1)
	for given, want := range map[string]string{
		"2027-01-01": "2026-12-31T23:00:00.000Z", "2027-01-01T12:00": "2027-01-01T11:00:00.000Z", "2027-01-01T11:00:00Z": "2027-01-01T11:00:00.000Z",
	} {
		c.want(200, http.MethodPut, "/segments/a", `{"kind":"list","exclude":[{"customer":"u1","until":"`+given+`"}]}`, `"until":"`+want+`"`)
		c.want(200, http.MethodPost, "/rules/count", `{"rule":"count(kick) >= 1","at":"`+given+`"}`, `"at":"`+want+`"`)
	}
	c.want(422, http.MethodPut, "/segments/a", `{"kind":"list","exclude":[{"customer":"u1","until":"soon"}]}`, "until of u1")
	c.want(422, http.MethodPost, "/impact", `{"put":[{"name":"a","kind":"list","exclude":[{"customer":"u1","until":"soon"}]}]}`, "until of u1")
}

// drawn is any definition that the engine takes.
func drawn(t *rapid.T, name string) segment.Definition {
	text := rapid.SampledFrom([]string{"", "a", "ä ß", "<b>"})
	override := rapid.Custom(func(t *rapid.T) segment.Override {
		until := rapid.SampledFrom([]int64{0, 1, someday, someday + 1}).Draw(t, "until")
		return segment.Override{Customer: rapid.SampledFrom([]string{"u1", "ghost", "crm:5"}).Draw(t, "customer"), Reason: text.Draw(t, "reason"), Until: until}
	})
	overrides := rapid.SliceOfN(override, 0, 3)
	texts := func() segment.Texts { return segment.Texts{DE: text.Draw(t, "de"), EN: text.Draw(t, "en")} }
	d := segment.Definition{
		Name: name, Kind: rapid.SampledFrom([]segment.Kind{segment.ByRule, segment.List, segment.Segmentation}).Draw(t, "kind"),
		Members: rapid.SampledFrom([]segment.Members{"", segment.Companies}).Draw(t, "members"), Title: texts(), Description: texts(),
		Owner: text.Draw(t, "owner"), Purpose: text.Draw(t, "purpose"), Tags: rapid.SliceOfN(text, 0, 3).Draw(t, "tags"),
		State: rapid.SampledFrom([]segment.State{segment.Draft, segment.Active}).Draw(t, "state"),
	}
	of := map[segment.Members]string{"": "kicked", segment.Companies: "large"}[d.Members]
	if d.Kind != segment.Segmentation {
		d.MinSize, d.MaxSize = rapid.IntRange(0, 1).Draw(t, "least"), rapid.IntRange(1, 2).Draw(t, "most")
		d.Include, d.Exclude = overrides.Draw(t, "include"), overrides.Draw(t, "exclude")
	}
	switch d.Kind {
	case segment.ByRule:
		d.Rule = "in segment " + of
	case segment.Segmentation:
		d.Parts, d.Rest, d.RestTitle = []string{of}, "others", texts()
	}
	return d
}

// What was read can be given back, and nothing changes.
func TestWhatIsReadCanBeGivenBack(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.employ("acme", 300)
	c.want(200, http.MethodPut, "/segments/kicked", `{"rule":"count(kick) >= 1"}`)
	c.want(200, http.MethodPut, "/segments/large", `{"rule":"employees >= 250","members":"companies"}`)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		path := fmt.Sprintf("/segments/s%d", n)
		d := drawn(t, path[len("/segments/"):])
		if _, err := c.engine.Define(c.t.Context(), d, live.Edit{}); err != nil {
			t.Fatal(err)
		}
		if d.State == segment.Active && rapid.Bool().Draw(t, "rests") {
			d.State = rapid.SampledFrom([]segment.State{segment.Paused, segment.Retired}).Draw(t, "then")
			if _, err := c.engine.Define(c.t.Context(), d, live.Edit{}); err != nil {
				t.Fatal(err)
			}
		}
		var read struct{ Definition json.RawMessage }
		if err := json.Unmarshal(c.want(200, http.MethodGet, path, "").body, &read); err != nil {
			t.Fatal(err)
		}
		c.want(200, http.MethodPut, path, string(read.Definition))
		for _, s := range c.engine.Segments() {
			if s.Name == d.Name && s.Definition.JSON() != d.JSON() {
				t.Fatalf("%s\nwas read as %s\nand given back is\n%s", d.JSON(), read.Definition, s.Definition.JSON())
			}
		}
		c.want(204, http.MethodDelete, path, "")
	})
}

// Nothing of a definition is kept back from programs, apart from what stands beside it.
func TestDefinitionsAreWhole(t *testing.T) {
	shown := reflect.TypeFor[Definition]()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[segment.Definition]()) {
		if _, ok := shown.FieldByName(f.Name); !ok && !strings.Contains(" Name Of ", " "+f.Name+" ") {
			t.Errorf("the field %s of a definition is missing", f.Name)
		}
	}
}
