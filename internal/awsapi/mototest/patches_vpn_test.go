package mototest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"
)

// site is an account with a VPC, a route table, a VPN gateway and a customer gateway.
type site struct {
	*testing.T
	config               aws.Config
	client               *ec2.Client
	vpc, table, vgw, cgw *string
}

func newSite(t *testing.T) *site {
	t.Helper()
	config, _ := account(t)
	s := &site{T: t, config: config, client: ec2.NewFromConfig(config)}
	ctx := t.Context()
	s.vpc = must[*ec2.CreateVpcOutput](t)(s.client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16")})).Vpc.VpcId
	s.table = must[*ec2.CreateRouteTableOutput](t)(s.client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: s.vpc})).RouteTable.RouteTableId
	s.vgw = s.gateway()
	s.cgw = s.customer("acme-office").CustomerGatewayId
	return s
}

func owned(kind ec2types.ResourceType) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: kind, Tags: []ec2types.Tag{{Key: aws.String("owner"), Value: aws.String("acme")}}}}
}

func (s *site) gateway() *string {
	s.Helper()
	return must[*ec2.CreateVpnGatewayOutput](s.T)(s.client.CreateVpnGateway(s.Context(), &ec2.CreateVpnGatewayInput{
		Type: ec2types.GatewayTypeIpsec1, TagSpecifications: owned(ec2types.ResourceTypeVpnGateway),
	})).VpnGateway.VpnGatewayId
}

func (s *site) customer(device string) *ec2types.CustomerGateway {
	s.Helper()
	return must[*ec2.CreateCustomerGatewayOutput](s.T)(s.client.CreateCustomerGateway(s.Context(), &ec2.CreateCustomerGatewayInput{
		Type: ec2types.GatewayTypeIpsec1, IpAddress: aws.String("198.51.100.7"), BgpAsn: aws.Int32(65000), DeviceName: &device,
		TagSpecifications: owned(ec2types.ResourceTypeCustomerGateway),
	})).CustomerGateway
}

func (s *site) attach(gateway *string) error {
	_, err := s.client.AttachVpnGateway(s.Context(), &ec2.AttachVpnGatewayInput{VpnGatewayId: gateway, VpcId: s.vpc})
	return err
}

func (s *site) detach() error {
	_, err := s.client.DetachVpnGateway(s.Context(), &ec2.DetachVpnGatewayInput{VpnGatewayId: s.vgw, VpcId: s.vpc})
	return err
}

// connect makes a connection with static routes, its first tunnel in an inside range.
func (s *site) connect(storage, inside string) (*ec2types.VpnConnection, error) {
	out, err := s.client.CreateVpnConnection(s.Context(), &ec2.CreateVpnConnectionInput{
		Type: aws.String("ipsec.1"), CustomerGatewayId: s.cgw, VpnGatewayId: s.vgw, PreSharedKeyStorage: &storage, TagSpecifications: owned(ec2types.ResourceTypeVpnConnection),
		Options: &ec2types.VpnConnectionOptionsSpecification{StaticRoutesOnly: aws.Bool(true), TunnelOptions: []ec2types.VpnTunnelOptionsSpecification{{
			TunnelInsideCidr: &inside, IKEVersions: []ec2types.IKEVersionsRequestListValue{{Value: aws.String("ikev2")}},
			Phase1DHGroupNumbers: []ec2types.Phase1DHGroupNumbersRequestListValue{{Value: aws.Int32(20)}}, DPDTimeoutAction: aws.String("restart"),
		}}},
	})
	if err != nil {
		return nil, err
	}
	return out.VpnConnection, nil
}

func (s *site) connected(storage string) *string {
	s.Helper()
	return must[*ec2types.VpnConnection](s.T)(s.connect(storage, "169.254.10.0/30")).VpnConnectionId
}

func (s *site) connection(id *string) ec2types.VpnConnection {
	s.Helper()
	return must[*ec2.DescribeVpnConnectionsOutput](s.T)(s.client.DescribeVpnConnections(s.Context(), &ec2.DescribeVpnConnectionsInput{VpnConnectionIds: []string{*id}})).VpnConnections[0]
}

