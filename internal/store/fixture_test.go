package store

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// versionOneRecords are what testdata/version1.sql has imported.
func versionOneRecords() []record.Record {
	anna, visitor := ids(user("anna"), email("anna@example.de")), ids(device("d1"))
	order := track(anna, "order_completed", 20, `{"total":9.5,"currency":"EUR","products":[{"sku":"a","price":9.5}]}`, "order 1")
	order.EventGiven = "Order Completed"
	return []record.Record{
		identify(anna, 10, `{"plan":"free","address":{"city":"Köln"},"born":"2001-02-28"}`), identify(anna, 30, `{"plan":"pro","phone":null}`),
		order, track(visitor, "page_viewed", 15, `{}`, "page 1"), identify(visitor, 12, `{"plan":"trial"}`),
		group(anna, firm("acme"), "buyer", 10, `{"industry":"steel"}`), consent(anna, "email", "newsletter", true, 10),
		alias(visitor[0], user("anna")),
	}
}

var versionOneStory = []string{
	"customer anna", "customer company:acme",
	`company:acme: industry = "steel" from 10 by crm`,
	`anna: address.city = "Köln" from 10 by crm`, `anna: born = "2001-02-28" from 10 by crm`, `anna: phone = null from 30 by crm`,
	`anna: plan = "free" from 10 by crm`, `anna: plan = "trial" from 12 by crm`, `anna: plan = "pro" from 30 by crm`,
	`anna: joined company:acme as "buyer" from 10 by crm`,
	`anna: order_completed at 20 {"total":9.5,"currency":"EUR","products":[{"sku":"a","price":9.5}]} by shop, received 1795262400000`,
	`anna: page_viewed at 15 {} by shop, received 1795262400000`,
	"anna: email newsletter true from 10 by form",
}

// writeVersionOne writes the fixture. It may only run while the format has version 1.
func writeVersionOne(t *testing.T) {
	t.Helper()
	if latest() != 1 {
		t.Fatal("this program does not write version 1 any more")
	}
	s := open(t)
	apply(t, s, now, versionOneRecords()...)
	var script strings.Builder
	must(t, s.View(context.Background(), func(v *View) error {
		fmt.Fprintf(&script, "-- A workspace of version 1 of the format. Never edit this file.\nPRAGMA application_id = %d;\nPRAGMA user_version = 1;\n", applicationID)
		var tables []string
		must(t, v.each(context.Background(), func(q *lite.Stmt) error {
			script.WriteString(q.Text(1) + ";\n")
			if q.Text(2) == "table" {
				tables = append(tables, q.Text(0))
			}
			return nil
		}, "SELECT name, sql, type FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"))
		for _, table := range tables {
			writeRows(t, v, table, &script)
		}
		return nil
	}))
	must(t, os.MkdirAll("testdata", 0o750))
	must(t, os.WriteFile(versionOne, []byte(script.String()), 0o600))
}

func writeRows(t *testing.T, v *View, table string, script *strings.Builder) {
	t.Helper()
	var columns []string
	must(t, v.each(context.Background(), func(q *lite.Stmt) error {
		columns = append(columns, "quote("+q.Text(0)+")")
		return nil
	}, "SELECT name FROM pragma_table_info(?)", table))
	must(t, v.each(context.Background(), func(q *lite.Stmt) error {
		fmt.Fprintf(script, "INSERT INTO %s VALUES (%s);\n", table, q.Text(0))
		return nil
	}, "SELECT "+strings.Join(columns, " || ', ' || ")+" FROM "+table))
}
