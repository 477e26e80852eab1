package main

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/test/python"
)

// What is held says so for its time, and then that it is ready.
func TestMotoHoldsWhatTakesTime(t *testing.T) {
	t.Chdir("../..")
	ctx := context.WithoutCancel(t.Context()) // moto is stopped after the test's has ended
	_, err := python.Install("moto", "test/moto/requirements.txt")
	python.Need(t, "moto", err)
	const held = 3 * time.Second
	m, err := startMoto(ctx, 0, []string{"CreateDBCluster=3", "CreateDBInstance=3", "CreateNatGateway=3", "CreateLoadBalancer=3"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.stop(); err != nil {
			t.Error(err)
		}
	})
	cfg := aws.Config{Region: region, BaseEndpoint: &m.url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	network, databases, balancers := ec2.NewFromConfig(cfg), rds.NewFromConfig(cfg), elb.NewFromConfig(cfg)
	ask := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	vpc, err := network.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16")})
	ask(err)
	var subnets []string
	for zone, block := range map[string]string{"a": "10.20.0.0/24", "b": "10.20.1.0/24"} {
		subnet, err := network.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: &block, AvailabilityZone: aws.String(region + zone)})
		ask(err)
		subnets = append(subnets, *subnet.Subnet.SubnetId)
	}
	gateway, err := network.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	ask(err)
	_, err = network.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway.InternetGateway.InternetGatewayId, VpcId: vpc.Vpc.VpcId})
	ask(err)
	address, err := network.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc})
	ask(err)
	begun := time.Now()
	_, err = network.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: &subnets[0], AllocationId: address.AllocationId})
	ask(err)
	_, err = balancers.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: subnets})
	ask(err)
	_, err = databases.CreateDBCluster(ctx, &rds.CreateDBClusterInput{DBClusterIdentifier: aws.String("acme"), Engine: aws.String("aurora-postgresql"), MasterUsername: aws.String("postgres"), MasterUserPassword: aws.String("longenough")})
	ask(err)
	_, err = databases.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{DBInstanceIdentifier: aws.String("acme-1"), DBClusterIdentifier: aws.String("acme"), Engine: aws.String("aurora-postgresql"), DBInstanceClass: aws.String("db.r6g.large")})
	ask(err)
	states := func() [4]string {
		nats, err := network.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{})
		ask(err)
		webs, err := balancers.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
		ask(err)
		clusters, err := databases.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{})
		ask(err)
		instances, err := databases.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
		ask(err)
		return [4]string{string(nats.NatGateways[0].State), string(webs.LoadBalancers[0].State.Code), *clusters.DBClusters[0].Status, *instances.DBInstances[0].DBInstanceStatus}
	}
	if got, want := states(), [4]string{"pending", "provisioning", "creating", "creating"}; got != want && time.Since(begun) < held {
		t.Errorf("at once: %v, want %v", got, want)
	}
	time.Sleep(held)
	if got, want := states(), [4]string{"available", "active", "available", "available"}; got != want {
		t.Errorf("later: %v, want %v", got, want)
	}
}
