package ec2

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// Who sits in a network, and keeps parts of it from being deleted.

// networkPatience is how long network interfaces may outlive the load balancers, the
// databases and the endpoints that had them: as long as Terraform's provider gives a
// subnet (internal/service/ec2/vpc_subnet.go).
const networkPatience = 20 * time.Minute

// nic is one network interface.
type nic = ec2types.NetworkInterface

// nicsIn lists a VPC's network interfaces once a sweep: all that wait for some share it.
func nicsIn(ctx context.Context, w *provision.Sweep, vpc *string) ([]nic, error) {
	return provision.Shared(w, "network interfaces of "+aws.ToString(vpc), func() ([]nic, error) {
		return nicsBy(ctx, w.EC2, filter("vpc-id", aws.ToString(vpc)))
	})
}

// occupiedBy is a kind's WaitFor: it names those of the VPC's network interfaces that
// are in the resource.
func occupiedBy[A any](vpc func(A) *string, in func(A, nic) bool) func(context.Context, *provision.Sweep, A) (string, error) {
	return func(ctx context.Context, w *provision.Sweep, a A) (string, error) {
		if aws.ToString(vpc(a)) == "" {
			return "", nil
		}
		all, err := nicsIn(ctx, w, vpc(a))
		if err != nil {
			return "", err
		}
		return nicsText(slices.DeleteFunc(slices.Clone(all), func(n nic) bool { return !in(a, n) })), nil
	}
}

func inGroup(id *string, n nic) bool {
	return slices.ContainsFunc(n.Groups, func(g ec2types.GroupIdentifier) bool { return aws.ToString(g.GroupId) == aws.ToString(id) })
}

// public reports whether a network interface has a public address: an internet gateway
// stays while there is one.
func public(n nic) bool { return n.Association != nil && aws.ToString(n.Association.PublicIp) != "" }

// occupants names the network interfaces that keep something from being deleted, and
// who owns them.
func occupants(ctx context.Context, s *provision.Step, in func(nic) bool, by ec2types.Filter) (string, error) {
	all, err := nicsBy(ctx, s.API.EC2, by)
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(n nic) bool { return !in(n) })
	who := nicsText(all)
	ids := slices.DeleteFunc(kit.Texts(all, endpointOf), func(id string) bool { return id == "" })
	if len(ids) == 0 {
		return who, nil
	}
	endpoints, err := endpointsText(ctx, s, filter("vpc-endpoint-id", ids...))
	return kit.Join(who, endpoints), err
}

// blockedBy is a kind's Blockers: it names the network interfaces in the resource, by
// the filter of EC2 that takes its identifier.
func blockedBy[A any](in func(nic) bool, by string, id func(A) string) func(context.Context, *provision.Step, A) (string, error) {
	return func(ctx context.Context, s *provision.Step, a A) (string, error) {
		return occupants(ctx, s, in, filter(by, id(a)))
	}
}

func anyNIC(nic) bool { return true }

// nicsText tells network interfaces and whose they are.
func nicsText(all []nic) string {
	var who []string
	for _, n := range all {
		text := fmt.Sprintf("%s (%s", aws.ToString(n.NetworkInterfaceId), n.InterfaceType)
		if d := aws.ToString(n.Description); d != "" {
			text += ", " + d
		}
		if n.Attachment != nil && aws.ToString(n.Attachment.InstanceId) != "" {
			text += ", of instance " + *n.Attachment.InstanceId
		}
		if r := aws.ToString(n.RequesterId); r != "" {
			text += lang.Sprintf(", owned by %s", r)
		}
		who = append(who, text+")")
	}
	return strings.Join(who, ", ")
}

// endpointOf is the endpoint that a network interface belongs to, or "".
func endpointOf(n nic) string {
	id, of := strings.CutPrefix(aws.ToString(n.Description), "VPC Endpoint Interface ")
	if n.InterfaceType != ec2types.NetworkInterfaceTypeVpcEndpoint || !of {
		return ""
	}
	return id
}

// watchedByAWS is the tag of what GuardDuty's Runtime Monitoring puts into a VPC by
// itself. Terraform's provider deletes it with the VPC; cicdctl removes only what it
// made, and whoever has GuardDuty watch the account decides.
const watchedByAWS = "GuardDutyManaged"

const howToUnwatch = "GuardDuty's Runtime Monitoring made it: turn its automated agent off for this VPC or delete it by hand, then run again"

// endpointsText names endpoints that cicdctl did not make, and what can be done about
// GuardDuty's.
func endpointsText(ctx context.Context, s *provision.Step, by ec2types.Filter) (string, error) {
	p := ec2.NewDescribeVpcEndpointsPaginator(s.API.EC2, &ec2.DescribeVpcEndpointsInput{Filters: []ec2types.Filter{by}})
	listed, err := kit.All(ctx, p, func(o *ec2.DescribeVpcEndpointsOutput) []ec2types.VpcEndpoint { return o.VpcEndpoints })
	return kit.Listed(listed, err, func(e ec2types.VpcEndpoint) string {
		if isOurs(e.Tags) {
			return ""
		}
		watching := strings.HasSuffix(aws.ToString(e.ServiceName), ".guardduty-data")
		return othersText("endpoint", e.VpcEndpointId, e.ServiceName, watching || Tags.Of(e.Tags)[watchedByAWS] != "")
	})
}

// othersText is "endpoint vpce-0123 (its service)", with what can be done about GuardDuty's.
func othersText(what string, id, of *string, watching bool) string {
	text := fmt.Sprintf("%s %s (%s", what, aws.ToString(id), aws.ToString(of))
	if watching {
		text += "; " + howToUnwatch
	}
	return text + ")"
}

// leftInVPC names all that keeps a VPC from being deleted and is not cicdctl's.
func leftInVPC(ctx context.Context, s *provision.Step, vpc string) (string, error) {
	nics, err := occupants(ctx, s, anyNIC, filter("vpc-id", vpc))
	if err != nil {
		return "", err
	}
	endpoints, err := endpointsText(ctx, s, filter("vpc-id", vpc))
	if err != nil {
		return "", err
	}
	if strings.Contains(nics, endpoints) {
		endpoints = ""
	}
	listed, err := groupsBy(ctx, s.API.EC2, filter("vpc-id", vpc))
	groups, err := kit.Listed(listed, err, func(g ec2types.SecurityGroup) string {
		if aws.ToString(g.GroupName) == "default" || isOurs(g.Tags) {
			return ""
		}
		return othersText("security group", g.GroupId, g.GroupName, Tags.Of(g.Tags)[watchedByAWS] != "")
	})
	if err != nil {
		return "", err
	}
	return kit.Join(nics, endpoints, groups), nil
}

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
	return lang.Sprintf("it holds %s, which cicdctl did not make", nicsText(theirs)), nil
}
