package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cttypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// filterQuota is how many metric filters a log group can have (CloudWatch Logs quotas).
const filterQuota = 100

func registerMetricFilters(a *Account) {
	groups := on(a, cloudwatchlogs.ServiceID, (*tx).logGroup)
	opChange[cloudwatchlogs.PutMetricFilterOutput](groups, func(in *cloudwatchlogs.PutMetricFilterInput) *string { return in.LogGroupName }, func(t *tx, g *logGroup, in *cloudwatchlogs.PutMetricFilterInput) error {
		name, pattern := aws.ToString(in.FilterName), aws.ToString(in.FilterPattern)
		at := slices.IndexFunc(g.Filters, func(f types.MetricFilter) bool { return *f.FilterName == name })
		switch {
		case name == "" || len(name) > 512 || strings.ContainsAny(name, ":*"):
			return apiError("InvalidParameterException", "1 validation error detected: Value '%s' at 'filterName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*", name)
		case len(pattern) > 1024 || strings.HasPrefix(pattern, "{") && !strings.HasSuffix(pattern, "}"):
			return apiError("InvalidParameterException", "Invalid metric filter pattern: %s", pattern)
		case len(in.MetricTransformations) != 1:
			return apiError("InvalidParameterException", "1 validation error detected: Value at 'metricTransformations' failed to satisfy constraint: Member must have length equal to 1")
		case at < 0 && len(g.Filters) >= filterQuota:
			return apiError("LimitExceededException", "Resource limit exceeded.")
		}
		f := types.MetricFilter{
			FilterName: &name, FilterPattern: &pattern, MetricTransformations: in.MetricTransformations, LogGroupName: in.LogGroupName, CreationTime: aws.Int64(t.now.UnixMilli()),
		}
		if at >= 0 {
			g.Filters[at] = f
		} else {
			g.Filters = append(g.Filters, f)
		}
		g.V.MetricFilterCount = aws.Int32(int32(len(g.Filters)))
		return nil
	})
	opChange[cloudwatchlogs.DeleteMetricFilterOutput](groups, func(in *cloudwatchlogs.DeleteMetricFilterInput) *string { return in.LogGroupName }, func(_ *tx, g *logGroup, in *cloudwatchlogs.DeleteMetricFilterInput) error {
		at := slices.IndexFunc(g.Filters, func(f types.MetricFilter) bool { return *f.FilterName == aws.ToString(in.FilterName) })
		if at < 0 {
			return apiError("ResourceNotFoundException", "The specified metric filter does not exist.")
		}
		g.Filters = slices.Delete(slices.Clone(g.Filters), at, at+1)
		g.V.MetricFilterCount = aws.Int32(int32(len(g.Filters)))
		return nil
	})
	opOn(groups, func(in *cloudwatchlogs.DescribeMetricFiltersInput) *string { return in.LogGroupName }, func(t *tx, g *logGroup, in *cloudwatchlogs.DescribeMetricFiltersInput) (*cloudwatchlogs.DescribeMetricFiltersOutput, error) {
		all := slices.Clone(g.Filters)
		slices.SortFunc(all, func(a, b types.MetricFilter) int { return cmp.Compare(*a.FilterName, *b.FilterName) })
		part, next, err := page(t, all, in.NextToken)
		return &cloudwatchlogs.DescribeMetricFiltersOutput{MetricFilters: part, NextToken: next}, err
	})
}

// logTrail sets where a trail is written to beside its bucket, and tries, as CloudTrail does,
// whether it can be: both parameters are empty for nowhere.
func (t *tx) logTrail(v *cttypes.Trail, in *cloudtrail.UpdateTrailInput) error {
	set(&v.CloudWatchLogsLogGroupArn, in.CloudWatchLogsLogGroupArn)
	set(&v.CloudWatchLogsRoleArn, in.CloudWatchLogsRoleArn)
	group, role := aws.ToString(v.CloudWatchLogsLogGroupArn), aws.ToString(v.CloudWatchLogsRoleArn)
	if group == "" && role == "" {
		v.CloudWatchLogsLogGroupArn, v.CloudWatchLogsRoleArn = nil, nil
		return nil
	}
	name, of := strings.CutPrefix(strings.TrimSuffix(group, ":*"), t.arn("logs", "log-group:"))
	if _, err := t.logGroup(&name); err != nil || !of || !strings.HasSuffix(group, ":*") {
		return apiError("InvalidCloudWatchLogsLogGroupArnException", "CloudTrail cannot validate the specified log group ARN.")
	}
	r := t.IAM.use().Roles.first(func(r *iamRole) bool { return strings.TrimPrefix(role, "arn:aws:iam::"+t.opts.ID+":role/") == r.Name })
	if r == nil || !serviceMay(r.Trust, "cloudtrail.amazonaws.com", "sts:AssumeRole") {
		return apiError("InvalidCloudWatchLogsRoleArnException", "Access denied. Check the trust relationships for your role.")
	}
	// It does not hear of a fresh role at once, nor with the role of its permissions.
	if r.Unheard > 0 {
		if r.Unheard--; r.Unheard > 0 {
			return apiError("InvalidCloudWatchLogsRoleArnException", "Access denied. Check the trust relationships for your role.")
		}
		return trailMayNotLog()
	}
	for _, p := range r.Inline {
		if strings.Contains(p.Policy, "logs:PutLogEvents") && strings.Contains(p.Policy, name) {
			return nil
		}
	}
	return trailMayNotLog()
}

// trailMayNotLog is about the group although it is the role that lacks something (aws-cli issue 5098,
// aws-cdk issue 1963); Terraform's provider waits for either code.
func trailMayNotLog() error {
	return apiError("InvalidCloudWatchLogsLogGroupArnException", "Access denied. Check the permissions for your role.")
}
