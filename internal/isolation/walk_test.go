package isolation

import (
	"net/netip"
	"slices"
)

// walker decides about one packet at a time, as AWS does, from the estate as it is
// given: the long way round, to compare the proof with. It shares no code with it.
type walker struct{ e *Estate }

// spot is where a packet is: in a subnet, at a site, or on the internet.
type spot struct {
	subnet *Subnet
	vpn    *VPN
}

func (s spot) internet() bool { return s.subnet == nil && s.vpn == nil }

type packet struct {
	src, dst netip.Addr
	protocol Protocol
	port     uint16
}

// swap is what a NAT gateway did to a packet.
type swap struct {
	at    spot
	after netip.Addr
}

// trip is one way of a packet to its goal.
type trip struct {
	crossings []crossing
	swaps     []swap
}

// been is where a packet was, and with which source.
type been struct {
	at  spot
	src netip.Addr
}

// crossing is a packet's way over a subnet's border, with its addresses then.
type crossing struct {
	subnet   *Subnet
	out      bool
	src, dst netip.Addr
}

func (w walker) aclAllows(c crossing, protocol Protocol, port uint16) bool {
	for _, a := range w.e.ACLs {
		if a.ID != c.subnet.ACL {
			continue
		}
		entries, peer := a.Ingress, c.src
		if c.out {
			entries, peer = a.Egress, c.dst
		}
		lowest := int32(1 << 20)
		allow := false
		for _, e := range entries {
			if e.Number < lowest && e.CIDR.Contains(peer) && covers(e.Protocol, e.Ports, protocol, port) {
				lowest, allow = e.Number, e.Allow
			}
		}
		return allow
	}
	return true // not read
}

func covers(rule Protocol, ports Ports, protocol Protocol, port uint16) bool {
	if rule == AllProtocols {
		return true
	}
	if rule != protocol {
		return false
	}
	if protocol == TCP || protocol == UDP || protocol == ICMP {
		return ports.From <= port && port <= ports.To
	}
	return true
}

// groupsAllow asks the groups of one interface about a peer.
func (w walker) groupsAllow(n *Interface, egress bool, peer netip.Addr, peerGroups []string, protocol Protocol, port uint16) bool {
	if len(n.Groups) == 0 {
		return true
	}
	for _, id := range n.Groups {
		i := slices.IndexFunc(w.e.Groups, func(g Group) bool { return g.ID == id })
		if i < 0 {
			return true // not read
		}
		list := w.e.Groups[i].Ingress
		if egress {
			list = w.e.Groups[i].Egress
		}
		for _, r := range list {
			if !covers(r.Protocol, r.Ports, protocol, port) {
				continue
			}
			switch {
			case r.Group != "":
				if slices.Contains(peerGroups, r.Group) {
					return true
				}
			case r.PrefixList != "":
				j := slices.IndexFunc(w.e.PrefixLists, func(l PrefixList) bool { return l.ID == r.PrefixList })
				if j < 0 || slices.ContainsFunc(w.e.PrefixLists[j].CIDRs, func(p netip.Prefix) bool { return p.Contains(peer) }) {
					return true
				}
			case r.CIDR.IsValid() && r.CIDR.Contains(peer):
				return true
			}
		}
	}
	return false
}

func (w walker) cidrs(vpc string) []netip.Prefix {
	for _, v := range w.e.VPCs {
		if v.ID == vpc {
			return v.CIDRs
		}
	}
	return nil
}

// routes are those that may take a packet to an address from a subnet; nil for the
// local one.
func (w walker) routes(s *Subnet, to netip.Addr) (local bool, out []Route) {
	longest := -1
	for _, c := range w.cidrs(s.VPC) {
		if c.Contains(to) && c.Bits() > longest {
			longest, local = c.Bits(), true
		}
	}
	var best, unsure []Route
	i := slices.IndexFunc(w.e.RouteTables, func(t RouteTable) bool { return t.ID == s.RouteTable })
	if i < 0 {
		unsure = []Route{{Kind: Elsewhere}}
	} else {
		for _, r := range w.e.RouteTables[i].Routes {
			if r.PrefixList != "" { // the estates made here have no list for routes
				if r.Kind != InternetGateway && r.Kind != Endpoint && !r.Blackhole {
					unsure = append(unsure, r)
				}
				continue
			}
			if r.Destination.Contains(to) && r.Destination.Bits() > longest {
				longest, local, best = r.Destination.Bits(), false, []Route{r}
			}
		}
	}
	if local {
		return true, nil
	}
	return false, append(best, unsure...)
}

