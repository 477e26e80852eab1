package session

import (
	"context"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// PlanReport is the plan as it is shown, with what it takes away first.
func PlanReport(ctx context.Context, a *Session, run *cloud.Run, plan *cloud.Plan, notes ...string) (report.Plan, error) {
	scope := run.Scope()
	if startsMonthly(scope.Spec, plan.Changes()) {
		notes = append(notes, a.Print.Sayf("up to 13 restorable monthly copies, which AWS Backup bills per GB and month"))
	}
	if bucket := startsAccessLogs(plan.Changes()); bucket != "" {
		notes = append(notes, a.Print.Sayf("access logs are kept for %d {day|days} in s3://%s, billed by S3 per GB (access_log_days: 0 in the configuration: none)", scope.AccessLogDays, bucket))
	}
	if s := scope.Spec; s != nil && s.VPN.OpenVPN != nil && len(s.VPN.OpenVPN.Users) == 0 {
		notes = append(notes, a.Print.Sayf("vpn.openvpn has no users: AWS bills its endpoint by the hour and availability zone all the same; remove openvpn from the spec where nobody needs it"))
	}
	if startsTrailLogs(plan.Changes()) {
		notes = append(notes, a.Print.Sayf("the account's trail also goes to CloudWatch Logs, billed per GB, with %d {alarm|alarms}, billed each (trail_alarms: false in the configuration: neither)", len(rules.TrailWatches())))
	}
	if note := supportNote(ctx, a, run, plan.Changes()); note != "" {
		notes = append(notes, note)
	}
	notes = append(notes, execNotes(a, scope.Spec, plan.Changes())...)
	for _, b := range plan.Borrowed {
		notes = append(notes, a.Print.Sayf("%s %s was not made by cicdctl and serves: it is used as it is, and never changed", b.Kind, b.ID))
	}
	if policies := overruled(plan.Held()); len(policies) > 0 {
		notes = append(notes, a.Print.Sayf("log groups keep their events as the account's retention policy says (%s), not the %d {day|days} of cicdctl", strings.Join(policies, ", "), rules.LogRetentionDays))
	}
	notes = append(notes, markNotes(a, run, plan)...)
	r := report.NewPlan(scope.Client, scope.Region, plan.Changes(), append(append(notes, a.Print.Admitted(run.Admitted)...), run.Notes...)...)
	a.Places(&r)
	var err error
	r.Removals, r.Interrupts, err = removals(ctx, a, plan)
	r.Interrupts = slices.Concat(downgrades(a, run, plan), r.Interrupts, databaseInterrupts(a, scope, plan), vpnInterrupts(a, scope.Client, plan.Changes()))
	return r, err
}

// Places says in a plan which account it is about, and that this is the sandbox's.
func (a *Session) Places(p *report.Plan) {
	p.Sandbox = a.Sandbox() != ""
	if c, err := a.About(); err == nil && len(a.Conf.Accounts) > 0 {
		p.Account, p.Whose = c.Name, AccountIn(a.Print.Lang, c.Name)
	}
}

// overruled are the account's policies that decide how long log groups keep their events.
func overruled(held []provision.Held) []string {
	var out []string
	for _, h := range held {
		for _, f := range h.Facts {
			if f.Name == rules.FactOverruled {
				out = append(out, f.Value)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// startsAccessLogs is the bucket of access logs that a plan creates, or "".
func startsAccessLogs(changes []provision.Change) string {
	for _, c := range changes {
		if c.Op == provision.OpCreate && c.Kind == "s3/bucket" && c.Role == rules.AccessLogsRole && c.Scope.Level != provision.ClientLevel {
			return c.Name
		}
	}
	return ""
}

// startsTrailLogs reports whether a plan makes the log group of the account's trail.
func startsTrailLogs(changes []provision.Change) bool {
	return slices.ContainsFunc(changes, func(c provision.Change) bool {
		return c.Op == provision.OpCreate && c.Kind == "logs/log-group" && c.Scope.Level == provision.AccountLevel
	})
}

// endsTrailLogs reports whether the account's trail is no longer written to CloudWatch Logs.
func endsTrailLogs(made []provision.Change) bool {
	return slices.ContainsFunc(made, func(c provision.Change) bool {
		return c.Kind == "cloudtrail/trail" && c.Op == provision.OpUpdate && slices.ContainsFunc(c.Diffs, func(d provision.Diff) bool {
			return d.Field == "CloudWatch Logs" && d.Want == "off"
		})
	})
}

// startsMonthly reports whether a plan switches a client's monthly copies on: the
// database's tag tells AWS Backup to take them.
func startsMonthly(s *spec.Spec, changes []provision.Change) bool {
	if s == nil || !s.Backup.RestorableMonthly {
		return false
	}
	return slices.ContainsFunc(changes, func(c provision.Change) bool {
		switch {
		case c.Kind != "rds/cluster" || c.Role != "database":
			return false
		case c.Op == provision.OpCreate:
			return true
		default:
			return slices.ContainsFunc(c.Diffs, func(d provision.Diff) bool { return d.Field == "tag "+provision.TagMonthly })
		}
	})
}

// Confirm asks whether to carry out what was shown. Without a terminal nobody
// can be asked: the refusal names the command that needs no answer.
func Confirm(ctx context.Context, a *Session, yes bool) error {
	if yes {
		return nil
	}
	if !a.Print.Asks {
		return Refuse(lang.Sprintf("run: %s", a.Command("--yes")), "not confirmed, nothing was changed: there is no terminal to ask on")
	}
	ok, err := a.Print.Yes(ctx, "Carry out this plan?")
	if err == nil && !ok {
		return Refuse("", "not confirmed, nothing was changed")
	}
	return err
}

// confirmName asks for a name to be typed before something is removed; given is what
// --confirm says.
func confirmName(ctx context.Context, a *Session, name, given string) error {
	switch {
	case given == name:
		return nil
	case given != "":
		return Refuse("", "not confirmed, nothing was changed: --confirm says %s, this is about %s", given, name)
	case !a.Print.Asks:
		return Refuse(lang.Sprintf("run: %s", a.Command("--confirm", name)), "not confirmed, nothing was changed: there is no terminal to ask on")
	}
	answer, err := a.Print.Ask(ctx, "Type %s to go on:", name)
	if err == nil && answer != name {
		return Refuse("", "not confirmed, nothing was changed")
	}
	return err
}

// CarryOut applies a plan that was confirmed, drawing its progress, and fills in
// the outcome. With JSON, a run that fails still writes its outcome.
func CarryOut(ctx context.Context, a *Session, run *cloud.Run, plan *cloud.Plan, o *report.Outcome) (*cloud.Plan, string, error) {
	if err := ctx.Err(); err != nil { // interrupted between the answer and now
		return nil, "", err
	}
	if run.Request.Agreed == nil { // by who asks for no removal
		run.Request.Agreed = map[string]bool{}
	}
	progress := a.Print.Progress(plan.Mutations()).Of(plan.Changes())
	a.Signals.During(progress)
	done, err := run.Apply(ctx, plan, a.Signals.Stop, progress.Event)
	a.Signals.During(nil)
	o.Done, o.Applied, o.Seconds = progress.Close(), true, progress.Elapsed().Seconds()
	if err != nil {
		o.Failures = report.Failures(err)
		if a.Print.Format == report.JSON {
			if err := a.Print.Document(o); err != nil {
				return nil, "", err
			}
		}
		return nil, "", &StoppedError{err, o.Done}
	}
	o.OK = true
	return done, a.Print.Count(o.Done, progress.Elapsed()), nil
}
