// Package watch holds the kinds of monitoring: alarms and who hears of them, log groups,
// dashboards, and the account's trail.
package watch

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// alarm is an alarm with its tags.
type alarm struct {
	cwtypes.MetricAlarm
	tags provision.Tags
}

func (a *alarm) ARN() string                 { return aws.ToString(a.AlarmArn) }
func (a *alarm) SetTags(tags provision.Tags) { a.tags = tags }

// Likely goes by what ends the description of every alarm that cicdctl makes. It proves nothing: it
// saves asking for the tags of alarms that others gave such names.
func (a *alarm) Likely() bool {
	return strings.HasSuffix(aws.ToString(a.AlarmDescription), rules.AlarmMark)
}

// Ringing is the alarm's state in CloudWatch's words, since when it has it, and whether it is kept
// from telling anybody.
func (a *alarm) Ringing() (state string, since *time.Time, silent bool) {
	return string(a.StateValue), a.StateUpdatedTimestamp, a.ActionsEnabled != nil && !*a.ActionsEnabled
}

// AlarmKind is what the rules say is to be watched. CloudWatch replaces an alarm as
// a whole, so whatever differs, all is put again; that does not touch its tags.
func AlarmKind() *provision.Type {
	name := func(a *alarm) string { return aws.ToString(a.AlarmName) }
	return provision.Define(provision.Kind[*rules.Alarm, *alarm]{
		Name:      "cloudwatch/alarm",
		ARN:       "cloudwatch:alarm:",
		Levels:    provision.AccountLevel | provision.ClientLevel,
		Billing:   provision.Billing[*rules.Alarm, *alarm]{Items: billAlarm},
		Impact:    provision.Impact[*alarm]{Stateless: true},
		DependsOn: provision.Existing("sns/topic", "elb/load-balancer", "elb/target-group", "ec2/nat-gateway", "ec2/vpn-connection", "ec2/client-vpn-endpoint"),
		Uses:      usedByAlarm,
		Want: func(s *provision.Scope) map[provision.Role]*rules.Alarm {
			wanted := wantedAlarms(s)
			out := make(map[provision.Role]*rules.Alarm, len(wanted))
			for i := range wanted {
				out[wanted[i].Role] = &wanted[i]
			}
			return out
		},
		List: listAlarms,
		ID:   name,
		Tags: func(a *alarm) provision.Tags { return a.tags },
		Naming: provision.Naming[*rules.Alarm, *alarm]{
			Key:   name,
			KeyOf: func(s *provision.Scope, d *rules.Alarm) string { return rules.AlarmName(alarmsOwner(s), d.Role) },
		},
		Create: func(ctx context.Context, s *provision.Step, d *rules.Alarm) (*alarm, error) {
			in := alarmInput(s, d)
			in.Tags = cloudWatchTags.To(s.Tags) // heeded for a new alarm only
			if err := kit.Do(ctx, s.API.CloudWatch.PutMetricAlarm, in); err != nil {
				return nil, err
			}
			made := &alarm{*asAlarm(in), s.Tags}
			made.AlarmArn = aws.String(s.ARN("cloudwatch", "alarm:"+name(made)))
			return made, nil
		},
		Update: func(ctx context.Context, s *provision.Step, d *rules.Alarm, _ *alarm, _ []string) error {
			return kit.Do(ctx, s.API.CloudWatch.PutMetricAlarm, alarmInput(s, d))
		},
		Delete: func(ctx context.Context, s *provision.Step, a *alarm) error {
			// Three calls a second are all that AWS allows, of a hundred alarms each.
			return provision.Together(ctx, s, "delete alarms", name(a), func(ctx context.Context, names []string) error {
				return kit.Each(slices.Collect(slices.Chunk(names, 100)), func(some []string) error {
					return kit.Do(ctx, s.API.CloudWatch.DeleteAlarms, &cloudwatch.DeleteAlarmsInput{AlarmNames: some})
				})
			})
		},
		Retag: func(ctx context.Context, s *provision.Step, a *alarm, tags provision.Tags) error {
			return kit.Do(ctx, s.API.CloudWatch.TagResource, &cloudwatch.TagResourceInput{ResourceARN: a.AlarmArn, Tags: cloudWatchTags.To(tags)})
		},
		Untag: func(ctx context.Context, s *provision.Step, a *alarm, keys []string) error {
			return kit.Do(ctx, s.API.CloudWatch.UntagResource, &cloudwatch.UntagResourceInput{ResourceARN: a.AlarmArn, TagKeys: keys})
		},
		Facts: func(a *alarm) []provision.Fact {
			if a.StateValue != cwtypes.StateValueAlarm {
				return nil
			}
			return []provision.Fact{{Name: "rings", Value: rules.AlarmTold(aws.ToString(a.AlarmDescription), lang.Current())}}
		},
		Fields: kit.Parts(wantAlarm, func(a *alarm) *cwtypes.MetricAlarm { return &a.MetricAlarm }, []kit.Part[*cwtypes.MetricAlarm]{
			{Name: "metric", Text: metricText},
			{Name: "threshold", Text: thresholdText},
			{Name: "missing data", Text: func(a *cwtypes.MetricAlarm) string { return aws.ToString(a.TreatMissingData) }},
			{Name: "actions", Text: actionsText},
			{Name: "actions enabled", Text: func(a *cwtypes.MetricAlarm) string { return kit.OnOff(a.ActionsEnabled == nil || *a.ActionsEnabled) }},
			{Name: "description", Text: func(a *cwtypes.MetricAlarm) string { return aws.ToString(a.AlarmDescription) }},
		}),
	})
}

// alarmsOwner is whose name alarms carry: the client's, or what stands for the account.
func alarmsOwner(s *provision.Scope) string {
	if s.Level == provision.AccountLevel {
		return rules.TrailAlarmsOwner
	}
	return s.Client
}

// wantedAlarms are the rules' for a client, whose way to the internet is the region's.
func wantedAlarms(s *provision.Scope) []rules.Alarm {
	if s.Level == provision.AccountLevel {
		if !kit.WatchesTrail(s) {
			return nil
		}
		return rules.TrailAlarms()
	}
	return rules.Alarms(s.Spec, slices.Sorted(maps.Keys(kit.NatRoles(s))))
}

// usedByAlarm says what an alarm names. CloudWatch takes three alarms a second: those of what is
// there early are put while the rest is being made.
func usedByAlarm(d *rules.Alarm, kind string, role provision.Role) bool {
	if kind == "sns/topic" {
		return role == alarmsRole
	}
	return slices.ContainsFunc([]*rules.Metric{&d.Metric, d.Less, d.Or}, func(m *rules.Metric) bool {
		return m != nil && slices.ContainsFunc(m.Dimensions, func(of rules.Dimension) bool { return of.Kind == kind && of.Role == role })
	})
}

// cloudWatchTags are tags as CloudWatch has them.
var cloudWatchTags = kit.TagCodec[cwtypes.Tag](func(t *cwtypes.Tag) (key, value **string) { return &t.Key, &t.Value })
