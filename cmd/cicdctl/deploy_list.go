package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
)

type deployListOptions struct {
	deployPlace
	limit int
}

func newDeployList(a *app) *cobra.Command {
	var o deployListOptions
	cmd := &cobra.Command{
		Use:   "list NAME APP/SERVICE --env preview|prod",
		Short: "List the deploys of a service",
		Long: `Lists the revisions of a service's task definition that deploys have made, the
newest first: which image, when, by whom, and what came of it. Those that ran can be
gone back to. It only reads.`,
		Example: `  cicdctl deploy list ACME shop/web --env prod
  cicdctl deploy list ACME shop/web --env prod --output json | jq -r '.deploys[].tag'`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: a.unitNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.unit = args[0], args[1]
			return runDeployList(cmd.Context(), a, o)
		},
	}
	o.flags(cmd)
	envFlag(cmd, &o.env)
	cmd.Flags().IntVar(&o.limit, "limit", 20, "how many to list at most")
	return cmd
}

func runDeployList(ctx context.Context, a *app, o deployListOptions) error {
	env, err := o.environment()
	if err != nil {
		return err
	}
	if o.limit < 1 {
		return usagef("give a number such as 20", "--limit %d is less than one", o.limit)
	}
	t, err := a.place(&o.deployPlace)
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	unit, all, err := deploy.History(ctx, op, t.spec, o.app, o.service, env, o.limit)
	if err != nil {
		return err
	}
	return a.print.Deploys(unit, all)
}
