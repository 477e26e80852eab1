package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
)

type discardOptions struct {
	destroyOptions
	id string
}

func newBackupDiscard(a *app) *cobra.Command {
	var o discardOptions
	cmd := &cobra.Command{
		Use:   "discard NAME ID",
		Short: "Remove a restored copy of a client's database",
		Long: `Removes one restored copy with its instances and log groups, after showing the
plan and asking for its name to be typed. backup list shows the copies there are.

A last snapshot of it is taken; --purge-data takes none, and removes those that
there are of it. It never removes the client's own database. Discarding what is
gone already is no error.`,
		Example: `  cicdctl backup discard ACME acme-20261124t101500
  cicdctl backup discard ACME acme-test --confirm acme-test --purge-data`,
		Args:              named("NAME", "ID"),
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.id = args[0], args[1]
			return runBackupDiscard(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "region of the client (that of its spec file, or where it is found)")
	cmd.Flags().StringVar(&o.confirm, "confirm", "", "the copy's name, instead of typing it")
	cmd.Flags().BoolVar(&o.purge, "purge-data", false, "keep no snapshot of it")
	return cmd
}

func runBackupDiscard(ctx context.Context, a *app, o discardOptions) error {
	if err := checkClient(o.name); err != nil {
		return err
	}
	if err := checkRegion(o.region); err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	region, err := a.regionOf(ctx, op, o.destroyOptions)
	if err != nil {
		return err
	}
	if region == "" {
		return refuseUnknown(o.name)
	}
	run, err := backup.PrepareDiscard(ctx, op, o.name, region, o.id, o.purge)
	if err != nil {
		return err
	}
	return a.remove(ctx, run, removal{
		name: o.id, confirm: o.confirm,
		again:   a.next("backup discard %s %s --region %s", o.name, o.id, region),
		purge:   a.next("backup discard %s %s --region %s --purge-data", o.name, o.id, region),
		nothing: a.print.Sayf("nothing of %s is left to remove in %s", o.id, region),
		done:    func(count string) string { return a.print.Sayf("%s is removed from %s: %s", o.id, region, count) },
		after:   func() ([]string, error) { return nil, nil },
	})
}
