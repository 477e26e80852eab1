package ec2

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// vpnPatience is how long AWS may take to make, change or remove a connection
// (terraform-provider-aws, internal/service/ec2/wait.go).
const vpnPatience = 40 * time.Minute

// The quotas of connections: one VPC has one gateway, so that the second one counts for all clients.
var (
	vpnQuota          = &provision.Quota{Service: "ec2", Code: "L-3E6EC3A3", Name: "VPN connections per region"}
	vpnOfGatewayQuota = &provision.Quota{Service: "ec2", Code: "L-B91E5754", Name: "VPN connections per VPN gateway"}
)

// vpnConnection is a connection without its keys, and with its tunnels in the order of
// their inside ranges: that in which AWS tells them is any.
type vpnConnection struct {
	ec2types.VpnConnection
	storage string // of the keys, as far as AWS tells
}

// VPNConnectionKind is a client's site with its two tunnels.
func VPNConnectionKind() *provision.Type {
	return provision.Define(provision.Kind[spec.Site, *vpnConnection]{
		Name:    "ec2/vpn-connection",
		ARN:     "ec2:vpn-connection/",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[spec.Site, *vpnConnection]{Items: billVPN},
		Impact:  provision.Impact[*vpnConnection]{Losses: siteLosses, Word: func(site provision.Role) string { return "vpn.ipsec/" + site }},
		// Its inside ranges go by the slot, which is the client's once it has its first subnet.
		DependsOn:     append(provision.Ready("ec2/vpn-gateway", "ec2/customer-gateway"), provision.Existing("ec2/subnet", "logs/log-group")...),
		NotIdempotent: true,
		Timing:        provision.Timing{AsyncDelete: true, Timeout: vpnPatience},
		Want: func(s *provision.Scope) map[provision.Role]spec.Site {
			out := map[provision.Role]spec.Site{}
			for _, site := range s.Spec.VPN.Sites() {
				out[site.Name] = site
			}
			return out
		},
		Naming: provision.Naming[spec.Site, *vpnConnection]{Title: func(_ *provision.Scope, _ provision.Role, d spec.Site) string { return "to " + d.Peer.String() }},
		List: OfClient(ec2types.ResourceTypeVpnConnection, func(ctx context.Context, w *provision.Sweep) ([]*vpnConnection, error) {
			return vpnConnections(ctx, w.EC2, &ec2.DescribeVpnConnectionsInput{})
		}),
		ID:       vpnID,
		Tags:     func(v *vpnConnection) provision.Tags { return Tags.Of(v.VpnConnection.Tags) },
		State:    func(v *vpnConnection) provision.State { return vpnStates[v.VpnConnection.State] },
		InUse:    func(v *vpnConnection) bool { return slices.ContainsFunc(v.VgwTelemetry, up) },
		Conflict: overlaps,
		Create:   createVPNConnection,
		Update:   mendTunnels,
		Delete:   kit.Delete(ofEC2, awsapi.EC2.DeleteVpnConnection, func(v *vpnConnection, in *ec2.DeleteVpnConnectionInput) { in.VpnConnectionId = v.VpnConnectionId }),
		Retag:    Retag(vpnID),
		Untag:    Untag(vpnID),
		Facts: func(v *vpnConnection) []provision.Fact {
			return []provision.Fact{{Name: "tunnel 1", Value: v.status(0)}, {Name: "tunnel 2", Value: v.status(1)}}
		},
		Limits: provision.Limits[spec.Site, *vpnConnection]{
			Needed: func(_ *provision.Scope, _ provision.Role, _ spec.Site, have **vpnConnection) []provision.Take {
				if have != nil {
					return nil
				}
				return []provision.Take{{Quota: vpnQuota, Now: 1}, {Quota: vpnOfGatewayQuota, Now: 1}}
			},
			Used: func(inv *provision.Inventory, region string, v *vpnConnection) []provision.Take {
				takes := []provision.Take{{Quota: vpnQuota, Now: 1}}
				if g := inv.Find("ec2/vpn-gateway", region, aws.ToString(v.VpnGatewayId)); g != nil && g.Tags[provision.TagManagedBy] == provision.ManagedBy {
					takes = append(takes, provision.Take{Quota: vpnOfGatewayQuota, Now: 1})
				}
				return takes
			},
		},
		Fields: slices.Concat([]provision.Field[spec.Site, *vpnConnection]{
			kit.Immutable("VPN gateway", kit.IDOf[spec.Site]("ec2/vpn-gateway", kit.VPNRole), func(v *vpnConnection) string { return aws.ToString(v.VpnGatewayId) },
				"delete the connection by hand and run again; the site is cut off until its gateway is set up anew"),
			kit.Immutable("routing", kit.Const[spec.Site]("static"), func(v *vpnConnection) string {
				if v.Options != nil && aws.ToBool(v.Options.StaticRoutesOnly) {
					return "static"
				}
				return "BGP"
			}, "a connection keeps its routing: delete it by hand and run again; the site is cut off until its gateway is set up anew"),
			kit.Immutable("inside ranges", func(s *provision.Step, _ spec.Site) string { return within(rules.InsideRanges(s.Addr.Number(s.Slot))) }, insideText,
				"delete the connection by hand and run again; the site is cut off until its gateway is set up anew"),
			kit.Immutable("acceleration", kit.Const[spec.Site](kit.OnOff(false)), func(v *vpnConnection) string {
				return kit.OnOff(v.Options != nil && aws.ToBool(v.Options.EnableAcceleration))
			}, "a connection keeps it: delete it by hand and run again; the site is cut off until its gateway is set up anew"),
			kit.Put("site range", kit.Const[spec.Site](rules.AnyRange), func(v *vpnConnection) string { site, _ := v.ranges(); return site }),
			kit.Put("AWS range", kit.Const[spec.Site](rules.AnyRange), func(v *vpnConnection) string { _, amazon := v.ranges(); return amazon }),
			kit.Put(customerField, func(s *provision.Step, d spec.Site) string { return s.ID("ec2/customer-gateway", customerRole(d)) }, func(v *vpnConnection) string { return aws.ToString(v.CustomerGatewayId) }),
			kit.Put(storageField, kit.Const[spec.Site](rules.KeyStorage), func(v *vpnConnection) string { return cmp.Or(v.storage, provision.Keep) }),
		}, tunnelFields(0), tunnelFields(1), []provision.Field[spec.Site, *vpnConnection]{
			kit.Settable("static routes", kit.Wanted(func(d spec.Site) string { return kit.LinesOf(d.Routes, netip.Prefix.String) }), func(v *vpnConnection) string {
				return kit.LinesOf(v.routes(), netip.Prefix.String)
			}, setStaticRoutes),
		}),
	})
}

