package sandbox

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	secretstypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// vpn is a connection with what AWS does not tell of it. No key is kept: those that AWS
// would make follow from the connection, and of others there is only the sum.
type vpn struct {
	types.VpnConnection
	Storage string            // where the tunnels' keys are
	Given   map[string]string // sums of keys that callers gave, by outside address
	Back    []string          // outside addresses of tunnels that were up before a change
	Again   int               // describes until these are up again
}

// Where the tunnels' keys are (EC2 API reference, CreateVpnConnection).
const (
	keysStandard = "Standard"
	keysInSecret = "SecretsManager"
	keyRedacted  = "REDACTED"
)

// vpnModifying is a state that the API model does not list.
const vpnModifying types.VpnState = "modifying"

// vpnSecret is the name of the secret with a connection's keys. It belongs to AWS's service.
func vpnSecret(connection string) string { return "s2svpn!" + connection }

// isPublicIPv4 reports whether a text is an address that a site's gateway can have.
func isPublicIPv4(text string) bool {
	a, err := netip.ParseAddr(text)
	return err == nil && a.Is4() && a.IsGlobalUnicast() && !a.IsPrivate()
}

// liveVPN is a connection that is not gone.
func (t *tx) liveVPN(id *string) (*row[vpn], error) {
	r, err := vpnConnections.get(t, id)
	if err == nil && r.V.State == types.VpnStateDeleted {
		return nil, apiError(vpnConnections.missing, vpnConnections.message, aws.ToString(id))
	}
	return r, err
}

// restingVPN is one that can be changed.
func (t *tx) restingVPN(id *string) (*row[vpn], error) {
	r, err := t.liveVPN(id)
	if err == nil && r.V.State != types.VpnStateAvailable {
		return nil, apiError("InvalidVpnConnection.InvalidState", "The vpnConnection '%s' is in state %s and cannot be changed", aws.ToString(id), r.V.State)
	}
	return r, err
}

func registerVPNs(a *Account) {
	opOn(creating(a, types.ResourceTypeVpnConnection), func(in *ec2.CreateVpnConnectionInput) []types.TagSpecification { return in.TagSpecifications }, createVPN)
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeVpnConnectionsInput) (*ec2.DescribeVpnConnectionsOutput, error) {
		s := t.ec2()
		s.VPNs.dropAll(func(r *row[vpn]) bool { return t.expired(r.V.State == types.VpnStateDeleted, r.meta) })
		for _, r := range s.VPNs {
			t.ageVPN(r)
		}
		all, err := describeAll(t, vpnConnections, in.VpnConnectionIds, in.Filters, func(v *vpn) attributes {
			return attributes{
				"customer-gateway-id": {aws.ToString(v.CustomerGatewayId)}, "vpn-gateway-id": {aws.ToString(v.VpnGatewayId)},
				"vpn-connection-id": {aws.ToString(v.VpnConnectionId)}, "state": {string(v.State)},
			}
		})
		// AWS does not page this list.
		return &ec2.DescribeVpnConnectionsOutput{VpnConnections: each(all, func(v vpn) types.VpnConnection { return v.told() })}, err
	})
	opOn(on(a, ec2.ServiceID, (*tx).restingVPN), func(in *ec2.ModifyVpnConnectionInput) *string { return in.VpnConnectionId }, func(t *tx, r *row[vpn], in *ec2.ModifyVpnConnectionInput) (*ec2.ModifyVpnConnectionOutput, error) {
		switch {
		case in.CustomerGatewayId == nil && in.VpnGatewayId == nil:
			return nil, apiError("MissingParameter", "The request must contain the parameter customerGatewayId, vpnGatewayId or transitGatewayId")
		case in.VpnGatewayId != nil:
			return nil, apiError("InvalidParameterValue", "the sandbox leaves connections at their gateway")
		}
		if err := t.usableCustomerGateway(in.CustomerGatewayId); err != nil {
			return nil, err
		}
		r.V.CustomerGatewayId = in.CustomerGatewayId
		t.modifyVPN(r, each(r.V.Options.TunnelOptions, func(o types.TunnelOption) string { return *o.OutsideIpAddress })...)
		out := r.V.told()
		return &ec2.ModifyVpnConnectionOutput{VpnConnection: &out}, nil
	})
	// Its ranges are what both ends negotiate, not where traffic is routed.
	opOn(on(a, ec2.ServiceID, (*tx).restingVPN), func(in *ec2.ModifyVpnConnectionOptionsInput) *string { return in.VpnConnectionId }, func(t *tx, r *row[vpn], in *ec2.ModifyVpnConnectionOptionsInput) (*ec2.ModifyVpnConnectionOptionsOutput, error) {
		for name, text := range map[string]*string{"localIpv4NetworkCidr": in.LocalIpv4NetworkCidr, "remoteIpv4NetworkCidr": in.RemoteIpv4NetworkCidr} {
			if p, err := netip.ParsePrefix(aws.ToString(text)); text != nil && (err != nil || !p.Addr().Is4() || p != p.Masked()) {
				return nil, apiError("InvalidParameterValue", "Value (%s) for parameter %s is invalid.", *text, name)
			}
		}
		if in.LocalIpv6NetworkCidr != nil || in.RemoteIpv6NetworkCidr != nil || in.TunnelBandwidth != "" {
			return nil, apiError("InvalidParameterCombination", "The vpnConnection '%s' is at a virtual private gateway", *in.VpnConnectionId)
		}
		set(&r.V.Options.LocalIpv4NetworkCidr, in.LocalIpv4NetworkCidr)
		set(&r.V.Options.RemoteIpv4NetworkCidr, in.RemoteIpv4NetworkCidr)
		t.modifyVPN(r, each(r.V.Options.TunnelOptions, func(o types.TunnelOption) string { return *o.OutsideIpAddress })...)
		out := r.V.told()
		return &ec2.ModifyVpnConnectionOptionsOutput{VpnConnection: &out}, nil
	})
	opChange[ec2.DeleteVpnConnectionOutput](on(a, ec2.ServiceID, (*tx).liveVPN), func(in *ec2.DeleteVpnConnectionInput) *string { return in.VpnConnectionId }, func(t *tx, r *row[vpn], _ *ec2.DeleteVpnConnectionInput) error {
		if r.V.State == types.VpnStateDeleting {
			return nil
		}
		r.V.State, r.Looks = types.VpnStateDeleting, t.opts.Looks
		if t.opts.Looks == 0 {
			t.ageVPN(r)
		}
		return nil
	})
	registerVPNRoutes(a)
	registerVPNKeys(a)
}

