package sandbox

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// registerTunnels changes one tunnel of a connection, which is named by its outside address.
func registerTunnels(a *Account) {
	opOn(on(a, ec2.ServiceID, (*tx).restingVPN), func(in *ec2.ModifyVpnTunnelOptionsInput) *string { return in.VpnConnectionId }, func(t *tx, r *row[vpn], in *ec2.ModifyVpnTunnelOptionsInput) (*ec2.ModifyVpnTunnelOptionsOutput, error) {
		outside, storage := aws.ToString(in.VpnTunnelOutsideIpAddress), cmp.Or(aws.ToString(in.PreSharedKeyStorage), r.V.Storage)
		switch {
		case in.TunnelOptions == nil:
			return nil, apiError("MissingParameter", "The request must contain the parameter TunnelOptions")
		case r.V.tunnel(outside) == nil:
			return nil, apiError("InvalidParameterValue", "Value (%s) for parameter vpnTunnelOutsideIpAddress is invalid. The tunnel does not exist", outside)
		case storage != keysStandard && storage != keysInSecret && in.PreSharedKeyStorage != nil:
			return nil, apiError("InvalidParameterValue", "Value (%s) for parameter preSharedKeyStorage is invalid.", storage)
		}
		if err := t.checkTunnel(&r.V, outside, *in.TunnelOptions); err != nil {
			return nil, err
		}
		r.V.setTunnel(outside, *in.TunnelOptions)
		name := vpnSecret(*r.V.VpnConnectionId)
		kept := t.secrets().Secrets.first(func(s *secret) bool { return s.Name == name })
		switch {
		case storage == keysInSecret && kept == nil:
			t.keepKeys(&r.V)
		case storage == keysInSecret:
			kept.Versions[len(kept.Versions)-1].Sum, kept.Changed = sumOf(r.V.key(0)+r.V.key(1)), t.now
		case kept != nil: // the ARN is still told (terraform-provider-aws issue 42819)
			t.secrets().Secrets.drop(kept)
		}
		r.V.Storage = storage
		t.modifyVPN(r, outside)
		out := r.V.told()
		return &ec2.ModifyVpnTunnelOptionsOutput{VpnConnection: &out}, nil
	})
}

// tunnel is the one with an outside address, nil without one.
func (v *vpn) tunnel(outside string) *types.TunnelOption {
	for i, o := range v.Options.TunnelOptions {
		if aws.ToString(o.OutsideIpAddress) == outside {
			return &v.Options.TunnelOptions[i]
		}
	}
	return nil
}

// reservedInside are inside ranges that AWS keeps (EC2 API reference, VpnTunnelOptionsSpecification).
var reservedInside = strings.Fields("169.254.0.0/30 169.254.1.0/30 169.254.2.0/30 169.254.3.0/30 169.254.4.0/30 169.254.5.0/30 169.254.169.252/30")

var (
	insideRange = netip.MustParsePrefix("169.254.0.0/16")
	keyPattern  = lazyregexp.New(`^[A-Za-z1-9._][A-Za-z0-9._]{7,63}$`)
)

// insideTaken reports whether another tunnel at the connection's gateway has an inside range.
func (t *tx) insideTaken(v *vpn, but, inside string) bool {
	has := func(other *vpn) bool {
		return other.Options != nil && slices.ContainsFunc(other.Options.TunnelOptions, func(o types.TunnelOption) bool {
			return aws.ToString(o.TunnelInsideCidr) == inside && aws.ToString(o.OutsideIpAddress) != but
		})
	}
	return has(v) || slices.ContainsFunc(t.ec2().VPNs, func(r *row[vpn]) bool {
		return r.V.State != types.VpnStateDeleted && aws.ToString(r.V.VpnGatewayId) == aws.ToString(v.VpnGatewayId) && has(&r.V)
	})
}

// freeInside is an inside range of AWS's choice.
func (t *tx) freeInside(v *vpn) string {
	for third := 255; ; third-- {
		for last := 0; last < 256; last += 4 {
			inside := fmt.Sprintf("169.254.%d.%d/30", third, last)
			if !slices.Contains(reservedInside, inside) && !t.insideTaken(v, "", inside) {
				return inside
			}
		}
	}
}

// algorithms are what AWS takes for a tunnel (EC2 API reference, VpnTunnelOptionsSpecification).
var algorithms = map[string][]string{
	"ikeVersions":               {"ikev1", "ikev2"},
	"encryption":                {"AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"},
	"integrity":                 {"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"},
	"phase1DHGroupNumbers":      strings.Fields("2 14 15 16 17 18 19 20 21 22 23 24"),
	"phase2DHGroupNumbers":      strings.Fields("2 5 14 15 16 17 18 19 20 21 22 23 24"),
	"dpdTimeoutAction":          {"clear", "none", "restart"},
	"startupAction":             {"add", "start"},
	"logOptions.cloudWatchLogs": {"json", "text"},
}

