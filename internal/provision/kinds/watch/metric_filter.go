package watch

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Metric filters count what is written to the trail's log group. They take no tags, so they are
// a part of it.

// metricFilters are all filters of the trail's group: another one could count into the same metric.
var metricFilters = provision.Field[wantLogGroup, *logGroup]{
	Name: "metric filters",
	Want: func(s *provision.Step, _ wantLogGroup) string {
		if s.Level != provision.AccountLevel {
			return provision.Keep
		}
		return kit.LinesOf(wantFilters(s.Scope), filterText)
	},
	Have: func(g *logGroup) string { return kit.LinesOf(g.filters, filterText) },
	Set: func(ctx context.Context, s *provision.Step, _ wantLogGroup, g *logGroup) error {
		want := wantFilters(s.Scope)
		for _, f := range want {
			if slices.ContainsFunc(g.filters, func(have logstypes.MetricFilter) bool { return filterText(have) == filterText(f) }) {
				continue
			}
			in := &cloudwatchlogs.PutMetricFilterInput{LogGroupName: g.LogGroupName, FilterName: f.FilterName, FilterPattern: f.FilterPattern, MetricTransformations: f.MetricTransformations}
			if err := kit.Do(ctx, s.API.Logs.PutMetricFilter, in); err != nil {
				return err
			}
		}
		extra := slices.DeleteFunc(slices.Clone(g.filters), func(have logstypes.MetricFilter) bool {
			return slices.ContainsFunc(want, func(f logstypes.MetricFilter) bool {
				return aws.ToString(f.FilterName) == aws.ToString(have.FilterName)
			})
		})
		return kit.Drop(extra, func(f logstypes.MetricFilter) error {
			return kit.Do(ctx, s.API.Logs.DeleteMetricFilter, &cloudwatchlogs.DeleteMetricFilterInput{LogGroupName: g.LogGroupName, FilterName: f.FilterName})
		})
	},
}

// wantFilters are the rules', or none where the trail is no longer watched.
func wantFilters(s *provision.Scope) []logstypes.MetricFilter {
	if !kit.WatchesTrail(s) {
		return nil
	}
	var out []logstypes.MetricFilter
	for _, w := range rules.TrailWatches() {
		out = append(out, logstypes.MetricFilter{FilterName: &w.Role, FilterPattern: &w.Pattern, MetricTransformations: []logstypes.MetricTransformation{
			{MetricNamespace: aws.String(rules.TrailMetrics), MetricName: &w.Role, MetricValue: aws.String("1")},
		}})
	}
	return out
}

// filterText is what a filter counts, and where to.
func filterText(f logstypes.MetricFilter) string {
	text := aws.ToString(f.FilterName) + ": " + aws.ToString(f.FilterPattern)
	for _, m := range f.MetricTransformations {
		text += " counts " + aws.ToString(m.MetricValue) + " in " + aws.ToString(m.MetricNamespace) + " " + aws.ToString(m.MetricName)
	}
	return text
}

// describeLogGroup reads the filters of the trail's group; no other has any of ours.
func describeLogGroup(ctx context.Context, w *provision.Sweep, g *logGroup) error {
	if aws.ToString(g.LogGroupName) != rules.TrailLogGroupName {
		return nil
	}
	var err error
	p := cloudwatchlogs.NewDescribeMetricFiltersPaginator(w.Logs, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: g.LogGroupName})
	g.filters, err = kit.All(ctx, p, func(o *cloudwatchlogs.DescribeMetricFiltersOutput) []logstypes.MetricFilter { return o.MetricFilters })
	return err
}
