package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupList(a *session.Session) *cobra.Command {
	var o backup.ListOptions
	cmd := &cobra.Command{
		Use:   "list NAME",
		Short: "List database backups and missing ones",
		Long: `List all backups of a client's database: the point-in-time restore window, monthly
restorable copies, snapshots, and S3 Glacier archives (for analysis only). Also list
restored copies that still exist, and backups that the spec requires but are missing.

Read-only. The exit code is 0 even if backups are missing. Backups that AWS denies
access to are shown as "not known". Also works for destroyed clients, whose final
snapshot and archives are kept.`,
		Example: `  cicdctl backup list ACME
  cicdctl backup list ACME --output json | jq '.findings[].title'`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.List(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region to search if there is no spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	return cmd
}
