package conformance

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What somebody adds to the VPNs of a region by hand is a finding of its own.
func TestVPNsThatWereMadeByHandAreFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		acme := acme(t)
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		examine := func() []string {
			t.Helper()
			told, err := audit.Examine(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{acme}, Regions: []string{region}})
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, f := range told.Findings {
				if strings.HasPrefix(f.ID, "CICD-VPN-") || strings.HasPrefix(f.ID, "CICD-IPSEC-") {
					out = append(out, f.ID+" "+f.Resource)
				}
			}
			slices.Sort(out)
			return slices.Compact(out)
		}
		if got := examine(); len(got) > 0 {
			t.Fatalf("nothing was added, and an audit finds %v", got)
		}
		api := r.Factory.Set(region).EC2
		ours, err := endpoint(ctx, r.Factory.Set(region))
		if err != nil {
			t.Fatal(err)
		}
		elsewhere, err := api.CreateVpnGateway(ctx, &ec2.CreateVpnGatewayInput{Type: ec2types.GatewayTypeIpsec1})
		if err != nil {
			t.Fatal(err)
		}
		customer, err := api.CreateCustomerGateway(ctx, &ec2.CreateCustomerGatewayInput{Type: ec2types.GatewayTypeIpsec1, IpAddress: aws.String("203.0.113.77"), BgpAsn: aws.Int32(65001)})
		if err != nil {
			t.Fatal(err)
		}
		var connections []string // the first is at a gateway of somebody's
		for _, gateway := range []*string{elsewhere.VpnGateway.VpnGatewayId, r.connection().VpnGatewayId} {
			made, err := api.CreateVpnConnection(ctx, &ec2.CreateVpnConnectionInput{Type: aws.String("ipsec.1"), CustomerGatewayId: customer.CustomerGateway.CustomerGatewayId, VpnGatewayId: gateway})
			if err != nil {
				t.Fatal(err)
			}
			connections = append(connections, *made.VpnConnection.VpnConnectionId)
		}
		endpoint, err := api.CreateClientVpnEndpoint(ctx, &ec2.CreateClientVpnEndpointInput{
			ClientCidrBlock: aws.String("172.30.0.0/22"), ServerCertificateArn: ours.ServerCertificateArn, VpcId: ours.VpcId, SecurityGroupIds: ours.SecurityGroupIds,
			AuthenticationOptions: []ec2types.ClientVpnAuthenticationRequest{{Type: ec2types.ClientVpnAuthenticationTypeCertificateAuthentication, MutualAuthentication: &ec2types.CertificateAuthenticationRequest{ClientRootCertificateChainArn: ours.ServerCertificateArn}}},
			ConnectionLogOptions:  &ec2types.ConnectionLogOptions{Enabled: aws.Bool(false)},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"authorization rules", "routes"} {
			if err := hands["ec2/client-vpn-endpoint "+name](ctx, r.Factory.Set(region)); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{
			"CICD-IPSEC-14 ec2/vpn-connection " + connections[1],
			"CICD-VPN-1 ec2/client-vpn-endpoint " + *ours.ClientVpnEndpointId,
			"CICD-VPN-10 ec2/client-vpn-endpoint " + *ours.ClientVpnEndpointId,
			"CICD-VPN-9 ec2/client-vpn-endpoint " + *endpoint.ClientVpnEndpointId,
		}
		if got := examine(); !slices.Equal(got, want) {
			t.Errorf("an audit finds %q, want %q", got, want)
		}
	})
}
