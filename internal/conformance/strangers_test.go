package conformance

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// object is a resource as the sandbox keeps it.
type object = map[string]any

// strangers puts things into an account that are not cicdctl's.
type strangers struct {
	tree map[string]any
	home string // the VPC of clients
}

// in is what a service has in the region, or in none.
func (s strangers) in(service string) object {
	part := s.tree[service].(object)
	if here, regional := part[region].(object); regional {
		return here
	}
	return part
}

func (s strangers) put(service, list string, all ...any) {
	at := s.in(service)
	have, _ := at[list].([]any)
	at[list] = append(have, all...)
}

// rows puts resources that the sandbox keeps in rows.
func (s strangers) rows(service, list string, all ...object) {
	for _, o := range all {
		s.put(service, list, object{"V": o})
	}
}

// odd are things that somebody may have in the same account and region, by what is odd
// about each.
var odd = map[string]func(strangers){
	"the default VPC that every region has": func(s strangers) {
		s.rows("EC2", "VPCs", object{"VpcId": "vpc-default", "CidrBlock": "172.31.0.0/16", "State": "available", "IsDefault": true, "CidrBlockAssociationSet": []any{cidrBlock("172.31.0.0/16")}})
		s.rows("EC2", "Subnets", subnetOf("subnet-default", "vpc-default", "172.31.0.0/20"))
		s.rows("EC2", "ACLs", object{"NetworkAclId": "acl-default", "VpcId": "vpc-default", "IsDefault": true, "Associations": []any{object{"SubnetId": "subnet-default", "NetworkAclId": "acl-default"}}, "Entries": []any{
			entryOf(100, false, "allow", object{"CidrBlock": "0.0.0.0/0"}), entryOf(32767, false, "deny", object{"CidrBlock": "0.0.0.0/0"}),
			entryOf(101, false, "allow", object{"Ipv6CidrBlock": "::/0"}), entryOf(32768, false, "deny", object{"Ipv6CidrBlock": "::/0"}),
		}})
		s.rows("EC2", "Groups", object{"GroupId": "sg-default", "GroupName": "default", "VpcId": "vpc-default", "Description": "default VPC security group"})
		s.rows("EC2", "InternetGateways", object{"InternetGatewayId": "igw-default", "Attachments": []any{object{"VpcId": "vpc-default", "State": "available"}}}, object{"InternetGatewayId": "igw-loose"})
	},
	"VPCs whose ranges are public, shared, or the clients' own": func(s strangers) {
		for i, c := range []string{"10.20.0.0/16", "100.64.0.0/16", "203.0.113.0/24"} {
			s.rows("EC2", "VPCs", object{"VpcId": fmt.Sprintf("vpc-odd-%d", i), "CidrBlock": c, "State": "available", "IsDefault": false, "CidrBlockAssociationSet": []any{
				cidrBlock(c), object{"AssociationId": "vpc-cidr-assoc-gone", "CidrBlock": "10.99.0.0/16", "CidrBlockState": object{"State": "disassociated"}},
			}, "Ipv6CidrBlockAssociationSet": []any{object{"Ipv6CidrBlock": "2a05:d012:1::/56", "Ipv6CidrBlockState": object{"State": "associated"}}}})
		}
	},
	"a subnet that has IPv6 only, and one in the clients' VPC": func(s strangers) {
		six := func(id, vpc, block string) object {
			o := subnetOf(id, vpc, "")
			delete(o, "CidrBlock")
			o["Ipv6Native"], o["Ipv6CidrBlockAssociationSet"] = true, []any{object{"Ipv6CidrBlock": block, "Ipv6CidrBlockState": object{"State": "associated"}}}
			return o
		}
		s.rows("EC2", "Subnets", six("subnet-six", "vpc-default", "2a05:d012:1:1::/64"), six("subnet-six-home", s.home, "2a05:d012:1:2::/64"))
		for _, at := range []string{"six", "six-home"} {
			s.rows("EC2", "Interfaces", object{"NetworkInterfaceId": "eni-" + at, "SubnetId": "subnet-" + at, "VpcId": s.home, "Status": "in-use", "Ipv6Addresses": []any{object{"Ipv6Address": "2a05:d012:1:2::9"}}})
		}
	},
	"a network ACL that speaks of IPv6 and odd protocols only": func(s strangers) {
		s.rows("EC2", "ACLs", object{"NetworkAclId": "acl-six", "VpcId": s.home, "IsDefault": false, "Associations": []any{object{"SubnetId": "subnet-six-home", "NetworkAclId": "acl-six"}}, "Entries": []any{
			entryOf(1, false, "allow", object{"Ipv6CidrBlock": "::/0", "Protocol": "58", "IcmpTypeCode": object{"Type": -1, "Code": -1}}),
			entryOf(2, true, "allow", object{"Ipv6CidrBlock": "2a05:d012::/32", "Protocol": "50"}), entryOf(3, true, "deny", object{"CidrBlock": "not a range"}), entryOf(4, true, "allow", object{}),
		}})
	},
	"security groups that name groups of other accounts, gone ones, and lists": func(s strangers) {
		s.rows("EC2", "Groups", object{"GroupId": "sg-odd", "GroupName": "acme-load-balancer-2", "VpcId": s.home, "Description": "odd", "IpPermissions": []any{
			object{"IpProtocol": "-1", "UserIdGroupPairs": []any{object{"GroupId": "sg-gone", "UserId": "123456789012"}, object{"GroupId": "sg-theirs", "UserId": "999999999999", "VpcPeeringConnectionId": "pcx-9", "PeeringStatus": "deleted"}, object{"GroupName": "classic"}}},
			object{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": []any{object{"PrefixListId": "pl-cloudfront"}}, "Ipv6Ranges": []any{object{"CidrIpv6": "::/0"}}},
			object{"IpProtocol": "icmpv6", "FromPort": -1, "ToPort": -1, "Ipv6Ranges": []any{object{"CidrIpv6": "::/0"}}},
			object{"IpProtocol": "50", "IpRanges": []any{object{"CidrIp": "203.0.113.0/24"}}},
		}})
		s.rows("EC2", "Interfaces", object{"NetworkInterfaceId": "eni-odd", "SubnetId": "subnet-default", "VpcId": "vpc-default", "Status": "available", "Groups": []any{object{"GroupId": "sg-odd"}, object{"GroupId": "sg-gone"}}, "PrivateIpAddress": "172.31.0.9"})
	},
	"routes to everything that AWS routes to": func(s strangers) {
		var routes []any
		for i, to := range []object{
			{"TransitGatewayId": "tgw-1", "State": "blackhole"},
			{"CarrierGatewayId": "cagw-1"},
			{"LocalGatewayId": "lgw-1"},
			{"CoreNetworkArn": "arn:aws:networkmanager::123456789012:core-network/c"},
			{"OdbNetworkArn": "arn:aws:odb:x"},
			{"InstanceId": "i-1", "NetworkInterfaceId": "eni-odd"},
			{"VpcPeeringConnectionId": "pcx-gone", "State": "blackhole"},
			{"GatewayId": "vgw-gone", "State": "blackhole"},
			{"GatewayId": "vpce-gwlb"},
			{"NatGatewayId": "nat-regional"},
			{},
		} {
			to["DestinationCidrBlock"], to["Origin"] = fmt.Sprintf("10.%d.0.0/16", 100+i), "CreateRoute"
			routes = append(routes, to)
		}
		routes = append(routes, object{"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"}, object{"DestinationIpv6CidrBlock": "64:ff9b::/96", "NatGatewayId": "nat-regional"}, object{"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-s3"}, object{"DestinationPrefixListId": "pl-mine", "GatewayId": "igw-default"})
		s.rows("EC2", "RouteTables", object{"RouteTableId": "rtb-odd", "VpcId": "vpc-default", "Routes": routes, "PropagatingVgws": []any{object{"GatewayId": "vgw-gone"}}, "Associations": []any{
			object{"Main": true, "RouteTableId": "rtb-odd", "RouteTableAssociationId": "rtbassoc-main"}, object{"GatewayId": "igw-default", "RouteTableId": "rtb-odd", "RouteTableAssociationId": "rtbassoc-edge"},
		}})
	},
	"NAT gateways that are private, failed, or of the whole region": func(s strangers) {
		s.rows("EC2", "NATs",
			object{"NatGatewayId": "nat-private", "SubnetId": "subnet-default", "VpcId": "vpc-default", "State": "available", "ConnectivityType": "private", "NatGatewayAddresses": []any{object{"PrivateIp": "172.31.0.10", "NetworkInterfaceId": "eni-n"}}},
			object{"NatGatewayId": "nat-failed", "SubnetId": "subnet-default", "VpcId": "vpc-default", "State": "failed", "FailureCode": "Gateway.NotAttached"},
			object{"NatGatewayId": "nat-regional", "SubnetId": "", "VpcId": "vpc-default", "State": "available", "AvailabilityMode": "regional", "NatGatewayAddresses": []any{object{"PublicIp": "203.0.113.77", "AvailabilityZone": "eu-west-3a"}}})
	},
	"peerings that are pending, and of other accounts": func(s strangers) {
		s.put("EC2", "Peerings", object{"VpcPeeringConnectionId": "pcx-9"}, object{"VpcPeeringConnectionId": "pcx-8", "Status": object{"Code": "active"}, "AccepterVpcInfo": object{"OwnerId": "999999999999", "VpcId": "vpc-theirs"}, "RequesterVpcInfo": object{"VpcId": "vpc-default"}})
	},
	"VPNs at transit gateways, at gateways of no VPC, and gone": func(s strangers) {
		s.rows("EC2", "VPNGateways", object{"VpnGatewayId": "vgw-loose", "State": "available"}, object{"VpnGatewayId": "vgw-dead", "State": "deleted", "VpcAttachments": []any{object{"VpcId": s.home, "State": "detached"}}})
		s.rows("EC2", "VPNs", object{"VpnConnectionId": "vpn-gone", "State": "deleted", "VpnGatewayId": "vgw-dead"}, object{"VpnConnectionId": "vpn-loose", "State": "available", "VpnGatewayId": "vgw-loose"}, object{"VpnConnectionId": "vpn-none", "State": "available"})
	},
	"endpoints, flow logs, templates and keys of other sorts": func(s strangers) {
		s.rows("EC2", "Endpoints", object{"VpcEndpointId": "vpce-gwlb", "VpcEndpointType": "GatewayLoadBalancer", "VpcId": "vpc-default", "ServiceName": "com.amazonaws.vpce.x", "State": "available"}, object{"VpcEndpointId": "vpce-if", "VpcEndpointType": "Interface", "VpcId": s.home, "ServiceName": "com.amazonaws.eu-west-3.ssm", "State": "Failed"})
		s.rows("EC2", "FlowLogs", object{"FlowLogId": "fl-s3", "ResourceId": "eni-odd", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::elsewhere", "TrafficType": "REJECT", "FlowLogStatus": "ACTIVE"}, object{"FlowLogId": "fl-tgw", "ResourceId": "tgw-1", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::elsewhere"})
		s.rows("EC2", "KeyPairs", object{"KeyPairId": "key-1", "KeyName": "laptop", "KeyType": "ed25519"})
		s.rows("EC2", "Templates", object{"LaunchTemplateId": "lt-1", "LaunchTemplateName": "theirs", "DefaultVersionNumber": 1, "LatestVersionNumber": 1})
		s.rows("EC2", "Addresses", object{"AllocationId": "eipalloc-1", "PublicIp": "203.0.113.5", "Domain": "vpc"})
	},
	"load balancers of all types, and targets that are functions": func(s strangers) {
		arn := "arn:aws:elasticloadbalancing:eu-west-3:123456789012:"
		s.rows("ELB", "Balancers",
			object{"LoadBalancerArn": arn + "loadbalancer/gwy/g/1", "LoadBalancerName": "g", "Type": "gateway", "VpcId": "vpc-default", "State": object{"Code": "active"}},
			object{"LoadBalancerArn": arn + "loadbalancer/net/acme/1", "LoadBalancerName": "acme-2", "Type": "network", "Scheme": "internal", "VpcId": s.home, "IpAddressType": "dualstack", "State": object{"Code": "active_impaired"}},
			object{"LoadBalancerArn": arn + "loadbalancer/app/f/1", "LoadBalancerName": "f", "Type": "application", "Scheme": "internet-facing", "VpcId": "vpc-default", "State": object{"Code": "failed"}})
		s.rows("ELB", "Groups", object{"TargetGroupArn": arn + "targetgroup/fn/1", "TargetGroupName": "fn", "TargetType": "lambda"}, object{"TargetGroupArn": arn + "targetgroup/alb/1", "TargetGroupName": "alb", "TargetType": "alb", "Protocol": "TCP", "Port": 80, "VpcId": "vpc-default"})
		s.rows("ELB", "Listeners", object{"ListenerArn": arn + "listener/gwy/g/1/1", "LoadBalancerArn": arn + "loadbalancer/gwy/g/1", "DefaultActions": []any{object{"Type": "forward", "TargetGroupArn": arn + "targetgroup/fn/1"}}})
	},
	"databases outside of clusters, and clusters of other engines": func(s strangers) {
		s.rows("RDS", "Clusters", object{"DBClusterIdentifier": "neptune", "DBClusterArn": "arn:aws:rds:eu-west-3:123456789012:cluster:neptune", "Engine": "neptune", "Status": "stopped"}, object{"DBClusterIdentifier": "serverless", "DBClusterArn": "arn:aws:rds:eu-west-3:123456789012:cluster:serverless", "Engine": "aurora-mysql", "EngineMode": "serverless", "Status": "available"})
		s.rows("RDS", "Instances", object{"DBInstanceIdentifier": "acme-1-old", "DBInstanceArn": "arn:aws:rds:eu-west-3:123456789012:db:acme-1-old", "Engine": "mysql", "DBInstanceStatus": "available", "DBInstanceClass": "db.t3.micro"})
		s.rows("RDS", "Snapshots", object{"DBClusterSnapshotIdentifier": "awsbackup:job-1", "DBClusterSnapshotArn": "arn:aws:rds:eu-west-3:123456789012:cluster-snapshot:awsbackup:job-1", "SnapshotType": "awsbackup", "Status": "available", "DBClusterIdentifier": "neptune", "Engine": "neptune"})
	},
	"clusters without tags, and Fargate's providers": func(s strangers) {
		s.rows("ECS", "Clusters", object{"ClusterArn": "arn:aws:ecs:eu-west-3:123456789012:cluster/default", "ClusterName": "default", "Status": "ACTIVE"}, object{"ClusterArn": "arn:aws:ecs:eu-west-3:123456789012:cluster/old", "ClusterName": "old", "Status": "INACTIVE"})
		s.rows("ECS", "Providers", object{"Name": "FARGATE", "CapacityProviderArn": "arn:aws:ecs:eu-west-3:123456789012:capacity-provider/FARGATE", "Status": "ACTIVE"}, object{"Name": "FARGATE_SPOT", "CapacityProviderArn": "arn:aws:ecs:eu-west-3:123456789012:capacity-provider/FARGATE_SPOT", "Status": "ACTIVE"})
	},
	"an Auto Scaling group of mixed instances": func(s strangers) {
		s.rows("ASG", "Groups", object{"AutoScalingGroupName": "mixed", "AutoScalingGroupARN": "arn:aws:autoscaling:eu-west-3:123456789012:autoScalingGroup:u:autoScalingGroupName/mixed", "MixedInstancesPolicy": object{"LaunchTemplate": object{"LaunchTemplateSpecification": object{"LaunchTemplateName": "theirs"}}}, "MinSize": 0, "MaxSize": 1, "DesiredCapacity": 0})
	},
	"roles whose policies are written in other ways": func(s strangers) {
		for name, trust := range map[string]string{
			"acme-shop-2": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotPrincipal":{"AWS":["arn:aws:iam::123456789012:root"]},"NotAction":"sts:AssumeRole"}}`,
			"theirs":      `{"Statement":[{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}]}`,
			"broken":      `not JSON`,
		} {
			s.put("IAM", "Roles", object{"Name": name, "ID": "AROA" + name, "Path": "/", "Trust": trust, "MaxSession": 3600, "CreatedAt": "2020-01-01T00:00:00Z", "Inline": []any{object{"Label": "x", "Policy": `{"Statement":{"Effect":"Allow","NotAction":"iam:*","NotResource":"*"}}`}}, "Attached": []any{"arn:aws:iam::aws:policy/ReadOnlyAccess"}})
		}
		s.put("IAM", "Profiles", object{"Name": "empty", "ID": "AIPAEMPTY", "Path": "/x/", "CreatedAt": "2020-01-01T00:00:00Z"})
	},
	"buckets in other regions, and one that is named like a client's": func(s strangers) {
		for name, at := range map[string]string{"acme-backup-2019": "us-east-1", "somebody-else": "ap-southeast-2", "acme-shop-eu-west-3-000000000000": region} {
			s.put("S3", "Buckets", object{"Name": name, "Region": at, "CreatedAt": "2019-01-01T00:00:00Z", "Policy": `{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:root"},"NotAction":"s3:GetObject","Resource":"*"}}`})
		}
	},
	"keys of other sorts": func(s strangers) {
		for id, more := range map[string]object{"aws": {"KeyManager": "AWS"}, "off": {"Enabled": false, "KeyState": "Disabled"}, "asymmetric": {"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"}, "external": {"Origin": "EXTERNAL", "KeyState": "PendingImport"}, "replica": {"MultiRegion": true, "KeyState": "Updating"}} {
			meta := object{"KeyId": id, "Arn": "arn:aws:kms:eu-west-3:123456789012:key/" + id, "KeyManager": "CUSTOMER", "KeyState": "Enabled", "Enabled": true, "KeySpec": "SYMMETRIC_DEFAULT"}
			maps.Copy(meta, more)
			if id == "aws" {
				s.put("KMS", "Aliases", object{"AliasName": "alias/aws/rds", "TargetKeyId": id})
			}
			s.rows("KMS", "Keys", object{"Meta": meta, "Policy": `{"Statement":{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}}`})
		}
	},
	"log groups, topics, queues, alarms and vaults of others": func(s strangers) {
		s.rows("Logs", "Groups", object{"LogGroupName": "/aws/lambda/f", "Arn": "arn:aws:logs:eu-west-3:123456789012:log-group:/aws/lambda/f:*", "LogGroupArn": "arn:aws:logs:eu-west-3:123456789012:log-group:/aws/lambda/f", "LogGroupClass": "DELIVERY"}, object{"LogGroupName": "/ecs/acme", "Arn": "arn:aws:logs:eu-west-3:123456789012:log-group:/ecs/acme:*", "LogGroupArn": "arn:aws:logs:eu-west-3:123456789012:log-group:/ecs/acme"})
		s.rows("CloudWatch", "Alarms", object{"AlarmName": "math", "AlarmArn": "arn:aws:cloudwatch:eu-west-3:123456789012:alarm:math", "Metrics": []any{object{"Id": "e", "Expression": "SELECT MAX(x) FROM y"}}})
		s.rows("Backup", "Vaults", object{"BackupVaultName": "Default", "BackupVaultArn": "arn:aws:backup:eu-west-3:123456789012:backup-vault:Default"})
		s.rows("CloudTrail", "Trails", object{"Name": "theirs", "TrailARN": "arn:aws:cloudtrail:us-east-1:999999999999:trail/theirs", "HomeRegion": "us-east-1", "S3BucketName": "elsewhere", "IsMultiRegionTrail": false})
	},
	"zones that are private, and certificates that were imported or failed": func(s strangers) {
		s.put("Route53", "Zones", object{"ID": "Z0PRIVATE", "Name": "shop.example.", "Private": true, "Reference": "x"})
		for id, more := range map[string]object{"imported": {"Type": "IMPORTED", "Status": "EXPIRED"}, "failed": {"Type": "AMAZON_ISSUED", "Status": "FAILED", "FailureReason": "CAA_ERROR"}} {
			detail := object{"CertificateArn": "arn:aws:acm:eu-west-3:123456789012:certificate/" + id, "DomainName": "theirs.example"}
			maps.Copy(detail, more)
			s.rows("ACM", "Certificates", object{"Detail": detail})
		}
	},
}

func cidrBlock(c string) object {
	return object{"AssociationId": "vpc-cidr-assoc-" + c, "CidrBlock": c, "CidrBlockState": object{"State": "associated"}}
}

func subnetOf(id, vpc, block string) object {
	return object{"SubnetId": id, "VpcId": vpc, "CidrBlock": block, "State": "available", "AvailabilityZone": "eu-west-3a", "AvailabilityZoneId": "euw3-az1"}
}

func entryOf(number int, egress bool, action string, more object) object {
	e := object{"RuleNumber": number, "Egress": egress, "RuleAction": action, "Protocol": "-1"}
	maps.Copy(e, more)
	return e
}

// homeVPC is the network that clients are in.
func (r *rig) homeVPC() string {
	r.tb.Helper()
	out, err := r.Factory.Set(region).EC2.DescribeVpcs(r.tb.Context(), &ec2.DescribeVpcsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:" + provision.TagManagedBy), Values: []string{provision.ManagedBy}}}})
	if err != nil || len(out.Vpcs) != 1 {
		r.tb.Fatal(out, err)
	}
	return *out.Vpcs[0].VpcId
}

// Whatever a stranger has in the account, an audit of a client in order is in order:
// nothing is an error or not audited, and no client's network counts as open.
func TestNoStrangerSpoilsAnAudit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		before := r.tree()
		all := func(s strangers) {
			for _, put := range odd {
				put(s)
			}
		}
		if !r.spoiltBy(t, "all of them", all) {
			return
		}
		for what, put := range odd { // to say which
			r.restore(before)
			r.spoiltBy(t, what, put)
		}
	})
}

