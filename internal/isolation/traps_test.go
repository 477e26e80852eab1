package isolation

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	acmeNet, globexNet = netip.MustParsePrefix("10.20.0.0/21"), netip.MustParsePrefix("10.20.24.0/21")
	pool, everyone     = netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("0.0.0.0/0")
)

func acl(number int32, allow bool, protocol Protocol, cidr netip.Prefix, from, to uint16) Entry {
	return Entry{number, allow, protocol, cidr, Ports{from, to}}
}

func allowAll(number int32, cidr netip.Prefix) Entry {
	return acl(number, true, AllProtocols, cidr, 0, 65535)
}

func tcpFrom(cidr netip.Prefix, from, to uint16) GroupRule {
	return GroupRule{Protocol: TCP, Ports: Ports{from, to}, CIDR: cidr}
}

// neighbours are two clients in one VPC, without the rules that keep them apart:
// ACLs let in what is their own and, as ACLs commonly do, replies from anywhere.
func neighbours() *Estate {
	e := &Estate{VPCs: []VPC{{ID: "vpc", CIDRs: []netip.Prefix{pool}}}}
	for owner, c := range map[string]netip.Prefix{"ACME": acmeNet, "GLOBEX": globexNet} {
		e.Subnets = append(e.Subnets, Subnet{ID: owner, VPC: "vpc", CIDR: c, Owner: owner, ACL: owner, RouteTable: owner})
		e.RouteTables = append(e.RouteTables, RouteTable{ID: owner, Routes: []Route{{Destination: everyone, Kind: NATGateway, Target: "nat"}}})
		e.ACLs = append(e.ACLs, ACL{
			ID: owner, Name: owner, Owner: owner,
			Ingress: []Entry{allowAll(100, c), acl(900, true, TCP, everyone, 32768, 65535)},
			Egress:  []Entry{allowAll(100, c), allowAll(900, everyone)},
		})
		e.Groups = append(e.Groups, Group{
			ID: "sg-" + owner, Owner: owner,
			Ingress: []GroupRule{{Protocol: AllProtocols, CIDR: pool}}, Egress: []GroupRule{{Protocol: AllProtocols, CIDR: everyone}},
		})
		e.Interfaces = append(e.Interfaces, Interface{ID: "eni-" + owner, Subnet: owner, Addresses: []netip.Addr{addressIn(c, 10)}, Groups: []string{"sg-" + owner}, ChecksSource: true})
	}
	e.Subnets = append(e.Subnets, Subnet{ID: "edge", VPC: "vpc", CIDR: netip.MustParsePrefix("10.20.240.0/22"), ACL: "edge", RouteTable: "edge"})
	e.ACLs = append(e.ACLs, ACL{ID: "edge", Ingress: []Entry{allowAll(1, everyone)}, Egress: []Entry{allowAll(1, everyone)}})
	e.RouteTables = append(e.RouteTables, RouteTable{ID: "edge", Routes: []Route{{Destination: everyone, Kind: InternetGateway, Target: "igw"}}})
	e.NATs = []NAT{{ID: "nat", Subnet: "edge", Address: netip.MustParseAddr("10.20.240.9")}}
	return e
}

func (e *Estate) acl(id string) *ACL {
	return &e.ACLs[slices.IndexFunc(e.ACLs, func(a ACL) bool { return a.ID == id })]
}

func (e *Estate) group(id string) *Group {
	return &e.Groups[slices.IndexFunc(e.Groups, func(g Group) bool { return g.ID == "sg-"+id })]
}

func (e *Estate) table(id string) *RouteTable {
	return &e.RouteTables[slices.IndexFunc(e.RouteTables, func(t RouteTable) bool { return t.ID == id })]
}

