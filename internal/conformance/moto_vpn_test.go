package conformance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// sites changes by hand what is there of the only site of an account.
type sites struct {
	t *testing.T
	*ec2.Client
}

func (s sites) connection() (*ec2types.VpnConnection, error) {
	out, err := s.DescribeVpnConnections(s.t.Context(), &ec2.DescribeVpnConnectionsInput{Filters: []ec2types.Filter{{Name: aws.String("state"), Values: []string{"available"}}}})
	if err != nil {
		return nil, err
	}
	if len(out.VpnConnections) != 1 {
		return nil, fmt.Errorf("%d connections, want one", len(out.VpnConnections))
	}
	return &out.VpnConnections[0], nil
}

// modify changes tunnel 1, which has the lower inside range.
func (s sites) modify(change ec2types.ModifyVpnTunnelOptionsSpecification, storage *string) error {
	v, err := s.connection()
	if err != nil {
		return err
	}
	first := slices.MinFunc(v.Options.TunnelOptions, func(a, b ec2types.TunnelOption) int {
		return strings.Compare(*a.TunnelInsideCidr, *b.TunnelInsideCidr)
	})
	_, err = s.ModifyVpnTunnelOptions(s.t.Context(), &ec2.ModifyVpnTunnelOptionsInput{VpnConnectionId: v.VpnConnectionId, VpnTunnelOutsideIpAddress: first.OutsideIpAddress, TunnelOptions: &change, PreSharedKeyStorage: storage})
	return err
}

// gateway is the VPN gateway with the client's connection.
func (s sites) gateway() (*ec2types.VpnGateway, error) {
	out, err := s.DescribeVpnGateways(s.t.Context(), &ec2.DescribeVpnGatewaysInput{})
	if err != nil {
		return nil, err
	}
	return &out.VpnGateways[0], nil
}

// table is a route table that leads to the gateway.
func (s sites) table() (table, gateway *string, err error) {
	g, err := s.gateway()
	if err != nil {
		return nil, nil, err
	}
	tables, err := s.DescribeRouteTables(s.t.Context(), &ec2.DescribeRouteTablesInput{Filters: []ec2types.Filter{{Name: aws.String("route.gateway-id"), Values: []string{*g.VpnGatewayId}}}})
	if err != nil {
		return nil, nil, err
	}
	if len(tables.RouteTables) == 0 {
		return nil, nil, errors.New("no table leads to " + *g.VpnGatewayId)
	}
	return tables.RouteTables[0].RouteTableId, g.VpnGatewayId, nil
}

// hands change one field each, and can be laid on all at once.
func (s sites) hands(site spec.Site) map[string]func() error {
	to := aws.String(site.Routes[0].String())
	return map[string]func() error{
		"ec2/vpn-connection tunnel 1 phase 1 encryption": func() error {
			return s.modify(ec2types.ModifyVpnTunnelOptionsSpecification{Phase1EncryptionAlgorithms: []ec2types.Phase1EncryptionAlgorithmsRequestListValue{{Value: aws.String("AES128")}}}, nil)
		},
		"ec2/vpn-connection tunnel 1 dead peer timeout": func() error {
			return s.modify(ec2types.ModifyVpnTunnelOptionsSpecification{DPDTimeoutSeconds: aws.Int32(60)}, nil)
		},
		"ec2/vpn-connection tunnel 1 logs": func() error {
			off := &ec2types.VpnTunnelLogOptionsSpecification{CloudWatchLogOptions: &ec2types.CloudWatchLogOptionsSpecification{LogEnabled: aws.Bool(false)}}
			return s.modify(ec2types.ModifyVpnTunnelOptionsSpecification{LogOptions: off}, nil)
		},
		"ec2/vpn-connection pre-shared key storage": func() error {
			return s.modify(ec2types.ModifyVpnTunnelOptionsSpecification{StartupAction: aws.String("add")}, aws.String("Standard"))
		},
		"ec2/vpn-connection customer gateway": func() error {
			v, err := s.connection()
			if err != nil {
				return err
			}
			other, err := s.CreateCustomerGateway(s.t.Context(), &ec2.CreateCustomerGatewayInput{Type: ec2types.GatewayTypeIpsec1, IpAddress: aws.String("203.0.113.77"), BgpAsn: aws.Int32(65000), DeviceName: aws.String("by hand")})
			if err != nil {
				return err
			}
			_, err = s.ModifyVpnConnection(s.t.Context(), &ec2.ModifyVpnConnectionInput{VpnConnectionId: v.VpnConnectionId, CustomerGatewayId: other.CustomerGateway.CustomerGatewayId})
			return err
		},
		"ec2/vpn-connection static routes": func() error {
			v, err := s.connection()
			if err != nil {
				return err
			}
			if _, err = s.DeleteVpnConnectionRoute(s.t.Context(), &ec2.DeleteVpnConnectionRouteInput{VpnConnectionId: v.VpnConnectionId, DestinationCidrBlock: to}); err != nil {
				return err
			}
			_, err = s.CreateVpnConnectionRoute(s.t.Context(), &ec2.CreateVpnConnectionRouteInput{VpnConnectionId: v.VpnConnectionId, DestinationCidrBlock: aws.String("10.99.0.0/24")})
			return err
		},
		"ec2/route-table propagated gateways": func() error {
			table, gateway, err := s.table()
			if err != nil {
				return err
			}
			_, err = s.EnableVgwRoutePropagation(s.t.Context(), &ec2.EnableVgwRoutePropagationInput{RouteTableId: table, GatewayId: gateway})
			return err
		},
		"ec2/route-table routes": func() error {
			table, _, err := s.table()
			if err != nil {
				return err
			}
			_, err = s.DeleteRoute(s.t.Context(), &ec2.DeleteRouteInput{RouteTableId: table, DestinationCidrBlock: to})
			return err
		},
	}
}

