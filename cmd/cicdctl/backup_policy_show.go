package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupPolicyShow(a *session.Session) *cobra.Command {
	var o backup.PolicyShowOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show the database backup policy of a client",
		Long: `Show the backups defined in the client's spec file: location, retention, whether a
database can be restored from them, and the maximum data loss (RPO). Disabled backups
are shown too.

If AWS is reachable, the result of the last restore drill is included. Read-only;
works without AWS.`,
		Example: `  cicdctl backup-policy show ACME
  cicdctl backup-policy show ACME --output json | jq .last_drill.rto_seconds`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.ShowPolicy(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	return cmd
}
