package ec2

import (
	"context"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// subnet is one subnet with the ACL and the route table it is associated with.
type subnet struct {
	ec2types.Subnet
	acl         string
	table       string
	association string // with the route table; empty while the main one serves
}

type wantSubnet struct {
	cidr       netip.Prefix
	zone       provision.Zone
	acl, table provision.Role
}

// mainTable is what a subnet reads that is associated with no route table.
const mainTable = "the VPC's main route table"

// SubnetKind is a client's three /21 and the edge's three /22. A client's first
// subnet is the lock on its slot: EC2 refuses a second one atomically.
func SubnetKind() *provision.Type {
	id := func(n *subnet) string { return aws.ToString(n.SubnetId) }
	return provision.Define(provision.Kind[wantSubnet, *subnet]{
		Name:    "ec2/subnet",
		ARN:     "ec2:subnet/",
		Levels:  provision.RegionLevel | provision.ClientLevel,
		Billing: provision.Billing[wantSubnet, *subnet]{Free: freeVPC},
		Impact:  provision.Impact[*subnet]{Stateless: true},
		// The VPC's default ACL, which a new subnet is in, is closed before there is one.
		DependsOn: append(provision.Ready("ec2/vpc"), provision.Existing("ec2/network-acl", "ec2/route-table")...),
		Leader:    "a",
		Bears:     map[provision.Level]provision.Role{provision.ClientLevel: "a"},
		Want:      wantSubnets,
		Naming:    provision.Naming[wantSubnet, *subnet]{Title: kit.Title(func(d wantSubnet) string { return d.cidr.String() + " " + d.zone.Name })},
		List:      OfClient(ec2types.ResourceTypeSubnet, listSubnets),
		Describe:  describeSubnet,
		ID:        id,
		Tags:      func(n *subnet) provision.Tags { return Tags.Of(n.Subnet.Tags) },
		State: func(n *subnet) provision.State {
			if n.Subnet.State == ec2types.SubnetStatePending {
				return provision.Pending
			}
			return provision.Available
		},
		LostTags: func(s *provision.Step, d wantSubnet, other *subnet) bool {
			return aws.ToString(other.VpcId) == s.ID("ec2/vpc", "vpc") && aws.ToString(other.CidrBlock) == d.cidr.String()
		},
		Zone:   func(_ *provision.Step, d wantSubnet) string { return d.zone.Name },
		Create: createSubnet,
		Delete: kit.Delete(ofEC2, awsapi.EC2.DeleteSubnet, func(n *subnet, in *ec2.DeleteSubnetInput) { in.SubnetId = n.SubnetId }),
		Retag:  Retag(id),
		Untag:  Untag(id),
		Removal: provision.Removal[*subnet]{
			Listed:   true,
			Blockers: blockedBy(anyNIC, "subnet-id", id),
			Refused:  refusesSubnet,
			WaitFor:  occupiedBy(func(n *subnet) *string { return n.VpcId }, func(n *subnet, in nic) bool { return aws.ToString(in.SubnetId) == id(n) }),
		},
		Timing:      provision.Timing{DeleteTimeout: networkPatience},
		FactsListed: true,
		Facts: func(n *subnet) []provision.Fact {
			return []provision.Fact{{Name: "CIDR", Value: aws.ToString(n.CidrBlock)}, {Name: "zone", Value: aws.ToString(n.AvailabilityZone)}}
		},
		Fields: []provision.Field[wantSubnet, *subnet]{
			inVPC[wantSubnet](func(n *subnet) *string { return n.VpcId }),
			kit.Immutable("CIDR", kit.Wanted(func(d wantSubnet) string { return d.cidr.String() }), func(n *subnet) string { return aws.ToString(n.CidrBlock) },
				"a subnet keeps its CIDR: remove what is in it, delete it by hand and run again"),
			kit.Immutable("zone", kit.Wanted(func(d wantSubnet) string { return d.zone.ID }), func(n *subnet) string { return aws.ToString(n.AvailabilityZoneId) },
				"a subnet stays in its availability zone: remove what is in it, delete it by hand and run again"),
			kit.Settable("network ACL", func(s *provision.Step, d wantSubnet) string { return s.ID("ec2/network-acl", d.acl) }, func(n *subnet) string { return n.acl }, associateACL),
			kit.Settable("route table", func(s *provision.Step, d wantSubnet) string { return s.ID("ec2/route-table", d.table) }, func(n *subnet) string { return n.table }, associateTable),
			// IPv6 addresses are public, too (EC2.15).
			kit.Settable("public addresses", kit.Const[wantSubnet](kit.OnOff(false)),
				func(n *subnet) string {
					return kit.OnOff(aws.ToBool(n.MapPublicIpOnLaunch) || aws.ToBool(n.AssignIpv6AddressOnCreation))
				}, closeSubnet),
		},
	})
}

// closeSubnet takes one call for each attribute: AWS changes one at a time.
func closeSubnet(ctx context.Context, s *provision.Step, _ wantSubnet, n *subnet) error {
	off := &ec2types.AttributeBooleanValue{Value: aws.Bool(false)}
	change := func(on *bool, in *ec2.ModifySubnetAttributeInput) error {
		if !aws.ToBool(on) {
			return nil
		}
		in.SubnetId = n.SubnetId
		return kit.Do(ctx, s.API.EC2.ModifySubnetAttribute, in)
	}
	if err := change(n.MapPublicIpOnLaunch, &ec2.ModifySubnetAttributeInput{MapPublicIpOnLaunch: off}); err != nil {
		return err
	}
	return change(n.AssignIpv6AddressOnCreation, &ec2.ModifySubnetAttributeInput{AssignIpv6AddressOnCreation: off})
}

func wantSubnets(s *provision.Scope) map[provision.Role]wantSubnet {
	out := map[provision.Role]wantSubnet{}
	for i, zone := range s.Zones {
		letter := s.Letter(i)
		if s.Level == provision.RegionLevel {
			out["edge-"+letter] = wantSubnet{s.Addr.EdgeSubnets()[i], zone, "edge", "edge"}
		} else {
			out[letter] = wantSubnet{s.Slot.Subnets()[i], zone, "client", letter}
		}
	}
	return out
}

func listSubnets(ctx context.Context, w *provision.Sweep) ([]*subnet, error) {
	var by []ec2types.Filter
	if w.Looking { // as whoever looks has just asked where the client is
		by = []ec2types.Filter{filter("tag:"+provision.TagManagedBy, provision.ManagedBy), filter("tag:"+provision.TagRegion, w.Region)}
	}
	all, err := subnetsBy(ctx, w.EC2, by...)
	return kit.Map(all, err, func(n ec2types.Subnet) *subnet { return &subnet{Subnet: n} })
}

// describeSubnet reads the associations from the sweeps of ACLs and route tables.
func describeSubnet(ctx context.Context, w *provision.Sweep, n *subnet) error {
	acls, err := networkACLs(ctx, w)
	if err != nil {
		return err
	}
	tables, err := routeTables(ctx, w)
	if err != nil {
		return err
	}
	for _, acl := range acls {
		for _, as := range acl.Associations {
			if aws.ToString(as.SubnetId) == aws.ToString(n.SubnetId) {
				n.acl = aws.ToString(acl.NetworkAclId)
			}
		}
	}
	n.table = mainTable
	for _, table := range tables {
		for _, as := range table.Associations {
			if aws.ToString(as.SubnetId) == aws.ToString(n.SubnetId) {
				n.table, n.association = aws.ToString(table.RouteTableId), aws.ToString(as.RouteTableAssociationId)
			}
		}
	}
	return nil
}

// createSubnet makes the subnet, or finds out who has its addresses. A new one is
// in the VPC's default ACL, which denies everything.
func createSubnet(ctx context.Context, s *provision.Step, d wantSubnet) (*subnet, error) {
	in := &ec2.CreateSubnetInput{
		VpcId: aws.String(s.ID("ec2/vpc", "vpc")), CidrBlock: aws.String(d.cidr.String()), AvailabilityZone: aws.String(d.zone.Name),
		TagSpecifications: Tagged(s, ec2types.ResourceTypeSubnet),
	}
	made, err := kit.Get(ctx, s.API.EC2.CreateSubnet, in, func(o *ec2.CreateSubnetOutput) *subnet { return &subnet{Subnet: *o.Subnet, table: mainTable} })
	if awsapi.Code(err) == "InvalidSubnet.Conflict" {
		return taken(ctx, s, d, err)
	}
	return made, err
}

// taken looks at what has the addresses: our own subnet, made by a call whose
// answer was lost; or somebody else's. Then the client's slot is lost to another
// run, and a plan with the next one is due. Where another subnet of ours holds the
// slot already, or at the edge, there is no next one.
func taken(ctx context.Context, s *provision.Step, d wantSubnet, conflict error) (*subnet, error) {
	all, err := subnetsBy(ctx, s.API.EC2, filter("vpc-id", s.ID("ec2/vpc", "vpc")))
	if err != nil {
		return nil, err
	}
	held := slices.ContainsFunc(all, func(n ec2types.Subnet) bool { return kit.SameScope(s, Tags.Of(n.Tags)) })
	for _, n := range all {
		cidr, err := netip.ParsePrefix(aws.ToString(n.CidrBlock))
		if err != nil || !cidr.Overlaps(d.cidr) {
			continue
		}
		if cidr == d.cidr && kit.SameResource(s, Tags.Of(n.Tags)) {
			ours := &subnet{Subnet: n}
			return ours, describeSubnet(ctx, provision.NewSweep(s.Scope), ours)
		}
		why := lang.Sprintf("%s is taken by %s (%s, %s)", d.cidr, aws.ToString(n.SubnetId), cidr, kit.Owner(Tags.Of(n.Tags)))
		if s.Level == provision.ClientLevel && s.Role == "a" && !held {
			return nil, lang.Errorf("%s: %w", why, provision.ErrReplan)
		}
		return nil, &provision.RefusedError{Changes: []provision.Change{{
			Op: provision.OpForeign, Kind: "ec2/subnet", Scope: s.Scope.Ref(), Role: s.Role, ID: aws.ToString(n.SubnetId),
			Why: why + "; whoever made it has to free that range: a client's ranges are fixed by its place",
		}}}
	}
	return nil, conflict // not to be seen yet: the engine asks again
}

// ownSubnet reports whether an ID is that of a subnet of the step's scope with a role, or with
// any when that is empty.
func ownSubnet(s *provision.Step, role provision.Role, id string) bool {
	return slices.ContainsFunc(s.FoundOwn("ec2/subnet"), func(r *provision.Resource) bool {
		return r.ID == id && (role == "" || r.Role() == role)
	})
}

// seat is where a subnet's network ACL is noted.
type seat struct{ subnet, acl, association string }

// associateACL moves the subnet from the ACL it is in now, whichever that is: AWS is asked once
// for all subnets that are about to be moved.
func associateACL(ctx context.Context, s *provision.Step, d wantSubnet, n *subnet) error {
	now, want := &seat{subnet: aws.ToString(n.SubnetId)}, s.ID("ec2/network-acl", d.acl)
	err := provision.Together(ctx, s, "network ACLs of subnets in "+s.Region, now, func(ctx context.Context, all []*seat) error {
		listed, err := aclsBy(ctx, s.API.EC2, filter("association.subnet-id", kit.Texts(all, func(at *seat) string { return at.subnet })...))
		for _, acl := range listed {
			for _, as := range acl.Associations {
				for _, at := range all {
					if at.subnet == aws.ToString(as.SubnetId) {
						at.acl, at.association = aws.ToString(acl.NetworkAclId), aws.ToString(as.NetworkAclAssociationId)
					}
				}
			}
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case now.association == "":
		return kit.Unseen("the network ACL association of " + now.subnet)
	case now.acl == want:
		return nil
	default:
		return kit.Do(ctx, s.API.EC2.ReplaceNetworkAclAssociation, &ec2.ReplaceNetworkAclAssociationInput{AssociationId: &now.association, NetworkAclId: &want})
	}
}

func associateTable(ctx context.Context, s *provision.Step, d wantSubnet, n *subnet) error {
	want := aws.String(s.ID("ec2/route-table", d.table))
	if n.association == "" {
		return kit.Do(ctx, s.API.EC2.AssociateRouteTable, &ec2.AssociateRouteTableInput{RouteTableId: want, SubnetId: n.SubnetId})
	}
	err := kit.Do(ctx, s.API.EC2.ReplaceRouteTableAssociation, &ec2.ReplaceRouteTableAssociationInput{AssociationId: aws.String(n.association), RouteTableId: want})
	return kit.IgnoreCode(err, "InvalidAssociationID.NotFound") // somebody else was first: the next look tells
}
