package sandbox

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// taggingState is what the tagging service remembers in one region of what is gone, by ARN.
type taggingState struct {
	Gone map[string]goneTagged
}

type goneTagged struct {
	Tags map[string]string
	At   time.Time
}

// goneTaggedFor is how long the tagging service tells of what was deleted: AWS says
// "tagged or previously tagged", and people saw it for hours (GetResources; aws-cli
// issue 8197, boto3 issue 3341).
const goneTaggedFor = 24 * time.Hour

func registerTagging(a *Account) { op(a, tagging.ServiceID, getResources) }

// byARN are tags by ARN.
type byARN map[string]map[string]string

// taggedIn are the services whose resources the tagging service tells of: like the real
// one, which leaves out some types, it is no complete list.
var taggedIn = map[string]func(*tx, byARN){
	ec2.ServiceID: taggedEC2, rds.ServiceID: taggedRDS, ecs.ServiceID: taggedECS,
	ecr.ServiceID: func(t *tx, found byARN) {
		for _, r := range t.ecr().Repositories {
			found[*r.V.RepositoryArn] = tagsByKey(r.Tags, func(tag ecrtypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	},
	cloudwatchlogs.ServiceID: func(t *tx, found byARN) {
		for _, g := range t.logs().Groups {
			found[*g.V.LogGroupArn] = g.Tags
		}
	},
	kms.ServiceID: func(t *tx, found byARN) {
		for _, r := range t.kms().Keys {
			found[*r.V.Meta.Arn] = tagsByKey(r.V.Tags, func(tag kmstypes.Tag) (*string, *string) { return tag.TagKey, tag.TagValue })
		}
	},
	scheduler.ServiceID: func(t *tx, found byARN) {
		for _, r := range t.scheduler().Groups {
			found[r.V.Arn] = tagsByKey(r.V.Tags, func(tag schedulertypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	},
	elb.ServiceID: func(t *tx, found byARN) {
		for arn, tags := range t.elb().Tags {
			found[arn] = tagsByKey(tags, func(tag elbtypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	},
	secretsmanager.ServiceID: func(t *tx, found byARN) {
		for _, s := range t.secrets().Secrets {
			if s.Deleted == nil {
				found[s.ARN] = tagsByKey(s.Tags, func(tag secrettypes.Tag) (*string, *string) { return tag.Key, tag.Value })
			}
		}
	},
	sqs.ServiceID: func(t *tx, found byARN) {
		for _, q := range t.sqs().Queues {
			if !q.Deleted {
				found[t.arn("sqs", q.Name)] = q.Tags
			}
		}
	},
	s3.ServiceID: func(t *tx, found byARN) {
		for _, b := range t.S3.use().Buckets {
			if b.Region == t.region {
				found["arn:aws:s3:::"+b.Name] = tagsByKey(b.Tags, func(tag s3types.Tag) (*string, *string) { return tag.Key, tag.Value })
			}
		}
	},
	acm.ServiceID: func(t *tx, found byARN) {
		for _, r := range t.acm().Certificates {
			if !r.V.Deleted {
				found[*r.V.Detail.CertificateArn] = tagsByKey(r.V.Tags, func(tag acmtypes.Tag) (*string, *string) { return tag.Key, tag.Value })
			}
		}
	},
	sns.ServiceID: func(t *tx, found byARN) {
		for _, topic := range t.sns().Topics {
			found[t.topicARN(topic.Name)] = tagsByKey(topic.Tags, func(tag snstypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	},
	cloudwatch.ServiceID: func(t *tx, found byARN) {
		for _, alarm := range t.cloudwatch().Alarms {
			found[*alarm.V.AlarmArn] = tagsByKey(alarm.Tags, func(tag cwtypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	},
	route53.ServiceID: func(t *tx, found byARN) {
		for _, z := range t.Route53.use().Zones {
			found["arn:aws:route53:::hostedzone/"+z.ID] = z.Tags
		}
	},
	iam.ServiceID: func(t *tx, found byARN) { // users and roles are left out
		for _, p := range t.IAM.use().Profiles {
			found[t.iamARN("instance-profile", p.Path, p.Name)] = tagsByKey(p.Tags, func(tag iamtypes.Tag) (*string, *string) { return tag.Key, tag.Value })
		}
	},
}

// globalTags are the services that tell their tags in one region only.
var globalTags = []string{route53.ServiceID, iam.ServiceID}

func taggedEC2(t *tx, found byARN) {
	s := t.ec2()
	add := func(what, id string, tags []ec2types.Tag) {
		found[t.arn("ec2", what+"/"+id)] = tagsByKey(tags, func(tag ec2types.Tag) (*string, *string) { return tag.Key, tag.Value })
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
}

func taggedRDS(t *tx, found byARN) {
	tag := func(tag rdstypes.Tag) (key, value *string) { return tag.Key, tag.Value }
	for _, r := range t.rds().SubnetGroups {
		found[*r.V.DBSubnetGroupArn] = tagsByKey(r.V.Tags, tag)
	}
	for _, r := range t.rds().ParameterGroups {
		found[*r.V.DBClusterParameterGroupArn] = tagsByKey(r.V.Tags, tag)
	}
	for _, r := range t.rds().Clusters {
		found[*r.V.DBClusterArn] = tagsByKey(r.V.TagList, tag)
	}
	for _, r := range t.rds().Instances {
		found[*r.V.DBInstanceArn] = tagsByKey(r.V.TagList, tag)
	}
}

func taggedECS(t *tx, found byARN) {
	tag := func(tag ecstypes.Tag) (key, value *string) { return tag.Key, tag.Value }
	for _, r := range t.ecs().Services {
		if *r.V.Status != ecsInactive {
			found[*r.V.ServiceArn] = tagsByKey(r.V.Tags, tag)
		}
	}
	for _, d := range t.ecs().Definitions {
		found[*d.V.TaskDefinitionArn] = tagsByKey(d.Tags, tag)
	}
}

// tagged is what a service has in the region, by ARN.
func (t *tx) tagged(service string) byARN {
	found := byARN{}
	list, told := taggedIn[service]
	if told && (t.region == route53Region || !slices.Contains(globalTags, service)) {
		list(t, found)
	}
	return found
}

// forgotten is the memory of what is gone.
func (t *tx) forgotten() *taggingState { return in(&t.Tagging, t.region) }

// remember is called before a service removes something: the tagging service goes on
// telling of it.
func (t *tx) remember(service, operation string) {
	if !strings.HasPrefix(operation, "Delete") && !strings.HasPrefix(operation, "Deregister") {
		return
	}
	at := *t
	if slices.Contains(globalTags, service) {
		at.region = route53Region
	}
	s := at.forgotten()
	if s.Gone == nil {
		s.Gone = map[string]goneTagged{}
	}
	for arn, tags := range at.tagged(service) {
		if len(tags) > 0 {
			s.Gone[arn] = goneTagged{tags, t.now}
		}
	}
}

// getResources hears of new topics and alarms late, and of what is gone for long.
func getResources(t *tx, in *tagging.GetResourcesInput) (*tagging.GetResourcesOutput, error) {
	if err := checkTagFilters(in.TagFilters); err != nil {
		return nil, err
	}
	found := byARN{}
	for arn, gone := range t.forgotten().Gone {
		if t.now.Sub(gone.At) < goneTaggedFor {
			found[arn] = gone.Tags
		}
	}
	for service := range taggedIn {
		for arn, tags := range t.tagged(service) {
			if len(tags) > 0 { // one that was made again without tags is still told with the old ones
				found[arn] = tags
			}
		}
	}
	first := aws.ToString(in.PaginationToken) == ""
	for _, topic := range t.sns().Topics {
		if !heard(&topic.Lag, first) {
			delete(found, t.topicARN(topic.Name))
		}
	}
	for _, alarm := range t.cloudwatch().Alarms {
		if !heard(&alarm.Lag, first) {
			delete(found, *alarm.V.AlarmArn)
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

// heard reports whether the tagging service knows of a resource, the same on all
// pages of a list: one that ends with its first page tells of it with the next.
func heard(lag *int, first bool) bool {
	if first && *lag > 0 {
		*lag--
		return false
	}
	return true
}

func tagsByKey[T any](tags []T, of func(T) (key, value *string)) map[string]string {
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

// checkTagFilters refuses what GetResources does not take: 50 keys, and 20 values each.
func checkTagFilters(filters []taggingtypes.TagFilter) error {
	if len(filters) > 50 {
		return apiError("InvalidParameterException", "TagFilters has %d items, at most 50 are allowed", len(filters))
	}
	for _, f := range filters {
		if len(f.Values) > 20 {
			return apiError("InvalidParameterException", "TagFilters: %s has %d values, at most 20 are allowed", aws.ToString(f.Key), len(f.Values))
		}
	}
	return nil
}
