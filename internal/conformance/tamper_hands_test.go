package conformance

import (
	"context"
	"errors"
	"math/big"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// hands are changes that need more than another value somewhere: something added,
// or two places that AWS always changes together.
var hands = map[string]func(context.Context, *awsapi.Set) error{
	"acm/certificate DNS record": func(ctx context.Context, api *awsapi.Set) error {
		zones, err := api.Route53.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
		if err != nil {
			return err
		}
		zone := zones.HostedZones[0].Id
		for p := route53.NewListResourceRecordSetsPaginator(api.Route53, &route53.ListResourceRecordSetsInput{HostedZoneId: zone}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, record := range page.ResourceRecordSets {
				if record.Type != route53types.RRTypeCname {
					continue
				}
				_, err := api.Route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: zone, ChangeBatch: &route53types.ChangeBatch{
					Changes: []route53types.Change{{Action: route53types.ChangeActionDelete, ResourceRecordSet: &record}},
				}})
				return err
			}
		}
		return errors.New("the zone has no record of a certificate")
	},
	"rds/event-subscription topic":    tellsElsewhere,
	"rds/event-subscription delivery": mute,
	"rds/event-subscription sources":  ofOneDatabase,
	"cloudtrail/trail CloudWatch Logs": func(ctx context.Context, api *awsapi.Set) error {
		none := aws.String("")
		_, err := api.CloudTrail.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: aws.String(rules.TrailName), CloudWatchLogsLogGroupArn: none, CloudWatchLogsRoleArn: none})
		return err
	},
	"events/rule state": func(ctx context.Context, api *awsapi.Set) error {
		all, err := api.EventBridge.ListRules(ctx, &eventbridge.ListRulesInput{})
		if err != nil {
			return err
		}
		_, err = api.EventBridge.PutRule(ctx, &eventbridge.PutRuleInput{Name: all.Rules[0].Name, EventPattern: all.Rules[0].EventPattern, State: ebtypes.RuleStateDisabled})
		return err
	},
	"ec2/vpc default security group": func(ctx context.Context, api *awsapi.Set) error {
		groups, err := api.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []ec2types.Filter{{Name: aws.String("group-name"), Values: []string{"default"}}}})
		if err != nil {
			return err
		}
		_, err = api.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: groups.SecurityGroups[0].GroupId, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
		}}})
		return err
	},
	"ec2/vpc default network ACL": func(ctx context.Context, api *awsapi.Set) error {
		acls, err := api.EC2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: []ec2types.Filter{{Name: aws.String("default"), Values: []string{"true"}}}})
		if err != nil {
			return err
		}
		_, err = api.EC2.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
			NetworkAclId: acls.NetworkAcls[0].NetworkAclId, RuleNumber: aws.Int32(1), Protocol: aws.String("-1"),
			RuleAction: ec2types.RuleActionAllow, Egress: aws.Bool(false), CidrBlock: aws.String("0.0.0.0/0"),
		})
		return err
	},
	"ec2/route-table S3 endpoint": func(ctx context.Context, api *awsapi.Set) error {
		endpoints, err := api.EC2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{})
		if err != nil {
			return err
		}
		e := endpoints.VpcEndpoints[0]
		_, err = api.EC2.ModifyVpcEndpoint(ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: e.VpcEndpointId, RemoveRouteTableIds: e.RouteTableIds[:1]})
		return err
	},
	"ec2/route-table propagated gateways": func(ctx context.Context, api *awsapi.Set) error {
		gateways, err := api.EC2.DescribeVpnGateways(ctx, &ec2.DescribeVpnGatewaysInput{})
		if err != nil {
			return err
		}
		tables, err := api.EC2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []ec2types.Filter{{Name: aws.String("tag:" + provision.TagClient), Values: []string{"ACME"}}}})
		if err != nil {
			return err
		}
		_, err = api.EC2.(*ec2.Client).EnableVgwRoutePropagation(ctx, &ec2.EnableVgwRoutePropagationInput{
			RouteTableId: tables.RouteTables[0].RouteTableId, GatewayId: gateways.VpnGateways[0].VpnGatewayId,
		})
		return err
	},
	"iam/role other policies": func(ctx context.Context, api *awsapi.Set) error {
		_, err := api.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("acme-shop"), PolicyName: aws.String("extra"), PolicyDocument: aws.String(nothing)})
		return err
	},
	"kms/key policy": func(ctx context.Context, api *awsapi.Set) error {
		key, err := api.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(rules.KeyAlias("ACME"))})
		if err != nil {
			return err
		}
		_, err = api.KMS.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: key.KeyMetadata.Arn, Policy: aws.String(rootOnly)})
		return err
	},
	"scheduler/group other schedules": func(ctx context.Context, api *awsapi.Set) error {
		ours, err := api.Scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: aws.String("acme"), Name: aws.String(rules.RefreshSchedule)})
		if err != nil {
			return err
		}
		_, err = api.Scheduler.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
			GroupName: aws.String("acme"), Name: aws.String("more"), ScheduleExpression: aws.String("rate(5 minutes)"), Target: ours.Target,
			FlexibleTimeWindow: ours.FlexibleTimeWindow,
		})
		return err
	},
	"cloudtrail/trail management events": func(ctx context.Context, api *awsapi.Set) error {
		_, err := api.CloudTrail.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: aws.String(rules.TrailName), EventSelectors: []trailtypes.EventSelector{
			{ReadWriteType: trailtypes.ReadWriteTypeWriteOnly, IncludeManagementEvents: aws.Bool(true), ExcludeManagementEventSources: []string{"kms.amazonaws.com"}},
		}})
		return err
	},
	"application-autoscaling/scalable-target other policies": func(ctx context.Context, api *awsapi.Set) error {
		out, err := api.AppScaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: aastypes.ServiceNamespaceEcs})
		if err != nil {
			return err
		}
		_, err = api.AppScaling.PutScalingPolicy(ctx, &applicationautoscaling.PutScalingPolicyInput{
			PolicyName: aws.String("by-hand"), ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: out.ScalableTargets[0].ResourceId, ScalableDimension: out.ScalableTargets[0].ScalableDimension,
			PolicyType: aastypes.PolicyTypeTargetTrackingScaling, TargetTrackingScalingPolicyConfiguration: &aastypes.TargetTrackingScalingPolicyConfiguration{
				TargetValue: aws.Float64(10), PredefinedMetricSpecification: &aastypes.PredefinedMetricSpecification{PredefinedMetricType: aastypes.MetricTypeECSServiceAverageMemoryUtilization},
			},
		})
		return err
	},
	"secretsmanager/secret deletion": func(ctx context.Context, api *awsapi.Set) error {
		_, err := api.Secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String(usersOfFiles)})
		return err
	},
	"secretsmanager/secret resource policy": func(ctx context.Context, api *awsapi.Set) error {
		_, err := api.Secrets.(*secretsmanager.Client).PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: aws.String(usersOfFiles), ResourcePolicy: aws.String(rootOnly)})
		return err
	},
	"ecs/task-definition passive mode": func(ctx context.Context, api *awsapi.Set) error {
		family := aws.String("acme-shop-ftp-prod")
		old, err := api.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: family, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags}})
		if err != nil {
			return err
		}
		d := old.TaskDefinition
		for i, v := range d.ContainerDefinitions[0].Environment {
			if *v.Name == rules.MasqueradeVariable {
				d.ContainerDefinitions[0].Environment[i].Value = aws.String("192.0.2.1")
			}
		}
		_, err = api.ECS.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
			Family: family, ContainerDefinitions: d.ContainerDefinitions, Tags: old.Tags, NetworkMode: d.NetworkMode, TaskRoleArn: d.TaskRoleArn,
			ExecutionRoleArn: d.ExecutionRoleArn, RequiresCompatibilities: d.RequiresCompatibilities, Volumes: d.Volumes,
		})
		return err
	},
	"rds/instance parameters": func(ctx context.Context, api *awsapi.Set) error {
		_, err := api.RDS.ModifyDBClusterParameterGroup(ctx, &rds.ModifyDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("acme"), Parameters: []rdstypes.Parameter{
			{ParameterName: aws.String("max_connections"), ParameterValue: aws.String("100"), ApplyMethod: rdstypes.ApplyMethodPendingReboot},
		}})
		return err
	},
	"acm/imported-certificate certificate": func(ctx context.Context, api *awsapi.Set) error {
		e, err := endpoint(ctx, api)
		if err != nil {
			return err
		}
		_, err = importAnothers(ctx, api, e.ServerCertificateArn)
		return err
	},
	"ec2/client-vpn-endpoint server certificate": func(ctx context.Context, api *awsapi.Set) error {
		arn, err := importAnothers(ctx, api, nil)
		if err != nil {
			return err
		}
		return modifyEndpoint(ctx, api, &ec2.ModifyClientVpnEndpointInput{ServerCertificateArn: arn})
	},
	"ec2/client-vpn-endpoint self-service portal": func(ctx context.Context, api *awsapi.Set) error {
		return modifyEndpoint(ctx, api, &ec2.ModifyClientVpnEndpointInput{SelfServicePortal: ec2types.SelfServicePortalEnabled})
	},
	"ec2/client-vpn-endpoint DNS servers": func(ctx context.Context, api *awsapi.Set) error {
		return modifyEndpoint(ctx, api, &ec2.ModifyClientVpnEndpointInput{DnsServers: &ec2types.DnsServersOptionsModifyStructure{Enabled: aws.Bool(true), CustomDnsServers: []string{"192.0.2.1"}}})
	},
	"ec2/client-vpn-endpoint authorization rules": func(ctx context.Context, api *awsapi.Set) error {
		e, err := endpoint(ctx, api)
		if err != nil {
			return err
		}
		_, err = api.EC2.AuthorizeClientVpnIngress(ctx, &ec2.AuthorizeClientVpnIngressInput{ClientVpnEndpointId: e.ClientVpnEndpointId, TargetNetworkCidr: aws.String("10.20.0.0/16"), AuthorizeAllGroups: aws.Bool(true)})
		return err
	},
	"ec2/client-vpn-endpoint routes": func(ctx context.Context, api *awsapi.Set) error {
		e, err := endpoint(ctx, api)
		if err != nil {
			return err
		}
		networks, err := api.EC2.DescribeClientVpnTargetNetworks(ctx, &ec2.DescribeClientVpnTargetNetworksInput{ClientVpnEndpointId: e.ClientVpnEndpointId})
		if err != nil {
			return err
		}
		_, err = api.EC2.(*ec2.Client).CreateClientVpnRoute(ctx, &ec2.CreateClientVpnRouteInput{
			ClientVpnEndpointId: e.ClientVpnEndpointId, DestinationCidrBlock: aws.String("0.0.0.0/0"), TargetVpcSubnetId: networks.ClientVpnTargetNetworks[0].TargetNetworkId,
		})
		return err
	},
	"ec2/client-vpn-endpoint users with certificates": func(ctx context.Context, api *awsapi.Set) error {
		index := awsapi.NewDocument(api.S3, rules.AdminBucketName("123456789012", region), rules.VPNIndexKey("ACME", region))
		return pki.Update(ctx, index, func(x *pki.Index) error {
			e, err := x.Reserve("stranger", 30, time.Now())
			if err != nil {
				return err
			}
			return x.Issued(e.Serial)
		})
	},
	"ec2/client-vpn-endpoint revocation list": func(ctx context.Context, api *awsapi.Set) error {
		e, err := endpoint(ctx, api)
		if err != nil {
			return err
		}
		authority, err := anotherAuthority()
		if err != nil {
			return err
		}
		list, err := authority.RevocationList(nil, big.NewInt(99), time.Now())
		if err != nil {
			return err
		}
		_, err = api.EC2.ImportClientVpnClientCertificateRevocationList(ctx, &ec2.ImportClientVpnClientCertificateRevocationListInput{ClientVpnEndpointId: e.ClientVpnEndpointId, CertificateRevocationList: aws.String(string(list))})
		return err
	},
	"ecs/task-definition status": func(ctx context.Context, api *awsapi.Set) error {
		_, err := api.ECS.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("acme-shop-web-prod:1")})
		return err
	},
}

