package backup

import (
	"context"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// RestoreOptions are those of the backup restore command.
type RestoreOptions struct {
	Name, Region, Spec string
	To, As, From       string
	Latest, Yes        bool
}

// ask is what the flags say.
func (o RestoreOptions) ask() (RestoreAsk, error) {
	ask := RestoreAsk{As: o.As, From: o.From}
	switch {
	case o.To != "" && o.Latest:
		return ask, session.Usagef("", "--to-time and --latest exclude each other")
	case o.To == "" && !o.Latest && o.From == "":
		return ask, session.Usagef("specify the time with --to-time 2026-11-24T10:15:00Z, or --latest; or a backup with --from, one of those that backup list shows", "nothing says which moment to restore")
	}
	if o.To != "" {
		at, err := time.Parse(time.RFC3339Nano, o.To)
		if err != nil {
			return ask, session.Usagef("write it like 2026-11-24T10:15:00Z, which is UTC, or 2026-11-24T11:15:00+01:00", "--to-time %q is not a moment in the format RFC 3339", o.To)
		}
		ask.At = at.UTC().Truncate(time.Millisecond) // as exact as RDS is
	}
	if o.As != "" {
		if err := rules.CheckCopyName(o.Name, o.As); err != nil {
			return ask, session.Usagef(lang.Sprintf("choose a name such as %s", rules.CopyPrefix(o.Name)+"test"), "--as %w", err)
		}
	}
	return ask, nil
}

// Restore restores a copy beside a client's database, or that database itself where it is
// gone.
func Restore(ctx context.Context, a *session.Session, o RestoreOptions) error {
	ask, err := o.ask()
	if err != nil {
		return err
	}
	job, home, err := session.Relocated(a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	t := job.Target
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	if err := session.Admit(ctx, a, op, t.Spec.Client, t.Spec.Region); err != nil {
		return err
	}
	if ask.Home = home; home != t.Spec.Region {
		if err := vacated(ctx, op, o.Name, home, t.Spec.Region); err != nil {
			return err
		}
	}
	run, err := PrepareRestore(ctx, op, t.Spec, ask)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	if run.Own {
		elsewhere, err := session.NotElsewhere(ctx, a, t.Spec, plan)
		if err != nil {
			return err
		}
		job.Notes = append(job.Notes, elsewhere...)
		job.Run, job.Plan, job.Yes = run.Run, plan, o.Yes
		job.Notes = append(job.Notes, showOwnNotes(a, run, t)...)
		return session.Ensure(ctx, a, job)
	}
	notes := showRestoreNotes(a.Print, run)
	if t.New {
		notes = append(notes, a.Print.Sayf("no spec file: the document's defaults are assumed"))
	}
	shown, err := session.PlanReport(ctx, a, run.Run, plan, notes...)
	if err != nil {
		return err
	}
	out := Restored{Outcome: report.Outcome{Plan: shown, Next: afterRestore(a, o.Name, run)}}
	out.Copy = Copy{ID: run.ID, From: run.From, Resumed: run.Exists && !plan.Settled()}
	if plan.Settled() {
		if err := run.Finish(ctx); err != nil {
			return err
		}
		out.OK, out.Copy.Endpoints = true, run.Endpoints(plan)
		return showRestored(a.Print, a.Print.Sayf("%s is there already and complete, since %s", run.ID, run.Made.Format(time.RFC3339)), out)
	}
	if run.Exists {
		a.Print.Tell("%s was begun at %s and is not complete: this run completes it", run.ID, run.Made.Format(time.RFC3339))
	}
	if a.Print.Format == report.Text || !o.Yes {
		if err := a.Print.ShowPlan(out.Plan); err != nil {
			return err
		}
	}
	if err := plan.Refused(); err != nil {
		return err
	}
	if err := session.Preflight(ctx, run.Run, plan); err != nil {
		return err
	}
	if plan.Mutations() > 0 {
		if err := session.Confirm(ctx, a, o.Yes); err != nil {
			return err
		}
	}
	done, count, err := session.CarryOut(ctx, a, run.Run, plan, &out.Outcome)
	if err != nil {
		return err
	}
	out.Copy.Endpoints = run.Endpoints(done)
	return showRestored(a.Print, a.Print.Sayf("%s is restored as %s: %s", o.Name, run.ID, count), out)
}

// vacated refuses to restore a client's database in another region while the client is in
// the one that its file names: IAM has each name once for all regions, so a client is in one.
func vacated(ctx context.Context, op *cloud.Operator, name, home, region string) error {
	clients, err := op.Clients(ctx, home)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(clients, func(c cloud.Client) bool { return c.Name == name }) {
		return nil
	}
	return session.Refuse(lang.Sprintf("to move it: cicdctl client destroy %s --region %s, which leaves a final snapshot, then cicdctl backup restore %s --from %s/%s-final-… --region %s", name, home, name, home, rules.DatabaseName(name), region),
		"%s is in %s, and a client is in one region: its IAM roles are the account's", name, home)
}

// showOwnNotes are what an operator should know before the client's own database is made.
func showOwnNotes(a *session.Session, r *Restoration, t *session.Target) []string {
	var notes []string
	if t.New {
		notes = append(notes, a.Print.Sayf("no spec file: the document's defaults are assumed"), a.Print.Sayf("the file %s will be written first", t.File))
	}
	notes = append(notes, a.Print.Sayf("%s has no database: %s is made again from %s, with all that the client lacks; if this is interrupted, run the same command again", t.Spec.Client, r.Source, a.Print.Lang.Value(r.From)))
	if r.Run.Scope().Restore.Moves(t.Spec.Region) {
		notes = append(notes, a.Print.Sayf("the snapshot is first copied from %s, under the client's key of %s: AWS bills the traffic between regions and the copy, which stays; it can take hours", r.Backup.Region, t.Spec.Region))
	}
	return append(notes, a.Print.Sayf("users and passwords are those of that moment, but for the master user's, which is new and in the secret"))
}

// afterRestore says how the apps get to the copy, and back, and how it goes.
func afterRestore(a *session.Session, name string, run *Restoration) []string {
	return []string{
		a.Print.Sayf("nothing is switched: an app goes to the copy when it is given the writer's address in place of that of %s, wherever it reads it from, and is deployed again; cicdctl gives containers no address of a database", run.Source),
		a.Print.Sayf("users and passwords are those of that moment, but for the master user's, which is new and in the secret"),
		a.Print.Sayf("to go back, give the app the old address again: %s stays as it is", run.Source),
		a.Print.Sayf("to remove the copy: %s", a.Next("backup discard %s %s", name, run.ID)),
	}
}