func (t *tx) usableCustomerGateway(id *string) error {
	r, err := customerGateways.get(t, id)
	if err == nil && aws.ToString(r.V.State) == customerGatewayDeleted {
		err = apiError(customerGateways.missing, customerGateways.message, aws.ToString(id))
	}
	return err
}

// createVPN makes a second connection when it is asked twice.
func createVPN(t *tx, tags []types.Tag, in *ec2.CreateVpnConnectionInput) (*ec2.CreateVpnConnectionOutput, error) {
	s, gateway := t.ec2(), aws.ToString(in.VpnGatewayId)
	options := in.Options
	if options == nil {
		options = &types.VpnConnectionOptionsSpecification{}
	}
	live := func(v vpn) bool { return v.State != types.VpnStateDeleted }
	g, err := t.liveVPNGateway(in.VpnGatewayId)
	if err == nil {
		err = t.usableCustomerGateway(in.CustomerGatewayId)
	}
	storage := cmp.Or(aws.ToString(in.PreSharedKeyStorage), keysStandard)
	switch {
	case aws.ToString(in.Type) != string(types.GatewayTypeIpsec1):
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter type is invalid.", aws.ToString(in.Type))
	case err != nil:
		return nil, err
	case g.V.State == types.VpnStateDeleting:
		return nil, apiError("InvalidVpnGatewayState", "The vpnGateway '%s' is not in a valid state", gateway)
	case len(options.TunnelOptions) > 2:
		return nil, apiError("InvalidParameterValue", "A VPN connection has two tunnels")
	case storage != keysStandard && storage != keysInSecret:
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter preSharedKeyStorage is invalid.", storage)
	case float64(count(s.VPNs, live)) >= t.quota("L-3E6EC3A3", vpnQuota):
		return nil, apiError("VpnConnectionLimitExceeded", "The maximum number of VPN connections has been reached.")
	case float64(count(s.VPNs, func(v vpn) bool { return live(v) && aws.ToString(v.VpnGatewayId) == gateway })) >= t.quota("L-B91E5754", vpnsOfGatewayQuota):
		return nil, apiError("VpnConnectionLimitExceeded", "The maximum number of VPN connections for the virtual private gateway has been reached.")
	}
	id := t.newID("vpn")
	v := vpn{Storage: storage, VpnConnection: types.VpnConnection{
		VpnConnectionId: &id, VpnGatewayId: &gateway, CustomerGatewayId: in.CustomerGatewayId, Type: types.GatewayTypeIpsec1, Category: aws.String("VPN"),
		State: types.VpnStatePending, Tags: tags, GatewayAssociationState: types.GatewayAssociationStateAssociated,
		Options: &types.VpnConnectionOptions{
			StaticRoutesOnly: aws.Bool(aws.ToBool(options.StaticRoutesOnly)), EnableAcceleration: aws.Bool(aws.ToBool(options.EnableAcceleration)),
			LocalIpv4NetworkCidr: aws.String(cmp.Or(aws.ToString(options.LocalIpv4NetworkCidr), "0.0.0.0/0")), RemoteIpv4NetworkCidr: aws.String(cmp.Or(aws.ToString(options.RemoteIpv4NetworkCidr), "0.0.0.0/0")),
			OutsideIpAddressType: aws.String("PublicIpv4"), TunnelInsideIpVersion: types.TunnelInsideIpVersionIpv4,
		},
	}}
	for i := range 2 {
		asked := types.ModifyVpnTunnelOptionsSpecification{}
		if i < len(options.TunnelOptions) {
			asked = types.ModifyVpnTunnelOptionsSpecification(options.TunnelOptions[i])
		}
		if err := t.checkTunnel(&v, "", asked); err != nil {
			return nil, err
		}
		t.Seq++
		made := types.TunnelOption{OutsideIpAddress: aws.String(fmt.Sprintf("198.19.%d.%d", t.Seq/256%256, t.Seq%256))}
		if asked.TunnelInsideCidr == nil {
			asked.TunnelInsideCidr = aws.String(t.freeInside(&v))
		}
		v.Options.TunnelOptions = append(v.Options.TunnelOptions, made)
		v.setTunnel(*made.OutsideIpAddress, asked)
		v.VgwTelemetry = append(v.VgwTelemetry, types.VgwTelemetry{
			OutsideIpAddress: made.OutsideIpAddress, Status: types.TelemetryStatusDown, LastStatusChange: aws.Time(t.now), StatusMessage: aws.String("IPSEC IS DOWN"), AcceptedRouteCount: aws.Int32(0),
		})
	}
	if storage == keysInSecret {
		t.keepKeys(&v)
	}
	r := &row[vpn]{V: v, meta: meta{Lag: t.opts.Lag, Looks: t.opts.Looks}}
	if t.opts.SitesAnswer {
		r.V.Back = each(v.VgwTelemetry, func(g types.VgwTelemetry) string { return *g.OutsideIpAddress })
	}
	if t.opts.Looks == 0 {
		t.ageVPN(r)
	}
	s.VPNs.add(r)
	out := r.V.told()
	return &ec2.CreateVpnConnectionOutput{VpnConnection: &out}, nil
}

