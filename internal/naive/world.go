package naive

import (
	"math"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// top ranks all customers with a known value, the highest first, ties by
// customer id, and takes the first part of them, rounded up to whole customers.
// Naively the ranks are always those of now.
func (m moment) top(n *rule.Top) bool {
	type ranked struct {
		id    string
		value any
	}
	var ranks []ranked
	for _, c := range m.peers() {
		if v := (moment{World: m.World, customer: c, now: m.now}).value(n.By); v != nil {
			ranks = append(ranks, ranked{c.ID, v})
		}
	}
	slices.SortFunc(ranks, func(a, b ranked) int {
		if order, _ := order(b.value, a.value); order != 0 {
			return order
		}
		return strings.Compare(a.id, b.id)
	})
	const whole = 100 * number.Scale
	places := (int64(len(ranks))*int64(n.Percent) + whole - 1) / whole
	return slices.ContainsFunc(ranks[:places], func(r ranked) bool { return r.id == m.customer.ID })
}

// distance gives the kilometres between two postcodes on a sphere of the
// earth's mean radius, unknown if one of them is. A postcode without a country
// is one of the target's country.
func (m moment) distance(d *rule.Distance) any {
	postcode, ok := m.path(d.Path).(string)
	if !ok {
		return nil
	}
	postcode = written(postcode)
	to, ok := m.Postcodes[written(d.To.Text)]
	if !ok {
		return nil
	}
	from, ok := m.Postcodes[postcode]
	if !ok {
		country, _, _ := strings.Cut(written(d.To.Text), "-")
		if from, ok = m.Postcodes[country+"-"+postcode]; !ok {
			return nil
		}
	}
	return number.Number(math.Round(kilometres(from, to) * number.Scale))
}

// written gives a postcode in the one form in which it is looked up: case and
// surrounding blanks mean nothing.
func written(postcode string) string { return strings.ToUpper(strings.TrimSpace(postcode)) }

// kilometres is the haversine formula.
func kilometres(a, b Point) float64 {
	const radius, degree = 6371.0088, math.Pi / 180
	sinLat := math.Sin((b.Latitude - a.Latitude) * degree / 2)
	sinLon := math.Sin((b.Longitude - a.Longitude) * degree / 2)
	h := sinLat*sinLat + math.Cos(a.Latitude*degree)*math.Cos(b.Latitude*degree)*sinLon*sinLon
	return 2 * radius * math.Asin(math.Min(1, math.Sqrt(h)))
}
