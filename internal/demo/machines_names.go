package demo

import (
	"fmt"
	"strings"
)

var (
	industries = []string{"Automobilzulieferer", "Maschinenbau", "Lohnfertigung", "Medizintechnik", "Werkzeugbau",
		"Antriebstechnik", "Hydraulik", "Elektrotechnik", "Luftfahrt", "Feinmechanik", "Armaturen", "Landtechnik"}
	trades = []string{"Zahnradtechnik", "Präzisionsteile", "Drehteile", "Werkzeugbau", "Maschinenfabrik", "Antriebstechnik",
		"Medizintechnik", "Hydraulik", "Feinmechanik", "Metallbearbeitung", "Zerspanungstechnik", "Armaturen", "Spanntechnik",
		"Formenbau", "Federn", "Getriebebau", "Gelenkwellen", "Blechtechnik", "Sondermaschinen", "Kugellager", "Messtechnik",
		"Ventiltechnik", "Schraubenfabrik", "Textilmaschinen"}
	legalForms = []string{"GmbH", "GmbH & Co. KG", "GmbH", "AG", "KG", "GmbH & Co. KGaA", "e. K."}
)

// firmName makes up the name of a company and its domain.
func firmName(d *dice, at *city) (name, domain string) {
	trade, family := of(d, trades), of(d, swabianFamilies)
	switch d.below(5) {
	case 0:
		name = fmt.Sprintf("%s & Söhne %s", family, trade)
	case 1:
		name = fmt.Sprintf("%s %s", strings.Fields(at.name)[0], trade)
	case 2:
		name = fmt.Sprintf("%s %s", trade, family)
	case 3:
		name = fmt.Sprintf("Gebr. %s %s", family, trade)
	default:
		name = fmt.Sprintf("%s %s", family, trade)
	}
	return name + " " + of(d, legalForms), slug(name) + ".example"
}

// slug writes a name as part of an internet domain.
func slug(name string) string {
	name = strings.NewReplacer(" & ", "-", ". ", "-", " ", "-", ".", "", "/", "-").Replace(name)
	return strings.ToLower(transcription.Replace(name))
}

// otherName writes the name of a company as somebody else enters it.
func otherName(d *dice, name string) string {
	switch d.below(5) {
	case 0:
		return transcription.Replace(strings.Replace(name, "GmbH", "Gmbh", 1)) + " "
	case 1:
		return strings.NewReplacer("GmbH & Co. KG", "GmbH + Co KG", "GmbH", "G.m.b.H.", " & ", " + ").Replace(name)
	case 2:
		for _, form := range legalForms {
			name = strings.TrimSuffix(name, " "+form)
		}
		return name
	case 3:
		return strings.ToUpper(name)
	}
	return misspell(d, name)
}

// model is a machine that the builder makes.
type model struct {
	kind, name string
	price      int // euros
}

var models = []*model{
	{"Drehzentrum", "DZ 450", 285_000}, {"Fräszentrum", "FZ 630", 420_000}, {"Drehzentrum", "DZ 250", 178_000},
	{"Schleifzentrum", "SZ 200", 335_000}, {"Verzahnungsmaschine", "VZ 800", 690_000}, {"Fräszentrum", "FZ 400", 264_000},
	{"Laserschneider", "LS 3015", 395_000}, {"Biegezelle", "BZ 130", 240_000},
}

// part is something small that the builder sells.
type part struct {
	sku, name string
	price     int // cents
}

var parts = []part{
	{"ET-1010", "Filtersatz Kühlschmierstoff", 18_900}, {"ET-1020", "Spannzangensatz ER32", 34_500}, {"ET-1050", "Abstreifer Führungsbahn", 12_450},
	{"ET-2010", "Spindellager-Satz", 289_000}, {"ET-2040", "Kugelgewindetrieb X", 412_000}, {"ET-3010", "Werkzeugrevolver-Scheibe", 356_000},
	{"ET-3070", "Hydraulikpumpe", 187_500}, {"ET-4020", "Bedienpult-Display", 142_000}, {"ET-5010", "Schmierstoff 20 l", 16_900}, {"ET-5090", "Türscheibe Sicherheitsglas", 64_800},
}
