package sandbox

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// logsState is CloudWatch Logs in one region, in the order of creation.
type logsState struct {
	Groups   table[logGroup]
	Late     map[string]int // looks until AWS writes once more into a group that was deleted
	Policies []logPolicy    `json:",omitempty"`
}

// logPolicy is a retention policy of the account. It replaces what a group says; of
// several, the one that keeps longest does (PutAccountPolicy, "Retention policy").
type logPolicy struct {
	Name, Prefix string
	Days         int32
}

// PutLogRetention is the hand that gives the account a retention policy for the log
// groups of a region whose names begin with a prefix.
func (a *Account) PutLogRetention(region, name, prefix string, days int32) error {
	return a.byHandIn(region, func(t *tx) error {
		t.logs().Policies = append(t.logs().Policies, logPolicy{name, prefix, days})
		return nil
	})
}

// shown is a group as DescribeLogGroups tells it.
func (s *logsState) shown(g *logGroup) types.LogGroup {
	v := g.V
	for _, p := range s.Policies {
		if strings.HasPrefix(*v.LogGroupName, p.Prefix) && (v.RetentionPolicyName == nil || p.Days > *v.RetentionInDays) {
			v.RetentionPolicyName, v.RetentionInDays = aws.String(p.Name), aws.Int32(p.Days)
		}
	}
	return v
}

type logGroup struct {
	V       types.LogGroup
	Tags    map[string]string
	Streams map[string][]types.OutputLogEvent `json:",omitempty"`
	Filters []types.MetricFilter              `json:",omitempty"`
	Late    bool                              `json:",omitempty"` // AWS has made it again, and writes no more
}

var logGroupName = lazyregexp.New(`^[\w.\-/#]{1,512}$`)

