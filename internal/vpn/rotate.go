package vpn

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// RotateOptions are those of the vpn rotate command.
type RotateOptions struct {
	Name, Site, Region, Spec string
	Tunnel                   int  // 1 or 2; 0 for the first, and with Wait for both
	Wait                     bool // until tunnels are up with their new keys
	Yes                      bool
}

// Rotation is what got new pre-shared keys. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "site": "paris-office", "connection": "vpn-…",
//	 "tunnels": [{"number": 1, "cuts": true, "changed": true, "up": false}], "ok": true, "next": ["…"]}
type Rotation struct {
	Client     string    `json:"client"`
	Region     string    `json:"region"`
	Site       string    `json:"site"`
	Connection string    `json:"connection"`
	Tunnels    []Rotated `json:"tunnels"` // in the order in which they are changed
	OK         bool      `json:"ok"`
	Next       []string  `json:"next"`
}

// Rotated is a tunnel that gets a new key.
type Rotated struct {
	Number  int  `json:"number"`
	Cuts    bool `json:"cuts"`    // it was up, or is waited for until it is
	Changed bool `json:"changed"` // it has its new key at AWS
	Up      bool `json:"up"`      // it was up with its new key; false where nobody has waited
}

// Rotate gives the tunnels of a site new pre-shared keys, one at a time. A tunnel stays
// down until the site's device has its key, so it is never the only one that is up; the
// second one follows once the first one is up with its new key.
func Rotate(ctx context.Context, a *session.Session, o RotateOptions) error {
	if o.Tunnel < 0 || o.Tunnel > 2 {
		return session.Usagef("give --tunnel 1, and --tunnel 2 once tunnel 1 is up again", "--tunnel %d is neither 1 nor 2", o.Tunnel)
	}
	op, region, err := open(ctx, a, o.Name, o.Site, o.Region, o.Spec)
	if err != nil {
		return err
	}
	if err := session.Admit(ctx, a, op, o.Name, region); err != nil {
		return err
	}
	c, err := find(ctx, op, o.Name, region, o.Site)
	if err != nil {
		return err
	}
	r := Rotation{Client: o.Name, Region: region, Site: c.Site, Connection: c.ID, Tunnels: c.turns(o)}
	if err := c.spares(r.Tunnels[0].Number, o.Name); err != nil {
		return err
	}
	if err := showRotationPlan(a.Print, r); err != nil {
		return err
	}
	if err := session.Confirm(ctx, a, o.Yes); err != nil {
		return err
	}
	waits := func(n int) {
		a.Print.Tell("tunnel %d of %s has its new key at AWS; waiting until it is up: put the key into the site's device with %s", n, c.Site, a.Next("vpn config %s %s --show-secrets", o.Name, c.Site))
	}
	failed := RotateTunnels(ctx, op, &r, o.Wait, waits)
	if !r.Tunnels[0].Changed {
		return failed
	}
	r.OK, r.Next = failed == nil, nextTurns(a, o, r)
	return errors.Join(showRotation(a.Print, r), failed)
}

// nextTurns are what is left to do: at the site's device, and with the other tunnel.
func nextTurns(a *session.Session, o RotateOptions, r Rotation) []string {
	steps, wait := []string{}, ""
	if o.Wait {
		wait = " --wait"
	}
	for _, t := range r.Tunnels {
		switch other := 3 - t.Number; {
		case !t.Changed:
			steps = append(steps, a.Print.Sayf("only then, give tunnel %d its new key: %s", t.Number, a.Next("vpn rotate %s %s --tunnel %d%s", o.Name, r.Site, t.Number, wait)))
		case !t.Up:
			steps = append(steps, a.Print.Sayf("put the new key of tunnel %d into the site's device: %s", t.Number, a.Next("vpn config %s %s --format strongswan --show-secrets", o.Name, r.Site)),
				a.Print.Sayf("see that tunnel %d is up again: %s", t.Number, a.Next("vpn status %s", o.Name)))
			if len(r.Tunnels) == 1 && (o.Tunnel == 0 || t.Number == 1) {
				steps = append(steps, a.Print.Sayf("only then, give tunnel %d its new key: %s", other, a.Next("vpn rotate %s %s --tunnel %d", o.Name, r.Site, other)))
			}
		}
	}
	if len(steps) == 0 {
		steps = append(steps, a.Next("vpn status %s", o.Name))
	}
	return steps
}

