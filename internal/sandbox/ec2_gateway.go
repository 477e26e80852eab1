package sandbox

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// AWS's default quotas: addresses in a region, NAT gateways in a zone.
const (
	addressQuota = 5
	natQuota     = 5
)

func attachedTo(g types.InternetGateway, vpc string) bool {
	return slices.ContainsFunc(g.Attachments, func(a types.InternetGatewayAttachment) bool { return *a.VpcId == vpc })
}

// mapped reports whether a network interface of the VPC has a public address, of the
// account's or of a load balancer's.
func (t *tx) mapped(vpc string) bool {
	t.ageENIs()
	return slices.ContainsFunc(t.ec2().Interfaces, func(r *row[types.NetworkInterface]) bool {
		own := slices.ContainsFunc(t.ec2().Addresses, func(a *row[types.Address]) bool {
			return aws.ToString(a.V.NetworkInterfaceId) == *r.V.NetworkInterfaceId
		})
		return *r.V.VpcId == vpc && (own || r.V.Association != nil)
	})
}

func registerGateway(a *Account) {
	opOn(creating(a, types.ResourceTypeInternetGateway), func(in *ec2.CreateInternetGatewayInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, _ *ec2.CreateInternetGatewayInput) (*ec2.CreateInternetGatewayOutput, error) {
		s := t.ec2()
		if len(s.InternetGateways) >= vpcQuota {
			return nil, apiError("InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached.")
		}
		g := types.InternetGateway{InternetGatewayId: aws.String(t.newID("igw")), Tags: tags, OwnerId: aws.String(t.opts.ID)}
		s.InternetGateways.add(&row[types.InternetGateway]{V: g, meta: t.lagging(nil)})
		return &ec2.CreateInternetGatewayOutput{InternetGateway: &g}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeInternetGatewaysInput) (*ec2.DescribeInternetGatewaysOutput, error) {
		part, next, err := describe(t, internetGateways, in.InternetGatewayIds, in.Filters, in.NextToken, func(v *types.InternetGateway) attributes {
			vpcs := each(v.Attachments, func(at types.InternetGatewayAttachment) string { return *at.VpcId })
			return attributes{"attachment.vpc-id": vpcs}
		})
		return &ec2.DescribeInternetGatewaysOutput{InternetGateways: part, NextToken: next}, err
	})
	opChange[ec2.AttachInternetGatewayOutput](internetGateways.on(a), func(in *ec2.AttachInternetGatewayInput) *string { return in.InternetGatewayId }, func(t *tx, g *row[types.InternetGateway], in *ec2.AttachInternetGatewayInput) error {
		s := t.ec2()
		switch {
		case vpcs.find(t, aws.ToString(in.VpcId)) == nil:
			return apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", aws.ToString(in.VpcId))
		case len(g.V.Attachments) > 0:
			return apiError("Resource.AlreadyAssociated", "resource %s is already attached to network %s", *in.InternetGatewayId, *g.V.Attachments[0].VpcId)
		}
		for _, other := range s.InternetGateways {
			if attachedTo(other.V, *in.VpcId) {
				return apiError("InvalidParameterValue", "Network %s already has an internet gateway attached", *in.VpcId)
			}
		}
		g.V.Attachments = []types.InternetGatewayAttachment{{VpcId: in.VpcId, State: "available"}} // as AWS says, not as its API model does
		s.revive(*in.InternetGatewayId, *in.VpcId)
		return nil
	})
	opChange[ec2.DetachInternetGatewayOutput](internetGateways.on(a), func(in *ec2.DetachInternetGatewayInput) *string { return in.InternetGatewayId }, func(t *tx, g *row[types.InternetGateway], in *ec2.DetachInternetGatewayInput) error {
		switch {
		case !attachedTo(g.V, aws.ToString(in.VpcId)):
			return apiError("Gateway.NotAttached", "resource %s is not attached to network %s", *in.InternetGatewayId, aws.ToString(in.VpcId))
		case t.mapped(*in.VpcId):
			return apiError("DependencyViolation", "Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.", *in.VpcId)
		}
		g.V.Attachments = nil
		t.ec2().blackhole(*in.InternetGatewayId)
		return nil
	})
	opChange[ec2.DeleteInternetGatewayOutput](internetGateways.on(a), func(in *ec2.DeleteInternetGatewayInput) *string { return in.InternetGatewayId }, func(t *tx, g *row[types.InternetGateway], in *ec2.DeleteInternetGatewayInput) error {
		if len(g.V.Attachments) > 0 {
			return apiError("DependencyViolation", "The internetGateway '%s' has dependencies and cannot be deleted.", *in.InternetGatewayId)
		}
		t.ec2().InternetGateways.drop(g)
		return nil
	})
}

