package session

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Job is to bring a client to what its spec says.
type Job struct {
	*Target
	Run  *cloud.Run
	Plan *cloud.Plan
	Consent
	Notes  []string     // for the plan
	edited bool         // the spec file gets new values, which want a yes of their own
	Save   func() error // writes the spec file, where there is something to write
}

// Relocated is the job of a client whose file gets another region, or for a client without
// a file that of its defaults there. Nothing is written yet. From is the region that its
// file names; the run and the plan are the caller's to make.
func Relocated(a *Session, name, region, asked string) (j Job, from string, err error) {
	if err := CheckRegion(region); err != nil {
		return j, "", err
	}
	_, s, err := LoadSpec(a, name, asked)
	if err != nil {
		return j, "", err
	}
	if s == nil || region == "" || s.Region == region {
		t, err := Wanted(a, name, region, asked)
		if err != nil {
			return j, "", err
		}
		return Job{Target: t, Save: func() error { return WriteSpec(a, t) }}, t.Spec.Region, nil
	}
	a.Client = name
	e, err := editSpec(a, name, asked, []spec.Change{{Path: "region", Value: region}})
	if err != nil {
		return j, "", err
	}
	return Job{Target: &e.Target, Notes: editNotes(a, e), edited: true, Save: func() error { return saveEdition(a, e, asked) }}, s.Region, nil
}

// Ensure shows what a client's spec takes, asks, writes the spec file, and carries
// the plan out.
func Ensure(ctx context.Context, a *Session, j Job) error {
	room, err := j.Run.Room(ctx, j.Plan)
	if err != nil {
		return err
	}
	var out report.Outcome
	if out.Plan, err = PlanReport(ctx, a, j.Run, j.Plan, append(j.Notes, RoomNotes(a, room)...)...); err != nil {
		return err
	}
	inOrder := func() error {
		out.OK, out.Next = true, afterwards(a, j.name, j.Plan, nil)
		if err := j.Save(); err != nil {
			return err
		}
		noteApplied(ctx, a, j)
		return a.Print.Success(a.Print.Sayf("%s is in order in %s: no change.", j.name, j.Spec.Region), out)
	}
	if j.Plan.Settled() && !j.edited && j.Run.Stopped(j.Plan) == nil {
		return inOrder()
	}
	if a.Print.Format == report.Text || !j.Yes {
		if err := a.Print.ShowPlan(out.Plan); err != nil {
			return err
		}
	}
	if err := j.Run.Stopped(j.Plan); err != nil {
		return err
	}
	if err := RefusedFor(room); err != nil {
		return err
	}
	// Where something is only still being made there is nothing to confirm.
	if j.Plan.Mutations() > 0 || j.edited {
		if err := agree(ctx, a, j.Run, j.Plan, out.Plan.Removals, j.Consent); err != nil {
			return err
		}
	}
	if j.Plan.Settled() {
		return inOrder()
	}
	if err := j.Save(); err != nil {
		return err
	}
	done, count, err := CarryOut(ctx, a, j.Run, j.Plan, &out)
	if err != nil {
		return err
	}
	noteRequired(a, j.Target)
	out.Next = afterwards(a, j.name, done, j.Plan.Changes())
	return a.Print.Success(a.Print.Sayf("%s is ready in %s: %s", j.name, j.Spec.Region, count), out)
}

// noteApplied notes which cicdctl found a client as its spec says. Nothing depends on it but later
// comparisons of versions: what comes in between is told.
func noteApplied(ctx context.Context, a *Session, j Job) {
	for _, line := range downgrades(a, j.Run, j.Plan) { // no plan was shown
		a.Print.TellLine(line)
	}
	if err := j.Run.Mark(ctx, j.Plan); err != nil {
		a.Print.Tell("it could not be noted on %s which cicdctl applied it: %s", j.name, awsapi.Explain(err))
	}
	noteRequired(a, j.Target)
}

// RecordSteps ask for the DNS records that certificates wait for, in zones that are not ours.
func RecordSteps(a *Session, client string, records []cloud.Record) []string {
	var steps []string
	for _, r := range records {
		if r.Unseen {
			steps = append(steps, a.Print.Sayf("the domain's name servers have to be those of its hosted zone, where AWS does not see the record of the certificate of %s: %s", r.Domain, a.Print.Keep(r.Text)))
			continue
		}
		steps = append(steps, a.Print.Sayf("put this record into the DNS of %s, for its certificate: %s", r.Domain, a.Print.Keep(r.Text)))
		if a.Sandbox() != "" {
			steps = append(steps, a.Next("sandbox issue %s", r.Domain))
		}
	}
	if len(steps) > 0 {
		steps = append(steps, a.Print.Sayf("once AWS has seen it, turn HTTPS on: %s", a.Next("client create %s", client)))
	}
	return steps
}
