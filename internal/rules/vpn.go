package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// vpnPool holds the addresses of people who are connected by OpenVPN: a /22 for each slot,
// twice as many as the 512 that a small company has (Client VPN administrator guide,
// "Rules and best practices": /22 to /12, twice the connections that are expected).
// Client VPN translates them to addresses of the client's subnets, so nothing in the VPC sees them.
var vpnPool = netip.MustParsePrefix("10.21.0.0/16")

const vpnRange = 22

// VPNRange is the range of the people of a client, slot counted over all pools from 0. It
// is false where the pool has no range for the slot.
func VPNRange(s *spec.Spec, slot int) (netip.Prefix, bool) {
	if given := s.VPN.OpenVPN.CIDR; given.IsValid() {
		return given, true
	}
	if slot < 0 || slot >= 1<<(vpnRange-vpnPool.Bits()) {
		return netip.Prefix{}, false
	}
	a := vpnPool.Addr().As4()
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{a[0], a[1], byte(4 * slot), 0}), vpnRange), true
}

// VPNServerName is the name in the certificate of a client's OpenVPN server. Nobody resolves
// it; Client VPN refuses a certificate without a domain (InvalidParameterValue).
func VPNServerName(client string) string { return Lower(client) + ".vpn.cicdctl.internal" }

// SessionHours is the longest session of the spec, "12h", as AWS takes it.
func SessionHours(session string) int32 {
	d, err := time.ParseDuration(session)
	if err != nil {
		return 0 // a spec that was read has one of those that AWS offers
	}
	return int32(d.Hours())
}

// VPNIndexKey is the object in the admin bucket that says which certificates the client's
// people have. There is nothing secret in it; it is kept beside the private keys because
// whoever can change it can let people in again.
func VPNIndexKey(client, region string) string { return "vpn/" + region + "/" + client + ".json" }

// VPNKeyAlias is the alias of the key of a client's certificate authority.
func VPNKeyAlias(client string) string { return KeyAlias(client) + "/vpn" }

// VPNKeyPolicy lets the admins alone sign with the key of a certificate authority: who
// signs lets people into the client's network. Auditors may see which key it is.
func VPNKeyPolicy(p Place, who Trusted) string {
	return adminsOnly(p, who, "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetPublicKey", "kms:ListResourceTags")
}

// SitePorts are the TCP ports that a site may reach: those of the spec, or all that the
// client's services and its database listen on. Ranges that touch are one.
func SitePorts(s *spec.Spec, site spec.Site) []spec.PortRange {
	if len(site.Ports) == 0 {
		return listening(s)
	}
	return merged(site.Ports)
}

// listening are the ports of the client's services and its database.
func listening(s *spec.Spec) []spec.PortRange {
	ports := []uint16{s.Database.Port()}
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			ports = append(ports, ContainerPort(svc.Runtime))
		}
	}
	return ranges(ports)
}

// merged sorts ranges and joins those that touch or overlap.
func merged(all []spec.PortRange) []spec.PortRange {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b spec.PortRange) int { return int(a.From) - int(b.From) })
	var out []spec.PortRange
	for _, r := range all {
		if last := len(out) - 1; last >= 0 && int(r.From) <= int(out[last].To)+1 {
			out[last].To = max(out[last].To, r.To)
			continue
		}
		out = append(out, r)
	}
	return out
}

// letInVPN adds to the groups what sites and people may reach, each port in the group of
// what listens on it, and in that of the hosts where nothing is known to. What people
// connect from has a group of its own, which is returned.
func letInVPN(s *spec.Spec, groups []SecurityGroup) []SecurityGroup {
	ports := map[string][]uint16{GroupDatabase: {s.Database.Port()}} // by group
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			role := GroupTag(app.Name, svc.Name)
			ports[role] = append(ports[role], ContainerPort(svc.Runtime))
		}
	}
	for i := range groups {
		g := &groups[i]
		for _, site := range s.VPN.Sites() {
			for _, p := range reachable(ports, g.Role, SitePorts(s, site)) {
				for _, route := range site.Routes {
					g.Ingress = append(g.Ingress, SGRule{Protocol: "tcp", From: p.From, To: p.To, CIDR: route, Why: "the site " + site.Name})
				}
			}
		}
	}
	if s.VPN.OpenVPN == nil {
		return nil
	}
	people := SecurityGroup{Role: GroupVPN}
	for i := range groups {
		g := &groups[i]
		for _, p := range ports[g.Role] {
			g.Ingress = append(g.Ingress, group(GroupVPN, p, "people connected by OpenVPN"))
			people.Egress = append(people.Egress, group(g.Role, p, "to "+g.Role))
		}
	}
	return []SecurityGroup{people}
}

// reachable are those of the named ports that a group lets in.
func reachable(ports map[string][]uint16, role string, named []spec.PortRange) []spec.PortRange {
	holds := func(p uint16) bool {
		return slices.ContainsFunc(named, func(r spec.PortRange) bool { return r.From <= p && p <= r.To })
	}
	if role != GroupHosts {
		var out []spec.PortRange
		for _, p := range ports[role] {
			if holds(p) {
				out = append(out, spec.PortRange{From: p, To: p})
			}
		}
		return out
	}
	var known []uint16
	for _, of := range ports {
		known = append(known, of...)
	}
	return without(named, known)
}

