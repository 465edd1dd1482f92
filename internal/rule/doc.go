// Package rule holds the rule language as data: the syntax tree, the reader of
// its text and JSON forms, and the printer of the canonical form. What a rule
// means for a customer is in package eval; what it needs of the field catalogue
// in package check.
package rule
