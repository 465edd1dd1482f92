package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Scope is what a key permits.
type Scope string

// The scopes.
const (
	ScopeWrite  Scope = "write"  // to send calls
	ScopeRead   Scope = "read"   // to read transitions, segments and customers
	ScopeManage Scope = "manage" // to define segments, and all that read permits
)

// keyPrefixes begin the keys of a scope, so that people and programs that look
// for keys in the wrong places recognize them.
var keyPrefixes = map[Scope]string{ScopeWrite: "kw_", ScopeRead: "kr_", ScopeManage: "km_"}

// Key is a key of the interfaces. The key itself is known to its owner only.
type Key struct {
	ID      int64
	Name    string
	Scope   Scope
	Created calendar.Instant
	Hash    [sha256.Size]byte
}

// HashKey gives the Hash of a key. The keys are random, so that a hash that is
// fast to compute is as good as a slow one.
func HashKey(key string) [sha256.Size]byte { return sha256.Sum256([]byte(key)) }

// maxKeyName is in characters.
const maxKeyName = 100

// AddKey makes a key and returns it. It is not kept and cannot be shown again.
func (s *Store) AddKey(ctx context.Context, name string, scope Scope, now calendar.Instant) (string, error) {
	prefix, ok := keyPrefixes[scope]
	if !ok {
		return "", fmt.Errorf("%q is no scope of a key: use write, to send calls, read, to read transitions and segments, or manage, to define segments", scope)
	}
	if !isKeyName(name) {
		return "", fmt.Errorf("%q cannot be the name of a key: use up to %d printable characters", name, maxKeyName)
	}
	key := prefix + rand.Text() + rand.Text() // 260 bits
	hash := HashKey(key)
	var refused error // no error of the writer, which goes on
	err := s.write(ctx, func(w *writer) error {
		_, there, err := w.conn.Int("SELECT id FROM api_keys WHERE name = ?", name)
		if there {
			refused = fmt.Errorf("there is a key %q already: take another name, or remove that one first", name)
		}
		if there || err != nil {
			return err
		}
		w.written = true
		return w.conn.Run("INSERT INTO api_keys (name, scope, hash, created) VALUES (?, ?, ?, ?)", name, string(scope), hash[:], now)
	})
	if err = errors.Join(refused, err); err != nil {
		return "", err
	}
	return key, nil
}

func isKeyName(name string) bool {
	printable := strings.IndexFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
	return name != "" && name == strings.TrimSpace(name) && utf8.ValidString(name) && printable && utf8.RuneCountInString(name) <= maxKeyName
}

// RemoveKey removes the key of a name. Who has it is turned away from then on.
func (s *Store) RemoveKey(ctx context.Context, name string) error {
	var refused error
	err := s.write(ctx, func(w *writer) error {
		keys, err := readKeys(w.conn, "")
		if err != nil {
			return err
		}
		i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })
		if i < 0 {
			refused = noSuchKey(name, keys)
			return nil
		}
		w.written = true
		return w.conn.Run("DELETE FROM api_keys WHERE id = ?", keys[i].ID)
	})
	return errors.Join(refused, err)
}

func noSuchKey(name string, keys []Key) error {
	if len(keys) == 0 {
		return fmt.Errorf("there is no key %q; there are none", name)
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
	}
	if meant, ok := rule.Suggest(name, names); ok {
		return fmt.Errorf("there is no key %q; did you mean %q?", name, meant)
	}
	return fmt.Errorf("there is no key %q; there are %s", name, strings.Join(names, ", "))
}

// Keys gives all keys, in the order in which they were made.
func (s *Store) Keys(ctx context.Context) ([]Key, error) { return s.keysWhere(ctx, "") }

// FindKey finds what a key permits; false if there is no such key.
func (s *Store) FindKey(ctx context.Context, key string) (Key, bool, error) {
	hash := HashKey(key)
	keys, err := s.keysWhere(ctx, "WHERE hash = ?", hash[:])
	if err != nil || len(keys) == 0 {
		return Key{}, false, err
	}
	return keys[0], true, nil
}

func (s *Store) keysWhere(ctx context.Context, where string, args ...any) ([]Key, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	conn, err := s.connect()
	if err != nil {
		return nil, err
	}
	defer s.release(conn)
	return readKeys(conn, where, args...)
}

func readKeys(conn *lite.Conn, where string, args ...any) ([]Key, error) {
	var keys []Key
	q := conn.Query("SELECT id, name, scope, created, hash FROM api_keys "+where+" ORDER BY id", args...)
	for q.Next() {
		k := Key{ID: q.Int(0), Name: q.Text(1), Scope: Scope(q.Text(2)), Created: q.Int(3)}
		copy(k.Hash[:], q.Bytes(4))
		keys = append(keys, k)
	}
	return keys, q.Close()
}