// retentions are the days that PutRetentionPolicy takes.
var retentions = []int32{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

func (t *tx) logs() *logsState { return in(&t.Logs, t.region) }

func (t *tx) logGroup(name *string) (*logGroup, error) {
	r := t.logs().Groups.first(func(g *logGroup) bool { return *g.V.LogGroupName == aws.ToString(name) })
	return found(r, apiError, "ResourceNotFoundException", "The specified log group does not exist.")
}

// taggedLogGroup finds one by ARN, which must not end in ":*" here.
func (t *tx) taggedLogGroup(arn *string) (*logGroup, error) {
	name, ok := strings.CutPrefix(aws.ToString(arn), t.arn("logs", "log-group:"))
	if !ok || strings.Contains(name, ":") {
		return nil, apiError("InvalidParameterException", "Invalid ARN: %s", aws.ToString(arn))
	}
	return t.logGroup(&name)
}

var logGroupsOfPolicy = lazyregexp.New(`:log-group:([^"*]*)\*`)

// logKey says why CloudWatch Logs cannot use a key for a log group: it must exist,
// and its own policy must let the service in, for groups of that name if it names some.
func (t *tx) logKey(ref *string, group string) (*string, error) {
	if ref == nil {
		return nil, nil
	}
	key, err := t.usableKey(*ref)
	if err != nil || !strings.HasPrefix(*ref, "arn:") || !strings.Contains(key.V.Policy, "logs."+t.region+".amazonaws.com") {
		return nil, apiError("InvalidParameterException", "The specified KMS Key Id does not exist or is not allowed to be used with this log group: %s", *ref)
	}
	prefixes := logGroupsOfPolicy.FindAllStringSubmatch(key.V.Policy, -1)
	if len(prefixes) > 0 && !slices.ContainsFunc(prefixes, func(m []string) bool { return strings.HasPrefix(group, m[1]) }) {
		return nil, apiError("InvalidParameterException", "The specified KMS Key Id does not exist or is not allowed to be used with this log group: %s", *ref)
	}
	return key.V.Meta.Arn, nil
}

// lateWriters are the groups into which RDS and Container Insights write once more
// when what they watch is gone: deleted by then, they are made again, without tags,
// key and end (Terraform's provider, issue 42858; terraform-aws-eks, issue 2486).
var lateWriters = lazyregexp.New(`^(/aws/rds/cluster/[^/]+/[^/]+|/aws/ecs/containerinsights/[^/]+/performance)$`)

// writeLate makes the groups again whose time has come, as a look at them begins.
func (t *tx) writeLate(prefix, pattern string) {
	s := t.logs()
	for name, looks := range s.Late {
		switch {
		case !strings.HasPrefix(name, prefix) || !strings.Contains(name, pattern):
		case looks > 0:
			s.Late[name]--
		default:
			delete(s.Late, name)
			g := t.newLogGroup(name, nil)
			g.Late = true
			s.Groups.add(g)
		}
	}
}

// newLogGroup is a group as AWS makes it.
func (t *tx) newLogGroup(name string, key *string) *logGroup {
	arn := t.arn("logs", "log-group:"+name)
	return &logGroup{V: types.LogGroup{
		LogGroupName: &name, Arn: aws.String(arn + ":*"), LogGroupArn: &arn, CreationTime: aws.Int64(t.now.UnixMilli()), KmsKeyId: key,
		LogGroupClass: types.LogGroupClassStandard, MetricFilterCount: aws.Int32(0), StoredBytes: aws.Int64(0), DeletionProtectionEnabled: aws.Bool(false),
	}}
}

var logTags = tagMap{reserves(apiError("InvalidParameterException", "Tag keys cannot start with aws:")).
	upTo(50, apiError("TooManyTagsException", "A resource can have no more than 50 tags."))}

func registerLogs(a *Account) {
	registerMetricFilters(a)
	groups := on(a, cloudwatchlogs.ServiceID, (*tx).logGroup)
	op(a, cloudwatchlogs.ServiceID, func(t *tx, in *cloudwatchlogs.CreateLogGroupInput) (*cloudwatchlogs.CreateLogGroupOutput, error) {
		name := aws.ToString(in.LogGroupName)
		if !logGroupName.MatchString(name) || strings.HasPrefix(name, "aws/") {
			return nil, apiError("InvalidParameterException", "1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+", name)
		}
		if err := logTags.check(in.Tags); err != nil {
			return nil, err
		}
		key, err := t.logKey(in.KmsKeyId, aws.ToString(in.LogGroupName))
		if err != nil {
			return nil, err
		}
		if _, err := t.logGroup(&name); err == nil {
			return nil, apiError("ResourceAlreadyExistsException", "The specified log group already exists")
		}
		g := t.newLogGroup(name, key)
		g.Tags, g.V.DeletionProtectionEnabled = maps.Clone(in.Tags), aws.Bool(aws.ToBool(in.DeletionProtectionEnabled))
		g.V.LogGroupClass = cmp.Or(in.LogGroupClass, g.V.LogGroupClass)
		t.logs().Groups.add(g)
		delete(t.logs().Late, name)
		return &cloudwatchlogs.CreateLogGroupOutput{}, nil
	})
	op(a, cloudwatchlogs.ServiceID, func(t *tx, in *cloudwatchlogs.DescribeLogGroupsInput) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
		if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
			return nil, apiError("InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
		}
		if in.NextToken == nil {
			t.writeLate(aws.ToString(in.LogGroupNamePrefix), aws.ToString(in.LogGroupNamePattern))
		}
		var all []types.LogGroup
		for _, g := range t.logs().Groups {
			if strings.HasPrefix(*g.V.LogGroupName, aws.ToString(in.LogGroupNamePrefix)) && strings.Contains(*g.V.LogGroupName, aws.ToString(in.LogGroupNamePattern)) {
				all = append(all, t.logs().shown(g))
			}
		}
		slices.SortFunc(all, func(a, b types.LogGroup) int { return cmp.Compare(*a.LogGroupName, *b.LogGroupName) })
		part, next, err := page(t, all, in.NextToken)
		return &cloudwatchlogs.DescribeLogGroupsOutput{LogGroups: part, NextToken: next}, err
	})
	opChange[cloudwatchlogs.PutRetentionPolicyOutput](groups, func(in *cloudwatchlogs.PutRetentionPolicyInput) *string { return in.LogGroupName }, func(_ *tx, g *logGroup, in *cloudwatchlogs.PutRetentionPolicyInput) error {
		if !slices.Contains(retentions, aws.ToInt32(in.RetentionInDays)) {
			return apiError("InvalidParameterException", "1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %v", aws.ToInt32(in.RetentionInDays), retentions)
		}
		g.V.RetentionInDays = in.RetentionInDays
		return nil
	})
	opChange[cloudwatchlogs.AssociateKmsKeyOutput](groups, func(in *cloudwatchlogs.AssociateKmsKeyInput) *string { return in.LogGroupName }, func(t *tx, g *logGroup, in *cloudwatchlogs.AssociateKmsKeyInput) error {
		key, err := t.logKey(in.KmsKeyId, aws.ToString(in.LogGroupName))
		if err != nil {
			return err
		}
		g.V.KmsKeyId = key
		return nil
	})
	opChange[cloudwatchlogs.DeleteLogGroupOutput](groups, func(in *cloudwatchlogs.DeleteLogGroupInput) *string { return in.LogGroupName }, func(t *tx, g *logGroup, _ *cloudwatchlogs.DeleteLogGroupInput) error {
		if aws.ToBool(g.V.DeletionProtectionEnabled) {
			return apiError("ValidationException", "The log group is protected from deletion.")
		}
		s := t.logs()
		s.Groups.drop(g)
		if !g.Late && lateWriters.MatchString(*g.V.LogGroupName) {
			if s.Late == nil {
				s.Late = map[string]int{}
			}
			s.Late[*g.V.LogGroupName] = max(t.opts.Looks-1, 0)
		}
		return nil
	})
	registerLogTags(a)
	registerLogEvents(a)
	opOn(groups, func(in *cloudwatchlogs.GetLogEventsInput) *string { return in.LogGroupName }, func(_ *tx, g *logGroup, in *cloudwatchlogs.GetLogEventsInput) (*cloudwatchlogs.GetLogEventsOutput, error) {
		events, ok := g.Streams[aws.ToString(in.LogStreamName)]
		if !ok {
			return nil, apiError("ResourceNotFoundException", "The specified log stream does not exist.")
		}
		if n := int(aws.ToInt32(in.Limit)); n > 0 && len(events) > n {
			if aws.ToBool(in.StartFromHead) {
				events = events[:n]
			} else {
				events = events[len(events)-n:]
			}
		}
		return &cloudwatchlogs.GetLogEventsOutput{Events: events}, nil
	})
}

