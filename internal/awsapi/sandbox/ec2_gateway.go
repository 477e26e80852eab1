package sandbox

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const addressQuota = 5

func attachedTo(g types.InternetGateway, vpc string) bool {
	return slices.ContainsFunc(g.Attachments, func(a types.InternetGatewayAttachment) bool { return *a.VpcId == vpc })
}

func registerGateway(a *Account) {
	op(a, ec2.ServiceID, func(t *tx, in *ec2.CreateInternetGatewayInput) (*ec2.CreateInternetGatewayOutput, error) {
		s := t.ec2()
		tags, err := born(in.TagSpecifications, types.ResourceTypeInternetGateway)
		if err != nil {
			return nil, err
		}
		if len(s.InternetGateways) >= vpcQuota {
			return nil, apiError("InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached.")
		}
		g := types.InternetGateway{InternetGatewayId: aws.String(t.newID("igw")), Tags: tags, OwnerId: aws.String(t.opts.ID)}
		s.InternetGateways = append(s.InternetGateways, &row[types.InternetGateway]{V: g, Lag: t.opts.Lag})
		return &ec2.CreateInternetGatewayOutput{InternetGateway: &g}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeInternetGatewaysInput) (*ec2.DescribeInternetGatewaysOutput, error) {
		all, err := list(t, t.ec2().InternetGateways, in.InternetGatewayIds, in.Filters, igwID, func(v *types.InternetGateway) []types.Tag { return v.Tags },
			func(v *types.InternetGateway) attributes {
				vpcs := []string{}
				for _, at := range v.Attachments {
					vpcs = append(vpcs, *at.VpcId)
				}
				return attributes{"attachment.vpc-id": vpcs}
			}, "InvalidInternetGatewayID.NotFound")
		if err != nil {
			return nil, err
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeInternetGatewaysOutput{InternetGateways: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.AttachInternetGatewayInput) (*ec2.AttachInternetGatewayOutput, error) {
		s := t.ec2()
		g := find(s.InternetGateways, aws.ToString(in.InternetGatewayId), igwID)
		switch {
		case g == nil:
			return nil, apiError("InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist", aws.ToString(in.InternetGatewayId))
		case find(s.VPCs, aws.ToString(in.VpcId), vpcID) == nil:
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", aws.ToString(in.VpcId))
		case len(g.V.Attachments) > 0:
			return nil, apiError("Resource.AlreadyAssociated", "resource %s is already attached to network %s", *in.InternetGatewayId, *g.V.Attachments[0].VpcId)
		}
		for _, other := range s.InternetGateways {
			if attachedTo(other.V, *in.VpcId) {
				return nil, apiError("InvalidParameterValue", "Network %s already has an internet gateway attached", *in.VpcId)
			}
		}
		g.V.Attachments = []types.InternetGatewayAttachment{{VpcId: in.VpcId, State: types.AttachmentStatusAttached}}
		return &ec2.AttachInternetGatewayOutput{}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DetachInternetGatewayInput) (*ec2.DetachInternetGatewayOutput, error) {
		s := t.ec2()
		g := find(s.InternetGateways, aws.ToString(in.InternetGatewayId), igwID)
		switch {
		case g == nil:
			return nil, apiError("InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist", aws.ToString(in.InternetGatewayId))
		case !attachedTo(g.V, aws.ToString(in.VpcId)):
			return nil, apiError("Gateway.NotAttached", "resource %s is not attached to network %s", *in.InternetGatewayId, aws.ToString(in.VpcId))
		case slices.ContainsFunc(s.Addresses, func(r *row[types.Address]) bool { return r.V.AssociationId != nil }):
			return nil, apiError("DependencyViolation", "Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.", *in.VpcId)
		}
		g.V.Attachments = nil
		return &ec2.DetachInternetGatewayOutput{}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteInternetGatewayInput) (*ec2.DeleteInternetGatewayOutput, error) {
		s := t.ec2()
		g := find(s.InternetGateways, aws.ToString(in.InternetGatewayId), igwID)
		switch {
		case g == nil:
			return nil, apiError("InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist", aws.ToString(in.InternetGatewayId))
		case len(g.V.Attachments) > 0:
			return nil, apiError("DependencyViolation", "The internetGateway '%s' has dependencies and cannot be deleted.", *in.InternetGatewayId)
		}
		s.InternetGateways = drop(s.InternetGateways, g)
		return &ec2.DeleteInternetGatewayOutput{}, nil
	})
}

func registerNAT(a *Account) {
	op(a, ec2.ServiceID, func(t *tx, in *ec2.AllocateAddressInput) (*ec2.AllocateAddressOutput, error) {
		s := t.ec2()
		tags, err := born(in.TagSpecifications, types.ResourceTypeElasticIp)
		if err != nil {
			return nil, err
		}
		if len(s.Addresses) >= addressQuota {
			return nil, apiError("AddressLimitExceeded", "The maximum number of addresses has been reached.")
		}
		id := t.newID("eipalloc")
		ip := "198.18.0." + string(rune('1'+len(s.Addresses)))
		s.Addresses = append(s.Addresses, &row[types.Address]{V: types.Address{AllocationId: aws.String(id), PublicIp: aws.String(ip), Domain: types.DomainTypeVpc, Tags: tags}, Lag: t.opts.Lag})
		return &ec2.AllocateAddressOutput{AllocationId: aws.String(id), PublicIp: aws.String(ip), Domain: types.DomainTypeVpc}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeAddressesInput) (*ec2.DescribeAddressesOutput, error) {
		all, err := list(t, t.ec2().Addresses, in.AllocationIds, in.Filters, addressID, func(v *types.Address) []types.Tag { return v.Tags },
			func(v *types.Address) attributes { return attributes{"allocation-id": {*v.AllocationId}} }, "InvalidAllocationID.NotFound")
		return &ec2.DescribeAddressesOutput{Addresses: all}, err // AWS does not page this list
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.ReleaseAddressInput) (*ec2.ReleaseAddressOutput, error) {
		s := t.ec2()
		r := find(s.Addresses, aws.ToString(in.AllocationId), addressID)
		switch {
		case r == nil:
			return nil, apiError("InvalidAllocationID.NotFound", "The allocation ID '%s' does not exist", aws.ToString(in.AllocationId))
		case r.V.AssociationId != nil:
			return nil, apiError("InvalidIPAddress.InUse", "Address %s is in use.", *r.V.PublicIp)
		}
		s.Addresses = drop(s.Addresses, r)
		return &ec2.ReleaseAddressOutput{}, nil
	})
	op(a, ec2.ServiceID, createNAT)
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeNatGatewaysInput) (*ec2.DescribeNatGatewaysOutput, error) {
		if in.NextToken == nil {
			for _, r := range t.ec2().NATs {
				t.ageNAT(r)
			}
		}
		all, err := list(t, t.ec2().NATs, in.NatGatewayIds, in.Filter, natID, func(v *types.NatGateway) []types.Tag { return v.Tags },
			func(v *types.NatGateway) attributes {
				return attributes{"vpc-id": {*v.VpcId}, "subnet-id": {*v.SubnetId}, "state": {string(v.State)}}
			}, "NatGatewayNotFound")
		if err != nil {
			return nil, err
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeNatGatewaysOutput{NatGateways: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteNatGatewayInput) (*ec2.DeleteNatGatewayOutput, error) {
		r := find(t.ec2().NATs, aws.ToString(in.NatGatewayId), natID)
		if r == nil || r.V.State == types.NatGatewayStateDeleted {
			return nil, apiError("NatGatewayNotFound", "The Nat Gateway %s was not found", aws.ToString(in.NatGatewayId))
		}
		if r.V.State != types.NatGatewayStateDeleting {
			r.V.State, r.Looks = types.NatGatewayStateDeleting, t.opts.Looks
		}
		return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
	})
}

func createNAT(t *tx, in *ec2.CreateNatGatewayInput) (*ec2.CreateNatGatewayOutput, error) {
	s := t.ec2()
	tags, err := born(in.TagSpecifications, types.ResourceTypeNatgateway)
	if err != nil {
		return nil, err
	}
	for _, r := range s.NATs {
		if in.ClientToken != nil && r.Token == *in.ClientToken {
			return &ec2.CreateNatGatewayOutput{NatGateway: &r.V}, nil
		}
	}
	sub, ok := t.subnet(aws.ToString(in.SubnetId))
	if !ok {
		return nil, apiError("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", aws.ToString(in.SubnetId))
	}
	address := find(s.Addresses, aws.ToString(in.AllocationId), addressID)
	switch {
	case address == nil:
		return nil, apiError("InvalidAllocationID.NotFound", "The allocation ID '%s' does not exist", aws.ToString(in.AllocationId))
	case address.V.AssociationId != nil:
		return nil, apiError("Resource.AlreadyAssociated", "resource %s is already associated with another resource", *in.AllocationId)
	case !slices.ContainsFunc(s.InternetGateways, func(g *row[types.InternetGateway]) bool { return attachedTo(g.V, *sub.VpcId) }):
		return nil, apiError("Gateway.NotAttached", "Network %s has no Internet gateway attached", *sub.VpcId)
	}
	id := t.newID("nat")
	eni, err := t.addENI(*sub.SubnetId, "nat_gateway", "Interface for NAT Gateway "+id, "amazon-vpc", nil)
	if err != nil {
		return nil, err
	}
	address.V.AssociationId, address.V.NetworkInterfaceId = aws.String(t.newID("eipassoc")), aws.String(eni)
	nat := types.NatGateway{
		NatGatewayId: aws.String(id), SubnetId: sub.SubnetId, VpcId: sub.VpcId, State: types.NatGatewayStatePending, Tags: tags, ConnectivityType: types.ConnectivityTypePublic,
		NatGatewayAddresses: []types.NatGatewayAddress{{AllocationId: in.AllocationId, NetworkInterfaceId: aws.String(eni), PublicIp: address.V.PublicIp}},
	}
	s.NATs = append(s.NATs, &row[types.NatGateway]{V: nat, Lag: t.opts.Lag, Looks: t.opts.Looks, Token: aws.ToString(in.ClientToken)})
	return &ec2.CreateNatGatewayOutput{NatGateway: &nat}, nil
}

// ageNAT moves a NAT gateway on once it has been looked at often enough. Deleted
// ones stay listed, as on AWS for an hour.
func (t *tx) ageNAT(r *row[types.NatGateway]) {
	if r.Looks > 0 {
		r.Looks--
		return
	}
	switch r.V.State {
	case types.NatGatewayStatePending:
		r.V.State = types.NatGatewayStateAvailable
	case types.NatGatewayStateDeleting:
		r.V.State = types.NatGatewayStateDeleted
		for _, used := range r.V.NatGatewayAddresses {
			t.removeENI(*used.NetworkInterfaceId)
			if address := find(t.ec2().Addresses, *used.AllocationId, addressID); address != nil {
				address.V.AssociationId, address.V.NetworkInterfaceId = nil, nil
			}
		}
	}
}

func registerEndpoint(a *Account) {
	op(a, ec2.ServiceID, func(t *tx, in *ec2.CreateVpcEndpointInput) (*ec2.CreateVpcEndpointOutput, error) {
		s := t.ec2()
		tags, err := born(in.TagSpecifications, types.ResourceTypeVpcEndpoint)
		if err != nil {
			return nil, err
		}
		for _, r := range s.Endpoints {
			if in.ClientToken != nil && r.Token == *in.ClientToken {
				return &ec2.CreateVpcEndpointOutput{VpcEndpoint: &r.V}, nil
			}
		}
		switch {
		case find(s.VPCs, aws.ToString(in.VpcId), vpcID) == nil:
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", aws.ToString(in.VpcId))
		case aws.ToString(in.ServiceName) != "com.amazonaws."+t.region+".s3":
			return nil, apiError("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", aws.ToString(in.ServiceName))
		}
		e := types.VpcEndpoint{VpcEndpointId: aws.String(t.newID("vpce")), VpcId: in.VpcId, ServiceName: in.ServiceName, VpcEndpointType: types.VpcEndpointTypeGateway, State: types.StateAvailable, Tags: tags}
		s.Endpoints = append(s.Endpoints, &row[types.VpcEndpoint]{V: e, Lag: t.opts.Lag, Token: aws.ToString(in.ClientToken)})
		return &ec2.CreateVpcEndpointOutput{VpcEndpoint: &e}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeVpcEndpointsInput) (*ec2.DescribeVpcEndpointsOutput, error) {
		all, err := list(t, t.ec2().Endpoints, in.VpcEndpointIds, in.Filters, endpointID, func(v *types.VpcEndpoint) []types.Tag { return v.Tags },
			func(v *types.VpcEndpoint) attributes {
				return attributes{"vpc-id": {*v.VpcId}, "service-name": {*v.ServiceName}}
			}, "InvalidVpcEndpointId.NotFound")
		if err != nil {
			return nil, err
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeVpcEndpointsOutput{VpcEndpoints: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.ModifyVpcEndpointInput) (*ec2.ModifyVpcEndpointOutput, error) {
		s := t.ec2()
		e := find(s.Endpoints, aws.ToString(in.VpcEndpointId), endpointID)
		if e == nil {
			return nil, apiError("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '%s' does not exist", aws.ToString(in.VpcEndpointId))
		}
		for _, id := range append(slices.Clone(in.AddRouteTableIds), in.RemoveRouteTableIds...) {
			if find(s.RouteTables, id, routeTableID) == nil {
				return nil, apiError("InvalidRouteTableId.NotFound", "The routeTable ID '%s' does not exist", id)
			}
		}
		for _, id := range in.RemoveRouteTableIds {
			e.V.RouteTableIds = slices.DeleteFunc(e.V.RouteTableIds, func(have string) bool { return have == id })
			t.endpointRoute(id, e.V, false)
		}
		for _, id := range in.AddRouteTableIds {
			if !slices.Contains(e.V.RouteTableIds, id) {
				e.V.RouteTableIds = append(e.V.RouteTableIds, id)
				t.endpointRoute(id, e.V, true)
			}
		}
		return &ec2.ModifyVpcEndpointOutput{Return: aws.Bool(true)}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteVpcEndpointsInput) (*ec2.DeleteVpcEndpointsOutput, error) {
		s, out := t.ec2(), &ec2.DeleteVpcEndpointsOutput{}
		for _, id := range in.VpcEndpointIds {
			e := find(s.Endpoints, id, endpointID)
			if e == nil {
				out.Unsuccessful = append(out.Unsuccessful, types.UnsuccessfulItem{ResourceId: aws.String(id), Error: &types.UnsuccessfulItemError{Code: aws.String("InvalidVpcEndpointId.NotFound"), Message: aws.String("does not exist")}})
				continue
			}
			for _, table := range e.V.RouteTableIds {
				t.endpointRoute(table, e.V, false)
			}
			s.Endpoints = drop(s.Endpoints, e)
		}
		return out, nil
	})
}

// endpointRoute adds or removes the prefix list route of a gateway endpoint.
func (t *tx) endpointRoute(table string, e types.VpcEndpoint, add bool) {
	r := find(t.ec2().RouteTables, table, routeTableID)
	if r == nil {
		return
	}
	r.V.Routes = slices.DeleteFunc(r.V.Routes, func(route types.Route) bool { return aws.ToString(route.GatewayId) == *e.VpcEndpointId })
	if add {
		r.V.Routes = append(r.V.Routes, types.Route{DestinationPrefixListId: aws.String("pl-s3"), GatewayId: e.VpcEndpointId, State: types.RouteStateActive, Origin: types.RouteOriginCreateRoute})
	}
}
