package demo

import "strings"

// Short lists of our own, the frequent ones first.
var (
	women = strings.Fields(`Anna Maria Sabine Petra Monika Andrea Claudia Julia Laura Lena Sarah Katharina Susanne Stefanie
		Nicole Birgit Lisa Christina Martina Heike Ursula Melanie Sandra Karin Silke Franziska Johanna Eva Sophie Emma
		Hannah Mia Charlotte Emilia Marie Jana Vanessa Nadine Tanja Anja Kerstin Ute Gabriele Renate Helga Ingrid
		Elisabeth Barbara Theresa Carolin Miriam Leonie Annika Jasmin Ayşe Fatma Elif Olga Svetlana Agnieszka Zoë Käthe
		Anne-Kathrin Eva-Maria Bärbel Jördis Chiara Linh Amira Selin`)
	men = strings.Fields(`Thomas Michael Andreas Peter Stefan Christian Martin Markus Daniel Alexander Jan Tobias Florian Lukas
		Maximilian Felix Paul Jonas Leon Wolfgang Klaus Jürgen Hans Uwe Frank Bernd Matthias Sebastian Oliver Jörg Ralf
		Dirk Torsten Sven Björn Kai Tim Niklas Simon Philipp Moritz David Benjamin Dennis Marcel Patrick Karl Heinz
		Werner Günter Manfred Helmut Horst Rainer Dieter Götz Sören Mehmet Mustafa Emre Ali Luca Matteo Ivan Dmitri
		Piotr Karl-Heinz Hans-Peter Noah Elias Ben Yusuf Minh René`)
	families = strings.Fields(`Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer
		Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner
		Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang
		Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz
		Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Schumacher Krämer Vogt Stein Jäger Otto Sommer
		Groß Seidel Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann
		Voigt Sauer Arnold Wolff Pfeiffer Häberle Pfleiderer Bäuerle Nägele Oettinger Kretschmer Rößler Strauß
		Yılmaz Kaya Öztürk Demir Nowak Kowalski Petrov Ivanova Nguyen Rossi Marković Schmidt-Wagner Müller-Lüdenscheid
		Weiß-Hartmann D'Angelo O'Connor Größer`)
	swabianFamilies = strings.Fields(`Häberle Bäuerle Nägele Schäufele Eberle Pfleiderer Haug Maier Schwarz Kächele Rapp Stähle Wurster
		Gönninger Lutz Kurz Reiff Knapp Weckerle Hörz Merkle Frick Bosler Daimling Zeller Mangold Rommel Hepp Sautter
		Wörner Binder Kimmerle Bihler Schlotter Fauser Geiger`)
	streets = strings.Split(`Hauptstraße,Schulstraße,Gartenstraße,Bahnhofstraße,Dorfstraße,Bergstraße,Birkenweg,Lindenstraße,
		Kirchstraße,Waldstraße,Ringstraße,Schillerstraße,Goethestraße,Amselweg,Mühlenweg,Wiesenweg,Jahnstraße,
		Mozartstraße,Am Sportplatz,Buchenweg,Friedhofstraße,Eichenweg,Blumenstraße,Rosenstraße,Beethovenstraße,
		Feldstraße,Tannenweg,Uhlandstraße,Königstraße,Kastanienallee,Am Marktplatz,Neue Straße,Poststraße,Burgstraße,
		Lessingstraße,Ulmenweg,Finkenweg,Sonnenhalde,Im Tal,Max-Planck-Straße`, ",")
	worksStreets = strings.Split(`Industriestraße,Daimlerstraße,Robert-Bosch-Straße,Max-Eyth-Straße,Carl-Benz-Straße,Siemensstraße,
		Dieselstraße,Gewerbestraße,Im Gewerbepark,Röntgenstraße,Werkstraße,Ferdinand-Porsche-Straße,Steinbeisstraße,
		Heinrich-Hertz-Straße,Am Bahnhof,Neckarstraße,Untere Au,Fabrikstraße`, ",")
)

func init() {
	for _, list := range [][]string{streets, worksStreets} {
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
		}
	}
}

// city is a place with the beginning of its postal codes, its dialling code and
// how else people write it.
type city struct {
	name, country string
	codes         []string // postal codes
	dial          string
	others        []string // other spellings
	weight        int      // how many of 1000 customers of the shop live there
}

func place(weight int, country, name, codes, dial string, others ...string) *city {
	return &city{name, country, strings.Fields(codes), dial, others, weight}
}

