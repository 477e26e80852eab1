package schedule

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// schedule is everything that a schedule has. An update that leaves something out
// sets it back, so that it is always said in full.
type schedule scheduler.CreateScheduleInput

// archiveSchedule is the month's archive, or nil when the client has none.
func archiveSchedule(s *provision.Step) *schedule {
	if !s.Spec.Backup.Archive.Monthly() {
		return nil
	}
	input := rules.ArchiveInput(s.Client, s.ARN("rds", "cluster:"+s.ID("rds/cluster", "database")), s.ID("s3/bucket", kit.ArchiveRole),
		s.ARN("iam", "role/"+s.ID("iam/role", "archive-export")), s.ID("kms/key", kit.ArchiveRole))
	return newSchedule(s, rules.ArchiveCron(s.Addr.Number(s.Slot)), "UTC", rules.ArchiveTarget(kit.PlaceOf(s.Scope)), input)
}

// refreshSchedule renews the client's hosts in its maintenance window. A window that
// cannot be read shows as such, and Scheduler refuses it.
func refreshSchedule(s *provision.Step) *schedule {
	m := s.Spec.Maintenance
	cron, err := rules.RefreshCron(m)
	if err != nil {
		cron = err.Error()
	}
	return newSchedule(s, cron, m.Timezone, rules.RefreshTarget(kit.PlaceOf(s.Scope)), rules.RefreshInput(s.ID("autoscaling/group", "hosts")))
}

func newSchedule(s *provision.Step, expression, zone, target, input string) *schedule {
	return &schedule{
		GroupName: aws.String(rules.ScheduleGroupName(s.Client)), ScheduleExpression: &expression, ScheduleExpressionTimezone: &zone,
		State: schedulertypes.ScheduleStateEnabled, ActionAfterCompletion: schedulertypes.ActionAfterCompletionNone,
		FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: schedulertypes.FlexibleTimeWindowModeOff},
		Target: &schedulertypes.Target{
			Arn: &target, Input: &input, RoleArn: aws.String(s.ARN("iam", "role/"+s.ID("iam/role", "scheduler"))),
			DeadLetterConfig: &schedulertypes.DeadLetterConfig{Arn: aws.String(s.ARN("sqs", s.ID("sqs/queue", "dead-letters")))},
			RetryPolicy:      &schedulertypes.RetryPolicy{MaximumRetryAttempts: aws.Int32(rules.TargetRetries), MaximumEventAgeInSeconds: aws.Int32(rules.TargetAgeSeconds)},
		},
	}
}

func described(o *scheduler.GetScheduleOutput) *schedule {
	return &schedule{
		ScheduleExpression: o.ScheduleExpression, ScheduleExpressionTimezone: o.ScheduleExpressionTimezone, State: o.State,
		ActionAfterCompletion: o.ActionAfterCompletion, FlexibleTimeWindow: o.FlexibleTimeWindow, Target: o.Target,
		Description: o.Description, KmsKeyArn: o.KmsKeyArn, StartDate: o.StartDate, EndDate: o.EndDate,
	}
}

// scheduleField is a schedule of the group as one of its attributes.
func scheduleField(field, name string, wanted func(*provision.Step) *schedule) provision.Field[string, *scheduleGroup] {
	return provision.Field[string, *scheduleGroup]{
		Name: field,
		Want: func(s *provision.Step, _ string) string { return wanted(s).text() },
		Have: func(g *scheduleGroup) string { return g.schedules[name].text() },
		Set: func(ctx context.Context, s *provision.Step, _ string, g *scheduleGroup) error {
			want := wanted(s)
			if want == nil {
				return deleteSchedule(ctx, s, g, name)
			}
			want.Name = &name
			if g.schedules[name] != nil {
				err := kit.Do(ctx, s.API.Scheduler.UpdateSchedule, (*scheduler.UpdateScheduleInput)(want))
				if !awsapi.Is(err, awsapi.NotFound) { // or somebody has just deleted it
					return err
				}
			}
			return kit.Do(ctx, s.API.Scheduler.CreateSchedule, (*scheduler.CreateScheduleInput)(want))
		},
	}
}

func deleteSchedule(ctx context.Context, s *provision.Step, g *scheduleGroup, name string) error {
	err := kit.Do(ctx, s.API.Scheduler.DeleteSchedule, &scheduler.DeleteScheduleInput{GroupName: g.Name, Name: &name})
	return awsapi.IgnoreNotFound(err)
}

