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

func nicsOf(o *ec2.DescribeNetworkInterfacesOutput) []nic { return o.NetworkInterfaces }

// nicsIn lists a VPC's network interfaces once a sweep: all that wait for some share it.
func nicsIn(ctx context.Context, w *provision.Sweep, vpc *string) ([]nic, error) {
	return kit.Shared(ctx, w, "network interfaces of "+aws.ToString(vpc), ec2.NewDescribeNetworkInterfacesPaginator(w.EC2,
		&ec2.DescribeNetworkInterfacesInput{Filters: []ec2types.Filter{filter("vpc-id", aws.ToString(vpc))}}), nicsOf)
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
	all, err := kit.All(ctx, ec2.NewDescribeNetworkInterfacesPaginator(s.API.EC2, &ec2.DescribeNetworkInterfacesInput{Filters: []ec2types.Filter{by}}), nicsOf)
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(n nic) bool { return !in(n) })
	who := nicsText(all)
	var ids []string
	for _, n := range all {
		if id := endpointOf(n); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return who, nil
	}
	endpoints, err := endpointsText(ctx, s, filter("vpc-endpoint-id", ids...))
	return join(who, endpoints), err
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
			text += ", owned by " + r
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
	var who []string
	listed, err := kit.All(ctx, p, func(o *ec2.DescribeVpcEndpointsOutput) []ec2types.VpcEndpoint { return o.VpcEndpoints })
	if err != nil {
		return "", err
	}
	for _, e := range listed {
		tags := Tags.Of(e.Tags)
		if tags[provision.TagManagedBy] == provision.ManagedBy {
			continue
		}
		text := fmt.Sprintf("endpoint %s (%s", aws.ToString(e.VpcEndpointId), aws.ToString(e.ServiceName))
		if tags[watchedByAWS] != "" || strings.HasSuffix(aws.ToString(e.ServiceName), ".guardduty-data") {
			text += "; " + howToUnwatch
		}
		who = append(who, text+")")
	}
	return strings.Join(who, ", "), nil
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
	var groups []string
	p := ec2.NewDescribeSecurityGroupsPaginator(s.API.EC2, &ec2.DescribeSecurityGroupsInput{Filters: []ec2types.Filter{filter("vpc-id", vpc)}})
	listed, err := kit.All(ctx, p, groupsOf)
	if err != nil {
		return "", err
	}
	for _, g := range listed {
		if aws.ToString(g.GroupName) == "default" || Tags.Of(g.Tags)[provision.TagManagedBy] == provision.ManagedBy {
			continue
		}
		text := fmt.Sprintf("security group %s (%s", aws.ToString(g.GroupId), aws.ToString(g.GroupName))
		if Tags.Of(g.Tags)[watchedByAWS] != "" {
			text += "; " + howToUnwatch
		}
		groups = append(groups, text+")")
	}
	return join(nics, endpoints, strings.Join(groups, ", ")), nil
}

// join lists what is not empty.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}