// checkTunnel says why AWS would refuse options of the connection's tunnel with an outside address.
func (t *tx) checkTunnel(v *vpn, outside string, o types.ModifyVpnTunnelOptionsSpecification) error {
	refuse := func(name, value string) error {
		return apiError("InvalidParameterValue", "Value (%s) for parameter %s is invalid.", value, name)
	}
	if o.TunnelInsideCidr != nil {
		inside, err := netip.ParsePrefix(*o.TunnelInsideCidr)
		if err != nil || inside.Bits() != 30 || inside != inside.Masked() || !insideRange.Contains(inside.Addr()) || slices.Contains(reservedInside, *o.TunnelInsideCidr) {
			return refuse("tunnelInsideCidr", *o.TunnelInsideCidr)
		}
		if t.insideTaken(v, outside, *o.TunnelInsideCidr) {
			return apiError("InvalidParameterValue", "The tunnel inside CIDR %s is used by another tunnel of the virtual private gateway", *o.TunnelInsideCidr)
		}
	}
	if o.PreSharedKey != nil && !keyPattern.MatchString(*o.PreSharedKey) {
		return apiError("InvalidParameterValue", "Value for parameter preSharedKey is invalid.")
	}
	text := func(n *int32) string { return fmt.Sprint(aws.ToInt32(n)) }
	listed := map[string][]string{
		"ikeVersions":          each(o.IKEVersions, func(x types.IKEVersionsRequestListValue) string { return aws.ToString(x.Value) }),
		"phase1DHGroupNumbers": each(o.Phase1DHGroupNumbers, func(x types.Phase1DHGroupNumbersRequestListValue) string { return text(x.Value) }),
		"phase2DHGroupNumbers": each(o.Phase2DHGroupNumbers, func(x types.Phase2DHGroupNumbersRequestListValue) string { return text(x.Value) }),
		"encryption": append(each(o.Phase1EncryptionAlgorithms, func(x types.Phase1EncryptionAlgorithmsRequestListValue) string { return aws.ToString(x.Value) }),
			each(o.Phase2EncryptionAlgorithms, func(x types.Phase2EncryptionAlgorithmsRequestListValue) string { return aws.ToString(x.Value) })...),
		"integrity": append(each(o.Phase1IntegrityAlgorithms, func(x types.Phase1IntegrityAlgorithmsRequestListValue) string { return aws.ToString(x.Value) }),
			each(o.Phase2IntegrityAlgorithms, func(x types.Phase2IntegrityAlgorithmsRequestListValue) string { return aws.ToString(x.Value) })...),
		"dpdTimeoutAction": given(o.DPDTimeoutAction), "startupAction": given(o.StartupAction),
	}
	if logs := logsAsked(o); logs != nil && aws.ToBool(logs.LogEnabled) {
		listed["logOptions.cloudWatchLogs"] = given(logs.LogOutputFormat)
		_, group, _ := strings.Cut(aws.ToString(logs.LogGroupArn), ":log-group:")
		if !slices.ContainsFunc(t.logs().Groups, func(g *logGroup) bool { return *g.V.LogGroupName == strings.TrimSuffix(group, ":*") }) {
			return apiError("InvalidParameterValue", "The log group %s does not exist", aws.ToString(logs.LogGroupArn))
		}
	}
	for name, values := range listed {
		for _, value := range values {
			if !slices.Contains(algorithms[name], value) {
				return refuse(name, value)
			}
		}
	}
	phase2, margin := cmp.Or(aws.ToInt32(o.Phase2LifetimeSeconds), 3600), cmp.Or(aws.ToInt32(o.RekeyMarginTimeSeconds), 270)
	for _, bound := range []struct {
		name      string
		value     *int32
		low, high int32
	}{
		{"phase1LifetimeSeconds", o.Phase1LifetimeSeconds, 900, 28800},
		{"phase2LifetimeSeconds", o.Phase2LifetimeSeconds, 900, 3600},
		{"rekeyMarginTimeSeconds", &margin, 60, phase2 / 2},
		{"rekeyFuzzPercentage", o.RekeyFuzzPercentage, 0, 100},
		{"replayWindowSize", o.ReplayWindowSize, 64, 2048},
		{"dpdTimeoutSeconds", o.DPDTimeoutSeconds, 30, 1 << 30},
	} {
		if bound.value != nil && (*bound.value < bound.low || *bound.value > bound.high) {
			return refuse(bound.name, text(bound.value))
		}
	}
	return nil
}

