package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// cloudwatchState is CloudWatch in one region, in the order of creation.
type cloudwatchState struct {
	Alarms table[cwAlarm]
	// Dashboards by name. An account has one list of them, which is kept under no region.
	Dashboards map[string]string `json:",omitempty"`
}

type cwAlarm struct {
	V    types.MetricAlarm
	Tags []types.Tag
	Lag  int `json:",omitempty"` // looks of the tagging service that still leave it out
}

var dashboardName = lazyregexp.New(`^[\w-]{1,255}$`)

func (t *tx) cloudwatch() *cloudwatchState { return in(&t.CloudWatch, t.region) }

func (t *tx) dashboards() map[string]string {
	s := in(&t.CloudWatch, "")
	if s.Dashboards == nil {
		s.Dashboards = map[string]string{}
	}
	return s.Dashboards
}

func (t *tx) alarm(name string) *cwAlarm {
	return t.cloudwatch().Alarms.first(func(a *cwAlarm) bool { return *a.V.AlarmName == name })
}

func (t *tx) taggedAlarm(arn *string) (*cwAlarm, error) {
	alarm := t.cloudwatch().Alarms.first(func(a *cwAlarm) bool { return *a.V.AlarmArn == aws.ToString(arn) })
	return found(alarm, notFound, "ResourceNotFoundException", "%s does not exist", aws.ToString(arn))
}

func badAlarm(format string, args ...any) error {
	return apiError("ValidationError", format, args...)
}

// checkAlarm says what CloudWatch refuses.
func checkAlarm(in *cloudwatch.PutMetricAlarmInput) error {
	single := in.MetricName != nil
	switch {
	case len(aws.ToString(in.AlarmName)) > 255 || len(aws.ToString(in.AlarmDescription)) > 1024:
		return badAlarm("Member must have length less than or equal to 255 (name) and 1024 (description)")
	case single == (len(in.Metrics) > 0):
		return badAlarm("Exactly one of MetricName and Metrics is needed")
	case single && (in.Namespace == nil || in.Period == nil || (in.Statistic == "") == (in.ExtendedStatistic == nil)):
		return badAlarm("A metric needs a namespace, a period and either a statistic or an extended one")
	case single && *in.Period != 10 && *in.Period != 30 && (*in.Period < 60 || *in.Period%60 != 0):
		return badAlarm("The value of Period must be 10, 30, or a multiple of 60")
	case in.Threshold == nil || aws.ToInt32(in.EvaluationPeriods) < 1 || aws.ToInt32(in.DatapointsToAlarm) > aws.ToInt32(in.EvaluationPeriods):
		return badAlarm("Threshold, EvaluationPeriods or DatapointsToAlarm is missing or out of range")
	case aws.ToInt32(in.Period)*aws.ToInt32(in.EvaluationPeriods) > 7*86400:
		return badAlarm("Metrics cannot be checked across more than 7 days")
	case in.TreatMissingData != nil && !slices.Contains([]string{"breaching", "notBreaching", "ignore", "missing"}, *in.TreatMissingData):
		return badAlarm("The value '%s' at 'treatMissingData' is not one of breaching, notBreaching, ignore, missing", *in.TreatMissingData)
	case in.EvaluateLowSampleCountPercentile != nil && in.ExtendedStatistic == nil:
		return badAlarm("EvaluateLowSampleCountPercentile is for percentiles only")
	case len(in.Dimensions) > 30:
		return badAlarm("30 dimensions at most")
	}
	for _, arn := range slices.Concat(in.AlarmActions, in.OKActions, in.InsufficientDataActions) {
		if !strings.HasPrefix(arn, "arn:aws:") {
			return badAlarm("Invalid arn syntax: %s", arn)
		}
	}
	return checkMetrics(in.Metrics)
}

