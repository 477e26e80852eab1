package ec2

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/count"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The settings of an endpoint. Changes take effect within four hours, and most of them end
// all sessions (Client VPN administrator guide, "Modify a Client VPN endpoint"), so those
// that differ are set together.

// vpnPort is where OpenVPN is let out everywhere; AWS offers it and 1194.
const vpnPort = 443

// anew is what helps against what AWS cannot change of an endpoint.
const anew = "AWS cannot change it: delete the endpoint by hand and run again; people then need new configurations, their certificates stay"

type clientVPNChange = kit.Change[wantClientVPN, *clientVPN, ec2.ModifyClientVpnEndpointInput]

// clientVPNChanges are made with one call.
var clientVPNChanges = []clientVPNChange{
	kit.Text("server certificate", kit.IDOf[wantClientVPN]("acm/imported-certificate", kit.VPNRole), func(c *clientVPN) *string { return c.ServerCertificateArn },
		func(in *ec2.ModifyClientVpnEndpointInput) **string { return &in.ServerCertificateArn }),
	kit.Count("port", func(wantClientVPN) int32 { return vpnPort }, func(c *clientVPN) *int32 { return c.VpnPort }, func(in *ec2.ModifyClientVpnEndpointInput) **int32 { return &in.VpnPort }),
	// Without it all that people do on the Internet would go through the VPC.
	kit.Flag[wantClientVPN]("split tunnel", true, func(c *clientVPN) *bool { return c.SplitTunnel }, func(in *ec2.ModifyClientVpnEndpointInput) **bool { return &in.SplitTunnel }),
	{
		Name: "self-service portal", // of no use with certificates, and enabled by default
		Want: kit.Const[wantClientVPN](kit.OnOff(false)),
		Have: func(c *clientVPN) string { return kit.OnOff(aws.ToString(c.SelfServicePortalUrl) != "") },
		Put: func(_ *provision.Step, _ wantClientVPN, _ *clientVPN, in *ec2.ModifyClientVpnEndpointInput) {
			in.SelfServicePortal = ec2types.SelfServicePortalDisabled
		},
	},
	{
		Name: "session",
		Want: kit.Wanted(func(d wantClientVPN) string { return sessionText(&d.hours, aws.Bool(true)) }),
		Have: func(c *clientVPN) string { return sessionText(c.SessionTimeoutHours, c.DisconnectOnSessionTimeout) },
		Put: func(_ *provision.Step, d wantClientVPN, _ *clientVPN, in *ec2.ModifyClientVpnEndpointInput) {
			in.SessionTimeoutHours, in.DisconnectOnSessionTimeout = &d.hours, aws.Bool(true)
		},
	},
	{
		Name: "connection log", // AWS names the stream
		Want: func(s *provision.Step, _ wantClientVPN) string { return s.ID("logs/log-group", kit.VPNRole) },
		Have: func(c *clientVPN) string {
			if o := c.ConnectionLogOptions; o != nil && aws.ToBool(o.Enabled) {
				return aws.ToString(o.CloudwatchLogGroup)
			}
			return kit.OnOff(false)
		},
		Put: func(s *provision.Step, _ wantClientVPN, _ *clientVPN, in *ec2.ModifyClientVpnEndpointInput) {
			in.ConnectionLogOptions = connectionLog(s)
		},
	},
	{
		Name: "DNS servers", // people keep their own
		Want: kit.Const[wantClientVPN](""),
		Have: func(c *clientVPN) string { return kit.Lines(c.DnsServers) },
		Put: func(_ *provision.Step, _ wantClientVPN, _ *clientVPN, in *ec2.ModifyClientVpnEndpointInput) {
			in.DnsServers = &ec2types.DnsServersOptionsModifyStructure{Enabled: aws.Bool(false)}
		},
	},
	{
		Name: "connection handler", // a function that is asked about everybody who connects
		Want: kit.Const[wantClientVPN](kit.OnOff(false)),
		Have: func(c *clientVPN) string {
			if o := c.ClientConnectOptions; o != nil && aws.ToBool(o.Enabled) {
				return kit.OnOff(true) + ": " + aws.ToString(o.LambdaFunctionArn)
			}
			return kit.OnOff(false)
		},
		Put: func(_ *provision.Step, _ wantClientVPN, _ *clientVPN, in *ec2.ModifyClientVpnEndpointInput) {
			in.ClientConnectOptions = &ec2types.ClientConnectOptions{Enabled: aws.Bool(false)}
		},
	},
	kit.Text("description", func(s *provision.Step, _ wantClientVPN) string { return describedAs(s) }, func(c *clientVPN) *string { return c.Description },
		func(in *ec2.ModifyClientVpnEndpointInput) **string { return &in.Description }),
}

