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
		Short: "Remove a restored copy of a client's database",
		Long: `Removes one restored copy with its instances and log groups, after showing the
plan and asking for its name to be typed. backup list shows the copies there are.

A last snapshot of it is taken; --purge-data takes none, and removes those that
there are of it. It never removes the client's own database. Discarding what is
gone already is no error.`,
		Example: `  cicdctl backup discard ACME acme-20261124t101500
  cicdctl backup discard ACME acme-test --confirm acme-test --purge-data`,
		Args:              named("NAME", "ID"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.ID = args[0], args[1]
			return backup.Discard(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client (that of its spec file, or where it is found)")
	cmd.Flags().StringVar(&o.Confirm, "confirm", "", "the copy's name, instead of typing it")
	cmd.Flags().BoolVar(&o.Purge, "purge-data", false, "keep no snapshot of it")
	return cmd
}
