package mototest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// An image with a tag that begins with "fails" does not run: its rollout fails, and
// goes back where there is something to go back to.
func TestRolloutsOfImagesThatFail(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	ctx, client, images := t.Context(), ecs.NewFromConfig(config), ecr.NewFromConfig(config)
	cluster, service, repository := aws.String("c"), aws.String("s"), aws.String("acme/web")
	must[*ecr.CreateRepositoryOutput](t)(images.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: repository}))
	register := func(tag string) *string {
		t.Helper()
		manifest := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","annotations":{"tag":"` + tag + `"}}`
		put := must[*ecr.PutImageOutput](t)(images.PutImage(ctx, &ecr.PutImageInput{RepositoryName: repository, ImageTag: &tag, ImageManifest: &manifest}))
		out := must[*ecs.RegisterTaskDefinitionOutput](t)(client.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
			Family: aws.String("f"), ContainerDefinitions: []ecstypes.ContainerDefinition{{
				Name: aws.String("web"), Memory: aws.Int32(64), Image: aws.String(id + ".dkr.ecr.eu-west-3.amazonaws.com/acme/web@" + *put.Image.ImageId.ImageDigest),
			}},
		}))
		return out.TaskDefinition.TaskDefinitionArn
	}
	describe := func() ecstypes.Deployment {
		t.Helper()
		return must[*ecs.DescribeServicesOutput](t)(client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{*service}})).Services[0].Deployments[0]
	}
	update := func(revision *string) ecstypes.Deployment {
		t.Helper()
		return must[*ecs.UpdateServiceOutput](t)(client.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: cluster, Service: service, TaskDefinition: revision, DesiredCount: aws.Int32(2)})).Service.Deployments[0]
	}
	must[*ecs.CreateClusterOutput](t)(client.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: cluster}))
	bad := register("fails-at-once")
	must[*ecs.CreateServiceOutput](t)(client.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: cluster, ServiceName: service, TaskDefinition: bad, DesiredCount: aws.Int32(0),
		DeploymentConfiguration: &ecstypes.DeploymentConfiguration{DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: true, Rollback: true}},
	}))
	begun := update(bad)
	if begun.RolloutState != ecstypes.DeploymentRolloutStateInProgress || begun.RunningCount != 0 {
		t.Errorf("it begins as %+v", begun)
	}
	if d := describe(); d.RolloutState != ecstypes.DeploymentRolloutStateFailed || d.FailedTasks == 0 || *d.Id != *begun.Id {
		t.Errorf("with nothing to go back to: %+v", d)
	}
	stopped := must[*ecs.ListTasksOutput](t)(client.ListTasks(ctx, &ecs.ListTasksInput{Cluster: cluster, ServiceName: service, DesiredStatus: ecstypes.DesiredStatusStopped})).TaskArns
	if running := must[*ecs.ListTasksOutput](t)(client.ListTasks(ctx, &ecs.ListTasksInput{Cluster: cluster, ServiceName: service})).TaskArns; len(running) != 0 || len(stopped) != 3 {
		t.Fatalf("running %v, stopped %v", running, stopped)
	}
	task := must[*ecs.DescribeTasksOutput](t)(client.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: cluster, Tasks: stopped[:1]})).Tasks[0]
	if *task.TaskDefinitionArn != *bad || *task.LastStatus != "STOPPED" || aws.ToString(task.StoppedReason) == "" || aws.ToInt32(task.Containers[0].ExitCode) != 1 {
		t.Errorf("a task that ended: %+v", task)
	}

	good := register("v1")
	if d := update(good); d.RolloutState != ecstypes.DeploymentRolloutStateCompleted || d.RunningCount != 2 {
		t.Errorf("a good one: %+v", d)
	}
	begun = update(bad)
	if d := describe(); *d.TaskDefinition != *good || *d.Id == *begun.Id || d.RolloutState != ecstypes.DeploymentRolloutStateCompleted || d.RunningCount != 2 {
		t.Errorf("it goes back to %+v", d)
	}
}
