package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// readAll reads a file; rows with a fault end in "!" and the fault.
func readAll(t testing.TB, in *Input) [][]string {
	t.Helper()
	rows, err := in.Rows(true)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, c := range row.Cells {
			cells = append(cells, string(c.Text))
		}
		if row.Fault != "" {
			cells = append(cells, "!", row.Fault)
		}
		all = append(all, cells)
	}
}

func open(t testing.TB, text string) *Input {
	t.Helper()
	in, err := Open(Source{Name: "test", Reader: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestDirtyCSV(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"plain":               {"a,b\n1,2\n", "[[1 2]]"},
		"no last line end":    {"a,b\n1,2", "[[1 2]]"},
		"Windows line ends":   {"a,b\r\n1,2\r\n", "[[1 2]]"},
		"old Mac line ends":   {"a,b\r1,2\r3,4\r", "[[1 2] [3 4]]"},
		"semicolons":          {"a;b\n1,5;2,5\n", "[[1,5 2,5]]"},
		"tabs":                {"a\tb\n1, 5\t2\n", "[[1, 5 2]]"},
		"bars":                {"a|b\n1,1|2\n", "[[1,1 2]]"},
		"one column":          {"a\n1\n2\n", "[[1] [2]]"},
		"quotes":              {"a,b\n\"1,\"\"x\"\"\",\"2\n3\"\n", "[[1,\"x\" 2\n3]]"},
		"blanks round quotes": {"a,b\n \"1\" , \"2\" \n", "[[1 2]]"},
		"blanks":              {"a , b\n 1 ,\u00a02\u00a0\n", "[[1 2]]"},
		"stray quotes":        {"a,b\n12\" wheel,\"5\" disk\"\n", "[[12\" wheel 5\" disk]]"},
		"declared":            {"sep=;\na;b\n1;2\n", "[[1 2]]"},
		"declared in quotes":  {"\"sep=|\"\r\na|b\r\n1|2\r\n", "[[1 2]]"},
		"a title":             {"Bericht 2025\n\na;b\n1;2\n3;4\n", "[[1 2] [3 4]]"},
		"blank rows":          {"a,b\n\n1,2\n,\n  ,\n3,4\n\n", "[[1 2] [3 4]]"},
		"repeated header":     {"a,b\n1,2\na,b\n3,4\n", "[[1 2] [3 4]]"},
		"unnamed last column": {"a,b,\n1,2,\n3,4\n", "[[1 2 ] [3 4 ]]"},
		"surplus blanks":      {"a,b\n1,2,,\n", "[[1 2]]"},
		"too many":            {"a,b\n1,2,3\n4,5\n", "[[1 2 ! the row has 3 cells, the header has 2] [4 5]]"},
		"too few":             {"a,b\n1\n4,5\n6,7\n", "[[1  ! the row has 1 cells, the header has 2] [4 5] [6 7]]"},
		"open quote":          {"a,b\n1,\"x\n2,y\n3,z\n", "[[1 \"x ! a quote is opened and not closed] [2 y] [3 z]]"},
		"open quote, closed":  {"a,b\n1,\"x\n2,\"y\"\n3,z\n", "[[1 \"x ! a quote is opened and not closed] [2 y] [3 z]]"},
		"backslashes":         {"a,b\n\"x \\\"y\\\", z\",1\n\"v\",2\n", "[[x \"y\", z 1] [v 2]]"},
		"a path":              {"a,b\n\"C:\\dir\\\",1\n\"D:\\\",2\n\"x\",3\n", "[[C:\\dir\\ 1] [D:\\ 2] [x 3]]"},
		"reason":              {"kohorte_reason,a,b\nbad,1,2\nworse,3\n", "[[1 2] [3  ! the row has 1 cells, the header has 2]]"},
		"reason last":         {"a,b,kohorte_reason\n1,2,bad\n", "[[1 2]]"},
		"null characters":     {"a,b\n1\x00,2\n", "[[1 2]]"},
		"mixed encodings":     {"a,größe\nM\xfcller,Köln\n\xa4,€\n", "[[Müller Köln] [¤ €]]"},
		"Windows-1252":        {"a,gr\xf6\xdfe\nM\xfcller,\x80 5\n", "[[Müller € 5]]"},
	} {
		if got := fmt.Sprint(readAll(t, open(t, c.text))); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	for text, want := range map[string]string{
		"\ufeffa,b\n1,2\n":                "[a b]",
		"a,a,a_2,,A\nx,y,z,,v\n":          "[a a_2 a_2_2 column_4 A]",
		" Kunden  Nr. ,\"b\nc\"\n1,2\n":   "[Kunden Nr. b c]",
		"7,anna@example.de\n8,b@x.de\n":   "[column_1 column_2]",
		"id,name\n7,anna\n":               "[id name]",
		"anna,berta\ncarl,dora\n":         "[anna berta]",
		"2025-01-01,5\n2025-01-02,6\n":    "[column_1 column_2]",
		"kohorte_reason,7,a\nbad,8,b\n":   "[7 a]",
		"Jahr,2024,2025,x\n1,y,z,w\n":     "[Jahr 2024 2025 x]",
		"DE\t01067\tDresden\t51.06\t13.7": "[column_1 column_2 column_3 column_4 column_5]",
	} {
		if got := fmt.Sprint(open(t, text).header.names); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	in := open(t, "7,x\n8,y\n")
	if err := in.Declare(Settings{Header: []string{"id", "name"}}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(in.header.names, readAll(t, in)); got != "[id name] [[7 x] [8 y]]" {
		t.Error(got)
	}
	if got := (Columns{"a", "B", "b "}).Index("b"); got != 1 {
		t.Errorf("b is column %d", got)
	}
}

func TestFormsOfFiles(t *testing.T) {
	for text, want := range map[string]string{
		"a,b\n1,2\n":              "CSV utf-8 ,",
		"a;b\n\xfc;2\n":           "CSV windows-1252 ;",
		"{\"a\":1}\n":             "NDJSON utf-8",
		" [\n {\"a\":1}]":         "JSON array utf-8",
		"[x],y\n1,2\n":            "CSV utf-8 ,",
		"\xff\xfea\x00,\x00b\x00": "CSV utf-16le ,",
	} {
		in := open(t, text)
		got := in.Format.String() + " " + in.Encoding
		if in.Format == CSV {
			got += " " + string(in.Delimiter)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	in := open(t, "a;b\n1;2\n\xa4;x\n")
	if err := in.Declare(Settings{Encoding: "iso-8859-15", Delimiter: ';'}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(readAll(t, in)); got != "[[1 2] [€ x]]" {
		t.Error(got)
	}
	if err := in.Declare(Settings{Encoding: "klingon"}); err == nil || !strings.Contains(err.Error(), "iso-8859-15") {
		t.Errorf("klingon: %v", err)
	}
}

func TestLongRowsAreReportedAndNotHeld(t *testing.T) {
	long := strings.Repeat("x", 3*MaxRow)
	got := readAll(t, open(t, "a,b\n1,"+long+"\n2,\""+long+"\"\n3,\"y\n"+strings.Repeat("z\n", MaxRow/2)+"4,5\n"))
	faults, sound := 0, 0
	for _, row := range got {
		if len(row) > 2 {
			faults++
			if len(row[0])+len(row[1]) > MaxRow+10 {
				t.Errorf("a row of %d bytes was held", len(row[1]))
			}
		} else {
			sound++
		}
	}
	if sound != 1 || faults != 3+MaxRow/2 {
		t.Errorf("%d sound rows, %d faulty ones", sound, faults)
	}
}

// TestCSVReadsLikeTheStandardLibrary where the file is without dirt.
func TestCSVReadsLikeTheStandardLibrary(t *testing.T) {
	cell := rapid.StringOfN(rapid.SampledFrom([]rune("ab,;\t\"'\n \\|ä")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		w.Comma = rapid.SampledFrom([]rune{',', ';', '\t'}).Draw(t, "delimiter")
		w.UseCRLF = rapid.Bool().Draw(t, "CRLF")
		rows := [][]string{{"eins", "zwei", "drei"}}
		for range rapid.IntRange(1, 12).Draw(t, "rows") {
			rows = append(rows, []string{"x" + cell.Draw(t, "a") + "x", cell.Draw(t, "b"), cell.Draw(t, "c")})
		}
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		in, err := Open(Source{Name: "test", Reader: bytes.NewReader(out.Bytes())})
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Declare(Settings{Delimiter: byte(w.Comma)}); err != nil {
			t.Fatal(err)
		}
		in.Backslash = false
		r, err := in.Rows(true)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range rows[1:] {
			row, err := r.Next()
			if err != nil || row.Fault != "" {
				t.Fatalf("%v %+v of %q", err, row, out.String())
			}
			for i, c := range row.Cells {
				if expected := string(trim([]byte(strings.ReplaceAll(want[i], "\r\n", "\n")))); string(c.Text) != expected {
					t.Fatalf("%q, want %q of %q", c.Text, expected, out.String())
				}
			}
		}
	})
}

// TestKeptRowsComeBack as they were, and written aside they read the same.
func TestKeptRowsComeBack(t *testing.T) {
	texts := []string{
		"a;b\n1;\"2\n\"\"3\"\n4\n5;6;7\n8;\"9\n\n",
		`{"a":1,"b":"x\n"}` + "\n" + `{"a":{"c":[1]}}` + "\nkaputt\n[1]\n",
	}
	for _, text := range texts {
		in := open(t, text)
		rows, err := in.Rows(false)
		if err != nil {
			t.Fatal(err)
		}
		var kept [][]byte
		var before []string
		var aside bytes.Buffer
		rejects := in.Rejects(&aside)
		for {
			row, err := rows.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			before = append(before, fmt.Sprint(row.Line, row.Fault, cellsOf(row)))
			kept = append(kept, rows.Keep(nil, row))
		}
		for i, k := range kept {
			row := rows.Kept(k)
			if after := fmt.Sprint(row.Line, row.Fault, cellsOf(row)); strings.TrimRight(after, " ]") != strings.TrimRight(before[i], " ]") {
				t.Errorf("kept %s, was %s", after, before[i])
			}
			if err := rejects.Write(row, "weil; \"so\""); err != nil {
				t.Fatal(err)
			}
		}
		if err := rejects.Close(); err != nil {
			t.Fatal(err)
		}
		again := open(t, aside.String())
		if n := len(readAll(t, again)); n != len(before) {
			t.Errorf("%d rows were written aside, %d are read again:\n%s", len(before), n, aside.String())
		}
	}
}

func cellsOf(row *Row) []string {
	var cells []string
	for _, c := range row.Cells {
		cells = append(cells, string(c.Text))
	}
	return cells
}

// TestStreamsAreReadTwice through a temporary file, which Close removes.
func TestStreamsAreReadTwice(t *testing.T) {
	text := "a,b\n" + strings.Repeat("1,2\n", 200_000)
	in, err := Open(Source{Name: "stream", Reader: struct{ io.Reader }{strings.NewReader(text)}})
	if err != nil {
		t.Fatal(err)
	}
	first, err := in.Rows(false)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 { // and no further: the rest goes through the file all the same
		if _, err := first.Next(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if n := len(readAll(t, in)); n != 200_000 {
			t.Errorf("%d rows", n)
		}
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	once, err := Open(Source{Name: "stream", Reader: struct{ io.Reader }{strings.NewReader(text)}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(readAll(t, once)); n != 200_000 || once.spool != nil {
		t.Errorf("%d rows, through a temporary file: %v", n, once.spool != nil)
	}
	if _, err := once.Rows(true); err == nil {
		t.Error("a stream was read twice without being kept")
	}
}

func TestManyKeysAreReported(t *testing.T) {
	var text strings.Builder
	for i := range maxColumns + 5 {
		fmt.Fprintf(&text, "{\"k%d\":1}\n", i)
	}
	rows, err := open(t, text.String()).Rows(true)
	if err != nil {
		t.Fatal(err)
	}
	faults := 0
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Fault != "" {
			faults++
		}
	}
	if faults != 5 {
		t.Errorf("%d faults", faults)
	}
}

// FuzzRead: every file reads to its end without a panic, and what is written
// aside of it reads again, row for row.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "sep=;\na;b\n\"x\n\";\"\"\"\n", "\ufeffa\tb\r\n1\t2", "\xff\xfea\x00,\x00b\x00", "{\"a\":[1,{\"b\":2}]}\n{", "[{\"a\":1},2,\"x]\"]",
		"\x1f\x8b\x08", "kohorte_reason,a\nx,y\n", "a|b\r1|2\r", "a;b\n\"\\\"\";1\n", "M\xfc,\x80\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		in, err := Open(Source{Name: "fuzz", Reader: bytes.NewReader(file)})
		if err != nil {
			return
		}
		rows, err := in.Rows(true)
		if err != nil {
			return
		}
		var aside bytes.Buffer
		rejects := in.Rejects(&aside)
		var before []string
		for {
			row, err := rows.Next()
			if err != nil {
				break
			}
			before = append(before, strings.Join(cellsOf(row), "\x00"))
			if err := rejects.Write(row, "weil"); err != nil {
				t.Fatal(err)
			}
		}
		if err := rejects.Close(); err != nil {
			t.Fatal(err)
		}
		if len(before) == 0 || in.Format != CSV || in.header.need < 2 || in.Delimiter == '\r' || in.Return {
			return
		}
		again := open(t, aside.String())
		if err := again.Declare(Settings{Delimiter: in.Delimiter}); err != nil {
			t.Fatal(err)
		}
		again.Backslash, again.Preamble = in.Backslash, 0
		if got := readAll(t, again); len(got) != len(before) {
			t.Fatalf("%d rows of %q were written aside as %q, %d are read again", len(before), file, aside.String(), len(got))
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	line := "536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
	text := "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n" + strings.Repeat(line, 10_000)
	in := open(b, text)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		rows, err := in.Rows(false)
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := rows.Next(); err != nil {
				break
			}
		}
	}
}
