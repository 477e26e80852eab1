package conformance

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// scaledTo is how many tasks the service has in preview, and its range as AWS has it.
func (r *rig) scaledTo(ctx context.Context) string {
	r.tb.Helper()
	api := r.Factory.Set(region)
	out, err := api.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(rules.ClusterName("ACME")), Services: []string{"app-web-preview"}})
	if err != nil {
		r.tb.Fatal(err)
	}
	targets, err := api.AppScaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceIds: []string{"service/acme/app-web-preview"}})
	if err != nil {
		r.tb.Fatal(err)
	}
	text := fmt.Sprint(out.Services[0].DesiredCount)
	for _, t := range targets.ScalableTargets {
		text += fmt.Sprintf(" of %d to %d, suspended: %v", *t.MinCapacity, *t.MaxCapacity, *t.SuspendedState.DynamicScalingOutSuspended)
	}
	return text
}

// Between the two numbers, nothing is a difference; outside of them, it is restored. Nothing is
// scaled before there is something to run, nor while the environment is stopped.
func TestTasksFollowTheirLoadWithinTheRange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := small(t)
		s.Apps[0].Services[0].Tasks, s.Apps[0].Services[0].MaxTasks = spec.Tasks{Preview: 2}, spec.Tasks{Preview: 5}
		apply := func(want string) {
			t.Helper()
			if err := create(ctx, r.Operator, s); err != nil {
				t.Fatal(err)
			}
			r.wantNoChange(ctx, s)
			if got := r.scaledTo(ctx); got != want {
				t.Errorf("the service has %s, want %s", got, want)
			}
		}
		by := func(n int32) {
			t.Helper()
			if _, err := r.Factory.Set(region).ECS.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String(rules.ClusterName("ACME")), Service: aws.String("app-web-preview"), DesiredCount: &n}); err != nil {
				t.Fatal(err)
			}
		}
		apply("0 of 0 to 5, suspended: true") // AWS would start tasks of no image
		r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
		must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{}))
		apply("2 of 2 to 5, suspended: false")
		by(4)
		r.wantNoChange(ctx, s)
		by(9)
		changes := plan(ctx, t, r.Operator, s).Changes()
		if len(changes) != 1 || changes[0].Kind != "ecs/service" || changes[0].Diffs[0].Have != "9" || changes[0].Diffs[0].Want != "2 to 5" {
			t.Errorf("9 tasks: %+v", changes)
		}
		apply("5 of 2 to 5, suspended: false")
		r.push("ACME", "app-web", "v2", sandbox.ImageFate{})
		must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v2", deploy.Request{}))
		r.wantNoChange(ctx, s)

		s.Stopped.Preview = true
		apply("0")
		s.Stopped.Preview = false
		apply("5 of 2 to 5, suspended: false")

		s.Apps[0].Services[0].Tasks, s.Apps[0].Services[0].MaxTasks = spec.Tasks{Preview: 3}, spec.Tasks{Preview: 3}
		apply("3")
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		if left := r.tree()["AppScaling"].(map[string]any)[region].(map[string]any)["Targets"]; left != nil && !slices.Equal(left.([]any), []any{}) {
			t.Errorf("left behind: %v", left)
		}
	})
}
