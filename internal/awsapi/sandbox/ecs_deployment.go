package sandbox

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Deployments of a service: the newest is PRIMARY, those that it replaces stay
// ACTIVE until it is complete. One describe of the service is one step.

// deploy begins a deployment of what the service says now.
func (t *tx) deploy(r *row[types.Service]) {
	for i := range r.V.Deployments {
		r.V.Deployments[i].Status = aws.String(ecsActive)
	}
	id := "ecs-svc/" + t.newID("deployment")
	r.V.Deployments = slices.Insert(r.V.Deployments, 0, types.Deployment{
		Id: aws.String(id), Status: aws.String("PRIMARY"), TaskDefinition: r.V.TaskDefinition, DesiredCount: r.V.DesiredCount, PendingCount: r.V.DesiredCount,
		NetworkConfiguration: r.V.NetworkConfiguration, CapacityProviderStrategy: r.V.CapacityProviderStrategy, LaunchType: r.V.LaunchType,
		RolloutState: types.DeploymentRolloutStateInProgress, RolloutStateReason: aws.String(fmt.Sprintf("ECS deployment %s in progress.", id)),
		CreatedAt: aws.Time(t.now), UpdatedAt: aws.Time(t.now),
	})
	r.Looks = t.opts.Looks
}

// primary is the deployment that the service is going to.
func primary(r *row[types.Service]) *types.Deployment {
	if len(r.V.Deployments) == 0 {
		return nil
	}
	return &r.V.Deployments[0]
}

// ageService is one look at a service: tasks start and stop, deployments end.
func (t *tx) ageService(r *row[types.Service]) {
	if r.Looks--; r.Looks >= 0 {
		return
	}
	switch *r.V.Status {
	case ecsDraining:
		r.V.Status, r.V.RunningCount, r.V.PendingCount, r.V.Deployments = aws.String(ecsInactive), 0, 0, nil
	case ecsActive:
		p := primary(r)
		if p == nil {
			return
		}
		p.RunningCount = 0
		if t.hosts(*r.V.ClusterArn) > 0 {
			p.RunningCount = r.V.DesiredCount
		}
		p.PendingCount = r.V.DesiredCount - p.RunningCount
		r.V.RunningCount, r.V.PendingCount = p.RunningCount, p.PendingCount
		if p.PendingCount == 0 && p.RolloutState == types.DeploymentRolloutStateInProgress {
			p.RolloutState, p.RolloutStateReason = types.DeploymentRolloutStateCompleted, aws.String(fmt.Sprintf("ECS deployment %s completed.", *p.Id))
			p.UpdatedAt = aws.Time(t.now)
			r.V.Deployments = r.V.Deployments[:1]
		}
	}
}

// hosts counts those of a cluster that can run tasks.
func (t *tx) hosts(cluster string) int {
	count := 0
	for _, i := range t.ecs().Instances {
		if i.Connected && i.Cluster == lastPart(cluster) {
			count++
		}
	}
	return count
}

// withDeploymentDefaults completes a configuration: what is not named stays as it was.
func withDeploymentDefaults(old, by *types.DeploymentConfiguration) *types.DeploymentConfiguration {
	out := types.DeploymentConfiguration{
		MaximumPercent: aws.Int32(200), MinimumHealthyPercent: aws.Int32(100), Strategy: types.DeploymentStrategyRolling,
		DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{}, BakeTimeInMinutes: aws.Int32(0),
	}
	for _, c := range []*types.DeploymentConfiguration{old, by} {
		if c == nil {
			continue
		}
		replace(&out.MaximumPercent, c.MaximumPercent)
		replace(&out.MinimumHealthyPercent, c.MinimumHealthyPercent)
		replace(&out.DeploymentCircuitBreaker, c.DeploymentCircuitBreaker)
		replace(&out.BakeTimeInMinutes, c.BakeTimeInMinutes)
		replace(&out.Alarms, c.Alarms)
		if c.Strategy != "" {
			out.Strategy = c.Strategy
		}
	}
	return &out
}
