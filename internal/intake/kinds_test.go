package intake

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

func TestCustomersOfAGermanSpreadsheet(t *testing.T) {
	j := job{text: "\ufeffsep=;\r\n" +
		"Kundennr. ;Vorname;Nachname;E-Mail;Geburtsdatum;PLZ;Umsatz;Rabatt;Newsletter;Tags;Firma;Rolle;Leer;Umsatz\r\n" +
		"0017;Jörg;Groß;JOERG@Example.de;31.12.65;01067;1.234,56 €;5 %;ja;Neu;Groß GmbH;Einkauf;;7\r\n" +
		" 18 ;\"Anna \"\"Anni\"\"\";\"Lee\nMüller\";anna@example.de;1.2.1990;70173;-12;n/a;nein;;;;;8\r\n" +
		";;;;;;;;;;;;;\r\n"}
	s := j.must(t)
	if s.Read != 2 || s.Rejected != 0 {
		t.Errorf("%+v %v", s, s.Reasons)
	}
	want(t, j.sink.records,
		`user:0017 is {"first_name":"Jörg","last_name":"Groß","email":"JOERG@Example.de","birthday":"1965-12-31","postal_code":"01067","umsatz":1234.56,"rabatt":5,"newsletter":true,"tags":"Neu","umsatz_2":7}`,
		`user:0017 of name:Groß GmbH as Einkauf {"name":"Groß GmbH"}`,
		`user:18 is {"first_name":"Anna \"Anni\"","last_name":"Lee\nMüller","email":"anna@example.de","birthday":"1990-02-01","postal_code":"70173","umsatz":-12,"newsletter":false,"umsatz_2":8}`)
}

func TestEmptyCellsSayNothingUnlessTheMappingSaysSo(t *testing.T) {
	j := job{
		text: "id,a,b,c,d\n1,,,,x\n",
		mapping: `
kind: customers
columns:
  id: customer
  a: {to: a, empty: unset}
  b: {to: b, default: 5, type: number}
  c: {to: c.inner, type: date}
  d: {to: d, values: {x: "y"}}
constants: {channel: web, c.other: true}
`}
	j.must(t)
	want(t, j.sink.records, `user:1 is {"a":null,"b":5,"d":"y","channel":"web","c.other":true}`)
}

func TestCompanies(t *testing.T) {
	j := job{text: "id,name,Industry,employees,website\n7,ACME,Tools,1200,acme.example\n,Nobody,,,\n"}
	s := j.must(t)
	want(t, j.sink.records, `of company:7 {"name":"ACME","industry":"Tools","employees":1200,"website":"acme.example"}`)
	if s.Rejected != 1 || s.Reasons[0].Text != "no company: id is empty" {
		t.Errorf("%+v", s)
	}
}

func TestEvents(t *testing.T) {
	j := job{text: `user_id,event,timestamp,url,duration
7,Page Viewed,2026-03-29T02:30:00,/,1.5
7,pageClosed,2026-03-29 01:30:00+00:00,/,2
8,,2026-03-29 03:30 PM,/,3
8,x,nie,/,3
`, mapping: "kind: events\ncolumns: {user_id: customer, event: event, timestamp: time}"}
	s := j.must(t)
	want(t, j.sink.records,
		`user:7 page_viewed at 2026-03-29T01:00:00.000Z {"url":"/","duration":1.5}`,
		`user:7 page_closed at 2026-03-29T01:30:00.000Z {"url":"/","duration":2}`)
	if r := j.sink.records[1]; r.EventGiven != "pageClosed" || s.Rejected != 2 {
		t.Errorf("%+v %+v", r, s)
	}
}

func TestLinesOfJSONKeepTheirTypes(t *testing.T) {
	j := job{name: "x.ndjson", mapping: "kind: events\nevent: kauf\ncolumns: {who: customer, at: time, extra: {to: extra, type: number}}", text: `
{"who": 7, "at": 1767225600000, "plz": "01067", "n": 1.50, "b": true, "none": null, "list": ["a", {"x": 1}], "nested": {"deep": {"a": "ä\nb"}, "b": 2}, "extra": "12.5"}
{"who": "8", "at": 1767225600001, "late": 1}
`}
	s := j.must(t)
	want(t, j.sink.records,
		`user:7 kauf at 2026-01-01T00:00:00.000Z {"extra":12.5,"plz":"01067","n":1.50,"b":true,"none":null,"list":["a", {"x": 1}],"nested":{"deep":{"a":"ä\nb"},"b":2}}`,
		`user:8 kauf at 2026-01-01T00:00:00.001Z {"late":1}`)
	array := job{name: "x.json", mapping: "kind: events\nevent: kauf\ncolumns: {who: customer, at: time}", text: "[\n" + `{"who": 7, "at": "2026-01-01",` + "\n" + `"a": "]"}` + ",\n" + `{"who": 8, "at": "2026-01-02"}` + "\n]\n"}
	array.must(t)
	want(t, array.sink.records, `user:7 kauf at 2025-12-31T23:00:00.000Z {"a":"]"}`, `user:8 kauf at 2026-01-01T23:00:00.000Z {}`)
	if s.Read != 2 || array.sink.records[1].Row != 4 {
		t.Errorf("%+v, line %d", s, array.sink.records[1].Row)
	}
}

