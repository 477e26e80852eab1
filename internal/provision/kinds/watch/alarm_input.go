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
	whose := s.Client
	if whose == "" {
		whose = "AWS " + s.Account
	}
	made := &struct { // in one piece: there are thousands of alarms
		in                                       cloudwatch.PutMetricAlarmInput
		name, description, missing, few, formula string
		on                                       bool
	}{
		name:        rules.AlarmName(alarmsOwner(s.Scope), d.Role),
		description: d.Description(whose),
		missing:     string(d.Missing), few: "ignore", on: true,
	}
	hears := []string{s.ARN("sns", s.ID("sns/topic", alarmsRole))}
	in := &made.in
	in.AlarmName, in.AlarmDescription, in.TreatMissingData, in.ActionsEnabled = &made.name, &made.description, &made.missing, &made.on
	in.ComparisonOperator, in.Threshold, in.EvaluationPeriods, in.DatapointsToAlarm = cwtypes.ComparisonOperator(d.Over), &d.Threshold, &d.Periods, &d.Periods
	in.AlarmActions, in.OKActions = hears, hears
	if d.Missing == rules.MustBeTold {
		made.missing, in.InsufficientDataActions = string(rules.MeansNothing), hears
	}
	of := metricOf(s, &d.Metric)
	if with := d.Less; with != nil || d.Or != nil {
		names := []string{"whole", "part"}
		if made.formula = "whole - part"; with == nil {
			with, names = d.Or, []string{"one", "other"}
			made.formula = "MAX([one, other])"
		}
		query := func(id string, metric *cwtypes.Metric, stat string) cwtypes.MetricDataQuery {
			return cwtypes.MetricDataQuery{Id: &id, ReturnData: aws.Bool(false), MetricStat: &cwtypes.MetricStat{Metric: metric, Period: &d.Period, Stat: &stat}}
		}
		in.Metrics = []cwtypes.MetricDataQuery{
			{Id: aws.String(formulaName(d)), Expression: &made.formula, ReturnData: aws.Bool(true)},
			query(names[0], of, d.Metric.Stat), query(names[1], metricOf(s, with), with.Stat),
		}
		return in
	}
	in.Namespace, in.MetricName, in.Dimensions, in.Period = of.Namespace, of.MetricName, of.Dimensions, &d.Period
	if strings.HasPrefix(d.Metric.Stat, "p") {
		// A percentile of a few requests says nothing of users in general.
		in.ExtendedStatistic, in.EvaluateLowSampleCountPercentile = &d.Metric.Stat, &made.few
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
	made := &struct { // in one piece, with room for most
		of         cwtypes.Metric
		dimensions [2]cwtypes.Dimension
		values     [2]string
	}{of: cwtypes.Metric{Namespace: &m.Namespace, MetricName: &m.Name}}
	made.of.Dimensions = made.dimensions[:0]
	values := made.values[:]
	if len(m.Dimensions) > len(values) {
		values = make([]string, len(m.Dimensions))
	}
	for i := range m.Dimensions {
		d := &m.Dimensions[i]
		if values[i] = d.Value; d.Kind != "" {
			values[i] = dimension(s.ID(d.Kind, d.Role))
		}
		made.of.Dimensions = append(made.of.Dimensions, cwtypes.Dimension{Name: &d.Name, Value: &values[i]})
	}
	return &made.of
}

// dimension is what CloudWatch calls a resource: load balancers and target groups by
// the end of their ARNs, "app/acme-web/50dc6c495c0c9188", others by their IDs.
func dimension(id string) string {
	rest := id
	for range 5 { // "arn", partition, service, region, account
		_, after, found := strings.Cut(rest, ":")
		if !found {
			return id
		}
		rest = after
	}
	return strings.TrimPrefix(rest, "loadbalancer/")
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
		var order [4]int
		sorted := order[:0]
		for i := range dimensions {
			sorted = append(sorted, i)
		}
		text := func(i int) [2]string {
			return [2]string{aws.ToString(dimensions[i].Name), aws.ToString(dimensions[i].Value)}
		}
		slices.SortFunc(sorted, func(a, b int) int {
			x, y := text(a), text(b)
			return cmp.Or(strings.Compare(x[0], y[0]), strings.Compare(x[1], y[1]))
		})
		var room [256]byte
		b := append(room[:0], aws.ToString(namespace)...)
		b = append(append(b, ' '), aws.ToString(name)...)
		b = append(append(append(b, ' '), stat...), " of "...)
		b = append(strconv.AppendInt(b, int64(aws.ToInt32(period)), 10), " s: "...)
		for n, i := range sorted {
			if n > 0 {
				b = append(b, ", "...)
			}
			of := text(i)
			b = append(append(append(b, of[0]...), ' '), of[1]...)
		}
		return string(b)
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
	var b strings.Builder
	for _, on := range []struct { // in the order of their lines
		what string
		arns []string
	}{{"alarm: ", a.AlarmActions}, {"no data: ", a.InsufficientDataActions}, {"ok: ", a.OKActions}} {
		arns := on.arns
		if len(arns) > 1 {
			arns = slices.Compact(slices.Sorted(slices.Values(arns)))
		}
		for _, arn := range arns {
			if b.Len() == 0 {
				b.Grow(len(arn)*3 + 24) // mostly one topic for all
			} else {
				b.WriteByte('\n')
			}
			b.WriteString(on.what)
			b.WriteString(arn)
		}
	}
	return b.String()
}

// comparisonSigns are the comparisons that the rules make.
var comparisonSigns = map[rules.Comparison]string{rules.AtLeast: ">=", rules.Above: ">", rules.Below: "<"}

func thresholdText(a *cwtypes.MetricAlarm) string {
	operator := cmp.Or(comparisonSigns[rules.Comparison(a.ComparisonOperator)], string(a.ComparisonOperator))
	points := cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods)
	var room [64]byte
	b := append(append(room[:0], operator...), ' ')
	b = append(strconv.AppendFloat(b, aws.ToFloat64(a.Threshold), 'f', -1, 64), " in "...)
	b = append(strconv.AppendInt(b, int64(aws.ToInt32(points)), 10), " of "...)
	return string(append(strconv.AppendInt(b, int64(aws.ToInt32(a.EvaluationPeriods)), 10), " periods"...))
}
