package advise

// The thresholds. docs/advice.md tells them; they are the same for everybody, since a
// finding that does not fit is accepted with a reason.
const (
	enough     = 100 // customers: with fewer, figures say little about conditions and inputs
	fewMembers = 20  // below, a segment without a declared least size is too small to measure anything, and tells who its members are
	almostAll  = 0.9 // of all customers: a segment that has more selects hardly anybody

	nearlySame   = 0.9  // Jaccard from which on two segments are near-duplicates
	mostInside   = 5    // a segment that has more others in it is the population they are chosen from
	fewCompared  = 200  // segments that are always compared each with each
	mostCompared = 1000 // segments that are, if somebody asks about all; of more only those asked about are compared, with all
	mostChance   = 1e-6 // a containment, and overlap, that chance would bring more often than this is none

	mostlyUnknown = 0.2 // of those who could have a value: fewer is mostly unknown
	leastSilence  = 14  // days without an event before it is stale
	mostSilence   = 400 // days after which it is stale whatever its rhythm was
	quietFactor   = 3   // times the longest pause so far
	rareSilence   = 90  // days for what happened on one day only, and for attributes

	longUnused = 90 // days without use
	many       = 20 // segments from which on there can be too many

	youngHistory = 90 // days for which a segment must have been followed before it is odd that nobody came or left

	usualDimensions = 3 // of a target group; where the workspace knows fewer, nothing is said

	oldDate = 365 // days after which an absolute beginning is likely forgotten
	slack   = 2   // days: a round stretch may be a day longer or shorter, and end so long before or after the rule was made

	changedMuch = 0.25 // by which part of itself a figure may change before an acceptance lapses
)

const day = 24 * 60 * 60 * 1000 // milliseconds
