package sandbox

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// routeQuota is AWS's default for one route table, local routes not counted.
const routeQuota = 50

func newRouteTable(t *tx, v types.Vpc, tags []types.Tag) types.RouteTable {
	routes := each(v.CidrBlockAssociationSet, func(block types.VpcCidrBlockAssociation) types.Route { return localRoute(*block.CidrBlock) })
	return types.RouteTable{RouteTableId: aws.String(t.newID("rtb")), VpcId: v.VpcId, OwnerId: aws.String(t.opts.ID), Tags: tags, Routes: routes}
}

func localRoute(cidr string) types.Route {
	return types.Route{DestinationCidrBlock: aws.String(cidr), GatewayId: aws.String("local"), Origin: types.RouteOriginCreateRouteTable, State: types.RouteStateActive}
}

func isLocal(r types.Route) bool { return aws.ToString(r.GatewayId) == "local" }

// revive is the opposite of blackhole, in the tables of a VPC.
func (s *ec2State) revive(hop, vpc string) {
	for _, table := range s.RouteTables {
		for i, r := range table.V.Routes {
			if *table.V.VpcId == vpc && aws.ToString(r.GatewayId) == hop {
				table.V.Routes[i].State = types.RouteStateActive
			}
		}
	}
}

// blackhole marks every route to what is no longer there.
func (s *ec2State) blackhole(hop string) {
	for _, table := range s.RouteTables {
		for i, r := range table.V.Routes {
			if aws.ToString(r.NatGatewayId) == hop || aws.ToString(r.GatewayId) == hop {
				table.V.Routes[i].State = types.RouteStateBlackhole
			}
		}
	}
}

func isMain(v types.RouteTable) bool {
	return slices.ContainsFunc(v.Associations, func(a types.RouteTableAssociation) bool { return aws.ToBool(a.Main) })
}

