package main

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// job is to bring a client to what its spec says.
type job struct {
	*target
	run    *cloud.Run
	plan   *cloud.Plan
	yes    bool
	notes  []string     // for the plan
	edited bool         // the spec file gets new values, which want a yes of their own
	save   func() error // writes the spec file, where there is something to write
}

// ensure shows what a client's spec takes, asks, writes the spec file, and carries
// the plan out.
func (a *app) ensure(ctx context.Context, j job) error {
	room, err := j.run.Room(ctx, j.plan)
	if err != nil {
		return err
	}
	out := report.Outcome{Plan: a.planReport(j.run, j.plan, append(j.notes, a.roomNotes(room)...)...)}
	inOrder := func() error {
		out.OK, out.Next = true, a.afterwards(j.name, j.plan)
		if err := j.save(); err != nil {
			return err
		}
		return a.print.Success(a.print.Sayf("%s is in order in %s: no change.", j.name, j.spec.Region), out)
	}
	if j.plan.Settled() && !j.edited {
		return inOrder()
	}
	if a.print.Format == report.Text || !j.yes {
		if err := a.print.ShowPlan(out.Plan); err != nil {
			return err
		}
	}
	if err := j.plan.Refused(); err != nil {
		return err
	}
	if err := refusedFor(room); err != nil {
		return err
	}
	// Where something is only still being made there is nothing to confirm.
	if j.plan.Mutations() > 0 || j.edited {
		if err := a.confirmed(ctx, j.yes); err != nil {
			return err
		}
	}
	if j.plan.Settled() {
		return inOrder()
	}
	if err := j.save(); err != nil {
		return err
	}
	done, count, err := a.carryOut(ctx, j.run, j.plan, &out)
	if err != nil {
		return err
	}
	out.Next = a.afterwards(j.name, done)
	return a.print.Success(a.print.Sayf("%s is ready in %s: %s", j.name, j.spec.Region, count), out)
}

// afterwards are the next steps once a client is as its spec says.
func (a *app) afterwards(name string, plan *cloud.Plan) []string {
	return append(a.recordSteps(name, cloud.WantedRecords(plan.Held())), a.next("client show %s", name))
}
