package language

var moments = Group{
	Title: "Dates and times",
	Doc: "These test when a date or time lies. A bare date is its midnight in the workspace's zone. The [windows](#windows) test dates and times as well: " +
		"`contract_ends_on in this quarter`.",
	Declarations: []Declaration{
		{
			Name: "older than", Syntax: []string{"‹date or time› older than ‹duration›"}, Takes: momentary,
			Doc: "True from that long after the value on, to the millisecond. For \"not for 30 days, or never\", write `not last(order_completed) in last 30 days`.",
			Examples: []Example{
				in(`last(order_refunded) older than 16 days`, "it was 16 days and two hours ago"),
				out(`last(order_refunded) older than 17 days`, "not yet"),
				out(`last(order_completed) older than 30 days`, "he never ordered").of(ben),
				in(`not last(order_completed) in last 30 days`, "this includes who never ordered").of(ben),
			},
		},
		{
			Name: "in next", Syntax: []string{"‹date or time› in next ‹duration›"}, Takes: momentary,
			Doc: "True before the value, from that long before it on.",
			Examples: []Example{
				in(`contract_ends_on in next 6 weeks`, "on 19 November these weeks began"),
				out(`contract_ends_on in next 1 month`, "a month before it is 30 November"),
				out(`last(order_completed) in next 1 year`, "it is past"),
			},
		},
		{
			Name: "after", Syntax: []string{"‹date or time› after ‹date›"}, Takes: momentary,
			Doc: "True from the end of that day on; after a date with a time: later than it.",
			Examples: []Example{
				in(`last(order_completed) after 2026-11-19`, "it was on the 20th"),
				out(`last(order_completed) after 2026-11-20`, "it was on that day, not after it"),
				in(`last(order_completed) after 2026-11-20T18:29`, "it was at 18:30"),
			},
		},
		{
			Name: "on", Syntax: []string{"‹date or time› on ‹date without a time›"}, Takes: momentary,
			Doc: "True if the value lies on that day.",
			Examples: []Example{
				in(`contract_ends_on on 2026-12-31`, "that is the day"),
				in(`last(order_completed) on 2026-11-20`, "18:30 is on that day"),
				out(`last(order_completed) on 2026-11-21`, "it was the day before"),
			},
		},
		{
			Name: "anniversary of", Syntax: []string{"anniversary of ‹date or time› today", "anniversary of ‹date or time› in next ‹duration›"}, Takes: momentary,
			Doc: "Looks at the next return of day and month, today included, in a later year than the value's; a 29 February returns on 1 March. " +
				"`in next` holds from that long before its midnight to the end of that day.",
			Examples: []Example{
				in(`anniversary of first(order_completed) today`, "the first order was on 21 November 2025"),
				out(`anniversary of birthday in next 14 weeks`, "they begin on 23 November"),
				in(`anniversary of birthday in next 15 weeks`, "they began on 16 November"),
				in(`anniversary of birthday today`, "there is no 29 February in 2027").at("2027-03-01T10:00"),
				out(`anniversary of birthday today`, "it is not yet 1 March").at("2027-02-28T10:00"),
				in(`anniversary of birthday today`, "2028 is a leap year").at("2028-02-29T10:00"),
			},
		},
	},
}

