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
		Short: "Roll back a service to an earlier revision",
		Long: `Deploy an earlier task definition revision unchanged: the last one that ran with a
different image, or the one given by --to. Only revisions that ran are accepted, and
only if their image still exists in the repository. Scan findings are not checked,
because the image has already run.

A deployment in progress is cancelled. Running the command again changes nothing; to
go further back, use --to.`,
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
	cmd.Flags().StringVar(&o.To, "to", "", "revision number or name, or tag or digest of its image")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "skip the confirmation prompt")
	return cmd
}
