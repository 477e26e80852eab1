package sandbox

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// asgRefresh is an instance refresh: the group's instances are replaced one after the
// other, each once another is there for it.
type asgRefresh struct {
	V     types.InstanceRefresh
	Old   []string // that are still to be replaced
	Total int
	Surge bool `json:",omitempty"` // there is one more than the group wants
}

// refreshEnded are the states in which another refresh can be started.
var refreshEnded = []types.InstanceRefreshStatus{
	types.InstanceRefreshStatusSuccessful, types.InstanceRefreshStatusFailed, types.InstanceRefreshStatusCancelled,
	types.InstanceRefreshStatusRollbackSuccessful, types.InstanceRefreshStatusRollbackFailed,
}

// refreshing is the refresh that is under way, or nil.
func (g *asgGroup) refreshing() *asgRefresh {
	if len(g.Refreshes) == 0 || slices.Contains(refreshEnded, g.Refreshes[0].V.Status) {
		return nil
	}
	return &g.Refreshes[0]
}

// surge is how many instances a refresh adds to what the group wants.
func (g *asgGroup) surge() int {
	if r := g.refreshing(); r != nil && r.Surge {
		return 1
	}
	return 0
}

func registerRefreshes(a *Account) {
	groups := on(a, autoscaling.ServiceID, (*tx).asgGroup)
	opOn(groups, func(in *autoscaling.StartInstanceRefreshInput) *string { return in.AutoScalingGroupName }, func(t *tx, g *asgGroup, in *autoscaling.StartInstanceRefreshInput) (*autoscaling.StartInstanceRefreshOutput, error) {
		switch {
		case g.V.Status != nil:
			return nil, apiError("ScalingActivityInProgress", "Auto Scaling group %s is being deleted.", *g.V.AutoScalingGroupName)
		case g.refreshing() != nil:
			return nil, apiError("InstanceRefreshInProgress", "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.")
		}
		if err := checkRefresh(in.Preferences); err != nil {
			return nil, err
		}
		r := asgRefresh{Old: each(g.Instances, func(i *asgInstance) string { return *i.V.InstanceId }), V: types.InstanceRefresh{
			InstanceRefreshId: aws.String(t.newID("refresh")), AutoScalingGroupName: g.V.AutoScalingGroupName, Status: types.InstanceRefreshStatusPending,
			StartTime: aws.Time(t.now), PercentageComplete: aws.Int32(0), Preferences: in.Preferences, Strategy: in.Strategy,
		}}
		r.Total = len(r.Old)
		g.Refreshes = slices.Insert(g.Refreshes, 0, r)
		return &autoscaling.StartInstanceRefreshOutput{InstanceRefreshId: r.V.InstanceRefreshId}, nil
	})
	opOn(groups, func(in *autoscaling.DescribeInstanceRefreshesInput) *string { return in.AutoScalingGroupName }, func(t *tx, g *asgGroup, in *autoscaling.DescribeInstanceRefreshesInput) (*autoscaling.DescribeInstanceRefreshesOutput, error) {
		if in.NextToken == nil {
			t.ageASG(g)
		}
		var all []types.InstanceRefresh
		for _, r := range g.Refreshes {
			if len(in.InstanceRefreshIds) == 0 || slices.Contains(in.InstanceRefreshIds, *r.V.InstanceRefreshId) {
				all = append(all, r.V)
			}
		}
		if len(all) < len(in.InstanceRefreshIds) {
			return nil, apiError("ValidationError", "The instance refresh ids %v do not exist.", in.InstanceRefreshIds)
		}
		part, next, err := page(t, all, in.NextToken)
		return &autoscaling.DescribeInstanceRefreshesOutput{InstanceRefreshes: part, NextToken: next}, err
	})
}

