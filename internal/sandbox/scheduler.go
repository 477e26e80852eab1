package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// schedulerState is EventBridge Scheduler in one region, in the order of creation;
// the group that every account has comes first.
type schedulerState struct{ Groups table[row[scheduleGroup]] }

type scheduleGroup struct {
	Name, Arn string
	State     types.ScheduleGroupState
	CreatedAt time.Time
	Tags      []types.Tag
	Schedules table[row[schedule]]
}

// schedule is what was asked for last, without the names of its group and its token.
type schedule struct {
	scheduler.CreateScheduleInput
	CreatedAt, ChangedAt time.Time
}

const defaultGroup = "default"

var scheduleName = lazyregexp.New(`^[0-9a-zA-Z_.-]{1,64}$`)

func (t *tx) scheduler() *schedulerState {
	s := in(&t.Scheduler, t.region)
	if s.Groups == nil {
		s.Groups = []*row[scheduleGroup]{{V: t.newScheduleGroup(defaultGroup, nil)}}
	}
	return s
}

func (t *tx) newScheduleGroup(name string, tags []types.Tag) scheduleGroup {
	return scheduleGroup{Name: name, Arn: t.arn("scheduler", "schedule-group/"+name), State: types.ScheduleGroupStateActive, CreatedAt: t.now, Tags: tags}
}

// schedulerError is a refusal with the HTTP status that Scheduler gives it.
func schedulerError(code, format string, args ...any) error {
	status := map[string]int{"ResourceNotFoundException": http.StatusNotFound, "ConflictException": http.StatusConflict, "ServiceQuotaExceededException": http.StatusPaymentRequired}[code]
	if status == 0 {
		status = http.StatusBadRequest
	}
	return httpError(status, code, fmt.Sprintf(format, args...))
}

func (t *tx) scheduleGroup(name *string) (*row[scheduleGroup], error) {
	wanted := aws.ToString(name)
	if name == nil {
		wanted = defaultGroup
	}
	if r := find(t.scheduler().Groups, wanted, func(g *scheduleGroup) *string { return &g.Name }); r != nil {
		return r, nil
	}
	return nil, schedulerError("ResourceNotFoundException", "Schedule group %s does not exist.", wanted)
}

// activeGroup is a group in which schedules may be made and changed.
func (t *tx) activeGroup(name *string) (*row[scheduleGroup], error) {
	r, err := t.scheduleGroup(name)
	if err == nil && r.V.State != types.ScheduleGroupStateActive {
		err = schedulerError("ConflictException", "Schedule group %s is being deleted.", r.V.Name)
	}
	return r, err
}

// taggedGroup finds a group by ARN: nothing else of Scheduler carries tags.
func (t *tx) taggedGroup(arn *string) (*row[scheduleGroup], error) {
	name, ok := strings.CutPrefix(aws.ToString(arn), t.arn("scheduler", "schedule-group/"))
	if !ok {
		return nil, schedulerError("ValidationException", "Provided Arn is not in correct format: %s", aws.ToString(arn))
	}
	return t.scheduleGroup(&name)
}

var scheduleTags = tagList[types.Tag]{
	parts: func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: refuses(anyTagFault, func(key string) error { return schedulerError("ValidationException", "Invalid tag: %s", key) }).
		upTo(50, schedulerError("ValidationException", "A resource can have no more than 50 tags.")),
}

// scheduleLimit refuses page sizes that there are not.
func scheduleLimit(most *int32) error {
	if most != nil && (*most < 1 || *most > 100) {
		return schedulerError("ValidationException", "MaxResults must be between 1 and 100.")
	}
	return nil
}

