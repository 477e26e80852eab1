package sandbox_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func newSet(t *testing.T) *awsapi.Set {
	t.Helper()
	account, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	return factory.Set("eu-west-3")
}

func TestSchedulerRefuses(t *testing.T) {
	t.Parallel()
	set, ctx := newSet(t), t.Context()
	api := set.Scheduler
	trust := func(name, service, group string) *string {
		policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:scheduler:eu-west-3:123456789012:schedule-group/` + group + `"}}}]}`
		out, err := set.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &policy})
		if err != nil {
			t.Fatal(err)
		}
		return out.Role.Arn
	}
	role, theirs, others := trust("ours", "scheduler.amazonaws.com", "acme"), trust("theirs", "scheduler.amazonaws.com", "other"), trust("others", "ec2.amazonaws.com", "acme")
	if _, err := set.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("dead")}); err != nil {
		t.Fatal(err)
	}
	group := func(name string) error {
		_, err := api.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: &name})
		return err
	}
	schedule := func(change func(*scheduler.CreateScheduleInput)) error {
		in := &scheduler.CreateScheduleInput{
			GroupName: aws.String("acme"), Name: aws.String("s"), ScheduleExpression: aws.String("cron(0 2 1 * ? *)"), FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
			Target: &types.Target{
				Arn: aws.String("arn:aws:scheduler:::aws-sdk:rds:startExportTask"), RoleArn: role, Input: aws.String("{}"),
				DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:eu-west-3:123456789012:dead")}, RetryPolicy: &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(3)},
			},
		}
		change(in)
		_, err := api.CreateSchedule(ctx, in)
		return err
	}
	asIs := func(*scheduler.CreateScheduleInput) {}
	type in = *scheduler.CreateScheduleInput
	if err := group("acme"); err != nil {
		t.Fatal(err)
	}
	if err := schedule(asIs); !awsapi.Propagating(err) {
		t.Errorf("a role that IAM has just made: %v, want an error that passes", err)
	}
	for _, step := range []struct {
		what, want string
		err        error
	}{
		{"a group twice", "ConflictException", group("acme")},
		{"a group with a space", "ValidationException", group("a b")},
		{"an unknown group", "ResourceNotFoundException", schedule(func(s in) { s.GroupName = aws.String("none") })},
		{"a name with a space", "ValidationException", schedule(func(s in) { s.Name = aws.String("a b") })},
		{"five fields", "ValidationException", schedule(func(s in) { s.ScheduleExpression = aws.String("cron(0 2 1 * ?)") })},
		{"both sorts of days", "ValidationException", schedule(func(s in) { s.ScheduleExpression = aws.String("cron(0 2 1 * MON *)") })},
		{"a minute that there is not", "ValidationException", schedule(func(s in) { s.ScheduleExpression = aws.String("cron(60 2 1 * ? *)") })},
		{"a rate of nothing", "ValidationException", schedule(func(s in) { s.ScheduleExpression = aws.String("rate(0 days)") })},
		{"a zone that there is not", "ValidationException", schedule(func(s in) { s.ScheduleExpressionTimezone = aws.String("Europe/Atlantis") })},
		{"a window beside OFF", "ValidationException", schedule(func(s in) { s.FlexibleTimeWindow.MaximumWindowInMinutes = aws.Int32(5) })},
		{"186 attempts", "ValidationException", schedule(func(s in) { s.Target.RetryPolicy.MaximumRetryAttempts = aws.Int32(186) })},
		{"an action that reads", "ValidationException", schedule(func(s in) { s.Target.Arn = aws.String("arn:aws:scheduler:::aws-sdk:rds:describeDBClusters") })},
		{"an action that there is not", "ValidationException", schedule(func(s in) { s.Target.Arn = aws.String("arn:aws:scheduler:::aws-sdk:rds:startExport") })},
		{"an input that is no JSON", "ValidationException", schedule(func(s in) { s.Target.Input = aws.String("{") })},
		{"an unknown queue", "ValidationException", schedule(func(s in) { s.Target.DeadLetterConfig.Arn = aws.String("arn:aws:sqs:eu-west-3:123456789012:none") })},
		{"a role for another group", "ValidationException", schedule(func(s in) { s.Target.RoleArn = theirs })},
		{"a role for another group, heard of", "ValidationException", schedule(func(s in) { s.Target.RoleArn = theirs })},
		{"a role for another service", "ValidationException", schedule(func(s in) { s.Target.RoleArn = others })},
		{"a role for another service, heard of", "ValidationException", schedule(func(s in) { s.Target.RoleArn = others })},
		{"a schedule", "", schedule(asIs)},
		{"a schedule twice", "ConflictException", schedule(asIs)},
	} {
		if got := awsapi.Code(step.err); got != step.want {
			t.Errorf("%s: %v, want %q", step.what, step.err, step.want)
		}
	}
}