// turns are the tunnels that get new keys, in the order in which they do: one that is
// down before one that is up.
func (c *Connection) turns(o RotateOptions) []Rotated {
	first := o.Tunnel
	if first == 0 {
		if first = 1; c.Tunnels[0].Up && !c.Tunnels[1].Up {
			first = 2
		}
	}
	turns := []Rotated{{Number: first, Cuts: c.Tunnels[first-1].Up}}
	if o.Wait && o.Tunnel == 0 {
		turns = append(turns, Rotated{Number: 3 - first, Cuts: true})
	}
	return turns
}

// spares refuses to change a tunnel that is the only one that is up, and a connection that
// AWS is changing.
func (c *Connection) spares(tunnel int, client string) error {
	one, other := c.Tunnels[tunnel-1], c.Tunnels[2-tunnel]
	switch {
	case c.State != string(ec2types.VpnStateAvailable):
		return cloud.Guardf("VPN connection %s (%s) is %s: try again once it is available", c.ID, c.Site, c.State)
	case one.Up && !other.Up:
		return cloud.Guardf("tunnel %d is the only one of %s that is up: a new key would cut the site off; bring tunnel %d up first, see cicdctl vpn status %s", one.Number, c.Site, other.Number, client)
	}
	return nil
}

// RotateTunnels gives the tunnels of a rotation new keys, one after the other. With wait, it
// waits after each until that is up with its key, which takes somebody at the site's device;
// waits is told of it. What was done is noted in r, also when it fails or is interrupted.
func RotateTunnels(ctx context.Context, op *cloud.Operator, r *Rotation, wait bool, waits func(tunnel int)) error {
	for i := range r.Tunnels {
		turn := &r.Tunnels[i]
		c, err := find(ctx, op, r.Client, r.Region, r.Site) // as it is now: time has passed
		if err == nil {
			err = c.spares(turn.Number, r.Client)
		}
		if err != nil {
			return err
		}
		before := c.Tunnels[turn.Number-1]
		if err := c.setKey(ctx, before, newKey()); err != nil {
			return err
		}
		turn.Changed = true
		if err := c.await(ctx, op.Pace); err != nil {
			return lang.Errorf("tunnel %d of %s has its new key; %w", turn.Number, r.Site, err)
		}
		if !wait {
			continue
		}
		waits(turn.Number)
		if err := awaitUp(ctx, op, r, before); err != nil {
			return err
		}
		turn.Up = true
	}
	return nil
}

// upPace is how long to wait before looking again whether somebody has changed a device.
const upPace = 15 * time.Second

// awaitUp waits until a tunnel has come up since it was as before. That AWS still tells of it
// as up for a while after its key was changed does not count: since when, it tells as well.
func awaitUp(ctx context.Context, op *cloud.Operator, r *Rotation, before TunnelState) error {
	for {
		c, err := find(ctx, op, r.Client, r.Region, r.Site)
		if err != nil {
			return err
		}
		now := c.Tunnels[before.Number-1]
		if now.Up && now.Since != nil && (before.Since == nil || now.Since.After(*before.Since)) {
			return nil
		}
		select {
		case <-ctx.Done():
			return lang.Errorf("tunnel %d of %s has its new key at AWS, and was not up with it yet: %w", before.Number, r.Site, ctx.Err())
		case <-time.After(max(op.Pace, upPace)):
		}
	}
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
		return lang.Errorf("give tunnel %d of %s a new key: %w", t.Number, c.Site, err)
	}
	return nil
}

const storedBySecretsManager = "SecretsManager"

// await waits until the connection can be used, and changed, again. It takes minutes.
func (c *Connection) await(ctx context.Context, pace time.Duration) error {
	for {
		out, err := c.api.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{VpnConnectionIds: []string{c.ID}})
		if err != nil {
			return lang.Errorf("look whether VPN connection %s is available: %w", c.ID, err)
		}
		if len(out.VpnConnections) == 1 && out.VpnConnections[0].State == ec2types.VpnStateAvailable {
			return nil
		}
		select {
		case <-ctx.Done():
			return lang.Errorf("VPN connection %s was still being modified: %w", c.ID, ctx.Err())
		case <-time.After(pace):
		}
	}
}
