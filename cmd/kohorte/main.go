// Command kohorte is customer segmentation for CRM in one program. See package
// cli for its commands.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/kohorte/kohorte/internal/cli"
	"golang.org/x/term"
)

// version is set when the program is built.
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	status := cli.Run(ctx, cli.Env{
		Program:  os.Args[0],
		Args:     os.Args[1:],
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Terminal: term.IsTerminal(int(os.Stderr.Fd())),
		Now:      func() int64 { return time.Now().UnixMilli() },
		Version:  version,
	})
	stop()
	os.Exit(status)
}
