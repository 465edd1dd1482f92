package value

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func profileOf(name string, cells ...string) *Profile {
	p := &Profile{Name: name}
	for _, c := range cells {
		p.Add([]byte(c), false)
	}
	return p
}

func TestWhatColumnsAre(t *testing.T) {
	for _, c := range []struct {
		name, cells string // separated by |
		want        string
		doubt       Doubt
	}{
		{"wert", "1|2|-3", "number", Sure},
		{"wert", "1,5|2", "number 1.234,56", Sure},
		{"wert", "1.5|2", "number", Sure},
		{"wert", "1.500|2.000", "number 1,234.56", DoubtStyle},
		{"wert", "$90,000|$1,000", "number 1,234.56", DoubtStyle},
		{"wert", "1|n/a||NULL|-", "number", Sure},
		{"wert", "n/a|-", "unknown", Sure},
		{"wert", "1|zwei", "text", Sure},
		{"wert", "1|007", "text", Sure},
		{"wert", "1,5|2.5", "text", Sure},
		{"PLZ", "70173|89073", "text", Sure},
		{"customer_id", "1|2", "text", Sure},
		{"ArtikelNr", "1|2", "text", Sure},
		{"phone 2", "1|2", "text", Sure},
		{"number_of_employees", "1|2", "number", Sure},
		{"NumStorePurchases", "1|2", "number", Sure},
		{"ean", "4006381333931|4006381333948", "text", Sure},
		{"wert", "12345678901234567890", "text", Sure},
		{"datum", "31.12.2025|1.1.2026", "date", Sure},
		{"datum", "31/12/2025|1/1/2026", "date d/m/y", Sure},
		{"datum", "12/31/2025|1/1/2026", "date m/d/y", Sure},
		{"datum", "1/2/2025|3/4/2026", "date", DoubtOrder},
		{"datum", "1/1/2025|2/2/2026", "date d/m/y", Sure},
		{"datum", "13/1/2025|1/13/2026", "date", DoubtMixed},
		{"datum", "2025-12-31 00:00:00|2025-12-30 00:00:00", "date", Sure},
		{"datum", "2025-12-31 00:00:01|2025-12-30 00:00:00", "time", Sure},
		{"datum", "20251231|20260101", "date", Sure},
		{"wert", "20251231|20260101", "number", Sure},
		{"created_at", "1617380165|1617380166", "time unix", Sure},
		{"id", "1617380165|1617380166", "text", Sure},
		{"timestamp", "1617380165123", "time unix_ms", Sure},
		{"version", "1.2.3|1.2.4", "text", Sure},
		{"aktiv", "ja|nein|Ja", "boolean", Sure},
		{"aktiv", "Y|N", "boolean", Sure},
		{"aktiv", "TRUE", "boolean", Sure},
		{"land", "NO|NO", "text", Sure},
		{"aktiv", "ja|nein|vielleicht", "text", Sure},
		{"aktiv", "0|1", "number", Sure},
		{"tags", `["a"]|[]`, "json", Sure},
		{"tags", `[a]|[]`, "text", Sure},
		{"notiz", "", "unknown", Sure},
	} {
		got, doubt := profileOf(c.name, strings.Split(c.cells, "|")...).Decide(Hints{})
		if got.String() != c.want || doubt != c.doubt {
			t.Errorf("%s %q: %s, doubt %d; want %s, doubt %d", c.name, c.cells, got, doubt, c.want, c.doubt)
		}
	}
}

func TestAFewWrongDatesDoNotMakeAColumnText(t *testing.T) {
	cells := []string{"30.02.2020", "morgen"}
	for i := range 60 {
		cells = append(cells, fmt.Sprintf("%d.03.2020", i%28+1))
	}
	if got, _ := profileOf("geburtsdatum", cells...).Decide(Hints{}); got.Kind != Date || !got.Past {
		t.Errorf("%+v", got)
	}
	cells = cells[:0]
	for i := range 60 {
		cells = append(cells, fmt.Sprintf("1/%d/2020", i%28+1))
	}
	if got, doubt := profileOf("datum", append(cells, "25/1/2020")...).Decide(Hints{}); got.Order != MonthFirst || doubt != Sure {
		t.Errorf("one slip: %s, doubt %d", got, doubt)
	}
}

// TestDatesOfTwoDigitsAreDecidedByTheirVariety: days come in more kinds than years.
func TestDatesOfTwoDigitsAreDecidedByTheirVariety(t *testing.T) {
	var cells []string
	for i := range 60 {
		cells = append(cells, fmt.Sprintf("%02d-%02d-%02d", i%28+1, i%12+1, 16+i%2))
	}
	if got, doubt := profileOf("close_date", cells...).Decide(Hints{}); got.Order != DayFirst || doubt != Sure {
		t.Errorf("%s, doubt %d", got, doubt)
	}
}

