package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
)

// wall writes an instant for people, in the zone, to the second. Where a clock
// change repeats the hour, the later one bears its offset.
func wall(zone *calendar.Zone, t calendar.Instant) string {
	c := zone.Civil(t)
	seconds := c.Milli / 1000
	text := fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", c.Year, c.Month, c.Day, seconds/3600, seconds/60%60, seconds%60)
	if zone.Instant(c) != t {
		text += offset(zone, t)
	}
	return text
}

// exactly writes an instant as wall does, with its milliseconds if it has any:
// --at takes it and asks for the very same instant.
func exactly(zone *calendar.Zone, t calendar.Instant) string {
	text := wall(zone, t)
	if milli := zone.Civil(t).Milli % 1000; milli != 0 {
		text = fmt.Sprintf("%s.%03d%s", text[:len("2006-01-02 15:04:05")], milli, text[len("2006-01-02 15:04:05"):])
	}
	return text
}

// offset writes how far the zone's clocks are from UTC, as +01:00.
func offset(zone *calendar.Zone, t calendar.Instant) string {
	c := zone.Civil(t)
	asUTC := time.Date(c.Year, time.Month(c.Month), c.Day, 0, 0, 0, 0, time.UTC).UnixMilli() + int64(c.Milli)
	minutes := (asUTC - t) / 60_000
	sign := "+"
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	return fmt.Sprintf("%s%02d:%02d", sign, minutes/60, minutes%60)
}

// roughly writes a stretch of time in its largest unit.
func roughly(milliseconds int64) string {
	d := time.Duration(min(milliseconds, 1<<42)) * time.Millisecond
	switch {
	case d >= 48*time.Hour:
		return countOf(int(d.Hours()/24), "day", "days")
	case d >= 2*time.Hour:
		return countOf(int(d.Hours()), "hour", "hours")
	case d >= 2*time.Minute:
		return countOf(int(d.Minutes()), "minute", "minutes")
	}
	return countOf(int(d.Seconds()), "second", "seconds")
}

// instants reads the values of --at; without any, now.
func (a *app) instants(texts []string, zone *calendar.Zone) ([]calendar.Instant, error) {
	if len(texts) == 0 {
		return []calendar.Instant{a.Now()}, nil
	}
	var all []calendar.Instant
	for _, text := range texts {
		t, err := instant(text, zone)
		if err != nil {
			return nil, usagef("--at %s: %w", text, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// instant reads a date with or without a time; a space may stand between them, as
// wall writes it.
func instant(text string, zone *calendar.Zone) (calendar.Instant, error) {
	d, err := calendar.ParseDate(strings.Replace(strings.TrimSpace(text), " ", "T", 1))
	if err != nil {
		return 0, err
	}
	return zone.Resolve(d), nil
}
