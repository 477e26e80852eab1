package watch

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Alarms as CloudWatch takes and describes them, and the canonical texts of their parts.

// alarmInput is the whole alarm, as AWS takes it. Who hears that something is wrong
// hears that it is over, too.
func alarmInput(s *provision.Step, d *rules.Alarm) *cloudwatch.PutMetricAlarmInput {
	hears := []string{s.ARN("sns", s.ID("sns/topic", alarmsRole))}
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName:          aws.String(rules.AlarmName(alarmsOwner(s.Scope), d.Role)),
		AlarmDescription:   aws.String("[" + string(d.Severity) + "] " + cmp.Or(s.Client, "account "+s.Account) + ": " + d.What + ". To do: " + d.Todo + ". " + alarmMark),
		ComparisonOperator: cwtypes.ComparisonOperator(d.Over), Threshold: &d.Threshold, EvaluationPeriods: &d.Periods, DatapointsToAlarm: &d.Periods,
		TreatMissingData: aws.String(string(d.Missing)), ActionsEnabled: aws.Bool(true), AlarmActions: hears, OKActions: hears,
	}
	if d.Missing == rules.MustBeTold {
		in.TreatMissingData, in.InsufficientDataActions = aws.String(string(rules.MeansNothing)), hears
	}
	of := metricOf(s, &d.Metric)
	if with, formula := d.Less, "whole - part"; with != nil || d.Or != nil {
		names := []string{"whole", "part"}
		if with == nil {
			with, formula, names = d.Or, "MAX([one, other])", []string{"one", "other"}
		}
		query := func(id string, metric *cwtypes.Metric, stat string) cwtypes.MetricDataQuery {
			return cwtypes.MetricDataQuery{Id: &id, ReturnData: aws.Bool(false), MetricStat: &cwtypes.MetricStat{Metric: metric, Period: &d.Period, Stat: &stat}}
		}
		in.Metrics = []cwtypes.MetricDataQuery{
			{Id: aws.String(formulaName(d)), Expression: &formula, ReturnData: aws.Bool(true)},
			query(names[0], of, d.Metric.Stat), query(names[1], metricOf(s, with), with.Stat),
		}
		return in
	}
	in.Namespace, in.MetricName, in.Dimensions, in.Period = of.Namespace, of.MetricName, of.Dimensions, &d.Period
	if strings.HasPrefix(d.Metric.Stat, "p") {
		// A percentile of a few requests says nothing of users in general.
		in.ExtendedStatistic, in.EvaluateLowSampleCountPercentile = &d.Metric.Stat, aws.String("ignore")
	} else {
		in.Statistic = cwtypes.Statistic(d.Metric.Stat)
	}
	return in
}

// formulaName is what the result of an alarm's formula is called.
func formulaName(d *rules.Alarm) string {
	if d.Less != nil {
		return "difference"
	}
	return "greater"
}

func metricOf(s *provision.Step, m *rules.Metric) *cwtypes.Metric {
	out := &cwtypes.Metric{Namespace: &m.Namespace, MetricName: &m.Name, Dimensions: make([]cwtypes.Dimension, len(m.Dimensions))}
	for i := range m.Dimensions {
		d := &m.Dimensions[i]
		value := &d.Value
		if d.Kind != "" {
			value = aws.String(dimension(s.ID(d.Kind, d.Role)))
		}
		out.Dimensions[i] = cwtypes.Dimension{Name: &d.Name, Value: value}
	}
	return out
}

// dimension is what CloudWatch calls a resource: load balancers and target groups by
// the end of their ARNs, "app/acme-web/50dc6c495c0c9188", others by their IDs.
func dimension(id string) string {
	if parts := strings.SplitN(id, ":", 6); len(parts) == 6 {
		return strings.TrimPrefix(parts[5], "loadbalancer/")
	}
	return id
}

// wantAlarm is the alarm as AWS would describe it.
func wantAlarm(s *provision.Step, d *rules.Alarm) *cwtypes.MetricAlarm {
	return asAlarm(alarmInput(s, d))
}

// asAlarm is what AWS describes of an alarm that was put.
func asAlarm(in *cloudwatch.PutMetricAlarmInput) *cwtypes.MetricAlarm {
	return &cwtypes.MetricAlarm{
		AlarmName: in.AlarmName, AlarmDescription: in.AlarmDescription, ActionsEnabled: in.ActionsEnabled,
		AlarmActions: in.AlarmActions, OKActions: in.OKActions, InsufficientDataActions: in.InsufficientDataActions,
		ComparisonOperator: in.ComparisonOperator, Threshold: in.Threshold, EvaluationPeriods: in.EvaluationPeriods, DatapointsToAlarm: in.DatapointsToAlarm,
		Namespace: in.Namespace, MetricName: in.MetricName, Dimensions: in.Dimensions, Period: in.Period, Statistic: in.Statistic,
		ExtendedStatistic: in.ExtendedStatistic, EvaluateLowSampleCountPercentile: in.EvaluateLowSampleCountPercentile, Metrics: in.Metrics,
		TreatMissingData: in.TreatMissingData, Unit: in.Unit,
	}
}

// metricText says what is measured: one metric, or several and what is made of them.
func metricText(a *cwtypes.MetricAlarm) string {
	one := func(namespace, name *string, dimensions []cwtypes.Dimension, stat string, period *int32) string {
		of := kit.Texts(dimensions, func(d cwtypes.Dimension) string { return aws.ToString(d.Name) + " " + aws.ToString(d.Value) })
		slices.Sort(of)
		return aws.ToString(namespace) + " " + aws.ToString(name) + " " + stat + " of " + kit.Number(period) + " s: " + strings.Join(of, ", ")
	}
	if len(a.Metrics) == 0 {
		text := one(a.Namespace, a.MetricName, a.Dimensions, string(a.Statistic)+aws.ToString(a.ExtendedStatistic), a.Period)
		if few := aws.ToString(a.EvaluateLowSampleCountPercentile); few != "" {
			text += ", few samples: " + few
		}
		if a.Unit != "" {
			text += ", unit " + string(a.Unit)
		}
		return text
	}
	return kit.LinesOf(a.Metrics, func(q cwtypes.MetricDataQuery) string {
		text := aws.ToString(q.Id) + " = " + aws.ToString(q.Expression)
		if q.MetricStat != nil && q.MetricStat.Metric != nil {
			m := q.MetricStat.Metric
			text += one(m.Namespace, m.MetricName, m.Dimensions, aws.ToString(q.MetricStat.Stat), q.MetricStat.Period)
		}
		if q.ReturnData == nil || *q.ReturnData {
			text += ", watched"
		}
		return text
	})
}

func actionsText(a *cwtypes.MetricAlarm) string {
	prefixed := func(prefix string, arns []string) []string { return kit.Prefixed(prefix, slices.Clone(arns)) }
	return kit.Lines(slices.Concat(prefixed("alarm: ", a.AlarmActions), prefixed("ok: ", a.OKActions), prefixed("no data: ", a.InsufficientDataActions)))
}

// comparisonSigns are the comparisons that the rules make.
var comparisonSigns = map[rules.Comparison]string{rules.AtLeast: ">=", rules.Above: ">", rules.Below: "<"}

func thresholdText(a *cwtypes.MetricAlarm) string {
	operator := cmp.Or(comparisonSigns[rules.Comparison(a.ComparisonOperator)], string(a.ComparisonOperator))
	points := cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods)
	return operator + " " + strconv.FormatFloat(aws.ToFloat64(a.Threshold), 'f', -1, 64) + " in " + kit.Number(points) + " of " + kit.Number(a.EvaluationPeriods) + " periods"
}
