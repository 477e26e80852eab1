package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupPolicy(a *session.Session) *cobra.Command {
	return group("backup-policy", "Show and change the database backup policy",
		`A client's database can have three kinds of backup: continuous backup (point-in-time
restore), a restorable monthly copy, and a monthly archive for analysis only. The
spec file defines which ones a client has.`,
		`  cicdctl backup-policy show ACME
  cicdctl backup-policy set ACME --retention-days 35`,
		newBackupPolicySet(a), newBackupPolicyShow(a))
}

func newBackupPolicyShow(a *session.Session) *cobra.Command {
	var o backup.PolicyShowOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show the database backup policy of a client",
		Long: `Show the backups defined in the client's spec file: location, retention, whether a
database can be restored from them, and the maximum data loss (RPO). Disabled backups
are shown too.

If AWS is reachable, the result of the last restore drill is included. Read-only;
works without AWS.`,
		Example: `  cicdctl backup-policy show ACME
  cicdctl backup-policy show ACME --output json | jq .last_drill.rto_seconds`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.ShowPolicy(cmd.Context(), a, o)
		},
	}
	specFlag(cmd, &o.Spec)
	return cmd
}

func newBackupPolicySet(a *session.Session) *cobra.Command {
	var o backup.PolicySetOptions
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change the database backup policy of a client",
		Long: `Update the given values in the client's spec file and apply the spec, as client
create does. Other values and all comments in the file are preserved. The plan is
shown first, and the file is written after confirmation. Values that are already set
cause no change. --remove is that of client create.

The window is in UTC, lasts at least 30 minutes, and must not overlap the maintenance
window in winter or summer time. Archives are for analysis: a database can be
restored only from the continuous backup and the restorable monthly copies.`,
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
			return session.ChangeSpec(cmd.Context(), a, o.Name, o.Spec, o.Consent, changes)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Days, "retention-days", 0, "retention of the continuous backup in days: 1-35")
	f.StringVar(&o.Window, "window", "", "daily backup window in UTC, for example 22:30-23:00")
	f.StringVar(&o.Archive, "archive", "", "archive for analysis in S3 Glacier: monthly or none")
	f.IntVar(&o.Months, "keep-months", 0, "retention of archives in months: 1-120")
	f.StringVar(&o.Restoring, "restorable-monthly", "", "restorable monthly copies, kept 366 days: on or off")
	f.StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	consentFlags(cmd, &o.Consent)
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
