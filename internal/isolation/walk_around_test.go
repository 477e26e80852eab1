package isolation

import (
	"net/netip"
	"slices"
)

// around reports whether a packet from an address of one interface to a public address
// of another gets there over the internet.
func (w walker) around(from, to spot, a, b *Interface, src netip.Addr, protocol Protocol, port uint16, ports []uint16) bool {
	for _, q := range b.Public {
		for _, g := range w.gates(from, a, q) {
			if w.over(from, to, a, b, src, q, g, packet{src, q, protocol, port}, ports) {
				return true
			}
		}
	}
	return false
}

// gate is where packets leave a VPC, and with which source.
type gate struct {
	at     spot
	public netip.Addr
	own    bool
}

// way is the one route to an address that is sure; nil for the local one and for none.
func (w walker) way(s *Subnet, to netip.Addr) *Route {
	local, all := w.routes(s, to)
	if local || len(all) == 0 {
		return nil
	}
	i := slices.IndexFunc(w.e.RouteTables, func(t RouteTable) bool { return t.ID == s.RouteTable })
	if r := all[0]; i >= 0 && r.PrefixList == "" && !r.Blackhole {
		return &r
	}
	return nil
}

func (w walker) gates(from spot, a *Interface, to netip.Addr) []gate {
	r := w.way(from.subnet, to)
	if r == nil {
		return nil
	}
	var out []gate
	switch r.Kind {
	case InternetGateway:
		if a == nil {
			return nil
		}
		for _, p := range a.Public {
			out = append(out, gate{from, p, true})
		}
		return out
	case NATGateway:
		for _, n := range w.e.NATs {
			if n.ID == r.Target && n.Public.IsValid() {
				out = append(out, gate{w.subnetOf(n.Subnet), n.Public, false})
			}
		}
	case Appliance:
		for _, n := range w.e.Interfaces {
			if n.ID == r.Target && !n.ChecksSource {
				for _, p := range n.Public {
					out = append(out, gate{w.subnetOf(n.Subnet), p, false})
				}
			}
		}
	}
	return slices.DeleteFunc(out, func(g gate) bool {
		on := w.way(g.at.subnet, to)
		return on == nil || on.Kind != InternetGateway
	})
}

// over sends the packet and waits for the answer.
func (w walker) over(from, to spot, a, b *Interface, src, q netip.Addr, g gate, p packet, ports []uint16) bool {
	back := w.way(to.subnet, g.public)
	if back == nil || back.Kind != InternetGateway || a != nil && !w.groupsAllow(a, true, q, nil, p.protocol, p.port) || !w.groupsAllow(b, false, g.public, nil, p.protocol, p.port) || !listens(b, p) {
		return false
	}
	there := []crossing{{g.at.subnet, true, g.public, q}, {to.subnet, false, g.public, q}}
	home := []crossing{}
	if g.at.subnet != from.subnet {
		there = append(there, crossing{from.subnet, true, src, q}, crossing{g.at.subnet, false, src, q})
		home = []crossing{{g.at.subnet, true, q, src}, {from.subnet, false, q, src}}
	}
	answer := []crossing{{to.subnet, true, q, g.public}, {g.at.subnet, false, q, g.public}}
	if !w.passes(trip{crossings: there}, p.protocol, p.port) {
		return false
	}
	if p.protocol != TCP {
		return true
	}
	if local, _ := w.routes(g.at.subnet, src); !local && g.at.subnet != from.subnet {
		return false
	}
	passes := func(port uint16) func([]crossing) bool {
		return func(c []crossing) bool { return w.passes(trip{crossings: c}, TCP, port) }
	}
	some := func(c []crossing) bool {
		return slices.ContainsFunc(ports, func(q uint16) bool { return passes(q)(c) })
	}
	return some(answer) && some(home)
}