// tunnelIn is the tunnel with an inside range.
func tunnelIn(s *site, v ec2types.VpnConnection, inside string) ec2types.TunnelOption {
	s.Helper()
	i := slices.IndexFunc(v.Options.TunnelOptions, func(o ec2types.TunnelOption) bool { return aws.ToString(o.TunnelInsideCidr) == inside })
	if i < 0 {
		s.Fatalf("no tunnel in %s: %+v", inside, v.Options.TunnelOptions)
	}
	return v.Options.TunnelOptions[i]
}

func (s *site) modify(id, outside *string, change ec2types.ModifyVpnTunnelOptionsSpecification, storage *string) error {
	_, err := s.client.ModifyVpnTunnelOptions(s.Context(), &ec2.ModifyVpnTunnelOptionsInput{VpnConnectionId: id, VpnTunnelOutsideIpAddress: outside, TunnelOptions: &change, PreSharedKeyStorage: storage})
	return err
}

// lead makes a route of the VPC to the site.
func (s *site) lead() error {
	_, err := s.client.CreateRoute(s.Context(), &ec2.CreateRouteInput{RouteTableId: s.table, DestinationCidrBlock: aws.String("192.168.10.0/24"), GatewayId: s.vgw})
	return err
}

func (s *site) routeTable() ec2types.RouteTable {
	s.Helper()
	return must[*ec2.DescribeRouteTablesOutput](s.T)(s.client.DescribeRouteTables(s.Context(), &ec2.DescribeRouteTablesInput{RouteTableIds: []string{*s.table}})).RouteTables[0]
}

