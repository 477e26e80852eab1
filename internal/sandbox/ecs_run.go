package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ecsTask is a task of a service. One that has stopped is told of for an hour.
type ecsTask struct {
	V       types.Task
	Service string // its ARN
	ENI     string `json:",omitempty"`
}

const stoppedKept = time.Hour

// A task that no host has room for is PROVISIONING until its capacity provider has
// added one.
const taskProvisioning, taskRunning, taskStopped = "PROVISIONING", "RUNNING", "STOPPED"

func registerTasks(a *Account) {
	registerExec(a)
	opOn(on(a, ecs.ServiceID, (*tx).cluster), func(in *ecs.ListTasksInput) *string { return in.Cluster }, func(t *tx, c *row[types.Cluster], in *ecs.ListTasksInput) (*ecs.ListTasksOutput, error) {
		if in.ServiceName != nil {
			if _, err := t.service(in.Cluster, in.ServiceName); err != nil {
				return nil, err
			}
		}
		status := cmp.Or(string(in.DesiredStatus), taskRunning)
		part, next, err := list(t, t.ecs().Tasks, in.NextToken, func(task *ecsTask) (string, bool) {
			return *task.V.TaskArn, *task.V.ClusterArn == *c.V.ClusterArn && *task.V.DesiredStatus == status && (in.ServiceName == nil || lastPart(task.Service) == lastPart(*in.ServiceName))
		})
		return &ecs.ListTasksOutput{TaskArns: part, NextToken: next}, err
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
		switch _, err := t.cluster(in.Cluster); {
		case err != nil:
			return nil, err
		case len(in.Tasks) == 0:
			return nil, apiError("InvalidParameterException", "Tasks cannot be empty.")
		case len(in.Tasks) > 100:
			return nil, apiError("InvalidParameterException", "Tasks cannot be more than 100.")
		}
		out := &ecs.DescribeTasksOutput{}
		for _, name := range in.Tasks {
			i := slices.IndexFunc(t.ecs().Tasks, func(task *ecsTask) bool { return lastPart(*task.V.TaskArn) == lastPart(name) })
			if i < 0 {
				out.Failures = append(out.Failures, types.Failure{Arn: aws.String(name), Reason: aws.String("MISSING")})
				continue
			}
			out.Tasks = append(out.Tasks, t.ecs().Tasks[i].V)
		}
		return out, nil
	})
}

// runningTasks are those of a service, or of one of its deployments.
func (t *tx) runningTasks(r *row[types.Service], deployment string) []*ecsTask {
	return t.tasksOf(r, deployment, taskRunning)
}

// waitingTasks are those that have no place yet.
func (t *tx) waitingTasks(r *row[types.Service], deployment string) []*ecsTask {
	return t.tasksOf(r, deployment, taskProvisioning)
}

func (t *tx) tasksOf(r *row[types.Service], deployment, status string) []*ecsTask {
	return t.ecs().Tasks.where(func(task *ecsTask) bool {
		return task.Service == *r.V.ServiceArn && *task.V.LastStatus == status && (deployment == "" || *task.V.StartedBy == deployment)
	})
}

// startTask starts a task on the host that it was given.
func (t *tx) startTask(r *row[types.Service], d *types.Deployment, task *ecsTask) (failed bool) {
	task.V.LastStatus, task.V.StartedAt = aws.String(taskRunning), aws.Time(t.now)
	task.ENI = t.taskENI(d, lastPart(*task.V.TaskArn))
	t.say(r, "has started 1 tasks: (task %s).", lastPart(*task.V.TaskArn))
	for _, c := range t.definition(*d.TaskDefinition).V.ContainerDefinitions {
		container := types.Container{Name: c.Name, Image: c.Image, TaskArn: task.V.TaskArn, LastStatus: aws.String(taskRunning), RuntimeId: aws.String(lastPart(*task.V.TaskArn) + "-" + fmt.Sprint(len(task.V.Containers)))}
		if task.V.EnableExecuteCommand {
			container.ManagedAgents = []types.ManagedAgent{t.execAgent(&t.definition(*d.TaskDefinition).V, c)}
		}
		image, err := t.pulled(*c.Image)
		for _, s := range c.Secrets {
			if err == nil {
				err = t.secretFor(aws.ToString(s.ValueFrom))
			}
		}
		var fate ImageFate
		if image != nil {
			fate = image.fate()
		}
		switch {
		case err != nil:
			t.stopTask(task, types.TaskStopCodeTaskFailedToStart, err.Error())
			container.Reason, failed = aws.String(err.Error()), true
		case fate.Failure != "" || fate.ExitCode != 0:
			t.write(task, c, fate.Log)
			t.stopTask(task, types.TaskStopCodeEssentialContainerExited, "Essential container in task exited")
			container.ExitCode, failed = aws.Int32(cmp.Or(fate.ExitCode, 1)), true
			if fate.Failure != "" {
				container.Reason = &fate.Failure
			}
		default:
			t.write(task, c, fate.Log)
		}
		container.LastStatus = task.V.LastStatus
		task.V.Containers = append(task.V.Containers, container)
	}
	if failed {
		d.FailedTasks++
	}
	return failed
}

