package sandbox

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ECS Exec: a task whose service allows it has SSM's agent in its containers, and opens
// sessions as long as the agent runs.

const execAgentRunning, execAgentStopped = "RUNNING", "STOPPED"

// execAgent is the agent in a new container. It ends soon where it cannot write, or where the
// task's role does not let it open its channels.
func (t *tx) execAgent(d *types.TaskDefinition, c types.ContainerDefinition) types.ManagedAgent {
	agent := types.ManagedAgent{Name: types.ManagedAgentNameExecuteCommandAgent, LastStatus: aws.String(execAgentRunning), LastStartedAt: aws.Time(t.now)}
	role := t.IAM.use().Roles.first(func(r *iamRole) bool { return r.Name == lastPart(aws.ToString(d.TaskRoleArn)) })
	channels := role != nil && slices.ContainsFunc(role.Inline, func(p iamInline) bool { return strings.Contains(p.Policy, "ssmmessages:OpenDataChannel") })
	if aws.ToBool(c.ReadonlyRootFilesystem) || !channels {
		agent.LastStatus, agent.Reason = aws.String(execAgentStopped), aws.String("Received Container Exec agent stopped event")
	}
	return agent
}

func registerExec(a *Account) {
	opOn(on(a, ecs.ServiceID, (*tx).cluster), func(in *ecs.ExecuteCommandInput) *string { return in.Cluster }, func(t *tx, r *row[types.Cluster], in *ecs.ExecuteCommandInput) (*ecs.ExecuteCommandOutput, error) {
		i := slices.IndexFunc(t.ecs().Tasks, func(task *ecsTask) bool {
			return *task.V.ClusterArn == *r.V.ClusterArn && lastPart(*task.V.TaskArn) == lastPart(aws.ToString(in.Task))
		})
		switch {
		case !in.Interactive:
			return nil, apiError("InvalidParameterException", "Interactive is the only mode supported currently.")
		case aws.ToString(in.Command) == "":
			return nil, apiError("InvalidParameterException", "Command cannot be empty.")
		case i < 0 || *t.ecs().Tasks[i].V.LastStatus != taskRunning:
			return nil, apiError("InvalidParameterException", "The specified task is not running or does not exist: %s", aws.ToString(in.Task))
		}
		task := t.ecs().Tasks[i].V
		if in.Container == nil && len(task.Containers) > 1 {
			return nil, apiError("InvalidParameterException", "The container must be specified when there are several containers in the task.")
		}
		at := slices.IndexFunc(task.Containers, func(c types.Container) bool { return in.Container == nil || *c.Name == *in.Container })
		if at < 0 {
			return nil, apiError("InvalidParameterException", "The container %s does not exist in the task.", aws.ToString(in.Container))
		}
		c := task.Containers[at]
		if !task.EnableExecuteCommand || len(c.ManagedAgents) == 0 || aws.ToString(c.ManagedAgents[0].LastStatus) != execAgentRunning {
			return nil, apiError("InvalidParameterException", "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn't running. Wait and try again or run a new task with execute command enabled and try again.")
		}
		if err := t.checkSessions(r.V.Configuration); err != nil {
			return nil, err
		}
		id := t.newID("ecs-execute-command")
		return &ecs.ExecuteCommandOutput{
			ClusterArn: r.V.ClusterArn, TaskArn: task.TaskArn, ContainerArn: c.ContainerArn, ContainerName: c.Name, Interactive: true,
			Session: &types.Session{
				SessionId: aws.String(id), TokenValue: aws.String("token-of-" + id),
				StreamUrl: aws.String("wss://ssmmessages." + t.region + ".amazonaws.com/v1/data-channel/" + id + "?role=publish_subscribe"),
			},
		}, nil
	})
}

// checkSessions refuses what the cluster is told to do with sessions where that cannot be done.
func (t *tx) checkSessions(c *types.ClusterConfiguration) error {
	if c == nil || c.ExecuteCommandConfiguration == nil {
		return nil
	}
	e := c.ExecuteCommandConfiguration
	if e.KmsKeyId != nil {
		if _, err := t.usableKey(*e.KmsKeyId); err != nil {
			return err
		}
	}
	if e.LogConfiguration != nil && e.LogConfiguration.CloudWatchLogGroupName != nil {
		if _, err := t.logGroup(e.LogConfiguration.CloudWatchLogGroupName); err != nil {
			return apiError("InvalidParameterException", "The log group %s does not exist.", *e.LogConfiguration.CloudWatchLogGroupName)
		}
	}
	return nil
}
