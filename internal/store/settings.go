package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/store/flat"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Settings are what holds for a whole workspace.
type Settings struct {
	Zone     string // IANA name of the time zone in which days begin
	Currency string // ISO 4217 code of the currency of money
}

// The settings of a new workspace.
const (
	defaultZone     = "Europe/Berlin"
	defaultCurrency = "EUR"
)

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// Settings gives the settings.
func (v *View) Settings(context.Context) (Settings, error) {
	s := Settings{Zone: defaultZone, Currency: defaultCurrency}
	q := v.conn.Query("SELECT name, value FROM settings")
	for q.Next() {
		switch q.Text(0) {
		case "zone":
			s.Zone = q.Text(1)
		case "currency":
			s.Currency = q.Text(1)
		}
	}
	return s, q.Close()
}

// SetSettings changes the settings that are not empty.
func (s *Store) SetSettings(ctx context.Context, settings Settings) error {
	if err := settings.check(); err != nil {
		return err
	}
	return s.write(ctx, func(w *writer) error { return w.set(settings) })
}

func (s Settings) check() error {
	if s.Zone != "" {
		if _, err := calendar.LoadZone(s.Zone); err != nil {
			return err
		}
	}
	if s.Currency != "" && !currencyCode.MatchString(s.Currency) {
		return fmt.Errorf("%q is not a currency: use its three capital letters, such as EUR", s.Currency)
	}
	return nil
}

func (w *writer) set(settings Settings) error {
	for _, setting := range [][2]string{{"zone", settings.Zone}, {"currency", settings.Currency}} {
		if setting[1] == "" {
			continue
		}
		if err := w.put("INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2 WHERE value <> ?2", setting[0], setting[1]); err != nil {
			return err
		}
	}
	return nil
}

// put runs a statement and notes a change if it changed a row.
func (w *writer) put(sql string, args ...any) error {
	before := w.conn.TotalChanges()
	if err := w.conn.Run(sql, args...); err != nil {
		return err
	}
	if w.conn.TotalChanges() != before {
		w.change()
	}
	return nil
}

// Declare adds to what is declared: the zone, types of fields, events, segments,
// scores and consents. A type that was declared before is replaced.
func (s *Store) Declare(ctx context.Context, c *catalog.Catalog) error {
	if err := (Settings{Zone: c.Zone}).check(); err != nil {
		return err
	}
	return s.write(ctx, func(w *writer) error {
		err := w.set(Settings{Zone: c.Zone})
		for _, row := range rowsOf(c) {
			if err == nil {
				err = w.put("INSERT INTO declared (base, event, path, type) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET type = ?4 WHERE type <> ?4",
					row.base, row.event, row.path, row.kind)
			}
		}
		return err
	})
}

// declaration is a row of what is declared.
type declaration struct {
	base        int
	event, path string
	kind        string
}

// kindNames are the types as they are written in the file.
var kindNames = []string{
	catalog.Unknown: "", catalog.Text: "text", catalog.Number: "number", catalog.Boolean: "boolean", catalog.Date: "date",
	catalog.Time: "time", catalog.TextList: "list of text", catalog.ObjectList: "list of objects",
}

func rowsOf(c *catalog.Catalog) []declaration {
	rows := appendFields(nil, baseCustomer, "", "", c.Attributes)
	rows = appendFields(rows, baseCompany, "", "", c.Company)
	for event, fields := range c.Events {
		rows = append(rows, declaration{base: baseEventType, event: event})
		rows = appendFields(rows, baseEvent, event, "", fields)
	}
	for _, name := range c.Segments {
		rows = append(rows, declaration{base: baseSegment, path: name})
	}
	for _, name := range c.Scores {
		rows = append(rows, declaration{base: baseScore, path: name})
	}
	for _, consent := range c.Consents {
		rows = append(rows, declaration{base: baseConsent, event: consent.Channel, path: consent.Purpose})
	}
	for name, dimension := range c.Dimensions {
		rows = append(rows, declaration{base: baseDimension, path: name, kind: string(dimension)})
	}
	return rows
}

func appendFields(rows []declaration, base int, event, prefix string, fields catalog.Fields) []declaration {
	for path, t := range fields {
		path = prefix + path
		rows = append(rows, declaration{base, event, path, kindNames[t.Kind]})
		rows = appendFields(rows, base, event, path+flat.MemberMark, t.Fields)
	}
	return rows
}

// readDeclared reads what is declared as a catalogue without a zone.
func readDeclared(conn *lite.Conn) (*catalog.Catalog, error) {
	c := &catalog.Catalog{Attributes: catalog.Fields{}, Company: catalog.Fields{}, Events: map[string]catalog.Fields{}, Dimensions: map[string]catalog.Dimension{}}
	events := map[string]typedPaths{}
	var attributes, company typedPaths
	var unknown error
	q := conn.Query("SELECT base, event, path, type FROM declared ORDER BY base, event, path")
	for q.Next() {
		event, path := q.Text(1), q.Text(2)
		if q.Int(0) == baseDimension {
			c.Dimensions[path] = catalog.Dimension(q.Text(3))
			continue
		}
		kind := slices.Index(kindNames, q.Text(3))
		if kind < 0 {
			unknown = errors.Join(unknown, fmt.Errorf("the type %q of %s is not known", q.Text(3), path))
			continue
		}
		typed := typedPath{path, catalog.Kind(kind)}
		switch q.Int(0) {
		case baseCustomer:
			attributes = append(attributes, typed)
		case baseCompany:
			company = append(company, typed)
		case baseEvent:
			events[event] = append(events[event], typed)
		case baseEventType:
			events[event] = append(events[event], nil...)
		case baseSegment:
			c.Segments = append(c.Segments, path)
		case baseScore:
			c.Scores = append(c.Scores, path)
		case baseConsent:
			c.Consents = append(c.Consents, catalog.Consent{Channel: event, Purpose: path})
		}
	}
	c.Attributes, c.Company = attributes.fields(), company.fields()
	for event, paths := range events {
		c.Events[event] = paths.fields()
	}
	return c, errors.Join(unknown, q.Close())
}
