package mototest

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

func TestSubnetLeavesItsTable(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client := ec2.NewFromConfig(config)
	ctx := t.Context()
	vpc := must[*ec2.CreateVpcOutput](t)(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")})).Vpc
	subnet := must[*ec2.CreateSubnetOutput](t)(client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.VpcId, CidrBlock: aws.String("10.1.0.0/24")})).Subnet
	table := must[*ec2.CreateRouteTableOutput](t)(client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: vpc.VpcId})).RouteTable
	must[*ec2.AssociateRouteTableOutput](t)(client.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{SubnetId: subnet.SubnetId, RouteTableId: table.RouteTableId}))
	must[*ec2.DeleteSubnetOutput](t)(client.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: subnet.SubnetId}))
	acls := must[*ec2.DescribeNetworkAclsOutput](t)(client.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{
		Filters: []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{*vpc.VpcId}}},
	}))
	if got := len(acls.NetworkAcls[0].Associations); got != 0 {
		t.Errorf("the ACL still has %d subnets", got)
	}
	must[*ec2.DeleteRouteTableOutput](t)(client.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: table.RouteTableId}))
}

// A version of moto that has Client VPN ends this: people then come in over HTTP, too
// (onMoto in internal/conformance).
func TestThereAreNoClientVPNs(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client := ec2.NewFromConfig(config)
	out := must[*ec2.DescribeClientVpnEndpointsOutput](t)(client.DescribeClientVpnEndpoints(t.Context(), &ec2.DescribeClientVpnEndpointsInput{}))
	if len(out.ClientVpnEndpoints) != 0 {
		t.Errorf("%d endpoints, want none", len(out.ClientVpnEndpoints))
	}
	_, err := client.CreateClientVpnEndpoint(t.Context(), &ec2.CreateClientVpnEndpointInput{
		ServerCertificateArn: aws.String("none"), ClientCidrBlock: aws.String("10.21.0.0/22"),
		AuthenticationOptions: []ec2types.ClientVpnAuthenticationRequest{{Type: ec2types.ClientVpnAuthenticationTypeCertificateAuthentication}},
		ConnectionLogOptions:  &ec2types.ConnectionLogOptions{Enabled: aws.Bool(false)},
	})
	if got := codeOf(err); got != "MotoLacksOperation" {
		t.Errorf("create an endpoint: %v, want moto to lack it", err)
	}
}

func TestGatewayEndpoint(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client := ec2.NewFromConfig(config)
	ctx := t.Context()
	vpc := must[*ec2.CreateVpcOutput](t)(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")})).Vpc
	table := must[*ec2.CreateRouteTableOutput](t)(client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: vpc.VpcId})).RouteTable.RouteTableId
	endpoint := must[*ec2.CreateVpcEndpointOutput](t)(client.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: vpc.VpcId, VpcEndpointType: ec2types.VpcEndpointTypeGateway, ServiceName: aws.String("com.amazonaws." + Region + ".s3"),
	})).VpcEndpoint
	modify := func(in ec2.ModifyVpcEndpointInput) error {
		in.VpcEndpointId = endpoint.VpcEndpointId
		_, err := client.ModifyVpcEndpoint(ctx, &in)
		return err
	}
	routes := func() int {
		out := must[*ec2.DescribeRouteTablesOutput](t)(client.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{*table}}))
		n := 0
		for _, r := range out.RouteTables[0].Routes {
			if strings.HasPrefix(aws.ToString(r.GatewayId), "vpce-") {
				n++
			}
		}
		return n
	}
	described := func() ec2types.VpcEndpoint {
		return must[*ec2.DescribeVpcEndpointsOutput](t)(client.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{*endpoint.VpcEndpointId}})).VpcEndpoints[0]
	}
	if err := modify(ec2.ModifyVpcEndpointInput{AddRouteTableIds: []string{*table}}); err != nil {
		t.Fatal(err)
	}
	if got := routes(); got != 1 {
		t.Errorf("the table has %d routes to S3, want 1", got)
	}
	if err := modify(ec2.ModifyVpcEndpointInput{AddRouteTableIds: []string{*table}}); codeOf(err) != "RouteAlreadyExists" {
		t.Errorf("adding the table again: %v", err)
	}
	before := aws.ToString(described().PolicyDocument)
	for _, in := range []ec2.ModifyVpcEndpointInput{{PolicyDocument: aws.String(`{"Statement":[]}`)}, {ResetPolicy: aws.Bool(true)}} {
		if err := modify(in); err != nil {
			t.Fatal(err)
		}
	}
	if got := aws.ToString(described().PolicyDocument); got != before {
		t.Errorf("after the reset the policy is %s, want %s", got, before)
	}
	must[*ec2.DeleteRouteTableOutput](t)(client.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: table}))
	if got := described().RouteTableIds; len(got) != 0 {
		t.Errorf("the endpoint still names the deleted table: %v", got)
	}
	must[*ec2.DeleteVpcEndpointsOutput](t)(client.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*endpoint.VpcEndpointId}}))
}

