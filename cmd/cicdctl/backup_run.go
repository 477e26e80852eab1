package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/report"
)

type backupRunOptions struct {
	name, region, spec string
	again, yes         bool
}

func newBackupRun(a *app) *cobra.Command {
	var o backupRunOptions
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
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runBackupRun(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	cmd.Flags().BoolVar(&o.again, "again", false, "make another one although the last is less than an hour old")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return cmd
}

func runBackupRun(ctx context.Context, a *app, o backupRunOptions) error {
	t, err := a.wanted(o.name, o.region, o.spec)
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	archive, err := backup.PrepareArchive(ctx, op, t.spec, time.Now(), o.again)
	if err != nil {
		return err
	}
	list := a.next("backup list %s", o.name)
	out := report.Archived{Client: archive.Client, Region: archive.Region, Next: []string{list}}
	switch {
	case archive.Running != nil:
		a.print.Tell("the archive %s is under way already: this waits for it", archive.Running.Name)
	case archive.Fresh != nil:
		out.Fresh, out.OK, out.Archive = true, true, archive.Fresh
		out.Next = []string{a.next("backup run %s --again", o.name)}
		return a.print.Archived(out)
	default:
		if err := a.print.ArchivePlan(archive, a.sandbox() != ""); err != nil {
			return err
		}
		if err := a.confirmed(ctx, o.yes); err != nil {
			return err
		}
	}
	out.Archive, err = archive.Run(ctx, a.print.ArchiveProgress())
	out.Begun = archive.Begun
	if err == nil {
		out.OK = true
		return a.print.Archived(out)
	}
	return a.notArchived(ctx, archive, out, err)
}

// notArchived tells how an archive that is not complete stands.
func (a *app) notArchived(ctx context.Context, archive *backup.Archive, out report.Archived, err error) error {
	if a.print.Format == report.JSON && out.Archive != nil {
		if err := a.print.Archived(out); err != nil {
			return err
		}
	}
	if ctx.Err() == nil {
		return err
	}
	switch {
	case out.Archive != nil:
		a.print.Tell("no longer waiting: RDS goes on with the archive %s (%d%%); look with: %s", out.Archive.Name, out.Archive.Percent, out.Next[0])
	default:
		a.print.Tell("no longer waiting: whether the archive %s was begun is not known; look with: %s", archive.Name, out.Next[0])
	}
	if interrupted, _ := a.signals.how(); interrupted {
		return exitOnly(exitInterrupted)
	}
	return exitOnly(exitError)
}
