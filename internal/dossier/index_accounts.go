package dossier

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// surveyAll is the overview over the clients of accounts, a few of them at once. One of several
// that cannot be looked at is told as not read, and hides nothing of the others.
func surveyAll(ctx context.Context, a *session.Session, accounts []session.Account, specs []*spec.Spec, cost bool) (*Index, error) {
	spoken := lang.Current() // as in Gather; the looks run at the same time
	lang.Use(lang.English)
	defer lang.Use(spoken)
	parts := make([]*Index, len(accounts))
	errs := session.EachOf(ctx, accounts, func(ctx context.Context, i int, c session.Account) error {
		op, err := a.OpenAmong(ctx, c)
		if err != nil {
			return err
		}
		own := slices.DeleteFunc(slices.Clone(specs), func(s *spec.Spec) bool { return s.Account != c.Name })
		x, err := Survey(ctx, op, own, c.Regions, a.Version)
		if err != nil {
			return err
		}
		parts[i] = x
		if cost {
			return x.Price(ctx, op, own)
		}
		return nil
	})
	if ctx.Err() != nil || len(accounts) == 1 && errs[0] != nil {
		return nil, errs[0]
	}
	all := &Index{Told: Told{NotRead: []NotRead{}}, Regions: []string{}, Made: time.Now().UTC().Truncate(time.Second), Version: a.Version, Clients: []IndexClient{}}
	all.AsOf = all.Made
	if cost {
		all.Monthly = map[string][]price.Total{}
	}
	for i, c := range accounts {
		if errs[i] != nil {
			all.NotRead = append(all.NotRead, NotRead{What: cmp.Or(c.Name, audit.WholeAccount), Why: explained(errs[i])})
			continue
		}
		all.add(parts[i], c.Name)
	}
	all.Regions = slices.DeleteFunc(session.RegionsAsked(""), func(region string) bool {
		return !slices.ContainsFunc(accounts, func(c session.Account) bool { return slices.Contains(c.Regions, region) })
	})
	slices.SortStableFunc(all.Clients, func(a, b IndexClient) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region))
	})
	return all, nil
}

// add adds the overview over an account.
func (x *Index) add(part *Index, account string) {
	if part.AsOf.Before(x.AsOf) {
		x.AsOf = part.AsOf
	}
	for _, n := range part.NotRead {
		if account != "" {
			n.What = account + ": " + n.What
		}
		x.NotRead = append(x.NotRead, n)
	}
	for _, c := range part.Clients {
		c.Account = account
		x.Clients = append(x.Clients, c)
	}
	x.Shared.High += part.Shared.High
	x.Shared.Medium += part.Shared.Medium
	x.Shared.Low += part.Shared.Low
	x.Shared.Excepted += part.Shared.Excepted
	for region, totals := range part.Monthly {
		x.Monthly[strings.TrimSpace(account+" "+region)] = totals
	}
}

// several reports whether the overview is about an account with a name, which it then tells.
func (x *Index) several() bool {
	return slices.ContainsFunc(x.Clients, func(c IndexClient) bool { return c.Account != "" })
}
