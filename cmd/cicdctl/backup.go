package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackup(a *session.Session) *cobra.Command {
	return group("backup", "List, create, restore and test database backups",
		`List the backups of a client's database, restore from them, and measure how long a
restore takes.`,
		`  cicdctl backup list ACME
  cicdctl backup run ACME
  cicdctl backup archive ACME --month 2026-11
  cicdctl backup restore ACME --to-time 2026-11-24T10:15:00Z
  cicdctl backup restore ACME --from acme-final-20261124101500
  cicdctl backup drill ACME`,
		newBackupList(a), newBackupRun(a), newBackupArchive(a), newBackupRestore(a), newBackupDiscard(a), newBackupDrill(a))
}

func newBackupList(a *session.Session) *cobra.Command {
	var o backup.ListOptions
	cmd := &cobra.Command{
		Use:   "list NAME",
		Short: "List database backups and missing ones",
		Long: `List all backups of a client's database: the point-in-time restore window, automated
backups kept after a destroy, monthly restorable copies, snapshots, and S3 Glacier
archives (for analysis only). The last column is what backup restore --from takes.
Also list restored copies that still exist, and backups that the spec requires but
are missing.

Read-only. The exit code is 0 even if backups are missing. Backups that AWS denies
access to are shown as "not known". Also works for destroyed clients, whose final
snapshot and archives are kept.`,
		Example: `  cicdctl backup list ACME
  cicdctl backup list ACME --output json | jq '.findings[].title'`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.List(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region to search if there is no spec file")
	specFlag(cmd, &o.Spec)
	return cmd
}

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
	specFlag(cmd, &o.Spec)
	cmd.Flags().BoolVar(&o.Again, "again", false, "create a new archive even if the last one is less than an hour old")
	yesFlag(cmd, &o.Yes)
	return cmd
}

func newBackupArchive(a *session.Session) *cobra.Command {
	o := backup.ReadArchiveOptions{Tier: "bulk", Days: 7}
	cmd := &cobra.Command{
		Use:   "archive NAME --month YYYY-MM",
		Short: "Read a monthly archive: bring it out of S3 Glacier and print queries",
		Long: `Show where the archive of a month is stored and print queries that read its tables
with DuckDB and Amazon Athena, with the types that RDS's export writes.

Archives are in S3 Glacier from the first midnight (UTC) on. The command shows what
it costs to bring the files out, asks for confirmation, and requests them. S3 takes
minutes to hours, depending on --tier; run the same command again to see whether they
are readable, or use --wait. Ctrl-C and --timeout end only the waiting. After --days,
S3 removes the readable copies; the archive stays in S3 Glacier.

An archive is Parquet, for analysis; it cannot be restored as a database.`,
		Example: `  cicdctl backup archive ACME --month 2026-11
  cicdctl backup archive ACME --month 2026-11 --tier standard --wait --yes
  cicdctl backup archive ACME --month 2026-11 --table shop.public.orders`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.ReadArchive(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region to search if there is no spec file")
	specFlag(cmd, &o.Spec)
	cmd.Flags().StringVar(&o.Month, "month", "", "month of the archive, for example 2026-11")
	cmd.Flags().StringVar(&o.Table, "table", "", "show only this table, for example shop.public.orders")
	cmd.Flags().StringVar(&o.Tier, "tier", o.Tier, "retrieval from S3 Glacier: bulk, standard or expedited")
	cmd.Flags().IntVar(&o.Days, "days", o.Days, "days for which the files stay readable")
	cmd.Flags().BoolVar(&o.Wait, "wait", false, "wait until the files are readable")
	complete(cmd, "month", cobra.NoFileCompletions)
	complete(cmd, "table", cobra.NoFileCompletions)
	complete(cmd, "days", cobra.NoFileCompletions)
	complete(cmd, "tier", cobra.FixedCompletions([]string{"bulk", "standard", "expedited"}, cobra.ShellCompDirectiveNoFileComp))
	yesFlag(cmd, &o.Yes)
	return cmd
}

func newBackupRestore(a *session.Session) *cobra.Command {
	var o backup.RestoreOptions
	cmd := &cobra.Command{
		Use:   "restore NAME --to-time TIME | --latest | --from SOURCE",
		Short: "Restore a client's database from a backup, as a new cluster",
		Long: `Restore a client's database to a point in time, or from a backup, as a new cluster,
with the number of instances from the spec in different zones, the client's network,
security groups, KMS key, parameters and logs, and a new secret. The plan is shown
and confirmed first.

--from SOURCE restores a snapshot (such as the final one that client destroy leaves),
a monthly copy, or automated backups kept after the database was deleted; backup list
shows the word for each. --to-time chooses a moment of kept automated backups
(default: the latest).

If the client's own database exists, the result is a copy beside it. If it does not,
as after client destroy, the database itself is restored under its own name, and
everything else that the client lacks is created as client create does.

--region REGION restores in another region than the client's spec names, once the
client is destroyed there; the spec file is updated. A backup of another region is
named with it: eu-west-3/acme-final-20261124101500. The snapshot is copied and
re-encrypted with the client's key of the target region. Automated backups can be
restored only in their own region.

A running database is not modified and the apps keep using it. The output shows the
endpoint of the copy and how to switch to it. From then on, client create manages the
copy like the original, client destroy removes it, and backup discard deletes only
the copy.

If a restore was interrupted, run the same command again to complete it. Drift in the
client's network is not repaired; use client create for that.`,
		Example: `  cicdctl backup restore ACME --to-time 2026-11-24T10:15:00Z
  cicdctl backup restore ACME --latest --as acme-test --yes
  cicdctl backup restore ACME --from acme-final-20261124101500
  cicdctl backup restore ACME --from eu-west-3/acme-final-20261124101500 \
    --region eu-west-1
  cicdctl backup list ACME      # show the restorable period`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.Restore(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region to restore in (default: from the client's spec file)")
	specFlag(cmd, &o.Spec)
	fromFlag(cmd, &o.From)
	cmd.Flags().StringVar(&o.To, "to-time", "", "point in time, for example 2026-11-24T10:15:00Z or 2026-11-24T11:15:00+01:00")
	cmd.Flags().BoolVar(&o.Latest, "latest", false, "restore to the latest restorable time, usually a few minutes ago")
	cmd.Flags().StringVar(&o.As, "as", "", "name of the copy (default: <name>-<time>)")
	yesFlag(cmd, &o.Yes)
	return cmd
}

// fromFlag takes a backup, by the word that backup list shows.
func fromFlag(cmd *cobra.Command, from *string) {
	cmd.Flags().StringVar(from, "from", "", "backup to restore, as shown by backup list")
	complete(cmd, "from", cobra.NoFileCompletions) // only AWS knows them
}

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

func newBackupDrill(a *session.Session) *cobra.Command {
	var o backup.DrillOptions
	cmd := &cobra.Command{
		Use:   "drill NAME",
		Short: "Test a database restore and measure RPO and RTO",
		Long: `Restore the latest restorable time, or with --from another backup, into a temporary
cluster with one instance, wait until it is available, then delete it. Measures:

  RPO  age of the restored data
  RTO  time until the restored database can be used

The running database is not modified except for a tag with the result, which client
show displays; a drill with --from sets no tag. The results of all drills are kept in
the admin bucket.

The temporary cluster is deleted even after a failure, a timeout or Ctrl-C. If the
process was killed, the next drill deletes it, or any client create run six or more
hours later.`,
		Example: `  cicdctl backup drill ACME
  cicdctl backup drill ACME --from monthly-20261101t050000
  cicdctl backup drill ACME --yes --output json | jq '.rpo_seconds, .rto_seconds'`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return backup.RunDrill(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; required only without a spec file")
	specFlag(cmd, &o.Spec)
	fromFlag(cmd, &o.From)
	yesFlag(cmd, &o.Yes)
	return cmd
}
