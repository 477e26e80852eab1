package client

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// PlanOptions are those of the client plan command.
type PlanOptions struct {
	Name, Region, Spec string
	Cost               bool // by AWS's price list
}

// Plan shows what client create would do.
func Plan(ctx context.Context, a *session.Session, o PlanOptions) error {
	t, run, plan, err := session.PlanFor(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	var notes []string
	if t.New {
		notes = append(notes, a.Print.Sayf("no spec file: the document's defaults are assumed"))
	}
	room, err := run.Room(ctx, plan)
	if err != nil {
		return err
	}
	notes = append(notes, session.RoomNotes(a, room)...)
	shown, err := session.PlanReport(ctx, a, run, plan, notes...)
	if err != nil {
		return err
	}
	if o.Cost {
		estimate, err := run.Cost(ctx, plan)
		if err != nil {
			return err
		}
		shown.Cost = report.NewCost(estimate)
	}
	if err := a.Print.Plan(shown); err != nil {
		return err
	}
	if err := plan.Stopped(); err != nil {
		return err
	}
	if err := session.RefusedFor(room); err != nil {
		return err
	}
	if plan.Mutations() > 0 {
		return session.ExitCode(session.ExitFindings)
	}
	return nil
}