func TestHintsDecideWhatAColumnLeavesOpen(t *testing.T) {
	if got, doubt := profileOf("a", "1.500").Decide(Hints{Style: Comma}); got.Style != Comma || doubt != Sure {
		t.Errorf("%s %d", got, doubt)
	}
	if got, doubt := profileOf("a", "1.500").Decide(Hints{Semicolon: true}); got.Style != Comma || doubt != DoubtStyle {
		t.Errorf("%s %d", got, doubt)
	}
	if got, doubt := profileOf("a", "1/2/2025").Decide(Hints{Order: MonthFirst}); got.Order != MonthFirst || doubt != Sure {
		t.Errorf("%s %d", got, doubt)
	}
	style, order := profileOf("a", "1,5").Evidence()
	if style != Comma || order != AnyOrder {
		t.Errorf("%v %v", style, order)
	}
	style, order = profileOf("a", "31/1/2025").Evidence()
	if style != AnyStyle || order != DayFirst {
		t.Errorf("%v %v", style, order)
	}
}

func TestIDsThatAProgramMadeDecimals(t *testing.T) {
	p := profileOf("Customer ID", "17850.0", "13047.0", "")
	if got := string(Plain([]byte("17850.0"), p.ForID())); got != "17850" {
		t.Errorf("%s", got)
	}
	p = profileOf("id", "17850.0", "13047.1")
	if got := string(Plain([]byte("17850.0"), p.ForID())); got != "17850.0" {
		t.Errorf("%s", got)
	}
}

func TestTypesReadBack(t *testing.T) {
	for _, text := range []string{"text", "number", "number 1,234.56", "number 1.234,56", "boolean", "date", "date d/m/y", "time unix", "time m/d/y", "list ;", "list |", "json"} {
		got, err := ParseType(strings.Fields(text))
		if err != nil || got.String() != text {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{"d.m.y": "date d/m/y", "1.234,56": "number 1.234,56", "list": "list ;"} {
		if got, err := ParseType(strings.Fields(text)); err != nil || got.String() != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"nombre", "unknown", "number 5", "date x", "list ;;", "text x"} {
		if got, err := ParseType(strings.Fields(text)); err == nil {
			t.Errorf("%s was taken as %s", text, got)
		}
	}
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"Order Completed": "order_completed", "OrderCompleted": "order_completed", "order-completed": "order_completed", "orderCompleted": "order_completed",
		"order_completed": "order_completed", " E-Mail ": "e_mail", "Straße & Ort": "straße_ort", "ÄnderungsDatum": "änderungs_datum", "HTTPServer": "http_server",
		"CustomerID": "customer_id", "Step2Done": "step2_done", "Step 2": "step_2", "": "", "--": "", "__x__": "x", "日本": "日本", "A": "a", "ABTest": "ab_test",
	} {
		if got := Snake(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := Snake(rapid.String().Draw(t, "name"))
		if twice := Snake(once); twice != once {
			t.Fatalf("%q becomes %q", once, twice)
		}
	})
}

func TestAppendText(t *testing.T) {
	for text, want := range map[string]string{
		"a": `"a"`, "\"\\": `"\"\\"`, "a\nb\tc\rd\x01": `"a\nb\tc\rd\u0001"`, "ä€😀": `"ä€😀"`, "\xff": "\"\ufffd\"", "a\xffb": "\"a\ufffdb\"", "": `""`,
	} {
		if got := string(AppendText(nil, []byte(text))); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestLists(t *testing.T) {
	for cell, want := range map[string]string{"a; b;;c": `["a","b","c"]`, `["x"]`: `["x"]`, "[x": `["[x"]`, ";": `[]`} {
		got, err := reader.Append(nil, []byte(cell), Type{Kind: List, Separator: ';'})
		if err != nil || string(got) != want {
			t.Errorf("%q: %s, %v", cell, got, err)
		}
	}
}

func TestWhatIsNoValue(t *testing.T) {
	for cell, want := range map[string]bool{"": true, "NULL": true, "n/a": true, "-": true, "0000-00-00": true, "K.A.": true, "0": false, "x": false, "nope": false, "12": false, "ä": false} {
		if IsMissing([]byte(cell)) != want {
			t.Errorf("%q", cell)
		}
	}
}

func BenchmarkProfile(b *testing.B) {
	for name, cell := range map[string]string{"text": "WHITE HANGING HEART T-LIGHT HOLDER", "whole": "536365", "decimal": "1234.56", "date": "2010-12-01 08:26:00", "comma": "1.234,56 €"} {
		b.Run(name, func(b *testing.B) {
			var p Profile
			for b.Loop() {
				p.Add([]byte(cell), false)
			}
		})
	}
}
