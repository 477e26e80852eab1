package conformance

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// What changes between a plan and its run is noticed by the run.

// Two clients' runs may begin when neither has a route yet: who comes second makes none that
// overlaps.
func TestRangesAreComparedOnceMoreBeforeRoutesAreMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		run, err := r.Build(ctx, sited(t, "GLOBEX", "198.51.100.20", "192.168.10.128/25"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var routes []string
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if in, ok := c.Input.(*ec2.CreateVpnConnectionRouteInput); ok {
				routes = append(routes, *in.DestinationCidrBlock)
			}
			return sandbox.Fault{}
		})
		// ACME's run is quicker: its route is there before GLOBEX's has its connection.
		began := false
		_, err = run.Apply(ctx, p, nil, func(e provision.Event) {
			if e.Kind == "ec2/vpn-connection" && e.Phase == provision.PhaseStart && !began {
				began = true
				r.site(ctx, "ACME", "198.51.100.10", "192.168.10.0/24")
			}
		})
		for _, told := range []string{"192.168.10.128/25", "192.168.10.0/24", "GLOBEX", "client ACME", "NAT"} {
			if err == nil || !strings.Contains(err.Error(), told) {
				t.Errorf("the second run: %v, want a refusal with %q", err, told)
			}
		}
		if len(routes) != 1 || routes[0] != "192.168.10.0/24" {
			t.Errorf("routes to %v were made, want that of ACME alone", routes)
		}
	})
}

// site makes a client's site at the region's VPN gateway, as its own run would.
func (r *rig) site(ctx context.Context, client, peer, route string) {
	r.tb.Helper()
	api := r.Factory.Set(region).EC2
	gateways, err := api.DescribeVpnGateways(ctx, &ec2.DescribeVpnGatewaysInput{})
	if err != nil || len(gateways.VpnGateways) != 1 {
		r.tb.Fatalf("%+v, %v", gateways, err)
	}
	customer, err := api.CreateCustomerGateway(ctx, &ec2.CreateCustomerGatewayInput{Type: ec2types.GatewayTypeIpsec1, IpAddress: &peer, BgpAsn: aws.Int32(rules.SiteASN)})
	if err != nil {
		r.tb.Fatal(err)
	}
	var tags []ec2types.Tag
	for key, value := range map[string]string{provision.TagManagedBy: provision.ManagedBy, provision.TagScope: "client", provision.TagClient: client, provision.TagRegion: region, provision.TagRole: "office"} {
		tags = append(tags, ec2types.Tag{Key: &key, Value: &value})
	}
	made, err := api.CreateVpnConnection(ctx, &ec2.CreateVpnConnectionInput{
		Type: aws.String("ipsec.1"), CustomerGatewayId: customer.CustomerGateway.CustomerGatewayId, VpnGatewayId: gateways.VpnGateways[0].VpnGatewayId,
		Options:           &ec2types.VpnConnectionOptionsSpecification{StaticRoutesOnly: aws.Bool(true)},
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeVpnConnection, Tags: tags}},
	})
	if err != nil {
		r.tb.Fatal(err)
	}
	if _, err := api.CreateVpnConnectionRoute(ctx, &ec2.CreateVpnConnectionRouteInput{VpnConnectionId: made.VpnConnection.VpnConnectionId, DestinationCidrBlock: &route}); err != nil {
		r.tb.Fatal(err)
	}
}

// AWS answers with a customer gateway that is there when another like it is asked for. One
// that somebody else has made meanwhile is not taken for ours: it would be destroyed one day.
func TestACustomerGatewayOfOthersIsNotTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		acme := sited(t, "ACME", "198.51.100.10", "192.168.10.0/24")
		run, err := r.Build(ctx, acme)
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region).EC2
		theirs, err := api.CreateCustomerGateway(ctx, &ec2.CreateCustomerGatewayInput{
			Type: ec2types.GatewayTypeIpsec1, IpAddress: aws.String("198.51.100.10"), BgpAsn: aws.Int32(rules.SiteASN), DeviceName: aws.String(rules.SiteDevice("ACME", "office")),
		})
		if err != nil {
			t.Fatal(err)
		}
		id := *theirs.CustomerGateway.CustomerGatewayId
		_, err = run.Apply(ctx, p, nil, nil)
		if err == nil || !strings.Contains(err.Error(), id) || !strings.Contains(err.Error(), "give the site another name") {
			t.Errorf("create: %v, want that %s is somebody else's", err, id)
		}
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		out, err := api.DescribeCustomerGateways(ctx, &ec2.DescribeCustomerGatewaysInput{CustomerGatewayIds: []string{id}})
		if err != nil || len(out.CustomerGateways) != 1 || len(out.CustomerGateways[0].Tags) > 0 || aws.ToString(out.CustomerGateways[0].State) != "available" {
			t.Errorf("what is left of it: %+v, %v", out, err)
		}
	})
}
