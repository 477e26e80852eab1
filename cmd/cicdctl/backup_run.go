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
		Long: `Export the client's database to its archive bucket, as the monthly schedule does, and
wait until it is complete. Restorable backups need no command: Aurora creates them
continuously.

If an archive is in progress, the command waits for it; if one is less than an hour
old, no new one is created. It is therefore safe to run the command again after an
interruption. Ctrl-C and --timeout end only the waiting; the export continues.

Tables that RDS skipped are listed. The exit code is 1 if the export failed.`,
		Example: `  cicdctl backup run ACME
  cicdctl backup run ACME --yes --timeout 2h --output json`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.RunArchive(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; required only without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	cmd.Flags().BoolVar(&o.Again, "again", false, "create a new archive even if the last one is less than an hour old")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "skip the confirmation prompt")
	return cmd
}
