package language

import "github.com/kohorte/kohorte/internal/catalog"

var functions = Group{
	Title: "Functions",
	Doc: "The first eight look over the events of one type, of which a window and a `where` can choose: " +
		"`sum(order_completed.total in last 365 days where currency = \"EUR\")`. An event counts from its time on; one that lies in the future does not exist yet. " +
		"Functions that need a property skip events without it.",
	Declarations: []Declaration{
		{
			Name: "count", Syntax: []string{"count(‹event› [‹window›] [where ‹condition›])", "count(‹event›.‹property› …)"},
			Takes: anything, Gives: catalog.Number,
			Doc: "Counts events; with a property only those that have it. Over no event it is 0.",
			Examples: []Example{
				in(`count(order_completed) = 3`, "she ordered three times"),
				in(`count(order_completed in last 12 months) = 2`, "the order of a year ago, at this minute, has just left the window"),
				in(`count(order_completed in last 12 months) = 3`, "a minute earlier it still counted").at("2026-11-21T11:59"),
				in(`count(order_completed.coupon) = 1`, "one order has a coupon"),
				in(`count(order_completed where currency = "EUR") = 2`, "eur is EUR"),
				in(`count(order_completed) = 0`, "he never ordered").of(ben),
			},
		},
		{
			Name: "sum", Syntax: []string{"sum(‹event›.‹property› …)"}, Takes: numeric, Gives: catalog.Number,
			Doc: "Adds numbers exactly. Over no event it is 0.",
			Examples: []Example{
				in(`sum(order_completed.total) = 250.4`, "80 + 120.50 + 49.90"),
				out(`sum(order_completed.total in last 12 months) > 200`, "170.40 is not"),
				in(`sum(order_completed.total) = 0`, "he has no order").of(ben),
			},
		},
		{
			Name: "avg", Syntax: []string{"avg(‹event›.‹property› …)"}, Takes: numeric, Gives: catalog.Number,
			Doc: "The mean, rounded to four places, half away from zero. Over no event it is unknown.",
			Examples: []Example{
				in(`avg(order_completed.total) = 83.4667`, "a third of 250.40, rounded"),
				out(`avg(order_completed.total) < 100`, "an unknown average is not less").of(ben),
			},
		},
		{
			Name: "min", Syntax: []string{"min(‹event›.‹property› …)"}, Takes: rankable, Same: true,
			Doc: "The smallest number or earliest moment. Over no event it is unknown.",
			Examples: []Example{
				in(`min(order_completed.total) = 49.9`, "the latest order is the smallest"),
				out(`min(order_completed.total) < 50`, "he has no order").of(ben),
			},
		},
		{
			Name: "max", Syntax: []string{"max(‹event›.‹property› …)"}, Takes: rankable, Same: true,
			Doc: "The greatest number or latest moment. Over no event it is unknown.",
			Examples: []Example{
				in(`max(order_completed.total) = 120.5`, "the one in October"),
				out(`max(order_completed.total in this month) > 100`, "that was in October"),
			},
		},
		{
			Name: "distinct", Syntax: []string{"distinct(‹event›.‹property› …)"}, Takes: single, Gives: catalog.Number,
			Doc: "Counts different values; text that differs only in case is one value. Over no event it is 0.",
			Examples: []Example{
				in(`distinct(order_completed.currency) = 2`, "EUR and CHF; eur is EUR"),
				in(`distinct(order_completed.currency) = 0`, "he has no order").of(ben),
			},
		},
		{
			Name: "first", Syntax: []string{"first(‹event› …)", "first(‹event›.‹property› …)"}, Takes: anything, Same: true,
			Doc: "The time of the earliest event, or that event's property: unknown if it has none, even if a later event has one. " +
				"Among events of one time, the one received first comes first.",
			Examples: []Example{
				in(`first(order_completed) before 2026-01-01`, "it was in 2025"),
				in(`first(order_completed.total) = 80`, "that order's total"),
				out(`first(order_completed) is known`, "he never ordered").of(ben),
				in(`first(order_completed.coupon) is unknown`, "only a later order has one"),
			},
		},
		{
			Name: "last", Syntax: []string{"last(‹event› …)", "last(‹event›.‹property› …)"}, Takes: anything, Same: true,
			Doc: "The time of the latest event, or that event's property.",
			Examples: []Example{
				in(`last(order_completed) in last 24 hours`, "it was yesterday evening"),
				in(`last(order_completed.gift) = true`, "that order was a gift"),
				out(`last(order_completed.coupon) = "SPRING10"`, "that was not the last order"),
				in(`last(order_completed.coupon where coupon is known) = "SPRING10"`, "the last one with a coupon"),
			},
		},
		{
			Name: "age", Syntax: []string{"age(‹date›)"}, Takes: momentary, Gives: catalog.Number,
			Doc: "Completed years. Who was born on 29 February completes a year on 1 March where there is no such day. Before birth it is unknown.",
			Examples: []Example{
				in(`age(birthday) = 34`, "34 years are completed"),
				out(`age(birthday) = 34`, "not before 1 March").at("2026-02-28T23:59"),
				in(`age(birthday) = 34`, "a 29 February returns on 1 March").at("2026-03-01T00:00"),
				out(`age(birthday) < 100`, "his birthday is unknown").of(ben),
			},
		},
		{
			Name: "score", Syntax: []string{"score(‹name›)"}, Gives: catalog.Number,
			Doc: "A model's figure for the customer; unknown until a model has computed it.",
			Examples: []Example{
				out(`score(churn) > 0.5`, "there is no figure yet"),
				in(`score(churn) is unknown`, "that is so"),
			},
		},
		{
			Name: "distance", Syntax: []string{`distance(‹attribute›, "‹country›-‹postcode›")`}, Takes: textual, Gives: catalog.Number,
			Doc: "Kilometres as the crow flies from the attribute's postcode to the one that is written, on a sphere of the earth's mean radius. " +
				"Where several places share a postcode, the mean of their coordinates counts. An attribute that begins with a country, such as AT-1010, is read as it is; " +
				"any other is taken to be in the country of the written one. A postcode that is not in the imported list is unknown.",
			Examples: []Example{
				in(`distance(address.postal_code, "DE-70173") <= 300`, "from Köln to Stuttgart it is about 288 km"),
				out(`distance(address.postal_code, "DE-70173") <= 250`, "it is farther"),
				out(`distance(address.postal_code, "DE-70173") <= 1000`, "his postcode is unknown").of(ben),
			},
		},
	},
}