// checkRefresh refuses preferences that Auto Scaling refuses (RefreshPreferences).
func checkRefresh(p *types.RefreshPreferences) error {
	if p == nil {
		return nil
	}
	least, most := p.MinHealthyPercentage, p.MaxHealthyPercentage
	switch {
	case least != nil && (*least < 0 || *least > 100):
		return apiError("ValidationError", "MinHealthyPercentage must be between 0 and 100.")
	case most != nil && (*most < 100 || *most > 200):
		return apiError("ValidationError", "MaxHealthyPercentage must be between 100 and 200.")
	case most != nil && least == nil:
		return apiError("ValidationError", "MinHealthyPercentage must be specified with MaxHealthyPercentage.")
	case most != nil && *most-*least > 100:
		return apiError("ValidationError", "The difference between MaxHealthyPercentage and MinHealthyPercentage must not be greater than 100.")
	case aws.ToBool(p.AutoRollback):
		return apiError("ValidationError", "AutoRollback is not supported: the launch template must name a version and an AMI ID.")
	}
	return nil
}

// refreshASG is one look at a refresh. ECS's managed draining lets go of a host once its
// tasks run elsewhere, for which the new one is there.
func (t *tx) refreshASG(g *asgGroup) {
	r := g.refreshing()
	if r == nil {
		return
	}
	r.V.Status = types.InstanceRefreshStatusInProgress
	r.Old = slices.DeleteFunc(r.Old, func(id string) bool { // some may be gone by themselves
		return !slices.ContainsFunc(g.Instances, func(i *asgInstance) bool { return *i.V.InstanceId == id })
	})
	if len(r.Old) == 0 {
		r.V.Status, r.V.PercentageComplete, r.V.EndTime, r.Surge = types.InstanceRefreshStatusSuccessful, aws.Int32(100), aws.Time(t.now), false
		return
	}
	if !r.Surge {
		r.Surge = true // scaleASG starts it
		return
	}
	if len(g.Instances) <= int(*g.V.DesiredCapacity) {
		if t.now.Sub(*r.V.StartTime) > time.Hour {
			r.V.Status, r.V.StatusReason, r.V.EndTime, r.Surge = types.InstanceRefreshStatusFailed, aws.String("Instances failed to launch."), aws.Time(t.now), false
		}
		return // it cannot be started
	}
	newest := g.Instances[len(g.Instances)-1]
	if newest.V.LifecycleState != types.LifecycleStateInService {
		return
	}
	i := slices.IndexFunc(g.Instances, func(i *asgInstance) bool { return *i.V.InstanceId == r.Old[0] })
	if host := t.hostOf(r.Old[0]); host != nil {
		if t.hostOf(*newest.V.InstanceId) == nil || !t.drained(host) {
			return
		}
		t.ecs().Instances.drop(host)
	}
	t.terminate(g.Instances[i])
	g.Instances = slices.Delete(g.Instances, i, i+1)
	r.Old, r.Surge = r.Old[1:], false
	r.V.PercentageComplete = aws.Int32(int32(100 * (r.Total - len(r.Old)) / r.Total))
}

// hostOf is the container instance of an instance that has joined its cluster, or nil.
func (t *tx) hostOf(instance string) *ecsInstance {
	return t.ecs().Instances.first(func(host *ecsInstance) bool { return host.EC2 == instance && host.Connected })
}

// drained is one look at a host that its group is about to lose: no task is started there
// any more, and each that runs there goes once another runs in its place.
func (t *tx) drained(host *ecsInstance) bool {
	host.Draining = true
	for _, task := range slices.Clone(t.ecs().Tasks) {
		if aws.ToString(task.V.ContainerInstanceArn) != host.ARN || *task.V.LastStatus != taskRunning {
			continue
		}
		r := t.ecs().Services.first(func(r *row[ecstypes.Service]) bool { return *r.V.ServiceArn == task.Service })
		if r == nil || len(r.V.Deployments) == 0 || *task.V.StartedBy != *r.V.Deployments[0].Id {
			return false // a deployment is under way, and takes it away
		}
		need := taskRoom(&t.definition(*task.V.TaskDefinitionArn).V)
		other, _ := t.hostFor(host.Cluster, need)
		if other == nil {
			return false
		}
		next := t.newTask(r, &r.V.Deployments[0])
		next.V.ContainerInstanceArn, next.V.AvailabilityZone = aws.String(other.ARN), aws.String(other.Zone)
		if t.startTask(r, &r.V.Deployments[0], next) {
			return false
		}
		t.stopTask(task, ecstypes.TaskStopCodeServiceSchedulerInitiated, "ECS is performing maintenance on the underlying infrastructure hosting the task.")
	}
	return true
}
