// Package naive is a second evaluator of the rule language, for tests only. It
// is written from the page of the language alone, is slow, keeps no state and
// avoids every cleverness, so that a reader can see that it is right. Tests hold
// the production evaluator to its answers.
package naive
