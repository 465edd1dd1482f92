package catalog

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestParseDeclaration(t *testing.T) {
	got, err := ParseDeclaration([]byte("\ufeff" + `{
		"zone": "Europe/Vienna",
		"attributes": {"country": "text", "address.city": "text", "vip": "boolean", "tags": "list of text",
			"subscriptions": {"list of": {"sku": "text", "addons": {"list of": {"price": "number"}}}}},
		"company": {"founded_on": "date"},
		"events": {"order_completed": {"total": "number", "paid_at": "time"}, "app_opened": {}},
		"segments": ["win_back", "complaint_open", "win_back"],
		"scores": ["churn"],
		"consents": [{"purpose": "newsletter", "channel": "sms"}, {"channel": "email", "purpose": "newsletter"}],
		"dimensions": {"vip": "transactional", "company.founded_on": "demographic"}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	addons := Type{Kind: ObjectList, Fields: Fields{"price": {Kind: Number}}}
	want := &Catalog{
		Zone: "Europe/Vienna",
		Attributes: Fields{"country": {Kind: Text}, "address.city": {Kind: Text}, "vip": {Kind: Boolean}, "tags": {Kind: TextList},
			"subscriptions": {Kind: ObjectList, Fields: Fields{"sku": {Kind: Text}, "addons": addons}}},
		Company: Fields{"founded_on": {Kind: Date}},
		Events: map[string]Fields{
			"order_completed": {"total": {Kind: Number}, "paid_at": {Kind: Time}},
			"app_opened":      {},
		},
		Segments:   []string{"complaint_open", "win_back"},
		Scores:     []string{"churn"},
		Consents:   []Consent{{"email", "newsletter"}, {"sms", "newsletter"}},
		Dimensions: map[string]Dimension{"vip": Transactional, "company.founded_on": Demographic},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDeclarationErrorsSayWhereAndWhat(t *testing.T) {
	cases := []struct{ in, want string }{
		{`[]`, `line 1: a declaration is an object: {"attributes": {"country": "text"}, …}`},
		{``, "the file ends before the declaration does: a bracket or brace is not closed, or it is empty"},
		{`{"zone": "Europe/Berlin"`, "the file ends before the declaration does: a bracket or brace is not closed, or it is empty"},
		{"{\n \"zone\" \"Europe/Berlin\"}", "line 2: not valid JSON: invalid character '\"' after object key"},
		{"{}\n{}", "line 2: something follows after the end of the declaration"},
		{"{\"a\": \"\xff\"}", "the file is not UTF-8 text"},
		{strings.Repeat(`{"list of":`, 40), "line 1: the declaration nests deeper than 32 levels"},
		{"{\n\n\"atributes\": {}}", `line 3: unknown part "atributes"; the parts are zone, attributes, company, events, segments, scores, consents and dimensions`},
		{`{"zone": "Berlin"}`, `line 1: zone: unknown time zone "Berlin": use an IANA name such as Europe/Berlin`},
		{`{"zone": 3}`, "line 1: zone: a time zone needs its IANA name, such as Europe/Berlin"},
		{`{"attributes": ["country"]}`, `line 1: attributes: fields are an object of names and types: {"country": "text"}`},
		{`{"attributes": {"country": "string"}}`, `line 1: attributes.country: unknown type "string"; did you mean "text"?`},
		{`{"attributes": {"country": "Text"}}`, `line 1: attributes.country: unknown type "Text"; did you mean "text"?`},
		{`{"attributes": {"country": "money"}}`, `line 1: attributes.country: unknown type "money"; the types are text, number, boolean, date, time, list of text and {"list of": {member: type}}`},
		{`{"attributes": {"country": null}}`, `line 1: attributes.country: a type is a text such as "number", or {"list of": {member: type}}`},
		{`{"company": {"sites": {"list": {}}}}`, `line 1: company.sites: a type is a text such as "number", or {"list of": {member: type}}`},
		{`{"company": {"sites": {"list of": "text"}}}`, `line 1: company.sites: fields are an object of names and types: {"country": "text"}`},
		{`{"attributes": {"a": "text", "a": "date"}}`, `line 1: "a" stands here twice`},
		{`{"attributes": {"": "text"}}`, `line 1: attributes: "" is not a name`},
		{`{"attributes": {"address..city": "text"}}`, `line 1: attributes: "address..city" is not a name`},
		{`{"attributes": {"company.industry": "text"}}`, `line 1: attributes.company.industry: in rules company.… means the company's attributes; declare it under "company"`},
		{`{"attributes": {"customer.name": "text"}}`, `line 1: attributes.customer.name: in rules customer.… means the attribute without this prefix; leave it out`},
		{`{"events": ["a"]}`, `line 1: events: events are an object: {"order_completed": {"total": "number"}}`},
		{`{"events": {"a": "text"}}`, `line 1: events.a: fields are an object of names and types: {"country": "text"}`},
		{"{\"events\": {\"a\": {\n\"x\": {\"list of\": {\n\"y\": \"int\"}}}}}", `line 3: events.a.x.y: unknown type "int"; did you mean "number"?`},
		{`{"segments": {"a": 1}}`, `line 1: segments: segments are a list of names: ["first", "second"]`},
		{`{"scores": [1]}`, "line 1: scores: a name is a text"},
		{`{"dimensions": ["vip"]}`, `line 1: dimensions: dimensions are an object of names of fields or events: {"loyalty": "transactional"}`},
		{`{"dimensions": {"vip": "geographical"}}`, `line 1: dimensions.vip: unknown dimension "geographical"; the dimensions are [demographic geographic behavioural transactional psychographic firmographic]`},
		{`{"consents": {}}`, `line 1: consents: consents are a list: [{"channel": "email", "purpose": "newsletter"}]`},
		{`{"consents": [{"channel": "email"}]}`, `line 1: consents: a consent is {"channel": "email", "purpose": "newsletter"}`},
		{"{\"zone\": \"x\",\n\"segments\": 1}", "line 1: zone: unknown time zone \"x\": use an IANA name such as Europe/Berlin\n" +
			`line 2: segments: segments are a list of names: ["first", "second"]`},
	}
	for _, c := range cases {
		got, err := ParseDeclaration([]byte(c.in))
		if err == nil || err.Error() != c.want || got != nil {
			t.Errorf("%s\n got %v\nwant %s", c.in, err, c.want)
		}
	}
}

func TestSampleDeclaration(t *testing.T) {
	c, err := ParseDeclaration(testData(t, "rules/schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Zone != "Europe/Berlin" || len(c.Attributes) != 19 || len(c.Company) != 5 || len(c.Events) != 8 || len(c.Segments) != 3 {
		t.Errorf("read %d attributes, %d of companies, %d events, %d segments in %s",
			len(c.Attributes), len(c.Company), len(c.Events), len(c.Segments), c.Zone)
	}
}

// testData reads a file of the shared test data, or skips the test.
func testData(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("KOHORTE_TEST_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Skipf("The sample data is not there: set KOHORTE_TEST_DATA to its directory (%v).", err)
	}
	return data
}

func FuzzParseDeclaration(f *testing.F) {
	f.Add(`{"zone": "Europe/Berlin", "attributes": {"a.b": "text", "l": {"list of": {"m": "number"}}}, "company": {"x": "date"}}`)
	f.Add(`{"events": {"e": {"p": "list of text"}}, "segments": ["s"], "scores": [], "consents": [{"channel": "c", "purpose": "p"}]}`)
	f.Add("{\"attributes\":\n{\"a\": {\"list of\": []}}, \"zone\": null")
	f.Fuzz(func(t *testing.T, in string) {
		c, err := ParseDeclaration([]byte(in))
		if (c == nil) == (err == nil) {
			t.Fatalf("catalogue %v and error %v", c, err)
		}
		if err != nil {
			return
		}
		again, merged := *c, Catalog{}
		again.Merge(c)
		merged.Merge(c)
		merged.Merge(&again)
		if !sameFields(merged.Attributes, c.Attributes) || !reflect.DeepEqual(merged.Segments, c.Segments) && len(c.Segments) > 0 {
			t.Fatalf("laid over itself it became %+v, was %+v", merged, *c)
		}
	})
}

// sameFields compares fields; nil and empty ones are the same.
func sameFields(a, b Fields) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}
