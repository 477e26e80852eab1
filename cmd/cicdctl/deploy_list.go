package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newDeployList(a *session.Session) *cobra.Command {
	var o deploy.ListOptions
	cmd := &cobra.Command{
		Use:   "list NAME APP/SERVICE --env preview|prod",
		Short: "List the deployments of a service",
		Long: `List the task definition revisions that deployments registered, newest first: image,
time, user and result. Revisions that ran can be rolled back to. Read-only.`,
		Example: `  cicdctl deploy list ACME shop/web --env prod
  cicdctl deploy list ACME shop/web --env prod --output json | jq -r '.deploys[].tag'`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return deploy.List(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	cmd.Flags().IntVar(&o.Limit, "limit", 20, "maximum number of deployments to list")
	return cmd
}
