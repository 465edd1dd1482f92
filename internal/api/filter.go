package api

import (
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/fold"
	"github.com/kohorte/kohorte/internal/segment"
)

// Filter chooses segments by what is said of them, exported because it is embedded.
type Filter struct {
	State   string `query:"state" enum:"draft,active,paused,retired"`
	Kind    string `query:"kind" enum:"rule,list,segmentation,part"`
	Members string `query:"members" enum:"people,companies"`
	Tag     string `query:"tag" maxLength:"2000"`
	Owner   string `query:"owner" maxLength:"2000" doc:"Exactly"`
	Purpose string `query:"purpose" maxLength:"2000" doc:"Exactly"`
	Text    string `query:"text" maxLength:"2000" doc:"What the name or a title contains, whatever the case"`
}

// takes tells whether a definition has all that is given.
func (f *Filter) takes(d *segment.Definition) bool {
	given := []bool{
		f.State == "" || string(d.State) == f.State, f.Kind == "" || string(d.Kind) == f.Kind, f.Members == "" || (f.Members == string(segment.Companies)) == d.Firms(), f.Tag == "" || slices.Contains(d.Tags, f.Tag),
		f.Owner == "" || d.Owner == f.Owner, f.Purpose == "" || d.Purpose == f.Purpose, f.Text == "" || f.named(d),
	}
	return !slices.Contains(given, false)
}

func (f *Filter) named(d *segment.Definition) bool {
	wanted := fold.String(f.Text)
	return slices.ContainsFunc([]string{d.Name, d.Title.DE, d.Title.EN}, func(text string) bool { return strings.Contains(fold.String(text), wanted) })
}
