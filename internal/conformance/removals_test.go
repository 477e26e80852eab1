package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// A kind says what is lost with its resources, or that nothing ever is.
func TestEveryKindSaysWhatItsRemovalTakes(t *testing.T) {
	t.Parallel()
	for _, typ := range kinds.All() {
		switch {
		case typ.Stateless() && typ.TellsLosses():
			t.Errorf("%s is Stateless and has Losses: it is one of the two", typ.Name)
		case !typ.Stateless() && !typ.TellsLosses():
			t.Errorf("%s does not say what is lost with it: give its Impact Losses or, when nothing runs in it or is held by it, Stateless", typ.Name)
		case typ.Stateless() && typ.DeletionPolicy != provision.Delete:
			t.Errorf("%s has a deletion policy, so it holds data, and is Stateless", typ.Name)
		}
	}
}

// unfilled are the kinds that tell losses, and of which the sandbox cannot have any.
var unfilled = map[string]string{
	"sqs/queue": "nothing fails in the sandbox; see the kind's own test",
}

// What runs or holds data is told by every kind that says so: a client is given some of
// everything, and then the plans are asked that would remove it.
func TestEveryLossIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		s := acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // certificates are issued
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		fill(ctx, t, r, s)
		told := map[string]bool{}
		tell := func(p *provision.Plan, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			removed, err := p.Removals(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, each := range removed {
				told[each.Kind] = true
			}
		}
		purge := func() {
			t.Helper()
			run, err := r.Remove(ctx, "ACME", region, true)
			if err != nil {
				t.Fatal(err)
			}
			tell(run.Plan(ctx))
		}
		purge()
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		purge() // now with a snapshot
		run, err := r.RemoveRegion(ctx, region, true)
		if err != nil {
			t.Fatal(err)
		}
		tell(run.Plan(ctx))
		for _, typ := range kinds.All() {
			switch {
			case typ.TellsLosses() && !told[typ.Name] && unfilled[typ.Name] == "":
				t.Errorf("nothing is lost with any %s, of which there is one that runs or holds data", typ.Name)
			case told[typ.Name] && unfilled[typ.Name] != "":
				t.Errorf("%s is told after all: take it out of the list", typ.Name)
			}
		}
	})
}

// fill gives a client some of everything that can be lost.
func fill(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
	t.Helper()
	api := r.Factory.Set(region)
	first := s.Apps[0].Name + "-" + s.Apps[0].Services[0].Name
	r.push("ACME", first, "v1", sandbox.ImageFate{})
	must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{}))
	r.push("ACME", first, "v2", sandbox.ImageFate{Failure: "OutOfMemoryError", Log: []string{"cannot reach the database"}})
	if _, err := deployImage(ctx, r.Operator, s, spec.Preview, "v2", deploy.Request{}); err == nil {
		t.Fatal("an image that fails was deployed")
	}
	for _, svc := range s.Apps[0].Services {
		if !svc.Runtime.HTTP() {
			letIn(ctx, t, r.Operator, s, svc.Name, spec.Prod)
		}
	}
	if err := r.account.RunBackups(region); err != nil {
		t.Fatal(err)
	}
	err := pki.Update(ctx, r.people(), func(x *pki.Index) error {
		alice, err := x.Reserve("alice", 200, time.Now())
		if err != nil {
			return err
		}
		return x.Issued(alice.Serial)
	})
	if err != nil {
		t.Fatal(err)
	}
	held := plan(ctx, t, r.Operator, s).Held()
	i := slices.IndexFunc(held, func(h provision.Held) bool {
		return h.Kind == "s3/bucket" && h.Scope.Level == provision.ClientLevel && h.Role == s.Apps[0].Name
	})
	if i < 0 {
		t.Fatal("the app has no bucket")
	}
	if _, err := api.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: &held[i].ID, Key: aws.String("prod/order"), Body: strings.NewReader("1")}); err != nil {
		t.Fatal(err)
	}
	topic := aws.String("arn:aws:sns:" + region + ":123456789012:acme-alarms")
	if _, err := api.SNS.(*sns.Client).ConfirmSubscription(ctx, &sns.ConfirmSubscriptionInput{TopicArn: topic, Token: aws.String("ops@acme.example")}); err != nil {
		t.Fatal(err)
	}
}

// What somebody else has made since a plan was shown is not removed with it: nobody has
// agreed to that.
func TestOnlyWhatWasAgreedToIsRemoved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		agreed map[string]bool
		runs   bool // what the plan removes
		want   bool // it is refused
	}{
		"nobody has to agree":            {nil, true, false},
		"nobody has agreed":              {map[string]bool{}, true, true},
		"it was agreed to":               {map[string]bool{"ecs/service": true, "ecs/task-definition": true, "ecr/repository": true}, true, false},
		"only some of it was agreed to":  {map[string]bool{"ecs/service": true, "ecs/task-definition": true}, true, true},
		"nothing runs, and all is empty": {map[string]bool{}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
				s := small(t)
				s.Apps[0].Services[0].Domains = spec.Domains{}
				with := *s
				with.Apps = []spec.App{s.Apps[0]}
				other := s.Apps[0].Services[0]
				other.Name, other.Path = "api", "/api/*"
				with.Apps[0].Services = []spec.Service{other, s.Apps[0].Services[0]}
				if err := create(ctx, r.Operator, &with); err != nil {
					t.Fatal(err)
				}
				if c.runs {
					r.push("ACME", "app-api", "v1", sandbox.ImageFate{})
					must(t)(deployImage(ctx, r.Operator, &with, spec.Preview, "v1", deploy.Request{}))
				}
				run, err := r.Build(ctx, s)
				if err != nil {
					t.Fatal(err)
				}
				p, err := run.Plan(ctx)
				if err != nil {
					t.Fatal(err)
				}
				removed, err := p.Removals(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if run.Request.Agreed = nil; c.agreed != nil {
					run.Request.Agreed = map[string]bool{}
				}
				for _, each := range removed {
					if want(t, "the word of "+each.Key(), each.Word, "app/api"); c.agreed[each.Kind] {
						run.Request.Agreed[each.Key()] = true
					}
				}
				r.account.Forget()
				_, err = run.Apply(ctx, p, nil, nil)
				refused, isRefused := errors.AsType[*provision.RefusedError](err)
				if isRefused != c.want || err != nil && !isRefused {
					t.Fatalf("refused: %v, want %v: %v", isRefused, c.want, err)
				}
				if !isRefused {
					return
				}
				r.wantUntouched()
				if !strings.Contains(refused.Error(), "nobody has agreed to its removal (") {
					t.Errorf("the refusal says %v", refused)
				}
			})
		})
	}
}