func given(text *string) []string {
	if text == nil {
		return nil
	}
	return []string{*text}
}

func logsAsked(o types.ModifyVpnTunnelOptionsSpecification) *types.CloudWatchLogOptionsSpecification {
	if o.LogOptions == nil {
		return nil
	}
	return o.LogOptions.CloudWatchLogOptions
}

// setTunnel takes over what the request names. What none ever named stays untold: AWS then
// goes by its own defaults, some of them weak.
func (v *vpn) setTunnel(outside string, o types.ModifyVpnTunnelOptionsSpecification) {
	to := v.tunnel(outside)
	set(&to.DpdTimeoutAction, o.DPDTimeoutAction)
	set(&to.DpdTimeoutSeconds, o.DPDTimeoutSeconds)
	set(&to.EnableTunnelLifecycleControl, o.EnableTunnelLifecycleControl)
	set(&to.Phase1LifetimeSeconds, o.Phase1LifetimeSeconds)
	set(&to.Phase2LifetimeSeconds, o.Phase2LifetimeSeconds)
	set(&to.RekeyFuzzPercentage, o.RekeyFuzzPercentage)
	set(&to.RekeyMarginTimeSeconds, o.RekeyMarginTimeSeconds)
	set(&to.ReplayWindowSize, o.ReplayWindowSize)
	set(&to.StartupAction, o.StartupAction)
	set(&to.TunnelInsideCidr, o.TunnelInsideCidr)
	setList(&to.IkeVersions, each(o.IKEVersions, func(x types.IKEVersionsRequestListValue) types.IKEVersionsListValue {
		return types.IKEVersionsListValue{Value: x.Value}
	}))
	setList(&to.Phase1DHGroupNumbers, each(o.Phase1DHGroupNumbers, func(x types.Phase1DHGroupNumbersRequestListValue) types.Phase1DHGroupNumbersListValue {
		return types.Phase1DHGroupNumbersListValue{Value: x.Value}
	}))
	setList(&to.Phase2DHGroupNumbers, each(o.Phase2DHGroupNumbers, func(x types.Phase2DHGroupNumbersRequestListValue) types.Phase2DHGroupNumbersListValue {
		return types.Phase2DHGroupNumbersListValue{Value: x.Value}
	}))
	setList(&to.Phase1EncryptionAlgorithms, each(o.Phase1EncryptionAlgorithms, func(x types.Phase1EncryptionAlgorithmsRequestListValue) types.Phase1EncryptionAlgorithmsListValue {
		return types.Phase1EncryptionAlgorithmsListValue{Value: x.Value}
	}))
	setList(&to.Phase2EncryptionAlgorithms, each(o.Phase2EncryptionAlgorithms, func(x types.Phase2EncryptionAlgorithmsRequestListValue) types.Phase2EncryptionAlgorithmsListValue {
		return types.Phase2EncryptionAlgorithmsListValue{Value: x.Value}
	}))
	setList(&to.Phase1IntegrityAlgorithms, each(o.Phase1IntegrityAlgorithms, func(x types.Phase1IntegrityAlgorithmsRequestListValue) types.Phase1IntegrityAlgorithmsListValue {
		return types.Phase1IntegrityAlgorithmsListValue{Value: x.Value}
	}))
	setList(&to.Phase2IntegrityAlgorithms, each(o.Phase2IntegrityAlgorithms, func(x types.Phase2IntegrityAlgorithmsRequestListValue) types.Phase2IntegrityAlgorithmsListValue {
		return types.Phase2IntegrityAlgorithmsListValue{Value: x.Value}
	}))
	if logs := logsAsked(o); logs != nil {
		to.LogOptions = &types.VpnTunnelLogOptions{CloudWatchLogOptions: &types.CloudWatchLogOptions{
			LogEnabled: logs.LogEnabled, LogGroupArn: logs.LogGroupArn, LogOutputFormat: logs.LogOutputFormat, BgpLogEnabled: aws.Bool(aws.ToBool(logs.BgpLogEnabled)),
		}}
	}
	if o.PreSharedKey != nil {
		put(&v.Given, outside, sumOf(*o.PreSharedKey))
	}
}

// key is the key of a tunnel: it looks like one of AWS's and opens nothing.
func (v *vpn) key(tunnel int) string {
	outside := aws.ToString(v.Options.TunnelOptions[tunnel].OutsideIpAddress)
	return "sandbox." + sumOf(*v.VpnConnectionId + outside + v.Given[outside])[:24]
}

