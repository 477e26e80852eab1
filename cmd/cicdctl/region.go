package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/report"
)

func newRegion(a *app) *cobra.Command {
	return group("region", "Show and remove what the clients of a region share",
		`The clients of a region share its VPC, the edge with NAT gateways, the default
network ACL and a key. The first client create in a region builds them.`,
		`  cicdctl region show eu-west-3`,
		newRegionShow(a), newRegionDestroy(a))
}

func regionArgument(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return regionNames(), cobra.ShellCompDirectiveNoFileComp
}

func newRegionShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show REGION",
		Short: "Show what the clients of a region share",
		Long: `Shows the shared things of a region, its clients, and what differs from how
cicdctl keeps them. It only reads.`,
		Example: `  cicdctl region show eu-west-3
  cicdctl region show eu-west-3 --output json`,
		Args:              named("REGION"),
		ValidArgsFunction: regionArgument,
		RunE:              func(cmd *cobra.Command, args []string) error { return runRegionShow(cmd.Context(), a, args[0]) },
	}
}

func runRegionShow(ctx context.Context, a *app, region string) error {
	if err := checkRegion(region); err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	run, err := op.Region(ctx, region)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	r := report.NewRegion(region, city(region), plan)
	r.Slots = len(run.Scope().Addr.Slots())
	if r.Clients, err = op.Clients(ctx, region); err != nil {
		return err
	}
	return a.print.Region(r)
}

type regionDestroyOptions struct {
	region, confirm string
	purge           bool
}

func newRegionDestroy(a *app) *cobra.Command {
	var o regionDestroyOptions
	cmd := &cobra.Command{
		Use:   "destroy REGION",
		Short: "Remove what clients shared, once no client is left",
		Long: `Removes the shared things of a region, after showing the plan and asking for the
region to be typed. It is refused while a client is left there.

It never removes the account's own things (the bucket of private keys, its key),
and keeps the region's key unless --purge-data is given: snapshots need it.`,
		Example: `  cicdctl region destroy eu-west-3
  cicdctl region destroy eu-west-3 --confirm eu-west-3`,
		Args:              named("REGION"),
		ValidArgsFunction: regionArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.region = args[0]
			return runRegionDestroy(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.confirm, "confirm", "", "the region, instead of typing it")
	cmd.Flags().BoolVar(&o.purge, "purge-data", false, "remove what is kept for the sake of data as well")
	return cmd
}

func runRegionDestroy(ctx context.Context, a *app, o regionDestroyOptions) error {
	if err := checkRegion(o.region); err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	run, err := op.RemoveRegion(ctx, o.region, o.purge)
	if err != nil {
		return err
	}
	return a.remove(ctx, run, removal{
		name: o.region, confirm: o.confirm,
		again:   a.next("region destroy %s", o.region),
		purge:   a.next("region destroy %s --purge-data", o.region),
		nothing: a.print.Sayf("nothing is left to remove in %s", o.region),
		done: func(count string) string {
			return a.print.Sayf("the shared things of %s are removed: %s", o.region, count)
		},
		after: func() ([]string, error) { return nil, nil },
	})
}
