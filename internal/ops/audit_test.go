package ops

import (
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/awsapi/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// examine audits everything in the region.
func (r *rig) examine(t *testing.T, specs ...*spec.Spec) *Audited {
	t.Helper()
	a, err := r.Audit(t.Context(), Examined{Specs: specs, Regions: []string{region}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAFreshClientHasNoFindings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		a := r.examine(t, acme(t))
		for _, f := range a.Findings {
			t.Errorf("finding %+v", f)
		}
		for _, n := range a.NotAudited {
			t.Errorf("not audited: %+v", n)
		}
		if len(a.Clients) != 1 {
			t.Errorf("audited %v", a.Clients)
		}
		for _, c := range r.account.Calls() {
			if c.Mutating {
				t.Errorf("an audit called %s", c.Name())
			}
		}
	})
}
