package sandbox

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// endpointQuota is AWS's default for gateway endpoints in a region.
const endpointQuota = 20

// endpointDefault is the policy of an endpoint made without one.
const endpointDefault = `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

// States of endpoints are lower case on the wire, unlike in the API model.
const (
	endpointAvailable = types.State("available")
	endpointDeleting  = types.State("deleting")
)

func registerEndpoint(a *Account) {
	opOn(creating(a, types.ResourceTypeVpcEndpoint), func(in *ec2.CreateVpcEndpointInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, in *ec2.CreateVpcEndpointInput) (*ec2.CreateVpcEndpointOutput, error) {
		s := t.ec2()
		made, err := again(s.Endpoints, in.ClientToken, func(v types.VpcEndpoint) bool { return *v.VpcId == aws.ToString(in.VpcId) })
		if made != nil || err != nil {
			return &ec2.CreateVpcEndpointOutput{VpcEndpoint: made}, err
		}
		switch {
		case vpcs.find(t, aws.ToString(in.VpcId)) == nil:
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", aws.ToString(in.VpcId))
		case aws.ToString(in.ServiceName) != "com.amazonaws."+t.region+".s3":
			return nil, apiError("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", aws.ToString(in.ServiceName))
		case in.VpcEndpointType != "" && in.VpcEndpointType != types.VpcEndpointTypeGateway:
			return nil, apiError("InvalidParameter", "the sandbox has gateway endpoints only, not %s", in.VpcEndpointType)
		case len(s.Endpoints) >= endpointQuota:
			return nil, apiError("VpcEndpointLimitExceeded", "The maximum number of gateway endpoints has been reached.")
		}
		e := types.VpcEndpoint{
			VpcEndpointId: aws.String(t.newID("vpce")), VpcId: in.VpcId, ServiceName: in.ServiceName, VpcEndpointType: types.VpcEndpointTypeGateway,
			State: endpointAvailable, Tags: tags, PolicyDocument: aws.String(endpointDefault), OwnerId: aws.String(t.opts.ID),
		}
		set(&e.PolicyDocument, in.PolicyDocument)
		if err := t.checkEndpoint(e, in.PolicyDocument, in.RouteTableIds, nil); err != nil {
			return nil, err
		}
		r := &row[types.VpcEndpoint]{V: e, meta: t.lagging(in.ClientToken)}
		s.Endpoints.add(r)
		for _, id := range in.RouteTableIds {
			t.endpointRoute(id, e, true)
		}
		r.V.RouteTableIds = in.RouteTableIds
		return &ec2.CreateVpcEndpointOutput{VpcEndpoint: &r.V}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.ModifyVpcEndpointInput) (*ec2.ModifyVpcEndpointOutput, error) {
		e := endpoints.find(t, aws.ToString(in.VpcEndpointId))
		if e == nil || e.V.State == endpointDeleting {
			return nil, apiError("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '%s' does not exist", aws.ToString(in.VpcEndpointId))
		}
		if aws.ToBool(in.ResetPolicy) && in.PolicyDocument != nil {
			return nil, apiError("InvalidParameterCombination", "PolicyDocument and ResetPolicy cannot be given together")
		}
		if err := t.checkEndpoint(e.V, in.PolicyDocument, in.AddRouteTableIds, in.RemoveRouteTableIds); err != nil {
			return nil, err
		}
		set(&e.V.PolicyDocument, in.PolicyDocument)
		if aws.ToBool(in.ResetPolicy) {
			e.V.PolicyDocument = aws.String(endpointDefault)
		}
		for _, id := range in.RemoveRouteTableIds {
			e.V.RouteTableIds = slices.DeleteFunc(e.V.RouteTableIds, func(have string) bool { return have == id })
			t.endpointRoute(id, e.V, false)
		}
		for _, id := range in.AddRouteTableIds {
			e.V.RouteTableIds = append(e.V.RouteTableIds, id)
			t.endpointRoute(id, e.V, true)
		}
		return &ec2.ModifyVpcEndpointOutput{Return: aws.Bool(true)}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeVpcEndpointsInput) (*ec2.DescribeVpcEndpointsOutput, error) {
		if !t.more {
			t.ec2().Endpoints.dropAll(func(r *row[types.VpcEndpoint]) bool { return r.V.State == endpointDeleting && r.gone() })
		}
		part, next, err := describe(t, endpoints, in.VpcEndpointIds, in.Filters, in.NextToken, func(v *types.VpcEndpoint) attributes {
			return attributes{"vpc-id": {*v.VpcId}, "service-name": {*v.ServiceName}, "vpc-endpoint-id": {*v.VpcEndpointId}, "vpc-endpoint-state": {string(v.State)}}
		})
		return &ec2.DescribeVpcEndpointsOutput{VpcEndpoints: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteVpcEndpointsInput) (*ec2.DeleteVpcEndpointsOutput, error) {
		out := &ec2.DeleteVpcEndpointsOutput{}
		for _, id := range in.VpcEndpointIds {
			e := endpoints.find(t, id)
			if e == nil {
				out.Unsuccessful = append(out.Unsuccessful, notDone(id, "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '"+id+"' does not exist"))
				continue
			}
			for _, table := range e.V.RouteTableIds {
				t.endpointRoute(table, e.V, false)
			}
			if e.V.State != endpointDeleting {
				e.V.State, e.V.RouteTableIds, e.Looks = endpointDeleting, nil, t.opts.Looks
			}
		}
		return out, nil
	})
}

// checkEndpoint refuses a policy that is no JSON, tables of other VPCs, and tables
// that lead to S3 already.
func (t *tx) checkEndpoint(e types.VpcEndpoint, policy *string, add, remove []string) error {
	if policy != nil {
		if err := checkEndpointPolicy(*policy); err != nil {
			return err
		}
	}
	for _, id := range append(slices.Clone(add), remove...) {
		table := routeTables.find(t, id)
		switch {
		case table == nil:
			return apiError("InvalidRouteTableId.NotFound", "The routeTable ID '%s' does not exist", id)
		case *table.V.VpcId != *e.VpcId:
			return apiError("InvalidParameter", "The route table %s and the endpoint belong to different VPCs", id)
		}
		leads := slices.ContainsFunc(table.V.Routes, func(r types.Route) bool { return r.DestinationPrefixListId != nil })
		if leads && slices.Contains(add, id) {
			return apiError("RouteAlreadyExists", "route table %s already has a route with destination-prefix-list-id %s", id, s3PrefixList)
		}
	}
	return nil
}

// endpointPolicyMax is how many characters an endpoint's policy may have (PrivateLink
// guide, "Endpoint policies").
const endpointPolicyMax = 20480

// checkEndpointPolicy refuses what is no policy of a resource.
func checkEndpointPolicy(text string) error {
	var p struct {
		Statement []struct {
			Effect                      string
			Principal, Action, Resource any
		}
	}
	bad := json.Unmarshal([]byte(text), &p) != nil || len(p.Statement) == 0 || len(text) > endpointPolicyMax
	for _, s := range p.Statement {
		bad = bad || s.Effect != "Allow" && s.Effect != "Deny" || s.Principal == nil || s.Action == nil || s.Resource == nil
	}
	if bad {
		return apiError("InvalidPolicyDocument", "The specified policy document is not a valid JSON policy document.")
	}
	return nil
}

const s3PrefixList = "pl-23ad484a"

// endpointRoute adds or removes the prefix list route of a gateway endpoint.
func (t *tx) endpointRoute(table string, e types.VpcEndpoint, add bool) {
	r := routeTables.find(t, table)
	if r == nil {
		return
	}
	r.V.Routes = slices.DeleteFunc(r.V.Routes, func(route types.Route) bool { return aws.ToString(route.GatewayId) == *e.VpcEndpointId })
	if add {
		r.V.Routes = append(r.V.Routes, types.Route{DestinationPrefixListId: aws.String(s3PrefixList), GatewayId: e.VpcEndpointId, State: types.RouteStateActive, Origin: types.RouteOriginCreateRoute})
	}
}