func registerScheduler(a *Account) {
	op(a, scheduler.ServiceID, func(t *tx, in *scheduler.CreateScheduleGroupInput) (*scheduler.CreateScheduleGroupOutput, error) {
		if name := aws.ToString(in.Name); !scheduleName.MatchString(name) {
			return nil, schedulerError("ValidationException", "Invalid schedule group name: %s", name)
		}
		if err := scheduleTags.check(in.Tags); err != nil {
			return nil, err
		}
		if r, err := t.scheduleGroup(in.Name); err == nil {
			if aws.ToString(in.ClientToken) != "" && r.Token == *in.ClientToken && r.V.State == types.ScheduleGroupStateActive {
				return &scheduler.CreateScheduleGroupOutput{ScheduleGroupArn: &r.V.Arn}, nil
			}
			return nil, schedulerError("ConflictException", "Schedule group %s already exists.", *in.Name)
		}
		s := t.scheduler()
		if len(s.Groups) >= 500 {
			return nil, schedulerError("ServiceQuotaExceededException", "The number of schedule groups exceeds the quota.")
		}
		r := &row[scheduleGroup]{V: t.newScheduleGroup(*in.Name, in.Tags), meta: meta{Token: aws.ToString(in.ClientToken)}}
		s.Groups.add(r)
		return &scheduler.CreateScheduleGroupOutput{ScheduleGroupArn: &r.V.Arn}, nil
	})
	op(a, scheduler.ServiceID, func(t *tx, in *scheduler.ListScheduleGroupsInput) (*scheduler.ListScheduleGroupsOutput, error) {
		if err := scheduleLimit(in.MaxResults); err != nil {
			return nil, err
		}
		t.ageScheduleGroups()
		part, next, err := list(t, t.scheduler().Groups, in.NextToken, func(r *row[scheduleGroup]) (types.ScheduleGroupSummary, bool) {
			g := r.V
			return types.ScheduleGroupSummary{Name: &g.Name, Arn: &g.Arn, State: g.State, CreationDate: &g.CreatedAt, LastModificationDate: &g.CreatedAt}, strings.HasPrefix(g.Name, aws.ToString(in.NamePrefix))
		})
		return &scheduler.ListScheduleGroupsOutput{ScheduleGroups: part, NextToken: next}, err
	})
	op(a, scheduler.ServiceID, func(t *tx, in *scheduler.DeleteScheduleGroupInput) (*scheduler.DeleteScheduleGroupOutput, error) {
		if aws.ToString(in.Name) == defaultGroup {
			return nil, schedulerError("ValidationException", "The default schedule group cannot be deleted.")
		}
		r, err := t.activeGroup(in.Name)
		if err != nil {
			return nil, err
		}
		r.V.State, r.Looks = types.ScheduleGroupStateDeleting, t.opts.Looks
		return &scheduler.DeleteScheduleGroupOutput{}, nil
	})
	tags := tagsOn(on(a, scheduler.ServiceID, (*tx).taggedGroup), scheduleTags, func(r *row[scheduleGroup]) *[]types.Tag { return &r.V.Tags })
	opListTags(tags, func(in *scheduler.ListTagsForResourceInput) *string { return in.ResourceArn }, func(out *scheduler.ListTagsForResourceOutput, tags []types.Tag) { out.Tags = tags })
	opTag[scheduler.TagResourceOutput](tags, func(in *scheduler.TagResourceInput) (*string, []types.Tag) { return in.ResourceArn, in.Tags })
	opUntag[scheduler.UntagResourceOutput](tags, func(in *scheduler.UntagResourceInput) (*string, []string) { return in.ResourceArn, in.TagKeys })
	tagged(a, scheduler.ServiceID, scheduleTags, func(t *tx) []*row[scheduleGroup] { return t.scheduler().Groups }, func(_ *tx, r *row[scheduleGroup]) (string, []types.Tag) { return r.V.Arn, r.V.Tags })
	registerSchedules(a)
}

// ageScheduleGroups lets groups that are being deleted go with their schedules.
func (t *tx) ageScheduleGroups() {
	if t.more {
		return
	}
	t.scheduler().Groups.dropAll(func(r *row[scheduleGroup]) bool { return r.V.State == types.ScheduleGroupStateDeleting && r.gone() })
}
