package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
)

type rollbackOptions struct {
	deployPlace
	to  string
	yes bool
}

func newDeployRollback(a *app) *cobra.Command {
	var o rollbackOptions
	cmd := &cobra.Command{
		Use:   "rollback NAME APP/SERVICE --env preview|prod",
		Short: "Go back to what ran before",
		Long: `Has a service run an earlier revision of its task definition again, as it was: the
last one before this that ran with another image, or the one that --to names. Only
revisions that ran are taken, and only while their image is still in the repository.
The image's findings are not looked at: what ran yesterday is better than what fails.

It also takes back a deployment that is in progress. Run again, it changes nothing:
to go further back, say to what.`,
		Example: `  cicdctl deploy rollback ACME shop/web --env prod
  cicdctl deploy rollback ACME shop/web --env prod --to v1.4.1
  cicdctl deploy rollback ACME shop/web --env prod --to 7 --yes`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: a.unitNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.unit = args[0], args[1]
			return runDeployRollback(cmd.Context(), a, o)
		},
	}
	o.flags(cmd)
	envFlag(cmd, &o.env)
	cmd.Flags().StringVar(&o.to, "to", "", "number or name of a revision, or the tag or digest of its image")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return cmd
}

func runDeployRollback(ctx context.Context, a *app, o rollbackOptions) error {
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
	d, err := deploy.PrepareRollback(ctx, op, t.spec, o.app, o.service, env, o.to)
	if err != nil {
		return err
	}
	return a.deploy(ctx, d, o.yes)
}
