package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newDeployStatus(a *session.Session) *cobra.Command {
	var o session.Place
	cmd := &cobra.Command{
		Use:   "status NAME [APP/SERVICE]",
		Short: "Show the running image and tasks of services",
		Long: `Show for each service, or the given one, what runs in preview and prod: image,
revision, number of tasks, and whether a deployment is in progress or has failed.
Problems are shown with the latest ECS event.

Read-only. The exit code is 0 even if there are problems.`,
		Example: `  cicdctl deploy status ACME
  cicdctl deploy status ACME shop/web --output json | jq '.services[].state'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return named("NAME")(cmd, args)
		},
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			if len(args) > 1 {
				o.Unit = args[1]
			}
			return deploy.ShowStatus(cmd.Context(), a, o)
		},
	}
	placeFlags(&o, cmd)
	return cmd
}