func TestConsents(t *testing.T) {
	j := job{kind: "consents", text: "E-Mail;Kanal;Zweck;Einwilligung;Zeitpunkt\nAnna@Example.de;email;newsletter;ja;1.2.2026 10:00\nb@example.de;sms;werbung;nein;\nc@example.de;;x;ja;\nd@example.de;a;b;vielleicht;\n"}
	s := j.must(t)
	want(t, j.sink.records, `email:anna@example.de grants email newsletter at 2026-02-01T09:00:00.000Z`, `email:b@example.de refuses sms werbung`)
	if s.Rejected != 2 {
		t.Errorf("%+v", s)
	}
}

// TestImportingAgainChangesNothing, and rows that are there twice count twice.
func TestImportingAgainChangesNothing(t *testing.T) {
	text := "kunde,wann,was,wert\na,01.03.2026,x,1\na,01.03.2026,x,1\nb,01.03.2026,x,\n"
	first := job{text: text, mapping: eventsMapping}
	if s := first.must(t); s.Result.Events != 3 {
		t.Errorf("%+v", s)
	}
	again := job{text: "wert;was;wann;kunde;neu\r\n1;x;01.03.2026;a;\r\n;x;01.03.2026;b;\r\n1;x;01.03.2026;a;\r\n", mapping: eventsMapping, sink: first.sink}
	if s := again.must(t); s.Result.Events != 0 || s.Result.Duplicates != 3 {
		t.Errorf("the same rows in another order, dialect and order of columns: %+v", s)
	}
	other := job{text: text, mapping: eventsMapping + "\nsource: other", sink: first.sink}
	if s := other.must(t); s.Result.Events != 3 {
		t.Errorf("of another source: %+v", s)
	}
	ids := job{text: "kunde,wann,id,n\na,2026-01-01,1,5\nb,2026-01-02,1,6\n", mapping: "kind: events\nevent: x\ncolumns: {kunde: customer, wann: time, id: message_id}"}
	if s := ids.must(t); s.Result.Events != 1 || s.Result.Duplicates != 1 {
		t.Errorf("two rows of one id: %+v", s)
	}
}

func TestAHashNamesCustomersWhereNothingElseDoes(t *testing.T) {
	j := job{kind: "customers", text: "alter,ort\n30,Ulm\n31,Ulm\n"}
	j.must(t)
	ids := map[string]bool{}
	for _, r := range j.sink.records {
		ids[r.Customer[0].Value] = true
	}
	if len(ids) != 2 || len(j.sink.records[0].Customer[0].Value) != 16 {
		t.Errorf("%v", ids)
	}
	want(t, j.sink.records[:1], "user:"+j.sink.records[0].Customer[0].Value+` is {"alter":30,"city":"Ulm"}`)
}

func TestWhatDoesNotFitIsSaidAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		job  job
		want string
	}{
		"unknown columns": {
			job{text: "Kunde,Datum\n1,2026-01-01\n", mapping: "kind: events\nevent: x\ncolumns: {Kunden: customer, Datum: time, Preis: preis}\nskip: {Statsu: x}"},
			"the mapping does not fit test.csv:\nthe file has no column \"Kunden\"; did you mean \"Kunde\"?\nthe file has no column \"Preis\"; it has Kunde, Datum\nthe file has no column \"Statsu\"; it has Kunde, Datum",
		},
		"ambiguous dates": {
			job{text: "Kunde,Datum\n1,01/02/2026\n2,03/04/2026\n", mapping: "kind: events\nevent: x\ncolumns: {Kunde: customer, Datum: time}"},
			"the mapping does not fit test.csv:\ncolumn Datum: its dates may be day/month or month/day, such as 01/02/2026, 03/04/2026: write behind it how they are meant, " +
				`"date d/m/y" or "date m/d/y" ("time d/m/y" with a time of day), or "text"`,
		},
		"mixed dates": {
			job{text: "Kunde,Datum\n1,13/02/2026\n2,03/14/2026\n", mapping: "kind: events\nevent: x\ncolumns: {Kunde: customer, Datum: time}"},
			"column Datum: some of its dates may be day/month or month/day, and the others the other way round",
		},
		"a field with fields in it": {
			job{text: "a,b,c,d\n1,2,3,2026-01-01\n", mapping: "kind: events\nevent: e\ncolumns: {a: customer, b: x, c: x.y, d: time}"},
			"x is a field and has fields in it: one of the two needs another name",
		},
		"a lookup without its file": {
			job{text: "a,b\n1,2\n", mapping: "kind: customers\ncolumns: {a: customer}\nlookup: {file: x.csv, on: b, columns: {c: d}}"},
			"the mapping looks something up in x.csv, which is not at hand here",
		},
		"no customer": {job{text: "a,b\n1,2\n"}, "test.csv: no column names a customer or a company: say with --as what the rows are; as customers, a hash of the row names each"},
		"empty":       {job{text: ""}, "test.csv: the file is empty"},
		"Excel":       {job{text: "PK\x03\x04..."}, "test.csv: this is a ZIP archive or an Excel workbook: unpack it, or save the sheet as CSV"},
		"calls as CSV": {
			job{text: "a,b\n1,2\n", kind: "calls"}, "test.csv: calls are JSON, and this is CSV: import it as customers, orders or events",
		},
		"broken gzip": {job{text: "\x1f\x8bxxxxxxxxxxxxxxxx"}, "test.csv: the file begins like gzip but is not: gzip: invalid header"},
	} {
		_, err := c.job.run(t)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n%v\nwant\n%s", name, err, c.want)
		}
		if strings.Contains(name, "dates") && !errors.Is(err, ErrAmbiguousDate) {
			t.Errorf("%s: %v is not ErrAmbiguousDate", name, err)
		}
	}
}

