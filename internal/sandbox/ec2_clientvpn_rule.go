package sandbox

import (
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Whom an endpoint lets where: authorization rules, and routes.

func ruleStatus(code types.ClientVpnAuthorizationRuleStatusCode) *types.ClientVpnAuthorizationRuleStatus {
	return &types.ClientVpnAuthorizationRuleStatus{Code: code}
}

// ageRules is one look at an endpoint's rules.
func (c *clientVPN) ageRules() {
	c.Rules.dropAll(func(r *row[types.AuthorizationRule]) bool {
		if r.wait() {
			return false
		}
		if r.V.Status.Code == types.ClientVpnAuthorizationRuleStatusCodeAuthorizing {
			r.V.Status = ruleStatus(types.ClientVpnAuthorizationRuleStatusCodeActive)
		}
		return r.V.Status.Code == types.ClientVpnAuthorizationRuleStatusCodeRevoking
	})
}

// rule finds the rule for a range and a group, or for all.
func (c *clientVPN) rule(cidr, group *string) *row[types.AuthorizationRule] {
	return c.Rules.first(func(r *row[types.AuthorizationRule]) bool {
		return *r.V.DestinationCidr == aws.ToString(cidr) && aws.ToString(r.V.GroupId) == aws.ToString(group)
	})
}

func registerClientVPNRules(a *Account) {
	endpoints := on(a, ec2.ServiceID, (*tx).clientVPN)
	changeable := on(a, ec2.ServiceID, (*tx).changeableClientVPN)
	opOn(changeable, func(in *ec2.AuthorizeClientVpnIngressInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.AuthorizeClientVpnIngressInput) (*ec2.AuthorizeClientVpnIngressOutput, error) {
		c := &r.V
		cidr, err := netip.ParsePrefix(aws.ToString(in.TargetNetworkCidr))
		if err != nil || cidr != cidr.Masked() {
			return nil, apiError("InvalidParameterValue", "Target network CIDR %s is invalid", aws.ToString(in.TargetNetworkCidr))
		}
		if aws.ToBool(in.AuthorizeAllGroups) == (in.AccessGroupId != nil) {
			return nil, apiError("InvalidParameterCombination", "Either an access group or all groups must be given")
		}
		if old := c.rule(in.TargetNetworkCidr, in.AccessGroupId); old != nil {
			if old.Token != "" && old.Token == aws.ToString(in.ClientToken) {
				return &ec2.AuthorizeClientVpnIngressOutput{Status: old.V.Status}, nil
			}
			return nil, apiError("InvalidClientVpnDuplicateAuthorizationRule", "Endpoint %s has this rule already", *in.ClientVpnEndpointId)
		}
		rule := types.AuthorizationRule{
			ClientVpnEndpointId: in.ClientVpnEndpointId, DestinationCidr: in.TargetNetworkCidr, GroupId: in.AccessGroupId, AccessAll: aws.Bool(aws.ToBool(in.AuthorizeAllGroups)),
			Description: in.Description, Status: ruleStatus(types.ClientVpnAuthorizationRuleStatusCodeAuthorizing),
		}
		c.Rules.add(&row[types.AuthorizationRule]{V: rule, meta: meta{Looks: t.opts.Looks, Token: aws.ToString(in.ClientToken)}})
		return &ec2.AuthorizeClientVpnIngressOutput{Status: rule.Status}, nil
	})
	opOn(endpoints, func(in *ec2.DescribeClientVpnAuthorizationRulesInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.DescribeClientVpnAuthorizationRulesInput) (*ec2.DescribeClientVpnAuthorizationRulesOutput, error) {
		if in.NextToken == nil {
			r.V.ageRules()
		}
		part, next, err := list(t, r.V.Rules, in.NextToken, func(r *row[types.AuthorizationRule]) (types.AuthorizationRule, bool) { return r.V, true })
		return &ec2.DescribeClientVpnAuthorizationRulesOutput{AuthorizationRules: part, NextToken: next}, err
	})
	opOn(endpoints, func(in *ec2.RevokeClientVpnIngressInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.RevokeClientVpnIngressInput) (*ec2.RevokeClientVpnIngressOutput, error) {
		if aws.ToBool(in.RevokeAllGroups) == (in.AccessGroupId != nil) {
			return nil, apiError("InvalidParameterCombination", "Either an access group or all groups must be given")
		}
		rule := r.V.rule(in.TargetNetworkCidr, in.AccessGroupId)
		if rule == nil {
			return nil, apiError("InvalidClientVpnEndpointAuthorizationRuleNotFound", "Endpoint %s has no such rule", *in.ClientVpnEndpointId)
		}
		rule.V.Status, rule.Looks = ruleStatus(types.ClientVpnAuthorizationRuleStatusCodeRevoking), t.opts.Looks
		return &ec2.RevokeClientVpnIngressOutput{Status: rule.V.Status}, nil
	})
	opOn(changeable, func(in *ec2.CreateClientVpnRouteInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.CreateClientVpnRouteInput) (*ec2.CreateClientVpnRouteOutput, error) {
		c := &r.V
		t.ageNetworks(c)
		cidr, err := netip.ParsePrefix(aws.ToString(in.DestinationCidrBlock))
		switch {
		case err != nil || cidr != cidr.Masked():
			return nil, apiError("InvalidParameterValue", "Destination CIDR %s is invalid", aws.ToString(in.DestinationCidrBlock))
		case netip.MustParsePrefix(*c.Detail.ClientCidrBlock).Overlaps(cidr) && cidr.Bits() > 0:
			return nil, apiError("InvalidParameterValue", "Destination CIDR %s overlaps the client CIDR block", cidr)
		case c.Networks.first(func(n *clientVPNNetwork) bool {
			return *n.V.TargetNetworkId == aws.ToString(in.TargetVpcSubnetId) && n.V.Status.Code == types.AssociationStatusCodeAssociated
		}) == nil:
			return nil, apiError("InvalidClientVpnActiveAssociationNotFound", "Endpoint %s has no active association with %s", *in.ClientVpnEndpointId, aws.ToString(in.TargetVpcSubnetId))
		case c.route(in.DestinationCidrBlock, in.TargetVpcSubnetId) >= 0:
			return nil, apiError("InvalidClientVpnDuplicateRoute", "Endpoint %s has this route already", *in.ClientVpnEndpointId)
		}
		c.Routes = append(c.Routes, types.ClientVpnRoute{
			ClientVpnEndpointId: in.ClientVpnEndpointId, DestinationCidr: in.DestinationCidrBlock, TargetSubnet: in.TargetVpcSubnetId, Type: aws.String("Nat"),
			Origin: aws.String("add-route"), Description: in.Description, Status: &types.ClientVpnRouteStatus{Code: types.ClientVpnRouteStatusCodeActive},
		})
		return &ec2.CreateClientVpnRouteOutput{Status: &types.ClientVpnRouteStatus{Code: types.ClientVpnRouteStatusCodeCreating}}, nil
	})
	opOn(endpoints, func(in *ec2.DescribeClientVpnRoutesInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.DescribeClientVpnRoutesInput) (*ec2.DescribeClientVpnRoutesOutput, error) {
		part, next, err := page(t, r.V.Routes, in.NextToken)
		return &ec2.DescribeClientVpnRoutesOutput{Routes: part, NextToken: next}, err
	})
	opOn(endpoints, func(in *ec2.DeleteClientVpnRouteInput) *string { return in.ClientVpnEndpointId }, func(_ *tx, r *row[clientVPN], in *ec2.DeleteClientVpnRouteInput) (*ec2.DeleteClientVpnRouteOutput, error) {
		i := r.V.route(in.DestinationCidrBlock, in.TargetVpcSubnetId)
		switch {
		case i < 0:
			return nil, apiError("InvalidClientVpnRouteNotFound", "Endpoint %s has no such route", *in.ClientVpnEndpointId)
		case *r.V.Routes[i].Origin == associated:
			return nil, apiError("OperationNotPermitted", "Routes that were added with an association cannot be deleted")
		}
		r.V.Routes = slices.Delete(r.V.Routes, i, i+1)
		return &ec2.DeleteClientVpnRouteOutput{Status: &types.ClientVpnRouteStatus{Code: types.ClientVpnRouteStatusCodeDeleting}}, nil
	})
}

func (c *clientVPN) route(cidr, subnet *string) int {
	return slices.IndexFunc(c.Routes, func(r types.ClientVpnRoute) bool {
		return *r.DestinationCidr == aws.ToString(cidr) && *r.TargetSubnet == aws.ToString(subnet)
	})
}
