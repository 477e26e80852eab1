package vpn

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// RotateOptions are those of the vpn rotate command.
type RotateOptions struct {
	Name, Site, Region, Spec string
	Tunnel                   int
	Yes                      bool
}

// Rotation is a tunnel that gets a new pre-shared key. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "site": "paris-office", "connection": "vpn-…",
//	 "tunnel": 1, "cuts": true, "ok": true, "next": ["…"]}
type Rotation struct {
	Client     string   `json:"client"`
	Region     string   `json:"region"`
	Site       string   `json:"site"`
	Connection string   `json:"connection"`
	Tunnel     int      `json:"tunnel"`
	Cuts       bool     `json:"cuts"` // the tunnel was up
	OK         bool     `json:"ok"`
	Next       []string `json:"next"`
}

// Rotate gives one tunnel of a site a new pre-shared key. The tunnel stays down until
// the site's device has the key, so it is never the only one that is up.
func Rotate(ctx context.Context, a *session.Session, o RotateOptions) error {
	if o.Tunnel != 1 && o.Tunnel != 2 {
		return session.Usagef("give --tunnel 1, and --tunnel 2 once tunnel 1 is up again", "--tunnel %d is neither 1 nor 2", o.Tunnel)
	}
	op, region, err := open(ctx, a, o.Name, o.Site, o.Region, o.Spec)
	if err != nil {
		return err
	}
	c, err := find(ctx, op, o.Name, region, o.Site)
	if err != nil {
		return err
	}
	one, other := c.Tunnels[o.Tunnel-1], c.Tunnels[2-o.Tunnel]
	switch {
	case c.State != string(ec2types.VpnStateAvailable):
		return cloud.Guardf("VPN connection %s (%s) is %s: try again once it is available", c.ID, c.Site, c.State)
	case one.Up && !other.Up:
		return cloud.Guardf("tunnel %d is the only one of %s that is up: a new key would cut the site off; bring tunnel %d up first, see cicdctl vpn status %s", one.Number, c.Site, other.Number, o.Name)
	}
	r := Rotation{Client: o.Name, Region: region, Site: c.Site, Connection: c.ID, Tunnel: one.Number, Cuts: one.Up}
	if err := showRotationPlan(a.Print, r); err != nil {
		return err
	}
	if err := session.Confirm(ctx, a, o.Yes); err != nil {
		return err
	}
	if err := c.setKey(ctx, one, newKey()); err != nil {
		return err
	}
	if err := c.await(ctx, op.Pace); err != nil {
		return fmt.Errorf("tunnel %d of %s has its new key; %w", one.Number, c.Site, err)
	}
	r.OK = true
	r.Next = []string{a.Next("vpn config %s %s --format strongswan --show-secrets", o.Name, c.Site), a.Next("vpn status %s", o.Name)}
	if one.Number == 1 {
		r.Next = append(r.Next, a.Next("vpn rotate %s %s --tunnel 2", o.Name, c.Site))
	}
	return showRotation(a.Print, r)
}

// newKey makes a pre-shared key of 48 of AWS's 64 characters, which is 285 bits.
func newKey() string {
	const first, rest = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"
	var random [48]byte
	_, _ = rand.Read(random[:]) // never fails, says crypto/rand
	key := make([]byte, len(random))
	for i, b := range random {
		key[i] = rest[int(b)%len(rest)] // of 64: no character is likelier than another
	}
	key[0] = first[int(random[0])%len(first)] // not 0
	return string(key)
}

// setKey gives a tunnel a key. AWS takes one tunnel at a time, by its outside address.
func (c *Connection) setKey(ctx context.Context, t TunnelState, key string) error {
	_, err := c.api.ModifyVpnTunnelOptions(ctx, &ec2.ModifyVpnTunnelOptionsInput{
		VpnConnectionId: &c.ID, VpnTunnelOutsideIpAddress: aws.String(t.Outside.String()), PreSharedKeyStorage: aws.String(storedBySecretsManager),
		TunnelOptions: &ec2types.ModifyVpnTunnelOptionsSpecification{PreSharedKey: &key},
	})
	if err != nil {
		return fmt.Errorf("give tunnel %d of %s a new key: %w", t.Number, c.Site, err)
	}
	return nil
}

const storedBySecretsManager = "SecretsManager"

// await waits until the connection can be used, and changed, again. It takes minutes.
func (c *Connection) await(ctx context.Context, pace time.Duration) error {
	for {
		out, err := c.api.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{VpnConnectionIds: []string{c.ID}})
		if err != nil {
			return fmt.Errorf("look whether VPN connection %s is available: %w", c.ID, err)
		}
		if len(out.VpnConnections) == 1 && out.VpnConnections[0].State == ec2types.VpnStateAvailable {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("VPN connection %s was still being modified: %w", c.ID, ctx.Err())
		case <-time.After(pace):
		}
	}
}
