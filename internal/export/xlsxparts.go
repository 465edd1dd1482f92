package export

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// part is a file within a workbook.
type part struct{ path, text string }

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relSpace  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	bookType  = "application/vnd.openxmlformats-officedocument.spreadsheetml."

	packageRelations = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="` + relSpace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	sheetTail = "</sheetData></worksheet>"
)

func sheetPath(n int) string { return fmt.Sprintf("xl/worksheets/sheet%d.xml", n) }

// sheetHead is a sheet up to its first row: the header stays while one scrolls.
func sheetHead(columns []Column, selected bool) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<worksheet xmlns="` + mainSpace + `"><sheetViews><sheetView`)
	if selected {
		b.WriteString(` tabSelected="1"`)
	}
	b.WriteString(` workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`)
	for i, c := range columns {
		fmt.Fprintf(&b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, width(c))
	}
	b.WriteString("</cols><sheetData>")
	return b.String()
}

// width guesses the width of a column, in letters.
func width(c Column) int {
	usual := map[Kind]int{Text: 24, Number: 14, Boolean: 10, Date: 12, Time: 20, Texts: 30, JSON: 40}[c.Kind]
	return max(usual, min(len([]rune(c.Name))+2, 40))
}

// lastParts are the files that are written when the number of sheets is known.
func lastParts(sheets int, german bool) []part {
	return []part{
		{"xl/workbook.xml", workbook(sheets)},
		{"xl/_rels/workbook.xml.rels", workbookRelations(sheets)},
		{"xl/styles.xml", styles(german)},
		{"[Content_Types].xml", contentTypes(sheets)},
	}
}

func workbook(sheets int) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relSpace + `"><bookViews><workbookView/></bookViews><sheets>`)
	for i := 1; i <= sheets; i++ {
		name := "Members"
		if i > 1 {
			name = fmt.Sprintf("Members %d", i)
		}
		fmt.Fprintf(&b, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, name, i, i)
	}
	b.WriteString("</sheets></workbook>")
	return b.String()
}

func workbookRelations(sheets int) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for i := 1; i <= sheets; i++ {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i, relSpace, i)
	}
	fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s/styles" Target="styles.xml"/></Relationships>`, sheets+1, relSpace)
	return b.String()
}

func contentTypes(sheets int) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + bookType + `sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + bookType + `styles+xml"/>`)
	for i := 1; i <= sheets; i++ {
		fmt.Fprintf(&b, `<Override PartName="/%s" ContentType="%sworksheet+xml"/>`, sheetPath(i), bookType)
	}
	b.WriteString("</Types>")
	return b.String()
}

// styles are the formats of cells, in the order of asGeneral to asTime. 49 is the
// format of text: a postcode stays one when somebody edits it.
func styles(german bool) string {
	date, clock := `yyyy\-mm\-dd`, `yyyy\-mm\-dd\ hh:mm:ss`
	if german {
		date, clock = `dd\.mm\.yyyy`, `dd\.mm\.yyyy\ hh:mm:ss`
	}
	return xmlHead + `<styleSheet xmlns="` + mainSpace + `"><numFmts count="2"><numFmt numFmtId="164" formatCode="` + date +
		`"/><numFmt numFmtId="165" formatCode="` + clock + `"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">` +
		xf(0, 0) + xf(49, 1) + xf(49, 0) + xf(164, 0) + xf(165, 0) +
		`</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
}

func xf(format, font int) string {
	return fmt.Sprintf(`<xf numFmtId="%d" fontId="%d" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`, format, font)
}

// isEscape tells whether a workbook would read the beginning of a text as an
// escape, which must therefore be escaped itself.
func isEscape(text string) bool {
	if len(text) < 7 || text[:2] != "_x" || text[6] != '_' {
		return false
	}
	for _, c := range []byte(text[2:6]) {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// appendXML appends a text in the way of workbooks: letters that XML does not know
// as _x0000_. It cuts what a cell cannot hold.
func appendXML(b []byte, text string) (_ []byte, cut bool) {
	if len(text) > cellLetters {
		text, cut = shortened(text)
	}
	for i, r := range text {
		switch {
		case r == '_' && isEscape(text[i:]):
			b = append(b, "_x005F_"...)
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r < ' ' && r != '\t' && r != '\n', r == '\ufffe', r == '\uffff':
			b = fmt.Appendf(b, "_x%04X_", r)
		default:
			b = append(b, string(r)...)
		}
	}
	return b, cut
}

// shortened cuts a text to the letters of a cell, which are units of UTF-16.
func shortened(text string) (string, bool) {
	units := 0
	for i, r := range text {
		if units += utf16.RuneLen(r); units > cellLetters {
			return text[:i], true
		}
	}
	return text, false
}