// refused fails unless an error has a code.
func (s *site) refused(what string, err error, code string) {
	s.Helper()
	if codeOf(err) != code {
		s.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestCustomerGateway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if again := s.customer("acme-office"); *again.CustomerGatewayId != *s.cgw || aws.ToString(again.DeviceName) != "acme-office" || aws.ToString(again.BgpAsn) != "65000" {
		t.Errorf("the same again is %+v, want %s", again, *s.cgw)
	}
	other := s.customer("acme-depot").CustomerGatewayId
	if *other == *s.cgw {
		t.Error("another device has the same gateway")
	}
	found := func(name, value string) (ids []string) {
		for _, g := range must[*ec2.DescribeCustomerGatewaysOutput](t)(s.client.DescribeCustomerGateways(t.Context(), &ec2.DescribeCustomerGatewaysInput{Filters: []ec2types.Filter{{Name: &name, Values: []string{value}}}})).CustomerGateways {
			ids = append(ids, *g.CustomerGatewayId)
		}
		return ids
	}
	for name, value := range map[string]string{"device-name": "acme-depot", "customer-gateway-id": *other} {
		if diff := cmp.Diff([]string{*other}, found(name, value)); diff != "" {
			t.Errorf("filter %s (-want +got):\n%s", name, diff)
		}
	}
	if got := found("tag:owner", "nobody"); len(got) > 0 {
		t.Errorf("with another's tag: %v", got)
	}
	s.connected("Standard")
	remove := func(id *string) error {
		_, err := s.client.DeleteCustomerGateway(t.Context(), &ec2.DeleteCustomerGatewayInput{CustomerGatewayId: id})
		return err
	}
	s.refused("delete one in use", remove(s.cgw), "IncorrectState")
	s.refused("delete one that is free", remove(other), "")
	s.refused("delete it again", remove(other), "InvalidCustomerGatewayID.NotFound")
	if again := s.customer("acme-depot").CustomerGatewayId; *again == *other {
		t.Error("a deleted gateway is told again")
	}
	_, err := s.client.DescribeCustomerGateways(t.Context(), &ec2.DescribeCustomerGatewaysInput{CustomerGatewayIds: []string{"cgw-0123456789abcdef0"}})
	s.refused("describe none", err, "InvalidCustomerGatewayID.NotFound")
}

func TestVPNGatewayAndItsRoutes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx, other := t.Context(), s.gateway()
	s.refused("a route to a gateway of no VPC", s.lead(), "InvalidParameterValue")
	s.refused("attach", s.attach(s.vgw), "")
	s.refused("attach again", s.attach(s.vgw), "")
	s.refused("attach a second gateway", s.attach(other), "InvalidVpcState")
	s.refused("a route", s.lead(), "")
	if got := must[*ec2.DescribeVpnGatewaysOutput](t)(s.client.DescribeVpnGateways(ctx, &ec2.DescribeVpnGatewaysInput{VpnGatewayIds: []string{*s.vgw}})).VpnGateways[0]; aws.ToInt64(got.AmazonSideAsn) != 64512 {
		t.Errorf("ASN %d", aws.ToInt64(got.AmazonSideAsn))
	}
	state := func() ec2types.RouteState {
		for _, r := range s.routeTable().Routes {
			if aws.ToString(r.GatewayId) == *s.vgw {
				return r.State
			}
		}
		return ""
	}
	propagate := func(to *string) error {
		_, err := s.client.EnableVgwRoutePropagation(ctx, &ec2.EnableVgwRoutePropagationInput{RouteTableId: s.table, GatewayId: to})
		return err
	}
	stop := func() error {
		_, err := s.client.DisableVgwRoutePropagation(ctx, &ec2.DisableVgwRoutePropagationInput{RouteTableId: s.table, GatewayId: s.vgw})
		return err
	}
	s.refused("propagate from elsewhere", propagate(other), "InvalidParameterValue")
	s.refused("propagate", propagate(s.vgw), "")
	if got := s.routeTable().PropagatingVgws; len(got) != 1 || aws.ToString(got[0].GatewayId) != *s.vgw {
		t.Errorf("propagating are %+v", got)
	}
	s.refused("no longer propagate", stop(), "")
	s.refused("no longer propagate, again", stop(), "InvalidParameterValue")
	if got := s.routeTable().PropagatingVgws; len(got) != 0 {
		t.Errorf("propagating are %+v", got)
	}
	if got := state(); got != ec2types.RouteStateActive {
		t.Errorf("the route is %s", got)
	}
	remove := func() error {
		_, err := s.client.DeleteVpnGateway(ctx, &ec2.DeleteVpnGatewayInput{VpnGatewayId: s.vgw})
		return err
	}
	s.refused("delete one that is attached", remove(), "IncorrectState")
	s.refused("detach", s.detach(), "")
	s.refused("detach again", s.detach(), "InvalidVpnGatewayAttachment.NotFound")
	if got := state(); got != ec2types.RouteStateBlackhole {
		t.Errorf("the route to nowhere is %s", got)
	}
	id := s.connected("Standard")
	s.refused("delete one with a connection", remove(), "IncorrectState")
	_, err := s.client.DeleteVpnConnection(ctx, &ec2.DeleteVpnConnectionInput{VpnConnectionId: id})
	s.refused("delete the connection", err, "")
	s.refused("delete", remove(), "")
	s.refused("delete again", remove(), "InvalidVpnGatewayID.NotFound")
	_, err = s.client.DescribeVpnGateways(ctx, &ec2.DescribeVpnGatewaysInput{VpnGatewayIds: []string{"vgw-0123456789abcdef0"}})
	s.refused("describe none", err, "InvalidVpnGatewayID.NotFound")
}

