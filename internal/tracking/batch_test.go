package tracking

import (
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
)

// TestTimes are received at 2026-11-21T12:00:00Z.
func TestTimes(t *testing.T) {
	s := serve(t)
	const base = `"userId":"u","type":"track","event":"e"`
	for _, test := range []struct{ name, times, want string }{
		{"none", ``, ""},
		{"only sentAt", `"sentAt":"2026-11-21T11:00:00Z"`, ""},
		{"a clock that is right", `"timestamp":"2026-11-21T11:59:58Z","sentAt":"2026-11-21T12:00:00Z"`, " at 2026-11-21T11:59:58.000Z not 2026-11-21T11:59:58.000Z"},
		{"a clock that is an hour slow", `"timestamp":"2026-11-21T10:59:30.250Z","sentAt":"2026-11-21T11:00:00Z"`, " at 2026-11-21T11:59:30.250Z not 2026-11-21T10:59:30.250Z"},
		{"a clock of 1970", `"timestamp":"1970-01-01T00:00:01Z","sentAt":"1970-01-01T00:01:01Z"`, " at 2026-11-21T11:59:00.000Z not 1970-01-01T00:00:01.000Z"},
		{"a clock that is fast", `"timestamp":"2030-01-01T00:00:00Z","sentAt":"2030-01-01T00:00:05Z"`, " at 2026-11-21T11:59:55.000Z not 2030-01-01T00:00:00.000Z"},
		{"import of the past", `"timestamp":"2012-12-02T00:30:08.276Z"`, " at 2012-12-02T00:30:08.276Z"},
		{"import of the past by a server", `"timestamp":"2012-12-02T00:30:08.276Z","sentAt":"2026-11-21T12:00:00Z"`, " at 2012-12-02T00:30:08.276Z not 2012-12-02T00:30:08.276Z"},
		{"original time", `"originalTimestamp":"2026-11-21T10:59:30Z","sentAt":"2026-11-21T11:00:00Z"`, " at 2026-11-21T11:59:30.000Z not 2026-11-21T10:59:30.000Z"},
		{"out of an archive", `"timestamp":"2020-01-01T00:00:00Z","originalTimestamp":"2019-12-31T23:00:00Z","sentAt":"2019-12-31T23:00:00Z","receivedAt":"2020-01-01T00:00:00Z"`, " at 2020-01-01T00:00:00.000Z"},
		{"sentAt is garbage", `"timestamp":"2020-01-01T00:00:00Z","sentAt":"soon"`, " at 2020-01-01T00:00:00.000Z"},
		{"sentAt is an object", `"timestamp":"2020-01-01T00:00:00Z","sentAt":{}`, " at 2020-01-01T00:00:00.000Z"},
		{"sentAt is null", `"timestamp":"2020-01-01T00:00:00Z","sentAt":null`, " at 2020-01-01T00:00:00.000Z"},
		{"with an offset", `"timestamp":"2026-11-21T12:59:30+01:00","sentAt":"2026-11-21T12:00:00Z"`, " at 2026-11-21T11:59:30.000Z not 2026-11-21T11:59:30.000Z"},
		{"in milliseconds", `"timestamp":1577836800000`, " at 2020-01-01T00:00:00.000Z"},
		{"without a zone", `"timestamp":"2020-01-01T01:00:00"`, " at 2020-01-01T00:00:00.000Z"},
		{"beyond the calendar", `"timestamp":"9999-12-31T00:00:00Z","sentAt":"2020-01-01T00:00:00Z"`, " at 9999-12-31T00:00:00.000Z"},
		{"before the calendar", `"timestamp":"0001-01-01T00:00:00Z","sentAt":"9999-12-31T00:00:00Z"`, " at 0001-01-01T00:00:00.000Z"},
	} {
		want := "track [{user u}] e" + test.want + " {}"
		own := "{" + base
		if test.times != "" {
			own += "," + test.times
		}
		s.post("/v1/track", own+"}", 200)
		if got := s.kept(); got != want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, want)
		}
		s.post("/v1/batch", `{"batch":[`+own+`}]}`, 200)
		if got := s.kept(); got != want {
			t.Errorf("%s in a batch:\n got %s\nwant %s", test.name, got, want)
		}
	}
	// What the batch says of its sending counts before what its calls say.
	s.post("/v1/batch", `{"sentAt":"2026-11-21T11:00:00Z","batch":[{`+base+`,"timestamp":"2026-11-21T10:00:00Z","sentAt":"2026-11-21T10:30:00Z"}]}`, 200)
	if got := s.kept(); got != "track [{user u}] e at 2026-11-21T11:00:00.000Z not 2026-11-21T10:00:00.000Z {}" {
		t.Error(got)
	}
	// What cannot be a time is not kept with each call.
	s.post("/v1/batch", `{"sentAt":"`+strings.Repeat("x", 1000)+`","batch":[{`+base+`},{}]}`, 200)
	if got := s.kept(); got != "track [{user u}] e {}\nrejected: the type of the call is missing: identify, track, page, screen, group or alias: {}" {
		t.Error(got)
	}
}

