package main

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/cloud"
)

type doctorOptions struct{ region string }

func newDoctor(a *app) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check credentials, quotas and free places",
		Long: `Checks whether one more client, with the document's defaults, would fit into the
account and the region: credentials, availability zones, free slots, and every
quota that the plan comes near to. It tells who may read private keys (admins), and
who may audit without reading any (auditors).

It only reads. The exit code is 4 when something is short, 5 when no slot is free.`,
		Example: `  cicdctl doctor
  cicdctl doctor --region eu-central-1 --output json`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.region, "region to look at (admin_region of the configuration)")
	return cmd
}

func runDoctor(ctx context.Context, a *app, o doctorOptions) error {
	if err := checkRegion(o.region); err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	found, trouble := account.Diagnose(ctx, op, cmp.Or(o.region, a.conf.AdminRegion, cloud.DefaultAdminRegion))
	if found == nil {
		return trouble
	}
	health := a.print.Diagnose(found, trouble)
	if err := a.print.Doctor(health); err != nil {
		return err
	}
	switch {
	case trouble != nil:
		return trouble
	case !health.OK:
		return exitOnly(exitRefused)
	default:
		return nil
	}
}
