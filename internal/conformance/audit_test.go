package conformance

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// examine audits everything in the region.
func (r *rig) examine(t *testing.T, specs ...*spec.Spec) *audit.Audited {
	t.Helper()
	a, err := audit.Examine(t.Context(), r.Operator, audit.Examined{Specs: specs, Regions: []string{region}})
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

// wantOneFinding fails unless an audit tells of a defect of one attribute by the
// drift and by the one rule about that attribute, if there is one. The rules that
// were broken are added to judged. The place is that of the value that was changed.
func (r *rig) wantOneFinding(ctx context.Context, s *spec.Spec, name, place string, changes []provision.Change, judged map[string]bool) {
	r.tb.Helper()
	a, err := audit.Examine(ctx, operator(r.tb, r.account, cloud.Config{}), audit.Examined{Specs: []*spec.Spec{s}, Regions: []string{region}})
	if err != nil {
		r.tb.Errorf("audit with %s changed: %v", name, err)
		return
	}
	about := map[string]bool{}
	kind, field, _ := strings.Cut(name, " ")
	for _, rule := range audit.All() {
		about[rule.ID] = rule.About(kind, field)
	}
	drifts := 0
	for _, f := range a.Findings {
		switch {
		case strings.HasPrefix(f.ID, "CICD-DRIFT-"):
			drifts++
		// The document names two of a group's tags.
		case about[f.ID], f.ID == "CICD-TAG-1" && strings.HasPrefix(name, "ec2/security-group tag "):
			judged[f.ID] = true
		// It has lost the tag that says whose it is: another is to be made, and it is nobody's.
		case f.ID == "CICD-ORPHAN-1" && slices.ContainsFunc(changes, func(c provision.Change) bool {
			return c.Op == provision.OpCreate && strings.Contains(place, "/Tags/") && strings.HasPrefix(f.Resource, c.Kind+" ")
		}):
		default:
			r.tb.Errorf("with %s changed (%s), an audit finds %s %s: %s", name, place, f.ID, f.Resource, f.Is)
		}
	}
	if drifts != len(changes) {
		r.tb.Errorf("with %s changed, an audit finds %d drifts and a plan %d changes", name, drifts, len(changes))
	}
}

// unjudged reports whether no rule about an attribute, where there is one, is broken yet.
func unjudged(name string, judged map[string]bool) bool {
	kind, field, _ := strings.Cut(name, " ")
	about := slices.DeleteFunc(audit.All(), func(r judge.Rule) bool { return !r.About(kind, field) })
	return len(about) > 0 && !slices.ContainsFunc(about, func(r judge.Rule) bool { return judged[r.ID] })
}
