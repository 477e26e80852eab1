package deploy

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// execTarget is the container that a shell is opened in.
type execTarget struct {
	cloud.Unit
	task, container, runtime string // the task's and the runtime's are IDs
}

// findExec chooses the container: of the task that is asked for by its ID or the beginning of
// it, or else of the one that runs longest, so that the same command reaches the same task. The
// error is a *cloud.GuardError when AWS would refuse a session.
func findExec(ctx context.Context, u cloud.Unit, task, container string) (*execTarget, error) {
	svc, err := u.ECSService(ctx)
	if err != nil {
		return nil, err
	}
	if !svc.EnableExecuteCommand {
		return nil, cloud.Guardf("exec is on for %s in the spec, and not on AWS yet: cicdctl client create %s", u, u.Client)
	}
	tasks, err := runningTasks(ctx, u)
	if err != nil {
		return nil, err
	}
	if len(tasks) == 0 {
		return nil, cloud.Guardf("no task of %s runs (wanted: %d): %s", u, svc.DesiredCount, u.Command("status"))
	}
	if task != "" {
		tasks = slices.DeleteFunc(tasks, func(t ecstypes.Task) bool { return !strings.HasPrefix(lastOf(aws.ToString(t.TaskArn)), task) })
	}
	switch {
	case len(tasks) == 0:
		return nil, cloud.Guardf("no running task of %s begins with %s: cicdctl logs %s %s/%s --env %s shows their IDs", u, task, u.Client, u.App, u.Service, u.Env)
	case task != "" && len(tasks) > 1:
		return nil, cloud.Guardf("the IDs of several running tasks of %s begin with %s: give more of it", u, task)
	}
	// One that can be reached comes before one that cannot; it is said why only of the latter.
	var why error
	for _, t := range tasks {
		target, err := reach(u, t, container)
		if err == nil {
			return target, nil
		}
		why = cmp.Or(why, err)
	}
	return nil, why
}

// runningTasks are those of the unit, the one that runs longest first.
func runningTasks(ctx context.Context, u cloud.Unit) ([]ecstypes.Task, error) {
	out, err := listTasks(ctx, u, ecstypes.DesiredStatusRunning)
	if err != nil {
		return nil, lang.Errorf("list the tasks of %s: %w", u, err)
	}
	out = slices.DeleteFunc(out, func(t ecstypes.Task) bool { return aws.ToString(t.LastStatus) != "RUNNING" })
	slices.SortFunc(out, func(a, b ecstypes.Task) int {
		return cmp.Or(cloud.At(a.StartedAt).Compare(cloud.At(b.StartedAt)), cmp.Compare(aws.ToString(a.TaskArn), aws.ToString(b.TaskArn)))
	})
	return out, nil
}

// reach is a container of a task, the service's own unless another is named.
func reach(u cloud.Unit, t ecstypes.Task, name string) (*execTarget, error) {
	id := lastOf(aws.ToString(t.TaskArn))
	var names []string
	var found *ecstypes.Container
	for i, c := range t.Containers {
		names = append(names, aws.ToString(c.Name))
		if aws.ToString(c.Name) == cmp.Or(name, u.Service) {
			found = &t.Containers[i]
		}
	}
	again := u.Command("", "--image", "TAG")
	switch {
	case found == nil:
		return nil, cloud.Guardf("task %s of %s has no container %s: it has %s", id, u, cmp.Or(name, u.Service), strings.Join(names, ", "))
	case !t.EnableExecuteCommand:
		return nil, cloud.Guardf("task %s of %s was started before exec was switched on: deploy the same image again, for tasks that have it: %s", id, u, again)
	}
	i := slices.IndexFunc(found.ManagedAgents, func(a ecstypes.ManagedAgent) bool {
		return a.Name == ecstypes.ManagedAgentNameExecuteCommandAgent
	})
	if i < 0 {
		return nil, cloud.Guardf("task %s of %s has no ExecuteCommandAgent in %s yet: try again in a minute", id, u, aws.ToString(found.Name))
	}
	if agent := found.ManagedAgents[i]; aws.ToString(agent.LastStatus) != "RUNNING" {
		reason := ""
		if agent.Reason != nil {
			reason = " (" + *agent.Reason + ")"
		}
		return nil, cloud.Guardf("the ExecuteCommandAgent of task %s of %s is %s%s: while it is PENDING, try again in a minute; it ends in a container whose root file system is read-only, as it was before exec was switched on: deploy the same image again: %s",
			id, u, aws.ToString(agent.LastStatus), reason, again)
	}
	return &execTarget{u, id, aws.ToString(found.Name), aws.ToString(found.RuntimeId)}, nil
}

// open opens the session, and is how the Session Manager plugin takes it over: its arguments,
// and the variable that holds the session with its token, which no list of processes shows.
// These are the arguments of AWS's own command line, whose sixth is the endpoint of Systems
// Manager, with which the plugin resumes a session.
func (e *execTarget) open(ctx context.Context, command, profile string) (args []string, variable string, err error) {
	out, err := e.API.ECS.ExecuteCommand(ctx, &ecs.ExecuteCommandInput{
		Cluster: e.Cluster(), Task: &e.task, Container: &e.container, Command: &command, Interactive: true,
	})
	if awsapi.Code(err) == "TargetNotConnectedException" {
		return nil, "", cloud.Guardf("the agent of task %s of %s has no way to Systems Manager: its subnet needs one to ssmmessages.%s.amazonaws.com, and the task's role the permissions that cicdctl client create %s gives it", e.task, e.Unit, e.Region, e.Client)
	}
	if err != nil {
		return nil, "", lang.Errorf("open a session in task %s of %s: %w", e.task, e.Unit, err)
	}
	s := out.Session
	session, err := json.Marshal(map[string]string{"SessionId": aws.ToString(s.SessionId), "StreamUrl": aws.ToString(s.StreamUrl), "TokenValue": aws.ToString(s.TokenValue)})
	if err != nil {
		return nil, "", err
	}
	target, err := json.Marshal(map[string]string{"Target": fmt.Sprintf("ecs:%s_%s_%s", aws.ToString(e.Cluster()), e.task, e.runtime)})
	if err != nil {
		return nil, "", err
	}
	return []string{sessionVariable, e.Region, "StartSession", profile, string(target), "https://ssm." + e.Region + ".amazonaws.com"}, sessionVariable + "=" + string(session), nil
}

// sessionVariable is where the plugin finds the session when that is its first argument.
const sessionVariable = "AWS_SSM_START_SESSION_RESPONSE"
