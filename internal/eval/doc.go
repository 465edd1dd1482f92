// Package eval decides rules: one pure function of a rule, a customer and an
// instant that yields the verdict, its expiry and, on demand, a trace. It reads
// columns (package columns) and nothing else: no clock, no database.
//
// Live membership, previews, imports, history and explanations all call it; see
// DESIGN.md for how verdicts are kept cheap and expiries tight.
package eval
