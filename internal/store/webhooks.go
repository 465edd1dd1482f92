package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Webhook is an address that is told of transitions. See webhooks_outbox.go for
// what is told, webhooks_log.go for what became of it.
type Webhook struct {
	ID       int64 // never given to another webhook, also after this one was removed
	Name     string
	URL      string
	Segments []string // the names of the segments whose transitions it gets, sorted; empty for all
	Secrets  []string // the newest first; each signs
	Private  bool     // the address may be one of a private network
	Disabled string   // why nothing is sent; empty while it is
	Created  calendar.Instant
}

// String names the webhook and nothing of it that is secret.
func (h Webhook) String() string { return fmt.Sprintf("webhook %q", h.Name) }

// LogValue keeps secrets, and what a URL may hold of them, out of logs.
func (h Webhook) LogValue() slog.Value { return slog.StringValue(h.Name) }

// ErrNoWebhook is the error for a name that no webhook bears.
var ErrNoWebhook = errors.New("there is no such webhook")

const (
	maxWebhookName = 100 // characters
	maxSecrets     = 5   // of one webhook
	secretPrefix   = "whsec_"
	secretBytes    = 32 // of a new secret
)

// NewSecret makes a random secret in the form of Standard Webhooks.
func NewSecret() string {
	var key [secretBytes]byte
	_, _ = rand.Read(key[:]) // it never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(key[:])
}

// SecretKey gives the bytes that sign for a secret: whsec_ and 24 to 64 bytes in base64.
func SecretKey(secret string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 { // without the secret in the message
		return nil, errors.New("a secret must be whsec_ followed by 24 to 64 random bytes in base64")
	}
	return key, nil
}

// check tells what is wrong with the name, the address or the secrets.
func (h *Webhook) check() error {
	if h.Name == "" || strings.TrimSpace(h.Name) != h.Name || utf8.RuneCountInString(h.Name) > maxWebhookName || strings.ContainsFunc(h.Name, unicode.IsControl) {
		return fmt.Errorf("%q cannot be the name of a webhook: use 1 to %d characters without spaces around them", h.Name, maxWebhookName)
	}
	u, err := url.Parse(h.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return errors.New("the address of a webhook must begin with https:// or http:// and name a host")
	case u.User != nil:
		return errors.New("the address of a webhook must not hold a user or password: receivers know the sender by the signature")
	case u.Fragment != "":
		return errors.New("the address of a webhook must not have a part behind #, since that is never sent")
	case len(h.Secrets) > maxSecrets:
		return fmt.Errorf("a webhook can have up to %d secrets", maxSecrets)
	}
	for _, secret := range h.Secrets {
		if _, err := SecretKey(secret); err != nil {
			return err
		}
	}
	return nil
}

