package main

import (
	"context"

	"github.com/spf13/cobra"
)

type planOptions struct{ name, region, spec string }

func newClientPlan(a *app) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan NAME",
		Short: "Show what create would change, and why",
		Long: `Compares what AWS holds with the client's spec file and shows every difference by
its name: what is missing, what was changed by hand, what is in the way.

It changes nothing. The exit code is 0 when all is in order, 3 when something
would change, and 4 when create would refuse.`,
		Example: `  cicdctl client plan ACME
  cicdctl client plan ACME --output json | jq .summary
  cicdctl client plan NEWCO --region eu-west-1    # before it has a file`,
		Args:              named("NAME"),
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runClientPlan(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}

func runClientPlan(ctx context.Context, a *app, o planOptions) error {
	t, run, plan, err := a.planned(ctx, o.name, o.region, o.spec)
	if err != nil {
		return err
	}
	var notes []string
	if t.new {
		notes = append(notes, a.print.Sayf("no spec file: the document's defaults are assumed"))
	}
	room, err := run.Room(ctx, plan)
	if err != nil {
		return err
	}
	notes = append(notes, a.roomNotes(room)...)
	if err := a.print.Plan(a.planReport(run, plan, notes...)); err != nil {
		return err
	}
	if err := plan.Refused(); err != nil {
		return err
	}
	if err := refusedFor(room); err != nil {
		return err
	}
	if plan.Mutations() > 0 {
		return exitOnly(exitFindings)
	}
	return nil
}
