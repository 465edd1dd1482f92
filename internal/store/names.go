package store

import (
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/record"
)

// Email is the namespace of e-mail addresses; they are kept in lower case.
const Email = "email"

// PersonOf gives the person whom a name in a list names, 0 if nobody: by the user id, by
// namespace:value, or by #17 for an internal id. A number alone is a user id.
func (v *View) PersonOf(name string) (int64, error) {
	if number, ok := strings.CutPrefix(name, "#"); ok {
		if id, err := strconv.ParseInt(number, 10, 64); err == nil {
			id, _, err = v.conn.Int("SELECT id FROM customers WHERE id = ? AND kind = ?", id, int64(Person))
			return v.families.survivor(id), err
		}
	}
	id, err := firstOf(record.UserID, name, func(namespace, value string) (int64, error) { return v.named(Person, namespace, value) })
	return v.families.survivor(id), err
}

// CompanyOf gives the company that a text names, by the id that sources give it or by
// namespace:value; 0 if none.
func (v *View) CompanyOf(text string) (int64, error) {
	id, err := firstOf(record.CompanyID, strings.TrimSpace(text), func(namespace, value string) (int64, error) { return v.named(Company, namespace, value) })
	return v.families.survivor(id), err
}

func (v *View) named(kind Kind, namespace, value string) (int64, error) {
	id, _, err := v.conn.Int(`SELECT customer FROM identities JOIN namespaces ON namespace = id
		WHERE kind = ? AND name = ? AND value = ?`, int64(kind), namespace, value)
	return id, err
}

// firstOf finds whom a text names in the namespace of plain ids, else as namespace:value, of
// which either may have a colon itself.
func firstOf(plain, text string, find func(namespace, value string) (int64, error)) (int64, error) {
	id, err := find(plain, text)
	for i := 0; i < len(text) && id == 0 && err == nil; i++ {
		if text[i] == ':' {
			id, err = find(text[:i], text[i+1:])
		}
	}
	return id, err
}

// NamesIn gives the names by which a line of a list names people: as it stands there, and an
// e-mail address in the one way in which it is kept, too. Whoever has one of them is meant.
func NamesIn(line string) []string {
	line = strings.TrimSpace(line)
	if address, ok := Address(line); ok && Email+":"+address != line {
		return []string{line, Email + ":" + address}
	}
	return []string{line}
}

// Address gives the e-mail address that a text is, with or without its namespace, as it is kept.
func Address(text string) (address string, ok bool) {
	address, named := strings.CutPrefix(text, Email+":")
	local, domain, both := strings.Cut(address, "@")
	ok = both && local != "" && domain != "" && !strings.ContainsAny(address, " :")
	return strings.ToLower(address), named || ok
}

// Names gives the names by which lists name the customer since then.
func (n *Naming) Names() []string {
	names := []string{n.Identity.Namespace + ":" + n.Identity.Value}
	switch {
	case n.Kind == Person && n.Identity.Namespace == record.UserID, n.Kind == Company && n.Identity.Namespace == record.CompanyID:
		names = append(names, n.Identity.Value)
	}
	if n.Kind == Person {
		names = append(names, "#"+strconv.FormatInt(n.Customer, 10))
	}
	return names
}
