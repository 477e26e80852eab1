package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestDeployBesideAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: 6})
		s := small(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		for _, tag := range []string{"v1", "v2", "v3"} {
			r.push("ACME", "app-web", tag, sandbox.ImageFate{})
		}
		must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{}))
		stopped, stop := context.WithCancel(ctx)
		d, err := deploy.Prepare(ctx, r.Operator, s, "app", "web", spec.Preview, deploy.Request{Image: rules.Image{Tag: "v2"}}, func(*deploy.DeployImage) {})
		if err != nil {
			t.Fatal(err)
		}
		end, err := d.Run(stopped, func(deploy.DeployStep) { stop() })
		if !errors.Is(err, context.Canceled) || end.State != deploy.DeployGoesOn {
			t.Fatalf("interrupted: %+v, %v", end, err)
		}
		if _, err := deployImage(ctx, r.Operator, s, spec.Preview, "v3", deploy.Request{}); !cloud.Refused(err) || !strings.Contains(err.Error(), "another deployment of app/web in preview is in progress: acme-app-web-preview:3 runs v2 (sha256:") || !strings.Contains(err.Error(), "registered by arn:aws:") {
			t.Errorf("beside another: %v", err)
		}
		want(t, "the same goes on", must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v2", deploy.Request{})).State, deploy.DeployedNow)
		want(t, "history", r.deploys(ctx, s, spec.Preview), "3 v2 running, 2 v1 ran")

		// One that is under way can be taken back, and the one who waits for it hears of it.
		d, err = deploy.Prepare(ctx, r.Operator, s, "app", "web", spec.Preview, deploy.Request{Image: rules.Image{Tag: "v3"}}, func(*deploy.DeployImage) {})
		if err != nil {
			t.Fatal(err)
		}
		heard := make(chan error, 1)
		go func() {
			_, err := d.Run(ctx, func(deploy.DeployStep) {})
			heard <- err
		}()
		time.Sleep(250 * time.Millisecond)
		want(t, "back", must(t)(rollback(ctx, r.Operator, s, spec.Preview, "")).State, deploy.DeployedNow)
		if err := <-heard; err == nil || !strings.Contains(err.Error(), "another deployment took the place of acme-app-web-preview:4") {
			t.Errorf("the one who waits hears %v", err)
		}
		want(t, "it runs", r.runs(ctx, s, spec.Preview), "v2 running 2/2")
	})
}

func TestStuckDeployment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		s := small(t)
		r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
		r.push("ACME", "app-web", "v2", sandbox.ImageFate{})
		whole, tree := r.tree(), r.tree()
		for _, host := range tree["ECS"].(map[string]any)[region].(map[string]any)["Instances"].([]any) {
			host.(map[string]any)["Connected"] = false
		}
		for _, group := range tree["ASG"].(map[string]any)[region].(map[string]any)["Groups"].([]any) {
			group.(map[string]any)["V"].(map[string]any)["MaxSize"] = 3 // and no more can come
		}
		r.restore(tree)
		end, err := deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{})
		if err == nil || end.State != deploy.DeployGoesOn || !strings.Contains(err.Error(), "is not complete after 30m0s; ECS says last: (service app-web-preview) was unable to place a task") {
			t.Fatalf("without hosts: %+v, %v", end, err)
		}
		// What hangs so long may be replaced.
		stuck := r.tree()
		stuck["ECS"].(map[string]any)[region].(map[string]any)["Instances"] = whole["ECS"].(map[string]any)[region].(map[string]any)["Instances"]
		r.restore(stuck)
		want(t, "another one", must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v2", deploy.Request{})).State, deploy.DeployedNow)
		want(t, "it runs", r.runs(ctx, s, spec.Preview), "v2 running 2/2")
	})
}

// A task definition that was changed by hand is healed with the image that runs.
func TestHealedRevisionKeepsTheImage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		s := small(t)
		good := r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
		r.push("ACME", "app-web", "bad", broken)
		must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{}))
		if _, err := deployImage(ctx, r.Operator, s, spec.Preview, "bad", deploy.Request{}); err == nil {
			t.Fatal("a bad image runs")
		}
		tree := r.tree()
		definitions := tree["ECS"].(map[string]any)[region].(map[string]any)["Definitions"].([]any)
		last := definitions[len(definitions)-1].(map[string]any)["V"].(map[string]any)
		last["ContainerDefinitions"].([]any)[0].(map[string]any)["Privileged"] = true
		r.restore(tree)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, s)
		u, _, err := r.Unit(ctx, s, "app", "web", spec.Preview)
		if err != nil {
			t.Fatal(err)
		}
		healed, err := deploy.NewestRevision(ctx, u)
		if err != nil || healed.Digest != good || healed.Tag != "v1" || aws.ToBool(healed.Definition.ContainerDefinitions[0].Privileged) {
			t.Errorf("the healed revision is %+v, %v", healed, err)
		}
		want(t, "it runs", r.runs(ctx, s, spec.Preview), "v1 running 2/2")
		want(t, "the next deploy of the same image takes it", must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{})).State, deploy.DeployedNow)
		want(t, "history", r.deploys(ctx, s, spec.Preview), "4 v1 running, 3 bad failed, 2 v1 ran")
	})
}

func TestSecondClientDeploysBesideTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		clients := []*spec.Spec{client(t, "ACME"), client(t, "ACME-TWO")}
		for _, s := range clients {
			if err := create(ctx, r.Operator, s); err != nil {
				t.Fatal(err)
			}
			unit := s.Apps[0].Name + "-" + s.Apps[0].Services[0].Name
			r.push(s.Client, unit, "v-"+strings.ToLower(s.Client), sandbox.ImageFate{})
			for _, env := range spec.Envs() {
				must(t)(deployImage(ctx, r.Operator, s, env, "v-"+strings.ToLower(s.Client), deploy.Request{}))
			}
		}
		for _, s := range clients {
			for _, env := range spec.Envs() {
				want(t, s.Client, r.runs(ctx, s, env), "v-"+strings.ToLower(s.Client)+" running 2/2")
			}
			r.wantNoChange(ctx, s)
		}
		if _, err := deployImage(ctx, r.Operator, clients[0], spec.Preview, "acme-two/shop-web:v-acme-two", deploy.Request{}); !cloud.Refused(err) {
			t.Errorf("another client's image: %v", err)
		}
	})
}

// A run that dies before or after any of its calls leaves one state that the same
// command goes on from, and nothing that is not needed.
func TestDeployConvergesWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		run     func(context.Context, *cloud.Operator, *spec.Spec) (*deploy.DeployEnd, error)
		runs    string
		history string
	}{
		"the first deploy": {
			func(ctx context.Context, o *cloud.Operator, s *spec.Spec) (*deploy.DeployEnd, error) {
				return deployImage(ctx, o, s, spec.Prod, "v1", deploy.Request{})
			},
			"v1 running 2/2", "2 v1 running",
		},
		"a later deploy": {
			func(ctx context.Context, o *cloud.Operator, s *spec.Spec) (*deploy.DeployEnd, error) {
				return deployImage(ctx, o, s, spec.Preview, "v3", deploy.Request{})
			},
			"v3 running 2/2", "4 v3 running, 3 v2 ran, 2 v1 ran",
		},
		"a rollback": {
			func(ctx context.Context, o *cloud.Operator, s *spec.Spec) (*deploy.DeployEnd, error) {
				return rollback(ctx, o, s, spec.Preview, "")
			},
			"v1 running 2/2", "3 v2 rolled back, 2 v1 running",
		},
	} {
		env := spec.Preview
		if name == "the first deploy" {
			env = spec.Prod
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			var snapshot any
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), protectedRig(t)
				for _, tag := range []string{"v1", "v2"} {
					r.push("ACME", "app-web", tag, sandbox.ImageFate{})
					must(t)(deployImage(ctx, r.Operator, small(t), spec.Preview, tag, deploy.Request{}))
				}
				r.push("ACME", "app-web", "v3", sandbox.ImageFate{})
				snapshot = r.tree()
				r.account.Forget()
				must(t)(test.run(ctx, operator(t, r.account, cloud.Config{}), small(t)))
				calls = r.changes()
			})
			everyCall(t, calls, func(t *testing.T, n int, after bool) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				time.Sleep(time.Hour) // a bubble's clock starts anew, before what the snapshot tells
				r.killAt(n, after)
				_, _ = test.run(ctx, operator(t, r.account, cloud.Config{}), small(t))
				r.revive()
				must(t)(test.run(ctx, operator(t, r.account, cloud.Config{}), small(t)))
				want(t, "it runs", r.runs(ctx, small(t), env), test.runs)
				want(t, "history", r.deploys(ctx, small(t), env), test.history)
			})
		})
	}
}

// AWS carried it out, and the answer was lost.
func TestLostAnswersOfADeploy(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"RegisterTaskDefinition", "UpdateService", "TagResource", "DescribeServices"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), protectedRig(t)
				r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
				lost := 0
				r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
					if c.Operation == operation && lost < 2 {
						lost++
						return sandbox.Fault{After: sandbox.Broken()}
					}
					return sandbox.Fault{}
				})
				must(t)(deployImage(ctx, r.Operator, small(t), spec.Preview, "v1", deploy.Request{}))
				if lost == 0 {
					t.Error("nothing was lost")
				}
				want(t, "history", r.deploys(ctx, small(t), spec.Preview), "2 v1 running")
			})
		})
	}
}

// A revision that a deploy makes differs from the newest one in the image alone.
func TestDeployChangesTheImageOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		digest := r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
		must(t)(deployImage(ctx, r.Operator, small(t), spec.Preview, "v1", deploy.Request{}))
		u, _, err := r.Unit(ctx, small(t), "app", "web", spec.Preview)
		if err != nil {
			t.Fatal(err)
		}
		var both []*deploy.Revision
		for _, name := range []string{"acme-app-web-preview:1", "acme-app-web-preview:2"} {
			one, err := deploy.ReadRevision(ctx, u, name)
			if err != nil {
				t.Fatal(err)
			}
			both = append(both, one)
		}
		if !deploy.SameButImage(u, both[0], both[1]) || both[1].Image != "123456789012.dkr.ecr.eu-west-3.amazonaws.com/acme/app-web@"+digest {
			t.Errorf("%+v and %+v", both[0].Definition, both[1].Definition)
		}
		for key, value := range both[0].Tags {
			want(t, key, both[1].Tags[key], value)
		}
		if both[1].Definition.NetworkMode != ecstypes.NetworkModeAwsvpc {
			t.Error("the network mode is lost")
		}
	})
}
