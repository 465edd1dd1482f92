//go:build clients

package clients

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestCalls sends one call of each type: what arrives is what was meant, and
// what goes over the wire is what makes the library special.
func TestCalls(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		s := newServer(t)
		r := newRelay(t, s.address, nil)
		page := c.send(t, r.address, s.key, 0)
		must(t, s.stop())
		compareFacts(t, c, s, page)
		compare(t, "the requests", wire(t, r, s.key), strings.Split(strings.TrimSpace(wires[c.name]), "\n"))
	})
}

// timestamp is the time that all calls of common.js bear: 2024-05-06T07:08:09.123Z.
const timestamp = 1714979289123

// compareFacts compares what a server that was stopped has stored with what one call of each type says.
func compareFacts(t *testing.T, c client, s *server, page string) {
	t.Helper()
	lines, times := facts(t, arrived(t, s))
	ofPage := ""
	if c.browser() { // the library says of a page what the browser knows
		ofPage = `,"path":"/","referrer":"","search":"","title":"Shop","url":"` + page + `/"`
	}
	want := strings.Replace(meant, "PAGE", ofPage, 1)
	compare(t, "what is stored", lines, strings.Split(strings.TrimSpace(want), "\n"))
	for _, at := range times {
		// The client's clock is the server's, so the time is corrected by the time on the way.
		if late := at - timestamp; late < 0 || late > mostTime.Milliseconds() {
			t.Errorf("an event is %d ms later than the client said", late)
		}
	}
}

const meant = `
user-1 is user:user-1
user-1 is anonymous:device-1
user-1 is anonymous:visitor-1
user-1 has address.city = "Köln" from shop
user-1 has createdAt = "2024-02-29T10:00:00.000Z" from shop
user-1 has email = "anna@example.de" from shop
user-1 has logins = 3 from shop
user-1 has name = "Anna Größe 😀" from shop
user-1 has newsletter = true from shop
user-1 has share = 0.25 from shop
user-1 has tags = ["a","b"] from shop
company:company-1 is company:company-1
company:company-1 has name = "Example GmbH" from shop
company:company-1 has employees = 40 from shop
user-1 joined company:company-1
user-1 did looked_around {"from":"Ads"} from shop
user-1 did order_completed {"order_id":"o-1","products":[{"price":9.95,"quantity":2,"sku":"A"},{"price":30,"quantity":1,"sku":"B"}],"total":49.9} from shop
user-1 did page_viewed {"category":"Docs","language":"de","name":"Start"PAGE} from shop
user-1 did screen_viewed {"category":"App","name":"Home","tab":"news"} from shop
`

// wires are the requests of each library, each kind once.
var wires = map[string]string{
	"analytics-node": `
POST /v1/batch application/json, Basic, key in the body`,
	"rudder-sdk-node": `
POST /v1/batch application/x-www-form-urlencoded, Basic, gzip`,
	"analytics-next": `
GET /v1/projects/KEY/settings
OPTIONS /v1/a for authorization
OPTIONS /v1/g for authorization
OPTIONS /v1/i for authorization
OPTIONS /v1/p for authorization
OPTIONS /v1/s for authorization
OPTIONS /v1/t for authorization
POST /v1/a text/plain, Basic, key in the body
POST /v1/g text/plain, Basic, key in the body
POST /v1/i text/plain, Basic, key in the body
POST /v1/p text/plain, Basic, key in the body
POST /v1/s text/plain, Basic, key in the body
POST /v1/t text/plain, Basic, key in the body`,
	"analytics-next-batching": `
GET /v1/projects/KEY/settings
OPTIONS /v1/b for authorization
POST /v1/b text/plain, Basic, key in the body`,
}

// wire says what kinds of requests the library sent.
func wire(t *testing.T, r *relay, key string) []string {
	t.Helper()
	var lines []string
	for _, q := range r.seen() {
		line := q.Method + " " + strings.ReplaceAll(q.URL.Path, key, "KEY")
		switch q.Method {
		case http.MethodOptions:
			line += " for " + q.Header.Get("Access-Control-Request-Headers")
		case http.MethodPost:
			scheme, _, _ := strings.Cut(q.Header.Get("Authorization"), " ")
			line += " " + q.Header.Get("Content-Type") + ", " + scheme
			if q.Header.Get("Content-Encoding") == "gzip" {
				line += ", gzip"
				z, err := gzip.NewReader(bytes.NewReader(q.body))
				must(t, err)
				q.body, err = io.ReadAll(z)
				must(t, err)
			}
			if bytes.Contains(q.body, []byte(key)) {
				line += ", key in the body"
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// compare tells which lines are missing and which are too many; their order does not matter.
func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	missing := slices.Clone(want)
	for _, line := range got {
		if i := slices.Index(missing, line); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		} else {
			t.Errorf("%s has too much:\n%s", what, line)
		}
	}
	for _, line := range missing {
		t.Errorf("%s lacks\n%s", what, line)
	}
}
