package cli

import (
	"fmt"
	"strings"
	"testing"
)

// geoNames are lines of the file of GeoNames, without a header and separated by tabs.
var geoNames = []string{
	"DE\t70173\tStuttgart\tBaden-Württemberg\tBW\tRegierungsbezirk Stuttgart\t081\tStuttgart, Stadtkreis\t08111\t48.7758\t9.1829\t6",
	"DE\t73728\tEsslingen am Neckar\tBaden-Württemberg\tBW\t\t081\t\t08116\t48.7406\t9.3108\t6",
	"DE\t50667\tKöln\tNordrhein-Westfalen\tNW\tReg.-Bez. Köln\t053\tKöln\t05315\t50.9389\t6.9573\t6",
	"AT\t1010\tWien, Innere Stadt\tWien\t09\t\t900\t\t90001\t48.2077\t16.3705\t6",
}

func TestDistanceToAPostcode(t *testing.T) {
	p := newPlace(t)
	var calls []string
	for i, code := range []string{"73728", "50667", "AT-1010", "99999", ""} {
		calls = append(calls, fmt.Sprintf(`{"type": "identify", "userId": "c%d", "messageId": "%d", "timestamp": "2025-01-10T08:00:00Z", "traits": {"plz": "%s"}}`, i, i, code))
	}
	p.ok("import", "--as", "calls", p.write("calls.ndjson", calls...))
	near := `distance(plz, "DE-70173") <= 50`
	if got := p.ok("count", near); !strings.HasPrefix(got, "0 of 5") {
		t.Errorf("without postcodes: %s", got)
	}
	s := p.summaryOf("--as", "postcodes", p.write("DE.txt", geoNames...))
	if s.Read != 4 || s.Postcodes != 4 || s.Rejected != 0 {
		t.Errorf("got %+v", s)
	}
	for rule, want := range map[string]string{
		near:                                         "c0",
		`distance(plz, "DE-70173") > 50`:             "c1 c2",
		`distance(plz, "DE-70173") is unknown`:       "c3 c4",
		`distance(plz, "AT-1010") < 1`:               "c2",
		`distance(plz, "DE-70173") between 9 and 11`: "c0",
	} {
		got := strings.Join(strings.Fields(p.ok("list", rule, "--format", "csv"))[1:], " ")
		if got != want {
			t.Errorf("%s lets in %q, want %q", rule, got, want)
		}
	}
	if got := p.ok("explain", "c0", near); !strings.Contains(got, `distance(plz, "DE-70173") = 10.`) {
		t.Errorf("the distance is not explained:\n%s", got)
	}
}

func TestPostcodesWithHeader(t *testing.T) {
	p := newPlace(t)
	p.ok("import", "--as", "calls", p.write("calls.ndjson", `{"type": "identify", "userId": "c1", "messageId": "1", "timestamp": "2025-01-10T08:00:00Z", "traits": {"plz": "8001"}}`))
	file := p.write("plz.csv", "PLZ;Ort;Breite;Länge", "8001;Zürich;47,3727;8,5395", "kaputt;;x;y")
	p.fails(1, "country", "import", "--as", "postcodes", file)
	if s := p.summaryOf("--as", "postcodes", file, "--country", "CH"); s.Postcodes != 1 || s.Rejected != 1 || !strings.Contains(p.read(s.Rejects), "kaputt") {
		t.Errorf("got %+v", s)
	}
	if got := p.ok("count", `distance(plz, "CH-8001") = 0`); !strings.HasPrefix(got, "1 of 1") {
		t.Errorf("got %s", got)
	}
}
