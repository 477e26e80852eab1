package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupRun(a *session.Session) *cobra.Command {
	var o backup.ArchiveOptions
	cmd := &cobra.Command{
		Use:   "run NAME",
		Short: "Archive a client's database now",
		Long: `Has RDS write the client's database to its archive bucket, as the schedule does
once a month, and waits for the end. Backups need no command: Aurora makes them
all the time.

An archive that is under way is waited for, and one that is less than an hour old
is as good as a new one, so that the command can be run again after it was stopped.
RDS goes on when the waiting ends: Ctrl-C and --timeout stop the waiting only.

The tables that RDS left out are named. The exit code is 1 when the archive failed.`,
		Example: `  cicdctl backup run ACME
  cicdctl backup run ACME --yes --timeout 2h --output json`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.RunArchive(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	cmd.Flags().BoolVar(&o.Again, "again", false, "make another one although the last is less than an hour old")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return cmd
}
