package calendar

// Instant is a moment in milliseconds since 1970-01-01T00:00:00Z.
type Instant = int64

const (
	// Never is later than every instant: an expiry that does not come.
	Never Instant = 1<<63 - 1
	// Unset stands for an unknown moment in columns and results.
	Unset Instant = -1 << 63
)

// Unit is a unit of a Duration.
type Unit uint8

// The units, from the shortest to the longest. Minutes and hours are exact; the others are calendar units.
const (
	Minute Unit = iota
	Hour
	Day
	Week
	Month
	Quarter // only for periods, never in a Duration
	Year
)

// Duration is a whole number of units, from 1.
type Duration struct {
	N    int
	Unit Unit
}

// Civil is a date and a time of day on the wall, without a zone.
type Civil struct {
	Year, Month, Day int
	Milli            int // since midnight, 0 to 86,399,999
}

// Date is a date as a rule or a file writes it: a bare day, a day with a time of
// day, or a full instant with its offset from UTC.
type Date struct {
	Civil
	HasTime bool
	HasZone bool
	Offset  int // minutes east of UTC; only with HasZone
}
