// Command cicdctl builds, shows and removes the slice of AWS that a client of the
// hosting company has.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version string

func main() { os.Exit(run(os.Args[1:], report.Standard())) }

// run is the whole program; it returns the exit code.
func run(args []string, printer *report.Printer) int {
	signals, ctx := session.WatchSignals(context.Background(), printer)
	defer signals.Close()
	a := &session.Session{Args: args, Version: versionText(), Print: printer, Signals: signals, Connect: connect, Accept: audit.CheckExceptions}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { help(a, cmd) })
	printer.KeepNamed(func(text string) [][]int { return commandsIn(root, text) })
	err := errors.Join(root.ExecuteContext(ctx), a.Record.End())
	if err != nil && !a.Started {
		err = session.AsUsage(err)
		if asksJSON(args) {
			printer.Format = report.JSON
		}
	}
	return exit(a, err)
}

// asksJSON reports whether the arguments ask for JSON, where they are not right as a whole.
func asksJSON(args []string) bool {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.Usage = func() {}
	output := f.StringP("output", "o", "", "")
	_ = f.Parse(args) // what is wrong with them has been found already
	return *output == string(report.JSON)
}
