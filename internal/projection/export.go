package projection

import (
	"cmp"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/export"
	"github.com/kohorte/kohorte/internal/number"
)

// Exported gives the columns of an export.
func Exported(chosen []Column) []export.Column {
	made := make([]export.Column, len(chosen))
	for i, c := range chosen {
		kind := cmp.Or(exportKinds[c.Type.Kind], export.Text) // of a field that was only ever null
		if c.text != nil {
			kind = export.Text
		}
		made[i] = export.Column{Name: c.Name, Kind: kind}
	}
	return made
}

var exportKinds = map[catalog.Kind]export.Kind{
	catalog.Text: export.Text, catalog.Number: export.Number, catalog.Boolean: export.Boolean, catalog.Date: export.Date,
	catalog.Time: export.Time, catalog.TextList: export.Texts, catalog.ObjectList: export.JSON,
}

// Exported makes the cell of an export. What it holds is valid until the customer changes.
func (c *Column) Exported(b *columns.Block, row int, zone *calendar.Zone) export.Cell {
	if c.text != nil {
		if text, ok := c.text(b, row); ok {
			return export.TextCell(text)
		}
		return export.Cell{}
	}
	values, i := c.at(b, row)
	if values == nil || !values.IsKnown(i) {
		return export.Cell{}
	}
	switch values.Kind {
	case catalog.Text:
		text, _ := values.Text(i)
		return export.TextCell(text)
	case catalog.Number:
		return export.NumberCell(number.Number(values.Nums[i]))
	case catalog.Boolean:
		return export.BooleanCell(values.Bools[i] == columns.True)
	case catalog.Date:
		return export.DateCell(zone.Civil(values.Nums[i]))
	case catalog.Time:
		return export.TimeCell(values.Nums[i])
	case catalog.TextList:
		var texts []string
		for _, code := range values.Codes[values.Off[i]:values.Off[i+1]] {
			texts = append(texts, values.Dict.Text(code))
		}
		return export.TextsCell(texts)
	}
	return export.JSONCell(string(AppendJSON(nil, values, &c.Field, i, zone)))
}
