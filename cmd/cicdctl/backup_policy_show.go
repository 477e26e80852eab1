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
		Short: "Show which copies of a client's database are kept",
		Long: `Shows the copies that the client's spec file promises: where they are, how long they
are kept, whether a database can be restored from them, and how much would be lost
at worst. Copies that are off are shown too.

Where AWS can be asked, it also tells what the last restore drill measured. It only
reads, and works without AWS.`,
		Example: `  cicdctl backup-policy show ACME
  cicdctl backup-policy show ACME --output json | jq .last_drill.rto_seconds`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.ShowPolicy(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}