// when is the expression with its time zone.
func (s *schedule) when() string {
	text := aws.ToString(s.ScheduleExpression) + " " + aws.ToString(s.ScheduleExpressionTimezone)
	if s.State != schedulertypes.ScheduleStateEnabled {
		text += ", " + strings.ToLower(string(s.State))
	}
	return text
}

// text is the canonical text: a line for each attribute, those that are seldom set
// only when they are. There is none of a schedule that does not exist.
func (s *schedule) text() string {
	if s == nil {
		return ""
	}
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	count := func(name string, n *int32) {
		if n != nil {
			line(name, kit.Number(n))
		}
	}
	date := func(name string, t *time.Time) {
		if t != nil {
			line(name, t.UTC().Format(time.RFC3339))
		}
	}
	line("expression", aws.ToString(s.ScheduleExpression))
	line("time zone", aws.ToString(s.ScheduleExpressionTimezone))
	line("state", string(s.State))
	if w := s.FlexibleTimeWindow; w != nil {
		line("flexible window", string(w.Mode))
		count("flexible minutes", w.MaximumWindowInMinutes)
	}
	if t := s.Target; t != nil {
		line("target", aws.ToString(t.Arn))
		line("role", aws.ToString(t.RoleArn))
		line("input", indented(aws.ToString(t.Input)))
		if t.DeadLetterConfig != nil {
			line("dead letters", aws.ToString(t.DeadLetterConfig.Arn))
		}
		if t.RetryPolicy != nil {
			count("retries", t.RetryPolicy.MaximumRetryAttempts)
			count("seconds to retry", t.RetryPolicy.MaximumEventAgeInSeconds)
		}
	}
	if s.ActionAfterCompletion != schedulertypes.ActionAfterCompletionNone {
		line("after completion", string(s.ActionAfterCompletion))
	}
	date("start", s.StartDate)
	date("end", s.EndDate)
	line("key", aws.ToString(s.KmsKeyArn))
	line("description", aws.ToString(s.Description))
	return strings.TrimSuffix(b.String(), "\n")
}

// indented lays JSON out in lines, and leaves other text as it is.
func indented(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}

// describeScheduleGroup reads cicdctl's own schedules and the names of others, all
// at once.
func describeScheduleGroup(ctx context.Context, w *provision.Sweep, g *scheduleGroup) error {
	g.schedules = map[string]*schedule{}
	var mu sync.Mutex // guards the map
	var reads []func(context.Context) error
	if !w.Looking {
		reads = append(reads, func(ctx context.Context) error { return listOthers(ctx, w, g) })
	}
	for _, name := range ownSchedules {
		reads = append(reads, func(ctx context.Context) error {
			return kit.Optional(ctx, w.Scheduler.GetSchedule, &scheduler.GetScheduleInput{GroupName: g.Name, Name: &name}, func(o *scheduler.GetScheduleOutput) {
				mu.Lock()
				defer mu.Unlock()
				g.schedules[name] = described(o)
			})
		})
	}
	return kit.Parallel(ctx, reads, func(ctx context.Context, read func(context.Context) error) error {
		return awsapi.IgnoreNotFound(read(ctx)) // no schedule, which shows as a difference
	})
}

func listOthers(ctx context.Context, w *provision.Sweep, g *scheduleGroup) error {
	group, memo := g.Name, "schedules of "+aws.ToString(g.Name)
	if w.Index != nil { // many clients: the schedules of all groups at once
		group, memo = nil, "schedules"
	}
	all, err := provision.Shared(w, memo, func() ([]schedulertypes.ScheduleSummary, error) {
		p := scheduler.NewListSchedulesPaginator(w.Scheduler, &scheduler.ListSchedulesInput{GroupName: group, MaxResults: aws.Int32(100)})
		return kit.All(ctx, p, func(o *scheduler.ListSchedulesOutput) []schedulertypes.ScheduleSummary { return o.Schedules })
	})
	for _, one := range all {
		if name := aws.ToString(one.Name); aws.ToString(one.GroupName) == aws.ToString(g.Name) && !slices.Contains(ownSchedules, name) {
			g.others = append(g.others, name)
		}
	}
	return err
}
