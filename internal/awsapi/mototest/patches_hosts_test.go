package mototest

import (
	"encoding/base64"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// An instance joins the cluster that its user data names once it has a way out, and leaves
// it when it ends.
func TestHostsJoinTheirCluster(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	network, client, ctx := ec2.NewFromConfig(config), ecs.NewFromConfig(config), t.Context()
	must[*ecs.CreateClusterOutput](t)(client.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("c")}))
	vpc := must[*ec2.CreateVpcOutput](t)(network.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")})).Vpc.VpcId
	subnet := must[*ec2.CreateSubnetOutput](t)(network.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.1.0.0/24")})).Subnet.SubnetId
	image := must[*ec2.DescribeImagesOutput](t)(network.DescribeImages(ctx, &ec2.DescribeImagesInput{})).Images[0].ImageId
	script := base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\necho ECS_CLUSTER=c >>/etc/ecs/ecs.config\n"))
	host := must[*ec2.RunInstancesOutput](t)(network.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: image, InstanceType: ec2types.InstanceTypeT3Small, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: subnet, UserData: &script,
	})).Instances[0].InstanceId
	hosts := func() int {
		t.Helper()
		return len(must[*ecs.ListContainerInstancesOutput](t)(client.ListContainerInstances(ctx, &ecs.ListContainerInstancesInput{Cluster: aws.String("c")})).ContainerInstanceArns)
	}
	if got := hosts(); got != 0 {
		t.Errorf("%d hosts have joined without a way out", got)
	}
	gateway := must[*ec2.CreateInternetGatewayOutput](t)(network.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})).InternetGateway.InternetGatewayId
	must[*ec2.AttachInternetGatewayOutput](t)(network.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{VpcId: vpc, InternetGatewayId: gateway}))
	tables := must[*ec2.DescribeRouteTablesOutput](t)(network.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{
		Filters: []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{*vpc}}},
	})).RouteTables
	must[*ec2.CreateRouteOutput](t)(network.CreateRoute(ctx, &ec2.CreateRouteInput{
		RouteTableId: tables[0].RouteTableId, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: gateway,
	}))
	if got := hosts(); got != 1 {
		t.Errorf("%d hosts have joined, want 1", got)
	}
	must[*ec2.TerminateInstancesOutput](t)(network.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{*host}}))
	if got := hosts(); got != 0 {
		t.Errorf("%d hosts are left", got)
	}
}
