package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/record"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Unmatched is what became of those whom a segment includes by hand and who were not there.
type Unmatched struct {
	Created []string
	Refused []Refusal
}

// Refusal is why somebody was not created.
type Refusal struct{ Customer, Reason string }

// unmatchedAtOnce is how many customers are created in one commit.
const unmatchedAtOnce = 1000

// CreateUnmatched creates the customers whom a segment includes by hand and who are not
// there, as if a file had brought them, and gives the segment a version with which they
// count. It can be repeated after an error.
func (e *Engine) CreateUnmatched(ctx context.Context, name string, edit Edit) (made Unmatched, err error) {
	records, made, err := e.unmatched(ctx, name)
	if err != nil {
		return made, err
	}
	for some := range slices.Chunk(records, unmatchedAtOnce) {
		result, err := e.Import(ctx, some)
		if err != nil {
			return made, err
		}
		reasons := map[int]string{}
		for _, r := range result.Rejections {
			reasons[r.Index] = r.Reason
		}
		for i := range some {
			text := whom(&some[i])
			if reason, refused := reasons[i]; refused {
				made.Refused = append(made.Refused, Refusal{text, reason})
			} else {
				made.Created = append(made.Created, text)
			}
		}
	}
	return made, e.do(ctx, func(c *cycle) error { return c.lookAgain(name, edit) })
}

// unmatched makes records of those whom a segment includes and who are not there.
func (e *Engine) unmatched(ctx context.Context, name string) (records []record.Record, made Unmatched, err error) {
	d, err := e.definitionOf(name)
	if err != nil {
		return nil, made, err
	}
	err = e.store.View(ctx, func(v *store.View) error {
		namespaces, err := v.Namespaces(ctx)
		find := finder(v)
		for _, o := range d.Include {
			if _, there := find(o.Customer, d.Firms()); there || err != nil {
				continue
			}
			r, wrong := recordOf(strings.TrimSpace(o.Customer), d.Firms(), namespaces)
			if wrong != nil {
				made.Refused = append(made.Refused, Refusal{o.Customer, wrong.Error()})
				continue
			}
			r.Source = "segment " + name
			records = append(records, r)
		}
		return errors.Join(err, ctx.Err())
	})
	return records, made, err
}

func (e *Engine) definitionOf(name string) (spec.Definition, error) {
	e.committing.RLock()
	defer e.committing.RUnlock()
	if s := e.segments[name]; s != nil {
		return s.Definition, nil
	}
	return spec.Definition{}, fmt.Errorf("%w: %s", ErrNoSegment, name)
}

// recordOf makes the record that creates somebody.
func recordOf(text string, firm bool, namespaces []string) (record.Record, error) {
	identity, err := identityOf(text, namespaces)
	if err == nil && firm && identity.Namespace == record.UserID {
		identity.Namespace = record.CompanyID
	}
	if firm {
		return record.Record{Kind: record.Group, Company: identity, Fields: []byte("{}")}, err
	}
	return record.Record{Kind: record.Identify, Customer: []record.Identity{identity}, Fields: []byte("{}")}, err
}

// whom gives the name of whom a record creates.
func whom(r *record.Record) string {
	if r.Kind == record.Group {
		return strings.TrimPrefix(nameOf(r.Company), record.CompanyID+":")
	}
	return nameOf(r.Customer[0])
}

// identityOf gives the identity by which a text will be found.
func identityOf(text string, namespaces []string) (record.Identity, error) {
	if strings.HasPrefix(text, "#") {
		return record.Identity{}, errors.New("internal ids are given by Kohorte")
	}
	namespace, value, both := strings.Cut(text, ":")
	switch {
	case !both:
		return record.Identity{Namespace: record.UserID, Value: text}, nil
	case namespace == email && value != strings.ToLower(value):
		return record.Identity{}, fmt.Errorf("addresses are kept in lower case: write %s:%s", email, strings.ToLower(value))
	case namespace == email:
		return record.Identity{Namespace: email, Value: value}, nil
	}
	for i := range len(text) { // a namespace or a value may have a colon itself
		if text[i] == ':' && slices.Contains(namespaces, text[:i]) {
			return record.Identity{Namespace: text[:i], Value: text[i+1:]}, nil
		}
	}
	return record.Identity{}, fmt.Errorf("there is no namespace %s of identities yet; there is %s", namespace, strings.Join(slices.Sorted(slices.Values(namespaces)), ", "))
}

// email is the namespace that every workspace has, though nobody may be in it yet.
const email = "email"

// nameOf writes an identity as it is found.
func nameOf(i record.Identity) string {
	if i.Namespace == record.UserID {
		return i.Value
	}
	return i.Namespace + ":" + i.Value
}

// lookAgain gives a segment a new version if somebody whom it includes or excludes by
// hand has come since the last was defined.
func (c *cycle) lookAgain(name string, edit Edit) error {
	s := c.engine.segments[name]
	if s == nil {
		return fmt.Errorf("%w: %s", ErrNoSegment, name)
	}
	u := s.active
	if s.next != nil {
		u = s.next
	}
	if now, _ := rulingsOf(&s.Definition, finder(c.tx.View)); u == nil || len(now) == len(u.rulings) {
		return nil
	}
	if err := c.tx.RenewSegment(s.Definition, edit.Author, edit.Message); err != nil {
		return err
	}
	return c.loadSegments()
}
