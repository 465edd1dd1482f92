package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
	"github.com/kohorte/kohorte/internal/store"
)

// geoNames are the columns of the postcodes of GeoNames, which come without a header.
var geoNames = []string{
	"country_code", "postal_code", "place", "state", "state_code", "province", "province_code", "community", "community_code", "latitude", "longitude", "accuracy",
}

// postcodeColumns are the names that the columns of postcodes may have, written together.
var postcodeColumns = [4][]string{
	{"countrycode", "country", "land", "länderkürzel"},
	{"zipcode", "postalcode", "postcode", "zip", "plz", "postleitzahl"},
	{"latitude", "lat", "breitengrad", "breite"},
	{"longitude", "lon", "lng", "long", "längengrad", "länge"},
}

// Postcodes reads where postcodes lie: the files of GeoNames, or CSV with a
// header that says country, postcode, latitude and longitude. Without a country
// in the file, country, such as DE, is that of all rows. Several places of one
// postcode are all in the list. Of the options, Rejects and Progress count.
func Postcodes(ctx context.Context, in *Input, country string, opt Options) ([]store.Postcode, Summary, error) {
	out := newOutput(ctx, in, opt, nil)
	list, err := out.postcodes(country)
	summary, err := out.finish(err)
	return list, summary, err
}

func (o *output) postcodes(country string) ([]store.Postcode, error) {
	if o.in.Format != table.CSV {
		return nil, fmt.Errorf("%s: postcodes are read from CSV or the text files of GeoNames", o.in.Name)
	}
	if o.in.NoHeader {
		names := geoNames[:min(len(geoNames), o.in.Width())]
		if err := o.in.Declare(table.Settings{Delimiter: o.in.Delimiter, Header: names}); err != nil {
			return nil, err
		}
	}
	if err := o.begin(true); err != nil {
		return nil, err
	}
	where, err := findPostcodeColumns(o.rows.Columns(), country)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.in.Name, err)
	}
	var list []store.Postcode
	for {
		row, err := o.rows.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", o.in.Name, err)
		}
		o.summary.Read++
		if err := o.tick(o.summary.Read); err != nil {
			return nil, err
		}
		p, err := postcode(row, where, country)
		if err == nil {
			list = append(list, p)
		} else if err := o.reject(row, err.Error()); err != nil {
			return nil, err
		}
	}
}

// findPostcodeColumns gives the places of country, code, latitude and longitude; -1 for a country that is given.
func findPostcodeColumns(columns table.Columns, country string) (where [4]int, err error) {
	for i, names := range postcodeColumns {
		where[i] = -1
		for _, name := range names {
			for c, column := range columns {
				if where[i] < 0 && strings.ReplaceAll(value.Snake(column), "_", "") == name {
					where[i] = c
				}
			}
		}
		if where[i] < 0 && (i > 0 || country == "") {
			return where, fmt.Errorf("no column is called %s; there are %s", strings.Join(names, " or "), strings.Join(columns, ", "))
		}
	}
	return where, nil
}

// postcode reads one row.
func postcode(row *table.Row, where [4]int, country string) (p store.Postcode, err error) {
	if row.Fault != "" {
		return p, errors.New(row.Fault)
	}
	p.Country = country
	if where[0] >= 0 && len(row.Cells[where[0]].Text) > 0 {
		p.Country = string(row.Cells[where[0]].Text)
	}
	p.Country = strings.ToUpper(p.Country)
	p.Code = string(row.Cells[where[1]].Text)
	if p.Country == "" || p.Code == "" {
		return p, errors.New("the country or the postcode is empty")
	}
	if p.Lat, err = degrees(row.Cells[where[2]], 90); err != nil {
		return p, fmt.Errorf("the latitude %w", err)
	}
	if p.Lon, err = degrees(row.Cells[where[3]], 180); err != nil {
		return p, fmt.Errorf("the longitude %w", err)
	}
	return p, nil
}

// degrees reads an angle, with a point or a comma.
func degrees(cell table.Cell, most float64) (float64, error) {
	text := strings.Replace(string(cell.Text), ",", ".", 1)
	d, err := strconv.ParseFloat(text, 64)
	if err != nil || !(d >= -most && d <= most) {
		return 0, fmt.Errorf("%q is no number from %v to %v", text, -most, most)
	}
	return d, nil
}