func registerNAT(a *Account) {
	opOn(creating(a, types.ResourceTypeElasticIp), func(in *ec2.AllocateAddressInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, _ *ec2.AllocateAddressInput) (*ec2.AllocateAddressOutput, error) {
		s := t.ec2()
		if len(s.Addresses) >= addressQuota {
			return nil, apiError("AddressLimitExceeded", "The maximum number of addresses has been reached.")
		}
		id := t.newID("eipalloc")
		ip := fmt.Sprintf("198.18.%d.%d", t.Seq/256%256, t.Seq%256)
		s.Addresses.add(&row[types.Address]{V: types.Address{AllocationId: aws.String(id), PublicIp: aws.String(ip), Domain: types.DomainTypeVpc, Tags: tags}, meta: t.lagging(nil)})
		return &ec2.AllocateAddressOutput{AllocationId: aws.String(id), PublicIp: aws.String(ip), Domain: types.DomainTypeVpc}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeAddressesInput) (*ec2.DescribeAddressesOutput, error) {
		all, err := describeAll(t, addresses, in.AllocationIds, in.Filters, func(v *types.Address) attributes { return attributes{"allocation-id": {*v.AllocationId}} })
		return &ec2.DescribeAddressesOutput{Addresses: all}, err // AWS does not page this list
	})
	opChange[ec2.ReleaseAddressOutput](addresses.on(a), func(in *ec2.ReleaseAddressInput) *string { return in.AllocationId }, func(t *tx, r *row[types.Address], _ *ec2.ReleaseAddressInput) error {
		if r.V.AssociationId != nil {
			return apiError("InvalidIPAddress.InUse", "Address %s is in use.", *r.V.PublicIp)
		}
		t.ec2().Addresses.drop(r)
		return nil
	})
	opOn(creating(a, types.ResourceTypeNatgateway), func(in *ec2.CreateNatGatewayInput) []types.TagSpecification { return in.TagSpecifications }, createNAT)
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeNatGatewaysInput) (*ec2.DescribeNatGatewaysOutput, error) {
		if in.NextToken == nil {
			for _, r := range t.ec2().NATs {
				t.ageNAT(r)
			}
		}
		part, next, err := describe(t, natGateways, in.NatGatewayIds, in.Filter, in.NextToken, func(v *types.NatGateway) attributes {
			return attributes{"vpc-id": {*v.VpcId}, "subnet-id": {*v.SubnetId}, "state": {string(v.State)}}
		})
		return &ec2.DescribeNatGatewaysOutput{NatGateways: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteNatGatewayInput) (*ec2.DeleteNatGatewayOutput, error) {
		r := natGateways.find(t, aws.ToString(in.NatGatewayId))
		if r == nil || r.V.State == types.NatGatewayStateDeleted {
			return nil, apiError("NatGatewayNotFound", "The Nat Gateway %s was not found", aws.ToString(in.NatGatewayId))
		}
		if r.V.State != types.NatGatewayStateDeleting {
			r.V.State, r.Looks = types.NatGatewayStateDeleting, t.opts.Looks
		}
		return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
	})
}

