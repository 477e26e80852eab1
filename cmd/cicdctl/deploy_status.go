package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
)

func newDeployStatus(a *app) *cobra.Command {
	var o deployPlace
	cmd := &cobra.Command{
		Use:   "status NAME [APP/SERVICE]",
		Short: "Show what a client's services run",
		Long: `Shows for each service, or for one, what it runs in preview and in prod: image,
revision, tasks, and whether a deployment is in progress or has failed. What is
wrong comes with the last word of ECS.

It only reads, and ends with 0 also when something is wrong.`,
		Example: `  cicdctl deploy status ACME
  cicdctl deploy status ACME shop/web --output json | jq '.services[].state'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return named("NAME")(cmd, args)
		},
		ValidArgsFunction: a.unitNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			if len(args) > 1 {
				o.unit = args[1]
			}
			return runDeployStatus(cmd.Context(), a, o)
		},
	}
	o.flags(cmd)
	return cmd
}

func runDeployStatus(ctx context.Context, a *app, o deployPlace) error {
	t, err := a.wanted(o.name, o.region, o.spec)
	if err == nil && o.unit != "" {
		t, err = a.place(&o)
	}
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	all, err := deploy.Status(ctx, op, t.spec, o.app, o.service)
	if err != nil {
		return err
	}
	return a.print.Running(all)
}
