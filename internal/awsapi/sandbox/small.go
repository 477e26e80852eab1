package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// ecsImages is where AWS publishes the newest image for ECS hosts.
const ecsImages = "/aws/service/ecs/optimized-ami/amazon-linux-2023/"

// images are the ids in each region, for Intel and for Graviton.
var images = map[string][2]string{
	"eu-west-3":    {"ami-0c5a1e3f7b9d00001", "ami-0c5a1e3f7b9d0a001"},
	"eu-west-1":    {"ami-0c5a1e3f7b9d00002", "ami-0c5a1e3f7b9d0a002"},
	"eu-central-1": {"ami-0c5a1e3f7b9d00003", "ami-0c5a1e3f7b9d0a003"},
	"eu-west-2":    {"ami-0c5a1e3f7b9d00004", "ami-0c5a1e3f7b9d0a004"},
}

func registerSmall(a *Account) {
	op(a, sts.ServiceID, func(t *tx, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
		return &sts.GetCallerIdentityOutput{Account: aws.String(t.opts.ID), Arn: t.caller(), UserId: aws.String("AROASANDBOX:sandbox")}, nil
	})
	op(a, ssm.ServiceID, func(t *tx, in *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
		name := aws.ToString(in.Name)
		image, known := t.imageID(name)
		if !known {
			return nil, apiError("ParameterNotFound", "Parameter %s not found.", name)
		}
		return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{
			Name: in.Name, Value: aws.String(image), Type: ssmtypes.ParameterTypeString, DataType: aws.String("text"), Version: 1,
			ARN: aws.String(fmt.Sprintf("arn:aws:ssm:%s::parameter%s", t.region, name)),
		}}, nil
	})
	registerQuotas(a)
	op(a, tagging.ServiceID, getResources)
}

// imageID resolves a parameter of AWS's own that holds the id of an image.
func (t *tx) imageID(parameter string) (string, bool) {
	ids, known := images[t.region]
	switch strings.TrimPrefix(parameter, ecsImages) {
	case "recommended/image_id":
		return ids[0], known
	case "arm64/recommended/image_id":
		return ids[1], known
	}
	return "", false
}

// quota is one limit of AWS: what every account starts with, and what this one has.
type quota struct {
	name              string
	standard, applied float64
}

