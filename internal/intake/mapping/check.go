package mapping

import (
	"errors"
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Check tells what is wrong with a mapping, all at once.
func (m *Mapping) Check() error { return errors.Join(m.problems()...) }

func (m *Mapping) problems() []error {
	var found []error
	add := func(format string, args ...any) { found = append(found, fmt.Errorf(format, args...)) }
	if m.Kind == "" {
		add("the kind is missing: it is one of %v", Kinds)
		return found
	}
	if m.Zone != "" {
		if _, err := calendar.LoadZone(m.Zone); err != nil {
			add("%w", err)
		}
	}
	has := m.targetsByRole()
	for _, role := range needed[m.Kind] {
		if !has[role] && m.Columns != nil {
			add("%s need a column that is %q", m.Kind, role)
		}
	}
	if m.Kind == Events && !has[Event] && m.Event == "" && m.Columns != nil {
		add(`events need a column that is "event", or "event: name" for all rows`)
	}
	if m.Kind == Consents && has[Field] {
		add("consents have no fields: ignore the columns that are no customer, channel, purpose, granted or time")
	}
	if m.Kind != Orders && (m.Refunds != nil || m.Charges != nil) {
		add("only orders have refunds and charges")
	}
	return found
}

// targetsByRole tells which roles some column has.
func (m *Mapping) targetsByRole() map[Role]bool {
	has := map[Role]bool{}
	columns := m.Columns
	for _, l := range m.Lookups {
		columns = append(columns[:len(columns):len(columns)], l.Columns...)
	}
	for _, c := range columns {
		for _, t := range c.Targets {
			has[t.For(m.Kind).Role] = true
		}
	}
	return has
}