// cities are where the customers of the shop live.
var cities = []*city{
	place(74, "DE", "Berlin", "10115 10178 10245 10405 10559 10777 10965 12043 12157 12435 13187 13353 14059", "30", "BERLIN", "berlin", "Berlin-Mitte"),
	place(58, "DE", "Hamburg", "20095 20144 20253 20357 20535 21073 22041 22085 22303 22765", "40", "HAMBURG", "Hamburg-Altona"),
	place(52, "DE", "München", "80331 80469 80634 80799 80939 81241 81369 81541 81667 81825", "89", "Muenchen", "MÜNCHEN", "Munich", "Münch."),
	place(44, "DE", "Köln", "50667 50733 50823 50931 50999 51065 51103", "221", "Koeln", "KÖLN", "Cologne"),
	place(36, "DE", "Frankfurt am Main", "60311 60316 60385 60431 60486 60594 65929", "69", "Frankfurt", "Frankfurt/Main", "Frankfurt a.M.", "Frankfurt a. M."),
	place(44, "DE", "Stuttgart", "70173 70178 70188 70190 70193 70197 70327 70372 70435 70563 70569 70619", "711", "STUTTGART", "Stuttgart-Vaihingen", "Stgt", "Stuttgart "),
	place(26, "DE", "Düsseldorf", "40210 40227 40477 40545 40629", "211", "Duesseldorf", "DÜSSELDORF"),
	place(30, "DE", "Leipzig", "04103 04109 04155 04177 04229 04275 04315", "341", "LEIPZIG"),
	place(24, "DE", "Dortmund", "44135 44139 44225 44309 44379", "231"),
	place(22, "DE", "Essen", "45127 45130 45239 45326 45468", "201"),
	place(22, "DE", "Bremen", "28195 28203 28215 28309 28757", "421", "BREMEN"),
	place(28, "DE", "Dresden", "01067 01097 01127 01219 01309", "351", "DRESDEN"),
	place(22, "DE", "Hannover", "30159 30163 30419 30449 30655", "511", "Hanover"),
	place(22, "DE", "Nürnberg", "90402 90408 90431 90459 90491", "911", "Nuernberg", "NÜRNBERG", "Nbg."),
	place(16, "DE", "Bochum", "44787 44801 44866", "234"),
	place(16, "DE", "Bielefeld", "33602 33615 33729", "521"),
	place(16, "DE", "Bonn", "53111 53115 53177 53227", "228"),
	place(16, "DE", "Münster", "48143 48151 48163", "251", "Muenster", "Münster (Westf.)"),
	place(20, "DE", "Karlsruhe", "76131 76133 76185 76227", "721"),
	place(18, "DE", "Mannheim", "68159 68165 68199 68309", "621"),
	place(14, "DE", "Augsburg", "86150 86153 86199", "821"),
	place(12, "DE", "Wiesbaden", "65183 65189 65203", "611"),
	place(12, "DE", "Chemnitz", "09111 09116 09126", "371"),
	place(12, "DE", "Kiel", "24103 24114 24148", "431"),
	place(12, "DE", "Aachen", "52062 52066 52074", "241"),
	place(10, "DE", "Halle (Saale)", "06108 06114 06132", "345", "Halle", "Halle/Saale"),
	place(10, "DE", "Magdeburg", "39104 39108 39124", "391"),
	place(18, "DE", "Freiburg im Breisgau", "79098 79104 79115", "761", "Freiburg", "Freiburg i. Br.", "Freiburg/Breisgau"),
	place(8, "DE", "Rostock", "18055 18057 18107", "381"),
	place(8, "DE", "Kassel", "34117 34121 34134", "561"),
	place(8, "DE", "Saarbrücken", "66111 66117 66123", "681", "Saarbruecken"),
	place(8, "DE", "Erfurt", "99084 99089 99096", "361"),
	place(8, "DE", "Lübeck", "23552 23560 23564", "451", "Luebeck"),
	place(8, "DE", "Jena", "07743 07745 07749", "3641"),
	place(6, "DE", "Cottbus", "03042 03046 03048", "355"),
	place(5, "DE", "Görlitz", "02826 02827 02828", "3581", "Goerlitz"),
	place(6, "DE", "Zwickau", "08056 08058 08066", "375"),
	place(12, "DE", "Ulm", "89073 89075 89081", "731", "Ulm/Donau"),
	place(14, "DE", "Heilbronn", "74072 74074 74080", "7131", "HEILBRONN"),
	place(12, "DE", "Tübingen", "72070 72072 72076", "7071", "Tuebingen", "TÜBINGEN"),
	place(10, "DE", "Reutlingen", "72760 72762 72764", "7121"),
	place(12, "DE", "Esslingen am Neckar", "73728 73730 73733", "711", "Esslingen", "Eßlingen"),
	place(10, "DE", "Ludwigsburg", "71634 71636 71638", "7141"),
	place(8, "DE", "Göppingen", "73033 73035 73037", "7161", "Goeppingen"),
	place(6, "DE", "Böblingen", "71032 71034", "7031", "Boeblingen"),
	place(34, "AT", "Wien", "1010 1030 1070 1100 1160 1220", "1", "Vienna", "WIEN"),
	place(8, "AT", "Graz", "8010 8020 8042", "316"),
	place(6, "AT", "Linz", "4020 4030", "732"),
	place(6, "AT", "Salzburg", "5020 5023", "662"),
	place(6, "AT", "Innsbruck", "6020", "512"),
	place(16, "CH", "Zürich", "8001 8004 8032 8048 8050", "44", "Zuerich", "Zurich", "ZÜRICH"),
	place(6, "CH", "Basel", "4051 4053 4057", "61"),
	place(6, "CH", "Bern", "3008 3011 3014", "31"),
	place(4, "CH", "St. Gallen", "9000 9008", "71", "Sankt Gallen", "St.Gallen"),
}