func registerRoute(a *Account) {
	opOn(creating(a, types.ResourceTypeRouteTable), func(in *ec2.CreateRouteTableInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, in *ec2.CreateRouteTableInput) (*ec2.CreateRouteTableOutput, error) {
		s := t.ec2()
		v := vpcs.find(t, aws.ToString(in.VpcId))
		if v == nil {
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", aws.ToString(in.VpcId))
		}
		made, err := again(s.RouteTables, in.ClientToken, func(v types.RouteTable) bool { return *v.VpcId == *in.VpcId })
		if made != nil || err != nil {
			return &ec2.CreateRouteTableOutput{RouteTable: made}, err
		}
		if count(s.RouteTables, func(v types.RouteTable) bool { return *v.VpcId == *in.VpcId }) >= inVPCQuota {
			return nil, apiError("RouteTableLimitExceeded", "The maximum number of route tables has been reached.")
		}
		table := newRouteTable(t, v.V, tags)
		s.RouteTables.add(&row[types.RouteTable]{V: table, meta: t.lagging(in.ClientToken)})
		return &ec2.CreateRouteTableOutput{RouteTable: &table}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeRouteTablesInput) (*ec2.DescribeRouteTablesOutput, error) {
		part, next, err := describe(t, routeTables, in.RouteTableIds, in.Filters, in.NextToken, func(v *types.RouteTable) attributes {
			subnets := each(v.Associations, func(as types.RouteTableAssociation) string { return aws.ToString(as.SubnetId) })
			return attributes{"vpc-id": {*v.VpcId}, "association.subnet-id": subnets}
		})
		return &ec2.DescribeRouteTablesOutput{RouteTables: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.CreateRouteInput) (*ec2.CreateRouteOutput, error) {
		r, at, err := t.route(in.RouteTableId, in.DestinationCidrBlock)
		if err != nil {
			return nil, err
		}
		if at >= 0 {
			return nil, apiError("RouteAlreadyExists", "The route identified by %s already exists.", *in.DestinationCidrBlock)
		}
		if err := t.hop(r.V, in.GatewayId, in.NatGatewayId); err != nil {
			return nil, err
		}
		if len(slices.DeleteFunc(slices.Clone(r.V.Routes), isLocal)) >= routeQuota {
			return nil, apiError("RouteLimitExceeded", "The maximum number of routes has been reached.")
		}
		r.V.Routes = append(r.V.Routes, types.Route{DestinationCidrBlock: in.DestinationCidrBlock, GatewayId: in.GatewayId, NatGatewayId: in.NatGatewayId, Origin: types.RouteOriginCreateRoute, State: types.RouteStateActive})
		return &ec2.CreateRouteOutput{Return: aws.Bool(true)}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.ReplaceRouteInput) (*ec2.ReplaceRouteOutput, error) {
		r, at, err := t.route(in.RouteTableId, in.DestinationCidrBlock)
		if err != nil {
			return nil, err
		}
		if at < 0 {
			return nil, apiError("InvalidRoute.NotFound", "no route with destination-cidr-block %s", aws.ToString(in.DestinationCidrBlock))
		}
		if isLocal(r.V.Routes[at]) {
			return nil, apiError("InvalidParameterValue", "cannot replace local route %s in route table %s", *in.DestinationCidrBlock, *in.RouteTableId)
		}
		if err := t.hop(r.V, in.GatewayId, in.NatGatewayId); err != nil {
			return nil, err
		}
		r.V.Routes[at].GatewayId, r.V.Routes[at].NatGatewayId, r.V.Routes[at].State = in.GatewayId, in.NatGatewayId, types.RouteStateActive
		return &ec2.ReplaceRouteOutput{}, nil
	})
	opChange[ec2.EnableVgwRoutePropagationOutput](routeTables.on(a), func(in *ec2.EnableVgwRoutePropagationInput) *string { return in.RouteTableId }, func(t *tx, r *row[types.RouteTable], in *ec2.EnableVgwRoutePropagationInput) error {
		if err := t.hop(r.V, in.GatewayId, nil); err != nil {
			return err
		}
		r.V.PropagatingVgws = append(r.V.PropagatingVgws, types.PropagatingVgw{GatewayId: in.GatewayId})
		return nil
	})
	opChange[ec2.DisableVgwRoutePropagationOutput](routeTables.on(a), func(in *ec2.DisableVgwRoutePropagationInput) *string { return in.RouteTableId }, func(_ *tx, r *row[types.RouteTable], in *ec2.DisableVgwRoutePropagationInput) error {
		gateway := aws.ToString(in.GatewayId)
		if !slices.ContainsFunc(r.V.PropagatingVgws, func(p types.PropagatingVgw) bool { return aws.ToString(p.GatewayId) == gateway }) {
			return apiError("InvalidParameterValue", "the specified gateway %s is not enabled for route table %s", gateway, *in.RouteTableId)
		}
		r.V.PropagatingVgws = slices.DeleteFunc(r.V.PropagatingVgws, func(p types.PropagatingVgw) bool { return aws.ToString(p.GatewayId) == gateway })
		r.V.Routes = slices.DeleteFunc(r.V.Routes, func(route types.Route) bool {
			return route.Origin == types.RouteOriginEnableVgwRoutePropagation && aws.ToString(route.GatewayId) == gateway
		})
		return nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteRouteInput) (*ec2.DeleteRouteOutput, error) {
		r, at, err := t.route(in.RouteTableId, in.DestinationCidrBlock)
		if err != nil {
			return nil, err
		}
		if at < 0 {
			return nil, apiError("InvalidRoute.NotFound", "no route with destination-cidr-block %s", aws.ToString(in.DestinationCidrBlock))
		}
		if isLocal(r.V.Routes[at]) {
			return nil, apiError("InvalidParameterValue", "cannot remove local route %s in route table %s", *in.DestinationCidrBlock, *in.RouteTableId)
		}
		r.V.Routes = slices.Delete(r.V.Routes, at, at+1)
		return &ec2.DeleteRouteOutput{}, nil
	})
	opOn(routeTables.on(a), func(in *ec2.AssociateRouteTableInput) *string { return in.RouteTableId }, func(t *tx, r *row[types.RouteTable], in *ec2.AssociateRouteTableInput) (*ec2.AssociateRouteTableOutput, error) {
		sub, ok := t.subnet(aws.ToString(in.SubnetId))
		switch {
		case !ok:
			return nil, apiError("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", aws.ToString(in.SubnetId))
		case *sub.VpcId != *r.V.VpcId:
			return nil, apiError("InvalidParameterValue", "route table %s and subnet %s belong to different networks", *in.RouteTableId, *in.SubnetId)
		}
		for _, other := range t.ec2().RouteTables {
			for _, as := range other.V.Associations {
				if aws.ToString(as.SubnetId) == *in.SubnetId {
					return nil, apiError("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", *in.RouteTableId)
				}
			}
		}
		as := types.RouteTableAssociation{Main: aws.Bool(false), RouteTableId: in.RouteTableId, SubnetId: in.SubnetId, RouteTableAssociationId: aws.String(t.newID("rtbassoc"))}
		r.V.Associations = append(r.V.Associations, as)
		return &ec2.AssociateRouteTableOutput{AssociationId: as.RouteTableAssociationId}, nil
	})
	opOn(routeTables.on(a), func(in *ec2.ReplaceRouteTableAssociationInput) *string { return in.RouteTableId }, func(t *tx, to *row[types.RouteTable], in *ec2.ReplaceRouteTableAssociationInput) (*ec2.ReplaceRouteTableAssociationOutput, error) {
		as, err := t.unassociate(in.AssociationId)
		if err != nil {
			return nil, err
		}
		as.RouteTableId, as.RouteTableAssociationId = to.V.RouteTableId, aws.String(t.newID("rtbassoc"))
		to.V.Associations = append(to.V.Associations, as)
		return &ec2.ReplaceRouteTableAssociationOutput{NewAssociationId: as.RouteTableAssociationId}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DisassociateRouteTableInput) (*ec2.DisassociateRouteTableOutput, error) {
		for _, r := range t.ec2().RouteTables {
			for _, as := range r.V.Associations {
				if aws.ToBool(as.Main) && *as.RouteTableAssociationId == aws.ToString(in.AssociationId) {
					return nil, apiError("InvalidParameterValue", "cannot disassociate the main route table association %s", *in.AssociationId)
				}
			}
		}
		_, err := t.unassociate(in.AssociationId)
		return &ec2.DisassociateRouteTableOutput{}, err
	})
	opChange[ec2.DeleteRouteTableOutput](routeTables.on(a), func(in *ec2.DeleteRouteTableInput) *string { return in.RouteTableId }, func(t *tx, r *row[types.RouteTable], in *ec2.DeleteRouteTableInput) error {
		s := t.ec2()
		if len(r.V.Associations) > 0 {
			return apiError("DependencyViolation", "The routeTable '%s' has dependencies and cannot be deleted.", *in.RouteTableId)
		}
		s.RouteTables.drop(r)
		for _, e := range s.Endpoints {
			e.V.RouteTableIds = slices.DeleteFunc(e.V.RouteTableIds, func(id string) bool { return id == *in.RouteTableId })
		}
		return nil
	})
}

// route finds a route table and the place of a destination in it, -1 for none.
func (t *tx) route(table, destination *string) (*row[types.RouteTable], int, error) {
	r := routeTables.find(t, aws.ToString(table))
	if r == nil {
		return nil, 0, apiError("InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", aws.ToString(table))
	}
	return r, slices.IndexFunc(r.V.Routes, func(route types.Route) bool {
		return route.DestinationCidrBlock != nil && *route.DestinationCidrBlock == aws.ToString(destination)
	}), nil
}

// hop checks that where a route leads to exists and can be reached from the table.
func (t *tx) hop(table types.RouteTable, gateway, nat *string) error {
	switch {
	case gateway != nil && nat != nil:
		return apiError("InvalidParameterCombination", "The request must contain exactly one of gatewayId and natGatewayId")
	case gateway == nil && nat == nil:
		return apiError("MissingParameter", "The request must contain the parameter gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId or instanceId")
	case nat != nil:
		r := natGateways.find(t, *nat)
		if r == nil || r.V.State != types.NatGatewayStateAvailable {
			return apiError("InvalidNatGatewayID.NotFound", "The natGateway ID '%s' does not exist", *nat)
		}
		if *r.V.VpcId != *table.VpcId {
			return apiError("InvalidParameterValue", "route table %s and NAT gateway %s belong to different networks", *table.RouteTableId, *nat)
		}
		return nil
	}
	if vpnGateways.find(t, *gateway) != nil {
		r := t.vpnGatewayOf(*table.VpcId)
		if r == nil || *r.V.VpnGatewayId != *gateway || attachmentOf(r.V, *table.VpcId).State != types.AttachmentStatusAttached {
			return apiError("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", *table.RouteTableId, *gateway)
		}
		return nil
	}
	switch r := internetGateways.find(t, *gateway); {
	case r == nil:
		return apiError("InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist", *gateway)
	case !attachedTo(r.V, *table.VpcId):
		return apiError("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", *table.RouteTableId, *gateway)
	}
	return nil
}

func (t *tx) unassociate(id *string) (types.RouteTableAssociation, error) {
	for _, r := range t.ec2().RouteTables {
		for i, as := range r.V.Associations {
			if *as.RouteTableAssociationId == aws.ToString(id) {
				r.V.Associations = slices.Delete(r.V.Associations, i, i+1)
				return as, nil
			}
		}
	}
	return types.RouteTableAssociation{}, apiError("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", aws.ToString(id))
}
