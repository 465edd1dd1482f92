package value

// Hints are what the other columns and the form of a file tell about one column.
type Hints struct {
	Style     Style // how the file writes numbers, if some column shows it
	Order     Order // how it writes dates, if some column shows it
	Semicolon bool  // the cells are separated by semicolons, as where decimals have commas
}

// Doubt is a column that can be read in more than one way.
type Doubt uint8

// The doubts.
const (
	Sure       Doubt = iota
	DoubtOrder       // all its dates may be day/month or month/day
	DoubtMixed       // some dates are day/month and some month/day
	DoubtStyle       // its numbers may have decimals or groups of thousands; the hints decided
)

// Evidence gives the style and the order that the column shows beyond doubt, for the Hints of the others.
func (p *Profile) Evidence() (Style, Order) {
	style, order := AnyStyle, AnyOrder
	switch point, comma := p.all(p.numbers.point), p.all(p.numbers.comma); {
	case p.Literals > 0: // JSON writes all its numbers with a point
	case point && !comma:
		style = Point
	case comma && !point:
		style = Comma
	}
	if p.looksLikeDates() && p.dates.open > 0 {
		if o, doubt := p.order(Hints{}); doubt == Sure {
			order = o
		}
	}
	return style, order
}

// all tells whether a count covers every cell that says something.
func (p *Profile) all(n int) bool { return p.typed > 0 && n == p.typed }

// looksLikeDates tells whether nearly all cells are dates; the others are faults
// of their rows, not of the column.
func (p *Profile) looksLikeDates() bool {
	return p.dates.possible > 0 && p.dates.possible*20 >= p.typed*19
}

// Decide gives the type of the column, from its values and its name.
func (p *Profile) Decide(h Hints) (Type, Doubt) {
	switch {
	case p.Empty():
		return Type{}, Sure
	case p.Literals == p.Filled:
		return Type{Kind: JSON}, Sure
	case p.looksLikeDates() && (p.dates.compact == 0 || SoundsLikeDate(p.Name)):
		return p.date(h)
	case p.unixOrder() != AnyOrder && SoundsLikeTime(p.Name):
		return Type{Kind: Time, Order: p.unixOrder()}, Sure
	case p.Literals == 0 && p.numeric() && !SoundsLikeCode(p.Name):
		return p.number(h)
	case p.boolean():
		return Type{Kind: Boolean}, Sure
	case p.all(p.json):
		return Type{Kind: JSON}, Sure
	}
	return Type{Kind: Text, PointZero: p.all(p.pointZero)}, Sure
}

// numeric tells whether all cells are numbers of one style, without zeros before them.
func (p *Profile) numeric() bool { return p.all(p.numbers.point) || p.all(p.numbers.comma) }

// Numeric tells whether all cells are numbers, whatever the name of the column says.
func (p *Profile) Numeric() bool { return p.numeric() }

// style decides how the numbers of the column are written, also where not all cells are numbers.
func (p *Profile) style(h Hints) (Style, Doubt) {
	v := p.numbers
	switch {
	case h.Style != AnyStyle && v.point == v.comma:
		return h.Style, Sure
	case v.comma > v.point:
		return Comma, Sure
	case v.point > v.comma || v.differ == 0:
		return Point, Sure
	case h.Semicolon:
		return Comma, DoubtStyle
	}
	return Point, DoubtStyle
}

func (p *Profile) number(h Hints) (Type, Doubt) {
	t := IsNumber
	style, doubt := p.style(h)
	if style == Comma || p.numbers.differ > 0 {
		t.Style = style // else it is the usual one, or makes no difference
	}
	return t, doubt
}

func (p *Profile) date(h Hints) (Type, Doubt) {
	t := Type{Kind: Date, Past: SoundsLikeBirth(p.Name)}
	if p.dates.clocked > 0 {
		t.Kind = Time
	}
	if p.dates.open == 0 {
		return t, Sure
	}
	var doubt Doubt
	t.Order, doubt = p.order(h)
	return t, doubt
}

// order decides the order of the dates that need one: the only one that fits
// them; with a few slips, the one that nearly all prove.
func (p *Profile) order(h Hints) (Order, Doubt) {
	d := &p.dates
	proven := AnyOrder
	for _, o := range []Order{DayFirst, MonthFirst, YearFirst} {
		if d.only[o] > 0 {
			if proven != AnyOrder && d.only[o]*20 >= d.only[proven] {
				if d.only[proven]*20 >= d.only[o] {
					return AnyOrder, DoubtMixed
				}
				proven = o
			} else if proven == AnyOrder {
				proven = o
			}
		}
	}
	switch {
	case proven != AnyOrder:
		return proven, Sure
	case !d.differ:
		return DayFirst, Sure
	case h.Order != AnyOrder && d.fits[h.Order] == d.open:
		return h.Order, Sure
	}
	return p.byVariety()
}

// byVariety decides dates of two-digit years: days come in more kinds than years.
func (p *Profile) byVariety() (Order, Doubt) {
	d := &p.dates
	first, last := variety(d.first), variety(d.last)
	switch {
	case first > 12 && first > 2*last && d.fits[DayFirst] == d.open:
		return DayFirst, Sure
	case last > 12 && last > 2*first && d.fits[YearFirst] == d.open:
		return YearFirst, Sure
	}
	return AnyOrder, DoubtOrder
}

// unixOrder tells whether all cells are seconds, or all milliseconds, since 1970.
func (p *Profile) unixOrder() Order {
	switch {
	case p.all(p.unix[0]):
		return Unix
	case p.all(p.unix[1]):
		return UnixMilli
	}
	return AnyOrder
}

// ForTime decides how the cells of a column that must be times are read.
func (p *Profile) ForTime(h Hints) (Type, Doubt) {
	if o := p.unixOrder(); o != AnyOrder {
		return Type{Kind: Time, Order: o}, Sure
	}
	t, doubt := p.date(h)
	t.Kind = Time
	return t, doubt
}

// ForNumber decides how the cells of a column that must be numbers are read.
func (p *Profile) ForNumber(h Hints) (Type, Doubt) { return p.number(h) }

// ForID decides how the cells of a column that names something are read: as they
// are, unless a program made decimals of whole numbers.
func (p *Profile) ForID() Type {
	return Type{Kind: Text, PointZero: p.all(p.pointZero)}
}
