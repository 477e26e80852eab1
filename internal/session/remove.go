package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// Removal is what the removals of clients and of regions have in common.
type Removal struct {
	Name    string // to be typed
	Confirm string // --confirm
	Plan    bool   // only show what would be removed
	Again   string // the command itself
	Purge   string // the command that removes what was kept
	Back    string // the command that uses what was kept again; may be empty
	// Never is why there may never have been anything, asked when nothing is left but what is kept. May be nil.
	Never   func(kept bool) error
	Nothing string // what to say when nothing is left
	// Shown is told what the plan that is carried out changes. May be nil.
	Shown func([]provision.Change)
	Done  func(count string) string
	After func() ([]string, error)
}

// purging says how what was kept can go: by itself, and for good.
func purging(a *Session, r Removal, kept []provision.Change) []string {
	var last time.Time
	for _, c := range kept {
		if c.Until != nil && c.Until.After(last) {
			last = *c.Until
		}
	}
	steps := []string{a.Print.Sayf("%s removes what was kept, for good", r.Purge)}
	if !last.IsZero() {
		steps = append(steps, a.Print.Sayf("copies expire by themselves until %s; after that, %s removes what held them", last.Format(time.DateOnly), r.Again))
	}
	return steps
}

// removalReport is the plan of a removal: the name that is typed agrees to all of it. What
// stays comes after what goes.
func removalReport(ctx context.Context, a *Session, run *cloud.Run, plan *cloud.Plan, r Removal, kept []provision.Change) (report.Plan, error) {
	p, err := PlanReport(ctx, a, run, plan)
	for i := range p.Removals {
		p.Removals[i].Flag = "--confirm " + quoted(r.Name)
	}
	counts, kinds := map[string]int{}, []string{}
	for _, c := range kept {
		if counts[c.Kind]++; counts[c.Kind] == 1 {
			kinds = append(kinds, c.Kind)
		}
	}
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", counts[kind], kind)
	}
	switch what := strings.Join(kinds, ", "); {
	case what == "":
	case r.Back == "":
		p.Interrupts = append(p.Interrupts, a.Print.Sayf("kept: %s", what))
	default:
		p.Interrupts = append(p.Interrupts, a.Print.Sayf("kept: %s; %s uses it again", what, r.Back))
	}
	snapshot := func(c provision.Change) bool { return c.Kind == "rds/cluster" && c.Op == provision.OpDelete }
	if r.Back != "" && !run.Request.Purge && slices.ContainsFunc(plan.Changes(), snapshot) {
		p.Interrupts = append(p.Interrupts, a.Print.Sayf("kept: a final snapshot of each database; %s makes an empty one, RDS restores the snapshot (restore-db-cluster-from-snapshot)", r.Back))
	}
	return p, err
}

// Remove shows what a removal takes, asks, and carries it out.
func Remove(ctx context.Context, a *Session, run *cloud.Run, r Removal) error {
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	out := report.Outcome{OK: true, Kept: report.Kept(plan)}
	if out.Plan, err = removalReport(ctx, a, run, plan, r, out.Kept); err != nil {
		return err
	}
	if plan.Mutations() == 0 && plan.Stopped() == nil {
		if r.Never != nil {
			if err := r.Never(len(out.Kept) > 0); err != nil {
				return err
			}
		}
		if len(out.Kept) > 0 && !run.Request.Purge {
			out.Next = purging(a, r, out.Kept)
		}
		return a.Print.Success(r.Nothing, out)
	}
	if r.Plan {
		if err := a.Print.Plan(out.Plan); err != nil {
			return err
		}
		if err := plan.Stopped(); err != nil {
			return err
		}
		return ExitCode(ExitFindings)
	}
	if a.Print.Format == report.Text || r.Confirm == "" {
		if err := a.Print.ShowPlan(out.Plan); err != nil {
			return err
		}
	}
	if err := run.Stopped(plan); err != nil {
		return err
	}
	if err := confirmName(ctx, a, r.Name, r.Confirm); err != nil {
		return err
	}
	if r.Shown != nil {
		r.Shown(plan.Changes())
	}
	out.OK = false
	done, count, err := CarryOut(ctx, a, run, plan, &out)
	if err != nil {
		return err
	}
	out.Kept = report.Kept(done)
	if out.Next, err = r.After(); err != nil {
		return err
	}
	if len(out.Kept) > 0 && !run.Request.Purge {
		out.Next = append(purging(a, r, out.Kept), out.Next...)
	}
	return a.Print.Success(r.Done(count), out)
}
