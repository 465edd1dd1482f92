package cli

import (
	"errors"
	"os"

	"github.com/kohorte/kohorte/internal/config"
	"github.com/spf13/cobra"
)

// givenFlag is the flag of a setting; what it says is judged with the other sources.
type givenFlag struct{ text, placeholder string }

// Set takes what stands on the command line.
func (g *givenFlag) Set(text string) error { g.text = text; return nil }

// String gives what it is set to.
func (g *givenFlag) String() string { return g.text }

// Type stands for a value in the help.
func (g *givenFlag) Type() string { return g.placeholder }

// generalFlags adds the flags of the settings that matter to every command, and
// sees to it that the configuration is read before one runs.
func (a *app) generalFlags(root *cobra.Command) {
	addSettings(root, true)
	root.PersistentFlags().StringVar(&a.configFile, "config", "", "`FILE` with settings; else "+config.UsualFile+", if it is there")
	root.PersistentPreRunE = a.configure
}

// serverFlags adds those of the other settings to a command.
func serverFlags(cmd *cobra.Command) { addSettings(cmd, false) }

func addSettings(cmd *cobra.Command, general bool) {
	flags := cmd.Flags()
	if general {
		flags = cmd.PersistentFlags()
	}
	for i := range config.Settings {
		if s := &config.Settings[i]; s.General == general && !s.Secret {
			flags.Var(&givenFlag{s.Default, s.Placeholder()}, s.Name, s.Help)
		}
	}
}

// configure reads the configuration, from all places in which it can be. Who asks
// for help gets it whatever the configuration is.
func (a *app) configure(cmd *cobra.Command, _ []string) (err error) {
	if cmd.Name() == "help" || !cmd.HasParent() {
		return nil
	}
	from := config.Sources{File: a.configFile, Env: os.Environ(), Flags: map[string]string{}}
	for i := range config.Settings {
		flag := cmd.Flags().Lookup(config.Settings[i].Name)
		if flag == nil || !flag.Changed {
			continue
		}
		if given, ok := flag.Value.(*givenFlag); ok {
			from.Flags[flag.Name] = given.text
		}
	}
	if a.config, err = config.Load(from); errors.As(err, new(config.FlagError)) {
		return usageError{err}
	}
	a.dataDir, a.workspace = a.config.Data, a.config.Workspace
	return err
}

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show what is set, and where each value comes from",
		Long: `Shows the settings that are in force, those of the server among them, and where
each comes from: a file in YAML (--config, else the one that KOHORTE_CONFIG
names, else ` + config.UsualFile + ` in the working directory), over it the environment
(KOHORTE_LISTEN for listen), over both the flags. If something is wrong it says
all of it and ends with a status other than 0. docs/configuration.md tells more.`,
		Example: `  kohorte config                      before a restart: is everything right?
  kohorte config --listen :8077       what would hold with this flag`,
		Args: arguments(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error { return a.showConfig() },
	}
	serverFlags(cmd)
	return cmd
}

// settingView is a setting as programs get it.
type settingView struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"`
	Place string `json:"place,omitempty"`
}

func (a *app) showConfig() error {
	for _, note := range a.config.Notes() {
		a.complain("kohorte: %s\n", note)
	}
	var views []settingView
	t := newTable(a.Stdout, "table", "setting", "value", "from")
	for _, v := range a.config.Effective() {
		views = append(views, settingView{v.Name, v.Text, v.From, v.Place})
		t.row(v.Name, v.Text, v.Origin())
	}
	if a.asJSON {
		return a.writeJSON(views)
	}
	return t.finish()
}
