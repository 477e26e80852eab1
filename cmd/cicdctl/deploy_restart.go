package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
)

type restartOptions struct {
	deployPlace
	yes bool
}

func newDeployRestart(a *app) *cobra.Command {
	var o restartOptions
	cmd := &cobra.Command{
		Use:   "restart NAME APP/SERVICE --env preview|prod",
		Short: "Start a service's tasks again, as they are",
		Long: `Replaces the tasks of a service by new ones of the same revision and waits until all
run. New tasks read their secrets anew: that is how a server learns of other people
(cicdctl app users set). Web servers answer all the time; FTP stops the old task
first, which ends what is being sent.`,
		Example: `  cicdctl deploy restart ACME shop/files --env prod
  cicdctl deploy restart ACME shop/files --env prod --yes`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: a.unitNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.unit = args[0], args[1]
			return runDeployRestart(cmd.Context(), a, o)
		},
	}
	o.flags(cmd)
	envFlag(cmd, &o.env)
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return cmd
}

func runDeployRestart(ctx context.Context, a *app, o restartOptions) error {
	env, err := o.environment()
	if err != nil {
		return err
	}
	t, err := a.place(&o.deployPlace)
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	d, err := deploy.PrepareRestart(ctx, op, t.spec, o.app, o.service, env)
	if err != nil {
		return err
	}
	return a.deploy(ctx, d, o.yes)
}
