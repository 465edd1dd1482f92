package naive

import (
	"encoding/json"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/number"
)

// typed gives the fields of a JSON object, decoded with json.Number, by dotted
// path and as their declared types demand. What does not fit its type is nil,
// which means unknown; fields that are not declared are left out.
func (w *World) typed(object map[string]any, fields catalog.Fields) map[string]any {
	typed := map[string]any{}
	w.flatten("", object, fields, typed)
	return typed
}

func (w *World) flatten(prefix string, object map[string]any, fields catalog.Fields, into map[string]any) {
	for name, value := range object {
		path := prefix + name
		if t, ok := fields[path]; ok {
			into[path] = w.typedValue(value, t)
		} else if inner, ok := value.(map[string]any); ok {
			w.flatten(path+".", inner, fields, into)
		}
	}
}

func (w *World) typedValue(value any, t catalog.Type) any {
	switch v := value.(type) {
	case bool:
		if t.Kind == catalog.Boolean {
			return v
		}
	case json.Number:
		if n, err := number.Parse(v.String()); err == nil && t.Kind == catalog.Number {
			return n
		}
	case string:
		return w.typedText(v, t.Kind)
	case []any:
		return w.typedList(v, t)
	}
	return nil
}

func (w *World) typedText(text string, kind catalog.Kind) any {
	switch kind {
	case catalog.Text:
		return text
	case catalog.Date:
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			return w.instantOf(day)
		}
	case catalog.Time:
		if at, err := instant(text); err == nil {
			return at
		}
	}
	return nil
}

// typedList keeps the elements that fit.
func (w *World) typedList(list []any, t catalog.Type) any {
	switch t.Kind {
	case catalog.TextList:
		texts := []string{}
		for _, element := range list {
			if text, ok := element.(string); ok {
				texts = append(texts, text)
			}
		}
		return texts
	case catalog.ObjectList:
		objects := []map[string]any{}
		for _, element := range list {
			if object, ok := element.(map[string]any); ok {
				objects = append(objects, w.typed(object, t.Fields))
			}
		}
		return objects
	}
	return nil
}

// JSON writes a value as a source would send it; a date or time as its type says.
func (w *World) JSON(t catalog.Type, value any) []byte {
	switch v := value.(type) {
	case int64:
		value = calendar.Format(v)
		if t.Kind == catalog.Date {
			value = time.UnixMilli(v).In(w.Zone).Format(time.DateOnly)
		}
	case number.Number:
		return []byte(v.String())
	case []map[string]any:
		items := make([]json.RawMessage, len(v))
		for i, object := range v {
			members := map[string]json.RawMessage{}
			for path, member := range object {
				members[path] = w.JSON(t.Fields[path], member)
			}
			items[i], _ = json.Marshal(members)
		}
		value = items
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // values are of the types above
	}
	return text
}
