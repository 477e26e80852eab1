package reader

import (
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Site-to-site VPNs: what is behind a VPN gateway that routes lead to.

// within reports whether a range is inside of a VPC's own.
func (c *converter) within(vpc string, p netip.Prefix) bool {
	return slices.ContainsFunc(c.local[vpc], func(l netip.Prefix) bool { return l.Bits() <= p.Bits() && l.Contains(p.Addr()) })
}

// vpns are the sites. The ranges of one with static routes are those of its connection:
// what leads to the gateway and is in none of them ends there. One that speaks BGP may
// announce anything, so that its ranges are also all that leads to its gateway and is
// no other's; and if no connection claims that, it is somebody's behind the gateway all
// the same, by Direct Connect.
func (c *converter) vpns(n *Network, e *isolation.Estate) {
	attached := map[string]string{} // VPCs by gateway
	for _, g := range n.gateways {
		if g.State == ec2types.VpnStateDeleted {
			continue
		}
		for _, a := range g.VpcAttachments {
			if a.State != ec2types.AttachmentStatusDetached {
				attached[aws.ToString(g.VpnGatewayId)] = aws.ToString(a.VpcId)
			}
		}
	}
	claimed := map[string][]netip.Prefix{} // by gateway
	for _, v := range n.vpns {
		if v.State == ec2types.VpnStateDeleted {
			continue
		}
		out := isolation.VPN{
			ID: aws.ToString(v.VpnConnectionId), Owner: owner(v.Tags), Gateway: aws.ToString(v.VpnGatewayId),
			Static: v.Options != nil && aws.ToBool(v.Options.StaticRoutesOnly),
		}
		if out.Owner == isolation.Shared { // clients share no site: nobody knows whose this is
			out.Owner = isolation.Foreign
		}
		for _, r := range v.Routes {
			if r.State != ec2types.VpnStateDeleted {
				out.CIDRs = c.append(out.CIDRs, r.DestinationCidrBlock, "VPN connection "+out.ID)
			}
		}
		switch vpc, there := attached[out.Gateway]; {
		case there:
			out.VPC = vpc
			claimed[out.Gateway] = append(claimed[out.Gateway], out.CIDRs...)
		case v.TransitGatewayId != nil:
			out.Gateway = *v.TransitGatewayId
		case v.CoreNetworkArn != nil:
			out.Gateway = *v.CoreNetworkArn
		default:
			continue // at a gateway without a VPC, or at none: it leads nowhere
		}
		e.VPNs = append(e.VPNs, out)
	}
	for _, t := range n.tables {
		c.propagate(t, e)
	}
	for _, g := range n.gateways {
		if vpc, there := attached[aws.ToString(g.VpnGatewayId)]; there {
			c.behind(g, vpc, claimed[aws.ToString(g.VpnGatewayId)], e)
		}
	}
}

// propagate adds the routes that a table would learn from a gateway: they are listed
// only while a tunnel is up.
func (c *converter) propagate(t ec2types.RouteTable, e *isolation.Estate) {
	i := slices.IndexFunc(e.RouteTables, func(have isolation.RouteTable) bool { return have.ID == aws.ToString(t.RouteTableId) })
	for _, from := range t.PropagatingVgws {
		for _, v := range e.VPNs {
			if v.Gateway != aws.ToString(from.GatewayId) {
				continue
			}
			for _, p := range v.CIDRs {
				known := slices.ContainsFunc(e.RouteTables[i].Routes, func(r isolation.Route) bool { return r.Destination == p })
				if !known && !c.within(aws.ToString(t.VpcId), p) {
					e.RouteTables[i].Routes = append(e.RouteTables[i].Routes, isolation.Route{Destination: p, Kind: isolation.VPNGateway, Target: v.Gateway})
				}
			}
		}
	}
}

// behind finds who has what leads to a gateway and is in no connection's static routes.
func (c *converter) behind(g ec2types.VpnGateway, vpc string, claimed []netip.Prefix, e *isolation.Estate) {
	id := aws.ToString(g.VpnGatewayId)
	var rest []netip.Prefix
	for _, t := range e.RouteTables {
		for _, r := range t.Routes {
			if r.Kind == isolation.VPNGateway && r.Target == id && r.Destination.IsValid() && !slices.Contains(claimed, r.Destination) && !slices.Contains(rest, r.Destination) {
				rest = append(rest, r.Destination)
			}
		}
	}
	dynamic := false
	for i := range e.VPNs {
		if v := &e.VPNs[i]; v.Gateway == id && !v.Static {
			v.CIDRs, dynamic = append(v.CIDRs, rest...), true
		}
	}
	if !dynamic && len(rest) > 0 {
		c.untold = append(c.untold, lang.Sprintf("routes to VPN gateway %s lead to what no VPN connection has: it counts as a site of its own, by Direct Connect say", id))
		whose := owner(g.Tags)
		if whose == isolation.Shared {
			whose = isolation.Foreign
		}
		e.VPNs = append(e.VPNs, isolation.VPN{ID: id, Owner: whose, Gateway: id, VPC: vpc, CIDRs: rest})
	}
}
