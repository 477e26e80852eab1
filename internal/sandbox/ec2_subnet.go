package sandbox

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func registerSubnet(a *Account) {
	opOn(creating(a, types.ResourceTypeSubnet), func(in *ec2.CreateSubnetInput) []types.TagSpecification { return in.TagSpecifications }, createSubnet)
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeSubnetsInput) (*ec2.DescribeSubnetsOutput, error) {
		part, next, err := describe(t, subnets, in.SubnetIds, in.Filters, in.NextToken, func(v *types.Subnet) attributes {
			return attributes{"vpc-id": {*v.VpcId}, "cidr-block": {aws.ToString(v.CidrBlock)}, "availability-zone": {*v.AvailabilityZone}, "subnet-id": {*v.SubnetId}}
		})
		return &ec2.DescribeSubnetsOutput{Subnets: part, NextToken: next}, err
	})
	opChange[ec2.ModifySubnetAttributeOutput](subnets.on(a), func(in *ec2.ModifySubnetAttributeInput) *string { return in.SubnetId }, func(_ *tx, r *row[types.Subnet], in *ec2.ModifySubnetAttributeInput) error {
		switch {
		case in.MapPublicIpOnLaunch != nil && in.AssignIpv6AddressOnCreation != nil:
			return apiError("InvalidParameterCombination", "Fields for multiple attribute types specified")
		case in.MapPublicIpOnLaunch != nil:
			r.V.MapPublicIpOnLaunch = in.MapPublicIpOnLaunch.Value
		case in.AssignIpv6AddressOnCreation != nil:
			r.V.AssignIpv6AddressOnCreation = in.AssignIpv6AddressOnCreation.Value
		}
		return nil
	})
	opChange[ec2.DeleteSubnetOutput](subnets.on(a), func(in *ec2.DeleteSubnetInput) *string { return in.SubnetId }, func(t *tx, r *row[types.Subnet], in *ec2.DeleteSubnetInput) error {
		s, id := t.ec2(), aws.ToString(in.SubnetId)
		t.ageENIs()
		if slices.ContainsFunc(s.Interfaces, func(x *row[types.NetworkInterface]) bool { return *x.V.SubnetId == id }) {
			return apiError("DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted.", id)
		}
		for _, g := range t.rds().SubnetGroups {
			if slices.ContainsFunc(g.V.Subnets, func(x rdstypes.Subnet) bool { return *x.SubnetIdentifier == id }) {
				return apiError("DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted.", id)
			}
		}
		s.Subnets.drop(r)
		for _, acl := range s.ACLs {
			acl.V.Associations = slices.DeleteFunc(acl.V.Associations, func(x types.NetworkAclAssociation) bool { return *x.SubnetId == id })
		}
		for _, table := range s.RouteTables {
			table.V.Associations = slices.DeleteFunc(table.V.Associations, func(x types.RouteTableAssociation) bool { return aws.ToString(x.SubnetId) == id })
		}
		return nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeVpcPeeringConnectionsInput) (*ec2.DescribeVpcPeeringConnectionsOutput, error) {
		part, next, err := page(t, t.ec2().Peerings, in.NextToken)
		return &ec2.DescribeVpcPeeringConnectionsOutput{VpcPeeringConnections: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeNetworkInterfacesInput) (*ec2.DescribeNetworkInterfacesOutput, error) {
		if in.NextToken == nil {
			t.ageENIs()
		}
		part, next, err := describe(t, interfaces, in.NetworkInterfaceIds, in.Filters, in.NextToken, func(v *types.NetworkInterface) attributes {
			groups := each(v.Groups, func(g types.GroupIdentifier) string { return *g.GroupId })
			return attributes{"vpc-id": {*v.VpcId}, "subnet-id": {*v.SubnetId}, "group-id": groups, "description": {aws.ToString(v.Description)}}
		})
		return &ec2.DescribeNetworkInterfacesOutput{NetworkInterfaces: part, NextToken: next}, err
	})
}

