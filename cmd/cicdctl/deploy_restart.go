package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newDeployRestart(a *session.Session) *cobra.Command {
	var o deploy.RestartOptions
	cmd := &cobra.Command{
		Use:   "restart NAME APP/SERVICE --env preview|prod",
		Short: "Restart tasks so that they reload secrets",
		Long: `Replace the tasks of a service with new tasks of the same revision, and wait until
all run. New tasks reload their secrets, for example after cicdctl app users set.
Web servers stay available during the restart. FTP services stop the old task first,
which aborts transfers in progress.`,
		Example: `  cicdctl deploy restart ACME shop/files --env prod
  cicdctl deploy restart ACME shop/files --env prod --yes`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return deploy.Restart(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "skip the confirmation prompt")
	return cmd
}
