package sandbox_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// TestRefusalsOfHostsAndServices walks through the life of a cluster and tries,
// on the way, what AWS refuses.
func TestRefusalsOfHostsAndServices(t *testing.T) {
	t.Parallel()
	account, err := sandbox.New(sandbox.Options{Looks: -1, Lag: -1, Used: true})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	api, ctx := factory.Set("eu-west-3"), t.Context()
	name := aws.String("acme")
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(code string, err error) {
		t.Helper()
		if awsapi.Code(err) != code {
			t.Errorf("%v, want %s", err, code)
		}
	}

	subnet, group := network(ctx, t, api)
	asg := func(change func(*autoscaling.CreateAutoScalingGroupInput)) error {
		in := &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: name, MinSize: aws.Int32(1), MaxSize: aws.Int32(2), VPCZoneIdentifier: aws.String(subnet),
			LaunchTemplate: &asgtypes.LaunchTemplateSpecification{LaunchTemplateName: name},
		}
		change(in)
		_, err := api.ASG.CreateAutoScalingGroup(ctx, in)
		return err
	}
	refused("ValidationError", asg(func(in *autoscaling.CreateAutoScalingGroupInput) { in.MinSize = aws.Int32(3) }))
	refused("ValidationError", asg(func(in *autoscaling.CreateAutoScalingGroupInput) { in.VPCZoneIdentifier = aws.String("subnet-0") }))
	refused("ValidationError", asg(func(in *autoscaling.CreateAutoScalingGroupInput) {
		in.LaunchTemplate = &asgtypes.LaunchTemplateSpecification{LaunchTemplateName: aws.String("other")}
	}))
	ok(asg(func(*autoscaling.CreateAutoScalingGroupInput) {}))
	refused("AlreadyExists", asg(func(*autoscaling.CreateAutoScalingGroupInput) {}))
	_, err = api.ASG.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: name})
	refused("ResourceInUse", err)
	_, err = api.EC2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: aws.String(subnet)})
	refused("DependencyViolation", err)

	_, err = api.ECS.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: name})
	ok(err)
	provider := func(called string) error {
		_, err := api.ECS.CreateCapacityProvider(ctx, &ecs.CreateCapacityProviderInput{
			Name: aws.String(called), AutoScalingGroupProvider: &types.AutoScalingGroupProvider{AutoScalingGroupArn: name},
		})
		return err
	}
	refused("ClientException", provider("fargate-like"))
	ok(provider("acme"))
	refused("ClientException", provider("acme"))
	refused("ClientException", provider("second-of-the-group"))
	put := func(providers ...string) error {
		_, err := api.ECS.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{
			Cluster: name, CapacityProviders: append([]string{}, providers...), DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{},
		})
		for awsapi.Code(err) == "UpdateInProgressException" {
			_, err = api.ECS.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{
				Cluster: name, CapacityProviders: append([]string{}, providers...), DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{},
			})
		}
		return err
	}
	refused("InvalidParameterException", put("other"))
	ok(put("acme"))

	container := types.ContainerDefinition{Name: aws.String("web"), Image: aws.String("x"), Memory: aws.Int32(64)}
	register := func(c types.ContainerDefinition) error {
		_, err := api.ECS.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: name, NetworkMode: types.NetworkModeAwsvpc, ContainerDefinitions: []types.ContainerDefinition{c}})
		return err
	}
	refused("ClientException", register(types.ContainerDefinition{Name: aws.String("web"), Image: aws.String("x")}))
	ok(register(container))
	service := func(change func(*ecs.CreateServiceInput)) error {
		in := &ecs.CreateServiceInput{
			Cluster: name, ServiceName: name, TaskDefinition: name, DesiredCount: aws.Int32(1),
			CapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: name, Weight: 1}},
			NetworkConfiguration:     &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{subnet}, SecurityGroups: []string{group}}},
		}
		change(in)
		_, err := api.ECS.CreateService(ctx, in)
		return err
	}
	refused("ClusterNotFoundException", service(func(in *ecs.CreateServiceInput) { in.Cluster = aws.String("other") }))
	refused("ClientException", service(func(in *ecs.CreateServiceInput) { in.TaskDefinition = aws.String("other") }))
	refused("InvalidParameterException", service(func(in *ecs.CreateServiceInput) { in.NetworkConfiguration = nil }))
	refused("InvalidParameterException", service(func(in *ecs.CreateServiceInput) { in.LaunchType = types.LaunchTypeEc2 }))
	refused("InvalidParameterException", service(func(in *ecs.CreateServiceInput) { in.HealthCheckGracePeriodSeconds = aws.Int32(9) }))
	refused("InvalidParameterException", service(func(in *ecs.CreateServiceInput) {
		in.CapacityProviderStrategy[0].CapacityProvider = aws.String("other")
	}))
	ok(service(func(*ecs.CreateServiceInput) {}))
	refused("InvalidParameterException", service(func(*ecs.CreateServiceInput) {}))

	deleteProvider := func() error {
		_, err := api.ECS.DeleteCapacityProvider(ctx, &ecs.DeleteCapacityProviderInput{CapacityProvider: name})
		return err
	}
	deleteCluster := func() error {
		_, err := api.ECS.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: name})
		return err
	}
	refused("ResourceInUseException", put())
	refused("ClientException", deleteProvider())
	refused("ClusterContainsServicesException", deleteCluster())
	_, err = api.ECS.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: name, Service: name})
	refused("InvalidParameterException", err)
	_, err = api.ECS.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: name, Service: name, Force: aws.Bool(true)})
	ok(err)
	refused("InvalidParameterException", service(func(*ecs.CreateServiceInput) {})) // still draining
	_, err = api.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: name, Services: []string{"acme"}})
	ok(err)
	refused("ClusterContainsCapacityProviderException", deleteCluster())
	ok(put())
	ok(deleteProvider())
	ok(deleteCluster())

	deleted, err := api.ECS.DeleteTaskDefinitions(ctx, &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{"acme:1"}})
	ok(err)
	if len(deleted.Failures) != 1 {
		t.Errorf("an active task definition was deleted: %v", deleted.TaskDefinitions)
	}
}

// network makes a subnet, a security group, and a launch template named acme.
func network(ctx context.Context, t *testing.T, api *awsapi.Set) (subnet, group string) {
	t.Helper()
	vpc, err := api.EC2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	sub, err := api.EC2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.20.0.0/21"), AvailabilityZone: aws.String("eu-west-3a")})
	if err != nil {
		t.Fatal(err)
	}
	sg, err := api.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: vpc.Vpc.VpcId, GroupName: aws.String("acme"), Description: aws.String("acme")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = api.EC2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: aws.String("acme"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
		ImageId: aws.String("ami-1"), InstanceType: ec2types.InstanceTypeM6iLarge, SecurityGroupIds: []string{*sg.GroupId},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return *sub.Subnet.SubnetId, *sg.GroupId
}
