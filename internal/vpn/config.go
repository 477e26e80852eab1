package vpn

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Config is a VPN connection, as the site sees it.
type Config struct {
	Client, Region, Site, Connection string
	Peer                             netip.Addr     // the site's public address
	Networks                         []netip.Prefix // the client's, at AWS
	Routes                           []netip.Prefix // behind the site
	Ports                            string         // what the site may reach, in words
	Tunnels                          [2]Tunnel
	InitiateSite                     bool // AWS does otherwise
}

// Tunnel is one of the two tunnels of a connection.
type Tunnel struct {
	Outside netip.Addr   // AWS's public address
	Inside  netip.Prefix // AWS has the first host, the site the second
	Key     string       // empty when it is not to be shown
}

// AWS is AWS's address within the tunnel.
func (t Tunnel) AWS() netip.Addr { return t.Inside.Addr().Next() }

// Ours is the site's address within the tunnel.
func (t Tunnel) Ours() netip.Prefix { return netip.PrefixFrom(t.AWS().Next(), t.Inside.Bits()) }

// IfID ties the tunnel's SAs to its interface. It is the lower half of the inside range's
// address, which no other tunnel of the VPN gateway has.
func (t Tunnel) IfID() uint16 {
	a := t.Inside.Addr().As4()
	return binary.BigEndian.Uint16(a[2:])
}

// Interface is the name of the tunnel's interface.
func (t Tunnel) Interface() string { return fmt.Sprintf("xfrm%d", t.IfID()) }

// Name is what connections and files are called.
func (c Config) Name() string { return c.Client + "-" + c.Site }

// Command prints the configuration with the keys.
func (c Config) Command(format string) string {
	return fmt.Sprintf("cicdctl vpn config %s %s --format %s --show-secrets", strings.ToUpper(c.Client), c.Site, format)
}

// Keys reports whether the keys are to be shown.
func (c Config) Keys() bool { return c.Tunnels[0].Key != "" }

// What may stand in a file. Names are those that specs allow; a value of another form could
// end its line, and be read as a setting or a command.
var (
	namePattern       = lazyregexp.New(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	connectionPattern = lazyregexp.New(`^vpn-[0-9a-f]+$`)
	portsPattern      = lazyregexp.New(`^[A-Za-z0-9 ,.:-]+$`)
	// AWS's rule for keys (EC2 API reference, VpnTunnelOptionsSpecification). swanctl
	// would decode a key that begins with 0x or 0s, which this excludes too.
	keyPattern = lazyregexp.New(`^[A-Za-z1-9._][A-Za-z0-9._]{7,63}$`)
)

// widest is the pool's length. A route to as much as that would be to all clients.
const widest = 17

var linkLocal = netip.MustParsePrefix("169.254.0.0/16")

// check refuses what does not describe a connection. A key is never in its errors.
func (c Config) check() error {
	for what, name := range map[string]string{"client": c.Client, "region": c.Region, "site": c.Site} {
		if !namePattern.MatchString(name) || len(name) > 63 {
			return lang.Errorf("configuration of a VPN connection: %q is not the name of a %s", name, lang.Say(what))
		}
	}
	fail := func(format string, args ...any) error {
		return lang.Errorf("configuration of the VPN connection of %s: %s", c.Name(), lang.Sprintf(format, args...))
	}
	switch {
	case !connectionPattern.MatchString(c.Connection):
		return fail("%q is not the ID of a VPN connection", c.Connection)
	case !portsPattern.MatchString(c.Ports):
		return fail("%q are not ports", c.Ports)
	case !c.Peer.Is4():
		return fail("%s is not the address of a gateway", c.Peer)
	case len(c.Networks) == 0:
		return fail("the client has no network")
	case len(c.Routes) == 0:
		return fail("there is no network behind the site")
	}
	for _, p := range slices.Concat(c.Networks, c.Routes) {
		if !p.Addr().Is4() || p.Masked() != p {
			return fail("%s is not an IPv4 network", p)
		}
	}
	for _, p := range c.Networks {
		if p.Bits() < widest {
			return fail("%s holds the networks of all clients", p)
		}
	}
	one, two := c.Tunnels[0], c.Tunnels[1]
	for _, t := range c.Tunnels {
		switch {
		case !t.Outside.Is4() || t.Outside == c.Peer:
			return fail("%s is not the address of AWS's end of a tunnel", t.Outside)
		case t.Inside.Bits() != 30 || t.Inside.Masked() != t.Inside || !linkLocal.Contains(t.Inside.Addr()):
			return fail("%s is not the range within a tunnel", t.Inside)
		case t.Key != "" && !keyPattern.MatchString(t.Key):
			return fail("the pre-shared key of the tunnel to %s is not one that AWS takes", t.Outside)
		}
	}
	switch {
	case one.Outside == two.Outside || one.Inside == two.Inside:
		return fail("both tunnels have the same address")
	case (one.Key == "") != (two.Key == ""):
		return fail("only one of the two pre-shared keys is known")
	}
	return nil
}

// list joins values with what is between them.
func list[T fmt.Stringer](all []T, between string) string {
	var out []string
	for _, v := range all {
		out = append(out, v.String())
	}
	return strings.Join(out, between)
}

// failover is the longest that a tunnel may be dead unnoticed, in seconds.
func failover() int { return int(rules.SiteFailover().Seconds()) }
