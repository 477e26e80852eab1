package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newMaintenanceShow(a *session.Session) *cobra.Command {
	var o client.MaintenanceShowOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a client's weekly maintenance window",
		Long: `Shows the window of the client's spec file in local time and in UTC, in winter and
in summer, when it is next, and what happens in it. It needs no AWS.`,
		Example: `  cicdctl maintenance show ACME
  cicdctl maintenance show ACME --output json | jq -r .next.from`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(_ *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.ShowMaintenance(a, o)
		},
	}
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}