func TestBatches(t *testing.T) {
	s := serve(t)
	for body, want := range map[string]string{
		`{"batch":[]}`: ``,
		`{"batch":[{"type":"identify","userId":"u","traits":{"a":"],[{\"\\"}}, {"type":"Track","userId":"u","event":"A B"} ,{"type":"group","userId":"u","groupId":"g"},{"type":"alias","userId":"u","previousId":"p"}]}`: `identify [{user u}] {"a":"],[{\"\\"}
track [{user u}] a_b (A B) {}
group [{user u}] of {company g} {}
alias [{user u}] was {anonymous p}`,
		// One bad call does not harm the others.
		`{"batch":[{"type":"track","event":"e"},{"type":"page","userId":"u"}, 17 ]}`: `track [{user u}] page_viewed {}
rejected: the call names nobody: userId or anonymousId is missing: {"type":"track","event":"e"}
rejected: a call must be an object, not a number: 17`,
		// The ids of a batch are nobody's.
		`{"userId":"u","messageId":"m","batch":[{"type":"track","event":"e"}]}`:                                                      `rejected: the call names nobody: userId or anonymousId is missing: {"type":"track","event":"e"}`,
		`{"integrations":{"All":false},"context":{"ip":"1.2.3.4"},"batch":[{"type":"page","userId":"u","integrations":{}}]}`:         `track [{user u}] page_viewed {}`,
		`{"context":{"traits":{"a":1,"b":{"x":1,"y":2}}},"batch":[{"type":"page","userId":"u"},{"type":"identify","userId":"v"}]}`:   "identify [{user u}] {\"a\":1,\"b\":{\"x\":1,\"y\":2}}\ntrack [{user u}] page_viewed {}\nidentify [{user v}] {}",
		`{"context":{"traits":{"a":1,"b":{"x":1,"y":2}}},"batch":[{"type":"page","userId":"u","context":{"traits":{"b":{"y":3}}}}]}`: "identify [{user u}] {\"a\":1,\"b\":{\"x\":1,\"y\":3}}\ntrack [{user u}] page_viewed {}",
		`{"context":[],"batch":[{"type":"page","userId":"u","context":{"traits":{"b":1}}}]}`:                                         "identify [{user u}] {\"b\":1}\ntrack [{user u}] page_viewed {}",
	} {
		s.post("/v1/batch", body, 200)
		if got := s.kept(); got != want {
			t.Errorf("%s\n got %s\nwant %s", body, got, want)
		}
	}
}

func TestMessageIDs(t *testing.T) {
	s := serve(t)
	records := func(path, body string) []record.Record {
		s.post(path, body, 200)
		defer s.kept()
		return s.sink.records
	}
	for path, body := range map[string]string{
		"/v1/identify": `{"userId":"u"`, "/v1/track": `{"userId":"u","event":"e"`, "/v1/page": `{"userId":"u"`,
		"/v1/screen": `{"userId":"u"`, "/v1/group": `{"userId":"u","groupId":"g"`, "/v1/alias": `{"userId":"u","previousId":"p"`,
	} {
		for _, r := range records(path, body+`,"messageId":"m"}`) {
			if r.Key != record.MessageKey("m") || !r.Retry {
				t.Errorf("%s: the key of message m is %x, retry %v", path, r.Key, r.Retry)
			}
		}
		for _, r := range records(path, body+`}`) {
			if r.Key != ([16]byte{}) || r.Retry {
				t.Errorf("%s: without a message id the key is %x", path, r.Key)
			}
		}
	}
	// The same message sent again has another time, but the same key; its traits have their own.
	const call = `{"userId":"u","event":"e","messageId":"m","timestamp":"2026-11-21T11:00:00Z","context":{"traits":{"a":1}},"sentAt":"2026-11-21T11:00:0`
	first, second := records("/v1/track", call+`1Z"}`), records("/v1/track", call+`2Z"}`)
	if len(first) != 2 || first[0].Key == first[1].Key || !first[0].Retry || first[1].Key != record.MessageKey("m") {
		t.Errorf("the keys are %+v", first)
	}
	for i := range first {
		if first[i].Key != second[i].Key || first[i].Time == second[i].Time {
			t.Errorf("sent again: %+v, then %+v", first[i], second[i])
		}
	}
}
