package conformance

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// TestCreateConvergesWhereverItIsKilled kills the run before and after every call
// that changes something; the next run must end where an undisturbed one does.
func TestCreateConvergesWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	want := built(t, small(t))
	calls := 0
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{PageSize: 50})
		if err := create(t.Context(), r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		calls = r.changes()
	})
	everyCall(t, calls, func(t *testing.T, n int, after bool) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.killAt(n, after)
		if err := create(ctx, r.Operator, small(t)); err == nil {
			return // this run needed fewer calls
		}
		r.revive()
		if err := create(ctx, operator(t, r.account, cloud.Config{}), small(t)); err != nil {
			t.Fatal(err)
		}
		compareInventories(t, r.inventory(ctx), want)
	})
}

func TestDestroyConvergesWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	calls := 0
	var snapshot any
	var want map[string]int
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		snapshot = r.tree()
		r.account.Forget()
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		calls = r.changes()
		want = r.inventory(ctx)
	})
	everyCall(t, calls, func(t *testing.T, n int, after bool) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		r.killAt(n, after)
		if err := destroy(ctx, r.Operator, "ACME", false); err == nil {
			return
		}
		r.revive()
		if err := destroy(ctx, operator(t, r.account, cloud.Config{}), "ACME", false); err != nil {
			t.Fatal(err)
		}
		compareInventories(t, r.inventory(ctx), want)
	})
}

// small is the client with the document's defaults and a domain and a site: every kind is in it, but for
// the secrets of file servers, which have a test of their own.
func small(tb testing.TB) *spec.Spec {
	tb.Helper()
	s, err := spec.Default("ACME", region, rules.Checks(mustPlan(tb), "", time.Now()))
	if err != nil {
		tb.Fatal(err)
	}
	s.Apps[0].Services[0].Domains.Prod = "shop.example"
	s.VPN = acme(tb).VPN
	return s
}

// everyCall runs f for every position, before and after the call, in a bubble each.
// With -short it takes every seventh.
func everyCall(t *testing.T, calls int, f func(t *testing.T, n int, after bool)) {
	t.Helper()
	step := 1
	if testing.Short() {
		step = 7
	}
	for n := 1; n <= calls; n += step {
		for _, after := range []bool{false, true} {
			name := fmt.Sprintf("before call %d", n)
			if after {
				name = fmt.Sprintf("after call %d", n)
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { f(t, n, after) })
			})
		}
	}
}
