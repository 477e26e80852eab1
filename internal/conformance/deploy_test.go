package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// push puts an image into the repository of a client's service.
func (r *rig) push(client, unit, tag string, fate sandbox.ImageFate) string {
	r.tb.Helper()
	repository, manifest := strings.ToLower(client)+"/"+unit, sandbox.ImageManifest(client+unit+tag, fate)
	digest, err := r.account.Push(region, repository, tag, manifest)
	if err != nil {
		r.tb.Fatal(err)
	}
	return digest
}

// deployImage prepares and runs, as the command does.
func deployImage(ctx context.Context, o *cloud.Operator, s *spec.Spec, env spec.Env, ref string, request deploy.Request) (*deploy.DeployEnd, error) {
	image, err := rules.ParseImage(ref)
	if err != nil {
		return nil, err
	}
	request.Image = image
	d, err := deploy.Prepare(ctx, o, s, s.Apps[0].Name, s.Apps[0].Services[0].Name, env, request, func(*deploy.DeployImage) {})
	if err != nil {
		return nil, err
	}
	return d.Run(ctx, func(deploy.DeployStep) {})
}

func rollback(ctx context.Context, o *cloud.Operator, s *spec.Spec, env spec.Env, to string) (*deploy.DeployEnd, error) {
	d, err := deploy.PrepareRollback(ctx, o, s, s.Apps[0].Name, s.Apps[0].Services[0].Name, env, to)
	if err != nil {
		return nil, err
	}
	return d.Run(ctx, func(deploy.DeployStep) {})
}

// deploys is "2 deployed v1, 1 …": the history of the first service, the newest first.
func (r *rig) deploys(ctx context.Context, s *spec.Spec, env spec.Env) string {
	r.tb.Helper()
	_, all, err := deploy.History(ctx, operator(r.tb, r.account, cloud.Config{}), s, s.Apps[0].Name, s.Apps[0].Services[0].Name, env, 50)
	if err != nil {
		r.tb.Fatal(err)
	}
	var out []string
	for _, rev := range all {
		out = append(out, fmt.Sprintf("%d %s %s", rev.Number, rev.Tag, rev.State))
	}
	return strings.Join(out, ", ")
}

// runs is "v1 running 2/2".
func (r *rig) runs(ctx context.Context, s *spec.Spec, env spec.Env) string {
	r.tb.Helper()
	all, err := deploy.Status(ctx, operator(r.tb, r.account, cloud.Config{}), s, s.Apps[0].Name, s.Apps[0].Services[0].Name)
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, each := range all {
		if each.Env == env {
			tag := "nothing"
			if each.Revision != nil {
				tag = each.Revision.Tag
			}
			return fmt.Sprintf("%s %s %d/%d", tag, each.State, each.Tasks, each.Wanted)
		}
	}
	return "unknown"
}

func want[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: %v, want %v", what, got, want)
	}
}

func must(tb testing.TB) func(*deploy.DeployEnd, error) *deploy.DeployEnd {
	return func(end *deploy.DeployEnd, err error) *deploy.DeployEnd {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return end
	}
}

func TestPreviewThenProd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		s := small(t)
		r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
		if _, err := deployImage(ctx, r.Operator, s, spec.Prod, "v1", deploy.Request{}); !cloud.Refused(err) || !strings.Contains(err.Error(), "never did: cicdctl deploy ACME app/web --env preview --image v1 first") {
			t.Errorf("prod before preview: %v", err)
		}
		for _, env := range spec.Envs() {
			end := must(t)(deployImage(ctx, r.Operator, s, env, "v1", deploy.Request{}))
			want(t, "it ends", end.State, deploy.DeployedNow)
			want(t, "it runs", r.runs(ctx, s, env), "v1 running 2/2")
			want(t, "history", r.deploys(ctx, s, env), "2 v1 running")
		}
		r.account.Forget()
		want(t, "again", must(t)(deployImage(ctx, r.Operator, s, spec.Prod, "v1", deploy.Request{})).State, deploy.DeployedBefore)
		for _, c := range r.account.Calls() {
			if c.Mutating {
				t.Errorf("deploying what runs calls %s", c.Name())
			}
		}
		r.wantNoChange(ctx, s)
		want(t, "after client create", r.runs(ctx, s, spec.Prod), "v1 running 2/2")

		// Whoever scales is not overruled, by deploy or by client create.
		r.scale(ctx, "acme", "app-web-prod", 3)
		r.push("ACME", "app-web", "v2", sandbox.ImageFate{})
		must(t)(deployImage(ctx, r.Operator, s, spec.Prod, "acme/app-web:v2", deploy.Request{SkipPreview: true}))
		want(t, "scaled", r.runs(ctx, s, spec.Prod), "v2 running 3/3")
		r.wantNoChange(ctx, s)
		want(t, "scaled, after client create", r.runs(ctx, s, spec.Prod), "v2 running 3/3")
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Errorf("destroy with tasks running: %v", err)
		}
	})
}

