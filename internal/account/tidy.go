package account

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/session"
)

// Tidy removes from the account what the configuration no longer asks for. confirm is the
// account's number, or empty to ask for it.
func Tidy(ctx context.Context, a *session.Session, confirm string) error {
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	run, err := op.TidyAccount(ctx)
	if err != nil {
		return err
	}
	number := run.Scope().Account
	return session.Remove(ctx, a, run, session.Removal{
		Name: number, Confirm: confirm,
		Again:   a.Next("account tidy"),
		Nothing: a.Print.Sayf("account %s holds nothing that the configuration does not ask for", number),
		Done: func(count string) string {
			return a.Print.Sayf("account %s holds only what the configuration asks for: %s", number, count)
		},
		After: func() ([]string, error) { return nil, nil },
	})
}
