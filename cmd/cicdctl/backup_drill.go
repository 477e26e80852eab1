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
		Short: "Prove that a client's database can be restored, and measure how fast",
		Long: `Restores the latest moment of the client's database into a copy with one instance,
waits until RDS calls it available, and removes the copy again. It measures what
the promises to the client are about:

  RPO  how old the data is that comes back
  RTO  how long it takes until the database can be used

The database that runs is not touched but for a tag with these figures, which
client show tells; how every drill went is kept in the admin bucket.

The copy is removed whatever happens: also after a failure, a timeout or Ctrl-C.
What a drill that was killed has left is removed by the next one, or by any run
of client create six hours later.`,
		Example: `  cicdctl backup drill ACME
  cicdctl backup drill ACME --yes --output json | jq '.rpo_seconds, .rto_seconds'`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.RunDrill(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return cmd
}
