package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/fold"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/store"
)

// customer finds a customer by what people write: an id, an identity, or
// attribute:value where exactly one person has that value now.
func (w *workspace) customer(ctx context.Context, text string) (store.Customer, error) {
	c, err := w.store.Find(ctx, text)
	path, value, ok := strings.Cut(strings.TrimSpace(text), ":")
	if !ok || !errors.Is(err, store.ErrNotFound) || w.known.Attributes[path].Kind != catalog.Text {
		return c, err
	}
	if err := w.load(ctx); err != nil {
		return c, err
	}
	switch found := w.withValue(path, value); len(found) {
	case 0:
		return c, fmt.Errorf("%w with the %s %q", store.ErrNotFound, path, value)
	case 1:
		return w.store.Find(ctx, fmt.Sprintf("#%d", found[0].Block.IDs[found[0].Row]))
	default:
		return c, fmt.Errorf("%s have the %s %q: %s", countOf(len(found), "customer", "customers"), path, value, namesOf(found))
	}
}

// withValue finds the persons with a text, without regard to case.
func (w *workspace) withValue(path, value string) []index.Position {
	id, ok := w.index.Schema.Attrs.ID(path)
	if !ok {
		return nil
	}
	var found []index.Position
	for _, b := range w.index.Blocks {
		if b.Attrs[id] == nil {
			continue
		}
		for row := range b.Rows() {
			if is, known := b.Attrs[id].Latest.Text(row); known && fold.Equal(is, value) {
				found = append(found, index.Position{Block: b, Row: row})
			}
		}
	}
	return found
}

// mostNames is how many customers are named where one was meant.
const mostNames = 5

func namesOf(found []index.Position) string {
	var names []string
	for _, p := range found[:min(len(found), mostNames)] {
		names = append(names, harmless(p.Block.Names[p.Row]))
	}
	if len(found) > mostNames {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// wanted finds who is asked about; of a person and a company of the same name the one that fits.
func (w *workspace) wanted(ctx context.Context, text string) (c store.Customer, err error) {
	var firm int64
	err = w.store.View(ctx, func(v *store.View) (err error) {
		firm, err = v.CompanyOf(text)
		return err
	})
	if err != nil {
		return c, err
	}
	if w.companies && firm != 0 {
		return w.customer(ctx, fmt.Sprint("#", firm))
	}
	if c, err = w.customer(ctx, text); errors.Is(err, store.ErrNotFound) && firm != 0 {
		err = fmt.Errorf("%s is a company; --companies asks rules about companies", text)
	}
	return c, err
}

// find finds whom a rule is asked about in the index; the name is that of lists.
func (w *workspace) find(ctx context.Context, text string) (index.Position, string, error) {
	c, err := w.wanted(ctx, text)
	if err != nil {
		return index.Position{}, "", err
	}
	if firm := c.Kind == store.Company; firm && !w.companies {
		return index.Position{}, "", fmt.Errorf("%s is a company; --companies asks rules about companies", c.Name)
	} else if !firm && w.companies {
		return index.Position{}, "", fmt.Errorf("%s is a person, and companies are asked about", c.Name)
	}
	position, ok := w.index.Find(c.ID)
	if !ok {
		return index.Position{}, "", fmt.Errorf("%s came while the index was read; ask again", c.Name)
	}
	return position, c.Name, nil
}
