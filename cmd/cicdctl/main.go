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
	"gitlab.com/cicd/cicdctl/internal/lang"
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
	asked := preview(args)
	speak(printer, asked.lang)
	opened := &sandboxes{}
	a := &session.Session{Args: args, Version: versionText(), Print: printer, Signals: signals, Connect: opened.connect, Accept: audit.CheckExceptions}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { help(a, cmd) })
	printer.KeepNamed(func(text string) [][]int { return commandsIn(root, text) })
	err := errors.Join(root.ExecuteContext(ctx), opened.flush(), a.Record.End())
	if err != nil && !a.Started {
		err = session.AsUsage(err)
		if asked.json {
			printer.Format = report.JSON
		}
	}
	return exit(a, err)
}

// asked is what has to be known of arguments that may not be right as a whole.
type asked struct {
	json bool
	lang string
}

// preview reads how the arguments want to be answered.
func preview(args []string) asked {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.Usage = func() {}
	output, lang := f.StringP("output", "o", "", ""), f.String("lang", "", "")
	_ = f.Parse(args) // what is wrong with them is found by cobra
	return asked{*output == string(report.JSON), *lang}
}

// speak makes the language of the flag or of the environment that of the run, until the
// configuration is read.
func speak(printer *report.Printer, flag string) {
	if l, err := language(flag, ""); err == nil {
		printer.Lang = l
		lang.Use(l)
	}
}
