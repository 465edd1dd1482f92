// Package ruletest makes up rules for tests: random, well-typed for a given
// catalogue, covering the whole language, with literals from small pools that
// test data can share, so that values meet bounds often.
package ruletest

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

// Texts are the texts in rules: equal but for case, equal but for spelling,
// prefixes of one another, empty, and with characters that need escapes.
var Texts = []string{
	"DE", "de", "AT", "CH", "", "D", "DEU", "Köln", "KÖLN", "Koeln", "Straße", "STRASSE", "Σίσυφος", "σίσυφοσ",
	"A-100", "a-200", "spring10", "SPRING", "free", "premium", `a "quoted" \ text`, "two\nlines\tand a tab", "😀", "\u202e",
}

// Patterns are the regular expressions of `matches`.
var Patterns = []string{"^$", "^[A-M]", "10$", "(?i)spring", `^\w+-\d+$`, "ö"}

// Numbers are the numbers in rules.
var Numbers = mustNumbers("0", "1", "2", "3", "10", "-0.01", "0.0001", "0.1", "0.2", "0.3", "19.9", "33.3333", "66.6667",
	"100", "120.5", "250", "499.99", "500", "-500", "922337203685477.5807")

// Postcodes are the places of `distance`.
var Postcodes = []string{"DE-70173", "DE-10115", "AT-1010", "XX-0"}

// Dates are the dates in rules: around both clock changes of Europe/Berlin, month
// ends and 29 February, with and without time and zone.
var Dates = mustDates("2024-02-29", "2025-12-31", "2026-01-01", "2026-03-28T02:30", "2026-03-29", "2026-03-29T02:30",
	"2026-03-29T01:00:00Z", "2026-03-30", "2026-10-25", "2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+01:00",
	"2026-10-31T23:59:59.999", "2026-11-01", "2026-11-21", "2026-11-21T14:30", "2026-11-21T14:30:00.001", "2026-11-22", "2027-02-28",
	"0001-01-01", "9999-12-31T23:59:59.999Z")

// Durations are the durations in rules.
var Durations = []calendar.Duration{
	{N: 1, Unit: calendar.Day}, {N: 1, Unit: calendar.Hour}, {N: 24, Unit: calendar.Hour}, {N: 30, Unit: calendar.Minute},
	{N: 2, Unit: calendar.Day}, {N: 1, Unit: calendar.Week}, {N: 30, Unit: calendar.Day}, {N: 1, Unit: calendar.Month},
	{N: 3, Unit: calendar.Month}, {N: 12, Unit: calendar.Month}, {N: 1, Unit: calendar.Year}, {N: 365, Unit: calendar.Day},
}

func mustNumbers(list ...string) []number.Number {
	var numbers []number.Number
	for _, s := range list {
		n, err := number.Parse(s)
		if err != nil {
			panic(err)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

func mustDates(list ...string) []calendar.Date {
	var dates []calendar.Date
	for _, s := range list {
		d, err := calendar.ParseDate(s)
		if err != nil {
			panic(err)
		}
		dates = append(dates, d)
	}
	return dates
}
