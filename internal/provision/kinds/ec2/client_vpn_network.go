package ec2

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Where an endpoint is in the client's network.

func networksOf(ctx context.Context, api awsapi.EC2, endpoint *string) ([]ec2types.TargetNetwork, error) {
	p := ec2.NewDescribeClientVpnTargetNetworksPaginator(api, &ec2.DescribeClientVpnTargetNetworksInput{ClientVpnEndpointId: endpoint})
	all, err := kit.All(ctx, p, func(o *ec2.DescribeClientVpnTargetNetworksOutput) []ec2types.TargetNetwork {
		return o.ClientVpnTargetNetworks
	})
	return kit.Where(all, func(n ec2types.TargetNetwork) bool {
		return networkCode(n) != ec2types.AssociationStatusCodeDisassociated
	}), err
}

// Entrance is the resource by which whoever connects to the endpoint comes in.
func (c *clientVPN) Entrance() (kind, id string) { return "ec2/vpc", aws.ToString(c.VpcId) }

func networkCode(n ec2types.TargetNetwork) ec2types.AssociationStatusCode {
	if n.Status == nil {
		return ""
	}
	return n.Status.Code
}

// networksText is the subnets, with what becomes of those that are not associated.
func networksText(all []ec2types.TargetNetwork) string {
	return kit.LinesOf(all, func(n ec2types.TargetNetwork) string {
		if code := networkCode(n); code != ec2types.AssociationStatusCodeAssociated {
			return aws.ToString(n.TargetNetworkId) + " " + string(code)
		}
		return aws.ToString(n.TargetNetworkId)
	})
}

func associatedSubnets(s *provision.Step, d wantClientVPN) string {
	return kit.LinesOf(d.subnets, func(role provision.Role) string { return s.ID("ec2/subnet", role) })
}

// associateSubnets takes the subnets that are wanted in and others out, and is done when
// AWS is: until then it says that the endpoint is busy, and is asked again.
func associateSubnets(ctx context.Context, s *provision.Step, d wantClientVPN, c *clientVPN) error {
	have, err := networksOf(ctx, s.API.EC2, c.ClientVpnEndpointId)
	if err != nil {
		return err
	}
	missing := kit.Texts(d.subnets, func(role provision.Role) string { return s.ID("ec2/subnet", role) })
	busy := false
	for _, n := range have {
		subnet, code := aws.ToString(n.TargetNetworkId), networkCode(n)
		switch wanted := slices.Contains(missing, subnet); {
		case code == ec2types.AssociationStatusCodeAssociated && wanted:
		case code == ec2types.AssociationStatusCodeAssociating, code == ec2types.AssociationStatusCodeDisassociating:
			busy = true
		default: // somebody else's doing, or failed
			busy = true
			if err := disassociate(ctx, s, c, n); err != nil {
				return err
			}
		}
		missing = slices.DeleteFunc(missing, func(id string) bool { return id == subnet })
	}
	for _, subnet := range missing {
		if err := kit.Do(ctx, s.API.EC2.AssociateClientVpnTargetNetwork, &ec2.AssociateClientVpnTargetNetworkInput{
			ClientVpnEndpointId: c.ClientVpnEndpointId, SubnetId: &subnet, ClientToken: runToken(s, *c.ClientVpnEndpointId, subnet),
		}); err != nil && !awsapi.Is(err, awsapi.Exists) {
			return err
		}
		busy = true
	}
	if !busy {
		return nil
	}
	now, err := networksOf(ctx, s.API.EC2, c.ClientVpnEndpointId)
	if err != nil || networksText(now) == associatedSubnets(s, d) {
		return err
	}
	return kit.Busy("IncorrectState", lang.Sprintf("AWS is at work on the associations: %s", kit.Join(kit.Texts(now, func(n ec2types.TargetNetwork) string {
		return aws.ToString(n.TargetNetworkId) + " " + string(networkCode(n))
	})...)))
}

func disassociate(ctx context.Context, s *provision.Step, c *clientVPN, n ec2types.TargetNetwork) error {
	err := kit.Do(ctx, s.API.EC2.DisassociateClientVpnTargetNetwork, &ec2.DisassociateClientVpnTargetNetworkInput{ClientVpnEndpointId: c.ClientVpnEndpointId, AssociationId: n.AssociationId})
	return kit.IgnoreCode(err, "InvalidClientVpnAssociationIdNotFound")
}

// deleteClientVPN takes the endpoint out of all subnets before it deletes it; until AWS is
// done with that, it says that the endpoint is busy. Nobody can connect any more when the
// index goes, without which a list would forget who was refused.
func deleteClientVPN(ctx context.Context, s *provision.Step, c *clientVPN) error {
	have, err := networksOf(ctx, s.API.EC2, c.ClientVpnEndpointId)
	if err != nil {
		return err
	}
	for _, n := range have {
		if code := networkCode(n); code == ec2types.AssociationStatusCodeAssociated || code == ec2types.AssociationStatusCodeAssociationFailed {
			if err := disassociate(ctx, s, c, n); err != nil {
				return err
			}
		}
	}
	if len(have) > 0 {
		return kit.Busy("IncorrectState", lang.Sprintf("AWS takes it out of %s", kit.Join(kit.Texts(have, func(n ec2types.TargetNetwork) string { return aws.ToString(n.TargetNetworkId) })...)))
	}
	if err := s3.DropVPNIndex(ctx, s); err != nil {
		return err
	}
	return kit.Do(ctx, s.API.EC2.DeleteClientVpnEndpoint, &ec2.DeleteClientVpnEndpointInput{ClientVpnEndpointId: c.ClientVpnEndpointId})
}

// groupsText is the groups of the endpoint and those of its network interfaces, which AWS
// changes hours later when the endpoint alone is changed (terraform-provider-aws issue 33996).
func (c *clientVPN) groupsText() string {
	all := slices.Clone(c.SecurityGroupIds)
	for _, n := range c.networks {
		all = append(all, n.SecurityGroups...)
	}
	return kit.Lines(all)
}

func applyGroups(ctx context.Context, s *provision.Step, _ wantClientVPN, c *clientVPN) error {
	groups := []string{s.ID("ec2/security-group", rules.GroupVPN)}
	if len(c.networks) == 0 {
		return kit.Do(ctx, s.API.EC2.ModifyClientVpnEndpoint, &ec2.ModifyClientVpnEndpointInput{ClientVpnEndpointId: c.ClientVpnEndpointId, VpcId: c.VpcId, SecurityGroupIds: groups})
	}
	return kit.Do(ctx, s.API.EC2.ApplySecurityGroupsToClientVpnTargetNetwork, &ec2.ApplySecurityGroupsToClientVpnTargetNetworkInput{
		ClientVpnEndpointId: c.ClientVpnEndpointId, VpcId: c.VpcId, SecurityGroupIds: groups,
	})
}
