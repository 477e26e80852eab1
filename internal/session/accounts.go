package session

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// accountsAtOnce are looked at together: each has its own rate limits on AWS's side, and what
// limits them all is the memory and the processors of the machine.
const accountsAtOnce = 4

// AllAccounts are the credentials' account and those of the configuration.
func (a *Session) AllAccounts() []Account {
	return append([]Account{{Regions: RegionsAsked("")}}, a.Conf.Accounts...)
}

// Each does something in several accounts, a few of them at once. The error is that of all
// accounts in which it failed, each with the account's name; it stops nothing elsewhere.
func Each(ctx context.Context, accounts []Account, do func(ctx context.Context, i int, c Account) error) error {
	errs := make([]error, len(accounts))
	var g errgroup.Group
	g.SetLimit(accountsAtOnce)
	for i, c := range accounts {
		g.Go(func() error {
			if err := do(ctx, i, c); err != nil {
				errs[i] = err
				if len(accounts) > 1 {
					errs[i] = lang.Errorf("%s: %w", c.Label(), err)
				}
			}
			return nil
		})
	}
	_ = g.Wait() // each one's error is its own
	return errors.Join(errs...)
}
