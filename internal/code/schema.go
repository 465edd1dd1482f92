package code

import (
	"encoding/json"

	"github.com/kohorte/kohorte/internal/segment"
)

// schema is a part of a JSON schema, draft 2020-12.
type schema struct {
	Dialect     string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        string             `json:"type,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	MaxLength   int                `json:"maxLength,omitempty"`
	MaxItems    int                `json:"maxItems,omitempty"`
	Minimum     *int               `json:"minimum,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	OneOf       []*schema          `json:"oneOf,omitempty"`
	AnyOf       []*schema          `json:"anyOf,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Additional  *bool              `json:"additionalProperties,omitempty"`
	If          *schema            `json:"if,omitempty"`
	Then        *schema            `json:"then,omitempty"`
	Else        *schema            `json:"else,omitempty"`
	Not         *schema            `json:"not,omitempty"`
	Const       string             `json:"const,omitempty"`
}

// Patterns of JSON schema, close to what the reader takes.
const (
	namePattern = `^[\p{L}_][\p{L}\p{M}\p{N}_]*$`
	datePattern = `^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$`
	filePattern = `^[^/\\].*$`
)

// Schema gives the JSON schema of files of segments, for editors.
func Schema() string {
	top := object(keys)
	top.Dialect = "https://json-schema.org/draft/2020-12/schema"
	top.Title = "A segment of Kohorte"
	top.If = ofKind(segment.Segmentation)
	top.Then = &schema{Required: []string{"parts", "rest"}, Not: anyOf("rule", "list", "include", "exclude", "size")}
	top.Else = &schema{
		Not: anyOf("parts", "rest", "restTitle"), If: ofKind(segment.List),
		Then: &schema{Not: &schema{Required: []string{"rule"}}},
		Else: &schema{Required: []string{"rule"}, Not: &schema{Required: []string{"list"}}},
	}
	text, err := json.MarshalIndent(top, "", "  ")
	if err != nil {
		panic(err) // it has no types that cannot be written
	}
	return string(text) + "\n"
}

func ofKind(kind segment.Kind) *schema {
	return &schema{Properties: map[string]*schema{"kind": {Const: string(kind)}}, Required: []string{"kind"}}
}

// anyOf is true of what has one of some keys.
func anyOf(keys ...string) *schema {
	made := &schema{}
	for _, key := range keys {
		made.AnyOf = append(made.AnyOf, &schema{Required: []string{key}})
	}
	return made
}

func object(table []key) *schema {
	no := false
	made := &schema{Type: "object", Properties: map[string]*schema{}, Additional: &no}
	for i := range table {
		k := &table[i]
		of := k.schema()
		of.Description = k.doc
		made.Properties[k.name] = of
		if k.required {
			made.Required = append(made.Required, k.name)
		}
	}
	return made
}

// schema gives what may stand behind a key.
func (k *key) schema() *schema {
	zero := 0
	switch k.form {
	case aName:
		return &schema{Type: "string", Pattern: namePattern}
	case aDate:
		return &schema{Type: "string", Pattern: datePattern}
	case aFile:
		return &schema{Type: "string", Pattern: filePattern}
	case aNumber:
		return &schema{Type: "integer", Minimum: &zero}
	case someTexts:
		return &schema{Type: "array", MaxItems: k.most, Items: &schema{Type: "string"}}
	case someObject:
		return object(k.keys)
	case someObjects:
		alone := find(k.keys, k.short).schema()
		return &schema{Type: "array", Items: &schema{OneOf: []*schema{alone, object(k.keys)}}}
	}
	return &schema{Type: "string", Enum: k.of, MaxLength: k.most}
}