func createSubnet(t *tx, tags []types.Tag, in *ec2.CreateSubnetInput) (*ec2.CreateSubnetOutput, error) {
	s := t.ec2()
	v := vpcs.find(t, aws.ToString(in.VpcId))
	if v == nil {
		return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", aws.ToString(in.VpcId))
	}
	cidr, err := netip.ParsePrefix(aws.ToString(in.CidrBlock))
	if err != nil || cidr.Bits() < 16 || cidr.Bits() > 28 {
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", aws.ToString(in.CidrBlock))
	}
	cidr = cidr.Masked()
	if count(s.Subnets, func(n types.Subnet) bool { return *n.VpcId == *v.V.VpcId }) >= inVPCQuota {
		return nil, apiError("SubnetLimitExceeded", "The maximum number of subnets has been reached.")
	}
	if !slices.ContainsFunc(v.V.CidrBlockAssociationSet, func(a types.VpcCidrBlockAssociation) bool {
		block := netip.MustParsePrefix(*a.CidrBlock)
		if a.CidrBlockState.State != types.VpcCidrBlockStateCodeAssociated {
			return false // it is being added
		}
		return block.Bits() <= cidr.Bits() && block.Contains(cidr.Addr())
	}) {
		return nil, apiError("InvalidSubnet.Range", "The CIDR '%s' is invalid.", cidr)
	}
	for _, other := range blocks(s.Subnets, func(n types.Subnet) bool { return *n.VpcId == *v.V.VpcId }) {
		if netip.MustParsePrefix(other).Overlaps(cidr) {
			return nil, apiError("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", cidr)
		}
	}
	zones := t.zones()
	i := slices.IndexFunc(zones, func(z zone) bool {
		usable := z.State == types.AvailabilityZoneStateAvailable || z.State == types.AvailabilityZoneStateInformation
		return usable && (z.Name == aws.ToString(in.AvailabilityZone) || z.ID == aws.ToString(in.AvailabilityZoneId))
	})
	if i < 0 {
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid.", aws.ToString(in.AvailabilityZone))
	}
	id := t.newID("subnet")
	sub := types.Subnet{
		SubnetId: aws.String(id), VpcId: v.V.VpcId, CidrBlock: aws.String(cidr.String()), State: types.SubnetStateAvailable,
		AvailabilityZone: aws.String(zones[i].Name), AvailabilityZoneId: aws.String(zones[i].ID), MapPublicIpOnLaunch: aws.Bool(false),
		SubnetArn: aws.String(t.arn("ec2", "subnet/"+id)), Tags: tags, OwnerId: aws.String(t.opts.ID),
	}
	s.Subnets.add(&row[types.Subnet]{V: sub})
	for _, acl := range s.ACLs {
		if *acl.V.VpcId == *v.V.VpcId && *acl.V.IsDefault {
			acl.V.Associations = append(acl.V.Associations, types.NetworkAclAssociation{
				NetworkAclAssociationId: aws.String(t.newID("aclassoc")), NetworkAclId: acl.V.NetworkAclId, SubnetId: aws.String(id),
			})
		}
	}
	return &ec2.CreateSubnetOutput{Subnet: &sub}, nil
}

// subnet finds a subnet of the call's region.
func (t *tx) subnet(id string) (*types.Subnet, bool) {
	if r := subnets.find(t, id); r != nil {
		return &r.V, true
	}
	return nil, false
}

// addENI puts a network interface of another service into a subnet, where it
// keeps subnet and groups from being deleted.
func (t *tx) addENI(subnet, kind, description, requester string, groups []string) (string, error) {
	sub, ok := t.subnet(subnet)
	if !ok {
		return "", apiError("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", subnet)
	}
	id := t.newID("eni")
	eni := types.NetworkInterface{
		NetworkInterfaceId: aws.String(id), SubnetId: aws.String(subnet), VpcId: sub.VpcId, Description: aws.String(description),
		Status: types.NetworkInterfaceStatusInUse, InterfaceType: types.NetworkInterfaceType(kind), RequesterId: aws.String(requester), RequesterManaged: aws.Bool(requester != ""),
	}
	eni.PrivateIpAddress = aws.String(t.freeAddress(sub).String())
	eni.PrivateIpAddresses = []types.NetworkInterfacePrivateIpAddress{{Primary: aws.Bool(true), PrivateIpAddress: eni.PrivateIpAddress}}
	t.ec2().Interfaces.add(&row[types.NetworkInterface]{V: eni})
	t.regroup(id, groups)
	return id, nil
}

// regroup gives a network interface other security groups.
func (t *tx) regroup(id string, groups []string) {
	if r := interfaces.find(t, id); r != nil {
		r.V.Groups = each(groups, func(g string) types.GroupIdentifier { return types.GroupIdentifier{GroupId: &g} })
	}
}

// freeAddress is the lowest address of a subnet that nothing has: the first four are AWS's.
func (t *tx) freeAddress(s *types.Subnet) netip.Addr {
	taken := map[string]bool{}
	for _, r := range t.ec2().Interfaces {
		taken[aws.ToString(r.V.PrivateIpAddress)] = true
	}
	a := netip.MustParsePrefix(*s.CidrBlock).Addr()
	for range 4 {
		a = a.Next()
	}
	for taken[a.String()] {
		a = a.Next()
	}
	return a
}

// publish gives a network interface a public address of AWS's.
func (t *tx) publish(id string) {
	if r := interfaces.find(t, id); r != nil {
		t.Seq++
		public := &types.NetworkInterfaceAssociation{IpOwnerId: aws.String("amazon-elb"), PublicIp: aws.String(fmt.Sprintf("198.51.100.%d", t.Seq%254+1))}
		r.V.Association = public
		r.V.PrivateIpAddresses[0].Association = public
	}
}

func (t *tx) removeENI(id string) {
	t.ec2().Interfaces.dropAll(func(x *row[types.NetworkInterface]) bool { return *x.V.NetworkInterfaceId == id })
}

// lingers is how many times as many looks as anything else the network interfaces of
// load balancers and databases take: they outlive their owners by minutes, and keep
// subnets and groups from being deleted (Terraform's provider gives a subnet 20
// minutes, internal/service/ec2/vpc_subnet.go).
const lingers = 6

// releaseENI takes a network interface away later, as load balancers do.
func (t *tx) releaseENI(id string) {
	if r := interfaces.find(t, id); r != nil {
		r.V.Status, r.Looks, r.Until = types.NetworkInterfaceStatusDetaching, lingers*t.opts.Looks, t.now.Add(t.opts.Linger).Unix()
	}
}

// ageENIs is called by whatever is in the way of a network interface, or looks at them.
func (t *tx) ageENIs() {
	t.ec2().Interfaces.dropAll(func(r *row[types.NetworkInterface]) bool {
		return r.V.Status == types.NetworkInterfaceStatusDetaching && t.now.Unix() >= r.Until && r.gone()
	})
}
