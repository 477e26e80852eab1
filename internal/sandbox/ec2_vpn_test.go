package sandbox

import (
	"context"
	"encoding/xml"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// wantCode fails unless a call is refused with a code.
func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	if got := awsapi.Code(err); got != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

// A connection from the first call to the last, with what AWS refuses in between.
func TestSiteToSiteVPNs(t *testing.T) {
	t.Parallel()
	account, err := New(Options{Looks: 1, Lag: -1})
	if err != nil {
		t.Fatal(err)
	}
	f, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, set := t.Context(), f.Set("eu-west-3")
	api := set.EC2
	vpc := ok(api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16")})).Vpc.VpcId
	table := ok(api.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: vpc})).RouteTable.RouteTableId
	vgw := ok(api.CreateVpnGateway(ctx, &ec2.CreateVpnGatewayInput{Type: types.GatewayTypeIpsec1})).VpnGateway.VpnGatewayId
	route := &ec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("192.168.10.0/24"), GatewayId: vgw}
	_, err = api.CreateRoute(ctx, route)
	wantCode(t, "a route to a gateway of no VPC", err, "InvalidParameterValue")
	ok(api.AttachVpnGateway(ctx, &ec2.AttachVpnGatewayInput{VpnGatewayId: vgw, VpcId: vpc}))
	second := ok(api.CreateVpnGateway(ctx, &ec2.CreateVpnGatewayInput{Type: types.GatewayTypeIpsec1})).VpnGateway.VpnGatewayId
	_, err = api.AttachVpnGateway(ctx, &ec2.AttachVpnGatewayInput{VpnGatewayId: second, VpcId: vpc})
	wantCode(t, "a second gateway at the VPC", err, "InvalidVpcState")
	look(ctx, t, api, 2)
	ok(api.CreateRoute(ctx, route))
	_, err = api.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc})
	wantCode(t, "a VPC with a gateway", err, "DependencyViolation")

	customer := &ec2.CreateCustomerGatewayInput{Type: types.GatewayTypeIpsec1, IpAddress: aws.String("198.51.100.10"), BgpAsn: aws.Int32(65000), DeviceName: aws.String("a")}
	cgw := ok(api.CreateCustomerGateway(ctx, customer)).CustomerGateway.CustomerGatewayId
	if again := ok(api.CreateCustomerGateway(ctx, customer)).CustomerGateway.CustomerGatewayId; *again != *cgw {
		t.Error("the same customer gateway was made twice")
	}
	customer.DeviceName = aws.String("b")
	if other := ok(api.CreateCustomerGateway(ctx, customer)).CustomerGateway.CustomerGatewayId; *other == *cgw {
		t.Error("another device has the same customer gateway")
	}

	create := func(insides ...string) (*types.VpnConnection, error) {
		options := &types.VpnConnectionOptionsSpecification{StaticRoutesOnly: aws.Bool(true)}
		for _, inside := range insides {
			options.TunnelOptions = append(options.TunnelOptions, types.VpnTunnelOptionsSpecification{TunnelInsideCidr: &inside, StartupAction: aws.String("add")})
		}
		out, err := api.CreateVpnConnection(ctx, &ec2.CreateVpnConnectionInput{
			Type: aws.String("ipsec.1"), CustomerGatewayId: cgw, VpnGatewayId: vgw, PreSharedKeyStorage: aws.String("SecretsManager"), Options: options,
		})
		if err != nil {
			return nil, err
		}
		return out.VpnConnection, nil
	}
	for why, insides := range map[string][]string{
		"a range that AWS keeps": {"169.254.169.252/30"}, "a /29": {"169.254.8.0/29"}, "another /16": {"169.253.8.0/30"}, "one range twice": {"169.254.8.0/30", "169.254.8.0/30"},
	} {
		_, err := create(insides...)
		wantCode(t, why, err, "InvalidParameterValue")
	}
	v, err := create("169.254.8.0/30", "169.254.8.4/30")
	if err != nil {
		t.Fatal(err)
	}
	_, err = create("169.254.8.4/30")
	wantCode(t, "a range of another tunnel", err, "InvalidParameterValue")
	if o := v.Options.TunnelOptions; *o[0].TunnelInsideCidr != "169.254.8.4/30" || *o[0].PreSharedKey != "REDACTED" || o[0].IkeVersions != nil {
		t.Errorf("tunnels %+v, want them in another order, without keys and without what was not named", o)
	}
	static := &ec2.CreateVpnConnectionRouteInput{VpnConnectionId: v.VpnConnectionId, DestinationCidrBlock: aws.String("192.168.10.0/24")}
	_, err = api.CreateVpnConnectionRoute(ctx, static)
	wantCode(t, "a route of a connection that is being made", err, "InvalidVpnConnection.InvalidState")
	look(ctx, t, api, 2)
	ok(api.CreateVpnConnectionRoute(ctx, static))
	secrets := ok(set.Secrets.ListSecrets(ctx, &secretsmanager.ListSecretsInput{}))
	if len(secrets.SecretList) != 1 || *secrets.SecretList[0].Name != "s2svpn!"+*v.VpnConnectionId {
		t.Errorf("secrets %+v, want that of the connection", secrets.SecretList)
	}

	tunnel := &ec2.ModifyVpnTunnelOptionsInput{VpnConnectionId: v.VpnConnectionId, VpnTunnelOutsideIpAddress: v.Options.TunnelOptions[0].OutsideIpAddress, PreSharedKeyStorage: aws.String("Standard"), TunnelOptions: &types.ModifyVpnTunnelOptionsSpecification{
		Phase1DHGroupNumbers: []types.Phase1DHGroupNumbersRequestListValue{{Value: aws.Int32(5)}},
	}}
	_, err = api.ModifyVpnTunnelOptions(ctx, tunnel)
	wantCode(t, "a group that phase 1 has not", err, "InvalidParameterValue")
	tunnel.TunnelOptions.Phase1DHGroupNumbers[0].Value = aws.Int32(20)
	ranges := &ec2.ModifyVpnConnectionOptionsInput{VpnConnectionId: v.VpnConnectionId, LocalIpv4NetworkCidr: aws.String("192.168.10.1/24")}
	_, err = api.ModifyVpnConnectionOptions(ctx, ranges)
	wantCode(t, "a range with bits of a host", err, "InvalidParameterValue")
	ok(api.ModifyVpnTunnelOptions(ctx, tunnel))
	ranges.LocalIpv4NetworkCidr = aws.String("192.168.10.0/24")
	_, err = api.ModifyVpnConnectionOptions(ctx, ranges)
	wantCode(t, "ranges of a connection that is being changed", err, "InvalidVpnConnection.InvalidState")
	_, err = api.ModifyVpnTunnelOptions(ctx, tunnel)
	wantCode(t, "a connection that is being changed", err, "InvalidVpnConnection.InvalidState")
	look(ctx, t, api, 2)
	now := look(ctx, t, api, 1)
	var told struct {
		Keys []string `xml:"ipsec_tunnel>ike>pre_shared_key"`
	}
	if err := xml.Unmarshal([]byte(*now.CustomerGatewayConfiguration), &told); err != nil || len(told.Keys) != 2 || told.Keys[0] == told.Keys[1] || *now.Options.TunnelOptions[0].PreSharedKey == "REDACTED" {
		t.Errorf("with the keys in the connection: %v, %d keys", err, len(told.Keys))
	}
	if len(now.Options.TunnelOptions[1].Phase1DHGroupNumbers) != 0 || *now.Options.TunnelOptions[0].Phase1DHGroupNumbers[0].Value != 20 {
		t.Error("the wrong tunnel was changed")
	}

	_, err = api.DeleteCustomerGateway(ctx, &ec2.DeleteCustomerGatewayInput{CustomerGatewayId: cgw})
	wantCode(t, "a customer gateway in use", err, "IncorrectState")
	_, err = api.DeleteVpnGateway(ctx, &ec2.DeleteVpnGatewayInput{VpnGatewayId: vgw})
	wantCode(t, "a gateway in use", err, "IncorrectState")
	ok(api.DeleteVpnConnection(ctx, &ec2.DeleteVpnConnectionInput{VpnConnectionId: v.VpnConnectionId}))
	if now := look(ctx, t, api, 3); now.State != types.VpnStateDeleted {
		t.Errorf("the connection is %s, want it listed as deleted", now.State)
	}
	ok(api.DeleteCustomerGateway(ctx, &ec2.DeleteCustomerGatewayInput{CustomerGatewayId: cgw}))
	ok(api.DetachVpnGateway(ctx, &ec2.DetachVpnGatewayInput{VpnGatewayId: vgw, VpcId: vpc}))
	routes := ok(api.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{*table}})).RouteTables[0].Routes
	if last := routes[len(routes)-1]; last.State != types.RouteStateBlackhole {
		t.Errorf("the route to the gateway is %s, want a blackhole", last.State)
	}
	look(ctx, t, api, 2)
	ok(api.DeleteVpnGateway(ctx, &ec2.DeleteVpnGatewayInput{VpnGatewayId: vgw}))
}

// ok is the answer of a call that is not to be refused; a refusal ends the test.
func ok[T any](out T, err error) T {
	if err != nil {
		panic(err)
	}
	return out
}

// look describes all gateways and connections some times, and returns the first connection.
func look(ctx context.Context, t *testing.T, api awsapi.EC2, times int) types.VpnConnection {
	t.Helper()
	var first types.VpnConnection
	for range times {
		ok(api.DescribeVpnGateways(ctx, &ec2.DescribeVpnGatewaysInput{}))
		if all := ok(api.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{})).VpnConnections; len(all) > 0 {
			first = all[0]
		}
	}
	return first
}
