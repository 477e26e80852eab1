package sandbox

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// What AWS refuses the sandbox refuses, with AWS's code.
func TestEC2Refuses(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	account, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	config := aws.Config{Region: "eu-west-3"}
	account.Install(&config)
	client := ec2.NewFromConfig(config)
	vpc := answered(t)(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.7.9/16")})).(*ec2.CreateVpcOutput).Vpc
	other := answered(t)(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16")})).(*ec2.CreateVpcOutput).Vpc
	if got := aws.ToString(vpc.CidrBlock); got != "10.20.0.0/16" {
		t.Errorf("the VPC has %s, want the canonical 10.20.0.0/16", got)
	}
	subnet := func(cidr, zone string) error {
		_, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.VpcId, CidrBlock: &cidr, AvailabilityZone: &zone})
		return err
	}
	if err := subnet("10.20.0.0/24", "eu-west-3a"); err != nil {
		t.Fatal(err)
	}
	sub := answered(t)(client.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})).(*ec2.DescribeSubnetsOutput).Subnets[0]
	acl := answered(t)(client.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: vpc.VpcId, ClientToken: aws.String("t")})).(*ec2.CreateNetworkAclOutput).NetworkAcl
	table := answered(t)(client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: vpc.VpcId})).(*ec2.CreateRouteTableOutput).RouteTable
	far := answered(t)(client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: other.VpcId})).(*ec2.CreateRouteTableOutput).RouteTable
	gateway := answered(t)(client.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})).(*ec2.CreateInternetGatewayOutput).InternetGateway
	endpoint := answered(t)(client.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: vpc.VpcId, ServiceName: aws.String("com.amazonaws.eu-west-3.s3"), RouteTableIds: []string{*table.RouteTableId},
	})).(*ec2.CreateVpcEndpointOutput).VpcEndpoint
	entry := func(number int32, protocol string, ports *types.PortRange) error {
		_, err := client.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
			NetworkAclId: acl.NetworkAclId, RuleNumber: &number, Egress: aws.Bool(false), RuleAction: types.RuleActionAllow,
			Protocol: &protocol, CidrBlock: aws.String("0.0.0.0/0"), PortRange: ports,
		})
		return err
	}
	for n := range int32(19) {
		if err := entry(n+1, "-1", nil); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		call func() error
		want string
	}{
		"a dry run": {func() error {
			_, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), DryRun: aws.Bool(true)})
			return err
		}, "DryRunOperation"},
		"a subnet over another":     {func() error { return subnet("10.20.0.0/20", "eu-west-3b") }, "InvalidSubnet.Conflict"},
		"a subnet outside the VPC":  {func() error { return subnet("10.21.0.0/24", "eu-west-3b") }, "InvalidSubnet.Range"},
		"a zone of another region":  {func() error { return subnet("10.20.1.0/24", "eu-west-1a") }, "InvalidParameterValue"},
		"a 20th ACL rule":           {func() error { return entry(100, "-1", nil) }, "NetworkAclEntryLimitExceeded"},
		"a rule number too high":    {func() error { return entry(32767, "-1", nil) }, "InvalidParameterValue"},
		"an ACL rule that is there": {func() error { return entry(1, "-1", nil) }, "NetworkAclEntryAlreadyExists"},
		"TCP without ports":         {func() error { return entry(100, "6", nil) }, "MissingParameter"},
		"ICMP without a type":       {func() error { return entry(100, "1", nil) }, "MissingParameter"},
		"a token with other arguments": {func() error {
			_, err := client.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: other.VpcId, ClientToken: aws.String("t")})
			return err
		}, "IdempotentParameterMismatch"},
		"a mix of private ranges": {func() error {
			_, err := client.AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: vpc.VpcId, CidrBlock: aws.String("192.168.0.0/16")})
			return err
		}, "InvalidVpc.Range"},
		"a route table of another VPC": {func() error {
			_, err := client.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: far.RouteTableId, SubnetId: sub.SubnetId})
			return err
		}, "InvalidParameterValue"},
		"a route through a gateway that is not attached": {func() error {
			_, err := client.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: table.RouteTableId, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: gateway.InternetGatewayId})
			return err
		}, "InvalidParameterValue"},
		"another route for the VPC's own range": {func() error {
			_, err := client.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: table.RouteTableId, DestinationCidrBlock: aws.String("10.20.0.0/16"), GatewayId: gateway.InternetGatewayId})
			return err
		}, "RouteAlreadyExists"},
		"a second way to S3": {func() error {
			_, err := client.ModifyVpcEndpoint(ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: endpoint.VpcEndpointId, AddRouteTableIds: []string{*table.RouteTableId}})
			return err
		}, "RouteAlreadyExists"},
		"a VPC that is not empty": {func() error {
			_, err := client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc.VpcId})
			return err
		}, "DependencyViolation"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var refusal smithy.APIError
			if err := test.call(); !errors.As(err, &refusal) || refusal.ErrorCode() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// New resources stay out of the first list on all its pages.
func TestListsLag(t *testing.T) {
	t.Parallel()
	account, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	config := aws.Config{Region: "eu-west-3"}
	account.Install(&config)
	client := ec2.NewFromConfig(config)
	seen := func() int {
		n := 0
		for p := ec2.NewDescribeInternetGatewaysPaginator(client, &ec2.DescribeInternetGatewaysInput{}); p.HasMorePages(); {
			page, err := p.NextPage(context.WithoutCancel(t.Context()))
			if err != nil {
				t.Fatal(err)
			}
			n += len(page.InternetGateways)
		}
		return n
	}
	for i, want := range []int{0, 1, 1, 2} {
		if i%2 == 0 {
			answered(t)(client.CreateInternetGateway(t.Context(), &ec2.CreateInternetGatewayInput{}))
		}
		if got := seen(); got != want {
			t.Errorf("list %d shows %d gateways, want %d", i, got, want)
		}
	}
}

// answer ends the test on an error and passes the answer on.
func answered(t *testing.T) func(any, error) any {
	return func(out any, err error) any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}
