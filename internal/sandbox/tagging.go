package sandbox

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
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

func registerTagging(a *Account) { op(a, tagging.ServiceID, a.getResources) }

// byARN are tags by ARN.
type byARN map[string]map[string]string

// tagged registers one type of resource whose tags GetResources tells. An empty ARN leaves
// a resource out. Like the real service, which leaves out some types, it tells not of all.
func tagged[R, S any](a *Account, service string, kind tagKind[S], rows func(*tx) []*R, of func(*tx, *R) (arn string, tags S)) {
	a.tagged[service] = append(a.tagged[service], func(t *tx, wanted []string, found byARN) {
		for _, r := range rows(t) {
			if arn, tags := of(t, r); arn != "" && ofType(arn, wanted) {
				found[arn] = maps.Collect(kind.each(tags))
			}
		}
	})
}

// globalTags are the services that tell their tags in one region only.
var globalTags = []string{route53.ServiceID, iam.ServiceID}

// taggedIn is what a service has in the region of the types that are wanted, by ARN.
func (a *Account) taggedIn(t *tx, service string, wanted []string) byARN {
	found := byARN{}
	if t.region == route53Region || !slices.Contains(globalTags, service) {
		for _, add := range a.tagged[service] {
			add(t, wanted, found)
		}
	}
	return found
}

// forgotten is the memory of what is gone.
func (t *tx) forgotten() *taggingState { return in(&t.Tagging, t.region) }

// remember is called before a service removes something: the tagging service goes on
// telling of it.
func (a *Account) remember(t *tx, service, operation string) {
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
	for arn, tags := range a.taggedIn(&at, service, nil) {
		if len(tags) > 0 {
			s.Gone[arn] = goneTagged{tags, t.now}
		}
	}
}

// getResources hears of new topics and alarms late, and of what is gone for long.
func (a *Account) getResources(t *tx, in *tagging.GetResourcesInput) (*tagging.GetResourcesOutput, error) {
	if err := checkTagFilters(in.TagFilters); err != nil {
		return nil, err
	}
	found := byARN{}
	for arn, gone := range t.forgotten().Gone {
		if t.now.Sub(gone.At) < goneTaggedFor && ofType(arn, in.ResourceTypeFilters) {
			found[arn] = gone.Tags
		}
	}
	for service := range a.tagged {
		for arn, tags := range a.taggedIn(t, service, in.ResourceTypeFilters) {
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
	maps.DeleteFunc(found, func(_ string, tags map[string]string) bool { return len(tags) == 0 || !taggedSo(tags, in.TagFilters) })
	part, next, err := page(t, slices.Sorted(maps.Keys(found)), in.PaginationToken)
	out := &tagging.GetResourcesOutput{PaginationToken: aws.String(aws.ToString(next))}
	for _, arn := range part {
		tags := sorted(found[arn], func(key, value *string) taggingtypes.Tag { return taggingtypes.Tag{Key: key, Value: value} })
		out.ResourceTagMappingList = append(out.ResourceTagMappingList, taggingtypes.ResourceTagMapping{ResourceARN: aws.String(arn), Tags: tags})
	}
	return out, err
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
	if len(filters) == 0 {
		return true
	}
	parts := strings.SplitN(arn, ":", 6)
	kind, _, _ := strings.Cut(strings.ReplaceAll(parts[5], ":", "/"), "/")
	return slices.ContainsFunc(filters, func(f string) bool {
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
