package webhook

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/store"
)

// TestSign repeats the example of the reference library's tests.
func TestSign(t *testing.T) {
	header, err := Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, []byte(`{"test": 2432232314}`),
		[]string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
	must(t, err)
	if got := header.Get("webhook-signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("got %s", got)
	}
	if header.Get(HeaderID) != "msg_p5jXN8AQM9LWM0D4loKWxJek" || header.Get(HeaderTimestamp) != "1614265330" {
		t.Errorf("got %v", header)
	}
	header, err = Sign("a", 1, nil, []string{store.NewSecret(), store.NewSecret()})
	must(t, err)
	if signatures := strings.Fields(header.Get(HeaderSignature)); len(signatures) != 2 || signatures[0] == signatures[1] {
		t.Errorf("got %v", signatures)
	}
	if _, err := Sign("a", 1, nil, []string{"whsec_topsecret"}); err == nil || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("a bad secret: %v", err)
	}
}

func TestPayload(t *testing.T) {
	m := store.Message{
		Webhook: 2, Seq: 7, Segment: "VIP <1>", Version: 3, Customer: 5, Kind: store.Company, Name: "acme", At: now, Committed: now + 5, Cause: 1,
	}
	got, err := Payload(&m, `total > 5 and "ü"`)
	must(t, err)
	want := `{"type":"segment.left","timestamp":"2026-11-21T12:00:00.000Z","data":{"seq":7,"segment":"VIP <1>","version":3,` +
		`"customer":{"id":5,"name":"acme","kind":"company"},"due":"2026-11-21T12:00:00.000Z","committed":"2026-11-21T12:00:00.005Z",` +
		`"cause":"time","condition":"total > 5 and \"ü\""}}`
	if plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(got)); plain != want {
		t.Errorf("got  %s\nwant %s", plain, want)
	}
	m.Entered, m.Cause = true, 99
	got, err = Payload(&m, "")
	must(t, err)
	if !json.Valid(got) || !strings.Contains(string(got), TypeEntered) || !strings.Contains(string(got), `"cause":""`) {
		t.Errorf("got %s", got)
	}
}