// AddWebhook adds a webhook and gives it back with its id and, if it came
// without, a new secret. It gets the transitions that are committed from now on.
func (s *Store) AddWebhook(ctx context.Context, h Webhook) (Webhook, error) {
	if len(h.Secrets) == 0 {
		h.Secrets = []string{NewSecret()}
	}
	if err := h.check(); err != nil {
		return Webhook{}, err
	}
	err := s.editWebhooks(ctx, func(w *writer) error {
		taken, _, err := w.conn.Int("SELECT count(*) FROM webhooks WHERE name = ?", h.Name)
		if err != nil {
			return err
		}
		if taken > 0 {
			return refuse("there is a webhook %q already", h.Name)
		}
		segments, err := w.segmentIDs(h.Segments)
		if err != nil {
			return err
		}
		if h.ID, err = w.nextWebhook(); err != nil {
			return err
		}
		return w.jot("INSERT INTO webhooks (id, name, url, segments, secrets, private, disabled, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			h.ID, h.Name, h.URL, segments, listJSON(h.Secrets), h.Private, h.Disabled, h.Created)
	})
	if err != nil {
		return Webhook{}, err
	}
	return h, nil
}

// SetWebhook changes address, segments and Private of the webhook of that name.
// What waits for it stays and goes to the new address.
func (s *Store) SetWebhook(ctx context.Context, h Webhook) error {
	if err := h.check(); err != nil {
		return err
	}
	return s.editWebhook(ctx, h.Name, func(w *writer, id int64) error {
		segments, err := w.segmentIDs(h.Segments)
		if err != nil {
			return err
		}
		return w.jot("UPDATE webhooks SET url = ?, segments = ?, private = ? WHERE id = ?", h.URL, segments, h.Private, id)
	})
}

// RemoveWebhook forgets a webhook with all that waits for it, its dead letters and its log.
func (s *Store) RemoveWebhook(ctx context.Context, name string) error {
	return s.editWebhook(ctx, name, func(w *writer, id int64) error {
		return errors.Join(
			w.jot("DELETE FROM webhooks WHERE id = ?", id),
			w.jot("DELETE FROM outbox WHERE webhook = ?", id),
			w.jot("DELETE FROM deliveries WHERE webhook = ?", id))
	})
}

// EnableWebhook sends again. What waited when the webhook was disabled is sent
// first; the transitions in between are not sent, they stand in the log of transitions.
func (s *Store) EnableWebhook(ctx context.Context, name string) error {
	return s.editWebhook(ctx, name, func(w *writer, id int64) error {
		return w.jot("UPDATE webhooks SET disabled = '' WHERE id = ?", id)
	})
}

// DisableWebhook sends nothing more and takes up nothing new. What waits stays.
func (s *Store) DisableWebhook(ctx context.Context, name, reason string) error {
	if reason == "" {
		return errors.New("a reason is missing")
	}
	return s.editWebhook(ctx, name, func(w *writer, id int64) error {
		return w.jot("UPDATE webhooks SET disabled = ? WHERE id = ?", reason, id)
	})
}

// RotateSecret adds a new secret and gives it. Deliveries are signed with it and
// with the older ones until DropOldSecrets, so that receivers can change over.
func (s *Store) RotateSecret(ctx context.Context, name string) (string, error) {
	secret := NewSecret()
	err := s.editSecrets(ctx, name, func(old []string) ([]string, error) {
		if len(old) >= maxSecrets {
			return nil, refuse("the webhook %q has %d secrets, which is the most: remove the old ones first", name, maxSecrets)
		}
		return append([]string{secret}, old...), nil
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// DropOldSecrets leaves a webhook only its newest secret.
func (s *Store) DropOldSecrets(ctx context.Context, name string) error {
	return s.editSecrets(ctx, name, func(old []string) ([]string, error) { return old[:min(1, len(old))], nil })
}

func (s *Store) editSecrets(ctx context.Context, name string, edit func([]string) ([]string, error)) error {
	return s.editWebhook(ctx, name, func(w *writer, id int64) error {
		var secrets []string
		q := w.conn.Query("SELECT secrets FROM webhooks WHERE id = ?", id)
		var err error
		if q.Next() {
			err = json.Unmarshal(q.Bytes(0), &secrets)
		}
		if err = errors.Join(err, q.Close()); err != nil {
			return err
		}
		if secrets, err = edit(secrets); err != nil {
			return err
		}
		return w.jot("UPDATE webhooks SET secrets = ? WHERE id = ?", listJSON(secrets), id)
	})
}

// editWebhook runs work for the webhook of a name.
func (s *Store) editWebhook(ctx context.Context, name string, work func(*writer, int64) error) error {
	return s.editWebhooks(ctx, func(w *writer) error {
		id, ok, err := w.conn.Int("SELECT id FROM webhooks WHERE name = ?", name)
		if err != nil {
			return err
		}
		if !ok {
			return noWebhook(name)
		}
		return work(w, id)
	})
}

func noWebhook(name string) error { return fmt.Errorf("%w: %q", ErrNoWebhook, name) }

// editWebhooks runs work in a transaction. What work refuses, before it has
// written anything, does not cost the writer what it knows.
func (s *Store) editWebhooks(ctx context.Context, work func(*writer) error) error {
	var refused error
	err := s.write(ctx, func(w *writer) error {
		w.hooks = hookCache{}
		err := work(w)
		if errors.As(err, new(refusal)) || errors.Is(err, ErrNoWebhook) {
			refused = err
			return nil
		}
		return err
	})
	return errors.Join(err, refused)
}

// jot runs a statement and notes that there is something to commit if it changed
// a row. No answer changes by it, hence not the revision.
func (w *writer) jot(sql string, args ...any) error {
	before := w.conn.TotalChanges()
	if err := w.conn.Run(sql, args...); err != nil {
		return err
	}
	if w.conn.TotalChanges() != before {
		w.written = true
	}
	return nil
}

// nextWebhook gives an id that no webhook ever had, since receivers know
// messages by it and what is under way must not count for another one.
func (w *writer) nextWebhook() (int64, error) {
	const setting = "last webhook"
	err := w.jot("INSERT INTO settings (name, value) VALUES (?, '1') ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1", setting)
	if err != nil {
		return 0, err
	}
	id, _, err := w.conn.Int("SELECT CAST(value AS INTEGER) FROM settings WHERE name = ?", setting)
	return id, err
}

// undivided refuses a segmentation where only segments make sense.
func (w *writer) undivided(name string) error {
	_, found, err := w.conn.Int("SELECT 1 FROM segments WHERE deleted = 0 AND name > ?1 || '.' AND name < ?1 || '/' LIMIT 1", name)
	if err == nil && found {
		return refuse("%s is a segmentation: name one of its parts, %s.…", name, name)
	}
	return err
}

// segmentIDs gives the ids of segments as a JSON list.
func (w *writer) segmentIDs(names []string) (string, error) {
	var ids []int64
	for _, name := range names {
		id, ok, err := w.conn.Int("SELECT id FROM segments WHERE name = ? AND deleted = 0", name)
		if err != nil {
			return "", err
		}
		if !ok {
			return "", refuse("there is no segment %q", name)
		}
		if err := w.undivided(name); err != nil {
			return "", err
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return listJSON(slices.Compact(ids)), nil
}

// listJSON writes a list, [] where there is none.
func listJSON[T any](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // numbers and texts always can be written
	}
	return string(text)
}

// Webhooks gives all webhooks in order of name.
func (v *View) Webhooks(ctx context.Context) ([]Webhook, error) {
	segments := map[int64]string{}
	err := v.each(ctx, func(q *lite.Stmt) error {
		segments[q.Int(0)] = q.Text(1)
		return nil
	}, "SELECT id, name FROM segments")
	if err != nil {
		return nil, err
	}
	var hooks []Webhook
	err = v.each(ctx, func(q *lite.Stmt) error {
		h := Webhook{ID: q.Int(0), Name: q.Text(1), URL: q.Text(2), Private: q.Int(5) == 1, Disabled: q.Text(6), Created: q.Int(7)}
		var ids []int64
		err := errors.Join(json.Unmarshal(q.Bytes(3), &ids), json.Unmarshal(q.Bytes(4), &h.Secrets))
		for _, id := range ids {
			h.Segments = append(h.Segments, segments[id])
		}
		slices.Sort(h.Segments)
		hooks = append(hooks, h)
		return err
	}, "SELECT id, name, url, segments, secrets, private, disabled, created FROM webhooks ORDER BY name")
	return hooks, err
}

// Webhook gives the webhook of a name; ErrNoWebhook is in the error if there is none.
func (v *View) Webhook(ctx context.Context, name string) (Webhook, error) {
	hooks, err := v.Webhooks(ctx)
	for _, h := range hooks {
		if h.Name == name {
			return h, err
		}
	}
	return Webhook{}, errors.Join(err, noWebhook(name))
}

// Webhooks is View.Webhooks on the latest commit.
func (s *Store) Webhooks(ctx context.Context) (hooks []Webhook, err error) {
	err = s.Glance(ctx, func(v *View) error {
		hooks, err = v.Webhooks(ctx)
		return err
	})
	return hooks, err
}
