// Command cicdctl builds, shows and removes the slice of AWS that a client of the
// hosting company has.
package main

import (
	"context"
	"errors"
	"os"

	"gitlab.com/cicd/cicdctl/internal/report"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version string

func main() { os.Exit(run(os.Args[1:], report.Standard())) }

// run is the whole program; it returns the exit code.
func run(args []string, printer *report.Printer) int {
	signals, ctx := watchSignals(context.Background(), printer)
	defer signals.close()
	a := &app{args: args, print: printer, signals: signals}
	root := newRoot(a)
	root.SetArgs(args)
	err := errors.Join(root.ExecuteContext(ctx), a.record.end())
	if err != nil && !a.started {
		err = usage(err)
	}
	return a.exit(err)
}
