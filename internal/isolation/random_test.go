package isolation

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
)

// The ports of random estates are scaled: each of a few ranges is always wholly in
// a rule or outside, so that one port stands for all of a range.
const (
	portRanges = 4
	portWidth  = 65536 / portRanges
)

// portOf is one that a NAT gateway may choose too.
func portOf(n int) uint16 { return uint16(n*portWidth + 2000) }

var (
	siteA, siteB = netip.MustParsePrefix("192.168.0.0/31"), netip.MustParsePrefix("192.168.0.2/31")
	vpcCIDRs     = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/28"), netip.MustParsePrefix("10.0.1.0/28")}
	publics      = netip.MustParsePrefix("3.3.3.0/24")
	natPublic    = netip.MustParsePrefix("3.3.3.1/32")
	outside      = []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("203.0.113.9")}
	random       = []Protocol{TCP, UDP, ICMP, 47, 200}
)

// maker makes random estates: small, and with everything in them now and then.
type maker struct {
	*rand.Rand
	e Estate
}

func pick[T any](m *maker, from ...T) T { return from[m.IntN(len(from))] }

func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

func (m *maker) cidr() netip.Prefix {
	all := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("10.0.0.0/23"), siteA, siteB, netip.MustParsePrefix("8.0.0.0/8"), natPublic, publics}
	all = append(all, vpcCIDRs...)
	for _, s := range m.e.Subnets {
		half := netip.PrefixFrom(s.CIDR.Addr(), s.CIDR.Bits()+1)
		all = append(all, s.CIDR, s.CIDR, half)
	}
	return pick(m, all...)
}

func (m *maker) traffic() (Protocol, Ports) {
	p := pick(m, AllProtocols, TCP, TCP, TCP, UDP, ICMP, 47)
	if p == ICMP {
		return p, pick(m, TypeCode(-1, -1), TypeCode(8, -1), TypeCode(8, 0), TypeCode(0, 0), TypeCode(3, 1))
	}
	from := m.IntN(portRanges)
	to := from + m.IntN(portRanges-from)
	return p, Ports{uint16(from * portWidth), uint16((to+1)*portWidth - 1)}
}

func (m *maker) entries() []Entry {
	var out []Entry
	for _, n := range m.Perm(6)[:m.IntN(4)] {
		p, ports := m.traffic()
		out = append(out, Entry{Number: int32(n + 1), Allow: m.chance(75), Protocol: p, CIDR: m.cidr(), Ports: ports})
	}
	if m.chance(60) {
		out = append(out, Entry{Number: 100, Allow: true, Protocol: AllProtocols, CIDR: pick(m, m.cidr(), netip.MustParsePrefix("0.0.0.0/0"))})
	}
	return out
}

func (m *maker) groupRules() []GroupRule {
	var out []GroupRule
	for range m.IntN(4) {
		p, ports := m.traffic()
		r := GroupRule{Protocol: p, Ports: ports}
		switch m.IntN(8) {
		case 0, 1, 2:
			r.Group = fmt.Sprintf("sg-%d", m.IntN(3))
		case 3:
			r.PrefixList = pick(m, "pl-read", "pl-read", "pl-unread")
		default:
			r.CIDR = m.cidr()
		}
		out = append(out, r)
	}
	return out
}

// route leads to what is in its VPC, as AWS has it.
func (m *maker) route(vpc string) Route {
	r := Route{Destination: m.cidr(), Blackhole: m.chance(5)}
	w := walker{&m.e}
	switch n := m.IntN(12); n {
	case 0, 1, 2:
		r.Kind, r.Target = NATGateway, "nat-0"
		at := m.e.NATs[0].Subnet
		if n == 2 {
			eni := pick(m, m.e.Interfaces...)
			r.Kind, r.Target, at = Appliance, eni.ID, eni.Subnet
		}
		if w.subnetOf(at).subnet.VPC != vpc {
			r.Kind, r.Target = Endpoint, "vpce-0"
		}
	case 3, 4, 5:
		r.Kind, r.Target = Peering, "link-0"
	case 6, 7:
		r.Kind, r.Target = VPNGateway, strings.Replace(vpc, "vpc", "vgw", 1)
	case 8, 9, 10:
		r.Kind, r.Target = InternetGateway, "igw-0"
	default:
		r.Kind = Elsewhere
	}
	if r.Kind == Peering && m.e.Links[0].Transit {
		r.Kind = TransitGateway
	}
	if m.chance(2) {
		r.Destination, r.PrefixList = netip.Prefix{}, "pl-routes"
	}
	return r
}