var windows = Group{
	Title: "Windows",
	Doc:   "A window chooses events by their time, and tests dates and times by themselves. It includes its beginning and not its end (`between`: both).",
	Declarations: []Declaration{
		{
			Name: "in last", Syntax: []string{"in last ‹duration›"}, Takes: momentary,
			Doc: "From the event's time on for that long. A duration is a whole number of minutes, hours, days, weeks, months or years.",
			Examples: []Example{
				in(`count(order_completed in last 1 month) = 2`, "the order of 22 October, 9:00 stays until 22 November, 9:00"),
				in(`count(order_completed in last 30 days) = 1`, "it left at 9:00 this morning"),
				in(`last(order_refunded) in last 3 weeks`, "it was on 5 November"),
				in(`count(product_viewed in last 1 minute) = 1`, "30 seconds ago").of(ben),
				out(`contract_ends_on in last 1 year`, "it lies ahead"),
			},
		},
		{
			Name: "today", Syntax: []string{"today"}, Takes: momentary,
			Doc: "The whole day in the workspace's zone; a date or time may lie in what is left of it.",
			Examples: []Example{
				in(`count(cart_viewed today) = 1`, "at 8:00"),
				in(`trial_ends_at today`, "it ends at 18:00"),
				out(`last(order_completed) today`, "it was yesterday"),
			},
		},
		{
			Name: "yesterday", Syntax: []string{"yesterday"}, Takes: momentary,
			Doc: "The whole day before.",
			Examples: []Example{
				in(`last(order_completed) yesterday`, "at 18:30"),
				out(`count(cart_viewed yesterday) > 0`, "it was today"),
			},
		},
		{
			Name: "in this", Syntax: []string{"in this week", "in this month", "in this quarter", "in this year"}, Takes: momentary,
			Doc: "The whole calendar week (from Monday), month, quarter or year; a date or time may lie in what is left of it.",
			Examples: []Example{
				in(`count(order_completed in this month) = 1`, "the one of yesterday"),
				in(`contract_ends_on in this quarter`, "31 December belongs to it"),
				out(`contract_ends_on in this month`, "that is November"),
			},
		},
		{
			Name: "in previous", Syntax: []string{"in previous week", "in previous month", "in previous quarter", "in previous year"}, Takes: momentary,
			Doc: "The whole calendar week, month, quarter or year before. `in last 1 month` is something else.",
			Examples: []Example{
				in(`count(order_completed in previous month) = 1`, "the one in October"),
				in(`first(order_completed) in previous year`, "it was in 2025"),
				out(`last(order_refunded) in previous week`, "5 November lies a week earlier"),
			},
		},
		{
			Name: "since", Syntax: []string{"since ‹date›"}, Takes: momentary,
			Doc: "From that midnight, or that time, on.",
			Examples: []Example{
				in(`count(order_completed since 2026-10-22T09:00) = 2`, "the beginning is included"),
				out(`last(order_refunded) since 2026-11-06`, "it was on the 5th"),
			},
		},
		{
			Name: "before", Syntax: []string{"before ‹date›"}, Takes: momentary,
			Doc: "Until just before that midnight, or that time.",
			Examples: []Example{
				in(`count(order_completed before 2026-10-22T09:00) = 1`, "the end is not included"),
				out(`contract_ends_on before 2026-12-31`, "it ends on that day"),
			},
		},
		{
			Name: "between dates", Syntax: []string{"between ‹date› and ‹date›"}, Takes: momentary,
			Doc: "Both ends are included; a bare date as the right end is its whole day.",
			Examples: []Example{
				in(`count(order_completed between 2026-10-22 and 2026-11-20) = 2`, "18:30 still belongs to the 20th"),
				in(`count(order_completed between 2026-10-22 and 2026-11-20T18:29) = 1`, "the second order came a minute later"),
			},
		},
		{
			Name: "where", Syntax: []string{"‹event› [‹window›] where ‹condition›"},
			Doc: "Chooses events by a condition on each. Names in it are properties of that event; `customer.…` and `company.…` reach out, and functions over events, " +
				"sequences, segments and consents are the customer's. `where` comes last: it reaches to `)`, `then` or `within`.",
			Examples: []Example{
				in(`count(order_completed where total > 100 and currency = "EUR") = 1`, "the one in October"),
				in(`count(order_completed where total > customer.credit) = 3`, "each is greater than 12.50"),
				in(`count(order_completed where any products (price > 100)) = 1`, "one order has such a product"),
				out(`count(order_completed where gift and coupon is known) > 0`, "the gift has no coupon"),
			},
		},
	},
}

var sequences = Group{
	Title: "Sequences",
	Doc:   "A sequence asks whether one event followed another. Windows and `where` apply to each side by itself. A sequence directly in a sequence's `where` stands in parentheses.",
	Declarations: []Declaration{
		{
			Name: "then", Syntax: []string{"‹event› [‹window›] [where …] then ‹event› [‹window›] [where …] within ‹duration›"},
			Doc: "Some first event was followed by a second one: later than it, and at most that long after it.",
			Examples: []Example{
				in(`product_viewed then cart_viewed within 2 days`, "36 hours later"),
				out(`product_viewed then cart_viewed within 1 day`, "that was too late"),
				in(`order_completed where total > 100 then order_refunded within 15 days`, "ordered on 22 October, refunded on 5 November"),
			},
		},
		{
			Name: "then no", Syntax: []string{"‹event› [‹window›] [where …] then no ‹event› [‹window›] [where …] within ‹duration›"},
			Doc: "Some first event was followed by no such second one, and the time for it is over: the silence is a fact, not a hope.",
			Examples: []Example{
				in(`cart_viewed then no order_completed within 1 hour`, "the hour after 8:00 is over"),
				out(`cart_viewed then no order_completed within 6 hours`, "until 14:00 she may still order"),
				in(`cart_viewed then no order_completed within 6 hours`, "now the time is over").at("2026-11-21T14:00"),
				in(`order_completed then no order_refunded within 30 days`, "the first order was kept"),
			},
		},
	},
}
