// Package schedule makes exports again and again at set times on the clocks of the
// workspace: it says what a schedule and the name of a file can be, writes the files that
// are due, removes those that are too old, and tries again what failed.
package schedule
