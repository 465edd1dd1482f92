package config

// Where a value comes from.
const (
	FromDefault = "default"
	FromFile    = "file"
	FromEnv     = "env"
	FromFlag    = "flag"
)

// masked stands for a secret.
const masked = "********"

// Value is the value of a setting that is in force.
type Value struct {
	Name  string // of the setting
	Text  string // as one would write it; of a secret only that there is one
	From  string // FromDefault, FromFile, FromEnv or FromFlag
	Place string // PATH:LINE, the name in the environment, or the flag; "" for a default
}

// Origin is From and Place for people.
func (v Value) Origin() string {
	if v.Place == "" {
		return v.From
	}
	return v.From + " " + v.Place
}

// Effective gives the value of each setting, in the order of Settings.
func (c *Config) Effective() []Value { return c.effective }

// IsDefault tells whether nobody set a setting.
func (c *Config) IsDefault(name string) bool {
	for _, v := range c.effective {
		if v.Name == name {
			return v.From == FromDefault
		}
	}
	return false
}

// Notes are what is not wrong but likely not meant, each a sentence.
func (c *Config) Notes() []string { return c.notes }
