package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type restoreOptions struct {
	name, region, spec string
	to, as             string
	latest, yes        bool
}

func newBackupRestore(a *app) *cobra.Command {
	var o restoreOptions
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
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runBackupRestore(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	cmd.Flags().StringVar(&o.to, "to-time", "", "the moment, such as 2026-11-24T10:15:00Z or 2026-11-24T11:15:00+01:00")
	cmd.Flags().BoolVar(&o.latest, "latest", false, "the latest moment that can be restored, usually some minutes ago")
	cmd.Flags().StringVar(&o.as, "as", "", "name of the copy (<name>- and the moment)")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return cmd
}

// ask is what the flags say.
func (o restoreOptions) ask() (backup.RestoreAsk, error) {
	ask := backup.RestoreAsk{As: o.as}
	switch {
	case o.to != "" && o.latest:
		return ask, usagef("", "--to-time and --latest exclude each other")
	case o.to == "" && !o.latest:
		return ask, usagef("say when with --to-time 2026-11-24T10:15:00Z, or --latest", "nothing says which moment to restore")
	}
	if o.to != "" {
		at, err := time.Parse(time.RFC3339Nano, o.to)
		if err != nil {
			return ask, usagef("write it like 2026-11-24T10:15:00Z, which is UTC, or 2026-11-24T11:15:00+01:00", "--to-time %q is not a moment in the format RFC 3339", o.to)
		}
		ask.At = at.UTC().Truncate(time.Millisecond) // as exact as RDS is
	}
	if o.as != "" {
		if err := rules.CheckCopyName(o.name, o.as); err != nil {
			return ask, usagef("choose a name such as "+rules.CopyPrefix(o.name)+"test", "--as %w", err)
		}
	}
	return ask, nil
}

func runBackupRestore(ctx context.Context, a *app, o restoreOptions) error {
	t, err := a.wanted(o.name, o.region, o.spec)
	if err != nil {
		return err
	}
	ask, err := o.ask()
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	run, err := backup.PrepareRestore(ctx, op, t.spec, ask)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	notes := a.print.RestoreNotes(run)
	if t.new {
		notes = append(notes, a.print.Sayf("no spec file: the document's defaults are assumed"))
	}
	out := report.Restored{Outcome: report.Outcome{Plan: a.planReport(run.Run, plan, notes...), Next: a.afterRestore(o.name, run)}}
	out.Copy = report.Copy{ID: run.ID, From: run.From, Resumed: run.Exists && !plan.Settled()}
	if plan.Settled() {
		if err := run.Finish(ctx); err != nil {
			return err
		}
		out.OK, out.Copy.Endpoints = true, run.Endpoints(plan)
		return a.print.Restored(a.print.Sayf("%s is there already and complete, since %s", run.ID, run.Made.Format(time.RFC3339)), out)
	}
	if run.Exists {
		a.print.Tell("%s was begun at %s and is not complete: this run completes it", run.ID, run.Made.Format(time.RFC3339))
	}
	if a.print.Format == report.Text || !o.yes {
		if err := a.print.ShowPlan(out.Plan); err != nil {
			return err
		}
	}
	if err := plan.Refused(); err != nil {
		return err
	}
	if err := a.preflight(ctx, run.Run, plan); err != nil {
		return err
	}
	if plan.Mutations() > 0 {
		if err := a.confirmed(ctx, o.yes); err != nil {
			return err
		}
	}
	done, count, err := a.carryOut(ctx, run.Run, plan, &out.Outcome)
	if err != nil {
		return err
	}
	out.Copy.Endpoints = run.Endpoints(done)
	return a.print.Restored(a.print.Sayf("%s is restored as %s: %s", o.name, run.ID, count), out)
}

// afterRestore says how the apps get to the copy, and back, and how it goes.
func (a *app) afterRestore(name string, run *backup.Restoration) []string {
	return []string{
		a.print.Sayf("nothing is switched: an app goes to the copy when it is given the writer's address in place of that of %s, wherever it reads it from, and is deployed again; cicdctl gives containers no address of a database", run.Source),
		a.print.Sayf("users and passwords are those of that moment, but for the master user's, which is new and in the secret"),
		a.print.Sayf("to go back, give the app the old address again: %s stays as it is", run.Source),
		a.print.Sayf("to remove the copy: %s", a.next("backup discard %s %s", name, run.ID)),
	}
}