func registerLogTags(a *Account) {
	groups := on(a, cloudwatchlogs.ServiceID, (*tx).taggedLogGroup)
	tags := tagsOn(groups, logTags, func(g *logGroup) *map[string]string { return &g.Tags })
	opListTags(tags, func(in *cloudwatchlogs.ListTagsForResourceInput) *string { return in.ResourceArn }, func(out *cloudwatchlogs.ListTagsForResourceOutput, tags map[string]string) { out.Tags = tags })
	opChange[cloudwatchlogs.TagResourceOutput](groups, func(in *cloudwatchlogs.TagResourceInput) *string { return in.ResourceArn }, func(_ *tx, g *logGroup, in *cloudwatchlogs.TagResourceInput) error {
		if err := logTags.add(&g.Tags, in.Tags); err != nil {
			return err
		}
		g.Late = false // somebody's again
		return nil
	})
	opUntag[cloudwatchlogs.UntagResourceOutput](tags, func(in *cloudwatchlogs.UntagResourceInput) (*string, []string) { return in.ResourceArn, in.TagKeys })
	tagged(a, cloudwatchlogs.ServiceID, logTags, func(t *tx) []*logGroup { return t.logs().Groups }, func(_ *tx, g *logGroup) (string, map[string]string) { return *g.V.LogGroupArn, g.Tags })
}
