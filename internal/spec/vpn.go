package spec

import (
	"fmt"
	"net/netip"
	"slices"
)

// VPN is how people and sites of the client reach its subnets.
type VPN struct {
	IPsec   *IPsec   `yaml:"ipsec" jsonschema:"description=Site-to-site tunnels (IPsec)."`
	OpenVPN *OpenVPN `yaml:"openvpn" jsonschema:"description=Remote access for people (OpenVPN)."`
}

// Sites are the client's sites; none without IPsec.
func (v VPN) Sites() []Site {
	if v.IPsec == nil {
		return nil
	}
	return v.IPsec.Sites
}

// IPsec is the client's site-to-site connections. Peer and Routes are the short form of a
// single site, which is then in Sites too.
type IPsec struct {
	Peer   netip.Addr     `yaml:"peer" jsonschema:"description=Short form: public IPv4 address of the gateway of the only site."`
	Routes []netip.Prefix `yaml:"routes" jsonschema:"description=Short form: private networks behind it."`
	Sites  []Site         `yaml:"sites" jsonschema:"description=The client's sites: one VPN connection with two tunnels for each."`
}

// short reports whether the file has the short form.
func (v IPsec) short() bool { return v.Peer.IsValid() || len(v.Routes) > 0 }

// Path is where a site stands in the file: "$.vpn.ipsec.sites[0]".
func (v IPsec) Path(site int) string {
	if v.short() {
		return "$.vpn.ipsec"
	}
	return fmt.Sprintf("$.vpn.ipsec.sites[%d]", site)
}

// Site is one on-premises gateway with the networks behind it.
type Site struct {
	Name   string         `yaml:"name" jsonschema:"required,pattern=^[a-z][a-z0-9]*(-[a-z0-9]+)*$,maxLength=20,description=Lower case; becomes part of AWS names."`
	Peer   netip.Addr     `yaml:"peer" jsonschema:"required,description=Public IPv4 address of the site's gateway."`
	Routes []netip.Prefix `yaml:"routes" jsonschema:"required,minItems=1,description=Private networks behind it."`
	// Ports are empty for all that the client's services and its database listen on.
	Ports    []PortRange `yaml:"ports" jsonschema:"description=TCP ports that the site may reach; by default those of the services and the database."`
	Initiate Initiator   `yaml:"initiate" jsonschema:"enum=site,enum=aws,description=Who sets the tunnels up: site (default) or aws."`
}

// Initiator is the end that starts the negotiation of a tunnel.
type Initiator string

// The two ends.
const (
	InitiateSite Initiator = "site"
	InitiateAWS  Initiator = "aws"
)

// OnlySite is the name of the site of the short form.
const OnlySite = "site"

// OpenVPN is a remote access endpoint for people.
type OpenVPN struct {
	Users   []string     `yaml:"users" jsonschema:"description=Who may have a certificate."`
	CIDR    netip.Prefix `yaml:"cidr" jsonschema:"description=Addresses of connected people: /12 to /22; 10.21.(4k).0/22 for the client's slot k by default."`
	Zones   int          `yaml:"zones" jsonschema:"minimum=1,maximum=3,description=Availability zones with an association (each is billed by the hour); 1 by default."`
	Session string       `yaml:"session" jsonschema:"enum=8h,enum=10h,enum=12h,enum=24h,description=Longest session; 12h by default."`
}

// sessions are the lengths that AWS offers (EC2 API reference, CreateClientVpnEndpoint,
// SessionTimeoutHours).
var sessions = []string{"8h", "10h", "12h", "24h"}

// complete makes a site of the short form.
func (v *VPN) complete() {
	if v.IPsec != nil && v.IPsec.short() && len(v.IPsec.Sites) == 0 {
		only := Site{Name: OnlySite, Peer: v.IPsec.Peer, Routes: v.IPsec.Routes}
		only.defaults()
		v.IPsec.Sites = []Site{only}
	}
}

func (s *Site) defaults() { s.Initiate = InitiateSite }

func (o *OpenVPN) defaults() { o.Zones, o.Session = 1, "12h" }

func (c *shaper) vpn(v VPN) {
	if v.IPsec != nil {
		c.ipsec(*v.IPsec)
	}
	if v.OpenVPN == nil {
		return
	}
	for i, user := range v.OpenVPN.Users {
		path := fmt.Sprintf("$.vpn.openvpn.users[%d]", i)
		if !userPattern.MatchString(user) {
			c.add(path, "%q is not a user name: lower-case letters, digits and ._-, at most 32", user)
		}
		if slices.Contains(v.OpenVPN.Users[:i], user) {
			c.add(path, "%q is listed twice; remove one", user)
		}
	}
	if p := v.OpenVPN.CIDR; p.IsValid() && (p.Bits() < 12 || p.Bits() > 22) {
		c.add("$.vpn.openvpn.cidr", "%s is a /%d; AWS takes /12 to /22, such as 10.21.0.0/22", p, p.Bits())
	}
	if z := v.OpenVPN.Zones; z < 1 || z > 3 {
		c.add("$.vpn.openvpn.zones", "%d is not within 1-3", z)
	}
	c.oneOf("$.vpn.openvpn.session", v.OpenVPN.Session, sessions...)
}

func (c *shaper) ipsec(v IPsec) {
	if len(v.Sites) == 0 {
		c.add("$.vpn.ipsec.sites", "missing; give sites, each with name, peer and routes")
		return
	}
	if v.short() && c.given("$.vpn.ipsec.sites") {
		c.add("$.vpn.ipsec.sites", "given beside peer and routes, which are the short form of a single site; move them into the list of sites")
		return
	}
	for i, site := range v.Sites {
		at := v.Path(i)
		c.name(at+".name", site.Name)
		if slices.ContainsFunc(v.Sites[:i], func(other Site) bool { return other.Name == site.Name }) {
			c.add(at+".name", "%q is the name of two sites", site.Name)
		}
		switch {
		case !site.Peer.IsValid():
			c.add(at+".peer", "missing; give the public address of the site's gateway")
		case !site.Peer.IsGlobalUnicast() || site.Peer.IsPrivate():
			c.add(at+".peer", "%s is not a public address", site.Peer)
		case slices.ContainsFunc(v.Sites[:i], func(other Site) bool { return other.Peer == site.Peer }):
			c.add(at+".peer", "%s is the gateway of two sites; list all routes behind it in one", site.Peer)
		}
		if len(site.Routes) == 0 {
			c.add(at+".routes", "missing; list the private networks behind the gateway")
		}
		c.oneOf(at+".initiate", string(site.Initiate), string(InitiateSite), string(InitiateAWS))
	}
}
