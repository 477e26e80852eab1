package audit

import (
	"context"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// WholeAccount is what is not audited of an account that cannot be looked at.
const WholeAccount = "the whole account"

// examineAll audits accounts, a few at once, and puts together what was found. What makes the
// audit of one of several impossible is told as not audited there, and hides nothing of the
// others. Calls is how many calls of AWS were made.
func examineAll(ctx context.Context, a *session.Session, accounts []session.Account, o Options, specs []*spec.Spec) (all *Audited, calls int, err error) {
	found, made := make([]*Audited, len(accounts)), make([]int, len(accounts))
	errs := session.EachOf(ctx, accounts, func(ctx context.Context, i int, c session.Account) error {
		op, err := a.OpenAmong(ctx, c)
		if err != nil {
			return err
		}
		whom := Examined{Names: o.Names, Regions: c.Regions, Specs: slices.DeleteFunc(slices.Clone(specs), func(s *spec.Spec) bool { return s.Account != c.Name })}
		found[i], err = Examine(ctx, op, whom)
		made[i] = op.Calls()
		if err != nil {
			return err
		}
		if len(o.Names) == 0 && o.Region == "" {
			if err := outside(ctx, op, c, found[i]); err != nil {
				return err
			}
		}
		found[i].Notes = versionNotes(a, found[i], whom)
		if len(accounts) > 1 && c.Name != "" {
			for n, note := range found[i].Notes {
				found[i].Notes[n] = a.Print.Sayf("%s: %s", c.Name, note)
			}
		}
		return nil
	})
	if ctx.Err() != nil || len(accounts) == 1 && errs[0] != nil {
		return nil, 0, errs[0]
	}
	all = &Audited{}
	for i, c := range accounts {
		calls += made[i]
		if errs[i] != nil {
			all.NotAudited = append(all.NotAudited, NotAudited{What: lang.Say(WholeAccount), Account: c.Name, Why: report.Explain(errs[i]), Fix: report.Remedy(errs[i])})
			continue
		}
		all.add(found[i], c)
	}
	return all, calls, nil
}

// add adds what was found in an account.
func (all *Audited) add(one *Audited, c session.Account) {
	if all.At.IsZero() || one.At.Before(all.At) {
		all.At = one.At
	}
	for i := range one.Clients {
		one.Clients[i].Account = c.Name
	}
	for i := range one.Findings {
		one.Findings[i].Account = c.Name
	}
	for i := range one.Excepted {
		one.Excepted[i].Account = c.Name
	}
	for i := range one.NotAudited {
		one.NotAudited[i].Account = c.Name
	}
	for i := range one.Isolation {
		one.Isolation[i].Account = c.Name
	}
	all.Clients = append(all.Clients, one.Clients...)
	all.Findings = append(all.Findings, one.Findings...)
	all.Excepted = append(all.Excepted, one.Excepted...)
	all.NotAudited = append(all.NotAudited, one.NotAudited...)
	all.Isolation = append(all.Isolation, one.Isolation...)
	all.Notes = append(all.Notes, one.Notes...)
}

// regionsOf are the regions that were looked at in any of the accounts, in the document's order.
func regionsOf(accounts []session.Account) []string {
	return slices.DeleteFunc(session.RegionsAsked(""), func(region string) bool {
		return !slices.ContainsFunc(accounts, func(c session.Account) bool { return slices.Contains(c.Regions, region) })
	})
}

// outside tells of clients in regions that an account does not allow, or no longer: they are not audited.
func outside(ctx context.Context, op *cloud.Operator, c session.Account, found *Audited) error {
	clients, err := session.Outside(ctx, op, c)
	for _, each := range clients {
		found.NotAudited = append(found.NotAudited, NotAudited{
			What: each.Name, Region: each.Region, Why: lang.Sprintf("accounts.%s.regions does not have %s", c.Name, each.Region),
			Fix: lang.Sprintf("add %s to the regions of the account in the configuration", each.Region),
		})
	}
	return err
}
