package demo

// product is something that the shop sells.
type product struct {
	sku, name string
	category  *category
	price     int // cents
}

// category is a shelf of the shop.
type category struct {
	name     string
	returned int // of 1000 orders with something of it, so many come back
	products []*product
}

// goods are the shelves, the busiest first.
var goods = []*category{
	shelf("Schuhe", "SCH", 220, item("Wanderschuh Steig", 14995), item("Wanderschuh Grat GTX", 21995), item("Trailschuh Fuchs", 12995),
		item("Hüttenschuh Filz", 4495), item("Kinderstiefel Pfütze", 3995), item("Sandale Bach", 6995), item("Zustiegsschuh Fels", 15995), item("Winterstiefel Alb", 18995)),
	shelf("Jacken", "JAC", 180, item("Regenjacke Wolkenbruch", 15995), item("Fleecejacke Moos", 6995), item("Daunenjacke Raureif", 22995),
		item("Softshell Nordwind", 11995), item("Kinder-Regenjacke Tropf", 4995), item("Weste Lärche", 7995), item("Hardshell Karwendel", 34995)),
	shelf("Rucksäcke", "RUC", 70, item("Tagesrucksack 22 l", 7995), item("Trekkingrucksack 55 l", 18995), item("Kinderrucksack Dachs", 3495),
		item("Rolltop Stadt", 8995), item("Hüfttasche", 2495), item("Kraxe Käuzchen", 23995)),
	shelf("Camping", "CAM", 60, item("Kuppelzelt Zwei", 19995), item("Isomatte Leicht", 8995), item("Schlafsack Herbst", 13995),
		item("Gaskocher Glut", 4995), item("Stirnlampe 400", 3995), item("Klappstuhl", 5995), item("Familienzelt Lager", 54995), item("Kochgeschirr Duo", 5495)),
	shelf("Küche", "KUE", 45, item("Gusseiserne Pfanne 28", 6495), item("Kochmesser Esche", 8995), item("Trinkflasche 0,75", 2495),
		item("Emaille-Becher", 1295), item("Brotbackform", 3495), item("Espressokocher", 3995), item("Schneidbrett Nussbaum", 5495), item("Spätzlepresse", 2995)),
	shelf("Garten", "GAR", 40, item("Handspaten", 2995), item("Gießkanne Zink", 4495), item("Saatgut-Kiste", 2495), item("Rosenschere", 3995),
		item("Feuerschale 60", 12995), item("Hochbeet Lärche", 17995), item("Nistkasten Meise", 1995)),
	shelf("Kinder", "KIN", 80, item("Schnitzmesser Biber", 2195), item("Becherlupe", 995), item("Kompass Erste Tour", 1495),
		item("Kinder-Schlafsack", 6495), item("Laufrad Birke", 8995), item("Forscherbuch Wald", 1695)),
	shelf("Rad", "RAD", 60, item("Packtaschen Paar", 12995), item("Fahrradhelm Linde", 6995), item("Lenkertasche", 5995), item("Luftpumpe Mini", 2495),
		item("Regenponcho Rad", 4995), item("Fahrradlicht Set", 4495)),
	shelf("Wolle & Wäsche", "WOL", 90, item("Merino-Shirt", 6995), item("Wollsocken Dreierpack", 2995), item("Mütze Strick", 2495),
		item("Lange Unterhose Merino", 6495), item("Handschuhe Walk", 3495), item("Schal Alpaka", 4995)),
	shelf("Gutscheine", "GUT", 5, item("Gutschein 25 Euro", 2500), item("Gutschein 50 Euro", 5000), item("Gutschein 100 Euro", 10000)),
}

func item(name string, price int) *product { return &product{name: name, price: price} }

func shelf(name, code string, returned int, products ...*product) *category {
	c := &category{name, returned, products}
	for i, p := range products {
		p.category, p.sku = c, code+"-"+string([]byte{'1', byte('0' + i), '0'})
	}
	return c
}

// line is a product in a cart or an order.
type line struct {
	product  *product
	quantity int
}

func (l line) value() int { return l.product.price * l.quantity }

func value(lines []line) int {
	sum := 0
	for _, l := range lines {
		sum += l.value()
	}
	return sum
}

func (l line) fields() []byte { return l.product.fields().whole("quantity", l.quantity).done() }

func (p *product) fields() fields {
	return newFields().text("sku", p.sku).text("name", p.name).text("category", p.category.name).cents("price", p.price)
}

// coupon is a code with its discount in per cent.
type coupon struct {
	code     string
	discount int
}

var (
	noCoupon    = coupon{}
	welcome     = coupon{"WILLKOMMEN10", 10}
	blackFriday = coupon{"BLACK25", 25}
	summer      = coupon{"SOMMER15", 15}
	thanks      = coupon{"DANKE5", 5}
)
