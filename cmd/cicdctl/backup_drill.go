package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupDrill(a *session.Session) *cobra.Command {
	var o backup.DrillOptions
	cmd := &cobra.Command{
		Use:   "drill NAME",
		Short: "Test a database restore and measure RPO and RTO",
		Long: `Restore the latest restorable time into a temporary cluster with one instance, wait
until it is available, then delete it. Measures:

  RPO  age of the restored data
  RTO  time until the restored database can be used

The running database is not modified except for a tag with the result, which client
show displays. The results of all drills are kept in the admin bucket.

The temporary cluster is deleted even after a failure, a timeout or Ctrl-C. If the
process was killed, the next drill deletes it, or any client create run six or more
hours later.`,
		Example: `  cicdctl backup drill ACME
  cicdctl backup drill ACME --yes --output json | jq '.rpo_seconds, .rto_seconds'`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.RunDrill(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; required only without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "skip the confirmation prompt")
	return cmd
}