// keepKeys puts the connection's keys into a secret of AWS's own.
func (t *tx) keepKeys(v *vpn) {
	name := vpnSecret(*v.VpnConnectionId)
	id := t.newID("secret")
	s := &secret{
		Name: name, ARN: t.arn("secretsmanager", "secret:"+name+"-"+id[len(id)-6:]), Created: t.now, Changed: t.now,
		Tags:     []secretstypes.Tag{{Key: aws.String("aws:secretsmanager:owningService"), Value: aws.String("s2svpn")}},
		Versions: []secretVersion{{Token: t.uuid(), Sum: sumOf(v.key(0) + v.key(1)), Stages: []string{stageCurrent}}},
	}
	t.secrets().Secrets.add(s)
	v.PreSharedKeyArn = &s.ARN
}

// ageVPN moves a connection, its routes and its tunnels on once it has been looked at often enough.
func (t *tx) ageVPN(r *row[vpn]) {
	if r.wait() {
		return
	}
	switch r.V.State {
	case types.VpnStatePending, vpnModifying:
		r.V.State = types.VpnStateAvailable
		r.V.Again = t.opts.Looks
	case types.VpnStateDeleting:
		r.V.State = types.VpnStateDeleted
		t.secrets().Secrets.dropAll(func(s *secret) bool { return s.Name == vpnSecret(*r.V.VpnConnectionId) })
		t.goneVPN(&r.meta)
	default:
		for i, route := range r.V.Routes {
			switch route.State {
			case types.VpnStatePending:
				r.V.Routes[i].State = types.VpnStateAvailable
			case types.VpnStateDeleting:
				r.V.Routes[i].State = types.VpnStateDeleted
			}
		}
	}
	if r.V.Again > 0 && t.opts.Looks > 0 {
		r.V.Again--
		return
	}
	for _, outside := range r.V.Back {
		r.V.turn(outside, types.TelemetryStatusUp, t)
	}
	r.V.Back = nil
}

