package conformance

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// The account's trail is watched: each of Security Hub's filter patterns counts into a metric that
// an alarm of the same name watches. Switched off, nothing is written or counted any more, and the
// trail stays.
func TestTheTrailIsWatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50}), small(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, s)
		api := r.Factory.Set(region)
		written := func() string {
			t.Helper()
			out, err := api.CloudTrail.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
			if err != nil || len(out.TrailList) != 1 {
				t.Fatalf("%v, trails %+v", err, out)
			}
			return aws.ToString(out.TrailList[0].CloudWatchLogsLogGroupArn) + " " + aws.ToString(out.TrailList[0].CloudWatchLogsRoleArn)
		}
		if got, want := written(), "arn:aws:logs:eu-west-3:123456789012:log-group:/cicdctl/shared/trail:* arn:aws:iam::123456789012:role/cicdctl-trail"; got != want {
			t.Errorf("the trail is written to %q, want %q", got, want)
		}
		filters, err := api.Logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String(rules.TrailLogGroupName)})
		if err != nil {
			t.Fatal(err)
		}
		alarms := func() map[string]string {
			t.Helper()
			out, err := api.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("cicdctl-trail-")})
			if err != nil {
				t.Fatal(err)
			}
			watched := map[string]string{}
			for _, a := range out.MetricAlarms {
				watched[aws.ToString(a.Namespace)+" "+aws.ToString(a.MetricName)] = a.AlarmActions[0]
			}
			return watched
		}
		watched := alarms()
		if len(filters.MetricFilters) != 14 || len(watched) != 14 {
			t.Errorf("%d filters and %d alarms, want 14 of each", len(filters.MetricFilters), len(watched))
		}
		for _, f := range filters.MetricFilters {
			m := f.MetricTransformations[0]
			if got := watched[*m.MetricNamespace+" "+*m.MetricName]; got != "arn:aws:sns:eu-west-3:123456789012:cicdctl-trail-alarms" {
				t.Errorf("the alarm on %s tells %q", *f.FilterName, got)
			}
		}
		// By hand it is taken out of CloudWatch Logs: one difference, that the next run mends.
		const field = "cloudtrail/trail CloudWatch Logs"
		if err := hands[field](ctx, api); err != nil {
			t.Fatal(err)
		}
		if got := fieldsOf(plan(ctx, t, r.Operator, s)); !slices.Equal(got, []string{field}) {
			t.Errorf("taken out by hand, a plan shows %v", got)
		}
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, s)
		off := operator(t, r.account, cloud.Config{NoTrailAlarms: true})
		if err := create(ctx, off, s); err != nil {
			t.Fatal(err)
		}
		if p := plan(ctx, t, off, s); !p.Settled() {
			t.Errorf("once switched off: %+v", p.Changes())
		}
		if got := written(); got != " " {
			t.Errorf("once switched off, the trail is written to %q", got)
		}
		filters, err = api.Logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String(rules.TrailLogGroupName)})
		if err != nil || len(filters.MetricFilters) != 0 {
			t.Errorf("once switched off, %d filters count: %v", len(filters.MetricFilters), err)
		}
		// What watched it stays with that, and goes when somebody says so. Nothing else does.
		if got := len(alarms()); got != 14 {
			t.Errorf("once switched off, %d alarms are left", got)
		}
		for _, want := range [][]string{
			append(slices.Repeat([]string{"delete cloudwatch/alarm"}, 14), "delete iam/role", "delete sns/topic"), nil,
		} {
			run, err := off.TidyAccount(ctx)
			if err != nil {
				t.Fatal(err)
			}
			p, err := run.Plan(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range p.Changes() {
				got = append(got, string(c.Op)+" "+c.Kind)
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("tidying up is to do %q, want %q", got, want)
			}
			if _, err := run.Apply(ctx, p, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(alarms()); got != 0 {
			t.Errorf("%d alarms are left", got)
		}
		if p := plan(ctx, t, off, s); !p.Settled() {
			t.Errorf("once tidied up: %+v", p.Changes())
		}
		if _, err := r.TidyAccount(ctx); err == nil {
			t.Error("what the configuration asks for is taken away")
		}
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, s)
	})
}