// worksCities are where the machine builder's customers make things: mostly Baden-Württemberg.
var worksCities = []*city{
	place(90, "DE", "Stuttgart", "70327 70376 70435 70469 70565", "711", "STUTTGART", "Stgt."),
	place(70, "DE", "Reutlingen", "72760 72766 72770", "7121", "REUTLINGEN"),
	place(60, "DE", "Esslingen am Neckar", "73730 73734", "711", "Esslingen", "Eßlingen"),
	place(60, "DE", "Heilbronn", "74076 74078", "7131"),
	place(55, "DE", "Göppingen", "73037", "7161", "Goeppingen"),
	place(50, "DE", "Albstadt", "72458 72461", "7431", "Albstadt-Ebingen"),
	place(50, "DE", "Balingen", "72336", "7433"),
	place(45, "DE", "Tuttlingen", "78532", "7461"),
	place(45, "DE", "Villingen-Schwenningen", "78050 78052 78054", "7721", "VS-Schwenningen", "Villingen"),
	place(45, "DE", "Aalen", "73430 73433", "7361"),
	place(45, "DE", "Schwäbisch Gmünd", "73525 73529", "7171", "Schwäb. Gmünd", "Schwaebisch Gmuend"),
	place(40, "DE", "Metzingen", "72555", "7123"),
	place(40, "DE", "Kirchheim unter Teck", "73230", "7021", "Kirchheim/Teck", "Kirchheim u. T."),
	place(40, "DE", "Ludwigsburg", "71636 71640", "7141"),
	place(40, "DE", "Ulm", "89077 89081", "731"),
	place(35, "DE", "Biberach an der Riß", "88400", "7351", "Biberach", "Biberach/Riß", "Biberach a.d. Riss"),
	place(30, "DE", "Ravensburg", "88212 88214", "751"),
	place(30, "DE", "Bietigheim-Bissingen", "74321", "7142"),
	place(25, "DE", "Mannheim", "68219 68309", "621"),
	place(25, "DE", "Pforzheim", "75172 75179", "7231"),
	place(25, "DE", "Lahr/Schwarzwald", "77933", "7821", "Lahr", "Lahr (Schwarzwald)"),
	place(25, "DE", "Nürnberg", "90431 90451", "911", "Nuernberg"),
	place(20, "DE", "Augsburg", "86167 86179", "821"),
	place(20, "DE", "Chemnitz", "09116 09126", "371"),
	place(20, "DE", "Remscheid", "42853 42859", "2191"),
	place(15, "DE", "Lüdenscheid", "58507 58511", "2351", "Luedenscheid"),
	place(15, "DE", "Leipzig", "04347 04356", "341"),
	place(12, "DE", "Hannover", "30179 30453", "511"),
	place(15, "AT", "Dornbirn", "6850", "5572"),
	place(12, "AT", "Linz", "4030", "732"),
	place(15, "CH", "Winterthur", "8400 8404", "52"),
	place(10, "CH", "St. Gallen", "9015", "71", "Sankt Gallen"),
}

// otherCountries are spellings of countries that people type instead of the code.
var otherCountries = map[string][]string{
	"DE": {"Deutschland", "D", "de", "Germany", "BRD", "DEU"},
	"AT": {"Österreich", "A", "at", "Austria"},
	"CH": {"Schweiz", "ch", "Switzerland", "Suisse"},
}

// choose draws a city in proportion to the weights.
func choose(d *dice, from []*city) *city {
	total := 0
	for _, c := range from {
		total += c.weight
	}
	at := d.below(total)
	for _, c := range from {
		if at -= c.weight; at < 0 {
			return c
		}
	}
	return from[len(from)-1]
}
