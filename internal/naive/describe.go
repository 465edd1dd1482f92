package naive

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// Describe writes a failing case as a shell script that replays it: the files
// with the data, the rule, the instant and the commands.
func Describe(w *World, n rule.Node, customers []*Customer, now int64) string {
	var b strings.Builder
	for _, file := range [][2]string{
		{"schema.json", w.schema()}, {"calls.ndjson", w.Calls(customers)}, {"consents.ndjson", Consents(customers)},
		{"memberships.ndjson", Memberships(customers)}, {"rules.txt", rule.PrintLine(n) + "\n"},
	} {
		fmt.Fprintf(&b, "cat >%s <<'END'\n%sEND\n", file[0], file[1])
	}
	fmt.Fprintf(&b, `kohorte --data replay fields --declare schema.json
kohorte --data replay import --as calls --yes calls.ndjson
kohorte --data replay import --as consents --yes consents.ndjson
kohorte --data replay list --rules rules.txt --memberships memberships.ndjson --verdicts --format ndjson --at %s # %s in %s
`, timestamp(now), w.wallOf(now).Format("Mon 2006-01-02T15:04:05.000"), w.Zone)
	return b.String()
}

// schema declares the catalogue, as far as it is about fields and segments.
func (w *World) schema() string {
	events := entry{}
	for name, properties := range w.Catalog.Events {
		events[name] = declared(properties)
	}
	var b strings.Builder
	writeLine(&b, entry{"zone": w.Zone.String(), "attributes": declared(w.Catalog.Attributes), "company": declared(w.Catalog.Company),
		"events": events, "segments": append([]string{}, w.Catalog.Segments...), "scores": append([]string{}, w.Catalog.Scores...)})
	return b.String()
}

var kindNames = map[catalog.Kind]string{
	catalog.Text: "text", catalog.Number: "number", catalog.Boolean: "boolean",
	catalog.Date: "date", catalog.Time: "time", catalog.TextList: "list of text",
}

func declared(fields catalog.Fields) entry {
	types := entry{}
	for path, t := range fields {
		if t.Kind == catalog.ObjectList {
			types[path] = entry{"list of": declared(t.Fields)}
		} else {
			types[path] = kindNames[t.Kind]
		}
	}
	return types
}

// Calls writes attributes, companies and events as calls of the Segment
// specification, one a line, which Load reads back. Traits have dotted names, for
// an object would replace what it had before.
func (w *World) Calls(customers []*Customer) string {
	var b strings.Builder
	written := map[*Company]bool{}
	for _, c := range customers {
		for _, change := range c.Attributes {
			writeLine(&b, entry{"type": "identify", "userId": c.ID, "timestamp": timestamp(change.Time),
				"traits": entry{change.Path: w.jsonOf(change.Value, w.Catalog.Attributes[change.Path])}})
		}
		for _, join := range c.Companies {
			w.writeCompany(&b, join.Company, written)
			writeLine(&b, entry{"type": "group", "userId": c.ID, "groupId": join.Company.ID, "timestamp": timestamp(join.Time), "traits": entry{}})
		}
		for _, e := range c.Events {
			writeLine(&b, entry{"type": "track", "userId": c.ID, "timestamp": timestamp(e.Time),
				"event": e.Type, "properties": w.nested(e.Props, w.Catalog.Events[e.Type])})
		}
	}
	return b.String()
}

func (w *World) writeCompany(b *strings.Builder, company *Company, written map[*Company]bool) {
	if written[company] {
		return
	}
	written[company] = true
	for _, change := range company.Attributes {
		writeLine(b, entry{"type": "group", "groupId": company.ID, "timestamp": timestamp(change.Time),
			"traits": entry{change.Path: w.jsonOf(change.Value, w.Catalog.Company[change.Path])}})
	}
}

// Consents writes the consents of customers, one a line.
func Consents(customers []*Customer) string {
	var b strings.Builder
	for _, c := range customers {
		for _, d := range c.Consents {
			writeLine(&b, entry{"userId": c.ID, "channel": d.Channel, "purpose": d.Purpose, "granted": d.Granted, "timestamp": timestamp(d.Time)})
		}
	}
	return b.String()
}

// Memberships writes the memberships of customers, one a line.
func Memberships(customers []*Customer) string {
	var b strings.Builder
	for _, c := range customers {
		for _, stay := range c.Memberships {
			var to any
			if stay.To != nil {
				to = timestamp(*stay.To)
			}
			writeLine(&b, entry{"segment": stay.Segment, "userId": c.ID, "from": timestamp(stay.From), "to": to})
		}
	}
	return b.String()
}

type entry = map[string]any

func writeLine(b *strings.Builder, line entry) {
	encoder := json.NewEncoder(b) // ends each line
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line); err != nil {
		panic(err) // values are of the types that the package names
	}
}

// nested turns dotted paths into objects and values into JSON.
func (w *World) nested(flat map[string]any, fields catalog.Fields) entry {
	object := entry{}
	for path, value := range flat {
		inner, names := object, strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			if inner[name] == nil {
				inner[name] = entry{}
			}
			inner = inner[name].(entry)
		}
		inner[names[len(names)-1]] = w.jsonOf(value, fields[path])
	}
	return object
}

func (w *World) jsonOf(value any, t catalog.Type) any {
	switch v := value.(type) {
	case number.Number:
		return json.Number(v.String())
	case int64:
		if t.Kind == catalog.Date {
			return w.wallOf(v).Format(time.DateOnly)
		}
		return timestamp(v)
	case []map[string]any:
		objects := []any{}
		for _, object := range v {
			objects = append(objects, w.nested(object, t.Fields))
		}
		return objects
	}
	return value
}

func timestamp(at int64) string {
	return time.UnixMilli(at).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}
