package rule

// Problem is one thing that is wrong with a rule.
type Problem struct {
	Span
	// Message says what is wrong, without position: `unknown attribute "cuontry"`.
	Message string
	// Hint says what is likely meant, as a clause: `did you mean "country"?`. May be empty.
	Hint string
	// Warning is set on problems that do not forbid the rule.
	Warning bool
	// Pointer is where the problem stands in the JSON form, as a JSON pointer; empty for text.
	Pointer string
}

// Problems are all the problems of one rule, in the order of their positions.
type Problems []Problem

// Fatal tells whether one of the problems forbids the rule.
func (ps Problems) Fatal() bool {
	for _, p := range ps {
		if !p.Warning {
			return true
		}
	}
	return false
}
