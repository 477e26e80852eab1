package sandbox

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Places: which host a task runs on, and what happens when none has room.

// room is what a host has left, or what a task takes.
type room struct{ interfaces, cpu, memory int }

func (r room) holds(o room) bool {
	return r.interfaces >= o.interfaces && r.cpu >= o.cpu && r.memory >= o.memory
}

// lacking is the resource that a host has too little of, as ECS names it.
func (r room) lacking(o room) string {
	switch {
	case r.interfaces < o.interfaces:
		return "RESOURCE:ENI"
	case r.cpu < o.cpu:
		return "RESOURCE:CPU"
	default:
		return "RESOURCE:MEMORY"
	}
}

// taskRoom is what a task of a revision takes.
func taskRoom(d *types.TaskDefinition) room {
	var r room
	if d.NetworkMode == types.NetworkModeAwsvpc {
		r.interfaces = 1
	}
	for _, c := range d.ContainerDefinitions {
		r.cpu += int(c.Cpu)
		if c.Memory != nil {
			r.memory += int(*c.Memory)
		} else {
			r.memory += int(aws.ToInt32(c.MemoryReservation))
		}
	}
	return r
}

// emptyRoom is what a host of a type offers to tasks.
func emptyRoom(kind string, trunk bool) room {
	s := shapeOf(kind)
	r := room{interfaces: s.interfaces - 1, cpu: s.vcpu * 1024, memory: s.memory}
	if trunk {
		r.interfaces = s.trunked
	}
	return r
}

// free is what a host has left.
func (t *tx) free(host *ecsInstance) room {
	r := emptyRoom(host.Type, host.Trunk)
	for _, task := range t.ecs().Tasks {
		if *task.V.LastStatus != taskRunning || aws.ToString(task.V.ContainerInstanceArn) != host.ARN {
			continue
		}
		if d := t.definition(*task.V.TaskDefinitionArn); d != nil {
			takes := taskRoom(&d.V)
			r = room{r.interfaces - takes.interfaces, r.cpu - takes.cpu, r.memory - takes.memory}
		}
	}
	return r
}

// hostFor is the host with the most interfaces left that holds a task. Without one,
// the resource is told that the closest host lacks; it is empty when there is no host.
func (t *tx) hostFor(cluster string, need room) (best *ecsInstance, lacking string) {
	most := room{interfaces: -1}
	for _, host := range t.ecs().Instances {
		if !host.Connected || host.Cluster != lastPart(cluster) {
			continue
		}
		left := t.free(host)
		if left.holds(need) && left.interfaces > most.interfaces {
			best, most = host, left
		}
		lacking = cmp.Or(lacking, left.lacking(need))
	}
	return best, lacking
}

// placeTasks starts the tasks of a deployment that hosts have room for. It tells
// whether one has failed to start, which ends the look, and whether all have a place.
// While some wait, the capacity provider adds hosts, and tasks of what is replaced
// stop as far as the service may do without them.
func (t *tx) placeTasks(r *row[types.Service], p *types.Deployment) (failed, all bool) {
	waiting := t.waitingTasks(r, *p.Id)
	if len(waiting) == 0 {
		return false, true
	}
	need := taskRoom(&t.definition(*p.TaskDefinition).V)
	for i, task := range waiting {
		host, lacking := t.hostFor(*r.V.ClusterArn, need)
		if host == nil {
			t.unplaced(r, need, lacking, len(waiting)-i)
			return false, false
		}
		task.V.ContainerInstanceArn, task.V.AvailabilityZone = aws.String(host.ARN), aws.String(host.Zone)
		if t.startTask(r, p, task) {
			// It is not alone: the others would fail alike, so one a look has to do.
			for _, other := range waiting[i+1:] {
				t.ecs().Tasks.drop(other)
			}
			return true, false
		}
	}
	return false, true
}

func (t *tx) unplaced(r *row[types.Service], need room, lacking string, count int) {
	if lacking == "" {
		t.say(r, "was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster.")
	} else {
		t.say(r, "was unable to place a task because no container instance met all of its requirements. The closest matching container-instance encountered error %q. For more information, see the Troubleshooting section.", lacking)
	}
	t.scaleOut(r, need, count)
	c := r.V.DeploymentConfiguration
	least := int((r.V.DesiredCount*aws.ToInt32(c.MinimumHealthyPercent) + 99) / 100)
	running := t.runningTasks(r, "")
	for over := len(running) - least; over > 0; over-- {
		i := slices.IndexFunc(running, func(task *ecsTask) bool { return *task.V.StartedBy != *r.V.Deployments[0].Id })
		if i < 0 {
			return
		}
		t.stopTask(running[i], types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by (deployment "+*r.V.Deployments[0].Id+")")
		running = slices.Delete(running, i, i+1)
	}
}

// scaleOut has the capacity provider of a service add hosts for tasks that wait, up to
// the most that its group may have. Hosts that are on their way are waited for first.
func (t *tx) scaleOut(r *row[types.Service], need room, count int) {
	for _, item := range r.V.CapacityProviderStrategy {
		p := t.provider(*item.CapacityProvider)
		if p == nil || p.V.AutoScalingGroupProvider == nil || p.V.AutoScalingGroupProvider.ManagedScaling.Status != types.ManagedScalingStatusEnabled {
			continue
		}
		g := t.asgOf(*p.V.AutoScalingGroupProvider.AutoScalingGroupArn)
		if g == nil || !t.ageASG(g) || g.V.LaunchTemplate == nil {
			continue
		}
		for _, i := range g.Instances {
			if !slices.ContainsFunc(t.ecs().Instances, func(host *ecsInstance) bool { return host.EC2 == *i.V.InstanceId }) {
				return
			}
		}
		hosts := 1
		if data, ok := t.launchTemplate(*g.V.LaunchTemplate.LaunchTemplateId, aws.ToString(g.V.LaunchTemplate.Version)); ok {
			kind := string(data.InstanceType)
			one := emptyRoom(kind, shapeOf(kind).trunked > 0 && *t.setting(types.SettingNameAwsvpcTrunking).Value == "enabled")
			if !one.holds(need) {
				return // no number of such hosts would do
			}
			hosts = (count*need.interfaces + one.interfaces - 1) / one.interfaces
		}
		g.V.DesiredCapacity = aws.Int32(min(aws.ToInt32(g.V.MaxSize), aws.ToInt32(g.V.DesiredCapacity)+int32(max(1, hosts))))
		t.scaleASG(g)
		return
	}
}
