package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newClientPlan(a *session.Session) *cobra.Command {
	var o client.PlanOptions
	cmd := &cobra.Command{
		Use:   "plan NAME",
		Short: "Show the changes that client create would make",
		Long: `Compare the client's resources on AWS with its spec file and show each difference:
missing resources, manual changes, and conflicts.

Read-only. Exit codes: 0 no changes, 3 changes pending, 4 create would refuse.`,
		Example: `  cicdctl client plan ACME
  cicdctl client plan ACME --output json | jq .summary
  cicdctl client plan NEWCO --region eu-west-1    # without a spec file`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.Plan(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; required only without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	return cmd
}
