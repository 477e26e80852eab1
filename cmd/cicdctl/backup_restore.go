package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupRestore(a *session.Session) *cobra.Command {
	var o backup.RestoreOptions
	cmd := &cobra.Command{
		Use:   "restore NAME --to-time TIME | --latest",
		Short: "Restore a client's database to a point in time, as a new cluster",
		Long: `Restore a client's database to a point in time as a new cluster, with the number of
instances from the spec in different zones, the client's network, security groups,
KMS key, parameters and logs, and a new secret. The plan is shown and confirmed
first.

The running database is not modified and the apps keep using it. The output shows the
endpoint of the copy and how to switch to it. From then on, client create manages the
copy like the original, client destroy removes it, and backup discard deletes only
the copy.

If a restore was interrupted, run the same command again to complete it. Drift in the
client's network is not repaired; use client create for that.`,
		Example: `  cicdctl backup restore ACME --to-time 2026-11-24T10:15:00Z
  cicdctl backup restore ACME --latest --as acme-test --yes
  cicdctl backup list ACME      # show the restorable period`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.Restore(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; required only without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	cmd.Flags().StringVar(&o.To, "to-time", "", "point in time, for example 2026-11-24T10:15:00Z or 2026-11-24T11:15:00+01:00")
	cmd.Flags().BoolVar(&o.Latest, "latest", false, "restore to the latest restorable time, usually a few minutes ago")
	cmd.Flags().StringVar(&o.As, "as", "", "name of the copy (default: <name>-<time>)")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "skip the confirmation prompt")
	return cmd
}
