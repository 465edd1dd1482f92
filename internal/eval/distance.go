package eval

import (
	"math"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

// Places tells where postcodes lie, in degrees; false for unknown ones.
type Places interface {
	Place(country, code string) (lat, lon float64, ok bool)
}

// distance is distance(path, "DE-70173"): kilometres on the great circle.
type distance struct {
	of      locator
	country string // of the target, and of values without a country
	lat     float64
	lon     float64
	known   bool
	places  Places
}

func (d *distance) scalar(m *Machine) int64 {
	column, i := d.of.locate(m)
	if column == nil || !d.known {
		return unset
	}
	text, ok := column.Text(i)
	if !ok {
		return unset
	}
	country, code := splitPostcode(text, d.country)
	lat, lon, ok := d.places.Place(country, code)
	if !ok {
		return unset
	}
	return int64(math.Round(Kilometres(lat, lon, d.lat, d.lon) * number.Scale))
}

func (d *distance) change(m *Machine) calendar.Instant { return d.of.change(m) }

// splitPostcode reads "AT-1010" as it is and "70173" as of the country that the rule names.
func splitPostcode(text, country string) (string, string) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if prefix, code, found := strings.Cut(text, "-"); found && len(prefix) == 2 && prefix[0] >= 'A' && prefix[0] <= 'Z' {
		return prefix, strings.TrimSpace(code)
	}
	return country, text
}

// earthRadius is the mean radius of the earth in kilometres (IUGG).
const earthRadius = 6371.0088

// Kilometres gives the great-circle distance of two places in degrees, by the haversine formula.
func Kilometres(lat1, lon1, lat2, lon2 float64) float64 {
	const degree = math.Pi / 180
	sinLat := math.Sin((lat2 - lat1) * degree / 2)
	sinLon := math.Sin((lon2 - lon1) * degree / 2)
	h := float64(sinLat*sinLat) + float64(math.Cos(lat1*degree)*math.Cos(lat2*degree))*float64(sinLon*sinLon)
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}
