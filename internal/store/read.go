package store

import (
	"context"

	"github.com/kohorte/kohorte/internal/catalog"
)

// The readings of a View, each on a view of its own.

// Revision is View.Revision on the latest commit.
func (s *Store) Revision(ctx context.Context) (revision, lastEvent int64, err error) {
	err = s.View(ctx, func(v *View) error {
		revision, lastEvent, err = v.Revision(ctx)
		return err
	})
	return revision, lastEvent, err
}

// Customers is View.Customers on the latest commit.
func (s *Store) Customers(ctx context.Context, fn func(Customer) error) error {
	return s.View(ctx, func(v *View) error { return v.Customers(ctx, fn) })
}

// Attributes is View.Attributes on the latest commit.
func (s *Store) Attributes(ctx context.Context, fn func(*Attribute) error) error {
	return s.View(ctx, func(v *View) error { return v.Attributes(ctx, fn) })
}

// Joins is View.Joins on the latest commit.
func (s *Store) Joins(ctx context.Context, fn func(Join) error) error {
	return s.View(ctx, func(v *View) error { return v.Joins(ctx, fn) })
}

// Events is View.Events on the latest commit.
func (s *Store) Events(ctx context.Context, afterSeq int64, fn func(*Event) error) error {
	return s.View(ctx, func(v *View) error { return v.Events(ctx, afterSeq, fn) })
}

// EventsAt is View.EventsAt on the latest commit.
func (s *Store) EventsAt(ctx context.Context, seqs []int64, fn func(*Event) error) error {
	return s.View(ctx, func(v *View) error { return v.EventsAt(ctx, seqs, fn) })
}

// Consents is View.Consents on the latest commit.
func (s *Store) Consents(ctx context.Context, fn func(Consent) error) error {
	return s.View(ctx, func(v *View) error { return v.Consents(ctx, fn) })
}

// Postcodes is View.Postcodes on the latest commit.
func (s *Store) Postcodes(ctx context.Context, fn func(Postcode) error) error {
	return s.View(ctx, func(v *View) error { return v.Postcodes(ctx, fn) })
}

// Settings is View.Settings on the latest commit.
func (s *Store) Settings(ctx context.Context) (Settings, error) {
	return latestOf(ctx, s, (*View).Settings)
}

// Catalog is View.Catalog on the latest commit.
func (s *Store) Catalog(ctx context.Context) (*catalog.Catalog, error) {
	return latestOf(ctx, s, (*View).Catalog)
}

// Fields is View.Fields on the latest commit.
func (s *Store) Fields(ctx context.Context) (*FieldsReport, error) {
	return latestOf(ctx, s, (*View).Fields)
}

// Find is View.Find on the latest commit.
func (s *Store) Find(ctx context.Context, text string) (Customer, error) {
	return latestOf(ctx, s, func(v *View, ctx context.Context) (Customer, error) { return v.Find(ctx, text) })
}

// Identities is View.Identities on the latest commit.
func (s *Store) Identities(ctx context.Context, id int64) ([]Identity, error) {
	return latestOf(ctx, s, func(v *View, ctx context.Context) ([]Identity, error) { return v.Identities(ctx, id) })
}

// AttributesOf is View.AttributesOf on the latest commit.
func (s *Store) AttributesOf(ctx context.Context, id int64) ([]Attribute, error) {
	return latestOf(ctx, s, func(v *View, ctx context.Context) ([]Attribute, error) { return v.AttributesOf(ctx, id) })
}

func latestOf[T any](ctx context.Context, s *Store, read func(*View, context.Context) (T, error)) (T, error) {
	var result T
	err := s.View(ctx, func(v *View) error {
		var err error
		result, err = read(v, ctx)
		return err
	})
	return result, err
}
