package watch

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// An alarm is billed for each metric that it is about, wanted or there.
func TestAlarmsAreBilledByTheirMetrics(t *testing.T) {
	t.Parallel()
	stat := func(id string, period int32) cwtypes.MetricDataQuery {
		return cwtypes.MetricDataQuery{Id: &id, MetricStat: &cwtypes.MetricStat{Period: &period}}
	}
	there := func(a cwtypes.MetricAlarm) **alarm {
		have := &alarm{MetricAlarm: a}
		return &have
	}
	wanted := func(a rules.Alarm) **rules.Alarm {
		want := &a
		return &want
	}
	other := &rules.Metric{}
	for what, c := range map[string]struct {
		want            **rules.Alarm
		have            **alarm
		quantity, usage string
	}{
		"one metric that is wanted":  {wanted(rules.Alarm{Period: 300}), nil, "1", "CW:AlarmMonitorUsage"},
		"the difference of two":      {wanted(rules.Alarm{Period: 300, Less: other}), nil, "2", "CW:AlarmMonitorUsage"},
		"one or the other":           {wanted(rules.Alarm{Period: 60, Or: other}), nil, "2", "CW:AlarmMonitorUsage"},
		"one metric that is there":   {nil, there(cwtypes.MetricAlarm{Period: aws.Int32(300)}), "1", "CW:AlarmMonitorUsage"},
		"an expression of two":       {nil, there(cwtypes.MetricAlarm{Metrics: []cwtypes.MetricDataQuery{{Expression: aws.String("a-b")}, stat("a", 60), stat("b", 60)}}), "2", "CW:AlarmMonitorUsage"},
		"one of high resolution":     {nil, there(cwtypes.MetricAlarm{Period: aws.Int32(10)}), "1", "CW:HighResAlarmMonitorUsage"},
		"what is wanted comes first": {wanted(rules.Alarm{Period: 60, Less: other}), there(cwtypes.MetricAlarm{Period: aws.Int32(60)}), "2", "CW:AlarmMonitorUsage"},
	} {
		items := billAlarm(&provision.Bill{}, c.want, c.have)
		if len(items) != 1 || items[0].Quantity.String() != c.quantity || items[0].Product.Usage != c.usage {
			t.Errorf("%s: %+v", what, items)
		}
	}
}
