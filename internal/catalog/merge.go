package catalog

import (
	"maps"
	"slices"
	"strings"
)

// Merge lays another catalogue over this one: its zone, if it has one, and its
// types win; names are added. The other catalogue stays as it is.
func (c *Catalog) Merge(other *Catalog) {
	if other.Zone != "" {
		c.Zone = other.Zone
	}
	c.Attributes = mergeFields(c.Attributes, other.Attributes)
	c.Company = mergeFields(c.Company, other.Company)
	events := maps.Clone(c.Events)
	for event, fields := range other.Events {
		if events == nil {
			events = map[string]Fields{}
		}
		events[event] = mergeFields(events[event], fields)
	}
	c.Events = events
	c.Segments = mergeNames(c.Segments, other.Segments)
	c.Scores = mergeNames(c.Scores, other.Scores)
	c.Consents = SortConsents(slices.Concat(c.Consents, other.Consents))
	if len(other.Dimensions) > 0 {
		dimensions := map[string]Dimension{}
		maps.Copy(dimensions, c.Dimensions)
		maps.Copy(dimensions, other.Dimensions)
		c.Dimensions = dimensions
	}
}

func mergeFields(below, above Fields) Fields {
	merged := maps.Clone(below)
	for path, t := range above {
		if merged == nil {
			merged = Fields{}
		}
		if t.Kind == ObjectList && merged[path].Kind == ObjectList {
			t.Fields = mergeFields(merged[path].Fields, t.Fields)
		}
		if _, known := merged[path]; known && t.Kind == Unknown {
			continue
		}
		merged[path] = t
	}
	return merged
}

func mergeNames(below, above []string) []string {
	names := slices.Concat(below, above)
	slices.Sort(names)
	return slices.Compact(names)
}

// SortConsents sorts consents by channel and purpose and drops doubles; it changes its argument.
func SortConsents(consents []Consent) []Consent {
	slices.SortFunc(consents, func(a, b Consent) int {
		return strings.Compare(a.Channel+"\x00"+a.Purpose, b.Channel+"\x00"+b.Purpose)
	})
	return slices.Compact(consents)
}