func createNAT(t *tx, tags []types.Tag, in *ec2.CreateNatGatewayInput) (*ec2.CreateNatGatewayOutput, error) {
	s := t.ec2()
	// AWS remembers the token of a gateway that is gone, and answers with that.
	made, err := again(s.NATs, in.ClientToken, func(v types.NatGateway) bool {
		return *v.SubnetId == aws.ToString(in.SubnetId) && *v.NatGatewayAddresses[0].AllocationId == aws.ToString(in.AllocationId)
	})
	if made != nil || err != nil {
		return &ec2.CreateNatGatewayOutput{NatGateway: made}, err
	}
	sub, ok := t.subnet(aws.ToString(in.SubnetId))
	if !ok {
		return nil, apiError("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", aws.ToString(in.SubnetId))
	}
	address := addresses.find(t, aws.ToString(in.AllocationId))
	switch {
	case address == nil:
		return nil, apiError("InvalidAllocationID.NotFound", "The allocation ID '%s' does not exist", aws.ToString(in.AllocationId))
	case address.V.AssociationId != nil:
		return nil, apiError("Resource.AlreadyAssociated", "resource %s is already associated with another resource", *in.AllocationId)
	case !slices.ContainsFunc(s.InternetGateways, func(g *row[types.InternetGateway]) bool { return attachedTo(g.V, *sub.VpcId) }):
		return nil, apiError("Gateway.NotAttached", "Network %s has no Internet gateway attached", *sub.VpcId)
	}
	inZone := count(s.NATs, func(v types.NatGateway) bool {
		other, there := t.subnet(*v.SubnetId)
		return there && v.State != types.NatGatewayStateDeleted && *other.AvailabilityZoneId == *sub.AvailabilityZoneId
	})
	if inZone >= natQuota {
		return nil, apiError("NatGatewayLimitExceeded", "Performing this operation would exceed the limit of %d NAT gateways", natQuota)
	}
	id := t.newID("nat")
	eni, err := t.addENI(*sub.SubnetId, "nat_gateway", "Interface for NAT Gateway "+id, "amazon-vpc", nil)
	if err != nil {
		return nil, err
	}
	address.V.AssociationId, address.V.NetworkInterfaceId = aws.String(t.newID("eipassoc")), aws.String(eni)
	nat := types.NatGateway{
		NatGatewayId: aws.String(id), SubnetId: sub.SubnetId, VpcId: sub.VpcId, State: types.NatGatewayStatePending, Tags: tags, ConnectivityType: types.ConnectivityTypePublic,
		NatGatewayAddresses: []types.NatGatewayAddress{{
			AllocationId: in.AllocationId, AssociationId: address.V.AssociationId, NetworkInterfaceId: aws.String(eni), PublicIp: address.V.PublicIp, IsPrimary: aws.Bool(true),
			PrivateIp: interfaces.find(t, eni).V.PrivateIpAddress,
		}},
	}
	r := &row[types.NatGateway]{V: nat, meta: t.slow("CreateNatGateway")}
	r.Lag, r.Token = t.opts.Lag, aws.ToString(in.ClientToken)
	s.NATs.add(r)
	return &ec2.CreateNatGatewayOutput{NatGateway: &nat}, nil
}

// ageNAT moves a NAT gateway on once it has been looked at often enough. Deleted
// ones stay listed, as on AWS for an hour.
func (t *tx) ageNAT(r *row[types.NatGateway]) {
	if t.waits(&r.meta) {
		return
	}
	switch r.V.State {
	case types.NatGatewayStatePending:
		r.V.State = types.NatGatewayStateAvailable
	case types.NatGatewayStateDeleting:
		r.V.State = types.NatGatewayStateDeleted
		t.ec2().blackhole(*r.V.NatGatewayId)
		for _, used := range r.V.NatGatewayAddresses {
			t.removeENI(*used.NetworkInterfaceId)
			if address := addresses.find(t, *used.AllocationId); address != nil {
				address.V.AssociationId, address.V.NetworkInterfaceId = nil, nil
			}
		}
	}
}

// blocks are the IPv4 ranges of some subnets: one may have IPv6 only.
func blocks(rows []*row[types.Subnet], of func(types.Subnet) bool) []string {
	var out []string
	for _, r := range rows {
		if r.V.CidrBlock != nil && of(r.V) {
			out = append(out, *r.V.CidrBlock)
		}
	}
	return out
}
