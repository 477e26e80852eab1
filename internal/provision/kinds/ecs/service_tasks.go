package ecs

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// How many tasks a service has: as many as its spec says, none while its environment is
// stopped, and else as many as it has.

const (
	fieldTasks   = "tasks"
	fieldStopped = "stopped"
)

func taskFields() []provision.Field[kit.Workload, ecsService] {
	return []provision.Field[kit.Workload, ecsService]{
		{
			Name: fieldTasks, Batch: true,
			Want: func(s *provision.Step, d kit.Workload) string {
				if least, most, scales := rules.TaskRange(s.Spec, d.Svc, d.Env); scales {
					return rangeOfTasks(least, most)
				}
				if n, said := rules.Tasks(s.Spec, d.Svc, d.Env); said {
					return fmt.Sprint(n)
				}
				return provision.Keep
			},
			Have: func(v ecsService) string {
				switch {
				case !v.runs():
					return provision.Keep
				case v.most > 0 && v.least <= v.DesiredCount && v.DesiredCount <= v.most:
					return rangeOfTasks(v.least, v.most) // how many there are is up to their load
				}
				return fmt.Sprint(v.DesiredCount)
			},
		},
		{
			Name: fieldStopped, Batch: true,
			Want: func(s *provision.Step, d kit.Workload) string { return kit.OnOff(s.Spec.Stopped.Of(d.Env)) },
			Have: func(v ecsService) string { _, stopped := v.before(); return kit.OnOff(stopped) },
		},
	}
}

func rangeOfTasks(least, most int32) string { return fmt.Sprintf("%d to %d", least, most) }

// between notes between which numbers the spec lets the service's tasks follow their load.
func (v ecsService) between(scopes []*provision.Scope) {
	tags := ecsTags.Of(v.Tags)
	for _, s := range scopes {
		if s.Spec == nil || s.Client != tags[provision.TagClient] {
			continue
		}
		for _, d := range kit.Workloads(s) {
			if d.Service() == tags[provision.TagRole] {
				if least, most, scales := rules.TaskRange(s.Spec, d.Svc, d.Env); scales {
					v.least, v.most = least, most
				}
			}
		}
	}
}

// runs reports whether something was deployed that can run: nothing was at first, and a
// deployment that failed without another before it is not to be tried again by a plan.
func (v ecsService) runs() bool {
	failed := slices.ContainsFunc(v.Deployments, func(d ecstypes.Deployment) bool {
		return aws.ToString(d.Status) == "PRIMARY" && d.RolloutState == ecstypes.DeploymentRolloutStateFailed
	})
	return deployed(v.image) != noDeploy && !failed
}

// before is how many tasks the service had before its environment was stopped.
func (v ecsService) before() (n int32, stopped bool) {
	text, stopped := ecsTags.Of(v.Tags)[provision.TagTasks]
	count, err := strconv.ParseInt(text, 10, 32)
	if err != nil { // whoever changed it: as many as at first are right as well
		return 0, stopped
	}
	return int32(count), stopped
}

// setTasks adds what the fields of tasks take to an update of the service. What it returns
// is to be done after that.
func setTasks(ctx context.Context, s *provision.Step, d kit.Workload, v ecsService, changed []string, in *ecs.UpdateServiceInput) (after func() error, err error) {
	after = func() error { return nil }
	n, said := rules.Tasks(s.Spec, d.Svc, d.Env)
	least, most, scales := rules.TaskRange(s.Spec, d.Svc, d.Env)
	within := func(n int32) int32 {
		if scales {
			n = max(least, min(most, n))
		}
		return n
	}
	if scales {
		n = within(v.DesiredCount)
	}
	if slices.Contains(changed, fieldTasks) {
		in.DesiredCount = &n
	}
	switch {
	case !slices.Contains(changed, fieldStopped):
	case s.Spec.Stopped.Of(d.Env): // first: once there are none, nobody knows how many there were
		return after, kit.Do(ctx, s.API.ECS.TagResource, &ecs.TagResourceInput{
			ResourceArn: v.ServiceArn, Tags: ecsTags.To(provision.Tags{provision.TagTasks: fmt.Sprint(v.DesiredCount)}),
		})
	default:
		if !said {
			n, _ = v.before()
			n = within(n)
		}
		if v.runs() && v.DesiredCount == 0 && n > 0 {
			in.DesiredCount = &n
		}
		after = func() error {
			return kit.Do(ctx, s.API.ECS.UntagResource, &ecs.UntagResourceInput{ResourceArn: v.ServiceArn, TagKeys: []string{provision.TagTasks}})
		}
	}
	return after, nil
}
