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
		Short: "Show what create would change, and why",
		Long: `Compares what AWS holds with the client's spec file and shows every difference by
its name: what is missing, what was changed by hand, what is in the way.

It changes nothing. The exit code is 0 when all is in order, 3 when something
would change, and 4 when create would refuse.`,
		Example: `  cicdctl client plan ACME
  cicdctl client plan ACME --output json | jq .summary
  cicdctl client plan NEWCO --region eu-west-1    # before it has a file`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.Plan(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}
