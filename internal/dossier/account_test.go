package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// account is what the sample's account answers to plain calls of the SDK.
type account struct {
	api        *awsapi.Set
	vpcs       []ec2types.Vpc
	subnets    []ec2types.Subnet
	acls       []ec2types.NetworkAcl
	groups     []ec2types.SecurityGroup
	tables     []ec2types.RouteTable
	nats       []ec2types.NatGateway
	interfaces []ec2types.NetworkInterface
	sites      []ec2types.VpnConnection
	devices    []ec2types.CustomerGateway
	endpoints  []ec2types.ClientVpnEndpoint
	templates  []ec2types.LaunchTemplateVersion
	cluster    rdstypes.DBCluster
	instances  []rdstypes.DBInstance
	services   []ecstypes.Service
	revisions  []ecs.DescribeTaskDefinitionOutput
	balancers  []elbtypes.LoadBalancer
	listeners  []elbtypes.Listener
	rules      []elbtypes.Rule
	alarms     []cwtypes.MetricAlarm
	hosts      []asgtypes.AutoScalingGroup
	buckets    []string
}

// answers asks it all.
func (r *rig) answers(ctx context.Context) *account {
	r.tb.Helper()
	api := open(r.tb, r.account).Factory.Set(region)
	a := &account{api: api}
	must := func(err error) {
		r.tb.Helper()
		if err != nil {
			r.tb.Fatal(err)
		}
	}
	vpcs, err := api.EC2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	must(err)
	subnets, err := api.EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
	must(err)
	acls, err := api.EC2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{})
	must(err)
	groups, err := api.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
	must(err)
	tables, err := api.EC2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{})
	must(err)
	nats, err := api.EC2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{})
	must(err)
	interfaces, err := api.EC2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{})
	must(err)
	sites, err := api.EC2.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{})
	must(err)
	devices, err := api.EC2.DescribeCustomerGateways(ctx, &ec2.DescribeCustomerGatewaysInput{})
	must(err)
	endpoints, err := api.EC2.DescribeClientVpnEndpoints(ctx, &ec2.DescribeClientVpnEndpointsInput{})
	must(err)
	templates, err := api.EC2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Latest"}})
	must(err)
	a.vpcs, a.subnets, a.acls, a.groups, a.tables, a.nats = vpcs.Vpcs, subnets.Subnets, acls.NetworkAcls, groups.SecurityGroups, tables.RouteTables, nats.NatGateways
	a.interfaces, a.sites, a.devices, a.endpoints, a.templates = interfaces.NetworkInterfaces, sites.VpnConnections, devices.CustomerGateways, endpoints.ClientVpnEndpoints, templates.LaunchTemplateVersions

	clusters, err := api.RDS.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{})
	must(err)
	instances, err := api.RDS.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
	must(err)
	a.cluster, a.instances = clusters.DBClusters[0], instances.DBInstances
	names, err := api.ECS.ListServices(ctx, &ecs.ListServicesInput{Cluster: aws.String("acme"), MaxResults: aws.Int32(100)})
	must(err)
	for some := range slices.Chunk(names.ServiceArns, 10) {
		out, err := api.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String("acme"), Services: some, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags}})
		must(err)
		a.services = append(a.services, out.Services...)
	}
	definitions, err := api.ECS.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{})
	must(err)
	for _, arn := range definitions.TaskDefinitionArns {
		out, err := api.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags}})
		must(err)
		a.revisions = append(a.revisions, *out)
	}
	balancers, err := api.ELB.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	must(err)
	a.balancers = balancers.LoadBalancers
	for _, b := range a.balancers {
		listeners, err := api.ELB.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn})
		must(err)
		a.listeners = append(a.listeners, listeners.Listeners...)
		for _, l := range listeners.Listeners {
			rules, err := api.ELB.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: l.ListenerArn})
			must(err)
			a.rules = append(a.rules, rules.Rules...)
		}
	}
	alarms, err := api.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("acme-"), MaxRecords: aws.Int32(100)})
	must(err)
	hosts, err := api.ASG.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	must(err)
	buckets, err := api.S3.ListBuckets(ctx, &s3.ListBucketsInput{})
	must(err)
	a.alarms, a.hosts = alarms.MetricAlarms, hosts.AutoScalingGroups
	for _, b := range buckets.Buckets {
		a.buckets = append(a.buckets, aws.ToString(b.Name))
	}
	return a
}