func (r *rig) scale(ctx context.Context, cluster, service string, count int32) {
	r.tb.Helper()
	if _, err := r.Factory.Set(region).ECS.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &cluster, Service: &service, DesiredCount: &count}); err != nil {
		r.tb.Fatal(err)
	}
}

func TestDeployRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		s := small(t)
		good := r.push("ACME", "app-web", "good", sandbox.ImageFate{})
		r.push("ACME", "app-web", "holes", sandbox.ImageFate{Critical: []string{"CVE-2026-1", "CVE-2026-2"}})
		for why, test := range map[string]struct{ ref, want string }{
			"another client's":   {"globex/app-web:good", "the image is not ACME's (globex/app-web); app/web runs images of its own repository only"},
			"another service's":  {"acme/app-api:good", "the image is another service's (acme/app-api)"},
			"another registry's": {"docker.io/acme/app-web:good", "the image is in another registry (docker.io)"},
			"another account's":  {"999999999999.dkr.ecr.eu-west-3.amazonaws.com/acme/app-web:good", "in another registry"},
			"no such tag":        {"v9", "has no image with the tag v9; its newest are "},
			"no such digest":     {"sha256:" + strings.Repeat("0", 64), "has no image with the sha256:000"},
			"another tag's":      {"acme/app-web:good@" + strings.Replace(good, good[7:11], "0000", 1), "has no image with the sha256:0000"},
			"critical findings":  {"holes", `has 2 critical vulnerabilities (CVE-2026-1, CVE-2026-2)`},
		} {
			r.account.Forget()
			_, err := deployImage(ctx, r.Operator, s, spec.Preview, test.ref, deploy.Request{})
			if !cloud.Refused(err) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v, want %s", why, err, test.want)
			}
			for _, c := range r.account.Calls() {
				if c.Mutating {
					t.Errorf("%s: it called %s", why, c.Name())
				}
			}
		}
		must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "holes", deploy.Request{Accept: "no fix yet, ticket 4711"[:10]}))
		_, all, err := deploy.History(ctx, r.Operator, s, "app", "web", spec.Preview, 9)
		if err != nil || all[0].Accepted != "no fix yet" {
			t.Errorf("the reason is not kept: %+v, %v", all, err)
		}
		if _, err := deploy.PrepareRollback(ctx, r.Operator, s, "app", "web", spec.Preview, ""); !cloud.Refused(err) || !strings.Contains(err.Error(), "no earlier revision that ran") {
			t.Errorf("nothing to go back to: %v", err)
		}
		if _, err := deploy.PrepareRollback(ctx, r.Operator, s, "app", "web", spec.Preview, "v7"); !cloud.Refused(err) || !strings.Contains(err.Error(), "--to v7: no revision") || !strings.Contains(err.Error(), "2: holes (sha256:") {
			t.Errorf("unknown revision: %v", err)
		}
		if _, err := deploy.PrepareRollback(ctx, r.Operator, s, "app", "wob", spec.Preview, ""); !cloud.Refused(err) || !strings.Contains(err.Error(), "its spec has app/web") {
			t.Errorf("unknown service: %v", err)
		}
		if _, err := deployImage(ctx, r.Operator, client(t, "OTHER"), spec.Preview, "v1", deploy.Request{}); !cloud.Refused(err) || !strings.Contains(err.Error(), "cicdctl client create OTHER makes it") {
			t.Errorf("a client that is not there: %v", err)
		}
		// Somebody else's revision on top makes the family somebody else's.
		out, err := r.Factory.Set(region).ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("acme-app-web-preview")})
		if err != nil {
			t.Fatal(err)
		}
		d := out.TaskDefinition
		if _, err := r.Factory.Set(region).ECS.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: d.Family, ContainerDefinitions: d.ContainerDefinitions, NetworkMode: d.NetworkMode, ExecutionRoleArn: d.ExecutionRoleArn}); err != nil {
			t.Fatal(err)
		}
		if _, err := deployImage(ctx, r.Operator, s, spec.Preview, "good", deploy.Request{}); !cloud.Refused(err) || !strings.Contains(err.Error(), "acme-app-web-preview:3 does not carry the tags of ACME's app/web in preview") {
			t.Errorf("a foreign revision: %v", err)
		}
	})
}

func TestUnscannedImages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: 4})
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
		waited := 0
		d, err := deploy.Prepare(ctx, r.Operator, small(t), "app", "web", spec.Preview, deploy.Request{Image: rules.Image{Tag: "v1"}}, func(*deploy.DeployImage) { waited++ })
		if err != nil || waited == 0 || d.Image.Scan != deploy.ScanComplete {
			t.Errorf("waited %d times, %v", waited, err)
		}
		tree := r.tree()
		images := tree["ECR"].(map[string]any)[region].(map[string]any)["Repositories"].([]any)[0].(map[string]any)["Images"].([]any)
		images[0].(map[string]any)["Scanned"] = false
		r.restore(tree)
		if _, err := deployImage(ctx, r.Operator, small(t), spec.Preview, "v1", deploy.Request{}); !cloud.Refused(err) || !strings.Contains(err.Error(), "was not scanned for vulnerabilities (scan: none)") {
			t.Errorf("never scanned: %v", err)
		}
		must(t)(deployImage(ctx, r.Operator, small(t), spec.Preview, "v1", deploy.Request{Accept: "built for test"}))
	})
}

