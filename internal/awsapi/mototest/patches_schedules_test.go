package mototest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestScheduleGroups(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	client, ctx := scheduler.NewFromConfig(config), t.Context()
	group := &scheduler.CreateScheduleGroupInput{Name: aws.String("g"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}
	arn := must[*scheduler.CreateScheduleGroupOutput](t)(client.CreateScheduleGroup(ctx, group)).ScheduleGroupArn
	schedule := func(group string) error {
		_, err := client.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
			GroupName: &group, Name: aws.String("s"), ScheduleExpression: aws.String("rate(1 hour)"),
			FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
			Target:             &types.Target{Arn: aws.String("arn:aws:scheduler:::aws-sdk:rds:startExportTask"), RoleArn: aws.String("arn:aws:iam::" + id + ":role/r")},
		})
		return err
	}
	if err := schedule("g"); err != nil {
		t.Fatal(err)
	}
	_, twice := client.CreateScheduleGroup(ctx, group)
	_, listed := client.ListSchedules(ctx, &scheduler.ListSchedulesInput{GroupName: aws.String("none")})
	_, deleted := client.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: aws.String("none")})
	_, standing := client.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: aws.String("default")})
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a group twice":                    {twice, "ConflictException"},
		"a schedule twice":                 {schedule("g"), "ConflictException"},
		"a schedule in an unknown group":   {schedule("none"), "ResourceNotFoundException"},
		"the schedules of an unknown one":  {listed, "ResourceNotFoundException"},
		"the end of an unknown one":        {deleted, "ResourceNotFoundException"},
		"the end of the account's own one": {standing, "ValidationException"},
	} {
		if got := codeOf(c.err); got != c.want {
			t.Errorf("%s: %v, want code %s", name, c.err, c.want)
		}
	}
	meant(t, id, "scheduler:CreateSchedule GroupName", "scheduler:CreateSchedule Target.RoleArn")
	must[*scheduler.DeleteScheduleGroupOutput](t)(client.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: aws.String("g")}))
	must[*scheduler.CreateScheduleGroupOutput](t)(client.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: aws.String("g")}))
	if tags := must[*scheduler.ListTagsForResourceOutput](t)(client.ListTagsForResource(ctx, &scheduler.ListTagsForResourceInput{ResourceArn: arn})).Tags; len(tags) > 0 {
		t.Errorf("a new group has the old one's tags %v", tags)
	}
	calls := Start(t).Calls(t, id)
	if calls["scheduler:CreateScheduleGroup"] != 3 || calls["scheduler:ListSchedules"] != 1 || calls["scheduler:ListTagsForResource"] != 1 {
		t.Errorf("the operations are counted as %v", calls)
	}
}

func TestQueueKeepsItsPolicy(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client, ctx := sqs.NewFromConfig(config), t.Context()
	const policy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}`
	url := must[*sqs.CreateQueueOutput](t)(client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{"Policy": policy}})).QueueUrl
	must[*sqs.SetQueueAttributesOutput](t)(client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"MessageRetentionPeriod": "60"}}))
	got := must[*sqs.GetQueueAttributesOutput](t)(client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll}})).Attributes
	if got["Policy"] != policy || got["MessageRetentionPeriod"] != "60" {
		t.Errorf("got %v", got)
	}
}
