package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

// TestMonitoringHealsOverHTTP changes by hand what watches a client.
func TestMonitoringHealsOverHTTP(t *testing.T) {
	t.Parallel()
	w, ctx := overHTTP(t), t.Context()
	if err := create(ctx, w.Operator, onMoto(t)); err != nil {
		t.Fatal(err)
	}
	api := w.Factory.Set(region)
	topic := aws.String("arn:aws:sns:" + region + ":" + w.id + ":acme-alarms")
	for field, change := range map[string]func() error{
		"cloudwatch/alarm threshold": func() error {
			found, err := api.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"acme-database-cpu"}})
			if err != nil {
				return err
			}
			a := found.MetricAlarms[0]
			_, err = api.CloudWatch.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
				AlarmName: a.AlarmName, AlarmDescription: a.AlarmDescription, AlarmActions: a.AlarmActions, OKActions: a.OKActions, InsufficientDataActions: a.InsufficientDataActions,
				ComparisonOperator: a.ComparisonOperator, Threshold: aws.Float64(101), EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm,
				Namespace: a.Namespace, MetricName: a.MetricName, Dimensions: a.Dimensions, Period: a.Period, Statistic: a.Statistic, TreatMissingData: a.TreatMissingData,
			})
			return err
		},
		"cloudtrail/trail logging": func() error {
			_, err := api.CloudTrail.(*cloudtrail.Client).StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String(rules.TrailName)})
			return err
		},
		"cloudtrail/trail management events": func() error {
			_, err := api.CloudTrail.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: aws.String(rules.TrailName), EventSelectors: []trailtypes.EventSelector{
				{ReadWriteType: trailtypes.ReadWriteTypeReadOnly, IncludeManagementEvents: aws.Bool(true)},
			}})
			return err
		},
		"sns/topic e-mail addresses": func() error {
			_, err := api.SNS.Subscribe(ctx, &sns.SubscribeInput{TopicArn: topic, Protocol: aws.String("email"), Endpoint: aws.String("other@acme.example"), ReturnSubscriptionArn: true})
			return err
		},
		"sns/topic policy": func() error {
			_, err := api.SNS.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicArn: topic, AttributeName: aws.String("Policy"), AttributeValue: aws.String(nothing)})
			return err
		},
		"sns/topic dashboard": func() error {
			_, err := api.CloudWatch.DeleteDashboards(ctx, &cloudwatch.DeleteDashboardsInput{DashboardNames: []string{"acme-" + region}})
			return err
		},
	} {
		if err := change(); err != nil {
			t.Errorf("change %s by hand: %v", field, err)
			continue
		}
		if fields := fieldsOf(plan(ctx, t, w.Operator, onMoto(t))); !slices.Equal(fields, []string{field}) {
			t.Errorf("after a change of %s by hand a plan shows %v", field, fields)
		}
		if err := create(ctx, w.Operator, onMoto(t)); err != nil {
			t.Errorf("%s, changed by hand: %v", field, err)
		}
		w.wantNoChange(t, onMoto(t))
	}
	if err := destroy(ctx, w.Operator, "ACME", true); err != nil {
		t.Fatal(err)
	}
	left, err := api.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, alarm := range left.MetricAlarms {
		if !strings.HasPrefix(aws.ToString(alarm.AlarmName), rules.AlarmName(rules.TrailAlarmsOwner, "")) { // those are the account's
			t.Errorf("%s is left", aws.ToString(alarm.AlarmName))
		}
	}
}