// trips are the ways of a packet from where it is to its goal.
// before is where the packet was until then.
func (w walker) trips(at spot, src, dst netip.Addr, goal spot, before ...been) []trip {
	here := been{at, src}
	in := crossing{goal.subnet, false, src, dst}
	switch {
	case slices.Contains(before, here): // in circles
		return nil
	case at.internet():
		if goal.subnet == nil {
			return nil
		}
		local, routes := w.routes(goal.subnet, src)
		if local || len(routes) == 0 || routes[0].Blackhole || routes[0].Kind != InternetGateway || routes[0].PrefixList != "" {
			return nil
		}
		return []trip{{crossings: []crossing{in}}}
	case at.vpn != nil:
		return w.fromSite(at.vpn, goal, in)
	case goal.subnet == at.subnet:
		return []trip{{}}
	}
	out := crossing{at.subnet, true, src, dst}
	arrive := []trip{{crossings: []crossing{out}}}
	if goal.subnet != nil {
		arrive = []trip{{crossings: []crossing{out, in}}}
	}
	local, routes := w.routes(at.subnet, dst)
	if local {
		if goal.subnet != nil && goal.subnet.VPC == at.subnet.VPC {
			return arrive
		}
		return nil
	}
	var all []trip
	for _, r := range routes {
		if r.Blackhole {
			continue
		}
		switch r.Kind {
		case InternetGateway:
			if goal.internet() {
				all = append(all, arrive...)
			}
		case VPNGateway:
			if goal.vpn != nil && goal.vpn.Gateway == r.Target {
				all = append(all, arrive...)
			}
		case NATGateway:
			for _, n := range w.e.NATs {
				if n.ID == r.Target {
					next := w.subnetOf(n.Subnet)
					for _, t := range w.trips(next, n.Address, dst, goal, append(slices.Clone(before), here)...) {
						t.swaps = append([]swap{{next, n.Address}}, t.swaps...)
						all = append(all, w.step(at, next, src, dst, t))
					}
				}
			}
		case Appliance:
			for _, n := range w.e.Interfaces {
				if n.ID == r.Target && !n.ChecksSource {
					next := w.subnetOf(n.Subnet)
					for _, t := range w.trips(next, src, dst, goal, append(slices.Clone(before), here)...) {
						all = append(all, w.step(at, next, src, dst, t))
					}
				}
			}
		case Peering, TransitGateway:
			if w.linked(r.Target, at.subnet.VPC, dst, goal) {
				all = append(all, arrive...)
			}
		case Elsewhere:
			if w.wherever(at.subnet.VPC, goal) {
				all = append(all, arrive...)
			}
		case Local, Endpoint:
		}
	}
	return all
}

// step puts a move between two subnets before the rest of a trip.
func (w walker) step(at, next spot, src, dst netip.Addr, t trip) trip {
	if at.subnet != next.subnet {
		t.crossings = append([]crossing{{at.subnet, true, src, dst}, {next.subnet, false, src, dst}}, t.crossings...)
	}
	return t
}

func (w walker) subnetOf(id string) spot {
	for i := range w.e.Subnets {
		if w.e.Subnets[i].ID == id {
			return spot{subnet: &w.e.Subnets[i]}
		}
	}
	return spot{}
}

func (w walker) wherever(vpc string, goal spot) bool {
	switch {
	case goal.internet():
		return false
	case goal.vpn != nil && goal.vpn.VPC == vpc, goal.subnet != nil && goal.subnet.VPC == vpc:
		return true
	}
	for _, l := range w.e.Links {
		if !slices.Contains(l.VPCs, vpc) {
			continue
		}
		if goal.subnet != nil && slices.Contains(l.VPCs, goal.subnet.VPC) || goal.vpn != nil && (goal.vpn.Gateway == l.ID || slices.Contains(l.VPCs, goal.vpn.VPC)) {
			return true
		}
	}
	return false
}

// linked reports whether a link takes a packet from a VPC or a VPN to the goal.
func (w walker) linked(id, from string, dst netip.Addr, goal spot) bool {
	for _, l := range w.e.Links {
		if l.ID != id || goal.internet() {
			continue
		}
		var end string
		if goal.vpn != nil {
			if end = goal.vpn.ID; goal.vpn.Gateway != id {
				return false
			}
		} else if end = goal.subnet.VPC; !slices.Contains(l.VPCs, end) {
			return false
		}
		if end == from {
			return false
		}
		routes, read := l.Tables[from]
		if !l.Transit || !read {
			return true
		}
		bits, target := -1, ""
		for _, r := range routes {
			if r.Destination.Contains(dst) && r.Destination.Bits() > bits {
				bits, target = r.Destination.Bits(), r.Target
				if r.Blackhole {
					target = ""
				}
			}
		}
		if target == end {
			return true
		}
		for _, v := range w.e.VPCs { // sent to a VPC that does not have it
			if v.ID == target && target != from && !slices.ContainsFunc(v.CIDRs, func(p netip.Prefix) bool { return p.Contains(dst) }) {
				return true
			}
		}
	}
	return false
}

func (w walker) fromSite(v *VPN, goal spot, in crossing) []trip {
	arrive := []trip{{crossings: []crossing{in}}}
	if goal.subnet == nil {
		arrive = []trip{{}}
	}
	switch transit := slices.ContainsFunc(w.e.Links, func(l Link) bool { return l.ID == v.Gateway }); {
	case goal.internet() || goal.vpn == v:
	case transit:
		if w.linked(v.Gateway, v.ID, in.dst, goal) {
			return arrive
		}
	case goal.vpn != nil:
		if goal.vpn.Gateway == v.Gateway && !v.Static && !goal.vpn.Static {
			return arrive
		}
	case goal.subnet.VPC == v.VPC:
		return arrive
	}
	return nil
}
