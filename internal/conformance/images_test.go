package conformance

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// However many images are pushed, what runs and what rollback goes back to stays; what was only
// pushed goes.
func TestImagesInUseDoNotExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 1000, Looks: -1, Lag: -1}), acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		unit := s.Apps[0].Name + "-" + s.Apps[0].Services[0].Name
		push := func(tag string) { r.push("ACME", unit, tag, sandbox.ImageFate{}) }
		push("never")
		for _, tag := range []string{"v1", "v2"} {
			push(tag)
			for _, env := range []spec.Env{spec.Preview, spec.Prod} {
				if _, err := deployImage(ctx, operator(t, r.account, cloud.Config{}), s, env, tag, deploy.Request{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for n := range 250 {
			push(fmt.Sprintf("build-%d", n))
		}
		if err := r.account.ExpireImages(region, time.Now().Add(400*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if end, err := deployImage(ctx, operator(t, r.account, cloud.Config{}), s, spec.Prod, "v2", deploy.Request{}); err != nil || end.State != deploy.DeployedBefore {
			t.Errorf("what runs: %v", err)
		}
		if _, err := rollback(ctx, operator(t, r.account, cloud.Config{}), s, spec.Prod, ""); err != nil {
			t.Errorf("what ran before: %v", err)
		}
		for _, tag := range []string{"never", "build-0"} {
			if _, err := deployImage(ctx, operator(t, r.account, cloud.Config{}), s, spec.Preview, tag, deploy.Request{}); err == nil || !strings.Contains(err.Error(), "has no image with the tag") || strings.Contains(err.Error(), "deployed-") {
				t.Errorf("%s: %v, want none", tag, err)
			}
		}
	})
}

// An image that is gone all the same is told before anything is changed.
func TestARollbackToAnImageThatIsGoneIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 1000, Looks: -1, Lag: -1}), acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		unit := s.Apps[0].Name + "-" + s.Apps[0].Services[0].Name
		for n := range 202 { // one more than is kept, and the one that runs
			tag := fmt.Sprintf("v%d", n)
			r.push("ACME", unit, tag, sandbox.ImageFate{})
			if n > 1 {
				// As if it had been deployed: the tag is all that counts.
				r.push("ACME", unit, fmt.Sprintf("deployed-preview-%d", n), sandbox.ImageFate{})
				continue
			}
			if _, err := deployImage(ctx, operator(t, r.account, cloud.Config{}), s, spec.Preview, tag, deploy.Request{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.account.ExpireImages(region, time.Now()); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		_, err := rollback(ctx, operator(t, r.account, cloud.Config{}), s, spec.Preview, "")
		if !cloud.Refused(err) || !strings.Contains(err.Error(), "is no longer in acme/shop-web") {
			t.Errorf("%v", err)
		}
		if n := r.changes(); n != 0 {
			t.Errorf("%d calls changed something", n)
		}
	})
}
