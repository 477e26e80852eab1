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
		Short: "Restore a client's database to a moment, beside the one that runs",
		Long: `Makes a database as the client's was at a moment of the last days: a cluster of
its own with as many instances as the spec says, in different zones, with the
client's network, groups, key, settings and logs, and a new secret. The plan is
shown and confirmed first.

The database that runs is not touched, and the apps go on with it: the end of the
output says where the copy answers and how to switch. From then on, client create
looks after the copy as after the original, and client destroy removes it too;
backup discard removes it alone.

The same command again completes a restore that was stopped. What changed in the
client's network since is not mended: that is client create's.`,
		Example: `  cicdctl backup restore ACME --to-time 2026-11-24T10:15:00Z
  cicdctl backup restore ACME --latest --as acme-test --yes
  cicdctl backup list ACME      # from when to when`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.Restore(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	cmd.Flags().StringVar(&o.To, "to-time", "", "the moment, such as 2026-11-24T10:15:00Z or 2026-11-24T11:15:00+01:00")
	cmd.Flags().BoolVar(&o.Latest, "latest", false, "the latest moment that can be restored, usually some minutes ago")
	cmd.Flags().StringVar(&o.As, "as", "", "name of the copy (<name>- and the moment)")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return cmd
}
