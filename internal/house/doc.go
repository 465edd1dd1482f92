// Package house keeps the rules of the house: tests that read the whole source
// tree and say where it strays from the order, the sizes and the prose that
// CONTRIBUTING.md describes. It has no code of its own outside of its tests.
package house
