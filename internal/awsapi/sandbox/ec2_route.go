package sandbox

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func newRouteTable(t *tx, vpc, cidr string, tags []types.Tag) types.RouteTable {
	return types.RouteTable{RouteTableId: aws.String(t.newID("rtb")), VpcId: aws.String(vpc), Tags: tags, Routes: []types.Route{{
		DestinationCidrBlock: aws.String(cidr), GatewayId: aws.String("local"), Origin: types.RouteOriginCreateRouteTable, State: types.RouteStateActive,
	}}}
}

func isMain(v types.RouteTable) bool {
	return slices.ContainsFunc(v.Associations, func(a types.RouteTableAssociation) bool { return aws.ToBool(a.Main) })
}

func registerRoute(a *Account) {
	op(a, ec2.ServiceID, func(t *tx, in *ec2.CreateRouteTableInput) (*ec2.CreateRouteTableOutput, error) {
		s := t.ec2()
		tags, err := born(in.TagSpecifications, types.ResourceTypeRouteTable)
		if err != nil {
			return nil, err
		}
		v := find(s.VPCs, aws.ToString(in.VpcId), vpcID)
		if v == nil {
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", aws.ToString(in.VpcId))
		}
		for _, r := range s.RouteTables {
			if in.ClientToken != nil && r.Token == *in.ClientToken {
				return &ec2.CreateRouteTableOutput{RouteTable: &r.V}, nil
			}
		}
		table := newRouteTable(t, *in.VpcId, *v.V.CidrBlock, tags)
		s.RouteTables = append(s.RouteTables, &row[types.RouteTable]{V: table, Lag: t.opts.Lag, Token: aws.ToString(in.ClientToken)})
		return &ec2.CreateRouteTableOutput{RouteTable: &table}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeRouteTablesInput) (*ec2.DescribeRouteTablesOutput, error) {
		all, err := list(t, t.ec2().RouteTables, in.RouteTableIds, in.Filters, routeTableID, func(v *types.RouteTable) []types.Tag { return v.Tags },
			func(v *types.RouteTable) attributes {
				subnets := []string{}
				for _, as := range v.Associations {
					subnets = append(subnets, aws.ToString(as.SubnetId))
				}
				return attributes{"vpc-id": {*v.VpcId}, "association.subnet-id": subnets}
			}, "InvalidRouteTableID.NotFound")
		if err != nil {
			return nil, err
		}
		part, next, err := page(t, all, in.NextToken)
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
		if err := t.hop(in.GatewayId, in.NatGatewayId); err != nil {
			return nil, err
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
		if err := t.hop(in.GatewayId, in.NatGatewayId); err != nil {
			return nil, err
		}
		r.V.Routes[at].GatewayId, r.V.Routes[at].NatGatewayId = in.GatewayId, in.NatGatewayId
		return &ec2.ReplaceRouteOutput{}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteRouteInput) (*ec2.DeleteRouteOutput, error) {
		r, at, err := t.route(in.RouteTableId, in.DestinationCidrBlock)
		if err != nil {
			return nil, err
		}
		if at < 0 {
			return nil, apiError("InvalidRoute.NotFound", "no route with destination-cidr-block %s", aws.ToString(in.DestinationCidrBlock))
		}
		r.V.Routes = slices.Delete(r.V.Routes, at, at+1)
		return &ec2.DeleteRouteOutput{}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.AssociateRouteTableInput) (*ec2.AssociateRouteTableOutput, error) {
		s := t.ec2()
		r := find(s.RouteTables, aws.ToString(in.RouteTableId), routeTableID)
		if r == nil {
			return nil, apiError("InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", aws.ToString(in.RouteTableId))
		}
		if _, ok := t.subnet(aws.ToString(in.SubnetId)); !ok {
			return nil, apiError("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", aws.ToString(in.SubnetId))
		}
		for _, other := range s.RouteTables {
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
	op(a, ec2.ServiceID, func(t *tx, in *ec2.ReplaceRouteTableAssociationInput) (*ec2.ReplaceRouteTableAssociationOutput, error) {
		to := find(t.ec2().RouteTables, aws.ToString(in.RouteTableId), routeTableID)
		if to == nil {
			return nil, apiError("InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", aws.ToString(in.RouteTableId))
		}
		as, err := t.unassociate(in.AssociationId)
		if err != nil {
			return nil, err
		}
		as.RouteTableId, as.RouteTableAssociationId = to.V.RouteTableId, aws.String(t.newID("rtbassoc"))
		to.V.Associations = append(to.V.Associations, as)
		return &ec2.ReplaceRouteTableAssociationOutput{NewAssociationId: as.RouteTableAssociationId}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DisassociateRouteTableInput) (*ec2.DisassociateRouteTableOutput, error) {
		_, err := t.unassociate(in.AssociationId)
		return &ec2.DisassociateRouteTableOutput{}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteRouteTableInput) (*ec2.DeleteRouteTableOutput, error) {
		s := t.ec2()
		r := find(s.RouteTables, aws.ToString(in.RouteTableId), routeTableID)
		if r == nil {
			return nil, apiError("InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", aws.ToString(in.RouteTableId))
		}
		if len(r.V.Associations) > 0 {
			return nil, apiError("DependencyViolation", "The routeTable '%s' has dependencies and cannot be deleted.", *in.RouteTableId)
		}
		s.RouteTables = drop(s.RouteTables, r)
		for _, e := range s.Endpoints {
			e.V.RouteTableIds = slices.DeleteFunc(e.V.RouteTableIds, func(id string) bool { return id == *in.RouteTableId })
		}
		return &ec2.DeleteRouteTableOutput{}, nil
	})
}

// route finds a route table and the place of a destination in it, -1 for none.
func (t *tx) route(table, destination *string) (*row[types.RouteTable], int, error) {
	r := find(t.ec2().RouteTables, aws.ToString(table), routeTableID)
	if r == nil {
		return nil, 0, apiError("InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", aws.ToString(table))
	}
	return r, slices.IndexFunc(r.V.Routes, func(route types.Route) bool {
		return route.DestinationCidrBlock != nil && *route.DestinationCidrBlock == aws.ToString(destination)
	}), nil
}

// hop checks that where a route leads to exists.
func (t *tx) hop(gateway, nat *string) error {
	if nat != nil {
		if r := find(t.ec2().NATs, *nat, natID); r == nil || r.V.State != types.NatGatewayStateAvailable {
			return apiError("InvalidNatGatewayID.NotFound", "The natGateway ID '%s' does not exist", *nat)
		}
		return nil
	}
	if find(t.ec2().InternetGateways, aws.ToString(gateway), igwID) == nil {
		return apiError("InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist", aws.ToString(gateway))
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
