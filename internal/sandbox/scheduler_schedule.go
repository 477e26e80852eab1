package sandbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

func (t *tx) schedule(group, name *string) (*row[scheduleGroup], *row[schedule], error) {
	g, err := t.scheduleGroup(group)
	if err != nil {
		return nil, nil, err
	}
	if r := find(g.V.Schedules, aws.ToString(name), func(s *schedule) *string { return s.Name }); r != nil {
		return g, r, nil
	}
	return nil, nil, schedulerError("ResourceNotFoundException", "Schedule %s does not exist.", aws.ToString(name))
}

func (t *tx) scheduleARN(group, name string) *string {
	return aws.String(t.arn("scheduler", "schedule/"+group+"/"+name))
}

func registerSchedules(a *Account) {
	op(a, scheduler.ServiceID, func(t *tx, in *scheduler.CreateScheduleInput) (*scheduler.CreateScheduleOutput, error) {
		if name := aws.ToString(in.Name); !scheduleName.MatchString(name) {
			return nil, schedulerError("ValidationException", "Invalid schedule name: %s", name)
		}
		g, err := t.activeGroup(in.GroupName)
		if err != nil {
			return nil, err
		}
		arn := t.scheduleARN(g.V.Name, *in.Name)
		if _, r, err := t.schedule(&g.V.Name, in.Name); err == nil {
			if aws.ToString(in.ClientToken) != "" && r.Token == *in.ClientToken {
				return &scheduler.CreateScheduleOutput{ScheduleArn: arn}, nil
			}
			return nil, schedulerError("ConflictException", "Schedule %s already exists.", *in.Name)
		}
		if err := t.checkSchedule(in, g.V.Arn); err != nil {
			return nil, err
		}
		g.V.Schedules.add(&row[schedule]{V: newSchedule(*in, t.now, t.now), meta: meta{Token: aws.ToString(in.ClientToken)}})
		return &scheduler.CreateScheduleOutput{ScheduleArn: arn}, nil
	})
	op(a, scheduler.ServiceID, func(t *tx, in *scheduler.GetScheduleInput) (*scheduler.GetScheduleOutput, error) {
		g, r, err := t.schedule(in.GroupName, in.Name)
		if err != nil {
			return nil, err
		}
		v := r.V
		return &scheduler.GetScheduleOutput{
			Arn: t.scheduleARN(g.V.Name, *v.Name), GroupName: &g.V.Name, Name: v.Name, CreationDate: &v.CreatedAt, LastModificationDate: &v.ChangedAt,
			ActionAfterCompletion: v.ActionAfterCompletion, Description: v.Description, EndDate: v.EndDate, FlexibleTimeWindow: v.FlexibleTimeWindow,
			KmsKeyArn: v.KmsKeyArn, ScheduleExpression: v.ScheduleExpression, ScheduleExpressionTimezone: v.ScheduleExpressionTimezone,
			StartDate: v.StartDate, State: v.State, Target: v.Target,
		}, nil
	})
	// What is left out goes back to its default.
	opOn(on(a, scheduler.ServiceID, (*tx).activeGroup), func(in *scheduler.UpdateScheduleInput) *string { return in.GroupName }, func(t *tx, g *row[scheduleGroup], in *scheduler.UpdateScheduleInput) (*scheduler.UpdateScheduleOutput, error) {
		_, r, err := t.schedule(&g.V.Name, in.Name)
		if err != nil {
			return nil, err
		}
		wanted := scheduler.CreateScheduleInput(*in)
		if err := t.checkSchedule(&wanted, g.V.Arn); err != nil {
			return nil, err
		}
		r.V = newSchedule(wanted, r.V.CreatedAt, t.now)
		return &scheduler.UpdateScheduleOutput{ScheduleArn: t.scheduleARN(g.V.Name, *in.Name)}, nil
	})
	op(a, scheduler.ServiceID, func(t *tx, in *scheduler.DeleteScheduleInput) (*scheduler.DeleteScheduleOutput, error) {
		g, r, err := t.schedule(in.GroupName, in.Name)
		if err != nil {
			return nil, err
		}
		g.V.Schedules.drop(r)
		return &scheduler.DeleteScheduleOutput{}, nil
	})
	op(a, scheduler.ServiceID, func(t *tx, in *scheduler.ListSchedulesInput) (*scheduler.ListSchedulesOutput, error) {
		if err := scheduleLimit(in.MaxResults); err != nil {
			return nil, err
		}
		if in.GroupName != nil {
			if _, err := t.scheduleGroup(in.GroupName); err != nil {
				return nil, err
			}
		}
		var all []types.ScheduleSummary
		for _, g := range t.scheduler().Groups {
			for _, r := range g.V.Schedules {
				v, other := r.V, in.GroupName != nil && *in.GroupName != g.V.Name
				if other || !strings.HasPrefix(*v.Name, aws.ToString(in.NamePrefix)) || in.State != "" && in.State != v.State {
					continue
				}
				all = append(all, types.ScheduleSummary{
					Arn: t.scheduleARN(g.V.Name, *v.Name), GroupName: aws.String(g.V.Name), Name: v.Name, State: v.State,
					CreationDate: &v.CreatedAt, LastModificationDate: &v.ChangedAt, Target: &types.TargetSummary{Arn: v.Target.Arn},
				})
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &scheduler.ListSchedulesOutput{Schedules: part, NextToken: next}, err
	})
}

// newSchedule fills in the defaults as Scheduler does.
func newSchedule(in scheduler.CreateScheduleInput, created, changed time.Time) schedule {
	in.GroupName, in.ClientToken = nil, nil // the group and the row have them
	in.State = cmp.Or(in.State, types.ScheduleStateEnabled)
	in.ActionAfterCompletion = cmp.Or(in.ActionAfterCompletion, types.ActionAfterCompletionNone)
	in.ScheduleExpressionTimezone = cmp.Or(in.ScheduleExpressionTimezone, aws.String("UTC"))
	retry := types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(86400), MaximumRetryAttempts: aws.Int32(185)}
	if given := in.Target.RetryPolicy; given != nil {
		set(&retry.MaximumEventAgeInSeconds, given.MaximumEventAgeInSeconds)
		set(&retry.MaximumRetryAttempts, given.MaximumRetryAttempts)
	}
	in.Target.RetryPolicy = &retry
	return schedule{in, created, changed}
}

func invalidSchedule(format string, args ...any) error {
	return schedulerError("ValidationException", format, args...)
}

// checkSchedule says what Scheduler would not take. It tries to take the role on
// behalf of the schedule's group.
func (t *tx) checkSchedule(in *scheduler.CreateScheduleInput, group string) error {
	if w := in.FlexibleTimeWindow; w == nil || w.Mode == types.FlexibleTimeWindowModeOff && w.MaximumWindowInMinutes != nil ||
		w.Mode == types.FlexibleTimeWindowModeFlexible && (aws.ToInt32(w.MaximumWindowInMinutes) < 1 || *w.MaximumWindowInMinutes > 1440) ||
		!slices.Contains(w.Mode.Values(), w.Mode) {
		return invalidSchedule("Invalid FlexibleTimeWindow.")
	}
	if text := aws.ToString(in.ScheduleExpression); !validExpression(text) {
		return invalidSchedule("Invalid Schedule Expression %s.", text)
	}
	if zone := in.ScheduleExpressionTimezone; zone != nil {
		if _, err := time.LoadLocation(*zone); err != nil || *zone == "" || *zone == "Local" || len(*zone) > 50 {
			return invalidSchedule("Invalid ScheduleExpressionTimezone %s.", *zone)
		}
	}
	if in.StartDate != nil && in.EndDate != nil && !in.StartDate.Before(*in.EndDate) {
		return invalidSchedule("The StartDate must be before the EndDate.")
	}
	if in.State != "" && !slices.Contains(in.State.Values(), in.State) {
		return invalidSchedule("Invalid State %s.", in.State)
	}
	if len(aws.ToString(in.Description)) > 512 {
		return invalidSchedule("The Description is longer than 512 characters.")
	}
	if in.KmsKeyArn != nil {
		if _, err := t.usableKey(*in.KmsKeyArn); err != nil {
			return invalidSchedule("The KMS key %s cannot be used.", *in.KmsKeyArn)
		}
	}
	return t.checkTarget(in.Target, group)
}

func (t *tx) checkTarget(target *types.Target, group string) error {
	if target == nil {
		return invalidSchedule("Target is missing.")
	}
	arn := aws.ToString(target.Arn)
	if action, universal := strings.CutPrefix(arn, "arn:aws:scheduler:::aws-sdk:"); universal {
		if !validAction(action) {
			return invalidSchedule("The target %s is not supported.", arn)
		}
		var parameters map[string]any
		if target.Input != nil && json.Unmarshal([]byte(*target.Input), &parameters) != nil {
			return invalidSchedule("Invalid Input for target: it must be a JSON object.")
		}
	} else if !t.queueExists(arn) { // of the templated targets, the sandbox knows queues
		return invalidSchedule("Provided Arn is not in correct format: %s", arn)
	}
	if r := target.RetryPolicy; r != nil {
		attempts, age := r.MaximumRetryAttempts, r.MaximumEventAgeInSeconds
		if attempts != nil && (*attempts < 0 || *attempts > 185) || age != nil && (*age < 60 || *age > 86400) {
			return invalidSchedule("Invalid RetryPolicy: 0 to 185 attempts within 60 to 86400 seconds.")
		}
	}
	if d := target.DeadLetterConfig; d != nil && d.Arn != nil && !t.queueExists(*d.Arn) {
		return invalidSchedule("The dead-letter queue %s does not exist.", *d.Arn)
	}
	if !t.assumable(aws.ToString(target.RoleArn), "scheduler.amazonaws.com", group) {
		return invalidSchedule("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	return nil
}

// actions are those that the sandbox has heard of, of the many that AWS knows.
var actions = []string{"rds:startExportTask", "rds:createDBClusterSnapshot", "rds:startDBCluster", "rds:stopDBCluster", "autoscaling:startInstanceRefresh", "autoscaling:setDesiredCapacity", "ecs:runTask", "kms:scheduleKeyDeletion"}

// readers begin the actions that Scheduler does not call ("Using universal targets").
var readers = []string{"get", "describe", "list", "poll", "receive", "search", "scan", "query", "select", "read", "lookup", "discover", "validate", "batchGet", "batchDescribe", "batchRead", "transactGet", "adminGet", "adminList", "testMigration", "retrieve", "testConnection", "translateDocument", "isAuthorized", "invokeModel"}

func validAction(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	reads := slices.ContainsFunc(readers, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	return !reads && slices.Contains(actions, action)
}

var (
	rateExpression = lazyregexp.New(`^rate\([1-9]\d* (minute|minutes|hour|hours|day|days)\)$`)
	cronPart       = lazyregexp.New(`^(\*|\?|L|(\w+)(-(\w+))?[LW]?(#[1-5])?)(/\d+)?$`)
	cronFields     = []struct {
		low, high int
		names     string
	}{{0, 59, ""}, {0, 23, ""}, {1, 31, ""}, {1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"}, {1, 7, "SUN MON TUE WED THU FRI SAT"}, {1970, 2199, ""}}
)

// validExpression checks a schedule expression: at(…), rate(…) or cron(…) with six fields.
func validExpression(text string) bool {
	if at, ok := strings.CutPrefix(text, "at("); ok {
		_, err := time.Parse("2006-01-02T15:04:05)", at)
		return err == nil
	}
	body, ok := strings.CutPrefix(text, "cron(")
	if !ok {
		return rateExpression.MatchString(text)
	}
	body, ok = strings.CutSuffix(body, ")")
	fields := strings.Fields(body)
	if !ok || len(fields) != len(cronFields) || (fields[2] == "?") == (fields[4] == "?") {
		return false // one of the two sorts of days must be given, and only one
	}
	for i, field := range fields {
		for part := range strings.SplitSeq(field, ",") {
			m := cronPart.FindStringSubmatch(part)
			if len(m) == 0 || part == "?" && i != 2 && i != 4 || !inCronField(i, m[2]) || !inCronField(i, m[4]) {
				return false
			}
		}
	}
	return true
}

func inCronField(i int, value string) bool {
	f := cronFields[i]
	n, err := strconv.Atoi(value)
	return value == "" || err == nil && n >= f.low && n <= f.high || err != nil && slices.Contains(strings.Fields(f.names), strings.ToUpper(value))
}