var broken = sandbox.ImageFate{Failure: "OutOfMemoryError: Container killed due to memory usage", ExitCode: 137, Log: []string{"starting", "cannot reach the database"}}

func TestBadImageGoesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		s := small(t)
		r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
		r.push("ACME", "app-web", "bad", broken)

		// The first deploy of all: nothing to go back to.
		end, err := deployImage(ctx, r.Operator, s, spec.Preview, "bad", deploy.Request{})
		wantFailure(t, end, err, "nothing ran before, so the service has no tasks again")
		want(t, "after a first deploy that failed", r.runs(ctx, s, spec.Preview), "nothing not deployed 0/0")

		must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{}))
		want(t, "the first that works", r.runs(ctx, s, spec.Preview), "v1 running 2/2")
		end, err = deployImage(ctx, r.Operator, s, spec.Preview, "bad", deploy.Request{})
		wantFailure(t, end, err, "ECS went back to acme-app-web-preview:3 (v1 (sha256:")
		want(t, "running", end.Running.Tag, "v1")
		want(t, "it runs", r.runs(ctx, s, spec.Preview), "v1 running 2/2")
		want(t, "history", r.deploys(ctx, s, spec.Preview), "4 bad failed, 3 v1 running, 2 bad failed")

		// What did not run in preview does not get to prod, and nothing else is to be done.
		if _, err := deployImage(ctx, r.Operator, s, spec.Prod, "bad", deploy.Request{}); !cloud.Refused(err) {
			t.Errorf("a bad image gets to prod: %v", err)
		}
		want(t, "v1 once more", must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{})).State, deploy.DeployedBefore)
		r.wantNoChange(ctx, s)
	})
}

func wantFailure(t *testing.T, end *deploy.DeployEnd, err error, text string) {
	t.Helper()
	failed, ok := errors.AsType[*deploy.DeployError](err)
	if !ok || end.State != deploy.DeployFailed || !strings.Contains(err.Error(), text) || failed.Remedy() == "" {
		t.Fatalf("it ends as %+v, %v; want %s", end, err, text)
	}
	why := end.Why
	if len(why.Tasks) != 3 || len(why.Unknown) > 0 || why.Tasks[0].Reason != "Essential container in task exited" {
		t.Fatalf("evidence %+v", why)
	}
	c := why.Tasks[0].Containers[0]
	if c.Name != "web" || *c.ExitCode != 137 || !strings.HasPrefix(c.Reason, "OutOfMemoryError") || !slices.Equal(why.Log, []string{"starting", "cannot reach the database"}) {
		t.Errorf("evidence %+v, log %q", c, why.Log)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		s := small(t)
		for _, tag := range []string{"v1", "v2", "v3"} {
			r.push("ACME", "app-web", tag, sandbox.ImageFate{})
			must(t)(deployImage(ctx, r.Operator, s, spec.Preview, tag, deploy.Request{}))
		}
		want(t, "back", must(t)(rollback(ctx, r.Operator, s, spec.Preview, "")).State, deploy.DeployedNow)
		want(t, "it runs", r.runs(ctx, s, spec.Preview), "v2 running 2/2")
		want(t, "history", r.deploys(ctx, s, spec.Preview), "4 v3 rolled back, 3 v2 running, 2 v1 ran")
		want(t, "the same again", must(t)(rollback(ctx, r.Operator, s, spec.Preview, "")).State, deploy.DeployedBefore)
		want(t, "further", must(t)(rollback(ctx, r.Operator, s, spec.Preview, "v1")).State, deploy.DeployedNow)
		want(t, "it runs", r.runs(ctx, s, spec.Preview), "v1 running 2/2")
		want(t, "and forward", must(t)(rollback(ctx, r.Operator, s, spec.Preview, "acme-app-web-preview:4")).State, deploy.DeployedNow)
		want(t, "history", r.deploys(ctx, s, spec.Preview), "4 v3 running, 3 v2 rolled back, 2 v1 ran")
		r.wantNoChange(ctx, s)
	})
}

// What was deployed before is no leftover: rollbacks and prod go by it.
func TestEarlierRevisionsAreNoLeftovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1}), acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		for _, tag := range []string{"v1", "v2"} {
			r.push("ACME", "shop-web", tag, sandbox.ImageFate{})
			if _, err := deployImage(ctx, r.Operator, s, spec.Preview, tag, deploy.Request{}); err != nil {
				t.Fatal(err)
			}
		}
		if a := r.examine(t, s); len(a.Findings) > 0 {
			t.Errorf("after two deploys: %+v", a.Findings)
		}
	})
}
