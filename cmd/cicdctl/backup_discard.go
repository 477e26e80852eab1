package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupDiscard(a *session.Session) *cobra.Command {
	var o backup.DiscardOptions
	cmd := &cobra.Command{
		Use:   "discard NAME ID",
		Short: "Delete a restored copy of a client's database",
		Long: `Delete a restored database cluster with its instances and log groups. The command
shows the plan and asks you to type the cluster's name. backup list shows the
restored copies.

A final snapshot is taken first. With --purge-data, no snapshot is taken and existing
snapshots of the copy are deleted. The client's own database is never deleted. If the
copy does not exist, the command succeeds.`,
		Example: `  cicdctl backup discard ACME acme-20261124t101500
  cicdctl backup discard ACME acme-test --confirm acme-test --purge-data`,
		Args:              named("NAME", "ID"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.ID = args[0], args[1]
			return backup.Discard(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client (default: from its spec file, or detected)")
	cmd.Flags().StringVar(&o.Confirm, "confirm", "", "name of the copy, skips the prompt")
	cmd.Flags().BoolVar(&o.Purge, "purge-data", false, "take no final snapshot and delete existing ones")
	return cmd
}
