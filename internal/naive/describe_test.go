package naive

import (
	"reflect"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

func TestDescribe(t *testing.T) {
	w := smallWorld(t)
	files := map[string]string{}
	n, _ := rule.Parse(`COUNT(order_completed where coupon = "a  b") > 0`)
	script := Describe(w, n, w.Customers, parse(t, "2026-03-29T01:00:00Z"))
	rest := script
	for strings.HasPrefix(rest, "cat >") {
		head, tail, _ := strings.Cut(rest, " <<'END'\n")
		content, after, _ := strings.Cut(tail, "END\n")
		files[strings.TrimPrefix(head, "cat >")], rest = content, after
	}
	if want := "--at 2026-03-29T01:00:00.000Z # Sun 2026-03-29T03:00:00.000 in Europe/Berlin\n"; !strings.HasSuffix(rest, want) {
		t.Errorf("the script does not end in %s:\n%s", want, script)
	}
	if want := "count(order_completed where coupon = \"a  b\") > 0\n"; files["rules.txt"] != want {
		t.Errorf("the rule is %q, want %q", files["rules.txt"], want)
	}
	known, err := catalog.ParseDeclaration([]byte(files["schema.json"]))
	if err != nil {
		t.Fatalf("%v in\n%s", err, files["schema.json"])
	}
	if !reflect.DeepEqual(known, w.Catalog) {
		t.Errorf("the schema is\n%+v, want\n%+v", known, w.Catalog)
	}
	again, err := Load(known, strings.NewReader(files["calls.ndjson"]), strings.NewReader(files["consents.ndjson"]), strings.NewReader(files["memberships.ndjson"]))
	if err != nil {
		t.Fatal(err)
	}
	if got := Describe(again, n, again.Customers, 0); got != Describe(w, n, w.Customers, 0) {
		t.Errorf("described again it is\n%s", got)
	}
}
