package session

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// accountsAtOnce are looked at together: each has its own rate limits on AWS's side, and what
// limits them all is the memory and the processors of the machine.
const accountsAtOnce = 4

// AllAccounts are the credentials' account and those of the configuration.
func (a *Session) AllAccounts() []Account {
	return append([]Account{{Regions: RegionsAsked("")}}, a.Conf.Accounts...)
}

// Accounts are those that a command about everything goes over: that of --account, or those of
// the configuration, with that of the credentials where there are none or a spec names none.
// Their regions are those allowed, or the one asked for; an account that does not allow it is
// left out, and it is a usage error if none does.
func (a *Session) Accounts(specs []*spec.Spec, region string) ([]Account, error) {
	if a.Flags.Account != "" {
		if err := a.CheckAllowed(region); err != nil {
			return nil, err
		}
		c, err := a.AccountNamed(a.Flags.Account)
		if err != nil {
			return nil, err
		}
		return within([]Account{c}, region), nil
	}
	all := a.AllAccounts()
	if len(a.Conf.Accounts) > 0 && !slices.ContainsFunc(specs, func(s *spec.Spec) bool { return s.Account == "" }) {
		all = all[1:]
	}
	out := within(all, region)
	if len(out) == 0 {
		return nil, Usagef(lang.Sprintf("add it to the regions of one of %s", strings.Join(a.accountNames(), ", ")), "no account of the configuration allows region %q", region)
	}
	return out, nil
}

// AccountsOf are those of the named clients: that of each one's spec, or all where one of them
// has no spec. The command line may not name another.
func (a *Session) AccountsOf(names []string, specs []*spec.Spec, region string) ([]Account, error) {
	var of []string
	for _, name := range names {
		i := slices.IndexFunc(specs, func(s *spec.Spec) bool { return s.Client == name })
		if i < 0 && a.Flags.Account == "" {
			return within(a.AllAccounts(), region), nil
		}
		if i < 0 {
			of = append(of, a.Flags.Account)
			continue
		}
		if err := a.checkAsked(SpecPath(a, name), specs[i]); err != nil {
			return nil, err
		}
		of = append(of, specs[i].Account)
	}
	all := slices.DeleteFunc(a.AllAccounts(), func(c Account) bool { return !slices.Contains(of, c.Name) })
	out := within(all, region)
	if len(out) == 0 {
		return nil, AsUsage(all[0].allows(region))
	}
	return out, nil
}

// within are accounts with only the region asked for; those that do not allow it are left out.
func within(accounts []Account, region string) []Account {
	var out []Account
	for _, c := range accounts {
		if region != "" {
			c.Regions = slices.DeleteFunc(slices.Clone(c.Regions), func(r string) bool { return r != region })
		}
		if len(c.Regions) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// OpenAmong is OpenAccount for one of several accounts that are looked at: it must not be one
// of the others, or what is there would be told twice.
func (a *Session) OpenAmong(ctx context.Context, c Account) (*cloud.Operator, error) {
	op, err := a.OpenAccount(ctx, c)
	if err != nil {
		return nil, err
	}
	other, err := a.nameOf(ctx, op, c)
	if err == nil && other.Name != "" {
		err = &FixedError{
			lang.Errorf("the credentials are of account %s, which the configuration calls %s", other.ID(), other.Name),
			lang.Sprintf("write account: %s into the specs that have none", other.Name),
		}
	}
	if err != nil {
		return nil, err
	}
	return op, nil
}

// nameOf is the account of the configuration that the credentials are of; none where it does not have
// that one, and for an account that is meant by its name.
func (a *Session) nameOf(ctx context.Context, op *cloud.Operator, c Account) (Account, error) {
	if c.Name != "" || len(a.Conf.Accounts) == 0 {
		return Account{}, nil
	}
	id, err := op.Identity(ctx)
	if err != nil {
		return Account{}, err
	}
	for _, other := range a.Conf.Accounts {
		if other.ID() == id.Account {
			return other, nil
		}
	}
	return Account{}, nil
}

// Each does something in several accounts, a few of them at once. The error is that of all
// accounts in which it failed, each with the account's name; it stops nothing elsewhere.
func Each(ctx context.Context, accounts []Account, do func(ctx context.Context, i int, c Account) error) error {
	errs := EachOf(ctx, accounts, do)
	for i, err := range errs {
		if err != nil && len(accounts) > 1 {
			errs[i] = lang.Errorf("%s: %w", accounts[i].Label(), err)
		}
	}
	return errors.Join(errs...)
}

// EachOf is Each with the error of each account, nil where it went well.
func EachOf(ctx context.Context, accounts []Account, do func(ctx context.Context, i int, c Account) error) []error {
	errs := make([]error, len(accounts))
	var g errgroup.Group
	g.SetLimit(accountsAtOnce)
	for i, c := range accounts {
		g.Go(func() error {
			errs[i] = do(ctx, i, c)
			return nil
		})
	}
	_ = g.Wait() // each one's error is its own
	return errs
}

// Failure is an account in which a command about several could do nothing.
type Failure struct {
	Account string `json:"account,omitempty"` // of the configuration; empty for the credentials' own
	Why     string `json:"why"`
	Fix     string `json:"fix,omitempty"` // empty where nobody can tell
}

// Failures are those of the accounts with an error.
func Failures(accounts []Account, errs []error) []Failure {
	var out []Failure
	for i, err := range errs {
		if err != nil {
			out = append(out, Failure{accounts[i].Name, report.Explain(err), report.Remedy(err)})
		}
	}
	return out
}

// TellFailures tells people of accounts that could not be looked at.
func (a *Session) TellFailures(failures []Failure) {
	for _, f := range failures {
		a.Print.Tell("cicdctl: %s could not be looked at: %s", AccountIn(a.Print.Lang, f.Account), f.Why)
		if f.Fix != "" {
			a.Print.TellLine("  → " + f.Fix)
		}
	}
}
