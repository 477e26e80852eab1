package sandbox

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Deployments of a service: the newest is PRIMARY, those that it replaces stay
// ACTIVE until it is complete. One describe of the service is one step.

// ecsRollout is what the circuit breaker of a service knows.
type ecsRollout struct {
	Good   string // revision of the last deployment that completed
	GoodID string // and the deployment
	Back   bool   // PRIMARY goes back to it: there is nothing behind that
}

// eventsKept is how many events AWS shows of a service.
const eventsKept = 100

// deploy begins a deployment of what the service says now.
func (t *tx) deploy(r *row[types.Service]) {
	for i := range r.V.Deployments {
		r.V.Deployments[i].Status = aws.String(ecsActive)
	}
	for _, task := range t.waitingTasks(r, "") { // of what is replaced now
		t.stopTask(task, types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by the service scheduler")
	}
	id := "ecs-svc/" + t.newID("deployment")
	r.V.Deployments = slices.Insert(r.V.Deployments, 0, types.Deployment{
		Id: aws.String(id), Status: aws.String("PRIMARY"), TaskDefinition: r.V.TaskDefinition, DesiredCount: r.V.DesiredCount, PendingCount: r.V.DesiredCount,
		NetworkConfiguration: r.V.NetworkConfiguration, CapacityProviderStrategy: r.V.CapacityProviderStrategy, LaunchType: r.V.LaunchType,
		RolloutState: types.DeploymentRolloutStateInProgress, RolloutStateReason: aws.String(fmt.Sprintf("ECS deployment %s in progress.", id)),
		CreatedAt: aws.Time(t.now), UpdatedAt: aws.Time(t.now),
	})
	r.Looks = t.opts.Looks
	t.rollout(r).Back = false
}

func (t *tx) rollout(r *row[types.Service]) *ecsRollout {
	s := t.ecs()
	if s.Rollouts == nil {
		s.Rollouts = map[string]*ecsRollout{}
	}
	if s.Rollouts[*r.V.ServiceArn] == nil {
		s.Rollouts[*r.V.ServiceArn] = &ecsRollout{}
	}
	return s.Rollouts[*r.V.ServiceArn]
}

// primary is the deployment that the service is going to.
func primary(r *row[types.Service]) *types.Deployment {
	if len(r.V.Deployments) == 0 {
		return nil
	}
	return &r.V.Deployments[0]
}

// say adds an event to a service, the newest first.
func (t *tx) say(r *row[types.Service], format string, args ...any) {
	message := fmt.Sprintf("(service %s) ", *r.V.ServiceName) + fmt.Sprintf(format, args...)
	if len(r.V.Events) > 0 && *r.V.Events[0].Message == message {
		return // AWS says it every six hours
	}
	r.V.Events = slices.Insert(r.V.Events, 0, types.ServiceEvent{Id: aws.String(t.newID("event")), CreatedAt: aws.Time(t.now), Message: &message})
	r.V.Events = r.V.Events[:min(len(r.V.Events), eventsKept)]
}

// ageService is one look at a service: tasks start and stop, deployments end.
func (t *tx) ageService(r *row[types.Service]) {
	if r.wait() {
		return
	}
	switch *r.V.Status {
	case ecsDraining:
		t.stopTasks(r, "", 0)
		delete(t.ecs().Rollouts, *r.V.ServiceArn)
		r.V.Status, r.V.RunningCount, r.V.PendingCount, r.V.Deployments = aws.String(ecsInactive), 0, 0, nil
	case ecsActive:
		if p := primary(r); p != nil {
			t.ageDeployment(r, p)
			t.countTasks(r)
		}
	}
}

func (t *tx) ageDeployment(r *row[types.Service], p *types.Deployment) {
	want := int(r.V.DesiredCount)
	have := len(t.runningTasks(r, *p.Id)) + len(t.waitingTasks(r, *p.Id))
	switch {
	case p.RolloutState == types.DeploymentRolloutStateFailed:
		return // the circuit breaker starts nothing more
	case have > want:
		t.stopTasks(r, *p.Id, want)
	case have < want:
		t.makeRoom(r, want-have)
		for range want - have {
			t.newTask(r, p)
		}
	}
	if failure, all := t.placeTasks(r, p); failure {
		t.breakCircuit(r, p)
		return
	} else if !all {
		return
	}
	if p.RolloutState != types.DeploymentRolloutStateInProgress {
		return
	}
	p.RolloutState, p.RolloutStateReason = types.DeploymentRolloutStateCompleted, aws.String(fmt.Sprintf("ECS deployment %s completed.", *p.Id))
	p.UpdatedAt = aws.Time(t.now)
	for _, old := range r.V.Deployments[1:] {
		t.stopTasks(r, *old.Id, 0)
	}
	r.V.Deployments = r.V.Deployments[:1]
	*t.rollout(r) = ecsRollout{Good: *p.TaskDefinition, GoodID: *p.Id}
	t.say(r, "has reached a steady state.")
	t.say(r, "(deployment %s) deployment completed.", *p.Id)
}

// makeRoom stops tasks of earlier deployments where there may not be as many more
// beside them: with at most 100 %, the old ones stop before the new ones start.
func (t *tx) makeRoom(r *row[types.Service], more int) {
	c := r.V.DeploymentConfiguration
	most := int(r.V.DesiredCount * aws.ToInt32(c.MaximumPercent) / 100)
	least := int((r.V.DesiredCount*aws.ToInt32(c.MinimumHealthyPercent) + 99) / 100)
	for _, task := range t.runningTasks(r, "") {
		running := len(t.runningTasks(r, ""))
		if running+more <= most || running <= least || *task.V.StartedBy == *r.V.Deployments[0].Id {
			continue
		}
		t.say(r, "has stopped 1 running tasks: (task %s).", lastPart(*task.V.TaskArn))
		t.stopTask(task, types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by (deployment "+*r.V.Deployments[0].Id+")")
	}
}

// breakCircuit ends a deployment once so many tasks have failed: half of those
// wanted, at least 3 and at most 200. It goes back to what was complete before.
func (t *tx) breakCircuit(r *row[types.Service], p *types.Deployment) {
	breaker := r.V.DeploymentConfiguration.DeploymentCircuitBreaker
	threshold := min(max(3, (r.V.DesiredCount+1)/2), 200)
	if breaker == nil || !breaker.Enable || p.RolloutState != types.DeploymentRolloutStateInProgress || p.FailedTasks < threshold {
		return
	}
	p.RolloutState, p.RolloutStateReason = types.DeploymentRolloutStateFailed, aws.String("ECS deployment circuit breaker: tasks failed to start.")
	p.UpdatedAt = aws.Time(t.now)
	t.say(r, "(deployment %s) deployment failed: tasks failed to start.", *p.Id)
	known := t.rollout(r)
	d := t.definition(known.Good)
	if !breaker.Rollback || known.Good == "" || known.Back || d == nil || d.V.Status != types.TaskDefinitionStatusActive {
		return
	}
	goodID := known.GoodID
	r.V.TaskDefinition = aws.String(known.Good)
	t.deploy(r)
	t.rollout(r).Back = true
	primary(r).RolloutStateReason = aws.String("ECS deployment circuit breaker: rolling back to deploymentId " + goodID + ".")
	t.say(r, "rolling back to deployment %s.", goodID)
}

// countTasks tells what runs, in all and of each deployment.
func (t *tx) countTasks(r *row[types.Service]) {
	for i := range r.V.Deployments {
		d := &r.V.Deployments[i]
		d.RunningCount = int32(len(t.runningTasks(r, *d.Id)))
		d.PendingCount = 0
		if i == 0 {
			d.DesiredCount, d.PendingCount = r.V.DesiredCount, max(r.V.DesiredCount-d.RunningCount, 0)
		}
	}
	r.V.RunningCount, r.V.PendingCount = int32(len(t.runningTasks(r, ""))), r.V.Deployments[0].PendingCount
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
		set(&out.MaximumPercent, c.MaximumPercent)
		set(&out.MinimumHealthyPercent, c.MinimumHealthyPercent)
		set(&out.DeploymentCircuitBreaker, c.DeploymentCircuitBreaker)
		set(&out.BakeTimeInMinutes, c.BakeTimeInMinutes)
		set(&out.Alarms, c.Alarms)
		out.Strategy = cmp.Or(c.Strategy, out.Strategy)
	}
	return &out
}