// newTask adds a task of a deployment, which has no place yet.
func (t *tx) newTask(r *row[types.Service], d *types.Deployment) *ecsTask {
	id := strings.TrimPrefix(t.newID("task"), "task-")
	task := &ecsTask{Service: *r.V.ServiceArn, V: types.Task{
		TaskArn: aws.String(t.arn("ecs", "task/"+lastPart(*r.V.ClusterArn)+"/"+id)), ClusterArn: r.V.ClusterArn, TaskDefinitionArn: d.TaskDefinition,
		StartedBy: d.Id, Group: aws.String("service:" + *r.V.ServiceName), DesiredStatus: aws.String(taskRunning), LastStatus: aws.String(taskProvisioning),
		CreatedAt: aws.Time(t.now), LaunchType: types.LaunchTypeEc2, EnableExecuteCommand: r.V.EnableExecuteCommand,
	}}
	t.ecs().Tasks.add(task)
	return task
}

// taskENI is the network interface of a task; empty without one.
func (t *tx) taskENI(d *types.Deployment, id string) string {
	n := d.NetworkConfiguration
	if n == nil || n.AwsvpcConfiguration == nil {
		return ""
	}
	subnets := n.AwsvpcConfiguration.Subnets
	subnet := subnets[len(t.ecs().Tasks)%len(subnets)]
	eni, err := t.addENI(subnet, "interface", t.arn("ecs", "attachment/"+id), "", n.AwsvpcConfiguration.SecurityGroups)
	if err != nil {
		return "" // the service refused subnets that are not there
	}
	return eni
}

// stopTasks stops the tasks of a deployment, or of the whole service, but for so many.
// Those that have no place yet go first.
func (t *tx) stopTasks(r *row[types.Service], deployment string, but int) {
	all := append(t.runningTasks(r, deployment), t.waitingTasks(r, deployment)...)
	for _, task := range all[min(but, len(all)):] {
		t.stopTask(task, types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by (deployment "+*r.V.Deployments[0].Id+")")
	}
}

func (t *tx) stopTask(task *ecsTask, code types.TaskStopCode, reason string) {
	t.removeENI(task.ENI)
	task.ENI = ""
	task.V.DesiredStatus, task.V.LastStatus = aws.String(taskStopped), aws.String(taskStopped)
	task.V.StopCode, task.V.StoppedReason, task.V.StoppedAt = code, &reason, aws.Time(t.now)
	t.ecs().Tasks.dropAll(func(old *ecsTask) bool { return old.V.StoppedAt != nil && t.now.Sub(*old.V.StoppedAt) > stoppedKept })
}

// write puts what a container says into its log stream.
func (t *tx) write(task *ecsTask, c types.ContainerDefinition, lines []string) {
	if c.LogConfiguration == nil || c.LogConfiguration.LogDriver != types.LogDriverAwslogs || len(lines) == 0 {
		return
	}
	options := c.LogConfiguration.Options
	g, err := t.logGroup(aws.String(options["awslogs-group"]))
	if err != nil {
		return // AWS would not have started the task; the group may be gone since
	}
	stream := strings.Join([]string{options["awslogs-stream-prefix"], *c.Name, lastPart(*task.V.TaskArn)}, "/")
	for _, line := range lines {
		t.append(g, stream, t.now, line)
	}
}

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
		if !host.Connected || host.Draining || host.Cluster != lastPart(cluster) {
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
