package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newDeployRollback(a *session.Session) *cobra.Command {
	var o deploy.RollbackOptions
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
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return deploy.Rollback(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	cmd.Flags().StringVar(&o.To, "to", "", "number or name of a revision, or the tag or digest of its image")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return cmd
}
