package naive

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kohorte/kohorte/internal/catalog"
)

// LoadSample reads a directory with calls, consents, memberships (gzip) and
// schema.json. Rules and expected answers are left to the caller.
func LoadSample(dir string) (*World, error) {
	schema, err := os.ReadFile(filepath.Join(dir, "schema.json"))
	if err != nil {
		return nil, err
	}
	known, err := catalog.ParseDeclaration(schema)
	if err != nil {
		return nil, err
	}
	var inputs []io.Reader
	for _, name := range []string{"calls", "consents", "memberships"} {
		content, err := ReadGzip(filepath.Join(dir, name+".ndjson.gz"))
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, bytes.NewReader(content))
	}
	return Load(known, inputs[0], inputs[1], inputs[2])
}

// ReadGzip reads a whole gzip file.
func ReadGzip(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return io.ReadAll(unzipped)
}

// Load builds a world of a catalogue and NDJSON: calls of the Segment
// specification, consents and memberships, each in order of receipt.
func Load(known *catalog.Catalog, calls, consents, memberships io.Reader) (*World, error) {
	zone, err := time.LoadLocation(known.Zone)
	if err != nil {
		return nil, err
	}
	l := loader{&World{Zone: zone, Catalog: known}, map[string]*Customer{}, map[string]*Company{}}
	for _, input := range []struct {
		lines io.Reader
		take  func(line) error
	}{{calls, l.call}, {consents, l.consent}, {memberships, l.membership}} {
		if err := eachLine(input.lines, input.take); err != nil {
			return nil, err
		}
	}
	return l.world, nil
}

// line is a line of calls, consents or memberships.
type line struct {
	Type, UserID, GroupID, Event string
	Timestamp, Role              string
	Traits, Properties           map[string]any
	Channel, Purpose             string
	Granted                      bool
	Segment, From                string
	To                           *string
}

func eachLine(lines io.Reader, take func(line) error) error {
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<24)
	for n := 1; scanner.Scan(); n++ {
		var l line
		decoder := json.NewDecoder(bytes.NewReader(scanner.Bytes()))
		decoder.UseNumber()
		err := decoder.Decode(&l)
		if err == nil {
			err = take(l)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w: %s", n, err, scanner.Text())
		}
	}
	return scanner.Err()
}

// loader builds a world line by line.
type loader struct {
	world     *World
	customers map[string]*Customer
	companies map[string]*Company
}

func (l loader) customer(id string) *Customer {
	if l.customers[id] == nil {
		l.customers[id] = &Customer{ID: id}
		l.world.Customers = append(l.world.Customers, l.customers[id])
	}
	return l.customers[id]
}

func (l loader) company(id string) *Company {
	if l.companies[id] == nil {
		l.companies[id] = &Company{ID: id}
	}
	return l.companies[id]
}

func (l loader) call(c line) error {
	at, err := instant(c.Timestamp)
	if err != nil {
		return err
	}
	switch c.Type {
	case "identify":
		customer := l.customer(c.UserID)
		customer.Attributes = l.set(customer.Attributes, c.Traits, l.world.Catalog.Attributes, at)
	case "group":
		company := l.company(c.GroupID)
		company.Attributes = l.set(company.Attributes, c.Traits, l.world.Catalog.Company, at)
		if c.UserID != "" {
			customer := l.customer(c.UserID)
			customer.Companies = append(customer.Companies, Join{company, at, c.Role})
		}
	case "track":
		name := l.eventType(c.Event)
		customer := l.customer(c.UserID)
		customer.Events = append(customer.Events, Event{name, at, 0, l.world.typed(c.Properties, l.world.Catalog.Events[name])})
	default:
		return fmt.Errorf("unknown call %q", c.Type)
	}
	return nil
}

// eventType gives the declared event of a name, which a source may spell Order Completed.
func (l loader) eventType(given string) string {
	if _, ok := l.world.Catalog.Events[given]; ok {
		return given
	}
	return strings.ReplaceAll(strings.ToLower(given), " ", "_")
}

// set adds the traits of one call to a history. A trait replaces the one of its
// name as a whole: what an object had before and no longer has is unset.
func (l loader) set(history []Change, traits map[string]any, fields catalog.Fields, at int64) []Change {
	typed := l.world.typed(traits, fields)
	for _, earlier := range history {
		name, _, inside := strings.Cut(earlier.Path, ".")
		_, replaced := traits[name]
		if _, again := typed[earlier.Path]; inside && replaced && !again {
			typed[earlier.Path] = nil
		}
	}
	for _, path := range slices.Sorted(maps.Keys(typed)) {
		history = append(history, Change{path, at, typed[path]})
	}
	return history
}

func (l loader) consent(c line) error {
	at, err := instant(c.Timestamp)
	customer := l.customer(c.UserID)
	customer.Consents = append(customer.Consents, Consent{c.Channel, c.Purpose, c.Granted, at})
	return err
}

func (l loader) membership(c line) error {
	stay := Membership{Segment: c.Segment}
	var err error
	if stay.From, err = instant(c.From); err != nil {
		return err
	}
	if c.To != nil {
		to, err := instant(*c.To)
		if err != nil {
			return err
		}
		stay.To = &to
	}
	customer := l.customer(c.UserID)
	customer.Memberships = append(customer.Memberships, stay)
	return nil
}

// instant reads an RFC 3339 time, to the millisecond.
func instant(text string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	return t.UnixMilli(), err
}
