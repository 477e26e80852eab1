package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newRegion(a *session.Session) *cobra.Command {
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

func newRegionShow(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "show REGION",
		Short: "Show what the clients of a region share",
		Long: `Shows the shared things of a region, its clients, and what differs from how
cicdctl keeps them. It only reads.`,
		Example: `  cicdctl region show eu-west-3
  cicdctl region show eu-west-3 --output json`,
		Args:              named("REGION"),
		ValidArgsFunction: regionArgument,
		RunE:              func(cmd *cobra.Command, args []string) error { return account.ShowRegion(cmd.Context(), a, args[0]) },
	}
}

func newRegionDestroy(a *session.Session) *cobra.Command {
	var o account.RegionDestroyOptions
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
			o.Region = args[0]
			return account.DestroyRegion(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.Confirm, "confirm", "", "the region, instead of typing it")
	cmd.Flags().BoolVar(&o.Purge, "purge-data", false, "remove what is kept for the sake of data as well")
	return cmd
}
