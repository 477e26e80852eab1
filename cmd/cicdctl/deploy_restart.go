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
		Short: "Start a service's tasks again, as they are",
		Long: `Replaces the tasks of a service by new ones of the same revision and waits until all
run. New tasks read their secrets anew: that is how a server learns of other people
(cicdctl app users set). Web servers answer all the time; FTP stops the old task
first, which ends what is being sent.`,
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
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return cmd
}