// quotas are the published defaults. Only the vCPU limit is higher here: AWS
// raises it by itself as soon as an account is in use.
var quotas = map[string]map[string]quota{
	"vpc": {
		"L-F678F1CE": {"VPCs per Region", vpcQuota, vpcQuota},
		"L-407747CB": {"Subnets per VPC", 200, 200},
		"L-FE5A380F": {"NAT gateways per Availability Zone", 5, 5},
		"L-A4707A72": {"Internet gateways per Region", 5, 5},
		"L-589F43AA": {"Route tables per VPC", 200, 200},
		"L-93826ACB": {"Routes per route table", 50, 50},
		"L-B4A6D682": {"Network ACLs per Region", 200, 200},
		"L-2AEEBF1A": {"Rules per network ACL", 20, 20},
		"L-E79EC296": {"VPC security groups per Region", 2500, 2500},
		"L-0EA8095F": {"Inbound or outbound rules per security group", groupRules, groupRules},
		"L-2AFB9258": {"Security groups per network interface", 5, 5},
		"L-DF5E4CA3": {"Network interfaces per Region", 5000, 5000},
		"L-1B52E74A": {"Gateway VPC endpoints per Region", 20, 20},
		"L-83CA0A9D": {"IPv4 CIDR blocks per VPC", 5, 5},
	},
	"ec2": {
		"L-0263D0A3": {"EC2-VPC Elastic IPs", 5, 5},
		"L-1216C47A": {"Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5, 128},
	},
	"rds": {
		"L-952B80B8": {"DB clusters", 40, 40},
		"L-7B6409FD": {"DB instances", 40, 40},
		"L-48C6BF61": {"DB subnet groups", 50, 50},
		"L-E4C808A8": {"DB cluster parameter groups", 50, 50},
		"L-9B510759": {"Manual DB cluster snapshots", 100, 100},
	},
	"elasticloadbalancing": {
		"L-53DA6B97": {"Application Load Balancers per Region", 50, 50},
		"L-69A177A2": {"Network Load Balancers per Region", 50, 50},
		"L-B22855CB": {"Target Groups per Region", 3000, 3000},
	},
	"ecs": {
		"L-21C621EB": {"Clusters per account", 10000, 10000},
		"L-9EF96962": {"Services per cluster", 5000, 5000},
	},
	"autoscaling": {"L-CDE20ADC": {"Auto Scaling groups per region", 500, 500}},
	"ecr":         {"L-CFEB8E8D": {"Registered repositories", 100000, 100000}},
}

func registerQuotas(a *Account) {
	find := func(t *tx, service, code *string, value func(quota) float64) (*quotatypes.ServiceQuota, error) {
		q, known := quotas[aws.ToString(service)][aws.ToString(code)]
		if !known {
			return nil, httpError(http.StatusNotFound, "NoSuchResourceException", "The request failed because the specified quota does not exist.")
		}
		return &quotatypes.ServiceQuota{
			ServiceCode: service, QuotaCode: code, QuotaName: aws.String(q.name), Value: aws.Float64(value(q)), Adjustable: true, GlobalQuota: false, Unit: aws.String("None"),
			QuotaArn: aws.String(t.arn("servicequotas", *service+"/"+*code)),
		}, nil
	}
	op(a, servicequotas.ServiceID, func(t *tx, in *servicequotas.GetServiceQuotaInput) (*servicequotas.GetServiceQuotaOutput, error) {
		q, err := find(t, in.ServiceCode, in.QuotaCode, func(q quota) float64 { return q.applied })
		return &servicequotas.GetServiceQuotaOutput{Quota: q}, err
	})
	op(a, servicequotas.ServiceID, func(t *tx, in *servicequotas.GetAWSDefaultServiceQuotaInput) (*servicequotas.GetAWSDefaultServiceQuotaOutput, error) {
		q, err := find(t, in.ServiceCode, in.QuotaCode, func(q quota) float64 { return q.standard })
		return &servicequotas.GetAWSDefaultServiceQuotaOutput{Quota: q}, err
	})
}

// getResources knows the network, the repositories, services, log groups, topics,
// alarms and more: like the real one, which leaves out some types, it is no complete
// list, and hears of new topics and alarms late.
func getResources(t *tx, in *tagging.GetResourcesInput) (*tagging.GetResourcesOutput, error) {
	found := map[string]map[string]string{}
	s := t.ec2()
	add := func(what, id string, tags []ec2types.Tag) {
		arn := t.arn("ec2", what+"/"+id)
		found[arn] = map[string]string{}
		for _, tag := range tags {
			found[arn][*tag.Key] = aws.ToString(tag.Value)
		}
	}
	for _, r := range s.VPCs {
		add("vpc", *r.V.VpcId, r.V.Tags)
	}
	for _, r := range s.Subnets {
		add("subnet", *r.V.SubnetId, r.V.Tags)
	}
	for _, r := range s.RouteTables {
		add("route-table", *r.V.RouteTableId, r.V.Tags)
	}
	for _, r := range s.InternetGateways {
		add("internet-gateway", *r.V.InternetGatewayId, r.V.Tags)
	}
	for _, r := range s.NATs {
		add("natgateway", *r.V.NatGatewayId, r.V.Tags)
	}
	for _, r := range s.Groups {
		add("security-group", *r.V.GroupId, r.V.Tags)
	}
	for _, r := range t.ecr().Repositories {
		tags := map[string]string{}
		for _, tag := range r.Tags {
			tags[*tag.Key] = aws.ToString(tag.Value)
		}
		found[*r.V.RepositoryArn] = tags
	}
	for _, g := range t.logs().Groups {
		found[*g.V.LogGroupArn] = g.Tags
	}
	for _, r := range t.kms().Keys {
		found[*r.V.Meta.Arn] = tagMap(r.V.Tags, func(tag kmstypes.Tag) (*string, *string) { return tag.TagKey, tag.TagValue })
	}
	for _, r := range t.rds().SubnetGroups {
		found[*r.V.DBSubnetGroupArn] = tagMap(r.V.Tags, rdsTag)
	}
	for _, r := range t.rds().ParameterGroups {
		found[*r.V.DBClusterParameterGroupArn] = tagMap(r.V.Tags, rdsTag)
	}
	for _, r := range t.scheduler().Groups {
		found[r.V.Arn] = tagMap(r.V.Tags, func(tag schedulertypes.Tag) (*string, *string) { return tag.Key, tag.Value })
	}
	for arn, tags := range t.elb().Tags {
		found[arn] = tagMap(tags, func(tag elbtypes.Tag) (*string, *string) { return tag.Key, tag.Value })
	}
	for _, r := range t.ecs().Services {
		if *r.V.Status != ecsInactive {
			found[*r.V.ServiceArn] = tagMap(r.V.Tags, func(tag ecstypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	}
	for _, d := range t.ecs().Definitions {
		found[*d.V.TaskDefinitionArn] = tagMap(d.Tags, func(tag ecstypes.Tag) (*string, *string) { return tag.Key, tag.Value })
	}
	for _, s := range t.secrets().Secrets {
		if s.Deleted == nil {
			found[s.ARN] = tagMap(s.Tags, func(tag secrettypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	}
	for _, q := range t.sqs().Queues {
		if !q.Deleted {
			found[t.arn("sqs", q.Name)] = q.Tags
		}
	}
	for _, b := range t.S3.use().Buckets {
		if b.Region == t.region {
			found["arn:aws:s3:::"+b.Name] = tagMap(b.Tags, func(tag s3types.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	}
	for _, r := range t.acm().Certificates {
		if !r.V.Deleted {
			found[*r.V.Detail.CertificateArn] = tagMap(r.V.Tags, func(tag acmtypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	}
	if t.region == route53Region { // global services tell their tags there only; IAM leaves out users and roles
		for _, z := range t.Route53.use().Zones {
			found["arn:aws:route53:::hostedzone/"+z.ID] = z.Tags
		}
		for _, p := range t.IAM.use().Profiles {
			found[t.iamARN("instance-profile", p.Path, p.Name)] = tagMap(p.Tags, func(tag iamtypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	}
	first := aws.ToString(in.PaginationToken) == ""
	for _, topic := range t.sns().Topics {
		if heard(&topic.Lag, first) {
			found[t.topicARN(topic.Name)] = tagMap(topic.Tags, func(tag snstypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	}
	for _, alarm := range t.cloudwatch().Alarms {
		if heard(&alarm.Lag, first) {
			found[*alarm.V.AlarmArn] = tagMap(alarm.Tags, func(tag cwtypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	}
	var all []taggingtypes.ResourceTagMapping
	for _, arn := range slices.Sorted(maps.Keys(found)) {
		if len(found[arn]) == 0 || !taggedSo(found[arn], in.TagFilters) || !ofType(arn, in.ResourceTypeFilters) {
			continue
		}
		one := taggingtypes.ResourceTagMapping{ResourceARN: aws.String(arn)}
		for _, key := range slices.Sorted(maps.Keys(found[arn])) {
			one.Tags = append(one.Tags, taggingtypes.Tag{Key: aws.String(key), Value: aws.String(found[arn][key])})
		}
		all = append(all, one)
	}
	part, next, err := page(t, all, in.PaginationToken)
	return &tagging.GetResourcesOutput{ResourceTagMappingList: part, PaginationToken: aws.String(aws.ToString(next))}, err
}

func rdsTag(tag rdstypes.Tag) (key, value *string) { return tag.Key, tag.Value }

// heard reports whether the tagging service knows of a resource, the same on all
// pages of a list: one that ends with its first page tells of it with the next.
func heard(lag *int, first bool) bool {
	if first && *lag > 0 {
		*lag--
		return false
	}
	return true
}

func tagMap[T any](tags []T, of func(T) (key, value *string)) map[string]string {
	out := map[string]string{}
	for _, tag := range tags {
		key, value := of(tag)
		out[aws.ToString(key)] = aws.ToString(value)
	}
	return out
}

func taggedSo(tags map[string]string, filters []taggingtypes.TagFilter) bool {
	for _, f := range filters {
		value, there := tags[aws.ToString(f.Key)]
		if !there || len(f.Values) > 0 && !slices.Contains(f.Values, value) {
			return false
		}
	}
	return true
}

// ofType matches "ec2" and "ec2:subnet" with the ARN of a subnet.
func ofType(arn string, filters []string) bool {
	parts := strings.SplitN(arn, ":", 6)
	kind, _, _ := strings.Cut(strings.ReplaceAll(parts[5], ":", "/"), "/")
	return len(filters) == 0 || slices.ContainsFunc(filters, func(f string) bool {
		service, resource, _ := strings.Cut(f, ":")
		return service == parts[2] && cmp.Or(resource, kind) == kind
	})
}
