package export

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/kohorte/kohorte/internal/number"
	"pgregory.net/rapid"
)

func TestNDJSONKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns, rows := aTable(t, number.Max)
		text := written(t, tableOf(columns, rows), Options{Format: NDJSON})
		lines := bytes.Split(text, []byte("\n"))
		if len(lines) != len(rows)+1 || len(lines[len(rows)]) > 0 {
			t.Fatalf("%d lines of %d rows", len(lines), len(rows))
		}
		for i, row := range rows {
			var got map[string]json.RawMessage
			if err := json.Unmarshal(lines[i], &got); err != nil || len(got) != len(columns) {
				t.Fatalf("%s: %v", lines[i], err)
			}
			for j := range row {
				compareJSON(t, got[columns[j].Name], &row[j])
			}
		}
	})
}

func compareJSON(t *rapid.T, got json.RawMessage, want *Cell) {
	t.Helper()
	var err error
	var read Cell
	switch want.kind {
	case Unknown:
		if string(got) != "null" {
			t.Fatalf("%s, want null", got)
		}
		return
	case Number:
		var n number.Number
		err = json.Unmarshal(got, &n)
		read = NumberCell(n)
	case Boolean:
		var is bool
		err = json.Unmarshal(got, &is)
		read = BooleanCell(is)
	case Texts:
		var list []string
		err = json.Unmarshal(got, &list)
		read = TextsCell(list)
	case JSON:
		read = JSONCell(string(got))
	default:
		var text string
		if err = json.Unmarshal(got, &text); err != nil || text != want.plain() {
			t.Fatalf("%s, want %q", got, want.plain())
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	same(t, [][]Cell{{read}}, [][]Cell{{*want}})
}