// checkMetrics wants exactly one of several metrics and expressions to be watched.
func checkMetrics(all []types.MetricDataQuery) error {
	watched, ids := 0, map[string]bool{}
	for _, q := range all {
		id := aws.ToString(q.Id)
		if ids[id] || !regexp.MustCompile(`^[a-z]\w*$`).MatchString(id) || (q.Expression == nil) == (q.MetricStat == nil) {
			return badAlarm("The metrics list has an invalid or doubled id, or neither or both of an expression and a metric: %s", id)
		}
		ids[id] = true
		if q.ReturnData == nil || *q.ReturnData {
			watched++
		}
	}
	if len(all) > 0 && watched != 1 {
		return badAlarm("Exactly one element of the metrics list should return data.")
	}
	return nil
}

var alarmTags = tagList[types.Tag]{
	parts:    func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: reserves(badAlarm("Tag keys cannot start with aws:")),
}

func registerCloudWatch(a *Account) {
	op(a, cloudwatch.ServiceID, func(t *tx, in *cloudwatch.PutMetricAlarmInput) (*cloudwatch.PutMetricAlarmOutput, error) {
		if err := cmp.Or(checkAlarm(in), alarmTags.check(in.Tags)); err != nil {
			return nil, err
		}
		v := types.MetricAlarm{
			AlarmName: in.AlarmName, AlarmArn: aws.String(t.arn("cloudwatch", "alarm:"+*in.AlarmName)), AlarmDescription: in.AlarmDescription,
			ActionsEnabled: aws.Bool(in.ActionsEnabled == nil || *in.ActionsEnabled), AlarmActions: in.AlarmActions, OKActions: in.OKActions, InsufficientDataActions: in.InsufficientDataActions,
			ComparisonOperator: in.ComparisonOperator, Threshold: in.Threshold, EvaluationPeriods: in.EvaluationPeriods, DatapointsToAlarm: in.DatapointsToAlarm,
			Namespace: in.Namespace, MetricName: in.MetricName, Dimensions: in.Dimensions, Period: in.Period, Statistic: in.Statistic, ExtendedStatistic: in.ExtendedStatistic,
			EvaluateLowSampleCountPercentile: in.EvaluateLowSampleCountPercentile, Metrics: in.Metrics, TreatMissingData: in.TreatMissingData, Unit: in.Unit,
			StateValue: types.StateValueInsufficientData, StateReason: aws.String("Unchecked: Initial alarm creation"),
		}
		if old := t.alarm(*in.AlarmName); old != nil { // replaced as a whole, but for its tags
			old.V = v
			return &cloudwatch.PutMetricAlarmOutput{}, nil
		}
		t.cloudwatch().Alarms.add(&cwAlarm{V: v, Tags: in.Tags, Lag: t.opts.Lag})
		return &cloudwatch.PutMetricAlarmOutput{}, nil
	})
	op(a, cloudwatch.ServiceID, func(t *tx, in *cloudwatch.DescribeAlarmsInput) (*cloudwatch.DescribeAlarmsOutput, error) {
		if in.AlarmNamePrefix != nil && len(in.AlarmNames) > 0 {
			return nil, badAlarm("AlarmNamePrefix and AlarmNames are mutually exclusive")
		}
		if n := in.MaxRecords; n != nil && (*n < 1 || *n > 100) {
			return nil, badAlarm("MaxRecords is 1 to 100")
		}
		part, next, err := list(t, t.cloudwatch().Alarms, in.NextToken, func(alarm *cwAlarm) (types.MetricAlarm, bool) {
			name := *alarm.V.AlarmName
			return alarm.V, strings.HasPrefix(name, aws.ToString(in.AlarmNamePrefix)) && (len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, name))
		})
		return &cloudwatch.DescribeAlarmsOutput{MetricAlarms: part, NextToken: next}, err
	})
	op(a, cloudwatch.ServiceID, func(t *tx, in *cloudwatch.DeleteAlarmsInput) (*cloudwatch.DeleteAlarmsOutput, error) {
		if len(in.AlarmNames) > 100 {
			return nil, badAlarm("100 alarms at most")
		}
		for _, name := range in.AlarmNames {
			if t.alarm(name) == nil { // and none of the others is deleted
				return nil, httpError(http.StatusNotFound, "ResourceNotFound", fmt.Sprintf("Alarm %s does not exist", name))
			}
		}
		t.cloudwatch().Alarms.dropAll(func(x *cwAlarm) bool { return slices.Contains(in.AlarmNames, *x.V.AlarmName) })
		return &cloudwatch.DeleteAlarmsOutput{}, nil
	})
	tags := tagsOn(on(a, cloudwatch.ServiceID, (*tx).taggedAlarm), alarmTags, func(alarm *cwAlarm) *[]types.Tag { return &alarm.Tags })
	opListTags(tags, func(in *cloudwatch.ListTagsForResourceInput) *string { return in.ResourceARN }, func(out *cloudwatch.ListTagsForResourceOutput, tags []types.Tag) { out.Tags = tags })
	opTag[cloudwatch.TagResourceOutput](tags, func(in *cloudwatch.TagResourceInput) (*string, []types.Tag) { return in.ResourceARN, in.Tags })
	opUntag[cloudwatch.UntagResourceOutput](tags, func(in *cloudwatch.UntagResourceInput) (*string, []string) { return in.ResourceARN, in.TagKeys })
	tagged(a, cloudwatch.ServiceID, alarmTags, func(t *tx) []*cwAlarm { return t.cloudwatch().Alarms }, func(_ *tx, alarm *cwAlarm) (string, []types.Tag) { return *alarm.V.AlarmArn, alarm.Tags })
	missing := func(name string) error {
		return httpError(http.StatusNotFound, "ResourceNotFound", fmt.Sprintf("Dashboard %s does not exist", name))
	}
	op(a, cloudwatch.ServiceID, func(t *tx, in *cloudwatch.PutDashboardInput) (*cloudwatch.PutDashboardOutput, error) {
		name, body := aws.ToString(in.DashboardName), aws.ToString(in.DashboardBody)
		var v struct {
			Widgets []struct{ Type string }
		}
		if !dashboardName.MatchString(name) || json.Unmarshal([]byte(body), &v) != nil {
			return nil, apiError("InvalidParameterInput", "The dashboard's name or body is invalid")
		}
		for _, w := range v.Widgets {
			if !slices.Contains([]string{"metric", "text", "log", "alarm", "explorer"}, w.Type) {
				return nil, apiError("InvalidParameterInput", "Should be a widget type: %s", w.Type)
			}
		}
		if len(v.Widgets) > 500 {
			return nil, apiError("InvalidParameterInput", "A dashboard has 500 widgets at most")
		}
		t.dashboards()[name] = body
		return &cloudwatch.PutDashboardOutput{}, nil
	})
	op(a, cloudwatch.ServiceID, func(t *tx, in *cloudwatch.GetDashboardInput) (*cloudwatch.GetDashboardOutput, error) {
		name := aws.ToString(in.DashboardName)
		body, there := t.dashboards()[name]
		if !there {
			return nil, missing(name)
		}
		return &cloudwatch.GetDashboardOutput{
			DashboardName: &name, DashboardBody: &body, DashboardArn: aws.String("arn:aws:cloudwatch::" + t.opts.ID + ":dashboard/" + name),
		}, nil
	})
	op(a, cloudwatch.ServiceID, func(t *tx, in *cloudwatch.DeleteDashboardsInput) (*cloudwatch.DeleteDashboardsOutput, error) {
		for _, name := range in.DashboardNames {
			if _, there := t.dashboards()[name]; !there { // and none of the others is deleted
				return nil, missing(name)
			}
		}
		for _, name := range in.DashboardNames {
			delete(t.dashboards(), name)
		}
		return &cloudwatch.DeleteDashboardsOutput{}, nil
	})
}
