package conformance

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The most calls that a default client may take in an account where all is at once as it
// was set and lists have large pages. BENCHMARKS.md has the figures over HTTP. Calls are
// what AWS throttles and what operators wait for: who raises one of these says why.
const (
	callsOfCreate  = 575 // 552 to 560 were seen: polls differ
	callsOfPlan    = 151 // four of them are lists of VPNs, which any client may come to have
	callsOfAudit   = 123
	callsOfDestroy = 350 // 330 to 336 were seen
)

func TestCallsStayWithinBounds(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
	s, err := spec.Default("ACME", region, r.Checks())
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for _, step := range []struct {
		what string
		most int
		do   func() error
	}{
		{"create", callsOfCreate, func() error { return create(ctx, r.Operator, s) }},
		{"plan without a change", callsOfPlan, func() error {
			run, err := r.Build(ctx, s)
			if err != nil {
				return err
			}
			plan, err := run.Plan(ctx)
			if err == nil && !plan.Settled() {
				t.Errorf("changes: %+v", plan.Changes())
			}
			return err
		}},
		{"audit", callsOfAudit, func() error {
			_, err := audit.Examine(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{s}, Regions: []string{region}})
			return err
		}},
		{"destroy", callsOfDestroy, func() error { return destroy(ctx, r.Operator, "ACME", false) }},
	} {
		r.account.Forget()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		calls := r.account.Calls()
		t.Logf("%s: %d calls", step.what, len(calls))
		if len(calls) <= step.most {
			continue
		}
		t.Errorf("%s takes %d calls, at most %d are allowed: a new kind may add its list, and what it reads one by one; raise the number above and give the reason in the commit", step.what, len(calls), step.most)
		by := map[string]int{}
		for _, c := range calls {
			by[c.Name()]++
		}
		names := slices.SortedFunc(maps.Keys(by), func(a, b string) int { return cmp.Or(by[b]-by[a], cmp.Compare(a, b)) })
		for _, name := range names {
			t.Logf("%d %s", by[name], name)
		}
	}
}
