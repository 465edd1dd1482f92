package demo

import (
	"bufio"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// Export writes a company's data as the files that its systems would hand over:
// customers and companies as semicolon-separated tables in Windows-1252 with German
// headers and dates, orders as one line an item with decimal commas in UTF-8 with a
// byte order mark, everything else as calls of the Segment specification, and
// consents, one JSON object a line. Customers stand there as they are known at the end.
func Export(c Company, o Options, create func(name string) (io.WriteCloser, error)) error {
	x := &exporter{create: create, people: newRoster(), firms: newRoster(), sent: map[[16]byte]bool{}, plan: plans[c]}
	err := x.export(c, o)
	for _, f := range x.files {
		err = errors.Join(err, f.close())
	}
	return err
}

// plan is which files a company's systems hand over.
type plan struct {
	people, firms, orders sheet
	calls, consents       string
}

// sheet is a table: its file and its columns.
type sheet struct {
	file    string
	columns []column
}

// column is a column of a table: its header, the field it shows, and how.
type column struct {
	header, path string
	show         func(string) string
}

type exporter struct {
	plan
	create func(string) (io.WriteCloser, error)
	files  []*file
	people *roster
	firms  *roster
	sent   map[[16]byte]bool // orders that stand in their file
}

// roster is what is known of people or companies at the end, in the order in which they became known.
type roster struct {
	ids   []string
	known map[string]map[string]string
}

func newRoster() *roster { return &roster{known: map[string]map[string]string{}} }

// learn adds fields to what is known of somebody.
func (r *roster) learn(id string, object []byte) (map[string]string, error) {
	known := r.known[id]
	if known == nil {
		known = map[string]string{"id": id}
		r.known[id] = known
		r.ids = append(r.ids, id)
	}
	return known, flatten(known, "", object)
}

// flatten adds the members of a JSON object to fields by dotted path; lists stay JSON.
func flatten(fields map[string]string, prefix string, object []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return err
	}
	for name, value := range members {
		var text string
		switch value[0] {
		case '{':
			if err := flatten(fields, prefix+name+".", value); err != nil {
				return err
			}
			continue
		case '"':
			if err := json.Unmarshal(value, &text); err != nil {
				return err
			}
		default:
			text = string(value)
		}
		fields[prefix+name] = text
	}
	return nil
}

func (x *exporter) export(c Company, o Options) error {
	orders, err := x.table(x.orders, nil)
	if err != nil {
		return err
	}
	calls, err := x.open(x.calls)
	if err != nil {
		return err
	}
	consents, err := x.open(x.consents)
	if err != nil {
		return err
	}
	for r := range Records(c, o) {
		switch {
		case r.Kind == record.Consent:
			_, err = fmt.Fprintf(consents, `{"userId":%q,"channel":%q,"purpose":%q,"granted":%t,"timestamp":%q}`+"\n",
				r.Customer[0].Value, r.Channel, r.Purpose, r.Granted, calendar.Format(r.Time))
		case r.Kind == record.Identify:
			_, err = x.people.learn(r.Customer[0].Value, r.Fields)
		case r.Kind == record.Group:
			err = x.group(calls, &r)
		case r.Event == orderCompleted.name || r.Event == orderRefunded.name:
			err = x.order(orders, &r)
		default:
			err = call(calls, &r)
		}
		if err != nil {
			return err
		}
	}
	return x.rosters()
}

// rosters writes the tables of people and companies.
func (x *exporter) rosters() error {
	for _, part := range []struct {
		sheet
		*roster
	}{{x.plan.people, x.people}, {x.plan.firms, x.firms}} {
		if len(part.ids) == 0 {
			continue
		}
		rows, err := x.table(part.sheet, charmap.Windows1252)
		if err != nil {
			return err
		}
		for _, id := range part.ids {
			if err := rows.Write(part.row(part.known[id])); err != nil {
				return err
			}
		}
		rows.Flush()
	}
	return nil
}