// without takes single ports out of sorted ranges.
func without(ranges []spec.PortRange, ports []uint16) []spec.PortRange {
	slices.Sort(ports)
	var out []spec.PortRange
	for _, r := range ranges {
		from := int(r.From)
		for _, p := range slices.Compact(slices.Clone(ports)) {
			if int(p) < from || p > r.To {
				continue
			}
			if int(p) > from {
				out = append(out, spec.PortRange{From: uint16(from), To: p - 1})
			}
			from = int(p) + 1
		}
		if from <= int(r.To) {
			out = append(out, spec.PortRange{From: uint16(from), To: r.To})
		}
	}
	return out
}

// sites refuses ranges of sites that a VPN gateway could not tell apart: a route of the
// VPC names the gateway and not the connection, and the longest prefix over all connections
// decides (Site-to-Site VPN user guide, "Route tables and VPN route priority").
func (c *checker) sites() {
	ipsec, all := c.spec.VPN.IPsec, c.spec.VPN.Sites()
	for i, site := range all {
		for j, r := range site.Routes {
			path := fmt.Sprintf("%s.routes[%d]", ipsec.Path(i), j)
			if !private(r) {
				c.add(path, "%s is %s; a client's site is within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16", r, natureOf(r))
			}
			if pool, overlaps := c.pool(r); overlaps {
				c.add(path, "%s overlaps %s, the network of all clients; the client must use another range at its site", r, pool)
			}
			for _, other := range site.Routes[:j] {
				if r.Overlaps(other) {
					c.add(path, "%s overlaps %s, which is listed too; keep the wider one", r, other)
				}
			}
			for _, other := range all[:i] {
				if k := slices.IndexFunc(other.Routes, r.Overlaps); k >= 0 {
					c.add(path, "%s overlaps %s of the site %q, and AWS could not tell the two apart; one of the sites must use another range", r, other.Routes[k], other.Name)
				}
			}
		}
	}
	c.people(all)
}

// Ranges that are neither private nor public (RFC 3927, RFC 6598).
var (
	linkLocal = netip.MustParsePrefix("169.254.0.0/16")
	carriers  = netip.MustParsePrefix("100.64.0.0/10")
)

// natureOf says what a range is that is not private.
func natureOf(r netip.Prefix) string {
	within := func(of netip.Prefix) bool { return of.Bits() <= r.Bits() && of.Contains(r.Addr()) }
	switch {
	case within(linkLocal):
		return lang.Say("link-local, and the inside addresses of tunnels are there")
	case within(carriers):
		return lang.Say("of carriers' shared address space (100.64.0.0/10)")
	default:
		return lang.Say("public")
	}
}

// people refuses a range for OpenVPN that is somebody else's.
func (c *checker) people(sites []spec.Site) {
	if c.spec.VPN.OpenVPN == nil {
		return
	}
	const path = "$.vpn.openvpn.cidr"
	given := c.spec.VPN.OpenVPN.CIDR
	what := given.String()
	if !given.IsValid() {
		given, what = vpnPool, lang.Sprintf("missing: %s, of which people have a range by default,", vpnPool)
	}
	if !private(given) {
		c.add(path, "%s is %s; give a range within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16", what, natureOf(given))
	}
	if pool, overlaps := c.pool(given); overlaps {
		c.add(path, "%s overlaps %s, the network of all clients; give another range", what, pool)
	}
	for _, site := range sites {
		if k := slices.IndexFunc(site.Routes, given.Overlaps); k >= 0 {
			c.add(path, "%s overlaps %s of the site %q; give another range", what, site.Routes[k], site.Name)
		}
	}
}

// The inside addresses of tunnels: a /24 of 169.254.0.0/16 for each slot, of which each
// connection takes two /30 side by side. AWS wants them different for all tunnels of a VPN
// gateway, and keeps some for itself, all of them outside of these (EC2 API reference,
// VpnTunnelOptionsSpecification, TunnelInsideCidr).
const (
	firstInside = 8   // 169.254.8.0/24
	lastInside  = 168 // 169.254.169.0/24 holds a reserved one
	insideBits  = 30
)

// InsideRanges are the pairs of inside ranges that connections of a client may take, slot
// counted over all pools from 0. There are none for slots that the range has no room for.
func InsideRanges(slot int) [][2]netip.Prefix {
	third := firstInside + slot
	if slot < 0 || third > lastInside {
		return nil
	}
	var out [][2]netip.Prefix
	for last := 0; last < 256; last += 8 {
		at := func(offset int) netip.Prefix {
			return netip.PrefixFrom(netip.AddrFrom4([4]byte{169, 254, byte(third), byte(last + offset)}), insideBits)
		}
		out = append(out, [2]netip.Prefix{at(0), at(4)})
	}
	return out
}
