// Package vpn is how sites and people reach a client: the configuration of a site's
// device, the state of its tunnels, and their keys.
package vpn

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Connection is the VPN connection of a site as AWS describes it.
type Connection struct {
	Site    string         `json:"site"`
	ID      string         `json:"id"`
	State   string         `json:"state"` // pending, available, modifying or deleting
	Tunnels []TunnelState  `json:"tunnels"`
	Routes  []netip.Prefix `json:"routes"`
	keys    sensitiveText  // the configuration for the device, with the keys in it
	secret  string         // ARN of the secret that holds the keys
	api     awsapi.EC2     // where it is
	secrets awsapi.Secrets // and its keys
}

// TunnelState is one of the two tunnels of a connection.
type TunnelState struct {
	Number  int          `json:"number"` // 1 has the lower inside range
	Outside netip.Addr   `json:"outside"`
	Inside  netip.Prefix `json:"inside"`
	Up      bool         `json:"up"`
	Since   *time.Time   `json:"since,omitempty"`   // of Up
	Message string       `json:"message,omitempty"` // AWS's
}

// sensitiveText is never printed.
type sensitiveText string

func (sensitiveText) String() string               { return "(hidden)" }
func (sensitiveText) GoString() string             { return "(hidden)" }
func (sensitiveText) MarshalJSON() ([]byte, error) { return []byte(`"(hidden)"`), nil }

// Sites are the VPN connections of a client, by site.
func Sites(ctx context.Context, op *cloud.Operator, client, region string) ([]Connection, error) {
	return connections(ctx, op, client, region)
}

// connections are those of a client, by site. One that is deleted stays listed for a
// while, and is not among them.
func connections(ctx context.Context, op *cloud.Operator, client, region string) ([]Connection, error) {
	set := op.Factory.Set(region)
	out, err := set.EC2.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{Filters: []ec2types.Filter{
		{Name: aws.String("tag:" + provision.TagManagedBy), Values: []string{provision.ManagedBy}},
		{Name: aws.String("tag:" + provision.TagClient), Values: []string{client}},
	}})
	if err != nil {
		return nil, lang.Errorf("list the VPN connections of %s: %w", client, err)
	}
	var all []Connection
	for _, v := range out.VpnConnections {
		if v.State == ec2types.VpnStateDeleted || cloud.Tag(v.Tags, provision.TagRegion) != region {
			continue
		}
		c, err := read(v)
		if err != nil {
			return nil, err
		}
		c.api, c.secrets = set.EC2, set.Secrets
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Connection) int { return strings.Compare(a.Site, b.Site) })
	return all, nil
}

// read takes over what AWS describes. The order of its tunnels means nothing.
func read(v ec2types.VpnConnection) (Connection, error) {
	c := Connection{
		Site: cloud.Tag(v.Tags, provision.TagRole), ID: aws.ToString(v.VpnConnectionId), State: string(v.State),
		keys: sensitiveText(aws.ToString(v.CustomerGatewayConfiguration)), secret: aws.ToString(v.PreSharedKeyArn),
	}
	var options []ec2types.TunnelOption
	if v.Options != nil {
		options = v.Options.TunnelOptions
	}
	for _, o := range options {
		t, err := readTunnel(o, v.VgwTelemetry)
		if err != nil {
			return c, lang.Errorf("AWS describes VPN connection %s oddly: %w", c.ID, err)
		}
		c.Tunnels = append(c.Tunnels, t)
	}
	slices.SortFunc(c.Tunnels, func(a, b TunnelState) int { return a.Inside.Addr().Compare(b.Inside.Addr()) })
	for i := range c.Tunnels {
		c.Tunnels[i].Number = i + 1
	}
	for _, r := range v.Routes {
		p, err := netip.ParsePrefix(aws.ToString(r.DestinationCidrBlock))
		if err != nil {
			return c, lang.Errorf("AWS describes VPN connection %s oddly: route %w", c.ID, err)
		}
		if r.State != ec2types.VpnStateDeleted && r.State != ec2types.VpnStateDeleting {
			c.Routes = append(c.Routes, p)
		}
	}
	slices.SortFunc(c.Routes, func(a, b netip.Prefix) int { return cmp.Or(a.Addr().Compare(b.Addr()), a.Bits()-b.Bits()) })
	return c, nil
}

func readTunnel(o ec2types.TunnelOption, telemetry []ec2types.VgwTelemetry) (t TunnelState, err error) {
	if t.Outside, err = netip.ParseAddr(aws.ToString(o.OutsideIpAddress)); err != nil {
		return t, lang.Errorf("outside address: %w", err)
	}
	if t.Inside, err = netip.ParsePrefix(aws.ToString(o.TunnelInsideCidr)); err != nil {
		return t, lang.Errorf("inside range: %w", err)
	}
	for _, told := range telemetry {
		if aws.ToString(told.OutsideIpAddress) == t.Outside.String() {
			t.Up, t.Since, t.Message = told.Status == ec2types.TelemetryStatusUp, told.LastStatusChange, aws.ToString(told.StatusMessage)
		}
	}
	return t, nil
}

// find is the connection of a site.
func find(ctx context.Context, op *cloud.Operator, client, region, site string) (*Connection, error) {
	all, err := connections(ctx, op, client, region)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(c Connection) bool { return c.Site == site })
	if i < 0 {
		return nil, cloud.Guardf("%s has no VPN connection for the site %s yet: cicdctl client create %s", client, site, client)
	}
	if len(all[i].Tunnels) != 2 {
		return nil, cloud.Guardf("VPN connection %s (%s) does not tell its two tunnels while it is %s: try again in some minutes", all[i].ID, site, all[i].State)
	}
	return &all[i], nil
}
