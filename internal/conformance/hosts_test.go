package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// agents are the hosts of ACME's cluster that ECS can use.
func (r *rig) agents(ctx context.Context) []string {
	r.tb.Helper()
	var out []string
	p := ecs.NewListContainerInstancesPaginator(r.Factory.Set(region).ECS, &ecs.ListContainerInstancesInput{
		Cluster: aws.String(rules.ClusterName("ACME")), Filter: aws.String("agentConnected == true"),
	})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			r.tb.Fatal(err)
		}
		out = append(out, page.ContainerInstanceArns...)
	}
	return out
}

// Hosts count once they are in the cluster, and get a trunk only if the account setting
// was there before them.
func TestHostsJoinWithATrunk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{})
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		order := map[string]int{}
		for i, c := range r.account.Calls() {
			if order[c.Operation] == 0 {
				order[c.Operation] = i
			}
		}
		if set, start := order["PutAccountSettingDefault"], order["CreateAutoScalingGroup"]; set == 0 || set > start {
			t.Errorf("the setting was call %d, the hosts call %d", set, start)
		}
		if hosts := r.agents(ctx); len(hosts) != 3 {
			t.Errorf("create ended with %d hosts in the cluster, want 3", len(hosts))
		}
		for _, host := range r.tree()["ECS"].(map[string]any)[region].(map[string]any)["Instances"].([]any) {
			if host.(map[string]any)["Trunk"] != true {
				t.Errorf("%v has no trunk", host)
			}
		}
		// Somebody turns it off: the plan names it, and the next run turns it on.
		off := &ecs.PutAccountSettingDefaultInput{Name: ecstypes.SettingNameAwsvpcTrunking, Value: aws.String("disabled")}
		if _, err := r.Factory.Set(region).ECS.PutAccountSettingDefault(ctx, off); err != nil {
			t.Fatal(err)
		}
		changes := plan(ctx, t, r.Operator, small(t)).Changes()
		if len(changes) != 1 || changes[0].Kind != "ecs/cluster" || changes[0].Diffs[0] != (provision.Diff{Field: "awsvpcTrunking", Have: "disabled", Want: "enabled"}) {
			t.Errorf("turned off: %+v", changes)
		}
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, small(t))
	})
}

// All services of the example run in both environments, and each of them is replaced.
func TestTheExampleFitsItsHosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50}), acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		for _, version := range []string{"v1", "v2"} {
			for _, env := range spec.Envs() {
				for _, svc := range s.Apps[0].Services {
					if !svc.Runtime.HTTP() && version == "v1" {
						letIn(ctx, t, r.Operator, s, svc.Name, env)
					}
					if env == spec.Preview { // prod runs the same image
						r.push("ACME", "shop-"+svc.Name, version, sandbox.ImageFate{})
					}
					end, said, err := deployTo(ctx, r.Operator, s, svc.Name, env, version)
					if err != nil || end.State != deploy.DeployedNow {
						t.Fatalf("%s of %s in %s: %+v, %v\n%s", version, svc.Name, env, end, err, strings.Join(said, "\n"))
					}
				}
			}
		}
		if err := create(ctx, r.Operator, s); err != nil { // now that something runs, its number follows the load
			t.Fatal(err)
		}
		r.wantNoChange(ctx, s)
	})
}

// Tasks without a place wait, hosts are added for them, and no more than may be.
func TestTasksWaitForHosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50}), small(t)
		s.Hosts = spec.Hosts{InstanceType: "t3.medium", Min: 1, Max: 3} // no trunk: two tasks each
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{1, 2, 3, 3} {
			tag := fmt.Sprintf("v%d", i)
			r.push("ACME", "app-web", tag, sandbox.ImageFate{})
			must(t)(deployImage(ctx, r.Operator, s, spec.Envs()[i%2], fmt.Sprintf("v%d", i-i%2), deploy.Request{}))
			if hosts := r.agents(ctx); len(hosts) != want {
				t.Errorf("after %d deployments: %d hosts, want %d", i+1, len(hosts), want)
			}
		}
		// Somebody scales a service beyond what three hosts hold.
		in := &ecs.UpdateServiceInput{Cluster: aws.String(rules.ClusterName("ACME")), Service: aws.String("app-web-prod"), DesiredCount: aws.Int32(5)}
		if _, err := r.Factory.Set(region).ECS.UpdateService(ctx, in); err != nil {
			t.Fatal(err)
		}
		var svc ecstypes.Service
		for range 20 {
			out, err := r.Factory.Set(region).ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: in.Cluster, Services: []string{"app-web-prod"}})
			if err != nil {
				t.Fatal(err)
			}
			svc = out.Services[0]
		}
		if svc.RunningCount != 4 || svc.PendingCount != 1 || !strings.Contains(*svc.Events[0].Message, `encountered error "RESOURCE:ENI"`) || len(r.agents(ctx)) != 3 {
			t.Errorf("%d run, %d wait on %d hosts: %s", svc.RunningCount, svc.PendingCount, len(r.agents(ctx)), *svc.Events[0].Message)
		}
		r.wantNoChange(ctx, s)
	})
}

// When no host can be started, the reason is told within a minute.
func TestHostsThatCannotStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50}), small(t)
		run, err := r.Build(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		// Somebody else has all of the account's vCPUs by now.
		other := client(t, "OTHER")
		other.Hosts.Min, other.Hosts.Max = 63, 63
		if err := create(ctx, r.Operator, other); err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var began time.Time
		_, err = run.Apply(ctx, p, nil, func(e provision.Event) {
			if e.Kind == "autoscaling/group" && e.Phase == provision.PhaseStart {
				began = time.Now()
			}
		})
		const want = "Auto Scaling cannot start hosts: You have requested more vCPU capacity than your current vCPU limit of 128 allows"
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "L-1216C47A") {
			t.Errorf("%v\nwant %s", err, want)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("that took %s", took)
		}
		// With room again, the same command goes on.
		if err := destroy(ctx, r.Operator, "OTHER", true); err != nil {
			t.Fatal(err)
		}
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
	})
}

// The key of the hosts' volumes is taken from Auto Scaling while hosts are added.
func TestHostsWhoseKeyIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		tree := r.tree()
		for _, key := range tree["KMS"].(map[string]any)[region].(map[string]any)["Keys"].([]any) {
			key.(map[string]any)["V"].(map[string]any)["Policy"] = "{}"
		}
		r.restore(tree)
		api := r.Factory.Set(region).ASG
		name := aws.String(rules.HostsName("ACME"))
		if _, err := api.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: name, DesiredCapacity: aws.Int32(4)}); err != nil {
			t.Fatal(err)
		}
		out, err := api.DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: name})
		if err != nil {
			t.Fatal(err)
		}
		last := out.Activities[0]
		if last.StatusCode != asgtypes.ScalingActivityStatusCodeFailed || !strings.Contains(*last.StatusMessage, "Client.InternalError: Client error on launch") {
			t.Errorf("%+v", last)
		}
		if !slices.ContainsFunc(out.Activities, func(a asgtypes.Activity) bool { return a.StatusCode == asgtypes.ScalingActivityStatusCodeSuccessful }) {
			t.Error("what went well before is not told")
		}
	})
}
