package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/store"
)

// documented is what the description says of an operation.
type documented struct {
	ID        string `json:"operationId"`
	Summary   string
	Responses map[string]any
	Body      struct{ Content map[string]any } `json:"requestBody"`
	method    string
	path      string
}

func (c *client) operations() (list []documented) {
	c.t.Helper()
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]documented
	}
	if err := json.Unmarshal(c.send("", http.MethodGet, "/openapi.json", "").body, &doc); err != nil {
		c.t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		c.t.Errorf("the description is of version %q", doc.OpenAPI)
	}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			o.method, o.path = strings.ToUpper(method), strings.TrimPrefix(path, Prefix)
			list = append(list, o)
		}
	}
	return list
}

// TestAnyRequest sends bodies, names and parameters that no client should send to every
// operation of the description: each gets an answer that is not the server's fault.
func TestAnyRequest(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	for _, name := range []string{"a", "b"} {
		c.want(200, http.MethodPut, "/segments/"+name, `{"rule":"count(kick) >= 1"}`)
	}
	c.want(200, http.MethodPut, "/exports/a", `{"segment":"a","file":"{name}.csv","schedule":"hourly"}`)
	operations := c.operations()
	if len(operations) < 26 {
		t.Fatalf("the description has %d operations", len(operations))
	}
	for _, o := range operations {
		if o.ID == "" || o.Summary == "" {
			t.Errorf("%s %s has no id or no summary", o.method, o.path)
		}
	}
	name := rapid.SampledFrom([]string{"a", "b", "u1", "nobody", "%00", "%FF", "%2e%2e", "ä", "%F0%9F%98%80", "1"})
	parameter := rapid.SampledFrom([]string{
		"limit=-1", "before=1", "before=-1", "limit=1", "after=x", "after=9223372036854775807", "after=4294967295", "sample=5", "state=%00", "state=draft", "lenient=1", "kind=list", "text=%FF",
		"at=2026-01-01", "at=9999-12-31", "at=0001-01-01", "at=2027", "todaysRule=true", "from=2026-01-01", "from=0001-01-01", "from=-1", "to=2026-02-01", "to=0001-01-01",
		"by=week", "by=year", "segments=a", "segments=a,a,b", "segments=,", "into=b", "row=none", "row=new", "column=none", "column=%00",
		"format=xlsx", "format=ndjson", "format=pdf", "columns=customer", "columns=,", "columns=count(", "columns=user,email", "german=true", "raw=true",
	})
	value := rapid.Custom(anyValue)
	rapid.Check(t, func(t *rapid.T) {
		o := rapid.SampledFrom(operations).Draw(t, "operation")
		path := strings.NewReplacer("{name}", name.Draw(t, "name"), "{customer}", name.Draw(t, "customer")).Replace(o.path)
		path += "?" + strings.Join(rapid.SliceOfN(parameter, 0, 4).Draw(t, "query"), "&")
		body := ""
		if o.Body.Content != nil {
			text, err := json.Marshal(value.Draw(t, "body"))
			if err != nil {
				t.Fatal(err)
			}
			body = string(text)
		}
		got := c.send(store.ScopeManage, o.method, path, body, "Content-Type", "application/json")
		if got.status >= 500 {
			t.Fatalf("%s %s %s: %d %s", o.method, path, body, got.status, got.body)
		}
		if kind := got.header.Get("Content-Type"); got.status >= 400 && (kind != "application/problem+json" || !json.Valid(got.body)) {
			t.Fatalf("%s %s: the problem %d is no problem+json but %s: %s", o.method, path, got.status, kind, got.body)
		}
	})
}

// anyValue draws JSON that looks like a request in parts.
func anyValue(t *rapid.T) any {
	leaf := rapid.SampledFrom([]any{nil, true, -1.5, 1e300, "", "a", "u1", "count(kick) >= 1", "in segment a", "in segment b", "\x00", "2026-01-01T00:00:00Z", "draft", "list", "csv", "xlsx", "customer", "a.csv", "../a.csv", "hourly"})
	field := rapid.SampledFrom([]string{"rule", "kind", "name", "title", "de", "tags", "include", "customer", "until", "state", "put", "remove", "minSize", "lenient", "at", "format", "columns", "raw", "segment", "file", "schedule", "keep", "other"})
	var draw func(depth int) any
	draw = func(depth int) any {
		switch kind := rapid.IntRange(0, 3).Draw(t, "kind"); {
		case depth == 0 || kind == 0:
			return leaf.Draw(t, "leaf")
		case kind == 1:
			list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
			for i := range list {
				list[i] = draw(depth - 1)
			}
			return list
		}
		made := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "fields") {
			made[field.Draw(t, "field")] = draw(depth - 1)
		}
		return made
	}
	return draw(3)
}