// apart takes GLOBEX into a VPC of its own, with a peering to it.
func (e *Estate) apart() {
	e.VPCs = []VPC{{ID: "vpc", CIDRs: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/20"), netip.MustParsePrefix("10.20.240.0/20")}}, {ID: "far", CIDRs: []netip.Prefix{globexNet}}}
	e.Subnets[slices.IndexFunc(e.Subnets, func(s Subnet) bool { return s.ID == "GLOBEX" })].VPC = "far"
	e.Links = []Link{{ID: "pcx", VPCs: []string{"vpc", "far"}}}
	e.table("GLOBEX").Routes = nil
	for _, id := range []string{"ACME", "GLOBEX"} {
		a := e.acl(id)
		a.Ingress, a.Egress = []Entry{allowAll(1, everyone)}, []Entry{allowAll(1, everyone)}
	}
}

const (
	replies = "tcp 32768-65535"
	notTCP  = "icmp, other protocols, udp"
	all     = "icmp, other protocols, tcp, udp"
)

func TestTraps(t *testing.T) {
	t.Parallel()
	siteOfAcme := netip.MustParsePrefix("192.168.7.0/24")
	for name, c := range map[string]struct {
		change      func(*Estate)
		want        string // what ACME does to GLOBEX
		wantLatent  string
		wantUnknown string
	}{
		"0.0.0.0/0 of the replies' rule contains the neighbours": {func(*Estate) {}, replies, replies, ""},
		"a deny of the pool before the replies' rule keeps them out": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = append(e.acl("GLOBEX").Ingress, acl(800, false, AllProtocols, pool, 0, 65535))
		}, "", "", ""},
		"a deny of the pool after it comes too late": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = append(e.acl("GLOBEX").Ingress, acl(901, false, AllProtocols, pool, 0, 65535))
		}, replies, replies, ""},
		"the order is that of numbers, not of the list": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = append([]Entry{acl(901, false, AllProtocols, pool, 0, 65535)}, e.acl("GLOBEX").Ingress...)
		}, replies, replies, ""},
		"a deny in the neighbour's own outbound rules is enough too": {func(e *Estate) {
			e.acl("ACME").Egress = append(e.acl("ACME").Egress, acl(800, false, AllProtocols, pool, 0, 65535))
		}, "", "", ""},
		"1024-65535 contains 3389, and a group that opens no more than that is enough": {func(e *Estate) {
			e.acl("GLOBEX").Ingress[1].Ports.From = 1024
			e.group("GLOBEX").Ingress = []GroupRule{tcpFrom(pool, 3389, 3389), tcpFrom(pool, 22, 22)}
		}, "tcp 3389", "tcp 1024-65535", ""},
		"groups of the destination close what its ACL leaves open": {func(e *Estate) {
			e.group("GLOBEX").Ingress = nil
		}, "", replies, ""},
		"groups of the source do as well": {func(e *Estate) {
			e.group("ACME").Egress = []GroupRule{tcpFrom(everyone, 443, 443)}
		}, "", replies, ""},
		"without a way back there is no TCP, but what needs no answer gets through": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = []Entry{allowAll(1, everyone)}
			e.acl("GLOBEX").Egress = []Entry{allowAll(1, globexNet)}
		}, notTCP, notTCP, ""},
		"one source port that replies may go to is enough": {func(e *Estate) {
			e.acl("GLOBEX").Egress = []Entry{acl(1, true, TCP, everyone, 7, 7)}
			e.acl("ACME").Ingress = []Entry{acl(1, true, TCP, everyone, 1, 9)}
		}, replies, replies, ""},
		"but both ACLs must let replies to the same port": {func(e *Estate) {
			e.acl("GLOBEX").Egress = []Entry{acl(1, true, TCP, everyone, 7, 7)}
			e.acl("ACME").Ingress = []Entry{acl(1, true, TCP, everyone, 8, 9)}
		}, "", "", ""},
		"no connection comes from port 0": {func(e *Estate) {
			e.acl("GLOBEX").Egress = []Entry{acl(1, true, TCP, everyone, 0, 0)}
		}, "", "", ""},
		"an ICMP type is not a port": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = []Entry{allowAll(1, everyone)}
			e.group("GLOBEX").Ingress = []GroupRule{{Protocol: ICMP, Ports: TypeCode(8, -1), CIDR: pool}}
		}, "icmp type 8", all, ""},
		"an ACL may let one code of a type pass": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = []Entry{{1, true, ICMP, everyone, TypeCode(3, 4)}}
		}, "icmp type 3 code 4", "icmp type 3 code 4", ""},
		"a protocol without ports": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = []Entry{{1, true, 47, everyone, Ports{}}}
		}, "protocol 47", "protocol 47", ""},
		"a group that names a neighbour's group lets its members in": {func(e *Estate) {
			e.group("GLOBEX").Ingress = []GroupRule{{Protocol: TCP, Ports: AllPorts, Group: "sg-ACME"}}
		}, replies, replies, ""},
		"a group that names itself lets nobody else in": {func(e *Estate) {
			e.group("GLOBEX").Ingress = []GroupRule{{Protocol: TCP, Ports: AllPorts, Group: "sg-GLOBEX"}}
		}, "", replies, ""},
		"no ACL stands between two interfaces of one subnet": {func(e *Estate) {
			for i := range e.Interfaces {
				e.Interfaces[i].Owner, e.Interfaces[i].Subnet = e.Interfaces[i].Subnet, "edge"
				e.Interfaces[i].Addresses[0] = addressIn(netip.MustParsePrefix("10.20.240.0/22"), 20+i)
			}
			e.acl("edge").Ingress, e.acl("GLOBEX").Ingress = nil, nil
		}, all, "", ""},
		"the VPC's default ACL lets everything pass": {func(e *Estate) {
			e.Subnets[slices.IndexFunc(e.Subnets, func(s Subnet) bool { return s.ID == "GLOBEX" })].ACL = "edge"
		}, all, all, ""},
		"an ACL that was not read counts as open, and is said": {func(e *Estate) {
			e.Subnets[slices.IndexFunc(e.Subnets, func(s Subnet) bool { return s.ID == "GLOBEX" })].ACL = "acl-1"
		}, all, all, `network ACL "acl-1" of subnet GLOBEX was not read: it counts as open`},
		"a prefix list that was not read counts as everybody, and is said": {func(e *Estate) {
			e.group("GLOBEX").Ingress = []GroupRule{{Protocol: TCP, Ports: AllPorts, PrefixList: "pl-1"}}
		}, replies, replies, "prefix list pl-1 in security group sg-GLOBEX was not read: it counts as every address"},
		"a prefix list that was read is what is in it": {func(e *Estate) {
			e.group("GLOBEX").Ingress = []GroupRule{{Protocol: TCP, Ports: AllPorts, PrefixList: "pl-1"}}
			e.PrefixLists = []PrefixList{{"pl-1", []netip.Prefix{globexNet}}}
		}, "", replies, ""},
		"a group that was not read counts as open, and is said": {func(e *Estate) {
			e.Groups = slices.DeleteFunc(e.Groups, func(g Group) bool { return g.Owner == "GLOBEX" })
		}, replies, replies, "security group sg-GLOBEX was not read: it counts as open"},
		"two VPCs without routes to each other": {func(e *Estate) { e.apart() }, "", "", ""},
		"a route to a peering carries packets, and TCP only with one back": {func(e *Estate) {
			e.apart()
			e.table("ACME").Routes = append(e.table("ACME").Routes, Route{Destination: globexNet, Kind: Peering, Target: "pcx"})
		}, notTCP, notTCP, ""},
		"routes both ways carry TCP": {func(e *Estate) {
			e.apart()
			e.table("ACME").Routes = append(e.table("ACME").Routes, Route{Destination: globexNet, Kind: Peering, Target: "pcx"})
			e.table("GLOBEX").Routes = []Route{{Destination: acmeNet, Kind: Peering, Target: "pcx"}}
		}, all, all, ""},
		"the edge's peering carries what NAT sends there, and answers to NAT": {func(e *Estate) {
			e.apart()
			edge := netip.MustParsePrefix("10.20.240.0/22")
			e.table("edge").Routes = append(e.table("edge").Routes, Route{Destination: globexNet, Kind: Peering, Target: "pcx"})
			e.table("GLOBEX").Routes = []Route{{Destination: edge, Kind: Peering, Target: "pcx"}}
			e.group("GLOBEX").Ingress = []GroupRule{tcpFrom(edge, 5432, 5432)}
		}, "tcp 5432", all, ""},
		"a peering that was not read may lead to any VPC, and is said": {func(e *Estate) {
			e.apart()
			e.table("ACME").Routes = append(e.table("ACME").Routes, Route{Destination: globexNet, Kind: Peering, Target: "pcx-9"})
		}, notTCP, notTCP, "peering pcx-9 was not read: it counts as leading to every VPC"},
		"an appliance that forwards": {func(e *Estate) {
			e.acl("ACME").Egress[1] = acl(900, false, AllProtocols, everyone, 0, 0)
			e.acl("ACME").Egress = append(e.acl("ACME").Egress, acl(800, true, TCP, globexNet, 33000, 33000))
			e.Interfaces = append(e.Interfaces, Interface{ID: "eni-x", Subnet: "edge", Addresses: []netip.Addr{netip.MustParseAddr("10.20.241.1")}})
			e.table("ACME").Routes = append(e.table("ACME").Routes, Route{Destination: globexNet, Kind: Appliance, Target: "eni-x"})
		}, "tcp 33000", "tcp 33000", ""},
		"one that checks its packets does not": {func(e *Estate) {
			e.Interfaces = append(e.Interfaces, Interface{ID: "eni-x", Subnet: "edge", ChecksSource: true})
			e.table("ACME").Routes = append(e.table("ACME").Routes, Route{Destination: globexNet, Kind: Appliance, Target: "eni-x"})
		}, "", "", ""},
		"a site comes in by the replies' rule where a route leads back to it": {func(e *Estate) {
			e.acl("ACME").Egress = nil
			e.group("GLOBEX").Ingress = []GroupRule{tcpFrom(siteOfAcme, 0, 65535)}
			e.VPNs = []VPN{{ID: "vpn-1", Owner: "ACME", Gateway: "vgw", VPC: "vpc", CIDRs: []netip.Prefix{siteOfAcme}, Static: true}}
			e.table("GLOBEX").Routes = append(e.table("GLOBEX").Routes, Route{Destination: siteOfAcme, Kind: VPNGateway, Target: "vgw"})
		}, replies, replies, ""},
		"and not where none does": {func(e *Estate) {
			e.acl("ACME").Egress = nil
			e.group("GLOBEX").Ingress = []GroupRule{tcpFrom(siteOfAcme, 0, 65535)}
			e.VPNs = []VPN{{ID: "vpn-1", Owner: "ACME", Gateway: "vgw", VPC: "vpc", CIDRs: []netip.Prefix{siteOfAcme}, Static: true}}
		}, "", "", ""},
		"sites that speak BGP on one gateway reach each other": {func(e *Estate) {
			e.acl("ACME").Egress = nil
			e.VPNs = []VPN{
				{ID: "vpn-1", Owner: "ACME", Gateway: "vgw", VPC: "vpc", CIDRs: []netip.Prefix{siteOfAcme}},
				{ID: "vpn-2", Owner: "GLOBEX", Gateway: "vgw", VPC: "vpc", CIDRs: []netip.Prefix{netip.MustParsePrefix("192.168.8.0/24")}},
			}
		}, all, "", ""},
		"a group lets in the address with which all clients go out": {func(e *Estate) {
			e.public("198.51.100.0/24", 2222)
		}, "tcp 2222", "", ""},
		"a group lets in the NAT gateway and nobody else": {func(e *Estate) {
			e.public("198.51.100.7/32", 2222)
		}, "tcp 2222", "", ""},
		"what is public is open to neighbours as to anybody": {func(e *Estate) {
			e.public("0.0.0.0/0", 443)
		}, "", "", ""},
		"a range beside the NAT gateway's address": {func(e *Estate) {
			e.public("198.51.100.8/29", 2222)
		}, "", "", ""},
		"only the sender's group lets nothing out to there": {func(e *Estate) {
			e.public("198.51.100.0/24", 2222)
			e.group("ACME").Egress = []GroupRule{tcpFrom(pool, 0, 65535)}
		}, "", "tcp 2222", ""},
		"the sender's ACL lets nothing out to there": {func(e *Estate) {
			e.public("198.51.100.0/24", 2222)
			e.acl("ACME").Egress = []Entry{allowAll(900, pool)}
		}, "", "", ""},
		"another port of the load balancer": {func(e *Estate) {
			e.public("198.51.100.0/24", 2222)
			e.Interfaces[len(e.Interfaces)-1].Listens = []Listener{{TCP, 2223}}
		}, "", "", ""},
		"the edge's ACL lets in all but the NAT gateway": {func(e *Estate) {
			e.public("0.0.0.0/0", 443)
			e.acl("edge").Ingress = []Entry{acl(1, false, AllProtocols, netip.MustParsePrefix("198.51.100.7/32"), 0, 65535), allowAll(2, everyone)}
		}, "", "", ""},
		"the edge's ACL lets in the NAT gateway and nobody else": {func(e *Estate) {
			e.public("0.0.0.0/0", 443)
			e.acl("edge").Ingress = []Entry{allowAll(1, netip.MustParsePrefix("198.51.100.7/32")), allowAll(2, pool), acl(3, true, TCP, everyone, 1024, 65535)}
		}, "tcp 443", "", ""},
		"IPv6 that no rule lets in": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = nil
			e.dual("::/0", "")
		}, "", "", sixUnknown},
		"IPv6 that an ACL lets in, and the groups do not": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = nil
			e.dual("::/0", "::/0")
		}, "", "IPv6", sixUnknown},
		"IPv6 that groups let in as well": {func(e *Estate) {
			e.acl("GLOBEX").Ingress = nil
			e.dual("::/0", "::/0")
			e.group("ACME").Egress = append(e.group("ACME").Egress, GroupRule{Protocol: AllProtocols, Ports: AllPorts, CIDR: netip.MustParsePrefix("::/0")})
			e.group("GLOBEX").Ingress = append(e.group("GLOBEX").Ingress, GroupRule{Protocol: TCP, Ports: Ports{443, 443}, CIDR: netip.MustParsePrefix("2001:db8:1::/64")})
		}, "IPv6", "IPv6", sixUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := neighbours()
			c.change(e)
			p := Prove(*e)
			if diff := cmp.Diff(c.want, on(p.Flows)); diff != "" {
				t.Errorf("flows: %s\n%s", diff, strings.Join(p.Lines(), "\n"))
			}
			if diff := cmp.Diff(c.wantLatent, on(p.Latent)); diff != "" {
				t.Errorf("latent: %s\n%s", diff, strings.Join(p.Lines(), "\n"))
			}
			if diff := cmp.Diff(c.wantUnknown, strings.Join(p.Unknowns, "\n")); diff != "" {
				t.Errorf("unknown: %s", diff)
			}
		})
	}
}

