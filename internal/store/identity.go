package store

import (
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Kind is the kind of a customer.
type Kind uint8

// The kinds of customers.
const (
	Person Kind = iota
	Company
)

// claim is an identity of a record and the customer whom it names so far; 0 if nobody.
type claim struct {
	identity record.Identity
	owner    int64
}

func (c *claim) isUser() bool { return c.identity.Namespace == record.UserID }

// owner finds the customer whom an identity names, after merges; 0 if nobody.
func (w *writer) owner(kind Kind, identity record.Identity) (int64, error) {
	key := w.ids.key(kind, identity)
	if id, ok := w.ids.get(key); ok {
		return w.families.survivor(id), nil
	}
	namespace, ok := w.namespaces.ids[identity.Namespace]
	if !ok {
		return 0, nil
	}
	q := w.do.findIdentity
	q.BindInt(1, int64(kind))
	q.BindInt(2, namespace)
	q.BindText(3, []byte(identity.Value))
	var id int64
	if q.Next() {
		id = q.Int(0)
	}
	if err := q.Reset(); err != nil || id == 0 {
		return 0, err
	}
	w.ids.put(key, id)
	return w.families.survivor(id), nil
}

// claim finds the owners of a person's identities, a user id first. It refuses
// a record without identity or with two user ids.
func (w *writer) claim(identities []record.Identity) error {
	w.claims = w.claims[:0]
	for _, identity := range identities {
		if identity.Namespace == "" || identity.Value == "" {
			continue
		}
		c := claim{identity: identity}
		if slices.ContainsFunc(w.claims, func(other claim) bool { return other.identity == identity }) {
			continue
		}
		var err error
		if c.owner, err = w.owner(Person, identity); err != nil {
			return err
		}
		switch {
		case !c.isUser():
			w.claims = append(w.claims, c)
		case len(w.claims) > 0 && w.claims[0].isUser():
			return refuse("names two users, %q and %q; users are never merged without a person's decision", w.claims[0].identity.Value, identity.Value)
		default:
			w.claims = slices.Insert(w.claims, 0, c)
		}
	}
	if len(w.claims) == 0 {
		return refuse("names no customer: an id is missing")
	}
	return nil
}

// person finds or makes the person of the claims and gives it all identities.
// Two customers who turn out to be one person are merged, unless both have a
// user id: then the record counts for the one of the strongest identity, and
// the weaker identity stays with the other.
func (w *writer) person(source int64) (id int64, created bool, err error) {
	id, err = w.target()
	if err != nil {
		return 0, false, err
	}
	if created = id == 0; created {
		if id, err = w.create(Person, w.claims[0].identity); err != nil {
			return 0, false, err
		}
	}
	w.effect.Person = id
	conflict := false
	for _, c := range w.claims {
		owner := w.families.survivor(c.owner)
		switch {
		case owner == 0:
			err = w.attach(Person, id, c.identity, source)
		case owner != id:
			var apart bool
			id, apart, err = w.unite(id, owner, source)
			conflict = conflict || apart
			w.effect.Person = id
		}
		if err != nil {
			return 0, false, err
		}
	}
	if conflict {
		w.result.Conflicts++
	}
	return id, created, nil
}

// target finds whom the record is about: the owner of the strongest identity, or
// of the next one that can take a new strongest identity; 0 if nobody yet.
func (w *writer) target() (int64, error) {
	first := &w.claims[0]
	for _, c := range w.claims {
		if c.owner == 0 {
			continue
		}
		if c.identity != first.identity && first.isUser() {
			taken, err := w.hasUser(c.owner)
			if err != nil {
				return 0, err
			}
			if taken {
				continue
			}
		}
		return c.owner, nil
	}
	return 0, nil
}

// unite merges two customers and gives the one who remains. Two with user ids stay apart.
func (w *writer) unite(id, other, source int64) (remaining int64, apart bool, err error) {
	otherIsUser, err := w.hasUser(other)
	if err != nil {
		return 0, false, err
	}
	if otherIsUser {
		isUser, err := w.hasUser(id)
		if err != nil {
			return 0, false, err
		}
		if isUser {
			return id, true, nil
		}
		id, other = other, id
	}
	return id, false, w.merge(id, other, source)
}

func (w *writer) merge(id, absorbed, source int64) error {
	w.change()
	w.result.Merges++
	w.facts++
	w.effect.Merged = append(w.effect.Merged, Merge{Customer: id, Absorbed: absorbed})
	w.families.merge(id, absorbed)
	if err := w.conn.Run("UPDATE customers SET merged_into = ? WHERE id = ? OR merged_into = ?", id, absorbed, absorbed); err != nil {
		return err
	}
	return w.conn.Run("INSERT INTO merges (fact, customer, absorbed, received, source) VALUES (?, ?, ?, ?, ?)", w.facts, id, absorbed, w.received, source)
}

func (w *writer) hasUser(id int64) (bool, error) {
	w.do.hasUser.BindInt(1, id)
	has := w.do.hasUser.Next() && w.do.hasUser.Int(0) == 1
	return has, w.do.hasUser.Reset()
}

// create makes a customer; attach must give it the identity.
func (w *writer) create(kind Kind, identity record.Identity) (int64, error) {
	w.change()
	w.lastCustomer++
	if kind == Person {
		w.result.Customers.New++
		w.effect.Created = true
	} else {
		w.effect.CompanyCreated = true
		w.result.Companies.New++
	}
	add := w.do.addCustomer
	add.BindInt(1, w.lastCustomer)
	add.BindInt(2, int64(kind))
	add.BindText(3, []byte(identity.Namespace+":"+identity.Value))
	add.BindInt(4, 0)
	add.BindInt(5, w.received)
	return w.lastCustomer, add.Run()
}

func (w *writer) attach(kind Kind, id int64, identity record.Identity, source int64) error {
	w.change()
	w.learnt++
	w.effect.Learnt = append(w.effect.Learnt, Naming{id, kind, identity})
	namespace, err := w.namespaces.id(w, identity.Namespace)
	if err != nil {
		return err
	}
	w.ids.put(w.ids.key(kind, identity), id)
	add := w.do.addIdentity
	add.BindInt(1, int64(kind))
	add.BindInt(2, namespace)
	add.BindText(3, []byte(identity.Value))
	add.BindInt(4, id)
	add.BindInt(5, w.received)
	add.BindInt(6, source)
	if err := add.Run(); err != nil || kind != Person || identity.Namespace != record.UserID {
		return err
	}
	w.effect.Named = true
	w.do.nameCustomer.BindText(1, []byte(identity.Value))
	w.do.nameCustomer.BindInt(2, id)
	return w.do.nameCustomer.Run()
}

// company finds or makes the company of an identity.
func (w *writer) company(identity record.Identity, source int64) (id int64, created bool, err error) {
	id, err = w.owner(Company, identity)
	if err != nil || id != 0 {
		return id, false, err
	}
	if id, err = w.create(Company, identity); err != nil {
		return 0, false, err
	}
	return id, true, w.attach(Company, id, identity, source)
}

// refusal is why a record cannot be kept; other errors end the batch.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// families are the customers who were merged: into whom, and the other way round.
type families struct {
	into     map[int64]int64
	absorbed map[int64][]int64
}

func (f *families) load(conn *lite.Conn) error {
	*f = families{map[int64]int64{}, map[int64][]int64{}}
	q := conn.Query("SELECT id, merged_into FROM customers WHERE merged_into IS NOT NULL ORDER BY merged_into, id")
	for q.Next() {
		id, into := q.Int(0), q.Int(1)
		f.into[id] = into
		f.absorbed[into] = append(f.absorbed[into], id)
	}
	return q.Close()
}

// survivor gives the customer for whom what is said of this one counts.
func (f *families) survivor(id int64) int64 {
	if into, ok := f.into[id]; ok {
		return into
	}
	return id
}

// members gives a customer who was not merged away and those who were merged into it.
func (f *families) members(id int64) []int64 {
	return append([]int64{id}, f.absorbed[id]...)
}

func (f *families) merge(id, absorbed int64) {
	gone := f.members(absorbed)
	for _, g := range gone {
		f.into[g] = id
	}
	f.absorbed[id] = append(f.absorbed[id], gone...)
	delete(f.absorbed, absorbed)
}
