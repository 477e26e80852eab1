package isolation

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// mirrored is an address in IPv6, with the 32 bits at the end.
func mirrored(a netip.Addr) netip.Addr {
	b := a.As4()
	return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 12: b[0], 13: b[1], 14: b[2], 15: b[3]})
}

func mirroredRange(p netip.Prefix) netip.Prefix {
	switch {
	case !p.IsValid():
		return p
	case p.Bits() == 0:
		return netip.MustParsePrefix("::/0")
	}
	return netip.PrefixFrom(mirrored(p.Addr()), p.Bits()+96)
}

// inIPv6 is an estate with IPv6 addresses only. NAT gateways and VPNs have none there.
func inIPv6(e Estate) Estate {
	e.NATs, e.VPNs = nil, nil
	ranges := func(all []netip.Prefix) (out []netip.Prefix) {
		for _, p := range all {
			out = append(out, mirroredRange(p))
		}
		return out
	}
	for i := range e.VPCs {
		e.VPCs[i].CIDRs = ranges(e.VPCs[i].CIDRs)
	}
	for i := range e.PrefixLists {
		e.PrefixLists[i].CIDRs = ranges(e.PrefixLists[i].CIDRs)
	}
	for i := range e.Subnets {
		e.Subnets[i].CIDR = mirroredRange(e.Subnets[i].CIDR)
	}
	for i := range e.ACLs {
		for _, list := range [][]Entry{e.ACLs[i].Ingress, e.ACLs[i].Egress} {
			for n := range list {
				list[n].CIDR = mirroredRange(list[n].CIDR)
			}
		}
	}
	for i := range e.Groups {
		for _, list := range [][]GroupRule{e.Groups[i].Ingress, e.Groups[i].Egress} {
			for n := range list {
				list[n].CIDR = mirroredRange(list[n].CIDR)
			}
		}
	}
	for i := range e.Interfaces {
		n := &e.Interfaces[i]
		n.Addresses, n.Public = []netip.Addr{mirrored(n.Addresses[0])}, nil
	}
	for i := range e.RouteTables {
		for n := range e.RouteTables[i].Routes {
			e.RouteTables[i].Routes[n].Destination = mirroredRange(e.RouteTables[i].Routes[n].Destination)
		}
	}
	for i := range e.Links {
		for _, routes := range e.Links[i].Tables {
			for n := range routes {
				routes[n].Destination = mirroredRange(routes[n].Destination)
			}
		}
	}
	return e
}

// Of every packet between two clients that a walk takes through, the proof tells that
// there is a way by IPv6; and of a good part of the estates, that there is none.
func TestNoWayByIPv6IsMissed(t *testing.T) {
	t.Parallel()
	found, closed := 0, 0
	for seed := range uint64(2000) {
		walked := inIPv6(randomEstate(seed))
		given := walked
		given.Subnets = slices.Clone(walked.Subnets)
		for i := range given.Subnets {
			given.Subnets[i].IPv6, given.Subnets[i].CIDR = []netip.Prefix{given.Subnets[i].CIDR}, netip.Prefix{}
		}
		p := Prove(given)
		for g := range (walker{&walked}).everything(packets, nil, sourcePorts()) {
			flows := p.Flows
			switch g.what {
			case "latent":
				flows = p.Latent
			case "flow":
			default:
				continue
			}
			found++
			if !slices.ContainsFunc(flows, func(f Flow) bool {
				in := func(all []netip.Prefix, a netip.Addr) bool {
					return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Contains(a) })
				}
				return f.From == g.from && f.To == g.to && in(f.Source, g.src) && in(f.Destination, g.dst)
			}) {
				t.Fatalf("seed %d: the proof misses %v\n%s", seed, g, strings.Join(p.Lines(), "\n"))
			}
		}
		if p.Isolated() && len(p.Latent) == 0 {
			closed++
		}
	}
	t.Logf("%d packets, %d estates without a way", found, closed)
	if found < 10_000 || closed < 500 {
		t.Error("too open or too closed to prove anything")
	}
}
