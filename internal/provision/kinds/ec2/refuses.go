package ec2

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// refusesSubnet names machines and services of others in a subnet. What AWS takes out by
// itself is waited for.
func refusesSubnet(ctx context.Context, s *provision.Step, w *provision.Sweep, n *subnet) (string, error) {
	all, err := nicsIn(ctx, w, n.VpcId)
	if err != nil {
		return "", err
	}
	hosts := map[string]bool{}
	for _, r := range s.Found("autoscaling/group") {
		if g, ok := r.Object.(interface{ InstanceIDs() []string }); ok && !r.Foreign() {
			for _, id := range g.InstanceIDs() {
				hosts[id] = true
			}
		}
	}
	theirs := slices.DeleteFunc(slices.Clone(all), func(in nic) bool {
		if aws.ToString(in.SubnetId) != aws.ToString(n.SubnetId) || in.Status == ec2types.NetworkInterfaceStatusDetaching {
			return true
		}
		switch in.InterfaceType {
		case ec2types.NetworkInterfaceTypeLambda, ec2types.NetworkInterfaceTypeTransitGateway, "efs":
			return false
		case ec2types.NetworkInterfaceTypeInterface:
			return in.Attachment == nil || aws.ToString(in.Attachment.InstanceOwnerId) != s.Account || aws.ToString(in.Attachment.InstanceId) == "" || hosts[*in.Attachment.InstanceId]
		default:
			return true
		}
	})
	if len(theirs) == 0 || len(hosts) == 0 { // hosts of a group that is gone shut down for a while
		return "", nil
	}
	return "it holds " + nicsText(theirs) + ", which cicdctl did not make", nil
}

// refusesGroup names the groups of others whose rules speak of a group.
func refusesGroup(_ context.Context, s *provision.Step, _ *provision.Sweep, g *securityGroup) (string, error) {
	for _, r := range s.Found("ec2/security-group") {
		other, ok := r.Object.(*securityGroup)
		if !ok || !r.Foreign() {
			continue
		}
		for _, p := range append(slices.Clone(other.IpPermissions), other.IpPermissionsEgress...) {
			if slices.ContainsFunc(p.UserIdGroupPairs, func(pair ec2types.UserIdGroupPair) bool { return aws.ToString(pair.GroupId) == aws.ToString(g.GroupId) }) {
				return fmt.Sprintf("a rule of %s (%s) names it, which is not cicdctl's", r.ID, aws.ToString(other.GroupName)), nil
			}
		}
	}
	return "", nil
}
