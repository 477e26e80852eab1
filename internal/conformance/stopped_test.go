package conformance

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What is stopped stays so whoever scales it or creates the client again, and comes back
// as it was: as somebody scaled it, unless the spec says how many there are.
func TestAStoppedEnvironmentStaysStoppedAndComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := small(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		app, svc := s.Apps[0].Name, &s.Apps[0].Services[0]
		r.push(s.Client, rules.GroupTag(app, svc.Name), "v1", sandbox.ImageFate{})
		if _, err := deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{}); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region).ECS
		name := rules.ServiceName(app, svc.Name, spec.Preview)
		scale := func(n int32) {
			t.Helper()
			if _, err := api.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String(rules.ClusterName(s.Client)), Service: &name, DesiredCount: &n}); err != nil {
				t.Fatal(err)
			}
		}
		wants := func(when string, n int32, before string) {
			t.Helper()
			if err := create(ctx, operator(t, r.account, cloud.Config{}), s); err != nil {
				t.Fatal(when, err)
			}
			r.wantNoChange(ctx, s)
			out, err := api.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(rules.ClusterName(s.Client)), Services: []string{name}, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags}})
			if err != nil {
				t.Fatal(err)
			}
			tag := ""
			for _, each := range out.Services[0].Tags {
				if aws.ToString(each.Key) == provision.TagTasks {
					tag = aws.ToString(each.Value)
				}
			}
			if got := out.Services[0].DesiredCount; got != n || tag != before {
				t.Errorf("%s: %d tasks, tag %q; want %d and %q", when, got, tag, n, before)
			}
		}
		scale(5)
		wants("scaled by hand, nothing in the spec", 5, "")
		s.Stopped.Preview = true
		wants("stopped", 0, "5")
		scale(1)
		wants("stopped, then scaled by hand", 0, "5")
		if _, err := deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{}); !cloud.Refused(err) || !strings.Contains(err.Error(), "cicdctl start") {
			t.Errorf("a deploy to what is stopped: %v", err)
		}
		s.Stopped.Preview = false
		wants("started", 5, "")
		svc.Tasks.Preview = 3
		wants("as the spec says", 3, "")
		scale(1)
		wants("as the spec says, whoever scales", 3, "")
		s.Stopped.Preview = true
		wants("stopped again", 0, "3")
		svc.Tasks.Preview, s.Stopped.Preview = 4, false
		wants("started as the spec says now", 4, "")
	})
}
