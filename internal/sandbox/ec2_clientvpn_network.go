package sandbox

import (
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// associated is the origin of the route that comes with an association and that nobody
// can delete (DeleteClientVpnRoute).
const associated = "associate"

// associationLooks is how many times as many looks as anything else an association takes: ten
// minutes and more on AWS (terraform-provider-aws issues 7030 and 15680).
const associationLooks = 3

func networkStatus(code types.AssociationStatusCode) *types.AssociationStatus {
	return &types.AssociationStatus{Code: code}
}

// ageNetworks is one look at an endpoint's associations.
func (t *tx) ageNetworks(c *clientVPN) {
	for _, n := range c.Networks {
		if !n.wait() && n.V.Status.Code == types.AssociationStatusCodeAssociating {
			n.V.Status = networkStatus(types.AssociationStatusCodeAssociated)
		}
	}
	c.Networks.dropAll(func(n *clientVPNNetwork) bool {
		gone := n.V.Status.Code == types.AssociationStatusCodeDisassociating && n.Looks <= 0
		if gone {
			t.releaseENI(n.ENI)
			c.Routes = slices.DeleteFunc(c.Routes, func(r types.ClientVpnRoute) bool { return *r.TargetSubnet == *n.V.TargetNetworkId })
		}
		return gone
	})
	c.settleStatus()
}

func registerClientVPNNetworks(a *Account) {
	endpoints := on(a, ec2.ServiceID, (*tx).clientVPN)
	changeable := on(a, ec2.ServiceID, (*tx).changeableClientVPN)
	opOn(changeable, func(in *ec2.AssociateClientVpnTargetNetworkInput) *string { return in.ClientVpnEndpointId }, associateNetwork)
	opOn(endpoints, func(in *ec2.DescribeClientVpnTargetNetworksInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.DescribeClientVpnTargetNetworksInput) (*ec2.DescribeClientVpnTargetNetworksOutput, error) {
		if in.NextToken == nil {
			t.ageNetworks(&r.V)
		}
		part, next, err := list(t, r.V.Networks, in.NextToken, func(n *clientVPNNetwork) (types.TargetNetwork, bool) {
			return n.V, len(in.AssociationIds) == 0 || slices.Contains(in.AssociationIds, *n.V.AssociationId)
		})
		return &ec2.DescribeClientVpnTargetNetworksOutput{ClientVpnTargetNetworks: part, NextToken: next}, err
	})
	opOn(endpoints, func(in *ec2.DisassociateClientVpnTargetNetworkInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.DisassociateClientVpnTargetNetworkInput) (*ec2.DisassociateClientVpnTargetNetworkOutput, error) {
		n := r.V.Networks.first(func(n *clientVPNNetwork) bool { return *n.V.AssociationId == aws.ToString(in.AssociationId) })
		switch {
		case n == nil:
			return nil, apiError("InvalidClientVpnAssociationIdNotFound", "Association %s does not exist", aws.ToString(in.AssociationId))
		case n.V.Status.Code == types.AssociationStatusCodeAssociating:
			return nil, apiError("IncorrectState", "Association %s is being made", *in.AssociationId)
		}
		n.V.Status, n.Looks = networkStatus(types.AssociationStatusCodeDisassociating), associationLooks*t.opts.Looks
		r.V.settleStatus()
		return &ec2.DisassociateClientVpnTargetNetworkOutput{AssociationId: n.V.AssociationId, Status: n.V.Status}, nil
	})
	opOn(changeable, func(in *ec2.ApplySecurityGroupsToClientVpnTargetNetworkInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.ApplySecurityGroupsToClientVpnTargetNetworkInput) (*ec2.ApplySecurityGroupsToClientVpnTargetNetworkOutput, error) {
		if len(in.SecurityGroupIds) == 0 {
			return nil, apiError("MissingParameter", "The request must contain the parameter SecurityGroupId")
		}
		if err := t.groupsOf(in.VpcId, in.SecurityGroupIds); err != nil {
			return nil, err
		}
		if len(r.V.Networks) == 0 {
			return nil, apiError("InvalidClientVpnActiveAssociationNotFound", "Endpoint %s has no active association", *in.ClientVpnEndpointId)
		}
		r.V.Detail.SecurityGroupIds = in.SecurityGroupIds
		for _, n := range r.V.Networks {
			n.V.SecurityGroups = in.SecurityGroupIds
			t.regroup(n.ENI, in.SecurityGroupIds)
		}
		return &ec2.ApplySecurityGroupsToClientVpnTargetNetworkOutput{SecurityGroupIds: in.SecurityGroupIds}, nil
	})
}

func associateNetwork(t *tx, r *row[clientVPN], in *ec2.AssociateClientVpnTargetNetworkInput) (*ec2.AssociateClientVpnTargetNetworkOutput, error) {
	c := &r.V
	t.ageNetworks(c)
	if made := c.Networks.first(func(n *clientVPNNetwork) bool {
		return aws.ToString(in.ClientToken) != "" && n.Token == *in.ClientToken
	}); made != nil {
		return &ec2.AssociateClientVpnTargetNetworkOutput{AssociationId: made.V.AssociationId, Status: made.V.Status}, nil
	}
	sub, ok := t.subnet(aws.ToString(in.SubnetId))
	if !ok {
		return nil, apiError("InvalidClientVpnSubnetId.NotFound", "The subnet ID '%s' does not exist", aws.ToString(in.SubnetId))
	}
	if block := netip.MustParsePrefix(*sub.CidrBlock); block.Bits() > 27 {
		return nil, apiError("InvalidParameterValue", "Subnet %s is too small: it needs a block of /27 at least", *sub.SubnetId)
	}
	if vpc := c.Detail.VpcId; vpc != nil && *vpc != *sub.VpcId {
		return nil, apiError("InvalidParameterValue", "Subnet %s is not in the VPC %s of the endpoint", *sub.SubnetId, *vpc)
	}
	for _, n := range c.Networks {
		if *n.V.TargetNetworkId == *sub.SubnetId {
			return nil, apiError("InvalidClientVpnDuplicateAssociationException", "Endpoint %s is associated with %s already", *in.ClientVpnEndpointId, *sub.SubnetId)
		}
		if other, there := t.subnet(*n.V.TargetNetworkId); there && *other.AvailabilityZoneId == *sub.AvailabilityZoneId {
			return nil, apiError("InvalidClientVpnSubnetId.DuplicateAz", "Endpoint %s has an association in the availability zone of %s", *in.ClientVpnEndpointId, *sub.SubnetId)
		}
	}
	v := vpcs.find(t, *sub.VpcId)
	if overlapsVPC(netip.MustParsePrefix(*c.Detail.ClientCidrBlock), v) != nil {
		return nil, apiError("InvalidClientVpnSubnetId.OverlappingCidr", "The VPC of %s overlaps the client CIDR block %s", *sub.SubnetId, *c.Detail.ClientCidrBlock)
	}
	groups := c.Detail.SecurityGroupIds
	if len(groups) == 0 {
		byDefault := t.ec2().Groups.first(func(g *row[types.SecurityGroup]) bool {
			return *g.V.VpcId == *sub.VpcId && *g.V.GroupName == "default"
		})
		groups = []string{*byDefault.V.GroupId}
	}
	id := t.newID("cvpn-assoc")
	eni, err := t.addENI(*sub.SubnetId, "interface", "ClientVPN Endpoint resource", "clientvpn", groups)
	if err != nil {
		return nil, err
	}
	n := &clientVPNNetwork{ENI: eni, row: row[types.TargetNetwork]{
		V: types.TargetNetwork{
			AssociationId: aws.String(id), ClientVpnEndpointId: in.ClientVpnEndpointId, TargetNetworkId: sub.SubnetId, VpcId: sub.VpcId, SecurityGroups: groups,
			Status: networkStatus(types.AssociationStatusCodeAssociating),
		},
		meta: meta{Looks: associationLooks * t.opts.Looks, Token: aws.ToString(in.ClientToken)},
	}}
	c.Networks.add(n)
	c.Detail.VpcId, c.Detail.SecurityGroupIds = sub.VpcId, groups
	c.Routes = append(c.Routes, types.ClientVpnRoute{
		ClientVpnEndpointId: in.ClientVpnEndpointId, DestinationCidr: v.V.CidrBlock, TargetSubnet: sub.SubnetId, Type: aws.String("Nat"), Origin: aws.String(associated),
		Description: aws.String("Default Route"), Status: &types.ClientVpnRouteStatus{Code: types.ClientVpnRouteStatusCodeActive},
	})
	return &ec2.AssociateClientVpnTargetNetworkOutput{AssociationId: &id, Status: n.V.Status}, nil
}