func TestSecurityGroupRules(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client := ec2.NewFromConfig(config)
	ctx := t.Context()
	vpc := must[*ec2.CreateVpcOutput](t)(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")})).Vpc
	group := func(name string) *string {
		return must[*ec2.CreateSecurityGroupOutput](t)(client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: vpc.VpcId, GroupName: &name, Description: &name})).GroupId
	}
	web, database := group("web"), group("database")
	rule := func(description *string) []ec2types.IpPermission {
		return []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(5432), ToPort: aws.Int32(5432),
			UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: database, Description: description}},
		}}
	}
	must[*ec2.AuthorizeSecurityGroupEgressOutput](t)(client.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: web, IpPermissions: rule(aws.String("SQL"))}))
	if _, err := client.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: database}); codeOf(err) != "DependencyViolation" {
		t.Errorf("deleting a group that a rule names: %v", err)
	}
	must[*ec2.RevokeSecurityGroupEgressOutput](t)(client.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: web, IpPermissions: rule(nil)}))
	must[*ec2.DeleteSecurityGroupOutput](t)(client.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: database}))
}

// Before anything is made, AWS is asked what it allows and what it offers.
func TestOffers(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	ctx := t.Context()
	own := must[*servicequotas.GetServiceQuotaOutput](t)(servicequotas.NewFromConfig(config).GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: aws.String("ec2"), QuotaCode: aws.String("L-1216C47A")}))
	if aws.ToFloat64(own.Quota.Value) != 64 {
		t.Errorf("the quota is %+v", own.Quota)
	}
	classes := func(class string) int {
		t.Helper()
		out := must[*rds.DescribeOrderableDBInstanceOptionsOutput](t)(rds.NewFromConfig(config).DescribeOrderableDBInstanceOptions(ctx, &rds.DescribeOrderableDBInstanceOptionsInput{Engine: aws.String("aurora-mysql"), DBInstanceClass: &class}))
		for _, o := range out.OrderableDBInstanceOptions {
			if zones := o.AvailabilityZones; len(zones) != 3 || aws.ToString(zones[0].Name) != Region+"a" {
				t.Errorf("%s is offered in %v", class, zones)
			}
		}
		return len(out.OrderableDBInstanceOptions)
	}
	if sold, none := classes("db.r6g.large"), classes("db.t3.nano"); sold == 0 || none != 0 {
		t.Errorf("%d versions take db.r6g.large, %d db.t3.nano", sold, none)
	}
	types := must[*ec2.DescribeInstanceTypeOfferingsOutput](t)(ec2.NewFromConfig(config).DescribeInstanceTypeOfferings(ctx, &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: ec2types.LocationTypeAvailabilityZone, Filters: []ec2types.Filter{{Name: aws.String("instance-type"), Values: []string{"m6i.large", "m99.huge"}}},
	}))
	if len(types.InstanceTypeOfferings) != 3 {
		t.Errorf("m6i.large is offered %v", types.InstanceTypeOfferings)
	}
}
