package ecs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"gitlab.com/cicd/cicdctl/internal/count"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// wantedGroup is the group as AWS would describe it, without its hosts.
func wantedGroup(s *provision.Step, d wantHosts) scalingGroup {
	template := &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: aws.String(s.ID("ec2/launch-template", "hosts")), Version: aws.String(latestTemplate)}
	return &hostGroup{AutoScalingGroup: asgtypes.AutoScalingGroup{
		MinSize: aws.Int32(int32(d.Min)), MaxSize: aws.Int32(int32(d.Max)), VPCZoneIdentifier: aws.String(strings.Join(hostSubnets(s), ",")),
		LaunchTemplate: template, HealthCheckType: aws.String("EC2"), HealthCheckGracePeriod: aws.Int32(rules.HostGraceSeconds),
		TerminationPolicies: []string{"Default"}, CapacityRebalance: aws.Bool(false), NewInstancesProtectedFromScaleIn: aws.Bool(false),
	}}
}

type groupUpdate = autoscaling.UpdateAutoScalingGroupInput

var groupMembers = []kit.Member[scalingGroup, groupUpdate]{
	kit.MemberOf("size", rangeOf, func(w scalingGroup, in *groupUpdate) { in.MinSize, in.MaxSize = w.MinSize, w.MaxSize }),
	kit.MemberOf("subnets", func(g scalingGroup) string { return kit.Lines(strings.Split(aws.ToString(g.VPCZoneIdentifier), ",")) },
		func(w scalingGroup, in *groupUpdate) { in.VPCZoneIdentifier = w.VPCZoneIdentifier }),
	kit.MemberOf("launch template", func(g scalingGroup) string { return templateText(g.LaunchTemplate) },
		func(w scalingGroup, in *groupUpdate) { in.LaunchTemplate = w.LaunchTemplate }),
	kit.MemberOf("health check", func(g scalingGroup) string {
		return fmt.Sprintf("%s after %d s", aws.ToString(g.HealthCheckType), aws.ToInt32(g.HealthCheckGracePeriod))
	}, func(w scalingGroup, in *groupUpdate) {
		in.HealthCheckType, in.HealthCheckGracePeriod = w.HealthCheckType, w.HealthCheckGracePeriod
	}),
	kit.MemberOf("termination policies", func(g scalingGroup) string { return strings.Join(g.TerminationPolicies, "\n") },
		func(w scalingGroup, in *groupUpdate) { in.TerminationPolicies = w.TerminationPolicies }),
	kit.MemberOf("capacity rebalance", func(g scalingGroup) string { return kit.OnOff(aws.ToBool(g.CapacityRebalance)) },
		func(w scalingGroup, in *groupUpdate) { in.CapacityRebalance = w.CapacityRebalance }),
	// Protected hosts would keep the group from being scaled in, and from being refreshed.
	kit.MemberOf("scale-in protection", func(g scalingGroup) string { return kit.OnOff(aws.ToBool(g.NewInstancesProtectedFromScaleIn)) },
		func(w scalingGroup, in *groupUpdate) {
			in.NewInstancesProtectedFromScaleIn = w.NewInstancesProtectedFromScaleIn
		}),
}

func templateText(t *asgtypes.LaunchTemplateSpecification) string {
	if t == nil {
		return ""
	}
	return aws.ToString(t.LaunchTemplateId) + " " + aws.ToString(t.Version)
}

// hostRange is the canonical text of how many hosts there may be. How many there are
// is up to ECS.
func hostRange(lowest, highest int) string {
	return count.Sprintf("%d to %d {host|hosts}", lowest, highest)
}

func rangeOf(g scalingGroup) string {
	return hostRange(int(aws.ToInt32(g.MinSize)), int(aws.ToInt32(g.MaxSize)))
}