// sixUnknown is what is not known of neighbours with IPv6.
const sixUnknown = "between clients, IPv6 is judged by ranges alone, whatever the protocol and the port\n" +
	"subnet ACME has IPv6 addresses of ACME: what the internet, sites and strangers reach by IPv6 is not told\n" +
	"subnet GLOBEX has IPv6 addresses of GLOBEX: what the internet, sites and strangers reach by IPv6 is not told"

// public gives GLOBEX a load balancer in the edge that lets a range in to a port, and
// closes everything within the VPC.
func (e *Estate) public(from string, port uint16) {
	for _, id := range []string{"ACME", "GLOBEX"} {
		e.acl(id).Ingress = append([]Entry{acl(50, false, AllProtocols, otherThan(id), 0, 65535)}, e.acl(id).Ingress...)
		e.acl(id).Egress = append([]Entry{acl(50, false, AllProtocols, otherThan(id), 0, 65535), acl(51, false, AllProtocols, netip.MustParsePrefix("10.20.240.0/22"), 0, 65535)}, e.acl(id).Egress...)
	}
	e.NATs[0].Public = netip.MustParseAddr("198.51.100.7")
	e.Groups = append(e.Groups, Group{ID: "sg-balancer", Owner: "GLOBEX", Ingress: []GroupRule{tcpFrom(netip.MustParsePrefix(from), port, port)}})
	e.Interfaces = append(e.Interfaces, Interface{
		ID: "eni-balancer", Subnet: "edge", Addresses: []netip.Addr{netip.MustParseAddr("10.20.240.20")}, Public: []netip.Addr{netip.MustParseAddr("198.51.100.20")},
		Groups: []string{"sg-balancer"}, Owner: "GLOBEX", What: "load balancer", ChecksSource: true,
	})
}

