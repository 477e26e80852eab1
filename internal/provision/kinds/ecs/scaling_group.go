package ecs

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

type scalingGroup = *hostGroup

// hostGroup is a group with how many of its hosts have joined their cluster.
type hostGroup struct {
	asgtypes.AutoScalingGroup
	registered int
}

// InstanceIDs are the group's hosts.
func (g *hostGroup) InstanceIDs() []string {
	return kit.Texts(g.Instances, func(i asgtypes.Instance) string { return aws.ToString(i.InstanceId) })
}

type wantHosts struct {
	name string
	spec.Hosts
}

// latestTemplate makes new hosts by the newest version of the launch template.
const latestTemplate = "$Latest"

// ScalingGroupKind is the client's hosts: EC2 machines in its three subnets.
func ScalingGroupKind() *provision.Type {
	name := func(g scalingGroup) string { return aws.ToString(g.AutoScalingGroupName) }
	return provision.Define(provision.Kind[wantHosts, scalingGroup]{
		Name:    "autoscaling/group",
		ARN:     "autoscaling:autoScalingGroup:",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[wantHosts, scalingGroup]{Items: billHosts, With: []string{"ec2/launch-template"}},
		Impact:  provision.Impact[scalingGroup]{Losses: hostLosses},
		DependsOn: append(provision.Ready("ec2/subnet", "iam/instance-profile", "iam/role", "ecs/cluster"),
			provision.Existing("ec2/launch-template", "ec2/security-group", "iam/service-linked-role")...),
		Timing:   provision.Timing{AsyncDelete: true, Timeout: 20 * time.Minute}, // machines start and stop in minutes
		Want:     kit.OneOf("hosts", func(s *provision.Scope) wantHosts { return wantHosts{rules.HostsName(s.Client), s.Spec.Hosts} }),
		List:     listScalingGroups,
		Describe: describeScalingGroup,
		Removal:  provision.Removal[scalingGroup]{Refused: refusesHosts},
		ID:       name,
		Tags:     groupTags,
		State:    scalingGroupState,
		Naming: provision.Naming[wantHosts, scalingGroup]{
			Key:   name,
			KeyOf: kit.Name(func(d wantHosts) string { return d.name }),
			Title: kit.Title(func(d wantHosts) string { return d.name + ", " + hostRange(d.Min, d.Max) }),
		},
		Create: func(ctx context.Context, s *provision.Step, d wantHosts) (scalingGroup, error) {
			w := wantedGroup(s, d)
			tags := asgTags(d.name, s.Tags)
			in := &autoscaling.CreateAutoScalingGroupInput{
				AutoScalingGroupName: &d.name, MinSize: w.MinSize, MaxSize: w.MaxSize, VPCZoneIdentifier: w.VPCZoneIdentifier, LaunchTemplate: w.LaunchTemplate,
				HealthCheckType: w.HealthCheckType, HealthCheckGracePeriod: w.HealthCheckGracePeriod, TerminationPolicies: w.TerminationPolicies,
				CapacityRebalance: w.CapacityRebalance, NewInstancesProtectedFromScaleIn: w.NewInstancesProtectedFromScaleIn, Tags: tags,
			}
			w.AutoScalingGroupName = &d.name
			for _, tag := range tags {
				w.Tags = append(w.Tags, asgtypes.TagDescription(tag))
			}
			// AWS answers with nothing: this is the group without its hosts and its ARN.
			return kit.Get(ctx, s.API.ASG.CreateAutoScalingGroup, in, func(*autoscaling.CreateAutoScalingGroupOutput) scalingGroup { return w })
		},
		// The hosts go with the group, without waiting for their tasks: there are none left.
		Delete: func(ctx context.Context, s *provision.Step, g scalingGroup) error {
			if g.Status != nil {
				return nil
			}
			return kit.Do(ctx, s.API.ASG.DeleteAutoScalingGroup, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: g.AutoScalingGroupName, ForceDelete: aws.Bool(true)})
		},
		Retag: kit.Retag(ofASG, awsapi.AutoScaling.CreateOrUpdateTags, func(g scalingGroup, tags provision.Tags, in *autoscaling.CreateOrUpdateTagsInput) {
			in.Tags = asgTags(name(g), tags)
		}),
		Untag: kit.Untag(ofASG, awsapi.AutoScaling.DeleteTags, func(g scalingGroup, keys []string, in *autoscaling.DeleteTagsInput) {
			for i := range keys {
				in.Tags = append(in.Tags, asgtypes.Tag{Key: &keys[i], ResourceId: aws.String(name(g)), ResourceType: aws.String("auto-scaling-group")})
			}
		}),
		Update: func(ctx context.Context, s *provision.Step, d wantHosts, g scalingGroup, changed []string) error {
			in := &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: g.AutoScalingGroupName}
			kit.PutMembers(groupMembers, changed, wantedGroup(s, d), in)
			return kit.Do(ctx, s.API.ASG.UpdateAutoScalingGroup, in)
		},
		Stalled: hostsStalled,
		Limits:  provision.Limits[wantHosts, scalingGroup]{Needed: takenByHosts},
		Facts: func(g scalingGroup) []provision.Fact {
			return []provision.Fact{{Name: "hosts", Value: fmt.Sprintf("%d in service, %s", hostsInService(g), rangeOf(g))}}
		},
		Fields: kit.MemberFields(groupMembers, wantedGroup, func(g scalingGroup) scalingGroup { return g }),
	})
}

// scalingGroupState is ready once the fewest hosts have joined the cluster: a host that
// runs and does not reach ECS is of no use.
func scalingGroupState(g scalingGroup) provision.State {
	if g.Status != nil {
		return provision.Deleting
	}
	if g.AutoScalingGroupARN == nil || min(hostsInService(g), g.registered) < int(aws.ToInt32(g.MinSize)) {
		return provision.Pending
	}
	return provision.Available
}

func hostsInService(g scalingGroup) int {
	count := 0
	for _, i := range g.Instances {
		if i.LifecycleState == asgtypes.LifecycleStateInService {
			count++
		}
	}
	return count
}

// hostSubnets are the client's subnets, in the order of the zones.
func hostSubnets(s *provision.Step) []string {
	return kit.Texts(s.Letters(), func(letter string) string { return s.ID("ec2/subnet", letter) })
}

// asgTags are tags as Auto Scaling takes them, which it hands on to the hosts.
func asgTags(group string, tags provision.Tags) []asgtypes.Tag {
	out := kit.TagCodec[asgtypes.Tag](func(t *asgtypes.Tag) (key, value **string) { return &t.Key, &t.Value }).To(tags)
	for i := range out {
		out[i].PropagateAtLaunch, out[i].ResourceId, out[i].ResourceType = aws.Bool(true), aws.String(group), aws.String("auto-scaling-group")
	}
	return out
}