// endpoint is the one that people connect to.
func endpoint(ctx context.Context, api *awsapi.Set) (*ec2types.ClientVpnEndpoint, error) {
	out, err := api.EC2.DescribeClientVpnEndpoints(ctx, &ec2.DescribeClientVpnEndpointsInput{})
	if err != nil {
		return nil, err
	}
	return &out.ClientVpnEndpoints[0], nil
}

func modifyEndpoint(ctx context.Context, api *awsapi.Set, in *ec2.ModifyClientVpnEndpointInput) error {
	e, err := endpoint(ctx, api)
	if err != nil {
		return err
	}
	in.ClientVpnEndpointId = e.ClientVpnEndpointId
	_, err = api.EC2.ModifyClientVpnEndpoint(ctx, in)
	return err
}

// anotherAuthority is none of a client's.
func anotherAuthority() (*pki.Authority, error) {
	key, err := quickKey(2048)
	if err != nil {
		return nil, err
	}
	return pki.NewAuthority(key, "OTHER", region, time.Now())
}

// importAnothers imports a certificate that another authority has signed.
func importAnothers(ctx context.Context, api *awsapi.Set, arn *string) (*string, error) {
	authority, err := anotherAuthority()
	if err != nil {
		return nil, err
	}
	certificate, key, err := authority.Server(rules.VPNServerName("ACME"), time.Now(), quickKey)
	if err != nil {
		return nil, err
	}
	out, err := api.ACM.ImportCertificate(ctx, &acm.ImportCertificateInput{Certificate: certificate, PrivateKey: key, CertificateChain: authority.PEM(), CertificateArn: arn})
	if err != nil {
		return nil, err
	}
	return out.CertificateArn, nil
}

// usersOfFiles is a secret of the example.
const usersOfFiles = "cicdctl/acme/shop-files-prod/users"

// nothing is a policy that allows nothing.
const nothing = `{"Version":"2012-10-17","Statement":[]}`

// rootOnly is a key policy that leaves out the services.
const rootOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}`
