package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

func (a *app) fieldsCommand() *cobra.Command {
	var declare string
	cmd := &cobra.Command{
		Use:   "fields",
		Short: "List the fields: types, examples, how often set; or declare them",
		Long: `Lists the attributes of customers and companies and the events with their
properties, as they were seen or declared. --declare FILE lays a declaration over
them: {"zone": …, "attributes": {name: type}, "company": {…},
"events": {type: {property: type}}, "segments": […],
"dimensions": {name: dimension}}.`,
		Args: arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if declare != "" {
				return a.declare(cmd.Context(), declare)
			}
			return a.fields(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&declare, "declare", "", "`FILE` with a declaration in JSON")
	return cmd
}

func (a *app) declare(ctx context.Context, path string) (err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, reason(err))
	}
	declared, err := catalog.ParseDeclaration(text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s, err := a.openToWrite()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Declare(ctx, declared); err != nil {
		return err
	}
	properties := 0
	for _, fields := range declared.Events {
		properties += len(fields)
	}
	a.complain("declared %s, %d of companies, %s with %s, %s\n", countOf(len(declared.Attributes), "attribute", "attributes"), len(declared.Company),
		countOf(len(declared.Events), "event", "events"), countOf(properties, "property", "properties"), countOf(len(declared.Segments), "segment", "segments"))
	return nil
}

// fieldView is a field as it is shown.
type fieldView struct {
	Of       string   `json:"of"`
	Path     string   `json:"path"`
	Type     string   `json:"type"`
	Declared bool     `json:"declared"`
	Owners   int64    `json:"set"`
	Misfits  int64    `json:"misfits"`
	Examples []string `json:"examples"`
}

func (a *app) fields(ctx context.Context) error {
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	report, err := s.Fields(ctx)
	if err != nil {
		return err
	}
	known, err := s.Catalog(ctx)
	if err != nil {
		return err
	}
	views := fieldViews("customer", report.Customers)
	views = append(views, fieldViews("company", report.Company)...)
	for _, e := range report.Events {
		views = append(views, fieldView{Of: e.Name, Type: "event", Owners: e.Events, Examples: append([]string{}, e.Given...)})
		views = append(views, fieldViews(e.Name, e.Fields)...)
	}
	return a.printFields(append(views, otherViews(known)...))
}

// otherViews are what rules can be about besides fields.
func otherViews(known *catalog.Catalog) []fieldView {
	var views []fieldView
	for _, c := range known.Consents {
		views = append(views, fieldView{Of: "customer", Path: c.Channel + ", " + c.Purpose, Type: "consent", Examples: []string{}})
	}
	for _, name := range known.Segments {
		views = append(views, fieldView{Of: "customer", Path: name, Type: "segment", Declared: true, Examples: []string{}})
	}
	return views
}

func (a *app) printFields(views []fieldView) error {
	if a.asJSON {
		return a.writeJSON(views)
	}
	t := newTable(a.Stdout, "table", "of", "field", "type", "set", "misfits", "examples")
	for _, v := range views {
		misfits := ""
		if v.Misfits > 0 {
			misfits = thousands(v.Misfits)
		}
		kind := v.Type
		if v.Declared {
			kind += " (declared)"
		}
		set := thousands(v.Owners)
		if v.Type == "consent" || v.Type == "segment" {
			set = ""
		}
		t.row(v.Of, v.Path, kind, set, misfits, shorten(strings.Join(v.Examples, ", "), longestValue))
	}
	return t.finish()
}

func fieldViews(of string, reports []store.FieldReport) []fieldView {
	var views []fieldView
	for _, r := range reports {
		views = append(views, fieldView{of, r.Path, r.Type.Kind.String(), r.Declared, r.Owners, r.Misfits, append([]string{}, r.Examples...)})
	}
	return views
}

// shorten cuts a text to a number of characters.
func shorten(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
