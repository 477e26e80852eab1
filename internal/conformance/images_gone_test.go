package conformance

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// An image that somebody has removed although tasks are started from it is a finding of the
// service, once; looking costs a call for each repository that something was deployed from.
func TestAnImageThatIsGoneIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 1000, Looks: -1, Lag: -1}), acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		unit := s.Apps[0].Name + "-" + s.Apps[0].Services[0].Name
		digests := map[string]string{}
		for _, tag := range []string{"v1", "v2"} {
			digests[tag] = r.push("ACME", unit, tag, sandbox.ImageFate{})
			for _, env := range []spec.Env{spec.Preview, spec.Prod}[:3-len(digests)] { // the second one goes to preview only
				if _, err := deployImage(ctx, operator(t, r.account, cloud.Config{}), s, env, tag, deploy.Request{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if gone, calls := imagesGone(ctx, t, r, s); len(gone) > 0 || calls != 1 {
			t.Errorf("nothing is gone: %v after %d calls, want none after 1", gone, calls)
		}
		if err := r.account.RemoveImage(region, "acme/"+unit, digests["v1"]); err != nil {
			t.Fatal(err)
		}
		gone, calls := imagesGone(ctx, t, r, s)
		want := "ecs/service acme/" + s.Apps[0].Name + "-" + s.Apps[0].Services[0].Name + "-prod: 123456789012.dkr.ecr.eu-west-3.amazonaws.com/acme/" + unit + "@" + digests["v1"] + " is gone"
		if !slices.Equal(gone, []string{want}) || calls != 3 {
			t.Errorf("one is gone: %v after %d calls, want %s after 3", gone, calls, want)
		}
		if _, err := r.Factory.Set(region).ECR.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: aws.String("acme/" + unit), Force: true}); err != nil {
			t.Fatal(err)
		}
		if gone, _ := imagesGone(ctx, t, r, s); len(gone) != 2 {
			t.Errorf("the repository is gone: %v, want both services", gone)
		}
	})
}

// Who may not look at images is told so, and has no finding.
func TestImagesThatCannotBeReadAreNotAudited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 1000, Looks: -1, Lag: -1}), acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		unit := s.Apps[0].Name + "-" + s.Apps[0].Services[0].Name
		r.push("ACME", unit, "v1", sandbox.ImageFate{})
		if _, err := deployImage(ctx, operator(t, r.account, cloud.Config{}), s, spec.Preview, "v1", deploy.Request{}); err != nil {
			t.Fatal(err)
		}
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if c.Name() == "ECR.DescribeImages" {
				return sandbox.Fault{Before: refusal("AccessDeniedException")}
			}
			return sandbox.Fault{}
		})
		a, err := audit.Examine(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{s}, Regions: []string{region}})
		if err != nil {
			t.Fatal(err)
		}
		told := slices.ContainsFunc(a.NotAudited, func(n audit.NotAudited) bool { return n.What == "images in acme/"+unit && n.Region == region })
		if !told || slices.ContainsFunc(a.Findings, isImageGone) {
			t.Errorf("findings %v, not audited %v", a.Findings, a.NotAudited)
		}
	})
}

// imagesGone are the findings about images, and how many calls looked for them.
func imagesGone(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) (gone []string, calls int) {
	t.Helper()
	r.account.Forget()
	a, err := audit.Examine(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{s}, Regions: []string{region}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.DeleteFunc(slices.Clone(a.Findings), func(f judge.Finding) bool { return !isImageGone(f) }) {
		gone = append(gone, f.Resource+": "+f.Is)
		if !strings.Contains(f.Fix, "cicdctl deploy ACME "+s.Apps[0].Name+"/"+s.Apps[0].Services[0].Name+" --env ") {
			t.Errorf("the fix is %q", f.Fix)
		}
	}
	for _, c := range r.account.Calls() {
		if c.Name() == "ECR.DescribeImages" {
			calls++
		}
	}
	return gone, calls
}

func isImageGone(f judge.Finding) bool { return f.ID == "CICD-ECR-2" }
