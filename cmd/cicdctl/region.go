package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newRegion(a *session.Session) *cobra.Command {
	return group("region", "Show and destroy the shared resources of a region",
		`The clients of a region share a VPC, public subnets with NAT gateways, the default
network ACL and a KMS key. The first client create in a region creates them.`,
		`  cicdctl region show eu-west-3`,
		newRegionShow(a), newRegionReport(a), newRegionDestroy(a))
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
		Short: "Show the shared resources of a region",
		Long:  `Show the shared resources of a region, its clients, and any drift. Read-only.`,
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
		Short: "Destroy the shared resources of a region without clients",
		Long: `Delete the shared resources of a region. The command shows the plan and asks you to
type the region. It is refused while the region has clients.

Account-level resources (the private key bucket and its KMS key) are never deleted.
The region's KMS key is kept unless --purge-data is given, because snapshots need it.`,
		Example: `  cicdctl region destroy eu-west-3
  cicdctl region destroy eu-west-3 --confirm eu-west-3`,
		Args:              named("REGION"),
		ValidArgsFunction: regionArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Region = args[0]
			return account.DestroyRegion(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.Confirm, "confirm", "", "name of the region, skips the prompt")
	cmd.Flags().BoolVar(&o.Purge, "purge-data", false, "also delete resources kept because data needs them")
	return cmd
}
