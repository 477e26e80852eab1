package schedule

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// scheduleGroup is a group with its schedules, of which Scheduler tags none.
type scheduleGroup struct {
	schedulertypes.ScheduleGroupSummary
	tags      provision.Tags
	schedules map[string]*schedule
	others    []string // names of schedules that are not cicdctl's
}

func (g *scheduleGroup) name() string { return aws.ToString(g.Name) }

// ownSchedules are the schedules that cicdctl makes.
var ownSchedules = []string{rules.ArchiveSchedule, rules.RefreshSchedule}

// ScheduleGroupKind is what happens to a client by the clock: archives are written
// and hosts renewed. A schedule that somebody else puts into the group would act
// with the client's role, unseen.
func ScheduleGroupKind() *provision.Type {
	return provision.Define(provision.Kind[string, *scheduleGroup]{
		Name:    "scheduler/group",
		ARN:     "scheduler:schedule-group/",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[string, *scheduleGroup]{Items: billSchedules},
		Impact:  provision.Impact[*scheduleGroup]{Stateless: true},
		// What the schedules act on, and with; they go before it does.
		DependsOn: provision.ForFields(provision.Existing("iam/role", "sqs/queue", "s3/bucket", "kms/key", "rds/cluster", "autoscaling/group")),
		Timing:    provision.Timing{AsyncDelete: true},
		Want:      kit.OneOf("schedules", func(s *provision.Scope) string { return rules.ScheduleGroupName(s.Client) }),
		List:      listScheduleGroups,
		Describe:  describeScheduleGroup,
		Removal:   provision.Removal[*scheduleGroup]{Listed: true}, // the schedules go with it
		ID:        (*scheduleGroup).name,
		Tags:      func(g *scheduleGroup) provision.Tags { return g.tags },
		State: func(g *scheduleGroup) provision.State {
			if g.State == schedulertypes.ScheduleGroupStateDeleting {
				return provision.Deleting
			}
			return provision.Available
		},
		Naming: kit.Named((*scheduleGroup).name),
		Create: func(ctx context.Context, s *provision.Step, name string) (*scheduleGroup, error) {
			in := &scheduler.CreateScheduleGroupInput{Name: &name, Tags: scheduleTags.To(s.Tags)}
			return kit.Get(ctx, s.API.Scheduler.CreateScheduleGroup, in, func(o *scheduler.CreateScheduleGroupOutput) *scheduleGroup {
				return &scheduleGroup{tags: s.Tags, ScheduleGroupSummary: schedulertypes.ScheduleGroupSummary{Name: &name, Arn: o.ScheduleGroupArn, State: schedulertypes.ScheduleGroupStateActive}}
			})
		},
		Delete: func(ctx context.Context, s *provision.Step, g *scheduleGroup) error {
			return kit.Do(ctx, s.API.Scheduler.DeleteScheduleGroup, &scheduler.DeleteScheduleGroupInput{Name: g.Name})
		},
		Retag: func(ctx context.Context, s *provision.Step, g *scheduleGroup, tags provision.Tags) error {
			return kit.Do(ctx, s.API.Scheduler.TagResource, &scheduler.TagResourceInput{ResourceArn: g.Arn, Tags: scheduleTags.To(tags)})
		},
		Untag: func(ctx context.Context, s *provision.Step, g *scheduleGroup, keys []string) error {
			return kit.Do(ctx, s.API.Scheduler.UntagResource, &scheduler.UntagResourceInput{ResourceArn: g.Arn, TagKeys: keys})
		},
		Facts: func(g *scheduleGroup) []provision.Fact {
			var facts []provision.Fact
			for _, name := range ownSchedules {
				if one := g.schedules[name]; one != nil {
					facts = append(facts, provision.Fact{Name: name, Value: one.when()})
				}
			}
			return facts
		},
		Fields: []provision.Field[string, *scheduleGroup]{
			scheduleField("archive schedule", rules.ArchiveSchedule, archiveSchedule),
			scheduleField("host refresh schedule", rules.RefreshSchedule, refreshSchedule),
			{
				Name: "other schedules",
				Want: func(*provision.Step, string) string { return "" },
				Have: func(g *scheduleGroup) string { return kit.Lines(g.others) },
				Set: func(ctx context.Context, s *provision.Step, _ string, g *scheduleGroup) error {
					return kit.Each(g.others, func(name string) error { return deleteSchedule(ctx, s, g, name) })
				},
			},
		},
	})
}

// listScheduleGroups asks for the tags of what can be a client's by its name:
// Scheduler tells them for one group at a time.
func listScheduleGroups(ctx context.Context, w *provision.Sweep) ([]*scheduleGroup, error) {
	p := scheduler.NewListScheduleGroupsPaginator(w.Scheduler, &scheduler.ListScheduleGroupsInput{MaxResults: aws.Int32(100)})
	groups := func(o *scheduler.ListScheduleGroupsOutput) []schedulertypes.ScheduleGroupSummary {
		return o.ScheduleGroups
	}
	all, err := kit.ListAs(ctx, p, groups, func(g schedulertypes.ScheduleGroupSummary) *scheduleGroup {
		name := aws.ToString(g.Name)
		asked := len(w.Clients) == 0 || slices.ContainsFunc(w.Clients, func(c string) bool { return rules.ScheduleGroupName(c) == name })
		if !asked || name == rules.DefaultScheduleGroup {
			return nil
		}
		return &scheduleGroup{ScheduleGroupSummary: g}
	})
	if err != nil {
		return nil, err
	}
	arn := func(g *scheduleGroup) string { return aws.ToString(g.Arn) }
	return kit.WithTags(ctx, w, all, arn, func(g *scheduleGroup) *provision.Tags { return &g.tags }, func(ctx context.Context, g *scheduleGroup) (provision.Tags, error) {
		in := &scheduler.ListTagsForResourceInput{ResourceArn: g.Arn}
		return kit.Get(ctx, w.Scheduler.ListTagsForResource, in, func(o *scheduler.ListTagsForResourceOutput) provision.Tags { return scheduleTags.Of(o.Tags) })
	})
}

// scheduleTags are tags as EventBridge Scheduler has them.
var scheduleTags = kit.TagCodec[schedulertypes.Tag](func(t *schedulertypes.Tag) (key, value **string) { return &t.Key, &t.Value })
