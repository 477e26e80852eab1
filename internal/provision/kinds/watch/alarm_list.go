package watch

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// listAlarms lists the alarms with names like the clients', and like the account's where the look
// is about that.
func listAlarms(ctx context.Context, w *provision.Sweep) ([]*alarm, error) {
	prefixes := []string{""}
	if len(w.Clients) == 1 {
		prefixes = []string{rules.AlarmName(w.Clients[0], "")}
		if slices.ContainsFunc(w.Scopes, func(s *provision.Scope) bool { return s.Level == provision.AccountLevel }) {
			prefixes = append(prefixes, rules.AlarmName(rules.TrailAlarmsOwner, ""))
		}
	}
	begins := func(name string) bool {
		return len(w.Clients) == 0 || slices.ContainsFunc(append(slices.Clone(w.Clients), rules.TrailAlarmsOwner), func(client string) bool { return strings.HasPrefix(name, rules.AlarmName(client, "")) })
	}
	var all []*alarm
	for _, prefix := range prefixes {
		in := &cloudwatch.DescribeAlarmsInput{AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm}, MaxRecords: aws.Int32(100)}
		if prefix != "" {
			in.AlarmNamePrefix = &prefix
		}
		p := cloudwatch.NewDescribeAlarmsPaginator(w.CloudWatch, in)
		some, err := kit.ListAs(ctx, p, func(o *cloudwatch.DescribeAlarmsOutput) []cwtypes.MetricAlarm { return o.MetricAlarms }, func(a cwtypes.MetricAlarm) *alarm {
			if !begins(aws.ToString(a.AlarmName)) {
				return nil
			}
			return &alarm{MetricAlarm: a}
		})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, kit.ReadTags(ctx, w, all, func(ctx context.Context, a *alarm) (provision.Tags, error) {
		in := &cloudwatch.ListTagsForResourceInput{ResourceARN: a.AlarmArn}
		return kit.Get(ctx, w.CloudWatch.ListTagsForResource, in, func(o *cloudwatch.ListTagsForResourceOutput) provision.Tags { return cloudWatchTags.Of(o.Tags) })
	})
}
