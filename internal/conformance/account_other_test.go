package conformance

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// A role of one account, and another one that answers: nothing is asked of it, let alone changed.
func TestNothingIsDoneInAnAccountThatIsNotMeant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
		ctx := t.Context()
		if err := create(ctx, r.Operator, plainSpec(t, "")); err != nil {
			t.Fatal(err)
		}
		asks := map[string]func(context.Context, *cloud.Operator) error{
			"client create": func(ctx context.Context, o *cloud.Operator) error {
				return create(ctx, o, plainSpec(t, "hosts: {max: 7}\n"))
			},
			"client destroy":  func(ctx context.Context, o *cloud.Operator) error { return destroy(ctx, o, "ACME", true) },
			"account init":    initAccount,
			"account destroy": func(ctx context.Context, o *cloud.Operator) error { return endAccount(ctx, o, true) },
			"account tidy":    func(ctx context.Context, o *cloud.Operator) error { _, err := o.TidyAccount(ctx); return err },
			"region destroy":  func(ctx context.Context, o *cloud.Operator) error { return withoutRegion(ctx, o, nil) },
			"deploy":          func(ctx context.Context, o *cloud.Operator) error { _, err := o.Admit(ctx, "ACME", region); return err },
			"client list":     func(ctx context.Context, o *cloud.Operator) error { _, err := o.Clients(ctx, region); return err },
			"client find":     func(ctx context.Context, o *cloud.Operator) error { _, err := o.Find(ctx, "ACME", region); return err },
			"client show": func(ctx context.Context, o *cloud.Operator) error {
				_, err := o.Look(ctx, "ACME", region, nil)
				return err
			},
		}
		for _, name := range slices.Sorted(maps.Keys(asks)) {
			o := operator(t, r.account, cloud.Config{Account: "222222222222", AccountName: "staging", Guarded: true})
			r.account.Forget()
			err := asks[name](ctx, o)
			other, ok := errors.AsType[*cloud.OtherAccountError](err)
			if !ok || other.Name != "staging" || other.Want != "222222222222" || other.Have != "123456789012" || other.Remedy() == "" {
				t.Errorf("%s: %v", name, err)
			}
			for _, c := range r.account.Calls() {
				if c.Service != "STS" {
					t.Errorf("%s called %s", name, c.Name())
				}
			}
		}
		// The account that is meant answers once, for all that is asked.
		o := operator(t, r.account, cloud.Config{Account: "123456789012", AccountName: "production", Guarded: true})
		r.account.Forget()
		for range 2 {
			if clients, err := o.Clients(ctx, region); err != nil || len(clients) != 1 {
				t.Errorf("%v, %v", clients, err)
			}
		}
		if n := r.asked("STS.GetCallerIdentity"); n != 1 {
			t.Errorf("asked %d times who is calling", n)
		}
	})
}
