package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/report"
)

type drillOptions struct {
	name, region, spec string
	yes                bool
}

func newBackupDrill(a *app) *cobra.Command {
	var o drillOptions
	cmd := &cobra.Command{
		Use:   "drill NAME",
		Short: "Prove that a client's database can be restored, and measure how fast",
		Long: `Restores the latest moment of the client's database into a copy with one instance,
waits until RDS calls it available, and removes the copy again. It measures what
the promises to the client are about:

  RPO  how old the data is that comes back
  RTO  how long it takes until the database can be used

The database that runs is not touched but for a tag with these figures, which
client show tells; how every drill went is kept in the admin bucket.

The copy is removed whatever happens: also after a failure, a timeout or Ctrl-C.
What a drill that was killed has left is removed by the next one, or by any run
of client create six hours later.`,
		Example: `  cicdctl backup drill ACME
  cicdctl backup drill ACME --yes --output json | jq '.rpo_seconds, .rto_seconds'`,
		Args:              named("NAME"),
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runBackupDrill(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return cmd
}

func runBackupDrill(ctx context.Context, a *app, o drillOptions) error {
	t, err := a.wanted(o.name, o.region, o.spec)
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	drill, err := backup.PrepareDrill(ctx, op, t.spec)
	if err != nil {
		return err
	}
	plan, err := drill.Plan(ctx)
	if err != nil {
		return err
	}
	notes := []string{a.print.Sayf("all of this is removed again at the end; it is billed for that time")}
	for _, left := range drill.Left {
		notes = append(notes, a.print.Sayf("%s, which an earlier drill left, is removed first", left))
	}
	if a.print.Format == report.Text || !o.yes {
		if err := a.print.ShowPlan(a.planReport(drill.Run, plan, notes...)); err != nil {
			return err
		}
	}
	if err := plan.Refused(); err != nil {
		return err
	}
	if err := a.preflight(ctx, drill.Run, plan); err != nil {
		return err
	}
	if err := a.confirmed(ctx, o.yes); err != nil {
		return err
	}
	return a.conduct(ctx, drill, o.name, 2*plan.Mutations())
}

// conduct carries out a drill that was confirmed, drawing its progress.
func (a *app) conduct(ctx context.Context, drill *backup.Drill, name string, steps int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	progress := a.print.Progress(steps)
	a.signals.during(progress)
	record, err := drill.Conduct(ctx, a.signals.stop, progress.Event, func(holder string) {
		progress.Say("another drill of %s is under way: waits for %s", name, holder)
	})
	a.signals.during(nil)
	out := report.Drilled{Done: progress.Close(), Seconds: progress.Elapsed().Seconds(), Next: []string{a.next("client show %s", name)}}
	left, isLeft := errors.AsType[*backup.LeftError](err)
	if out.Removed = !isLeft; isLeft {
		a.print.Tell("the copy %s could not be removed: %s", left.Copy, a.next("backup discard %s %s", name, left.Copy))
	}
	if record != nil {
		out.DrillRecord = *record
		if err := a.print.Drilled(out); err != nil {
			return err
		}
	}
	if err == nil {
		return nil
	}
	if record != nil && out.Removed {
		a.print.Tell("the copy %s is removed again", record.Copy)
	}
	return &stoppedError{err, out.Done}
}
