package ec2

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// comesUp is how long a tunnel is waited for after it went down. AWS's change of a tunnel
// takes minutes, and then the site has to set it up again.
const comesUp = 5 * time.Minute

func up(t ec2types.VgwTelemetry) bool { return t.Status == ec2types.TelemetryStatusUp }

// telemetry is what AWS measures at a tunnel, counted from 0.
func (v *vpnConnection) telemetry(n int) ec2types.VgwTelemetry {
	t := v.tunnel(n)
	if t == nil {
		return ec2types.VgwTelemetry{}
	}
	i := slices.IndexFunc(v.VgwTelemetry, func(g ec2types.VgwTelemetry) bool {
		return aws.ToString(g.OutsideIpAddress) == aws.ToString(t.OutsideIpAddress)
	})
	if i < 0 {
		return ec2types.VgwTelemetry{}
	}
	return v.VgwTelemetry[i]
}

// DownTunnels are the outside addresses of the tunnels that are not up.
func (v *vpnConnection) DownTunnels() []string {
	var out []string
	for n := range 2 {
		if t := v.tunnel(n); t != nil && !up(v.telemetry(n)) {
			out = append(out, aws.ToString(t.OutsideIpAddress))
		}
	}
	return out
}

// Entrance is the resource by which whoever is behind the connection comes in.
func (v *vpnConnection) Entrance() (kind, id string) {
	return "ec2/vpn-gateway", aws.ToString(v.VpnGatewayId)
}

// status is the outside address of a tunnel and whether it is up.
func (v *vpnConnection) status(n int) string {
	t := v.tunnel(n)
	if t == nil {
		return ""
	}
	state := "down"
	if up(v.telemetry(n)) {
		state = "up"
	}
	return aws.ToString(t.OutsideIpAddress) + ", " + state
}

// mendTunnels makes one change of the connection at a time, for each takes a tunnel down, and
// leaves the next to the engine, which calls again. It goes by what AWS tells at that moment
// only: the addresses by which tunnels are changed may not be those of the plan any more.
func mendTunnels(ctx context.Context, s *provision.Step, d spec.Site, v *vpnConnection, _ []string) error {
	found, err := vpnConnections(ctx, s.API.EC2, &ec2.DescribeVpnConnectionsInput{VpnConnectionIds: []string{vpnID(v)}})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return kit.Unseen(vpnID(v))
	}
	now := found[0]
	if now.VpnConnection.State != ec2types.VpnStateAvailable {
		return kit.Busy("IncorrectState", vpnID(v)+" is "+string(now.VpnConnection.State))
	}
	if customer := s.ID("ec2/customer-gateway", customerRole(d)); aws.ToString(now.CustomerGatewayId) != customer {
		in := &ec2.ModifyVpnConnectionInput{VpnConnectionId: v.VpnConnectionId, CustomerGatewayId: &customer}
		if err := kit.Do(ctx, s.API.EC2.ModifyVpnConnection, in); err != nil {
			return err
		}
		if site, amazon := now.ranges(); len(now.wrong(s, d)) == 0 && site == rules.AnyRange && amazon == rules.AnyRange {
			return nil
		}
		return kit.Busy("IncorrectState", lang.Sprintf("%s moves to another customer gateway; then the rest is changed", vpnID(v)))
	}
	if site, amazon := now.ranges(); site != rules.AnyRange || amazon != rules.AnyRange {
		in := &ec2.ModifyVpnConnectionOptionsInput{VpnConnectionId: v.VpnConnectionId, LocalIpv4NetworkCidr: aws.String(rules.AnyRange), RemoteIpv4NetworkCidr: aws.String(rules.AnyRange)}
		if err := kit.Do(ctx, s.API.EC2.ModifyVpnConnectionOptions, in); err != nil {
			return err
		}
		if len(now.wrong(s, d)) == 0 {
			return nil
		}
		return kit.Busy("IncorrectState", lang.Sprintf("%s gets other ranges; then its tunnels are changed", vpnID(v)))
	}
	wrong := now.wrong(s, d)
	if len(wrong) == 0 {
		return nil
	}
	n, err := now.next(wrong)
	if err != nil {
		return err
	}
	options := ec2types.ModifyVpnTunnelOptionsSpecification(tunnelInput(tunnelOptions(s, d)))
	in := &ec2.ModifyVpnTunnelOptionsInput{VpnConnectionId: v.VpnConnectionId, VpnTunnelOutsideIpAddress: now.tunnel(n).OutsideIpAddress, TunnelOptions: &options}
	if now.storage != "" && now.storage != rules.KeyStorage {
		in.PreSharedKeyStorage = aws.String(rules.KeyStorage)
	}
	if err := kit.Do(ctx, s.API.EC2.ModifyVpnTunnelOptions, in); err != nil {
		return err
	}
	if len(now.differing(s, d)) > 1 {
		return kit.Busy("IncorrectState", lang.Say("one tunnel is being changed, then comes the other"))
	}
	return nil
}

// differing are the tunnels whose options are not as wanted.
func (v *vpnConnection) differing(s *provision.Step, d spec.Site) []int {
	var out []int
	for n := range 2 {
		if t := v.tunnel(n); t != nil && slices.ContainsFunc(tunnelOptions(s, d), func(o rules.TunnelOption) bool { return tunnelText(t, o) != kit.Lines(o.Want) }) {
			out = append(out, n)
		}
	}
	return out
}

// wrong are the tunnels of which one is to be changed next: any of them when only the place
// of the keys is wrong, which is the connection's.
func (v *vpnConnection) wrong(s *provision.Step, d spec.Site) []int {
	out := v.differing(s, d)
	if len(out) == 0 && v.storage != "" && v.storage != rules.KeyStorage && v.tunnel(1) != nil {
		return []int{0, 1}
	}
	return out
}

// next chooses the tunnel to be changed: one that is down, or else one whose fellow is up, so
// that the site is not cut off. A fellow that went down a moment ago is waited for.
func (v *vpnConnection) next(wrong []int) (int, error) {
	for _, n := range wrong {
		if !up(v.telemetry(n)) {
			return n, nil
		}
	}
	var down ec2types.VgwTelemetry
	for _, n := range wrong {
		if down = v.telemetry(1 - n); up(down) {
			return n, nil
		}
	}
	why := lang.Sprintf("tunnel %d of %s (%s) must come up before the other one is changed: that one is the site's only way", 2-wrong[0], vpnID(v), aws.ToString(down.OutsideIpAddress))
	if time.Since(aws.ToTime(down.LastStatusChange)) < comesUp {
		return 0, kit.Busy("IncorrectState", why)
	}
	return 0, lang.Errorf("%s; set the site's gateway up for both tunnels and run again", why)
}
