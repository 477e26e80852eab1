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
		Long: `Show the window from the client's spec file in local time and UTC, for winter and
summer, with the next occurrence and what happens in it. No AWS access is needed.`,
		Example: `  cicdctl maintenance show ACME
  cicdctl maintenance show ACME --output json | jq -r .next.from`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(_ *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.ShowMaintenance(a, o)
		},
	}
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	return cmd
}
