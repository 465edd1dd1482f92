package bench

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// questions are the typical rules in SQL against the file of the store, with
// covering indexes of their own: for each type of event one with the customers in
// order, their events in time order, and the property that is asked for.
type questions struct {
	conn *lite.Conn
	ask  map[string]string
}

// The indexes, which only the benchmark builds.
var benchIndexes = map[string]string{
	"order_completed": cents,
	"product_viewed":  "json_extract(props, '$.category')",
	"page_viewed":     "time",
	"cart_viewed":     "time",
	"email_opened":    "time",
}

// cents is the total of an order as a whole number, as exact as Kohorte counts.
const cents = "CAST(round(json_extract(props, '$.total') * 10000) AS INTEGER)"

func (b *bench) prepareSQL() (*questions, error) {
	conn, err := lite.Open(b.store.Path(), lite.ReadWrite)
	if err != nil {
		return nil, err
	}
	q := &questions{conn: conn}
	types := map[string]int64{}
	for name, expression := range benchIndexes {
		id, found, err := conn.Int("SELECT id FROM event_types WHERE name = ?", name)
		if err != nil || !found {
			return nil, errors.Join(err, fmt.Errorf("there are no events %s", name), conn.Close())
		}
		types[name] = id
		if err := conn.Script(fmt.Sprintf("CREATE INDEX IF NOT EXISTS bench_%s ON events (customer, time, %s) WHERE type = %d", name, expression, id)); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	err = conn.Script(benchCustomers + "PRAGMA analysis_limit = 1000; ANALYZE; PRAGMA cache_size = -4000000;")
	q.ask = asked(types, until)
	return q, err
}

// benchCustomers is a table with the latest value of the attributes that are
// asked for and the last decision about the newsletter, a row each customer.
const benchCustomers = `
CREATE TABLE IF NOT EXISTS bench_customers AS SELECT c.id AS id,
	(SELECT json_extract(a.value, '$') FROM attributes a JOIN fields f ON f.id = a.field AND f.base = 0 AND f.path = 'country'
		WHERE a.customer = c.id ORDER BY a.time DESC, a.fact DESC LIMIT 1) AS country,
	(SELECT json_extract(a.value, '$') FROM attributes a JOIN fields f ON f.id = a.field AND f.base = 0 AND f.path = 'plan'
		WHERE a.customer = c.id ORDER BY a.time DESC, a.fact DESC LIMIT 1) AS plan,
	(SELECT s.granted FROM consents s JOIN topics t ON t.id = s.topic AND t.channel = 'email' AND t.purpose = 'newsletter'
		WHERE s.customer = c.id ORDER BY s.time DESC, s.fact DESC LIMIT 1) AS newsletter
	FROM customers c WHERE c.kind = 0;
CREATE INDEX IF NOT EXISTS bench_customers_all ON bench_customers (id, country, plan, newsletter);
`

// count asks one question; the count and the least processor time.
func (q *questions) count(rule string) (int, time.Duration, error) {
	sql, ok := q.ask[rule]
	if !ok {
		return 0, 0, fmt.Errorf("there is no SQL for the rule %s", rule)
	}
	var n int64
	took, err := least(func() (err error) {
		n, _, err = q.conn.Int(sql)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", sql, err)
	}
	return int(n), took, nil
}

func (q *questions) close() error { return q.conn.Close() }

// asked translates the typical rules. Windows are computed as Kohorte does, so
// that the counts must be equal.
func asked(types map[string]int64, now calendar.Instant) map[string]string {
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		return nil
	}
	ago := func(n int, unit calendar.Unit) string {
		return fmt.Sprint(zone.Sub(now, calendar.Duration{N: n, Unit: unit}))
	}
	events := func(name string) string { return fmt.Sprintf("type = %d", types[name]) }
	window := func(name string, from string) string {
		return fmt.Sprintf("%s AND time > %s AND time <= %d", events(name), from, now)
	}
	groups := func(where, having string) string {
		return "SELECT count(*) FROM (SELECT customer FROM events WHERE " + where + " GROUP BY customer HAVING " + having + ")"
	}
	orders := events("order_completed") + fmt.Sprintf(" AND time <= %d", now)
	return map[string]string{
		`count(order_completed in last 12 months) >= 3`:     groups(window("order_completed", ago(12, calendar.Month)), "count(*) >= 3"),
		`sum(order_completed.total in last 365 days) > 500`: groups(window("order_completed", ago(365, calendar.Day)), "sum("+cents+") > 5000000"),
		`last(order_completed) older than 180 days`:         groups(orders, "max(time) <= "+ago(180, calendar.Day)),
		`country in ("DE", "AT", "CH") and count(order_completed in last 90 days) >= 1 and consent(email, newsletter)`: "SELECT count(*) FROM bench_customers c WHERE country IN ('DE', 'AT', 'CH') AND newsletter = 1 AND EXISTS (SELECT 1 FROM events WHERE customer = c.id AND " +
			window("order_completed", ago(90, calendar.Day)) + ")",
		`cart_viewed in last 7 days then no order_completed within 3 days`: "SELECT count(DISTINCT customer) FROM events a WHERE " + window("cart_viewed", ago(7, calendar.Day)) +
			" AND time <= " + ago(3, calendar.Day) + " AND NOT EXISTS (SELECT 1 FROM events b WHERE b.customer = a.customer AND b." + events("order_completed") +
			" AND b.time > a.time AND b.time <= a.time + 3 * 86400000)",
		`count(product_viewed in last 30 days where category = "shoes") >= 3 and count(order_completed in last 30 days) = 0`: "SELECT count(*) FROM (SELECT customer FROM events WHERE " +
			window("product_viewed", ago(30, calendar.Day)) + " AND json_extract(props, '$.category') = 'shoes' GROUP BY customer HAVING count(*) >= 3) v WHERE NOT EXISTS (SELECT 1 FROM events WHERE customer = v.customer AND " +
			window("order_completed", ago(30, calendar.Day)) + ")",
		`plan = "free" and count(page_viewed in last 14 days) >= 5`: "SELECT count(*) FROM (SELECT customer FROM events WHERE " + window("page_viewed", ago(14, calendar.Day)) +
			" GROUP BY customer HAVING count(*) >= 5) v JOIN bench_customers c ON c.id = v.customer WHERE c.plan = 'free'",
		`max(order_completed.total) > 400 and last(email_opened) in last 60 days`: "SELECT count(*) FROM (SELECT customer FROM events WHERE " + orders +
			" GROUP BY customer HAVING max(" + cents + ") > 4000000) v WHERE EXISTS (SELECT 1 FROM events WHERE customer = v.customer AND " + window("email_opened", ago(60, calendar.Day)) + ")",
	}
}

// translated tells whether all rules have their SQL; the tests ask.
func translated(rules []string, sql map[string]string) []string {
	var missing []string
	for _, r := range rules {
		if strings.TrimSpace(sql[r]) == "" {
			missing = append(missing, r)
		}
	}
	return missing
}
