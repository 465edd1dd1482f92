package language

var tests = Group{
	Title: "Comparisons",
	Doc:   "A comparison tests a value: an attribute, a function, or what is written in the rule.",
	Declarations: []Declaration{
		{
			Name: "=", Syntax: []string{"‹value› = ‹value›", "‹value› != ‹value›"}, Takes: single,
			Doc: "Both sides must be of one type; a date compares with a time, as its midnight. Text compares without regard to case. " +
				"`!=` is exactly the negation of `=`, so it is true of an unknown value.",
			Examples: []Example{
				in(`country = "de"`, "case does not matter"),
				in(`credit = 12.50`, "it is the same number"),
				out(`plan = "free"`, "her plan is Premium"),
				out(`plan = "free"`, "his plan is unknown").of(ben),
				in(`plan != "free"`, "an unknown plan is not free").of(ben),
			},
		},
		{
			Name: "<", Syntax: []string{"‹value› < ‹value›", "‹value› <= ‹value›", "‹value› > ‹value›", "‹value› >= ‹value›"}, Takes: ordered,
			Doc: "Numbers, dates, times and text have an order; that of text is the order of its code points without regard to case. " +
				"A bare date is its midnight: `> 2026-11-20` begins just after 0:00 of that day. To say \"after that day\", write `after 2026-11-20`.",
			Examples: []Example{
				in(`credit >= 12.5`, "the bound is included"),
				in(`birthday < 2000-01-01`, "she was born in 1992"),
				in(`last(order_completed) > 2026-11-20`, "the order at 18:30 is after midnight"),
				in(`plan > "basic"`, "P comes after B"),
				out(`birthday < 2000-01-01`, "his birthday is unknown").of(ben),
			},
		},
		{
			Name: "in", Syntax: []string{"‹value› [not] in (‹literal›, ‹literal›, …)"}, Takes: single,
			Doc: "Tests whether the value equals one of the list; all are of one type. `not in` is true of an unknown value.",
			Examples: []Example{
				in(`country in ("DE", "AT", "CH")`, "DE is in the list"),
				out(`plan in ("free", "basic")`, "Premium is not"),
				in(`plan not in ("free", "basic")`, "an unknown plan is in no list").of(ben),
			},
		},
		{
			Name: "between", Syntax: []string{"‹value› [not] between ‹literal› and ‹literal›"}, Takes: ordered,
			Doc: "Both ends are included; a bare date as the right end is its whole day.",
			Examples: []Example{
				in(`credit between 12.5 and 20`, "the left end is included"),
				in(`trial_ends_at between 2026-11-01 and 2026-11-21`, "18:00 on the 21st still belongs to the right end"),
				out(`contract_ends_on between 2026-11-01 and 2026-11-30`, "it ends in December"),
				in(`birthday not between 1990-01-01 and 1999-12-31`, "his birthday is unknown").of(ben),
			},
		},
		{
			Name: "is known", Syntax: []string{"‹value› is known", "‹value› is unknown"}, Takes: anything,
			Doc: "A value is unknown if it was never set or is null, and `avg`, `min`, `max`, `first` and `last` are over no event. " +
				"`count`, `sum` and `distinct` are always known.",
			Examples: []Example{
				in(`plan is known`, "it is Premium"),
				in(`plan is unknown`, "it was never set").of(ben),
				out(`last(order_completed) is known`, "he never ordered").of(ben),
				in(`avg(order_completed.total) is unknown`, "there is no average of nothing").of(ben),
			},
		},
		{
			Name: "boolean", Syntax: []string{"‹boolean attribute›"}, Takes: booleans,
			Doc: "A boolean can stand alone; it is then the same as `= true`.",
			Examples: []Example{
				in(`vip`, "it is set"),
				out(`vip`, "unknown is not true").of(ben),
				in(`not vip`, "`not` negates").of(ben),
			},
		},
	},
}

var matching = Group{
	Title: "Parts of text",
	Doc:   "These look into text without regard to case, except `matches`. With `not` before them they are true of an unknown value.",
	Declarations: []Declaration{
		{
			Name: "contains", Syntax: []string{`‹value› [not] contains "‹text›"`}, Takes: textOrSet,
			Doc: "In text it looks for a part; in a list of text for a whole element.",
			Examples: []Example{
				in(`email contains "@example"`, "case does not matter"),
				in(`tags contains "VEGAN"`, "one of her tags is vegan"),
				out(`tags contains "beta"`, "the tag is Beta-Test as a whole"),
				in(`tags not contains "vegan"`, "his tags are unknown").of(ben),
			},
		},
		{
			Name: "starts with", Syntax: []string{`‹value› [not] starts with "‹text›"`}, Takes: textual,
			Doc: "Looks at the beginning.",
			Examples: []Example{
				in(`first_name starts with "an"`, "case does not matter"),
				out(`first_name starts with "na"`, "that is not the beginning"),
			},
		},
		{
			Name: "ends with", Syntax: []string{`‹value› [not] ends with "‹text›"`}, Takes: textual,
			Doc: "Looks at the end.",
			Examples: []Example{
				in(`email ends with ".DE"`, "case does not matter"),
				out(`email ends with ".de"`, "his address is unknown").of(ben),
			},
		},
		{
			Name: "matches", Syntax: []string{`‹value› [not] matches "‹regular expression›"`}, Takes: textual,
			Doc: "Tests a regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) that may match anywhere in the text and does regard case; " +
				"`(?i)` at its beginning switches that off, `^` and `$` mean beginning and end. A backslash is written twice: `\"^\\\\d+$\"`.",
			Examples: []Example{
				in(`first_name matches "^A"`, "it begins with a capital A"),
				out(`first_name matches "^a"`, "case matters here"),
				in(`address.postal_code matches "^\\d{5}$"`, "five digits"),
			},
		},
	},
}

var joins = Group{
	Title: "And, or, not",
	Doc:   "There is no third truth value: a condition about something unknown is false, and `not` makes it true.",
	Declarations: []Declaration{
		{
			Name: "and", Syntax: []string{"‹condition› and ‹condition›"},
			Doc: "All parts must be true. `and` binds tighter than `or`.",
			Examples: []Example{
				out(`vip and country = "AT"`, "she lives in Germany"),
				in(`country = "AT" or vip and credit > 10`, "`vip and credit > 10` belongs together"),
			},
		},
		{
			Name: "or", Syntax: []string{"‹condition› or ‹condition›"},
			Doc: "One part must be true; parentheses group.",
			Examples: []Example{
				in(`vip or country = "AT"`, "she is a VIP"),
				out(`(country = "AT" or vip) and credit > 20`, "her credit is too small"),
			},
		},
		{
			Name: "not", Syntax: []string{"not ‹condition›"},
			Doc: "Negates the condition after it, which may stand in parentheses; binds tightest.",
			Examples: []Example{
				in(`not plan = "free"`, "nothing is known of his plan").of(ben),
				in(`not in segment win_back for 1 year`, "it negates the whole: she is in it, but not that long"),
				out(`not (vip or country = "AT")`, "she is a VIP"),
			},
		},
	},
}
