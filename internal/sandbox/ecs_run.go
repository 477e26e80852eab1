package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
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
		container := types.Container{Name: c.Name, Image: c.Image, TaskArn: task.V.TaskArn, LastStatus: aws.String(taskRunning)}
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
func (t *tx) newTask(r *row[types.Service], d *types.Deployment) {
	id := strings.TrimPrefix(t.newID("task"), "task-")
	task := &ecsTask{Service: *r.V.ServiceArn, V: types.Task{
		TaskArn: aws.String(t.arn("ecs", "task/"+lastPart(*r.V.ClusterArn)+"/"+id)), ClusterArn: r.V.ClusterArn, TaskDefinitionArn: d.TaskDefinition,
		StartedBy: d.Id, Group: aws.String("service:" + *r.V.ServiceName), DesiredStatus: aws.String(taskRunning), LastStatus: aws.String(taskProvisioning),
		CreatedAt: aws.Time(t.now), LaunchType: types.LaunchTypeEc2,
	}}
	t.ecs().Tasks.add(task)
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
	if g.Streams == nil {
		g.Streams = map[string][]logtypes.OutputLogEvent{}
	}
	stream := strings.Join([]string{options["awslogs-stream-prefix"], *c.Name, lastPart(*task.V.TaskArn)}, "/")
	for _, line := range lines {
		g.Streams[stream] = append(g.Streams[stream], logtypes.OutputLogEvent{Timestamp: aws.Int64(t.now.UnixMilli()), IngestionTime: aws.Int64(t.now.UnixMilli()), Message: aws.String(line)})
	}
}
