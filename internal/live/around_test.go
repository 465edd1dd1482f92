package live

import (
	"context"
	"reflect"
	"testing"

	"github.com/kohorte/kohorte/internal/clock"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// An impact says whom webhooks would tell of how much, and which exports would be others;
// what is switched off or not concerned is not named.
func TestImpactBeyondSegments(t *testing.T) {
	s := serve(t, memoryDir(t), clock.NewManual(someday), false)
	defer s.close()
	ctx := context.Background()
	s.apply(kick("u1", someday, 1), kick("u2", someday, 1), kick("u2", someday, 2))
	s.put("a", "count(kick) >= 1")
	s.put("b", "in segment a")
	s.put("c", "count(kick) >= 2")
	s.settle()
	for _, h := range []store.Webhook{
		{Name: "all"}, {Name: "b", Segments: []string{"b"}}, {Name: "c", Segments: []string{"c"}}, {Name: "off"},
	} {
		h.URL = "https://example.com/" + h.Name
		if _, err := s.store.AddWebhook(ctx, h); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.store.DisableWebhook(ctx, "off", "gone"); err != nil {
		t.Fatal(err)
	}
	for _, x := range []store.Export{{Name: "of_b", Segment: "b"}, {Name: "of_c", Segment: "c"}} {
		x.Columns, x.File, x.When = "customer", x.Name+".csv", "hourly"
		if err := s.store.PutExport(ctx, x, store.AnyVersion, someday); err != nil {
			t.Fatal(err)
		}
	}
	changes := Changes{Put: []spec.Definition{{Name: "a", Rule: "count(kick) >= 2"}, {Name: "new", Rule: "count(kick) >= 1"}}}
	impact, err := s.engine.Impact(ctx, changes, Edit{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []WebhookImpact{{"all", 4}, {"b", 1}}; !reflect.DeepEqual(impact.Webhooks, want) {
		t.Errorf("webhooks %v, want %v", impact.Webhooks, want)
	}
	if want := []string{"of_b"}; !reflect.DeepEqual(impact.Exports, want) {
		t.Errorf("exports %v, want %v", impact.Exports, want)
	}
}