// row shows fields in the columns of the sheet.
func (s *sheet) row(fields map[string]string) []string {
	row := make([]string, len(s.columns))
	for i, c := range s.columns {
		if row[i] = fields[c.path]; c.show != nil && row[i] != "" {
			row[i] = c.show(row[i])
		}
	}
	return row
}

// group notes the attributes of a company and who belongs to it. Its machines, which fit no table, are told as a call.
func (x *exporter) group(calls io.Writer, r *record.Record) error {
	if len(r.Customer) > 0 {
		person, err := x.people.learn(r.Customer[0].Value, r.Fields)
		person["company"] = r.Company.Value
		return err
	}
	firm, err := x.firms.learn(r.Company.Value, r.Fields)
	if err != nil || firm["machines"] == "" {
		return err
	}
	_, err = fmt.Fprintf(calls, `{"type":"group","groupId":%q,"timestamp":%q,"traits":{"machines":%s}}`+"\n",
		r.Company.Value, calendar.Format(r.Time), firm["machines"])
	return err
}

// order writes one line an item; what is sent back has a negative quantity and a number of its own.
func (x *exporter) order(rows *csv.Writer, r *record.Record) error {
	var o struct {
		Products []json.RawMessage
	}
	fields := map[string]string{"customer": r.Customer[0].Value, "time": germanTime(r.Time)}
	err := errors.Join(json.Unmarshal(r.Fields, &o), flatten(fields, "", r.Fields))
	if err != nil || x.sent[r.Key] {
		return err
	}
	x.sent[r.Key] = true
	for _, product := range o.Products {
		if err := flatten(fields, "product.", product); err != nil {
			return err
		}
		if r.Event == orderRefunded.name {
			fields["product.quantity"] = "-" + fields["product.quantity"]
			fields["order_id"] = "R" + fields["order_id"][1:]
		}
		if err := rows.Write(x.orders.row(fields)); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

// call writes an event or an alias as the Segment specification has it.
func call(calls io.Writer, r *record.Record) error {
	who := r.Customer[0]
	if r.Kind == record.Alias {
		_, err := fmt.Fprintf(calls, `{"type":"alias","userId":%q,"previousId":%q,"timestamp":%q}`+"\n", who.Value, r.Previous.Value, calendar.Format(r.Time))
		return err
	}
	id := "userId"
	if who.Namespace != record.UserID {
		id = "anonymousId"
	}
	_, err := fmt.Fprintf(calls, `{"type":"track",%q:%q,"event":%q,"messageId":%q,"timestamp":%q,"properties":%s}`+"\n",
		id, who.Value, r.EventGiven, hex.EncodeToString(r.Key[:]), calendar.Format(r.Time), r.Fields)
	return err
}

// file is one that is being written, with everything between it and the rows.
type file struct {
	*bufio.Writer
	under io.WriteCloser
}

func (f *file) close() error { return errors.Join(f.Flush(), f.under.Close()) }

func (x *exporter) open(name string) (*file, error) {
	under, err := x.create(name)
	if err != nil {
		return nil, err
	}
	f := &file{bufio.NewWriterSize(under, 1<<16), under}
	x.files = append(x.files, f)
	return f, nil
}

// table opens a file and writes the header; in no encoding means UTF-8 with a byte order mark.
func (x *exporter) table(s sheet, in encoding.Encoding) (*csv.Writer, error) {
	f, err := x.open(s.file)
	if err != nil {
		return nil, err
	}
	var out io.Writer = f
	if in != nil {
		out = encoding.ReplaceUnsupported(in.NewEncoder()).Writer(f)
	} else if _, err := f.WriteString("\ufeff"); err != nil {
		return nil, err
	}
	rows := csv.NewWriter(out)
	rows.Comma, rows.UseCRLF = ';', true
	header := make([]string, len(s.columns))
	for i, c := range s.columns {
		header[i] = c.header
	}
	return rows, rows.Write(header)
}
