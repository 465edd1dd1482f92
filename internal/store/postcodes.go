package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/kohorte/kohorte/internal/store/lite"
)

// Postcode is where a postcode lies.
type Postcode struct {
	Country, Code string  // DE, 70173
	Lat, Lon      float64 // degrees
}

// Postcodes calls fn for each postcode, in order of country and code.
func (v *View) Postcodes(ctx context.Context, fn func(Postcode) error) error {
	return v.each(ctx, func(q *lite.Stmt) error {
		return fn(Postcode{q.Text(0), q.Text(1), q.Float(2), q.Float(3)})
	}, "SELECT country, code, lat, lon FROM postcodes ORDER BY country, code")
}

// SetPostcodes replaces the postcodes of the countries in the list. Where a code
// stands several times, for several places, the middle of them counts.
func (s *Store) SetPostcodes(ctx context.Context, list []Postcode) error {
	merged, err := middle(list)
	if err != nil {
		return err
	}
	return s.write(ctx, func(w *writer) error {
		countries := map[string]bool{}
		for _, p := range merged {
			countries[p.Country] = true
		}
		for _, country := range slices.Sorted(maps.Keys(countries)) {
			if err := w.dropOtherPostcodes(country, merged); err != nil {
				return err
			}
		}
		for _, p := range merged {
			err := w.put("INSERT INTO postcodes (country, code, lat, lon) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET lat = ?3, lon = ?4 WHERE lat <> ?3 OR lon <> ?4",
				p.Country, p.Code, p.Lat, p.Lon)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// dropOtherPostcodes deletes those of a country that are not in a sorted list.
func (w *writer) dropOtherPostcodes(country string, list []Postcode) error {
	var gone []string
	q := w.conn.Query("SELECT code FROM postcodes WHERE country = ?", country)
	for q.Next() {
		code := q.Text(0)
		if _, ok := slices.BinarySearchFunc(list, Postcode{Country: country, Code: code}, comparePostcodes); !ok {
			gone = append(gone, code)
		}
	}
	if err := q.Close(); err != nil {
		return err
	}
	for _, code := range gone {
		if err := w.put("DELETE FROM postcodes WHERE country = ? AND code = ?", country, code); err != nil {
			return err
		}
	}
	return nil
}

// middle sorts postcodes and makes one of those that are equal.
func middle(list []Postcode) ([]Postcode, error) {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, comparePostcodes)
	var merged []Postcode
	for i := 0; i < len(sorted); {
		p, n := sorted[i], 0
		var lat, lon float64
		for ; i < len(sorted) && comparePostcodes(sorted[i], p) == 0; i++ {
			if q := sorted[i]; !(math.Abs(q.Lat) <= 90 && math.Abs(q.Lon) <= 180) || q.Country == "" || q.Code == "" {
				return nil, fmt.Errorf("%s-%s cannot be a postcode at %g, %g", q.Country, q.Code, q.Lat, q.Lon)
			}
			lat, lon, n = lat+sorted[i].Lat, lon+sorted[i].Lon, n+1
		}
		p.Lat, p.Lon = lat/float64(n), lon/float64(n)
		merged = append(merged, p)
	}
	return merged, nil
}

func comparePostcodes(a, b Postcode) int {
	return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Code, b.Code))
}