func clientVPNFields() []provision.Field[wantClientVPN, *clientVPN] {
	return slices.Concat(
		[]provision.Field[wantClientVPN, *clientVPN]{
			inVPC[wantClientVPN](func(c *clientVPN) *string { return c.VpcId }),
			kit.Immutable("addresses of people", kit.Wanted(func(d wantClientVPN) string { return d.cidr.String() }), func(c *clientVPN) string { return aws.ToString(c.ClientCidrBlock) }, anew),
			kit.Immutable("transport", kit.Const[wantClientVPN](string(ec2types.TransportProtocolUdp)), func(c *clientVPN) string { return string(c.TransportProtocol) }, anew),
			kit.Immutable("authentication", func(s *provision.Step, _ wantClientVPN) string {
				return byCertificates(s.ID("acm/imported-certificate", kit.VPNRole))
			}, func(c *clientVPN) string { return kit.LinesOf(c.AuthenticationOptions, authenticationText) }, anew),
		},
		kit.BatchFields(clientVPNChanges),
		// Who may go where, and who may not come, before anybody can.
		[]provision.Field[wantClientVPN, *clientVPN]{
			kit.Settable("authorization rules", kit.Wanted(func(d wantClientVPN) string { return kit.LinesOf(d.ranges, rangeText) }), (*clientVPN).rulesText, setAuthorizationRules),
			kit.Settable("routes", kit.Const[wantClientVPN](""), (*clientVPN).routesText, dropRoutes),
			kit.Settable("users with certificates", wantHolders, (*clientVPN).holdersText, revokeOthers),
			kit.Settable("revocation list", wantList, func(c *clientVPN) string { return c.list }, importList),
			kit.Settable("security groups", kit.IDOf[wantClientVPN]("ec2/security-group", rules.GroupVPN), (*clientVPN).groupsText, applyGroups),
			kit.Settable("associations", associatedSubnets, func(c *clientVPN) string { return networksText(c.networks) }, associateSubnets),
		},
	)
}

func updateClientVPN(ctx context.Context, s *provision.Step, d wantClientVPN, c *clientVPN, changed []string) error {
	in := &ec2.ModifyClientVpnEndpointInput{ClientVpnEndpointId: c.ClientVpnEndpointId}
	kit.Fill(clientVPNChanges, changed, s, d, c, in)
	return kit.Do(ctx, s.API.EC2.ModifyClientVpnEndpoint, in)
}

func describedAs(s *provision.Step) string { return "cicdctl: the people of " + s.Client }

func connectionLog(s *provision.Step) *ec2types.ConnectionLogOptions {
	return &ec2types.ConnectionLogOptions{Enabled: aws.Bool(true), CloudwatchLogGroup: aws.String(s.ID("logs/log-group", kit.VPNRole))}
}

// sessionText is how long sessions last, and what follows.
func sessionText(hours *int32, disconnects *bool) string {
	text := count.Sprintf("%d {hour|hours}", int(aws.ToInt32(hours)))
	if disconnects != nil && !*disconnects { // it ends when nothing is said
		text += ", then begins anew by itself"
	}
	return text
}

func byCertificates(root string) string { return "certificates of the authority of " + root }

func authenticationText(a ec2types.ClientVpnAuthentication) string {
	if a.Type == ec2types.ClientVpnAuthenticationTypeCertificateAuthentication && a.MutualAuthentication != nil {
		return byCertificates(aws.ToString(a.MutualAuthentication.ClientRootCertificateChain))
	}
	return string(a.Type)
}