func (m *maker) owner() string { return pick(m, "A", "A", "A", "B", "B", "B", Shared, Foreign) }

func randomEstate(seed uint64) Estate {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 1))}
	e := &m.e
	for i, c := range vpcCIDRs {
		e.VPCs = append(e.VPCs, VPC{ID: fmt.Sprintf("vpc-%d", i), CIDRs: []netip.Prefix{c}})
	}
	e.PrefixLists = []PrefixList{{ID: "pl-read", CIDRs: []netip.Prefix{m.cidr(), m.cidr()}}}
	places := m.Perm(8)[:2+m.IntN(2)]
	if m.chance(50) { // all in one VPC
		places = m.Perm(4)[:2+m.IntN(2)]
	}
	for i, n := range places {
		base := vpcCIDRs[n/4].Addr().As4()
		base[3] = byte(n % 4 * 4)
		e.Subnets = append(e.Subnets, Subnet{
			ID: fmt.Sprintf("subnet-%d", i), VPC: fmt.Sprintf("vpc-%d", n/4), CIDR: netip.PrefixFrom(netip.AddrFrom4(base), 30), Owner: m.owner(),
			ACL: fmt.Sprintf("acl-%d", m.IntN(3)), RouteTable: fmt.Sprintf("rtb-%d", n/4*2+m.IntN(2)),
		})
		if m.chance(2) {
			e.Subnets[i].ACL = "acl-unread"
		}
		if m.chance(2) {
			e.Subnets[i].RouteTable = "rtb-unread"
		}
	}
	for i := range 3 {
		e.ACLs = append(e.ACLs, ACL{ID: fmt.Sprintf("acl-%d", i), Ingress: m.entries(), Egress: m.entries()})
		e.Groups = append(e.Groups, Group{ID: fmt.Sprintf("sg-%d", i), Ingress: m.groupRules(), Egress: m.groupRules()})
	}
	if m.chance(50) {
		e.Groups[0].Egress = append(e.Groups[0].Egress, GroupRule{Protocol: AllProtocols, CIDR: netip.MustParsePrefix("0.0.0.0/0")})
	}
	for i, at := range m.Perm(len(e.Subnets) * 4)[:3+m.IntN(2)] { // an address has one interface
		s := e.Subnets[at/4]
		n := Interface{ID: fmt.Sprintf("eni-%d", i), Subnet: s.ID, Addresses: []netip.Addr{addressIn(s.CIDR, at%4)}, ChecksSource: m.chance(40)}
		for _, g := range m.Perm(3)[:m.IntN(3)] {
			n.Groups = append(n.Groups, fmt.Sprintf("sg-%d", g))
		}
		if m.chance(2) {
			n.Groups = append(n.Groups, "sg-unread")
		}
		if m.chance(30) {
			n.Owner = m.owner()
		}
		if m.chance(40) {
			n.Public = []netip.Addr{addressIn(publics, 3+i)}
		}
		if m.chance(20) {
			n.Listens = []Listener{{TCP, portOf(0)}, {UDP, portOf(2)}}
		}
		e.Interfaces = append(e.Interfaces, n)
	}
	m.nat()
	m.links()
	for i := range 4 {
		t := RouteTable{ID: fmt.Sprintf("rtb-%d", i)}
		for range m.IntN(4) {
			t.Routes = append(t.Routes, m.route(fmt.Sprintf("vpc-%d", i/2)))
		}
		e.RouteTables = append(e.RouteTables, t)
	}
	if m.chance(30) {
		m.online()
	}
	return *e
}

