package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// ErrNotFound is in the error of Find for a customer who does not exist.
var ErrNotFound = errors.New("no such customer")

// Find finds a customer by a user id as it was imported, by an identity
// (email:anna@example.de; of persons before companies) or by the internal id
// (17, or #17 where 17 is also a user id).
func (v *View) Find(_ context.Context, text string) (Customer, error) {
	text = strings.TrimSpace(text)
	id, err := v.find(text)
	if err != nil {
		return Customer{}, err
	}
	if id == 0 {
		return Customer{}, v.notFound(text)
	}
	q := v.conn.Query("SELECT "+customerColumns+" FROM customers WHERE id = ?", v.families.survivor(id))
	var c Customer
	if q.Next() {
		c = scanCustomer(q)
	}
	if err := q.Close(); err != nil {
		return Customer{}, err
	}
	if c.ID == 0 {
		return Customer{}, v.notFound(text)
	}
	return c, nil
}

// find gives the id that a text may mean, 0 if none.
func (v *View) find(text string) (int64, error) {
	if number, ok := strings.CutPrefix(text, "#"); ok {
		if id, err := strconv.ParseInt(number, 10, 64); err == nil {
			return id, nil
		}
	}
	id, err := firstOf(record.UserID, text, v.findIdentity)
	if id != 0 || err != nil {
		return id, err
	}
	id, err = strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, nil // then it is no internal id
	}
	return id, nil
}

func (v *View) findIdentity(namespace, value string) (int64, error) {
	id, _, err := v.conn.Int(`SELECT customer FROM identities JOIN namespaces ON namespace = id
		WHERE kind IN (0, 1) AND name = ? AND value = ? ORDER BY kind LIMIT 1`, namespace, value)
	return id, err
}

// notFound makes an error that names what is most alike.
func (v *View) notFound(text string) error {
	namespace, value := record.UserID, text
	if before, after, ok := strings.Cut(text, ":"); ok {
		namespace, value = before, after
	}
	names, err := v.names("namespaces")
	if err != nil {
		return err
	}
	names = names[1:]
	if len(names) == 0 {
		return fmt.Errorf("%w: %q; the workspace has no customers yet", ErrNotFound, text)
	}
	if !slices.Contains(names, namespace) {
		slices.Sort(names)
		return fmt.Errorf("%w: %q; identities have the form namespace:value with one of the namespaces %s", ErrNotFound, text, strings.Join(names, ", "))
	}
	similar, err := v.similar(namespace, value)
	if err != nil {
		return err
	}
	if similar == "" {
		return fmt.Errorf("%w: %q; use a user id, namespace:value such as email:anna@example.de, or an internal id", ErrNotFound, text)
	}
	if namespace != record.UserID {
		similar = namespace + ":" + similar
	}
	return fmt.Errorf("%w: %q; did you mean %q?", ErrNotFound, text, similar)
}

// similar finds the value of a namespace with the longest common beginning, of at
// least half, or one that differs by upper and lower case; else "".
func (v *View) similar(namespace, value string) (string, error) {
	const neighbours = `SELECT value FROM identities JOIN namespaces ON namespace = id WHERE kind = ? AND name = ? AND value `
	best, longest := "", max(0, (len(value)+1)/2-1)
	for _, kind := range []Kind{Person, Company} {
		for _, wanted := range []string{value, strings.ToLower(value), strings.ToUpper(value)} {
			for _, where := range []string{">= ? ORDER BY value LIMIT 3", "< ? ORDER BY value DESC LIMIT 3"} {
				q := v.conn.Query(neighbours+where, int64(kind), namespace, wanted)
				for q.Next() {
					found := q.Text(0)
					if n := commonPrefix(strings.ToLower(found), strings.ToLower(value)); n > longest {
						best, longest = found, n
					}
				}
				if err := q.Close(); err != nil {
					return "", err
				}
			}
		}
	}
	return best, nil
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// Identity is a namespace and a value that name a customer.
type Identity struct {
	record.Identity
	Received calendar.Instant // when it was learnt
	Source   string
	Merged   bool // it named another customer, who was merged into this one
}

// Identities gives the identities of a customer in order of receipt, the user id first.
func (v *View) Identities(ctx context.Context, id int64) ([]Identity, error) {
	sources, err := v.names("sources")
	if err != nil {
		return nil, err
	}
	var list []Identity
	id = v.families.survivor(id)
	for _, member := range v.families.members(id) {
		err := v.each(ctx, func(q *lite.Stmt) error {
			list = append(list, Identity{
				Identity: record.Identity{Namespace: q.Text(0), Value: q.Text(1)},
				Received: q.Int(2), Source: sources[q.Int(3)], Merged: member != id,
			})
			return nil
		}, "SELECT name, value, received, source FROM identities JOIN namespaces ON namespace = id WHERE customer = ?", member)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b Identity) int {
		return cmp.Or(cmp.Compare(notUser(a), notUser(b)), cmp.Compare(a.Received, b.Received),
			cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Value, b.Value))
	})
	return list, nil
}

func notUser(i Identity) int {
	if i.Namespace == record.UserID {
		return 0
	}
	return 1
}
