package schedule

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
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
		Name:   "scheduler/group",
		ARN:    "scheduler:schedule-group/",
		Levels: provision.ClientLevel,
		// What the schedules act on, and with; they go before it does.
		DependsOn: provision.ForFields(provision.Existing("iam/role", "sqs/queue", "s3/bucket", "kms/key", "rds/cluster", "autoscaling/group")),
		Timing:    provision.Timing{AsyncDelete: true},
		Want: func(s *provision.Scope) map[provision.Role]string {
			return map[provision.Role]string{"schedules": rules.ScheduleGroupName(s.Client)}
		},
		List:     listScheduleGroups,
		Describe: describeScheduleGroup,
		ID:       (*scheduleGroup).name,
		Tags:     func(g *scheduleGroup) provision.Tags { return g.tags },
		State: func(g *scheduleGroup) provision.State {
			if g.State == schedulertypes.ScheduleGroupStateDeleting {
				return provision.Deleting
			}
			return provision.Available
		},
		Naming: provision.Naming[string, *scheduleGroup]{Key: (*scheduleGroup).name, KeyOf: func(_ *provision.Scope, name string) string { return name }},
		Create: func(ctx context.Context, s *provision.Step, name string) (*scheduleGroup, error) {
			out, err := s.API.Scheduler.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: &name, Tags: scheduleTags.To(s.Tags)})
			if err != nil {
				return nil, err
			}
			return &scheduleGroup{tags: s.Tags, ScheduleGroupSummary: schedulertypes.ScheduleGroupSummary{Name: &name, Arn: out.ScheduleGroupArn, State: schedulertypes.ScheduleGroupStateActive}}, nil
		},
		Delete: func(ctx context.Context, s *provision.Step, g *scheduleGroup) error {
			return kit.Do(ctx, s.API.Scheduler.DeleteScheduleGroup, &scheduler.DeleteScheduleGroupInput{Name: g.Name})
		},
		Retag: func(ctx context.Context, s *provision.Step, g *scheduleGroup, tags provision.Tags) error {
			return kit.Do(ctx, s.API.Scheduler.TagResource, &scheduler.TagResourceInput{ResourceArn: g.Arn, Tags: scheduleTags.To(tags)})
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
					for _, name := range g.others {
						if err := deleteSchedule(ctx, s, g, name); err != nil {
							return err
						}
					}
					return nil
				},
			},
		},
	})
}

// listScheduleGroups asks for the tags of what can be a client's by its name:
// Scheduler tells them for one group at a time.
func listScheduleGroups(ctx context.Context, w *provision.Sweep) ([]*scheduleGroup, error) {
	var all []*scheduleGroup
	p := scheduler.NewListScheduleGroupsPaginator(w.Scheduler, &scheduler.ListScheduleGroupsInput{MaxResults: aws.Int32(100)})
	listed, err := kit.All(ctx, p, func(o *scheduler.ListScheduleGroupsOutput) []schedulertypes.ScheduleGroupSummary {
		return o.ScheduleGroups
	})
	if err != nil {
		return all, err
	}
	for _, g := range listed {
		name := aws.ToString(g.Name)
		asked := len(w.Clients) == 0 || slices.ContainsFunc(w.Clients, func(c string) bool { return rules.ScheduleGroupName(c) == name })
		if asked && name != rules.DefaultScheduleGroup {
			all = append(all, &scheduleGroup{ScheduleGroupSummary: g})
		}
	}
	arn := func(g *scheduleGroup) string { return aws.ToString(g.Arn) }
	return kit.WithTags(ctx, w, all, arn, func(g *scheduleGroup) *provision.Tags { return &g.tags }, func(ctx context.Context, g *scheduleGroup) (provision.Tags, error) {
		in := &scheduler.ListTagsForResourceInput{ResourceArn: g.Arn}
		return kit.Get(ctx, w.Scheduler.ListTagsForResource, in, func(o *scheduler.ListTagsForResourceOutput) provision.Tags { return scheduleTags.Of(o.Tags) })
	})
}

// describeScheduleGroup reads cicdctl's own schedules and the names of others, all
// at once.
func describeScheduleGroup(ctx context.Context, w *provision.Sweep, g *scheduleGroup) error {
	g.schedules = map[string]*schedule{}
	var mu sync.Mutex // guards the map
	reads := []func(context.Context) error{func(ctx context.Context) error { return listOthers(ctx, w, g) }}
	for _, name := range ownSchedules {
		reads = append(reads, func(ctx context.Context) error {
			out, err := w.Scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: g.Name, Name: &name})
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				g.schedules[name] = described(out)
			}
			return err
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

// scheduleTags are tags as EventBridge Scheduler has them.
var scheduleTags = kit.TagCodec[schedulertypes.Tag](func(t *schedulertypes.Tag) (key, value **string) { return &t.Key, &t.Value })