func TestWhatSchedulerForgets(t *testing.T) {
	t.Parallel()
	set, ctx := newSet(t), t.Context()
	api := set.Scheduler
	if _, err := api.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: aws.String("acme")}); err != nil {
		t.Fatal(err)
	}
	list := func() string {
		var out []string
		for p := scheduler.NewListScheduleGroupsPaginator(api, &scheduler.ListScheduleGroupsInput{}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range page.ScheduleGroups {
				out = append(out, *g.Name+" "+string(g.State))
			}
		}
		return strings.Join(out, ", ")
	}
	remove := func(name string) error {
		_, err := api.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: &name})
		return err
	}
	if code := awsapi.Code(remove("default")); code != "ValidationException" {
		t.Errorf("the default group: %q", code)
	}
	if err := remove("acme"); err != nil {
		t.Fatal(err)
	}
	if code := awsapi.Code(remove("acme")); code != "ConflictException" {
		t.Errorf("a second removal: %q", code)
	}
	for _, want := range []string{"default ACTIVE, acme DELETING", "default ACTIVE, acme DELETING", "default ACTIVE"} {
		if got := list(); got != want {
			t.Errorf("listed are %s, want %s", got, want)
		}
	}
}

func TestSQSRefuses(t *testing.T) {
	t.Parallel()
	set, ctx := newSet(t), t.Context()
	create := func(name string, attributes map[string]string) error {
		_, err := set.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		return err
	}
	for _, step := range []struct {
		what, want string
		err        error
	}{
		{"a queue", "", create("q", map[string]string{"MessageRetentionPeriod": "60"})},
		{"the same again", "", create("q", map[string]string{"MessageRetentionPeriod": "60"})},
		{"the name with another value", "QueueAlreadyExists", create("q", map[string]string{"MessageRetentionPeriod": "61"})},
		{"a name with a space", "InvalidParameterValue", create("a b", nil)},
		{"too long a time", "InvalidAttributeValue", create("r", map[string]string{"MessageRetentionPeriod": "1209601"})},
		{"an attribute that there is not", "InvalidAttributeName", create("r", map[string]string{"Colour": "red"})},
		{"a policy that is no JSON", "InvalidAttributeValue", create("r", map[string]string{"Policy": "{"})},
		{"an unknown key", "InvalidParameterValue", create("r", map[string]string{"KmsMasterKeyId": "alias/none"})},
	} {
		if got := awsapi.Code(step.err); got != step.want {
			t.Errorf("%s: %v, want %q", step.what, step.err, step.want)
		}
	}
	url := aws.String("https://sqs.eu-west-3.amazonaws.com/123456789012/q")
	if _, err := set.SQS.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	listed := 0
	for range 4 {
		out, err := set.SQS.ListQueues(ctx, &sqs.ListQueuesInput{})
		if err != nil {
			t.Fatal(err)
		}
		listed += len(out.QueueUrls)
	}
	_, err := set.SQS.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: url})
	if listed != 2 || !awsapi.Is(err, awsapi.NotFound) {
		t.Errorf("a deleted queue is listed %d times, want 2, and has tags: %v", listed, err)
	}
}