func TestVPNConnection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx, id := t.Context(), s.connected("SecretsManager")
	v := s.connection(id)
	first := tunnelIn(s, v, "169.254.10.0/30")
	if len(v.Options.TunnelOptions) != 2 || len(v.VgwTelemetry) != 2 || !aws.ToBool(v.Options.StaticRoutesOnly) || aws.ToString(v.Options.RemoteIpv4NetworkCidr) != "0.0.0.0/0" || v.State != ec2types.VpnStateAvailable || aws.ToString(v.Category) != "VPN" {
		t.Errorf("connection %+v", v)
	}
	if len(first.IkeVersions) != 1 || aws.ToInt32(first.Phase1DHGroupNumbers[0].Value) != 20 || aws.ToString(first.DpdTimeoutAction) != "restart" || first.StartupAction != nil || aws.ToString(first.PreSharedKey) != "REDACTED" {
		t.Errorf("tunnel %+v", first)
	}
	for _, g := range v.VgwTelemetry {
		if g.Status != ec2types.TelemetryStatusDown || g.LastStatusChange == nil {
			t.Errorf("telemetry %+v", g)
		}
	}
	secrets := secretsmanager.NewFromConfig(s.config)
	keys := func() (keys map[string]string) {
		t.Helper()
		if err := json.Unmarshal([]byte(*must[*secretsmanager.GetSecretValueOutput](t)(secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: v.PreSharedKeyArn})).SecretString), &keys); err != nil {
			t.Fatal(err)
		}
		return keys
	}
	if got := keys(); len(got) != 2 || got[*first.OutsideIpAddress] == "" || strings.Contains(*v.CustomerGatewayConfiguration, got[*first.OutsideIpAddress]) || !strings.Contains(*v.CustomerGatewayConfiguration, "<ip_address>169.254.10.2</ip_address>") {
		t.Errorf("%d keys; configuration %s", len(got), *v.CustomerGatewayConfiguration)
	}
	// What is not named stays.
	s.refused("modify", s.modify(id, first.OutsideIpAddress, ec2types.ModifyVpnTunnelOptionsSpecification{StartupAction: aws.String("start"), PreSharedKey: aws.String("abcdefgh")}, nil), "")
	if got := tunnelIn(s, s.connection(id), "169.254.10.0/30"); aws.ToString(got.StartupAction) != "start" || aws.ToString(got.DpdTimeoutAction) != "restart" || keys()[*first.OutsideIpAddress] != "abcdefgh" {
		t.Errorf("modified %+v", got)
	}
	s.refused("keys to the connection", s.modify(id, first.OutsideIpAddress, ec2types.ModifyVpnTunnelOptionsSpecification{StartupAction: aws.String("start")}, aws.String("Standard")), "")
	moved := s.connection(id)
	if got := tunnelIn(s, moved, "169.254.10.0/30"); aws.ToString(got.PreSharedKey) != "abcdefgh" || !strings.Contains(*moved.CustomerGatewayConfiguration, "abcdefgh") {
		t.Errorf("with its key it is %+v", got)
	}
	_, err := secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: v.PreSharedKeyArn})
	s.refused("the secret of keys that it no longer holds", err, "ResourceNotFoundException")
	other := s.customer("acme-depot").CustomerGatewayId
	must[*ec2.ModifyVpnConnectionOutput](t)(s.client.ModifyVpnConnection(ctx, &ec2.ModifyVpnConnectionInput{VpnConnectionId: id, CustomerGatewayId: other}))
	if got := s.connection(id).CustomerGatewayId; *got != *other {
		t.Errorf("at %s, want %s", *got, *other)
	}
	tagged := must[*resourcegroupstaggingapi.GetResourcesOutput](t)(resourcegroupstaggingapi.NewFromConfig(s.config).GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{
		TagFilters: []taggingtypes.TagFilter{{Key: aws.String("owner"), Values: []string{"acme"}}},
	})).ResourceTagMappingList
	if len(tagged) != 4 { // a gateway, two customer gateways, a connection
		t.Errorf("the tagging API tells of %d", len(tagged))
	}
	remove := func() error {
		_, err := s.client.DeleteVpnConnection(ctx, &ec2.DeleteVpnConnectionInput{VpnConnectionId: id})
		return err
	}
	s.refused("delete", remove(), "")
	s.refused("delete again", remove(), "InvalidVpnConnectionID.NotFound")
	if got := s.connection(id); got.State != ec2types.VpnStateDeleted || got.CustomerGatewayConfiguration != nil {
		t.Errorf("deleted it is %+v", got)
	}
}

func TestVPNConnectionRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, other := s.connected("Standard"), s.gateway()
	outside := tunnelIn(s, s.connection(id), "169.254.10.0/30").OutsideIpAddress
	create := func(storage, inside string) error {
		_, err := s.connect(storage, inside)
		return err
	}
	logs := &ec2types.VpnTunnelLogOptionsSpecification{CloudWatchLogOptions: &ec2types.CloudWatchLogOptionsSpecification{LogEnabled: aws.Bool(true), LogGroupArn: aws.String("/none")}}
	for what, err := range map[string]error{
		"an inside range that is taken":   create("Standard", "169.254.10.0/30"),
		"an inside range of AWS's own":    create("Standard", "169.254.5.0/30"),
		"an inside range of another size": create("Standard", "169.254.11.0/29"),
		"keys elsewhere":                  create("Paper", "169.254.11.0/30"),
		"another tunnel":                  s.modify(id, aws.String("192.0.2.1"), ec2types.ModifyVpnTunnelOptionsSpecification{StartupAction: aws.String("start")}, nil),
		"an action that is none":          s.modify(id, outside, ec2types.ModifyVpnTunnelOptionsSpecification{StartupAction: aws.String("wait")}, nil),
		"a group that is none":            s.modify(id, outside, ec2types.ModifyVpnTunnelOptionsSpecification{Phase1DHGroupNumbers: []ec2types.Phase1DHGroupNumbersRequestListValue{{Value: aws.Int32(5)}}}, nil),
		"too long a lifetime":             s.modify(id, outside, ec2types.ModifyVpnTunnelOptionsSpecification{Phase2LifetimeSeconds: aws.Int32(3601)}, nil),
		"too long a margin":               s.modify(id, outside, ec2types.ModifyVpnTunnelOptionsSpecification{RekeyMarginTimeSeconds: aws.Int32(1801)}, nil),
		"a key that begins with 0":        s.modify(id, outside, ec2types.ModifyVpnTunnelOptionsSpecification{PreSharedKey: aws.String("0bcdefgh")}, nil),
		"logs to nowhere":                 s.modify(id, outside, ec2types.ModifyVpnTunnelOptionsSpecification{LogOptions: logs}, nil),
	} {
		s.refused(what, err, "InvalidParameterValue")
	}
	v := s.connection(id)
	if len(v.Options.TunnelOptions) != 2 || tunnelIn(s, v, "169.254.10.0/30").StartupAction != nil {
		t.Errorf("what was refused changed %+v", v.Options.TunnelOptions)
	}
	must[*ec2.DeleteVpnGatewayOutput](t)(s.client.DeleteVpnGateway(t.Context(), &ec2.DeleteVpnGatewayInput{VpnGatewayId: other}))
	s.vgw = other
	s.refused("a gateway that is gone", create("Standard", "169.254.11.0/30"), "InvalidVpnGatewayID.NotFound")
}

func TestStaticRoutesOfVPNConnection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx, id := t.Context(), s.connected("Standard")
	add := func(to string) error {
		_, err := s.client.CreateVpnConnectionRoute(ctx, &ec2.CreateVpnConnectionRouteInput{VpnConnectionId: id, DestinationCidrBlock: &to})
		return err
	}
	drop := func(to string) error {
		_, err := s.client.DeleteVpnConnectionRoute(ctx, &ec2.DeleteVpnConnectionRouteInput{VpnConnectionId: id, DestinationCidrBlock: &to})
		return err
	}
	want := func(want ...string) {
		t.Helper()
		var got []string
		for _, r := range s.connection(id).Routes {
			got = append(got, *r.DestinationCidrBlock+" "+string(r.State)+" "+string(r.Source))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("routes (-want +got):\n%s", diff)
		}
	}
	s.refused("add", add("192.168.10.0/24"), "")
	s.refused("add again", add("192.168.10.0/24"), "")
	want("192.168.10.0/24 available Static")
	s.refused("add half a range", add("192.168.10.1/24"), "InvalidParameterValue")
	s.refused("drop", drop("192.168.10.0/24"), "")
	want("192.168.10.0/24 deleted Static")
	s.refused("drop again", drop("192.168.10.0/24"), "InvalidRoute.NotFound")
	s.refused("add what was there", add("192.168.10.0/24"), "")
	want("192.168.10.0/24 available Static")
	found := must[*ec2.DescribeVpnConnectionsOutput](t)(s.client.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{Filters: []ec2types.Filter{
		{Name: aws.String("route.destination-cidr-block"), Values: []string{"192.168.10.0/24"}}, {Name: aws.String("vpn-connection-id"), Values: []string{*id}}, {Name: aws.String("option.static-routes-only"), Values: []string{"true"}},
	}})).VpnConnections
	if len(found) != 1 {
		t.Errorf("found %+v", found)
	}
}
