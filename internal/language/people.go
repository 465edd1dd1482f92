package language

var lists = Group{
	Title: "Lists of objects",
	Doc: "Names in the parentheses are members of the object; `customer.…` and `company.…` reach out. " +
		"A list of text has no objects: it knows `contains`.",
	Declarations: []Declaration{
		{
			Name: "any", Syntax: []string{"any ‹list› (‹condition›)"}, Takes: objects,
			Doc: "At least one object of the list satisfies the condition as a whole.",
			Examples: []Example{
				in(`any subscriptions (paused)`, "the second one is"),
				out(`any subscriptions (paused and price > 5)`, "no single one is both"),
				in(`any subscriptions (price < customer.credit)`, "both are"),
				out(`any subscriptions (paused)`, "he has none").of(ben),
			},
		},
		{
			Name: "every", Syntax: []string{"every ‹list› (‹condition›)"}, Takes: objects,
			Doc: "All objects satisfy the condition. Over an empty or unset list it is true.",
			Examples: []Example{
				in(`every subscriptions (price < 10)`, "9.90 and 4"),
				out(`every subscriptions (paused)`, "the first is not"),
				in(`every subscriptions (price < 1)`, "he has none").of(ben),
			},
		},
		{
			Name: "no", Syntax: []string{"no ‹list› (‹condition›)"}, Takes: objects,
			Doc: "No object satisfies the condition. Over an empty or unset list it is true.",
			Examples: []Example{
				in(`no subscriptions (price > 10)`, "both are cheaper"),
				out(`no subscriptions (paused)`, "the second one is"),
				in(`no subscriptions (paused)`, "he has none").of(ben),
			},
		},
	},
}

var segments = Group{
	Title: "Segments, consents, ranks",
	Doc: "A rule may refer to other segments, but not in a circle: a rule that would close one is refused, and the message names it. " +
		"A part of a segmentation is named with a dot: `in segment lifecycle.loyal`.",
	Declarations: []Declaration{
		{
			Name: "in segment", Syntax: []string{"in segment ‹name› [for ‹duration›]"},
			Doc: "The customer is a member now; with `for`, without a break for at least that long. Stays of which one begins when the other ends count as one stay.",
			Examples: []Example{
				in(`in segment win_back`, "since 1 October"),
				in(`in segment win_back for 1 month`, "since 1 November it has been a month"),
				out(`in segment win_back for 2 months`, "the stay in August does not count, there was a break"),
				out(`in segment complaint_open`, "she left it"),
				in(`in segment lifecycle.loyal`, "a part of the segmentation lifecycle"),
			},
		},
		{
			Name: "entered", Syntax: []string{"entered segment ‹name› ‹window›"},
			Doc: "Some entry lies in the window. What time caused bears the instant at which it became true.",
			Examples: []Example{
				in(`entered segment complaint_open in last 30 days`, "on 6 November"),
				out(`entered segment win_back in this month`, "that was in October"),
				in(`entered segment lifecycle.loyal in last 3 months`, "on 1 September"),
			},
		},
		{
			Name: "left", Syntax: []string{"left segment ‹name› ‹window›"},
			Doc: "Some exit lies in the window.",
			Examples: []Example{
				in(`left segment complaint_open in previous week`, "on 12 November"),
				out(`left segment win_back in this month`, "she is still in it"),
			},
		},
		{
			Name: "consent", Syntax: []string{"consent(‹channel›, ‹purpose›)"},
			Doc: "The last decision about this channel and purpose was yes. Nobody consents by saying nothing.",
			Examples: []Example{
				in(`consent(email, newsletter)`, "given in January"),
				out(`consent(sms, newsletter)`, "withdrawn in June"),
				in(`consent(sms, newsletter)`, "in February it was still given").at("2026-02-01T12:00"),
				out(`consent(email, newsletter)`, "he was never asked").of(ben),
			},
		},
		{
			Name: "top", Syntax: []string{"top ‹number›% by ‹value›"}, Takes: rankable,
			Doc: "Ranks all customers whose value is known, the greatest first, ties by customer id, and takes the first of them: that share, rounded up to whole customers. " +
				"Ranks are computed together, at least once an hour and after every import. In a `where` it can rank by `customer.…`, `company.…` and functions over events, but not by a property of the event.",
			Examples: []Example{
				in(`top 50% by sum(order_completed.total)`, "she is the first of two"),
				out(`top 50% by sum(order_completed.total)`, "he is the second").of(ben),
				in(`top 20% by credit`, "a fifth of two is rounded up to one").of(ben),
				in(`top 1% by birthday`, "only hers is known"),
			},
		},
	},
}
