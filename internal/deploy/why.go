package deploy

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Evidence is what AWS tells of a deployment that does not run.
type Evidence struct {
	Tasks   []StoppedTask `json:"tasks"`   // the last ones that stopped, the newest first
	Log     []string      `json:"log"`     // the last lines of the newest one
	Unknown []string      `json:"unknown"` // what AWS refused to tell
}

// StoppedTask is a task that ended.
type StoppedTask struct {
	ID         string             `json:"id"`
	Reason     string             `json:"reason"`
	Stopped    *time.Time         `json:"stopped,omitempty"`
	Containers []StoppedContainer `json:"containers"`
}

// StoppedContainer is a container of such a task.
type StoppedContainer struct {
	Name     string `json:"name"`
	ExitCode *int32 `json:"exit_code,omitempty"` // nil when it was never started
	Reason   string `json:"reason,omitempty"`
}

const (
	tasksShown = 3
	linesShown = 20
	// describeTasksBy is how many tasks one call describes.
	describeTasksBy = 100
)

// evidence collects what AWS tells; what it refuses is said beside the rest, because
// the deployment's own failure is the news.
func (d *Deploy) evidence(ctx context.Context) *Evidence {
	e := &Evidence{Tasks: []StoppedTask{}, Log: []string{}, Unknown: []string{}}
	stopped, err := d.stopped(ctx)
	if err != nil {
		e.Unknown = append(e.Unknown, lang.Sprintf("stopped tasks: %s", awsapi.Explain(err)))
		return e
	}
	for _, t := range stopped[:min(len(stopped), tasksShown)] {
		one := StoppedTask{ID: lastOf(aws.ToString(t.TaskArn)), Reason: aws.ToString(t.StoppedReason), Stopped: cloud.Moment(t.StoppedAt), Containers: []StoppedContainer{}}
		for _, c := range t.Containers {
			one.Containers = append(one.Containers, StoppedContainer{aws.ToString(c.Name), c.ExitCode, aws.ToString(c.Reason)})
		}
		e.Tasks = append(e.Tasks, one)
	}
	if len(stopped) == 0 {
		return e
	}
	if e.Log, err = d.logOf(ctx, e.Tasks[0].ID); err != nil {
		e.Unknown = append(e.Unknown, "log: "+awsapi.Explain(err))
	}
	return e
}

func lastOf(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// stopped lists the tasks of the revision that ended, the newest first.
func (d *Deploy) stopped(ctx context.Context) ([]ecstypes.Task, error) {
	out, err := listTasks(ctx, d.Unit, ecstypes.DesiredStatusStopped)
	if err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(t ecstypes.Task) bool { return aws.ToString(t.TaskDefinitionArn) != d.To.ARN })
	slices.SortStableFunc(out, func(a, b ecstypes.Task) int { return cloud.At(b.StoppedAt).Compare(cloud.At(a.StoppedAt)) })
	return out, nil
}

// listTasks lists the tasks of the unit that are meant to be in a status, or were.
func listTasks(ctx context.Context, u cloud.Unit, status ecstypes.DesiredStatus) ([]ecstypes.Task, error) {
	var out []ecstypes.Task
	in := &ecs.ListTasksInput{Cluster: u.Cluster(), ServiceName: aws.String(u.Name()), DesiredStatus: status}
	for p := ecs.NewListTasksPaginator(u.API.ECS, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for batch := range slices.Chunk(page.TaskArns, describeTasksBy) {
			described, err := u.API.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: u.Cluster(), Tasks: batch})
			if err != nil {
				return nil, err
			}
			out = append(out, described.Tasks...)
		}
	}
	return out, nil
}

// logOf reads the last lines that the service's container of a task wrote.
func (d *Deploy) logOf(ctx context.Context, task string) ([]string, error) {
	group := rules.LogGroupName(d.Client, d.App, d.Service)
	stream := logStream(d.Unit, task)
	out, err := d.API.Logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream, Limit: aws.Int32(linesShown), StartFromHead: aws.Bool(false)})
	if awsapi.Is(err, awsapi.NotFound) { // it never got so far as to write
		return []string{}, nil
	}
	if err != nil {
		return []string{}, err
	}
	lines := make([]string, len(out.Events))
	for i, e := range out.Events {
		lines[i] = strings.TrimRight(aws.ToString(e.Message), "\r\n")
	}
	return lines, nil
}