func otherThan(id string) netip.Prefix {
	if id == "ACME" {
		return globexNet
	}
	return acmeNet
}

// dual gives both clients IPv6, and their ACLs a rule for it.
func (e *Estate) dual(out, in string) {
	for i, s := range e.Subnets[:2] {
		prefix := map[string]string{"ACME": "2001:db8:1::/64", "GLOBEX": "2001:db8:2::/64"}[s.ID]
		e.Subnets[i].IPv6 = []netip.Prefix{netip.MustParsePrefix(prefix)}
		n := slices.IndexFunc(e.Interfaces, func(n Interface) bool { return n.Subnet == s.ID })
		e.Interfaces[n].Addresses = append(e.Interfaces[n].Addresses, netip.MustParsePrefix(prefix).Addr().Next())
		if out != "" {
			e.acl(s.ID).Egress = append(e.acl(s.ID).Egress, allowAll(950, netip.MustParsePrefix(out)))
		}
		if in != "" {
			e.acl(s.ID).Ingress = append(e.acl(s.ID).Ingress, allowAll(950, netip.MustParsePrefix(in)))
		}
	}
}

// on is what ACME may send to GLOBEX.
func on(flows []Flow) string {
	var out []string
	for _, f := range flows {
		if f.From == "ACME" && f.To == "GLOBEX" {
			out = append(out, f.Traffic())
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}
