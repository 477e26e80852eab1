package ec2

import (
	"context"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// routes are the connection's static routes that lead to the site, or will.
func (v *vpnConnection) routes() []netip.Prefix {
	var out []netip.Prefix
	for _, r := range v.Routes {
		p, err := netip.ParsePrefix(aws.ToString(r.DestinationCidrBlock))
		if err == nil && r.State != ec2types.VpnStateDeleting && r.State != ec2types.VpnStateDeleted {
			out = append(out, p)
		}
	}
	return out
}

// overlaps says why a site cannot be there beside a connection of others: a route of the
// VPC names the gateway and not the connection, and among all connections of a gateway the
// longest prefix decides (Site-to-Site VPN user guide, "Route tables and VPN route priority").
func overlaps(s *provision.Step, d spec.Site, other *vpnConnection) string {
	tags := Tags.Of(other.VpnConnection.Tags)
	if tags[provision.TagClient] == "" && aws.ToString(other.VpnGatewayId) != s.ID("ec2/vpn-gateway", kit.VPNRole) {
		return "" // at somebody else's gateway
	}
	for _, have := range other.routes() {
		if i := slices.IndexFunc(d.Routes, have.Overlaps); i >= 0 {
			return lang.Sprintf("%s of site %s of client %s overlaps %s of %s (%s, %s): AWS could not tell the two apart, and traffic of one would go to the other; one of them must use another range at its site, or translate it (NAT)",
				d.Routes[i], d.Name, s.Client, have, vpnID(other), tags[provision.TagRole], kit.Owner(tags))
		}
	}
	return ""
}

// setStaticRoutes leads the connection to what is behind the site. AWS takes no routes while
// a connection is being made or changed.
func setStaticRoutes(ctx context.Context, s *provision.Step, d spec.Site, v *vpnConnection) error {
	all, err := vpnConnections(ctx, s.API.EC2, &ec2.DescribeVpnConnectionsInput{})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(other *vpnConnection) bool { return vpnID(other) == vpnID(v) })
	if i < 0 {
		return kit.Unseen(vpnID(v))
	}
	now := all[i]
	if now.VpnConnection.State != ec2types.VpnStateAvailable {
		return kit.Busy("IncorrectState", vpnID(v)+" is "+string(now.VpnConnection.State))
	}
	have := now.routes()
	for _, r := range have {
		if slices.Contains(d.Routes, r) {
			continue
		}
		err := kit.Do(ctx, s.API.EC2.DeleteVpnConnectionRoute, &ec2.DeleteVpnConnectionRouteInput{VpnConnectionId: v.VpnConnectionId, DestinationCidrBlock: aws.String(r.String())})
		if err := kit.IgnoreCode(err, "InvalidRoute.NotFound"); err != nil {
			return err
		}
	}
	for _, other := range all { // another run may have been quicker since the plan was made
		if kit.SameScope(s, Tags.Of(other.VpnConnection.Tags)) || vpnStates[other.VpnConnection.State] == provision.Gone {
			continue
		}
		if why := overlaps(s, d, other); why != "" {
			return lang.New(why)
		}
	}
	return kit.Each(d.Routes, func(r netip.Prefix) error {
		if slices.Contains(have, r) {
			return nil
		}
		return kit.Do(ctx, s.API.EC2.CreateVpnConnectionRoute, &ec2.CreateVpnConnectionRouteInput{VpnConnectionId: v.VpnConnectionId, DestinationCidrBlock: aws.String(r.String())})
	})
}
