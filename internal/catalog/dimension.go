package catalog

// Dimension is the side from which a field describes customers.
type Dimension string

// The dimensions.
const (
	Demographic   Dimension = "demographic"
	Geographic    Dimension = "geographic"
	Behavioural   Dimension = "behavioural"
	Transactional Dimension = "transactional"
	Psychographic Dimension = "psychographic"
	Firmographic  Dimension = "firmographic"
)

// Dimensions lists all dimensions.
var Dimensions = []Dimension{Demographic, Geographic, Behavioural, Transactional, Psychographic, Firmographic}
