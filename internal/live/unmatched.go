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
// there, as if a file had brought them. They are in as soon as they are there. It can be repeated after an error.
func (e *Engine) CreateUnmatched(ctx context.Context, name string) (made Unmatched, err error) {
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
	return made, nil
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
		once := map[string]bool{}
		for _, o := range d.Include {
			if there, _ := find(o.Customer, d.Firms()); len(there) > 0 || err != nil {
				continue
			}
			r, wrong := recordOf(strings.TrimSpace(o.Customer), d.Firms(), namespaces)
			if wrong != nil {
				made.Refused = append(made.Refused, Refusal{o.Customer, wrong.Error()})
				continue
			}
			if r.Source = "segment " + name; !once[whom(&r)] {
				records = append(records, r)
			}
			once[whom(&r)] = true
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
	if address, ok := store.Address(text); ok && !firm {
		identity, err = record.Identity{Namespace: store.Email, Value: address}, nil // though nobody may have one yet
	}
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
	namespace, _, both := strings.Cut(text, ":")
	if !both {
		return record.Identity{Namespace: record.UserID, Value: text}, nil
	}
	for i := range len(text) { // a namespace or a value may have a colon itself
		if text[i] == ':' && slices.Contains(namespaces, text[:i]) {
			return record.Identity{Namespace: text[:i], Value: text[i+1:]}, nil
		}
	}
	return record.Identity{}, fmt.Errorf("there is no namespace %s of identities yet; there is %s", namespace, strings.Join(slices.Sorted(slices.Values(namespaces)), ", "))
}

// nameOf writes an identity as it is found.
func nameOf(i record.Identity) string {
	if i.Namespace == record.UserID {
		return i.Value
	}
	return i.Namespace + ":" + i.Value
}
