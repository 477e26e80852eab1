package account

import (
	"context"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// choose makes an account of the configuration, by its name, the one that the command is about;
// without a name it is that of --account.
func choose(a *session.Session, name string) error {
	if asked := a.Flags.Account; name != "" && asked != "" && name != asked {
		return session.Usagef("leave one of them out", "the command names account %s, --account says %s", name, asked)
	}
	if _, err := a.AccountNamed(name); err != nil || name == "" {
		return err
	}
	a.Flags.Account = name
	return nil
}

// InitOptions are those of the account init command.
type InitOptions struct {
	Name string // of an account of the configuration; empty for that of --account or of the credentials
	Yes  bool
}

// Init makes what an account holds for the clients of all regions, before the first of them.
func Init(ctx context.Context, a *session.Session, o InitOptions) error {
	if err := choose(a, o.Name); err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	run, err := op.InitAccount(ctx)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	number := run.Scope().Account
	var out report.Outcome
	if out.Plan, err = session.PlanReport(ctx, a, run, plan); err != nil {
		return err
	}
	if plan.Settled() && run.Stopped(plan) == nil {
		out.OK, out.Next = true, session.MailSteps(a, plan.Held())
		return a.Print.Success(a.Print.Sayf("account %s is prepared: no change.", number), out)
	}
	if a.Print.Format == report.Text || !o.Yes {
		if err := a.Print.ShowPlan(out.Plan); err != nil {
			return err
		}
	}
	if err := run.Stopped(plan); err != nil {
		return err
	}
	if plan.Mutations() > 0 {
		if err := session.Confirm(ctx, a, o.Yes); err != nil {
			return err
		}
	}
	done, count, err := session.CarryOut(ctx, a, run, plan, &out)
	if err != nil {
		return err
	}
	out.Next = append(session.MailSteps(a, done.Held()), a.Next("client create NAME --region %s", run.Scope().Region))
	return a.Print.Success(a.Print.Sayf("account %s is prepared for its clients: %s", number, count), out)
}

// DestroyOptions are those of the account destroy command.
type DestroyOptions struct {
	Name    string // as of InitOptions
	Confirm string // the account's number
	Purge   bool
}

// Destroy removes what the clients of all regions shared, once there is neither a client nor
// anything of a region.
func Destroy(ctx context.Context, a *session.Session, o DestroyOptions) error {
	if err := choose(a, o.Name); err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	run, err := op.RemoveAccount(ctx, o.Purge)
	if err != nil {
		return err
	}
	number := run.Scope().Account
	var keys []provision.Change
	return session.Remove(ctx, a, run, session.Removal{
		Name: number, Confirm: o.Confirm,
		Again:   a.Next("account destroy"),
		Purge:   a.Next("account destroy --purge-data"),
		Nothing: a.Print.Sayf("nothing is left to remove in account %s", number),
		Shown:   func(plan []provision.Change) { keys = slices.DeleteFunc(plan, notGoing) },
		Done: func(count string) string {
			return a.Print.Sayf("what the clients of account %s shared is removed: %s", number, count)
		},
		After: func() ([]string, error) { return keySteps(a, keys), nil },
	})
}

// notGoing reports whether a change is anything but the removal of a key.
func notGoing(c provision.Change) bool { return c.Kind != "kms/key" || c.Op != provision.OpDelete }

// keySteps say until when, and how, the account's keys can be had back.
func keySteps(a *session.Session, keys []provision.Change) []string {
	if len(keys) == 0 {
		return nil
	}
	gone := time.Now().AddDate(0, 0, rules.AccountKeyDays).UTC()
	steps := []string{a.Print.Sayf("KMS deletes the keys on %s; until then this takes them back, and prepares the account again: %s", gone.Format(time.DateOnly), a.Next("account init"))}
	for _, key := range keys {
		steps = append(steps, a.Print.Sayf("to keep the key of the role %s by itself: %s", key.Role,
			a.Print.Keep("aws kms cancel-key-deletion --key-id "+key.ID+" && aws kms enable-key --key-id "+key.ID)))
	}
	return steps
}
