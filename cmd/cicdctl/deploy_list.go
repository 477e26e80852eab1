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
		Short: "List the deploys of a service",
		Long: `Lists the revisions of a service's task definition that deploys have made, the
newest first: which image, when, by whom, and what came of it. Those that ran can be
gone back to. It only reads.`,
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
	cmd.Flags().IntVar(&o.Limit, "limit", 20, "how many to list at most")
	return cmd
}
