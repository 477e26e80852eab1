package ec2

import (
	"context"
	"fmt"
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

// Whom an endpoint lets where: its authorization rules, and its routes.

func rulesOf(ctx context.Context, api awsapi.EC2, endpoint *string) ([]ec2types.AuthorizationRule, error) {
	p := ec2.NewDescribeClientVpnAuthorizationRulesPaginator(api, &ec2.DescribeClientVpnAuthorizationRulesInput{ClientVpnEndpointId: endpoint})
	return kit.All(ctx, p, func(o *ec2.DescribeClientVpnAuthorizationRulesOutput) []ec2types.AuthorizationRule {
		return o.AuthorizationRules
	})
}

func routesOf(ctx context.Context, api awsapi.EC2, endpoint *string) ([]ec2types.ClientVpnRoute, error) {
	p := ec2.NewDescribeClientVpnRoutesPaginator(api, &ec2.DescribeClientVpnRoutesInput{ClientVpnEndpointId: endpoint})
	return kit.All(ctx, p, func(o *ec2.DescribeClientVpnRoutesOutput) []ec2types.ClientVpnRoute { return o.Routes })
}

// rangeText is a rule that lets everybody with a certificate into a range.
func rangeText(p netip.Prefix) string { return p.String() + " for everybody" }

func ruleText(r ec2types.AuthorizationRule) string {
	text := aws.ToString(r.DestinationCidr) + " for everybody"
	if group := aws.ToString(r.GroupId); group != "" {
		text = aws.ToString(r.DestinationCidr) + " for the group " + group
	}
	if r.Status != nil && r.Status.Code == ec2types.ClientVpnAuthorizationRuleStatusCodeFailed {
		text += ", failed"
	}
	return text
}

func revoking(r ec2types.AuthorizationRule) bool {
	return r.Status != nil && r.Status.Code == ec2types.ClientVpnAuthorizationRuleStatusCodeRevoking
}

func (c *clientVPN) rulesText() string {
	return kit.LinesOf(kit.Where(c.rules, func(r ec2types.AuthorizationRule) bool { return !revoking(r) }), ruleText)
}

// setAuthorizationRules revokes before it authorizes: what is too wide goes first.
func setAuthorizationRules(ctx context.Context, s *provision.Step, d wantClientVPN, c *clientVPN) error {
	have, err := rulesOf(ctx, s.API.EC2, c.ClientVpnEndpointId)
	if err != nil {
		return err
	}
	missing := kit.Texts(d.ranges, rangeText)
	for _, r := range have {
		text := ruleText(r)
		switch {
		case revoking(r) && slices.Contains(missing, text):
			return kit.Busy("IncorrectState", lang.Sprintf("AWS is still revoking the rule for %s", text))
		case revoking(r):
		case slices.Contains(missing, text):
			missing = slices.DeleteFunc(missing, func(m string) bool { return m == text })
		default:
			in := &ec2.RevokeClientVpnIngressInput{ClientVpnEndpointId: c.ClientVpnEndpointId, TargetNetworkCidr: r.DestinationCidr, AccessGroupId: r.GroupId}
			if aws.ToString(r.GroupId) == "" {
				in.AccessGroupId, in.RevokeAllGroups = nil, aws.Bool(true)
			}
			if err := awsapi.IgnoreNotFound(kit.Do(ctx, s.API.EC2.RevokeClientVpnIngress, in)); err != nil {
				return err
			}
		}
	}
	for _, p := range d.ranges {
		if !slices.Contains(missing, rangeText(p)) {
			continue
		}
		err := kit.Do(ctx, s.API.EC2.AuthorizeClientVpnIngress, &ec2.AuthorizeClientVpnIngressInput{
			ClientVpnEndpointId: c.ClientVpnEndpointId, TargetNetworkCidr: aws.String(p.String()), AuthorizeAllGroups: aws.Bool(true),
			Description: aws.String("the subnets of " + s.Client), ClientToken: runToken(s, *c.ClientVpnEndpointId, p.String()),
		})
		if err != nil && !awsapi.Is(err, awsapi.Exists) {
			return err
		}
	}
	return nil
}

// withAssociation is the origin of the route to the VPC that comes with each association;
// nobody can delete it (DeleteClientVpnRoute).
const withAssociation = "associate"

// added are the routes that somebody has added.
func (c *clientVPN) added() []ec2types.ClientVpnRoute {
	return kit.Where(c.routes, func(r ec2types.ClientVpnRoute) bool {
		return aws.ToString(r.Origin) != withAssociation && (r.Status == nil || r.Status.Code != ec2types.ClientVpnRouteStatusCodeDeleting)
	})
}

func (c *clientVPN) routesText() string {
	return kit.LinesOf(c.added(), func(r ec2types.ClientVpnRoute) string {
		return fmt.Sprintf("%s by %s", aws.ToString(r.DestinationCidr), aws.ToString(r.TargetSubnet))
	})
}

func dropRoutes(ctx context.Context, s *provision.Step, _ wantClientVPN, c *clientVPN) error {
	return kit.Drop(c.added(), func(r ec2types.ClientVpnRoute) error {
		return kit.Do(ctx, s.API.EC2.DeleteClientVpnRoute, &ec2.DeleteClientVpnRouteInput{
			ClientVpnEndpointId: c.ClientVpnEndpointId, DestinationCidrBlock: r.DestinationCidr, TargetVpcSubnetId: r.TargetSubnet,
		})
	})
}
