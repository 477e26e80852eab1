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
		Short: "List what a client's data can be brought back from, and what is missing",
		Long: `Lists every copy of a client's database: the span that can be restored to any
moment, the restorable copy of each month, snapshots, and the archives in S3
Glacier, which are for analysis only. Then the databases that were restored and
are still there, and what is missing of what was agreed with the client.

It only reads, and ends with 0 also when something is missing. What AWS refuses to
tell is called not known, and never none. It works for a client that was destroyed
too, whose last snapshot and archives are kept.`,
		Example: `  cicdctl backup list ACME
  cicdctl backup list ACME --output json | jq '.findings[].title'`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.List(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "where to look, for a client without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}