// Fields that Update brings about.
const (
	customerField = "customer gateway"
	storageField  = "pre-shared key storage"
)

func vpnID(v *vpnConnection) string { return aws.ToString(v.VpnConnectionId) }

// tunnelFields are the options of a tunnel.
func tunnelFields(n int) []provision.Field[spec.Site, *vpnConnection] {
	var out []provision.Field[spec.Site, *vpnConnection]
	for i, name := range rules.TunnelOptionNames() {
		out = append(out, kit.Put(fmt.Sprintf("tunnel %d %s", n+1, name),
			func(s *provision.Step, d spec.Site) string { return kit.Lines(tunnelOptions(s, d)[i].Want) },
			func(v *vpnConnection) string {
				if t := v.tunnel(n); t != nil {
					return tunnelText(t, rules.AnySite()[i])
				}
				return provision.Keep // AWS has not told yet
			}))
	}
	return out
}

// tunnelOptions are those of the site's tunnels.
func tunnelOptions(s *provision.Step, d spec.Site) []rules.TunnelOption {
	return provision.Whole(s, func() []rules.TunnelOption {
		return rules.TunnelOptions(d, s.ARN("logs", "log-group:"+rules.VPNLogGroupName(s.Client)))
	})
}

// vpnConnections reads connections. AWS tells the keys of their tunnels, which are dropped at
// once, so that nothing can tell them.
func vpnConnections(ctx context.Context, api awsapi.EC2, in *ec2.DescribeVpnConnectionsInput) ([]*vpnConnection, error) {
	all, err := kit.Get(ctx, api.DescribeVpnConnections, in, func(o *ec2.DescribeVpnConnectionsOutput) []ec2types.VpnConnection { return o.VpnConnections })
	return kit.Map(all, err, withoutKeys)
}

func withoutKeys(v ec2types.VpnConnection) *vpnConnection {
	out := &vpnConnection{VpnConnection: v}
	out.CustomerGatewayConfiguration = nil
	if v.PreSharedKeyArn != nil { // which may stay when the keys are back in the connection
		out.storage = rules.KeyStorage
	}
	if v.Options == nil {
		return out
	}
	for i := range v.Options.TunnelOptions {
		if key := &v.Options.TunnelOptions[i].PreSharedKey; *key != nil {
			if **key != "" && **key != "REDACTED" {
				out.storage = "Standard"
			}
			*key = nil
		}
	}
	slices.SortFunc(v.Options.TunnelOptions, func(a, b tunnel) int { return cmp.Compare(inside(a), inside(b)) })
	return out
}