// What nobody can judge is told.
func TestWhatCannotBeJudgedIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		tree := r.tree()
		odd["a network ACL that speaks of IPv6 and odd protocols only"](strangers{tree, r.homeVPC()})
		r.restore(tree)
		if told := strings.Join(r.examine(t, acme(t)).Isolation[0].Unknowns, "\n"); !strings.Contains(told, `"not a range"`) {
			t.Errorf("not known: %q, nothing of what is no range", told)
		}
	})
}

// spoiltBy reports whether an audit is, by what somebody puts into the account.
func (r *rig) spoiltBy(t *testing.T, what string, put func(strangers)) bool {
	t.Helper()
	home, tree := r.homeVPC(), r.tree()
	put(strangers{tree, home})
	r.restore(tree)
	spoilt := false
	fail := func(format string, args ...any) {
		spoilt = true
		t.Errorf(what+": "+format, args...)
	}
	a, err := audit.Examine(t.Context(), r.Operator, audit.Examined{Specs: []*spec.Spec{acme(t)}, Regions: []string{region}})
	if err != nil {
		fail("%v", err)
		return true
	}
	for _, f := range a.Findings {
		fail("finding %+v", f)
	}
	for _, n := range a.NotAudited {
		fail("not audited: %+v", n)
	}
	if len(a.Isolation) != 1 || !a.Isolation[0].Isolated() {
		fail("isolation: %v", isolationLines(a.Isolation))
	}
	for _, c := range plan(t.Context(), t, r.Operator, acme(t)).Changes() {
		fail("a plan: %s", line(c))
	}
	if _, err := r.Clients(t.Context(), region); err != nil {
		fail("list clients: %v", err)
	}
	if err := create(t.Context(), r.Operator, client(t, "GLOBEX")); err != nil {
		fail("create the next client: %v", err)
	}
	return spoilt
}

func isolationLines(all []isolation.Proof) (out []string) {
	for _, p := range all {
		out = append(out, p.Lines()...)
	}
	return out
}
