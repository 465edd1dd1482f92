package postgres

import (
	"fmt"
	"strings"
)

// column is a column of a table and where its value comes from. Money becomes whole
// cents, which PostgreSQL adds and compares faster than decimals.
type column struct {
	name, kind string
	path       []string // in the JSON of the record
	money      bool
}

func text(path ...string) column     { return column{path[len(path)-1], "text", path, false} }
func typed(name, kind string) column { return column{name, kind, []string{name}, false} }
func cents(name string) column       { return column{name, "integer", []string{name}, true} }

// attributes are the columns of customers after the id; the consents follow.
var attributes = []column{
	text("email"), text("country"), text("language"), text("address", "city"), text("address", "postal_code"), typed("birthday", "date"), text("gender"),
	typed("signed_up_on", "date"), text("channel"), text("plan"), typed("points", "integer"), typed("vip", "boolean"),
}

// consents are columns of customers too, by channel and purpose: the latest decision.
var consents = map[[2]string]string{
	{"email", "newsletter"}: "newsletter", {"email", "profiling"}: "profiling", {"sms", "marketing"}: "sms_marketing",
}

// consentColumns are the consents in the order of the table.
var consentColumns = []string{"newsletter", "profiling", "sms_marketing"}

// table is the table of a type of event: its properties, and the key and the other
// columns of its index, from which all questions are answered without the table.
type table struct {
	columns      []column
	key, include string
}

const ordered = "customer, time, seq" // where a rule asks for a property of the first or last event

var tables = map[string]table{
	"page_viewed":    {[]column{text("path"), text("referrer")}, "customer, time", "path, referrer"},
	"product_viewed": {[]column{text("sku"), text("category"), cents("price")}, ordered, "category, sku, price"},
	"product_added": {[]column{text("sku"), text("category"), cents("price"), typed("quantity", "integer")},
		"customer, time", ""},
	"cart_viewed":      {[]column{cents("value"), typed("items", "integer")}, "customer, time", "value"},
	"checkout_started": {[]column{cents("value"), typed("express", "boolean")}, "customer, time", ""},
	"order_completed": {[]column{cents("total"), text("currency"), typed("items", "integer"), text("category"), text("coupon"), text("payment")},
		ordered, "total, category, coupon, payment"},
	"order_refunded":        {[]column{cents("total"), text("reason")}, "customer, time", "total"},
	"email_opened":          {[]column{text("campaign")}, "customer, time", ""},
	"email_clicked":         {[]column{text("campaign")}, "customer, time", ""},
	"support_ticket_opened": {[]column{text("topic"), typed("severity", "integer")}, "customer, time", "topic, severity"},
}

// create makes the tables, without indexes.
func (d *DB) create() error {
	names := ""
	for _, a := range attributes {
		names += ", " + a.name + " " + a.kind
	}
	for _, name := range consentColumns {
		names += ", " + name + " boolean"
	}
	statements := []string{
		"CREATE TABLE customers (id integer" + names + ")",
		"CREATE TABLE memberships (segment integer NOT NULL, customer integer NOT NULL, since timestamptz NOT NULL, until timestamptz NOT NULL)",
		// Segments fill and empty within minutes: better no statistics than those of an empty one.
		"ALTER TABLE memberships ALTER segment SET STATISTICS 0",
	}
	for name, t := range tables {
		list := ""
		for _, c := range t.columns {
			list += ", " + c.name + " " + c.kind
		}
		statements = append(statements, fmt.Sprintf("CREATE TABLE %s (seq bigint NOT NULL, customer integer NOT NULL, time timestamptz NOT NULL%s)", name, list))
	}
	return d.conn.exec(statements...)
}

// index builds the indexes and has PostgreSQL look at everything once.
func (d *DB) index() error {
	statements := []string{
		"ALTER TABLE customers ADD PRIMARY KEY (id)",
		"CREATE INDEX ON memberships (customer, segment, since) INCLUDE (until)",
	}
	for name, t := range tables {
		s := fmt.Sprintf("CREATE INDEX ON %s (%s)", name, t.key)
		if t.include != "" {
			s += " INCLUDE (" + t.include + ")"
		}
		statements = append(statements, s)
	}
	statements = append(statements, "VACUUM (FREEZE, ANALYZE)", "CHECKPOINT", "CREATE TEMPORARY TABLE touched (LIKE customers)")
	return d.conn.exec(statements...)
}

// escape makes a value fit for COPY.
func escape(b []byte, value string) []byte {
	if !strings.ContainsAny(value, "\\\t\n\r") {
		return append(b, value...)
	}
	return append(b, strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r").Replace(value)...)
}
