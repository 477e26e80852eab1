package ec2

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

type natGateway = *ec2types.NatGateway

var natQuota = &provision.Quota{Service: "vpc", Code: "L-FE5A380F", Name: "NAT gateways per availability zone"}

// natStates are the states other than that of a gateway that is as it should be.
var natStates = map[ec2types.NatGatewayState]provision.State{
	ec2types.NatGatewayStatePending: provision.Pending, ec2types.NatGatewayStateDeleting: provision.Deleting,
	ec2types.NatGatewayStateDeleted: provision.Gone, // listed for about an hour
	ec2types.NatGatewayStateFailed:  provision.Failed,
}

// NATGatewayKind is the clients' way to the internet. The address is its lock:
// no second gateway can have it.
func NATGatewayKind() *provision.Type {
	id := func(g natGateway) string { return aws.ToString(g.NatGatewayId) }
	edge := func(s *provision.Step, _ struct{}) string {
		return s.ID("ec2/subnet", "edge-"+strings.TrimPrefix(s.Role, "nat-"))
	}
	return provision.Define(provision.Kind[struct{}, natGateway]{
		Name:          "ec2/nat-gateway",
		ARN:           "ec2:natgateway/",
		Levels:        provision.RegionLevel,
		Billing:       provision.Billing[struct{}, natGateway]{Items: billNAT},
		Impact:        provision.Impact[natGateway]{Losses: natLosses},
		DependsOn:     append(provision.Existing("ec2/subnet", "ec2/elastic-ip"), provision.Ready("ec2/internet-gateway")...),
		NotIdempotent: true, // its client token is good for one run only: see runToken
		// Terraform's logs say 1m25s to 2m5s.
		Timing: provision.Timing{AsyncDelete: true, Usual: 100 * time.Second, Timeout: 15 * time.Minute},
		Want:   kit.NatRoles,
		Zone:   func(s *provision.Step, _ struct{}) string { return s.ZoneOf(s.Role).Name },
		Naming: provision.Naming[struct{}, natGateway]{Title: zoneOf},
		List: kit.List(func(w *provision.Sweep) *ec2.DescribeNatGatewaysPaginator {
			return ec2.NewDescribeNatGatewaysPaginator(w.EC2, &ec2.DescribeNatGatewaysInput{})
		},
			func(o *ec2.DescribeNatGatewaysOutput) []ec2types.NatGateway { return o.NatGateways }),
		ID:    id,
		Tags:  func(g natGateway) provision.Tags { return Tags.Of(g.Tags) },
		State: func(g natGateway) provision.State { return natStates[g.State] },
		InUse: func(g natGateway) bool {
			return g.State == ec2types.NatGatewayStateAvailable || g.State == ec2types.NatGatewayStatePending
		},
		LostTags: func(s *provision.Step, d struct{}, other natGateway) bool {
			return natStates[other.State] <= provision.Pending && aws.ToString(other.SubnetId) == edge(s, d)
		},
		// AWS never takes one that failed up again, and removes it within about an hour
		// ("Troubleshoot NAT gateways", Amazon VPC user guide).
		Defunct: func(g natGateway) bool { return g.State == ec2types.NatGatewayStateFailed },
		Create: func(ctx context.Context, s *provision.Step, d struct{}) (natGateway, error) {
			address, subnet := s.ID("ec2/elastic-ip", s.Role), edge(s, d)
			if err := addressFree(ctx, s, address); err != nil {
				return nil, err
			}
			in := &ec2.CreateNatGatewayInput{
				SubnetId: aws.String(subnet), AllocationId: aws.String(address), ConnectivityType: ec2types.ConnectivityTypePublic,
				ClientToken: runToken(s, address, subnet), TagSpecifications: Tagged(s, ec2types.ResourceTypeNatgateway),
			}
			return kit.Get(ctx, s.API.EC2.CreateNatGateway, in, func(o *ec2.CreateNatGatewayOutput) natGateway { return o.NatGateway })
		},
		Delete: kit.Delete(ofEC2, awsapi.EC2.DeleteNatGateway, func(g natGateway, in *ec2.DeleteNatGatewayInput) { in.NatGatewayId = g.NatGatewayId }),
		Retag:  Retag(id),
		Facts: func(g natGateway) []provision.Fact {
			public := kit.Texts(g.NatGatewayAddresses, func(a ec2types.NatGatewayAddress) string { return aws.ToString(a.PublicIp) })
			return []provision.Fact{{Name: "public IP", Value: strings.Join(public, " ")}}
		},
		Limits: provision.Limits[struct{}, natGateway]{
			Needed: func(s *provision.Scope, role provision.Role, _ struct{}, have *natGateway) []provision.Take {
				if have != nil {
					return nil
				}
				return []provision.Take{{Quota: natQuota, Place: s.ZoneOf(role).Name, Now: 1}}
			},
			// A gateway does not tell its zone, its subnet does. One that failed does not count.
			Used: func(inv *provision.Inventory, region string, g natGateway) []provision.Take {
				in := inv.Find("ec2/subnet", region, aws.ToString(g.SubnetId))
				if in == nil || g.State == ec2types.NatGatewayStateFailed {
					return nil
				}
				return []provision.Take{{Quota: natQuota, Place: aws.ToString(in.Object.(*subnet).AvailabilityZone), Now: 1}}
			},
		},
		Fields: []provision.Field[struct{}, natGateway]{
			kit.Immutable("subnet", edge, func(g natGateway) string { return aws.ToString(g.SubnetId) },
				"a NAT gateway stays in its subnet: delete it by hand and run again; clients of that zone have no internet for some minutes"),
			kit.Immutable("address", func(s *provision.Step, _ struct{}) string { return s.ID("ec2/elastic-ip", s.Role) }, func(g natGateway) string {
				for _, a := range g.NatGatewayAddresses {
					if a.IsPrimary == nil || *a.IsPrimary {
						return aws.ToString(a.AllocationId)
					}
				}
				return ""
			}, "a NAT gateway keeps its address: delete it by hand and run again; clients of that zone have no internet for some minutes"),
			kit.Immutable("connectivity", kit.Const[struct{}](string(ec2types.ConnectivityTypePublic)), func(g natGateway) string { return string(g.ConnectivityType) },
				"a NAT gateway stays public or private: delete it by hand and run again"),
		},
	})
}

// addressFree waits, by an error that the engine takes for "in use", while another
// gateway has the address: one that is being deleted, or our own that lists do not
// show yet. AWS would take the order and have the new gateway fail later on.
func addressFree(ctx context.Context, s *provision.Step, allocation string) error {
	if known, ok := provision.Lookup[elasticIP](s, "ec2/elastic-ip", s.Role); !ok || known.AssociationId == nil {
		return nil
	}
	out, err := s.API.EC2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: []string{allocation}})
	if err != nil {
		return err
	}
	for _, a := range out.Addresses {
		if a.AssociationId != nil {
			return kit.Busy("InvalidIPAddress.InUse", lang.Sprintf("the address %s is still associated with %s", aws.ToString(a.PublicIp), aws.ToString(a.NetworkInterfaceId)))
		}
	}
	return nil
}