func tagOf(tags []ec2types.Tag, key string) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == key {
			return aws.ToString(t.Value)
		}
	}
	return ""
}

// each makes a text of every one that counts; an empty text does not.
func each[T any](all []T, text func(T) string) []string {
	var out []string
	for _, one := range all {
		if line := text(one); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// roleOf is what a resource of EC2 is called in a dossier, by its identifier.
func (a *account) roleOf(id *string) string {
	names := map[string]string{}
	for _, s := range a.subnets {
		names[aws.ToString(s.SubnetId)] = tagOf(s.Tags, "cicdctl:role")
	}
	for _, x := range a.acls {
		names[aws.ToString(x.NetworkAclId)] = tagOf(x.Tags, "cicdctl:role")
	}
	for _, g := range a.groups {
		names[aws.ToString(g.GroupId)] = tagOf(g.Tags, "GroupName")
	}
	for _, x := range a.tables {
		names[aws.ToString(x.RouteTableId)] = tagOf(x.Tags, "cicdctl:role")
	}
	for _, n := range a.nats {
		names[aws.ToString(n.NatGatewayId)] = tagOf(n.Tags, "cicdctl:role")
	}
	name := names[aws.ToString(id)]
	switch {
	case name != "":
		return name
	case strings.HasPrefix(aws.ToString(id), "vgw-"):
		return "vpn"
	case strings.HasPrefix(aws.ToString(id), "igw-"):
		return "edge"
	}
	return ""
}

// ports is "tcp 5432" of what a security group says.
func ports(p ec2types.IpPermission) string {
	protocol := aws.ToString(p.IpProtocol)
	switch {
	case protocol == "-1":
		return "all"
	case aws.ToInt32(p.FromPort) == aws.ToInt32(p.ToPort):
		return fmt.Sprintf("%s %d", protocol, aws.ToInt32(p.FromPort))
	}
	return fmt.Sprintf("%s %d-%d", protocol, aws.ToInt32(p.FromPort), aws.ToInt32(p.ToPort))
}

// groupRules are "group|outbound|traffic|peer" of all groups.
func (a *account) groupRules() []string {
	var out []string
	for _, g := range a.groups {
		if tagOf(g.Tags, "cicdctl:client") != "ACME" {
			continue
		}
		for outbound, permissions := range map[bool][]ec2types.IpPermission{false: g.IpPermissions, true: g.IpPermissionsEgress} {
			for _, p := range permissions {
				for _, r := range p.IpRanges {
					out = append(out, fmt.Sprintf("%s|%t|%s|%s", tagOf(g.Tags, "GroupName"), outbound, ports(p), aws.ToString(r.CidrIp)))
				}
				for _, r := range p.UserIdGroupPairs {
					out = append(out, fmt.Sprintf("%s|%t|%s|%s", tagOf(g.Tags, "GroupName"), outbound, ports(p), a.roleOf(r.GroupId)))
				}
			}
		}
	}
	return out
}

// entries are "acl|outbound|number|action|protocol|range|ports" of all network ACLs, without the last deny.
func (a *account) entries(client string) []string {
	var out []string
	for _, x := range a.acls {
		if tagOf(x.Tags, "cicdctl:client") != client || tagOf(x.Tags, "cicdctl:role") == "" {
			continue
		}
		for _, e := range x.Entries {
			if aws.ToInt32(e.RuleNumber) == 32767 {
				continue
			}
			protocol, on := map[string]string{"-1": "all", "6": "tcp", "17": "udp"}[aws.ToString(e.Protocol)], ""
			if e.PortRange != nil {
				on = fmt.Sprintf("%d-%d", aws.ToInt32(e.PortRange.From), aws.ToInt32(e.PortRange.To))
				if aws.ToInt32(e.PortRange.From) == aws.ToInt32(e.PortRange.To) {
					on = fmt.Sprint(aws.ToInt32(e.PortRange.From))
				}
			}
			out = append(out, fmt.Sprintf("%s|%t|%d|%s|%s|%s|%s", tagOf(x.Tags, "cicdctl:role"), aws.ToBool(e.Egress), aws.ToInt32(e.RuleNumber), e.RuleAction, protocol, aws.ToString(e.CidrBlock), on))
		}
	}
	return out
}