// inside is the place of a tunnel among the others.
func inside(t tunnel) string {
	p, err := netip.ParsePrefix(aws.ToString(t.TunnelInsideCidr))
	if err != nil {
		return aws.ToString(t.TunnelInsideCidr)
	}
	a := p.Addr().As16()
	return string(a[:])
}

// tunnel is tunnel 1 or 2, counted from 0; nil while AWS does not tell of it.
func (v *vpnConnection) tunnel(n int) *tunnel {
	if v.Options == nil || n >= len(v.Options.TunnelOptions) {
		return nil
	}
	return &v.Options.TunnelOptions[n]
}

// insideText are the inside ranges, or what they are within when it is all the same.
func insideText(v *vpnConnection) string {
	a, b := v.tunnel(0), v.tunnel(1)
	if a == nil || b == nil {
		return provision.Keep
	}
	p, errA := netip.ParsePrefix(aws.ToString(a.TunnelInsideCidr))
	q, errB := netip.ParsePrefix(aws.ToString(b.TunnelInsideCidr))
	if errA != nil || errB != nil || within([][2]netip.Prefix{{p, q}}) != within([][2]netip.Prefix{{q, p}}) {
		return aws.ToString(a.TunnelInsideCidr) + "\n" + aws.ToString(b.TunnelInsideCidr)
	}
	return within([][2]netip.Prefix{{p, q}})
}

// ranges are what the site's and AWS's end may negotiate; all where nobody ever said.
func (v *vpnConnection) ranges() (site, amazon string) {
	if v.Options == nil {
		return rules.AnyRange, rules.AnyRange
	}
	return cmp.Or(aws.ToString(v.Options.LocalIpv4NetworkCidr), rules.AnyRange), cmp.Or(aws.ToString(v.Options.RemoteIpv4NetworkCidr), rules.AnyRange)
}

// within is the /24 that holds pairs of inside ranges.
func within(pairs [][2]netip.Prefix) string {
	if len(pairs) == 0 {
		return provision.Keep // the slot has none; Create says so
	}
	return "within " + netip.PrefixFrom(pairs[0][0].Addr(), 24).Masked().String()
}

// createVPNConnection takes the lowest pair of the client's inside ranges that is free.
func createVPNConnection(ctx context.Context, s *provision.Step, d spec.Site) (*vpnConnection, error) {
	all, err := vpnConnections(ctx, s.API.EC2, &ec2.DescribeVpnConnectionsInput{})
	if err != nil {
		return nil, err
	}
	pairs := rules.InsideRanges(s.Addr.Number(s.Slot))
	free := slices.IndexFunc(pairs, func(pair [2]netip.Prefix) bool {
		return !slices.ContainsFunc(all, func(v *vpnConnection) bool { return v.VpnConnection.State != ec2types.VpnStateDeleted && v.takes(pair) })
	})
	if free < 0 {
		return nil, lang.Errorf("no pair of inside ranges is free for site %s: all %d of the client's slot are taken", d.Name, len(pairs))
	}
	spec := &ec2types.VpnConnectionOptionsSpecification{StaticRoutesOnly: aws.Bool(true)}
	for _, inside := range pairs[free] {
		t := tunnelInput(tunnelOptions(s, d))
		t.TunnelInsideCidr = aws.String(inside.String())
		spec.TunnelOptions = append(spec.TunnelOptions, t)
	}
	in := &ec2.CreateVpnConnectionInput{
		Type: aws.String(string(ec2types.GatewayTypeIpsec1)), CustomerGatewayId: aws.String(s.ID("ec2/customer-gateway", customerRole(d))),
		VpnGatewayId: aws.String(s.ID("ec2/vpn-gateway", kit.VPNRole)), PreSharedKeyStorage: aws.String(rules.KeyStorage), Options: spec,
		TagSpecifications: Tagged(s, ec2types.ResourceTypeVpnConnection),
	}
	return kit.Get(ctx, s.API.EC2.CreateVpnConnection, in, func(o *ec2.CreateVpnConnectionOutput) *vpnConnection { return withoutKeys(*o.VpnConnection) })
}

// takes reports whether the connection has one of two inside ranges.
func (v *vpnConnection) takes(pair [2]netip.Prefix) bool {
	return v.Options != nil && slices.ContainsFunc(v.Options.TunnelOptions, func(t tunnel) bool {
		p, err := netip.ParsePrefix(aws.ToString(t.TunnelInsideCidr))
		return err == nil && (p.Overlaps(pair[0]) || p.Overlaps(pair[1]))
	})
}
