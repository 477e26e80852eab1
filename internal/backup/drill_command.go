package backup

import (
	"context"
	"errors"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// DrillOptions are those of the backup drill command.
type DrillOptions struct {
	Name, Region, Spec string
	From               string
	Yes                bool
}

// RunDrill restores a copy, measures it, and removes it.
func RunDrill(ctx context.Context, a *session.Session, o DrillOptions) error {
	t, err := session.Wanted(a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	if err := session.Admit(ctx, a, op, t.Spec.Client, t.Spec.Region); err != nil {
		return err
	}
	drill, err := PrepareDrill(ctx, op, t.Spec, o.From)
	if err != nil {
		return err
	}
	plan, err := drill.Plan(ctx)
	if err != nil {
		return err
	}
	notes := []string{a.Print.Sayf("all of this is removed again at the end; it is billed for that time")}
	for _, left := range drill.Left {
		notes = append(notes, a.Print.Sayf("%s, which an earlier drill left, is removed first", left))
	}
	if a.Print.Format == report.Text || !o.Yes {
		shown, err := session.PlanReport(ctx, a, drill.Run, plan, notes...)
		if err != nil {
			return err
		}
		if err := a.Print.ShowPlan(shown); err != nil {
			return err
		}
	}
	if err := plan.Refused(); err != nil {
		return err
	}
	if err := session.Preflight(ctx, drill.Run, plan); err != nil {
		return err
	}
	if err := session.Confirm(ctx, a, o.Yes); err != nil {
		return err
	}
	return conduct(ctx, a, drill, o.Name, 2*plan.Mutations())
}

// conduct carries out a drill that was confirmed, drawing its progress.
func conduct(ctx context.Context, a *session.Session, drill *Drill, name string, steps int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	progress := a.Print.Progress(steps)
	a.Signals.During(progress)
	record, err := drill.Conduct(ctx, a.Signals.Stop, progress.Event, func(holder string) {
		progress.Say("another drill of %s is under way: waits for %s", name, holder)
	})
	a.Signals.During(nil)
	out := Drilled{Done: progress.Close(), Seconds: progress.Elapsed().Seconds()}
	left, isLeft := errors.AsType[*LeftError](err)
	if out.Removed = !isLeft; isLeft {
		a.Print.Tell("the copy %s could not be removed: %s", left.Copy, a.Next("backup discard %s %s", name, left.Copy))
	}
	if record != nil {
		out.DrillRecord = *record
		if err := showDrilled(a.Print, out); err != nil {
			return err
		}
	}
	if err == nil {
		return nil
	}
	if record != nil && out.Removed {
		a.Print.Tell("the copy %s is removed again", record.Copy)
	}
	return &session.StoppedError{Err: err, Done: out.Done}
}
