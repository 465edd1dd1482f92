package catalog

// String names the kind as declarations and messages do.
func (k Kind) String() string {
	switch k {
	case Text:
		return "text"
	case Number:
		return "number"
	case Boolean:
		return "boolean"
	case Date:
		return "date"
	case Time:
		return "time"
	case TextList:
		return "list of text"
	case ObjectList:
		return "list of objects"
	}
	return "unknown"
}