// TestGivenColumnsStayInAGuess: what a flag says is not guessed again.
func TestGivenColumnsStayInAGuess(t *testing.T) {
	m := mustMapping(t, "kind: orders")
	for _, flag := range []string{"KNR=customer", "Am=time", "Notiz=ignore"} {
		if err := m.Set(flag); err != nil {
			t.Fatal(err)
		}
	}
	j := job{text: "KNR,Am,Betrag,Notiz,Rechnungsnr\n7,1.2.2026,\"5,00\",x,R1\n", options: Options{Mapping: m}}
	if s := j.must(t); s.Rejected != 0 {
		t.Errorf("%+v", s)
	}
	want(t, j.sink.records, `user:7 order_completed at 2026-01-31T23:00:00.000Z {"order_id":"R1","total":5,"currency":"EUR"}`)
}

// TestEncodingsAndFormsMakeNoDifference: the same rows come in the same from every form of a file.
func TestEncodingsAndFormsMakeNoDifference(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("aeiou ÄÖÜäöüß€éñ,;\t\"'|%-1.")), 1, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		var plain, expected []string
		for i := range rapid.IntRange(1, 8).Draw(t, "rows") {
			s := "x" + text.Draw(t, "text") + "x"
			plain = append(plain, s)
			expected = append(expected, fmt.Sprintf(`user:%d is {"text":%q}`, i+1, s))
		}
		delimiter := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "delimiter")
		file := csvText(delimiter, "id", "text", "Größe") // shows the encoding
		for i, s := range plain {
			file += csvText(delimiter, fmt.Sprint(i+1), s, "")
		}
		if rapid.Bool().Draw(t, "CRLF") {
			file = strings.ReplaceAll(file, "\n", "\r\n")
		}
		form := rapid.SampledFrom([]string{"utf-8", "utf-8 with a mark", "windows-1252", "utf-16le", "utf-16be"}).Draw(t, "encoding")
		var content io.Reader = bytes.NewReader(encode(file, form))
		if rapid.Bool().Draw(t, "gzip") {
			content = bytes.NewReader(zip(encode(file, form)))
		}
		if rapid.Bool().Draw(t, "stream") {
			content = struct{ io.Reader }{content} // hides that it can seek
		}
		j := job{reader: content, mapping: "kind: customers\ncolumns: {id: customer, text: text text}"}
		if _, err := j.run(quiet{}); err != nil {
			t.Fatal(err)
		}
		if got := lines(j.sink.records); !slices.Equal(got, expected) {
			t.Fatalf("%s: got\n  %s\nwant\n  %s\nof %q", form, strings.Join(got, "\n  "), strings.Join(expected, "\n  "), file)
		}
	})
}

func encode(text, form string) []byte {
	var out string
	var err error
	switch form {
	case "utf-8":
		out = text
	case "utf-8 with a mark":
		out = "\ufeff" + text
	case "windows-1252":
		out, err = charmap.Windows1252.NewEncoder().String(text)
	case "utf-16le":
		out, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	case "utf-16be":
		out, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	}
	if err != nil {
		panic(err)
	}
	return []byte(out)
}

func zip(text []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(text); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func TestProgressCountsTheBytesOfTheFile(t *testing.T) {
	file := zip([]byte("kunde,wann,was,wert\n" + strings.Repeat("a,01.03.2026,x,1\n", 5_000)))
	var last Progress
	surveyed := false
	j := job{reader: bytes.NewReader(file), mapping: eventsMapping}
	j.options.Progress = func(p Progress) {
		if p.Surveying {
			surveyed = true
		} else if p.Bytes < last.Bytes || p.Rows < last.Rows || p.Bytes > int64(len(file)) {
			t.Errorf("after %+v comes %+v", last, p)
		} else {
			last = p
		}
	}
	j.must(t)
	if !surveyed || last.Rows < 4_000 {
		t.Errorf("surveyed %v, last %+v", surveyed, last)
	}
}