// online lets most subnets of two clients out to the internet, and back in.
func (m *maker) online() {
	e := &m.e
	at := walker{e}.subnetOf(e.NATs[0].Subnet).subnet
	for i := range e.Subnets {
		e.Subnets[i].Owner = pick(m, "A", "B", Shared)
	}
	for i := range e.RouteTables {
		r := Route{Destination: everyone, Kind: InternetGateway, Target: "igw-0"}
		if vpc := fmt.Sprintf("vpc-%d", i/2); vpc == at.VPC && e.RouteTables[i].ID != at.RouteTable && m.chance(60) {
			r.Kind, r.Target = NATGateway, "nat-0"
		}
		e.RouteTables[i].Routes = append([]Route{r}, e.RouteTables[i].Routes...)
	}
	for i := range e.ACLs {
		if m.chance(60) {
			e.ACLs[i].Ingress = append(e.ACLs[i].Ingress, Entry{Number: 99, Allow: true, Protocol: TCP, CIDR: pick(m, everyone, publics, natPublic), Ports: AllPorts})
			e.ACLs[i].Egress = append(e.ACLs[i].Egress, Entry{Number: 99, Allow: true, Protocol: TCP, CIDR: everyone, Ports: AllPorts})
		}
	}
	for i := range e.Interfaces {
		e.Interfaces[i].Public = []netip.Addr{addressIn(publics, 3+i)}
	}
	for i := range e.Groups {
		if m.chance(60) {
			e.Groups[i].Ingress = append(e.Groups[i].Ingress, GroupRule{Protocol: TCP, Ports: Ports{0, portWidth - 1}, CIDR: pick(m, everyone, publics, natPublic)})
		}
	}
}

// nat takes the address of the last interface, which then is the gateway's.
func (m *maker) nat() {
	n := &m.e.Interfaces[len(m.e.Interfaces)-1]
	m.e.NATs = []NAT{{ID: "nat-0", Subnet: n.Subnet, Address: n.Addresses[0]}}
	if m.chance(80) { // or a private one
		m.e.NATs[0].Public = natPublic.Addr()
	}
	if m.chance(50) { // or its interface is not listed
		m.e.Interfaces = m.e.Interfaces[:len(m.e.Interfaces)-1]
	}
}

func (m *maker) links() {
	e := &m.e
	link := Link{ID: "link-0", VPCs: []string{"vpc-0", "vpc-1"}, Transit: m.chance(40)}
	if link.Transit {
		link.Tables = map[string][]TransitRoute{}
		for _, from := range []string{"vpc-0", "vpc-1", "vpn-0"} {
			if m.chance(80) {
				var routes []TransitRoute
				for range m.IntN(4) {
					routes = append(routes, TransitRoute{Destination: m.cidr(), Target: pick(m, "vpc-0", "vpc-1", "vpn-0"), Blackhole: m.chance(10)})
				}
				link.Tables[from] = routes
			}
		}
	}
	e.Links = []Link{link}
	for i, c := range []netip.Prefix{siteA, siteB} {
		if m.chance(40) {
			v := VPN{ID: fmt.Sprintf("vpn-%d", i), Owner: pick(m, "A", "B"), Gateway: "vgw-0", VPC: "vpc-0", CIDRs: []netip.Prefix{c}, Static: m.chance(60)}
			if link.Transit && m.chance(50) {
				v.Gateway, v.VPC = link.ID, ""
			}
			e.VPNs = append(e.VPNs, v)
		}
	}
}

func addressIn(p netip.Prefix, n int) netip.Addr {
	a := p.Addr()
	for range n {
		a = a.Next()
	}
	return a
}

// packets are one for each class that random rules tell apart.
func packets(src, dst netip.Addr) []packet {
	var out []packet
	for _, p := range random {
		switch p {
		case TCP, UDP:
			for n := range portRanges {
				out = append(out, packet{src, dst, p, portOf(n)})
			}
		case ICMP:
			for _, port := range []uint16{0, 0x301, 0x800, 0x801, 0xffff} {
				out = append(out, packet{src, dst, p, port})
			}
		default:
			out = append(out, packet{src, dst, p, 0})
		}
	}
	return out
}
