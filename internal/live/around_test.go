package live

import (
	"context"
	"reflect"
	"strings"
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

// What a webhook tells of does not end behind its back, whoever ends it and how; a webhook
// for all segments does not mind.
func TestWhatAWebhookTellsOfStays(t *testing.T) {
	s := serve(t, memoryDir(t), clock.NewManual(someday), false)
	defer s.close()
	ctx := context.Background()
	s.apply(kick("u1", someday, 1))
	s.put("a", "count(kick) >= 1")
	s.put("b", "count(kick) >= 2")
	sides := spec.Definition{Name: "sides", Kind: spec.Segmentation, Parts: []string{"a", "b"}, Rest: "others"}
	if _, err := s.engine.Define(ctx, sides, Edit{}); err != nil {
		t.Fatal(err)
	}
	s.settle()
	for _, h := range []store.Webhook{{Name: "all"}, {Name: "h", Segments: []string{"sides.b"}}, {Name: "g", Segments: []string{"b"}}} {
		h.URL = "https://example.com/" + h.Name
		if _, err := s.store.AddWebhook(ctx, h); err != nil {
			t.Fatal(err)
		}
	}
	without := sides
	without.Parts = []string{"a"}
	refused := func(want string, changes Changes) {
		t.Helper()
		_, tried := s.engine.Impact(ctx, changes, Edit{})
		for _, err := range []error{tried, s.engine.Commit(ctx, changes, Edit{}, "")} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v, not %s", changes, err, want)
			}
		}
	}
	refused("segment sides.b is told by the webhook h; change or remove that first", Changes{Put: []spec.Definition{without}})
	refused("segment sides.b is told by the webhook h", Changes{Remove: []string{"sides"}})
	if err := s.store.RemoveWebhook(ctx, "h"); err != nil {
		t.Fatal(err)
	}
	if err := s.engine.RemoveSegment(ctx, "sides"); err != nil {
		t.Fatal(err)
	}
	refused("segment b is told by the webhook g", Changes{Remove: []string{"b"}})
	refused("segment b is told by the webhook g", Changes{Put: []spec.Definition{{Name: "b", Rule: "count(kick) >= 2", State: spec.Retired}}})
	if err := s.engine.RemoveSegment(ctx, "b"); err == nil || !strings.Contains(err.Error(), "webhook g") {
		t.Error(err)
	}
	if err := s.engine.RemoveSegment(ctx, "a"); err != nil {
		t.Error(err)
	}
}
