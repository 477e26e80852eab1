package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/scheduler"
)

// Scheduler is the part of Amazon EventBridge Scheduler that cicdctl uses.
type Scheduler interface {
	CreateScheduleGroup(context.Context, *scheduler.CreateScheduleGroupInput, ...func(*scheduler.Options)) (*scheduler.CreateScheduleGroupOutput, error)
	ListScheduleGroups(context.Context, *scheduler.ListScheduleGroupsInput, ...func(*scheduler.Options)) (*scheduler.ListScheduleGroupsOutput, error)
	DeleteScheduleGroup(context.Context, *scheduler.DeleteScheduleGroupInput, ...func(*scheduler.Options)) (*scheduler.DeleteScheduleGroupOutput, error)
	CreateSchedule(context.Context, *scheduler.CreateScheduleInput, ...func(*scheduler.Options)) (*scheduler.CreateScheduleOutput, error)
	GetSchedule(context.Context, *scheduler.GetScheduleInput, ...func(*scheduler.Options)) (*scheduler.GetScheduleOutput, error)
	UpdateSchedule(context.Context, *scheduler.UpdateScheduleInput, ...func(*scheduler.Options)) (*scheduler.UpdateScheduleOutput, error)
	DeleteSchedule(context.Context, *scheduler.DeleteScheduleInput, ...func(*scheduler.Options)) (*scheduler.DeleteScheduleOutput, error)
	ListSchedules(context.Context, *scheduler.ListSchedulesInput, ...func(*scheduler.Options)) (*scheduler.ListSchedulesOutput, error)
	ListTagsForResource(context.Context, *scheduler.ListTagsForResourceInput, ...func(*scheduler.Options)) (*scheduler.ListTagsForResourceOutput, error)
	TagResource(context.Context, *scheduler.TagResourceInput, ...func(*scheduler.Options)) (*scheduler.TagResourceOutput, error)
	UntagResource(context.Context, *scheduler.UntagResourceInput, ...func(*scheduler.Options)) (*scheduler.UntagResourceOutput, error)
}
