package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

type estateOptions struct {
	clients int
	region  string
}

// mostClients is how many clients an estate may have in a region: with five /16
// pools, which is AWS's limit of CIDRs for a VPC.
const mostClients = 50

func newSandboxEstate(a *app) *cobra.Command {
	var o estateOptions
	cmd := &cobra.Command{
		Use:   "estate",
		Short: "Fill the sandbox with clients",
		Long: `Builds clients of the document's defaults in the sandbox, CLIENT1, CLIENT2 and so
on, in one region or in all four, and writes their spec files: to try audits of many
clients. Clients that are there already stay as they are. More than ten in a region
need more pools in the configuration.`,
		Example: `  cicdctl sandbox estate --clients 10 --region eu-west-3 --sandbox
  cicdctl sandbox estate --clients 3 --sandbox && cicdctl audit --sandbox`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runSandboxEstate(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.region, "only this region (all four)")
	cmd.Flags().IntVar(&o.clients, "clients", 10, fmt.Sprintf("clients in each region, 1 to %d", mostClients))
	return cmd
}

func runSandboxEstate(ctx context.Context, a *app, o estateOptions) error {
	if a.sandbox() == "" {
		return usagef("add --sandbox", "this is for the sandbox only")
	}
	if o.clients < 1 || o.clients > mostClients {
		return usagef("", "--clients %d is not within 1-%d", o.clients, mostClients)
	}
	if err := checkRegion(o.region); err != nil {
		return err
	}
	n := 0
	for _, region := range rules.Regions() {
		if o.region != "" && o.region != region.Name {
			continue
		}
		for range o.clients {
			n++
			if err := a.inhabit(ctx, fmt.Sprintf("CLIENT%d", n), region.Name); err != nil {
				return err
			}
		}
	}
	return a.print.Line("%d clients are in the sandbox", n)
}

// inhabit builds one client, without a question and without its plan.
func (a *app) inhabit(ctx context.Context, name, region string) error {
	t, run, plan, err := a.planned(ctx, name, region, "")
	if err != nil {
		return err
	}
	if err := plan.Refused(); err != nil {
		return err
	}
	if err := a.writeSpec(t); err != nil {
		return err
	}
	if plan.Settled() {
		return nil
	}
	if _, err := run.Apply(ctx, plan, a.signals.stop, nil); err != nil {
		return err
	}
	a.print.Tell("%s is ready in %s", name, region)
	return nil
}
