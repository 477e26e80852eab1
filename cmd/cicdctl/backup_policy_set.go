package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupPolicySet(a *session.Session) *cobra.Command {
	var o backup.PolicySetOptions
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change which copies of a client's database are kept",
		Long: `Changes the values that are given in the client's spec file and brings the client
to what the file then says, as client create does. All other values, and every
comment of the file, stay as they are. The plan is shown first; the file is written
once it is confirmed. What is so already changes nothing.

The window is in UTC, lasts 30 minutes at least, and may not overlap the maintenance
window, neither in winter nor in summer. An archive is for analysis: only the
continuous backup and the restorable monthly copies can become a database again.`,
		Example: `  cicdctl backup-policy set ACME --retention-days 35
  cicdctl backup-policy set ACME --window 22:30-23:00 --yes
  cicdctl backup-policy set ACME --archive monthly --keep-months 24
  cicdctl backup-policy set ACME --restorable-monthly off`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			changes, err := o.Changes(cmd.Flags().Changed)
			if err != nil {
				return err
			}
			return session.ChangeSpec(cmd.Context(), a, o.Name, o.Spec, o.Yes, changes)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Days, "retention-days", 0, "days that the continuous backup goes back: 1-35")
	f.StringVar(&o.Window, "window", "", "daily backup window in UTC, such as 22:30-23:00")
	f.StringVar(&o.Archive, "archive", "", "archive for analysis in S3 Glacier: monthly or none")
	f.IntVar(&o.Months, "keep-months", 0, "months that an archive is kept: 1-120")
	f.StringVar(&o.Restoring, "restorable-monthly", "", "restorable copy of every month, kept 366 days: on or off")
	f.StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	f.BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	oneOf(cmd, "archive", "monthly", "none")
	oneOf(cmd, "restorable-monthly", "on", "off")
	return cmd
}

// oneOf completes a flag that takes one of a few words.
func oneOf(cmd *cobra.Command, flag string, words ...string) {
	complete(cmd, flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	})
}