// detach takes the gateway from the VPC, so that what leads there leads nowhere.
func (s sites) detach() error {
	g, err := s.gateway()
	if err != nil {
		return err
	}
	_, err = s.DetachVpnGateway(s.t.Context(), &ec2.DetachVpnGatewayInput{VpnGatewayId: g.VpnGatewayId, VpcId: g.VpcAttachments[0].VpcId})
	return err
}

// TestSiteHealsOverHTTP changes by hand what leads to a client's site.
func TestSiteHealsOverHTTP(t *testing.T) {
	t.Parallel()
	w, ctx := overHTTP(t), t.Context()
	want := sited(t, "ACME", "198.51.100.20", "192.168.20.0/24", "172.16.20.0/25")
	if err := create(ctx, w.Operator, want); err != nil {
		t.Fatal(err)
	}
	w.wantNoChange(t, want)
	s := sites{t, w.Factory.Set(region).EC2.(*ec2.Client)}
	heals := func(what string, fields ...string) {
		t.Helper()
		if got := fieldsOf(plan(ctx, t, w.Operator, want)); !slices.Equal(got, fields) {
			t.Errorf("%s: a plan shows %v, want %v", what, got, fields)
		}
		if err := create(ctx, w.Operator, want); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		w.wantNoChange(t, want)
	}
	hands := s.hands(want.VPN.Sites()[0])
	for field, change := range hands {
		if err := change(); err != nil {
			t.Errorf("change %s by hand: %v", field, err)
		}
	}
	heals("after changes by hand", slices.Sorted(maps.Keys(hands))...)
	if err := s.detach(); err != nil {
		t.Fatal(err)
	}
	heals("without its gateway", "ec2/route-table routes", "ec2/vpn-gateway attached to")
	w.server.WantSchemas(t, w.id)
	if err := destroy(ctx, w.Operator, "ACME", true); err != nil {
		t.Fatal(err)
	}
	connections, err := s.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range connections.VpnConnections {
		if v.State != ec2types.VpnStateDeleted {
			t.Errorf("left is %s, %s", *v.VpnConnectionId, v.State)
		}
	}
	gateways, err := s.DescribeCustomerGateways(ctx, &ec2.DescribeCustomerGatewaysInput{Filters: []ec2types.Filter{{Name: aws.String("tag:" + provision.TagClient), Values: []string{"ACME"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range gateways.CustomerGateways {
		if *g.State != "deleted" {
			t.Errorf("left is %s, %s", *g.CustomerGatewayId, *g.State)
		}
	}
	shared, err := s.gateway()
	if err != nil || len(shared.VpcAttachments) != 1 || shared.VpcAttachments[0].State != ec2types.AttachmentStatusAttached {
		t.Errorf("the region's gateway is %+v (%v), want it attached", shared, err)
	}
}
