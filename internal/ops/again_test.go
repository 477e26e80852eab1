package ops

import (
	"slices"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/awsapi/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// A client's slice of AWS ends and begins again: what AWS does late must not show.

// deployAll lets people in where they send files, and runs an image in every service
// and environment of the spec.
func (r *rig) deployAll(t *testing.T, s *spec.Spec) {
	t.Helper()
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			r.push(s.Client, app.Name+"-"+svc.Name, "v1", sandbox.ImageFate{})
			for _, env := range spec.Envs() {
				if svc.Runtime == "mysecureshell" || svc.Runtime == "proftpd" {
					letIn(t.Context(), t, r.Operator, s, svc.Name, env)
				}
				must(t)(first(deployTo(t.Context(), r.Operator, s, svc.Name, env, "v1")))
			}
		}
	}
}

// wantClean fails for every finding, and for what was not audited.
func wantClean(t *testing.T, when string, a *Audited, expected ...string) {
	t.Helper()
	for _, f := range a.Findings {
		if !slices.Contains(expected, f.ID) {
			t.Errorf("%s: finding %s %s: %s: is %q, should be %q", when, f.ID, f.Resource, f.Title, f.Is, f.Should)
		}
	}
	for _, n := range a.NotAudited {
		t.Errorf("%s: not audited: %+v", when, n)
	}
}

// AWS's tagging service goes on telling of what is deleted: none of it is an orphan.
func TestWhatIsGoneIsNoOrphan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		for _, name := range []string{"ACME", "GLOBEX"} {
			if err := create(ctx, r.Operator, client(t, name)); err != nil {
				t.Fatal(err)
			}
		}
		r.deployAll(t, client(t, "GLOBEX"))
		if err := destroy(ctx, r.Operator, "GLOBEX", true); err != nil {
			t.Fatal(err)
		}
		wantClean(t, "with a client left", r.examine(t, acme(t)))
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		wantClean(t, "with no client left", r.examine(t), "CICD-ORPHAN-1")
		// What is left are the region's shared things.
		for _, f := range r.examine(t).Findings {
			if f.Client != "" {
				t.Errorf("of a client that is gone: %+v", f)
			}
		}
	})
}