// told is the connection as AWS describes it: not in the order in which tunnels were asked
// for, and with the keys or without.
func (v *vpn) told() types.VpnConnection {
	out := clone(v.VpnConnection)
	if out.Options == nil { // of a transit gateway
		return out
	}
	tunnels := out.Options.TunnelOptions
	for i := range tunnels {
		tunnels[i].PreSharedKey = aws.String(keyRedacted)
		if v.Storage != keysInSecret {
			tunnels[i].PreSharedKey = aws.String(v.key(i))
		}
	}
	if out.State == types.VpnStatePending || out.State == types.VpnStateAvailable {
		out.CustomerGatewayConfiguration = aws.String(v.configuration(tunnels))
	}
	slices.Reverse(tunnels)
	return out
}

// configuration is what the site's gateway is to be set up with, in AWS's XML.
func (v *vpn) configuration(tunnels []types.TunnelOption) string {
	type phase struct {
		Authentication string `xml:"authentication_protocol"`
		Encryption     string `xml:"encryption_protocol"`
		Lifetime       int32  `xml:"lifetime"`
		Secrecy        string `xml:"perfect_forward_secrecy"`
		Key            string `xml:"pre_shared_key,omitempty"`
	}
	type end struct {
		Outside string `xml:"tunnel_outside_address>ip_address,omitempty"`
		Inside  string `xml:"tunnel_inside_address>ip_address"`
	}
	type tunnel struct {
		Customer end   `xml:"customer_gateway"`
		Gateway  end   `xml:"vpn_gateway"`
		IKE      phase `xml:"ike"`
		IPsec    phase `xml:"ipsec"`
	}
	var all struct {
		XMLName  xml.Name `xml:"vpn_connection"`
		ID       string   `xml:"id,attr"`
		Customer string   `xml:"customer_gateway_id"`
		Gateway  string   `xml:"vpn_gateway_id"`
		Type     string   `xml:"vpn_connection_type"`
		Tunnels  []tunnel `xml:"ipsec_tunnel"`
	}
	all.ID, all.Customer, all.Gateway, all.Type = *v.VpnConnectionId, aws.ToString(v.CustomerGatewayId), aws.ToString(v.VpnGatewayId), string(v.Type)
	for _, o := range tunnels {
		var ends [2]end
		if inside, err := netip.ParsePrefix(aws.ToString(o.TunnelInsideCidr)); err == nil {
			ends[0].Inside, ends[1].Inside = inside.Addr().Next().String(), inside.Addr().Next().Next().String()
		}
		ends[0].Outside = aws.ToString(o.OutsideIpAddress)
		weak := phase{Authentication: "sha1", Encryption: "aes-128-cbc", Secrecy: "group2"} // what AWS tells whatever the options are
		ike, ipsec := weak, weak
		ike.Key, ike.Lifetime, ipsec.Lifetime = aws.ToString(o.PreSharedKey), cmp.Or(aws.ToInt32(o.Phase1LifetimeSeconds), 28800), cmp.Or(aws.ToInt32(o.Phase2LifetimeSeconds), 3600)
		all.Tunnels = append(all.Tunnels, tunnel{Customer: ends[1], Gateway: ends[0], IKE: ike, IPsec: ipsec})
	}
	text, err := xml.Marshal(all)
	if err != nil {
		panic(fmt.Errorf("configuration of %s: %w", all.ID, err)) // told as damage by transact
	}
	return xml.Header + string(text)
}

// registerVPNKeys tells the keys of VPN connections. Of other secrets nothing is kept that
// could be told. AWS does not document the form of these; this one is an assumption.
func registerVPNKeys(a *Account) {
	opOn(on(a, secretsmanager.ServiceID, (*tx).liveSecret), func(in *secretsmanager.GetSecretValueInput) *string { return in.SecretId }, func(t *tx, s *secret, _ *secretsmanager.GetSecretValueInput) (*secretsmanager.GetSecretValueOutput, error) {
		r := t.ec2().VPNs.first(func(r *row[vpn]) bool { return vpnSecret(*r.V.VpnConnectionId) == s.Name })
		if r == nil {
			return nil, apiError("AccessDeniedException", "The sandbox keeps no values of secrets but those of VPN connections.")
		}
		keys := map[string]string{}
		for i, o := range r.V.Options.TunnelOptions {
			keys[aws.ToString(o.OutsideIpAddress)] = r.V.key(i)
		}
		text, err := json.Marshal(keys)
		if err != nil {
			return nil, err
		}
		return &secretsmanager.GetSecretValueOutput{ARN: &s.ARN, Name: &s.Name, SecretString: aws.String(string(text))}, nil
	})
}
