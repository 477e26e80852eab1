package ecs

import (
	"context"
	"fmt"
	"strings"
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
	var out []string
	for _, i := range g.Instances {
		out = append(out, aws.ToString(i.InstanceId))
	}
	return out
}

type wantHosts struct {
	name string
	spec.Hosts
}

// hostRange is the canonical text of how many hosts there may be. How many there are
// is up to ECS.
func hostRange(lowest, highest int) string { return fmt.Sprintf("%d to %d hosts", lowest, highest) }

func rangeOf(g scalingGroup) string {
	return hostRange(int(aws.ToInt32(g.MinSize)), int(aws.ToInt32(g.MaxSize)))
}

// latestTemplate makes new hosts by the newest version of the launch template.
const latestTemplate = "$Latest"

// ScalingGroupKind is the client's hosts: EC2 machines in its three subnets.
func ScalingGroupKind() *provision.Type {
	name := func(g scalingGroup) string { return aws.ToString(g.AutoScalingGroupName) }
	return provision.Define(provision.Kind[wantHosts, scalingGroup]{
		Name:   "autoscaling/group",
		ARN:    "autoscaling:autoScalingGroup:",
		Levels: provision.ClientLevel,
		DependsOn: append(provision.Ready("ec2/subnet", "iam/instance-profile", "iam/role", "ecs/cluster"),
			provision.Existing("ec2/launch-template", "ec2/security-group", "iam/service-linked-role")...),
		Timing: provision.Timing{AsyncDelete: true, Timeout: 20 * time.Minute}, // machines start and stop in minutes
		Want: func(s *provision.Scope) map[provision.Role]wantHosts {
			return map[provision.Role]wantHosts{"hosts": {rules.HostsName(s.Client), s.Spec.Hosts}}
		},
		List:     listScalingGroups,
		Describe: describeScalingGroup,
		Removal:  provision.Removal[scalingGroup]{Refused: refusesHosts},
		ID:       name,
		Tags:     groupTags,
		State:    scalingGroupState,
		Naming: provision.Naming[wantHosts, scalingGroup]{
			Key:   name,
			KeyOf: func(_ *provision.Scope, d wantHosts) string { return d.name },
			Title: func(_ *provision.Scope, _ provision.Role, d wantHosts) string {
				return d.name + ", " + hostRange(d.Min, d.Max)
			},
		},
		Create: func(ctx context.Context, s *provision.Step, d wantHosts) (scalingGroup, error) {
			in := &autoscaling.CreateAutoScalingGroupInput{
				AutoScalingGroupName: aws.String(d.name), MinSize: aws.Int32(int32(d.Min)), MaxSize: aws.Int32(int32(d.Max)),
				VPCZoneIdentifier: aws.String(strings.Join(hostSubnets(s), ",")), LaunchTemplate: hostTemplate(s),
				HealthCheckType: aws.String("EC2"), HealthCheckGracePeriod: aws.Int32(rules.HostGraceSeconds),
				TerminationPolicies: []string{"Default"}, CapacityRebalance: aws.Bool(false), NewInstancesProtectedFromScaleIn: aws.Bool(false),
				Tags: asgTags(d.name, s.Tags),
			}
			if err := kit.Do(ctx, s.API.ASG.CreateAutoScalingGroup, in); err != nil {
				return nil, err
			}
			// AWS answers with nothing: this is the group without its hosts and its ARN.
			return &hostGroup{AutoScalingGroup: asgtypes.AutoScalingGroup{
				AutoScalingGroupName: in.AutoScalingGroupName, MinSize: in.MinSize, MaxSize: in.MaxSize, VPCZoneIdentifier: in.VPCZoneIdentifier,
				LaunchTemplate: in.LaunchTemplate, HealthCheckType: in.HealthCheckType, HealthCheckGracePeriod: in.HealthCheckGracePeriod,
				TerminationPolicies: in.TerminationPolicies, CapacityRebalance: in.CapacityRebalance, NewInstancesProtectedFromScaleIn: in.NewInstancesProtectedFromScaleIn,
				Tags: describedTags(in.Tags),
			}}, nil
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
		Update:  updateScalingGroup,
		Stalled: hostsStalled,
		Limits:  provision.Limits[wantHosts, scalingGroup]{Needed: takenByHosts},
		Facts: func(g scalingGroup) []provision.Fact {
			return []provision.Fact{{Name: "hosts", Value: fmt.Sprintf("%d in service, %s", hostsInService(g), rangeOf(g))}}
		},
		Fields: scalingGroupFields(),
	})
}

func scalingGroupFields() []provision.Field[wantHosts, scalingGroup] {
	batch := func(name string, want func(*provision.Step, wantHosts) string, have func(scalingGroup) string) provision.Field[wantHosts, scalingGroup] {
		return provision.Field[wantHosts, scalingGroup]{Name: name, Want: want, Have: have, Batch: true}
	}
	always := func(text string) func(*provision.Step, wantHosts) string {
		return func(*provision.Step, wantHosts) string { return text }
	}
	check := func(kind string, seconds int32) string { return fmt.Sprintf("%s after %d s", kind, seconds) }
	return []provision.Field[wantHosts, scalingGroup]{
		batch("size", func(_ *provision.Step, d wantHosts) string { return hostRange(d.Min, d.Max) },
			rangeOf),
		batch("subnets", func(s *provision.Step, _ wantHosts) string { return kit.Lines(hostSubnets(s)) },
			func(g scalingGroup) string { return kit.Lines(strings.Split(aws.ToString(g.VPCZoneIdentifier), ",")) }),
		batch("launch template", func(s *provision.Step, _ wantHosts) string { return templateText(hostTemplate(s)) },
			func(g scalingGroup) string { return templateText(g.LaunchTemplate) }),
		batch("health check", always(check("EC2", rules.HostGraceSeconds)),
			func(g scalingGroup) string {
				return check(aws.ToString(g.HealthCheckType), aws.ToInt32(g.HealthCheckGracePeriod))
			}),
		batch("termination policies", always("Default"), func(g scalingGroup) string { return strings.Join(g.TerminationPolicies, "\n") }),
		batch("capacity rebalance", always("off"), func(g scalingGroup) string { return kit.OnOff(aws.ToBool(g.CapacityRebalance)) }),
		// Protected hosts would keep the group from being scaled in, and from being refreshed.
		batch("scale-in protection", always("off"), func(g scalingGroup) string { return kit.OnOff(aws.ToBool(g.NewInstancesProtectedFromScaleIn)) }),
	}
}

func updateScalingGroup(ctx context.Context, s *provision.Step, d wantHosts, g scalingGroup, changed []string) error {
	in := &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: g.AutoScalingGroupName}
	for _, field := range changed {
		switch field {
		case "size":
			in.MinSize, in.MaxSize = aws.Int32(int32(d.Min)), aws.Int32(int32(d.Max))
		case "subnets":
			in.VPCZoneIdentifier = aws.String(strings.Join(hostSubnets(s), ","))
		case "launch template":
			in.LaunchTemplate = hostTemplate(s)
		case "health check":
			in.HealthCheckType, in.HealthCheckGracePeriod = aws.String("EC2"), aws.Int32(rules.HostGraceSeconds)
		case "termination policies":
			in.TerminationPolicies = []string{"Default"}
		case "capacity rebalance":
			in.CapacityRebalance = aws.Bool(false)
		case "scale-in protection":
			in.NewInstancesProtectedFromScaleIn = aws.Bool(false)
		}
	}
	return kit.Do(ctx, s.API.ASG.UpdateAutoScalingGroup, in)
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
	var out []string
	for i := range s.Zones {
		out = append(out, s.ID("ec2/subnet", s.Letter(i)))
	}
	return out
}

func hostTemplate(s *provision.Step) *asgtypes.LaunchTemplateSpecification {
	return &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: aws.String(s.ID("ec2/launch-template", "hosts")), Version: aws.String(latestTemplate)}
}

func templateText(t *asgtypes.LaunchTemplateSpecification) string {
	if t == nil {
		return ""
	}
	return aws.ToString(t.LaunchTemplateId) + " " + aws.ToString(t.Version)
}

// asgTags are tags as Auto Scaling takes them, which it hands on to the hosts.
func asgTags(group string, tags provision.Tags) []asgtypes.Tag {
	out := kit.TagCodec[asgtypes.Tag](func(t *asgtypes.Tag) (key, value **string) { return &t.Key, &t.Value }).To(tags)
	for i := range out {
		out[i].PropagateAtLaunch, out[i].ResourceId, out[i].ResourceType = aws.Bool(true), aws.String(group), aws.String("auto-scaling-group")
	}
	return out
}

func describedTags(tags []asgtypes.Tag) []asgtypes.TagDescription {
	out := make([]asgtypes.TagDescription, len(tags))
	for i, t := range tags {
		out[i] = asgtypes.TagDescription(t)
	}
	return out
}
