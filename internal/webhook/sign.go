// Package webhook tells receivers of transitions by HTTP in the form of Standard
// Webhooks: signed, at least once, in order for each customer, with retries.
// DESIGN.md beside it says how and why.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// The headers of Standard Webhooks.
const (
	HeaderID        = "webhook-id"        // the same for each attempt to deliver a message
	HeaderTimestamp = "webhook-timestamp" // of the attempt, in seconds since 1970
	HeaderSignature = "webhook-signature" // one signature for each secret, with spaces between
)

// MessageID names a message: the transition of a Seq, for a webhook. It is the
// same in each attempt, so that receivers can tell what they have already. When the
// transition was committed is in it, since after a restored backup numbers come again.
func MessageID(webhook, seq int64, committed calendar.Instant) string {
	return "msg_" + strconv.FormatInt(webhook, 10) + "_" + strconv.FormatInt(seq, 10) + "_" + strconv.FormatInt(committed, 36)
}

// Sign gives the headers with which a payload is sent at a time in seconds
// since 1970, signed with each of the secrets.
func Sign(id string, seconds int64, payload []byte, secrets []string) (http.Header, error) {
	timestamp := strconv.FormatInt(seconds, 10)
	signatures := make([]string, 0, len(secrets))
	for _, secret := range secrets {
		key, err := store.SecretKey(secret)
		if err != nil {
			return nil, err
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(payload)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	header := http.Header{}
	header.Set(HeaderID, id)
	header.Set(HeaderTimestamp, timestamp)
	header.Set(HeaderSignature, strings.Join(signatures, " "))
	return header, nil
}
