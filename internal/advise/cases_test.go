package advise

import (
	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/segment"
)

// cases are what is found and what is not, for each kind.
var cases = []struct {
	says string
	in   *Input
	kind Kind
	want []string
}{
	{"nobody is in", world(put("a", plain, 0, 0)), Empty, []string{"warning empty:a"}},
	{"somebody is in", world(put("a", plain, 0, 100)), Empty, nil},
	{"nobody knows who is in", world(put("a", plain, 0, 0, func(s *Segment) { s.Members = nil })), Empty, nil},
	{"a draft has no members", world(put("a", plain, 0, 0, func(s *Segment) { s.State = segment.Draft })), Empty, nil},
	{"no customers yet", with(world(put("a", plain, 0, 0)), func(in *Input) { in.Customers = 0 }), Empty, nil},
	{"inputs that never came explain it", with(world(put("a", `count(order_completed) > 3 or points > 3`, 0, 0)), func(in *Input) {
		in.Events["order_completed"], in.Attributes["points"] = Event{roaring.New()}, Attribute{Known: 0, Of: 1000}
	}), Empty, nil},
	{"a condition explains it", world(put("a", `country = "XX"`, 0, 0, counts(`country = "XX"`, 0, 0, 0))), Empty, nil},

	{"fewer than declared", world(put("a", plain, 0, 40, func(s *Segment) { s.MinSize = 50 })), TooSmall, []string{"warning too_small:a"}},
	{"few", world(put("a", plain, 0, 19)), TooSmall, []string{"advice too_small:a"}},
	{"few as declared", world(put("a", plain, 0, 19, func(s *Segment) { s.MinSize = 10 })), TooSmall, nil},
	{"twenty are enough", world(put("a", plain, 0, 20)), TooSmall, nil},
	{"few, but others refer to it", world(put("a", plain, 0, 19), put("b", "not in segment a and "+plain, 100, 200)), TooSmall, nil},
	{"few companies", of(300, world(put("a", plain, 0, 19))), TooSmall, []string{"advice too_small:a"}},
	{"few of few companies", of(30, world(put("a", plain, 0, 19))), TooSmall, nil},
	{"few of few", fewer(world(put("a", plain, 0, 19))), TooSmall, nil},

	{"more than declared", world(put("a", plain, 0, 40, func(s *Segment) { s.MaxSize = 30 })), TooLarge, []string{"warning too_large:a"}},
	{"almost all", world(put("a", plain, 0, 901)), TooLarge, []string{"advice too_large:a"}},
	{"not almost all", world(put("a", plain, 0, 900)), TooLarge, nil},
	{
		"almost all, since no orders come",
		with(
			world(put("a", "last(order_completed) older than 60 days", 0, 950)),
			func(in *Input) { in.Events["order_completed"] = daily(at("2026-08-01"), 9) },
		),
		TooLarge, nil,
	},
	{"almost all as declared", world(put("a", plain, 0, 950, func(s *Segment) { s.MaxSize = 1000 })), TooLarge, nil},

	{
		"holds for nobody",
		world(put("a", `country = "XX" or `+plain, 0, 100, counts(`country = "XX"`, 0, 0, 0))),
		NeverTrue, []string{"advice never_true:a"},
	},
	{
		"holds for nobody, so nobody is in",
		world(put("a", `country = "XX"`, 0, 0, counts(`country = "XX"`, 0, 0, 0))),
		NeverTrue, []string{"warning never_true:a"},
	},
	{"held for somebody last year", world(put("a", `country = "XX"`, 0, 100, counts(`country = "XX"`, 0, 0, 3))), NeverTrue, nil},
	{
		"holds for no company",
		of(300, world(put("a", `country = "XX"`, 0, 0, counts(`country = "XX"`, 0, 0, 0)))),
		NeverTrue, []string{"warning never_true:a"},
	},
	{
		"no company is kept by it",
		of(300, world(put("a", `not country = "XX" or points = 3`, 0, 200, counts(`country = "XX"`, 300, 300, 300)))),
		NeverTrue, []string{"advice never_true:a"},
	},
	{"an anniversary is rare", world(put("a", `anniversary of joined today`, 0, 0, counts(`anniversary of joined today`, 0, 0, 0))), NeverTrue, nil},
	{"another segment is empty", world(put("a", `in segment b`, 0, 0, counts("in segment b", 0, 0, 0)), put("b", plain, 0, 0)), NeverTrue, nil},
	{
		"another segment is young",
		world(
			put("a", `left segment b today`, 0, 0, counts("left segment b today", 0, 0, 0)),
			put("b", plain, 0, 100, func(s *Segment) { s.Created = at("2026-11-01") }),
		),
		NeverTrue, nil,
	},
	{
		"nobody ever left",
		world(put("a", `left segment b in last 90 days`, 0, 0, counts("left segment b in last 90 days", 0, 0, 0)), put("b", plain, 0, 100)),
		NeverTrue, []string{"warning never_true:a"},
	},
	{
		"negated, it holds for everybody",
		world(put("a", `not country = "DE"`, 0, 100, counts(`country = "DE"`, 1000, 1000, 1000))),
		NeverTrue, []string{"advice never_true:a"},
	},
	{"no orders come, but that is not why", with(world2(daily(at("2026-08-01"), 300)), func(in *Input) {
		in.Segments[0] = put("a", `last(order_completed.country) = "XX"`, 0, 0, counts(`last(order_completed.country) = "XX"`, 0, 0, 0))
	}), NeverTrue, []string{"warning never_true:a"}},
	{"no orders come, and that is why", with(world2(daily(at("2026-08-01"), 300)), func(in *Input) {
		in.Segments[0] = put("a", `count(order_completed today) > 0`, 0, 0, counts(`count(order_completed today) > 0`, 0, 0, 0))
	}), NeverTrue, nil},
	{"too few customers to say", fewer(world(put("a", `country = "XX"`, 0, 0, counts(`country = "XX"`, 0, 0, 0)))), NeverTrue, nil},
	{"nobody could count it", world(put("a", `country = "XX"`, 0, 10, counts(`country = "XX"`, -1, -1, -1))), NeverTrue, nil},

	{
		"holds for everybody",
		world(put("a", `points > 0 and `+plain, 0, 100, counts(`points > 0`, 1000, 1000, 1000))),
		AlwaysTrue, []string{"advice always_true:a"},
	},
	{"did not last year", world(put("a", `points > 0 and `+plain, 0, 100, counts(`points > 0`, 1000, 999, 1000))), AlwaysTrue, nil},
	{
		"keeps nobody out today",
		world(put("a", `country != "XX" and not in segment b`, 0, 100, counts(`country != "XX"`, 1000, 1000, 1000), counts("in segment b", 0, 0, 0))),
		AlwaysTrue, nil,
	},

	{"the same people", world(put("a", plain, 0, 100), put("b", plain, 0, 95)), NearDuplicate, []string{"warning near_duplicate:a,b"}},
	{"not quite the same", world(put("a", plain, 0, 100), put("b", plain, 0, 89)), NearDuplicate, nil},
	{"one refers to the other", world(put("a", plain, 0, 100), put("b", "in segment a and "+plain, 0, 95)), NearDuplicate, nil},
	{
		"one refers over another",
		world(put("a", plain, 0, 100), put("b", "in segment c and points > 1", 0, 95), put("c", "in segment a", 0, 500)),
		NearDuplicate, nil,
	},
	{"too few to say", world(put("a", plain, 0, 19), put("b", plain, 0, 19)), NearDuplicate, nil},
	{"almost everybody is alike by chance", world(put("a", plain, 0, 970), put("b", plain, 20, 990)), NearDuplicate, nil},
	{"paused", world(put("a", plain, 0, 100, func(s *Segment) { s.State = segment.Paused }), put("b", plain, 0, 95)), NearDuplicate, nil},

	{"one inside another", world(put("a", `points = 3`, 0, 100), put("b", plain, 0, 200)), Inside, []string{"advice inside:b"}},
	{
		"several in one",
		world(put("a", `points = 3`, 0, 100), put("b", plain, 0, 200), put("c", `joined after 2020-01-01`, 0, 150)),
		Inside, []string{"advice inside:b", "advice inside:c"},
	},
	{"one member is outside", world(put("a", `points = 3`, 0, 100), put("b", plain, 1, 200)), Inside, nil},
	{"the rules say so", world(put("a", `points > 10 and country = "DE"`, 0, 100), put("b", `points > 5`, 0, 200)), Inside, nil},
	{"the rules say so of lists", world(put("a", `country = "de"`, 0, 100), put("b", `country in ("AT", "DE")`, 0, 200)), Inside, nil},
	{
		"who ordered often has ordered",
		world(put("a", `count(order_completed in last 30 days) >= 3`, 0, 100), put("b", `count(order_completed) >= 1`, 0, 200)),
		Inside, nil,
	},
	{
		"who ordered rarely need not have ordered",
		world(put("a", `count(order_completed) < 3`, 0, 100), put("b", `count(order_completed) >= 1`, 0, 200)),
		Inside, []string{"advice inside:b"},
	},
	{"chance", world(put("a", `points = 3`, 0, 25), put("b", plain, 0, 800)), Inside, nil},

	{
		"all are won before",
		world(put("a", plain, 0, 60), put("b", plain, 50, 100), put("c", plain, 30, 90), segmentation("s", "a", "b", "c")),
		UnreachablePart, []string{"warning unreachable_part:s,c"},
	},
	{"one is left", world(put("a", plain, 0, 60), put("c", plain, 30, 61), segmentation("s", "a", "c")), UnreachablePart, nil},
	{"an empty part is told as empty", world(put("a", plain, 0, 60), put("c", plain, 0, 0), segmentation("s", "a", "c")), UnreachablePart, nil},

	{"no order for months", world2(daily(at("2026-08-01"), 300)), StaleInput, []string{"warning stale_input:order_completed"}},
	{"no order for 14 days", world2(daily(today-14*day, 300)), StaleInput, nil},
	{"one day only, long ago", world2(daily(at("2026-08-20"), 1)), StaleInput, []string{"warning stale_input:order_completed"}},
	{
		"pauses as long are usual",
		world2(Event{roaring.BitmapOf(uint32(at("2026-01-01")/day), uint32(at("2026-03-20")/day), uint32(at("2026-06-01")/day))}),
		StaleInput, nil,
	},
	{
		"nothing comes at all",
		with(world2(daily(at("2026-08-01"), 300)), func(in *Input) { in.Events["page_viewed"] = daily(at("2026-08-02"), 9) }),
		StaleInput, []string{"warning stale_input:*"},
	},
	{
		"an attribute is no longer set",
		attribute(Attribute{Known: 500, Of: 1000, NewestKnown: 0, Newest: 100, Latest: at("2026-08-01")}),
		StaleInput, []string{"warning stale_input:country"},
	},
	{"it was set last month", attribute(Attribute{Known: 500, Of: 1000, NewestKnown: 0, Newest: 100, Latest: at("2026-10-20")}), StaleInput, nil},

	{"known of few", attribute(Attribute{Known: 199, Of: 1000}), UnknownInput, []string{"advice unknown_input:country"}},
	{"known of enough", attribute(Attribute{Known: 200, Of: 1000, NewestKnown: 1, Newest: 100}), UnknownInput, nil},
	{
		"known of few who belong to a company",
		with(
			world(put("a", `company.industry = "toys" and count(order_completed) > 3`, 0, 100)),
			func(in *Input) { in.Attributes["company.industry"] = Attribute{Known: 10, Of: 400} },
		),
		UnknownInput, []string{"advice unknown_input:company.industry"},
	},
	{
		"known of few companies",
		with(
			of(300, world(put("a", `industry = "toys" and count(order_completed) > 3`, 0, 100))),
			func(in *Input) { in.Attributes["company.industry"] = Attribute{Known: 10, Of: 400} },
		),
		UnknownInput, []string{"advice unknown_input:company.industry"},
	},
	{
		"few belong to a company",
		with(
			world(put("a", `company.industry = "toys" and count(order_completed) > 3`, 0, 100)),
			func(in *Input) { in.Attributes["company.industry"] = Attribute{Known: 10, Of: 50} },
		),
		UnknownInput, nil,
	},
	{
		"the rule asks whether it is known",
		with(attribute(Attribute{Known: 1, Of: 1000}), func(in *Input) { in.Segments[0].Rule = "country is unknown" }),
		UnknownInput, nil,
	},
	{"flags are rare", with(world(put("a", "vip and expert = true", 0, 100)), func(in *Input) {
		in.Attributes["vip"], in.Attributes["expert"] = Attribute{Known: 1, Of: 1000}, Attribute{Known: 1, Of: 1000}
	}), UnknownInput, nil},
	{
		"an event never came, which keeps nobody out",
		with(world2(Event{roaring.New()}), func(in *Input) { in.Segments[0].Rule = `country = "DE" and count(order_completed) = 0` }),
		UnknownInput, []string{"advice unknown_input:order_completed"},
	},
	{"an event never came", world2(Event{roaring.New()}), UnknownInput, []string{"warning unknown_input:order_completed"}},

	{
		"no consent for the purpose",
		world(put("a", plain, 0, 100, purpose("Newsletter"))),
		ConflictingPurpose, []string{"warning conflicting_purpose:a"},
	},
	{"the rule asks for it", world(put("a", plain+" and consent(sms, newsletter)", 0, 100, purpose("newsletter"))), ConflictingPurpose, nil},
	{
		"a segment asks for it",
		world(put("a", plain+" and in segment b", 0, 100, purpose("newsletter")), put("b", "consent(email, newsletter)", 0, 300)),
		ConflictingPurpose, nil,
	},
	{"companies give no consent", of(300, world(put("a", plain, 0, 100, purpose("newsletter")))), ConflictingPurpose, nil},
	{
		"all have agreed anyway",
		world(put("a", plain, 0, 100, purpose("newsletter"), func(s *Segment) { s.WithoutConsent = 0 })),
		ConflictingPurpose, nil,
	},
	{
		"it asks for it in vain",
		world(put("a", plain+" or consent(email, newsletter)", 0, 100, purpose("newsletter"))),
		ConflictingPurpose, []string{"warning conflicting_purpose:a"},
	},
	{"nobody is asked for this purpose", world(put("a", plain, 0, 100, purpose("service"))), ConflictingPurpose, nil},
	{
		"chosen from another purpose",
		world(put("a", "in segment b", 0, 100, purpose("sales")), put("b", plain, 0, 300, purpose("service"))),
		ConflictingPurpose, []string{"advice conflicting_purpose:a,b"},
	},
	{
		"left out by another purpose",
		world(put("a", plain+" and not in segment b", 0, 100, purpose("sales")), put("b", plain, 0, 300, purpose("service"))),
		ConflictingPurpose, nil,
	},

	{
		"since a round number of days",
		world(put("a", "count(order_completed since 2026-08-03) >= 1", 0, 100, madeAt("2026-11-01"))),
		FrozenDate, []string{"advice frozen_date:a"},
	},
	{"since some day", world(put("a", "count(order_completed since 2026-08-17) >= 1", 0, 100, madeAt("2026-11-01"))), FrozenDate, nil},
	{"since long ago", world(put("a", "joined after 2024-05-17", 0, 100)), FrozenDate, []string{"advice frozen_date:a"}},
	{"this year, still", world(put("a", "joined >= 2026-01-01", 0, 100, madeAt("2026-06-08"))), FrozenDate, nil},
	{"this year, which is over", world(put("a", "joined >= 2025-01-01", 0, 100, madeAt("2025-06-08"))), FrozenDate, []string{"advice frozen_date:a"}},
	{
		"between, up to the day it was made",
		world(put("a", "joined between 2026-10-02 and 2026-10-31", 0, 100, madeAt("2026-11-01"))),
		FrozenDate, []string{"advice frozen_date:a"},
	},
	{"a campaign in the past", world(put("a", "joined between 2026-03-02 and 2026-03-31", 0, 100, madeAt("2026-11-01"))), FrozenDate, nil},
	{"a campaign to come", world(put("a", "joined after 2026-12-01", 0, 100, madeAt("2026-11-01"))), FrozenDate, nil},
	{"a generation", world(put("a", "birthdate >= 1990-01-01", 0, 100)), FrozenDate, nil},

	{"nobody uses it", world(put("a", plain, 0, 100, unused)), Unused, []string{"advice unused:a"}},
	{"others refer to it", world(put("a", plain, 0, 100, unused), put("b", "in segment a and "+plain, 0, 50)), Unused, nil},
	{"a segmentation has it", world(put("a", plain, 0, 100, unused), segmentation("s", "a")), Unused, nil},
	{"it is exported every night", world(put("a", plain, 0, 100, unused, func(s *Segment) { s.Exports = []string{"nightly"} })), Unused, nil},
	{"changed lately", world(put("a", plain, 0, 100, unused, madeAt("2026-11-01"))), Unused, nil},
	{"asked for lately", world(put("a", plain, 0, 100, unused, func(s *Segment) { s.Used = at("2026-11-01") })), Unused, nil},
	{
		"asked for long ago",
		world(put("a", plain, 0, 100, unused, func(s *Segment) { s.Used = at("2026-04-01") })),
		Unused, []string{"advice unused:a"},
	},
	{
		"uses are noted only since lately",
		with(world(put("a", plain, 0, 100, unused)), func(in *Input) { in.UsesSince = at("2026-11-01") }),
		Unused, nil,
	},

	{"most are unused", lots(11, 9), TooMany, []string{"advice too_many"}},
	{"half are unused", lots(10, 10), TooMany, nil},
	{"most of few are unused", lots(10, 9), TooMany, nil},

	{"where they live", world(put("a", `country in ("DE", "AT")`, 0, 100)), OneDimension, []string{"advice one_dimension:a"}},
	{"an occasion", world(put("a", `last(order_completed) older than 180 days`, 0, 100)), OneDimension, nil},
	{"two dimensions", world(put("a", `country = "DE" and count(order_completed) > 3`, 0, 100)), OneDimension, nil},
	{"nobody knows the dimension", world(put("a", `points > 3`, 0, 100)), OneDimension, nil},
	{
		"it was declared",
		with(
			world(put("a", `points > 3`, 0, 100)),
			func(in *Input) { in.Catalog.Dimensions = map[string]catalog.Dimension{"points": catalog.Transactional} },
		),
		OneDimension, []string{"advice one_dimension:a"},
	},
	{"the country of orders", world(put("a", `last(order_completed.country) = "DE"`, 0, 100)), OneDimension, nil},
	{"nothing else is known", with(world(put("a", `country = "DE"`, 0, 100)), func(in *Input) { in.Catalog.Events = nil }), OneDimension, nil},
	{
		"others refer to it",
		world(put("a", `country = "DE"`, 0, 100), put("b", `in segment a and count(order_completed) > 3`, 0, 50)),
		OneDimension, nil,
	},
}