// turn sets the state of a tunnel.
func (v *vpn) turn(outside string, to types.TelemetryStatus, t *tx) {
	for i, tunnel := range v.VgwTelemetry {
		if aws.ToString(tunnel.OutsideIpAddress) == outside && tunnel.Status != to {
			v.VgwTelemetry[i].Status, v.VgwTelemetry[i].LastStatusChange = to, aws.Time(t.now)
			v.VgwTelemetry[i].StatusMessage = aws.String("IPSEC IS " + string(to))
		}
	}
}

// modifyVPN begins a change that takes tunnels down; those that were up come back by themselves.
func (t *tx) modifyVPN(r *row[vpn], tunnels ...string) {
	for _, outside := range tunnels {
		up := slices.ContainsFunc(r.V.VgwTelemetry, func(g types.VgwTelemetry) bool {
			return aws.ToString(g.OutsideIpAddress) == outside && g.Status == types.TelemetryStatusUp
		})
		if up {
			r.V.Back = append(r.V.Back, outside)
			r.V.turn(outside, types.TelemetryStatusDown, t)
		}
	}
	r.V.State, r.Looks = vpnModifying, t.opts.Looks
	if t.opts.Looks == 0 {
		t.ageVPN(r)
	}
}

// registerVPNRoutes are the static routes of connections.
func registerVPNRoutes(a *Account) {
	resting := on(a, ec2.ServiceID, (*tx).restingVPN)
	opChange[ec2.CreateVpnConnectionRouteOutput](resting, func(in *ec2.CreateVpnConnectionRouteInput) *string { return in.VpnConnectionId }, func(t *tx, r *row[vpn], in *ec2.CreateVpnConnectionRouteInput) error {
		to, err := netip.ParsePrefix(aws.ToString(in.DestinationCidrBlock))
		live := table[types.VpnStaticRoute](each(r.V.Routes, func(route types.VpnStaticRoute) *types.VpnStaticRoute { return &route })).where(func(route *types.VpnStaticRoute) bool {
			return route.State != types.VpnStateDeleted
		})
		switch {
		case err != nil || to != to.Masked() || !to.Addr().Is4():
			return apiError("InvalidParameterValue", "Value (%s) for parameter destinationCidrBlock is invalid.", aws.ToString(in.DestinationCidrBlock))
		case !aws.ToBool(r.V.Options.StaticRoutesOnly):
			return apiError("InvalidVpnConnection.InvalidType", "The vpnConnection '%s' does not support static routes", *in.VpnConnectionId)
		case slices.ContainsFunc(live, func(route *types.VpnStaticRoute) bool { return *route.DestinationCidrBlock == to.String() }):
			return nil
		case len(live) >= vpnRouteQuota:
			return apiError("RouteLimitExceeded", "The maximum number of static routes has been reached.")
		}
		route := types.VpnStaticRoute{DestinationCidrBlock: in.DestinationCidrBlock, Source: types.VpnStaticRouteSourceStatic, State: types.VpnStatePending}
		if t.opts.Looks == 0 {
			route.State = types.VpnStateAvailable
		}
		r.V.Routes = append(slices.DeleteFunc(r.V.Routes, func(old types.VpnStaticRoute) bool { return *old.DestinationCidrBlock == to.String() }), route)
		r.Looks = t.opts.Looks
		return nil
	})
	opChange[ec2.DeleteVpnConnectionRouteOutput](resting, func(in *ec2.DeleteVpnConnectionRouteInput) *string { return in.VpnConnectionId }, func(t *tx, r *row[vpn], in *ec2.DeleteVpnConnectionRouteInput) error {
		i := slices.IndexFunc(r.V.Routes, func(route types.VpnStaticRoute) bool {
			return *route.DestinationCidrBlock == aws.ToString(in.DestinationCidrBlock) && route.State != types.VpnStateDeleted
		})
		if i < 0 {
			return apiError("InvalidRoute.NotFound", "The specified route %s does not exist", aws.ToString(in.DestinationCidrBlock))
		}
		r.V.Routes[i].State, r.Looks = types.VpnStateDeleting, t.opts.Looks
		if t.opts.Looks == 0 {
			r.V.Routes[i].State = types.VpnStateDeleted
		}
		return nil
	})
}

// vpnRouteQuota is how many static routes a connection has ("Site-to-Site VPN quotas").
const vpnRouteQuota = 100
