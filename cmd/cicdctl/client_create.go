package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

type createOptions struct {
	name, region, spec string
	yes                bool
}

func newClientCreate(a *app) *cobra.Command {
	var o createOptions
	cmd := &cobra.Command{
		Use:   "create NAME --region REGION",
		Short: "Build a client, or repair it",
		Long: `Brings a client to what its spec file says: builds what is missing, changes what
differs, removes what the file no longer has. Running it again goes on where an
earlier run stopped, repairs what was changed by hand, and does nothing when all
is in order.

Without a spec file the defaults of the infrastructure document apply, and the
file is written to the spec directory for you to keep in version control.

It never changes or removes anything without cicdctl's tags, never removes data,
and never touches another client.`,
		Example: `  cicdctl client create ACME --region eu-west-3
  cicdctl client create ACME --spec acme.yaml --yes
  cicdctl client create ACME --region eu-west-3 --sandbox`,
		Args:              named("NAME"),
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runClientCreate(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return cmd
}

func runClientCreate(ctx context.Context, a *app, o createOptions) error {
	t, run, plan, err := a.planned(ctx, o.name, o.region, o.spec)
	if err != nil {
		return err
	}
	var notes []string
	if t.new {
		notes = append(notes, a.print.Sayf("no spec file: the document's defaults are assumed"), a.print.Sayf("the file %s will be written first", t.file))
	}
	return a.ensure(ctx, job{
		target: t, run: run, plan: plan, yes: o.yes, notes: notes,
		save: func() error { return a.writeSpec(t) },
	})
}

// writeSpec writes the defaults for a client that has no file yet.
func (a *app) writeSpec(t *target) error {
	if !t.new {
		return nil
	}
	text := spec.New(t.name, t.spec.Region)
	switch err := writeNew(t.file, text); {
	case errors.Is(err, errWritten) && holds(t.file, text):
		return nil // another run for the same client was first
	case errors.Is(err, errWritten):
		return refuse("run the same command again to build what it says", "%s was written meanwhile and says something else", t.file)
	case err != nil:
		return unwritable(err)
	}
	a.print.Tell("wrote %s", t.file)
	return nil
}
