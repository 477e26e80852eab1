package conformance

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Extended Support is what the spec says, from the first day on, of copies as well.
func TestExtendedSupportIsAChoice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1}), small(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		want := func(id, lifecycle string) {
			t.Helper()
			if got := aws.ToString(r.cluster(ctx, region, id).EngineLifecycleSupport); got != lifecycle {
				t.Errorf("%s has %s, want %s", id, got, lifecycle)
			}
		}
		want("acme", "open-source-rds-extended-support-disabled")
		for _, c := range r.account.Calls() {
			if _, changed := c.Input.(*rds.ModifyDBClusterInput); changed {
				t.Errorf("the new database is changed: %+v", c.Input)
			}
		}
		r.account.Forget()
		copied, err := restoreCopy(ctx, r.Operator, s, backup.RestoreAsk{})
		if err != nil {
			t.Fatal(err)
		}
		want(copied.ID, "open-source-rds-extended-support-disabled")
		for _, c := range r.account.Calls() {
			if in, changed := c.Input.(*rds.ModifyDBClusterInput); changed && in.EngineLifecycleSupport != nil {
				t.Errorf("the copy is changed to what it was made with: %+v", in)
			}
		}
		s.Database.ExtendedSupport = true
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		want("acme", "open-source-rds-extended-support")
		want(copied.ID, "open-source-rds-extended-support")
	})
}

// The end of standard support is what AWS says: it is shown always, and told of within a year.
func TestTheEndOfStandardSupportIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1}), small(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		day := 24 * time.Hour
		major := rules.EngineOf(s.Database.Engine).Major
		for what, test := range map[string]struct {
			left     time.Duration
			extended bool
			finding  string
			fact     string
		}{
			"far away":              {left: 400 * day, fact: "then AWS upgrades the major version by itself"},
			"within a year":         {left: 300 * day, finding: "ends on", fact: "then AWS upgrades the major version by itself"},
			"over":                  {left: -day, extended: true, finding: "ended on", fact: "then Extended Support, billed per vCPU and hour"},
			"far away, and to stay": {left: 400 * day, extended: true, fact: "then Extended Support, billed per vCPU and hour"},
		} {
			end := time.Now().Add(test.left)
			if err := r.account.EndSupport(region, s.Database.Engine, major, end); err != nil {
				t.Fatal(err)
			}
			s.Database.ExtendedSupport = test.extended
			if err := create(ctx, r.Operator, s); err != nil {
				t.Fatal(err)
			}
			date := end.UTC().Format(time.DateOnly)
			p := plan(ctx, t, r.Operator, s)
			if !p.Settled() {
				t.Errorf("%s: %+v", what, p.Changes())
			}
			if got := factOf(p, "rds/cluster", "standard support"); got != "until "+date+", "+test.fact {
				t.Errorf("%s: the fact is %q", what, got)
			}
			noted := slices.ContainsFunc(changesOf(p, "rds/cluster"), func(c provision.Change) bool {
				return c.Op == provision.OpLater && strings.Contains(c.Why, "ends on "+date)
			})
			if noted != (test.finding != "") {
				t.Errorf("%s: the plan says %+v", what, p.Changes())
			}
			if got := supportFinding(t, r, s); (got == nil) != (test.finding == "") || got != nil && !strings.Contains(got.Is, test.finding+" "+date) {
				t.Errorf("%s: the audit says %+v", what, got)
			}
		}
	})
}

func supportFinding(t *testing.T, r *rig, s *spec.Spec) *judge.Finding {
	t.Helper()
	a, err := audit.Examine(t.Context(), r.Operator, audit.Examined{Specs: []*spec.Spec{s}, Regions: []string{region}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Findings {
		if f.ID == "CICD-RDS-6" {
			return &f
		}
	}
	return nil
}

// factOf is what a resource of a kind tells under a name, or "".
func factOf(p *provision.Plan, kind, name string) string {
	for _, h := range p.Held() {
		for _, f := range h.Facts {
			if h.Kind == kind && f.Name == name {
				return f.Value
			}
		}
	}
	return ""
}
