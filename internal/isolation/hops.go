package isolation

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// follow takes a packet along a route that is not local.
func (w *world) follow(l leg, h *hop, at *place, from, to peer, y *place) []leg {
	if h.dead {
		return nil
	}
	l = l.by(h.rule)
	arrives := false
	switch h.kind {
	case NATGateway:
		return w.throughNAT(l, h, at, from, to, y)
	case Appliance:
		return w.throughAppliance(l, h, at, from, to, y)
	case InternetGateway:
		// Only the reply to who came in from the internet.
		arrives = y.internet
	case Endpoint, Local:
	case VPNGateway:
		arrives = y.site() && y.gateway == h.target
	case Peering, TransitGateway:
		arrives = w.throughLink(h, at, to, y)
	default:
		w.unknown("a route of subnet %s leads to %s, which is not known: it counts as leading wherever a link does", at.id, h.name())
		arrives = w.wherever(at, y)
	}
	if !arrives {
		return nil
	}
	return []leg{l.into(at, from, to, y)}
}

func (h *hop) name() string {
	if h.target == "" {
		return lang.Say("something not read")
	}
	return string(h.kind) + " " + h.target
}

// throughNAT: the gateway takes the packet in its subnet, puts its own address in
// the source's place, and sends it on by its own routes.
func (w *world) throughNAT(l leg, h *hop, at *place, from, to peer, y *place) []leg {
	known := slices.DeleteFunc(slices.Clone(w.nats[h.target]), func(n NAT) bool { return w.bySubnet[n.Subnet] == nil || !n.Address.Is4() })
	if len(known) == 0 {
		w.unknown("NAT gateway %s was not read: it counts as leading wherever a link does", h.target)
		if w.wherever(at, y) {
			return []leg{l.into(at, from, to, y)}
		}
	}
	var out []leg
	for _, n := range known {
		via := w.bySubnet[n.Subnet]
		address, _ := number(n.Address)
		there := l
		if via != at {
			there = l.into(at, from, to, via)
		}
		own := peer{fixed, address}
		there.nats = slices.Concat(l.nats, []natted{{via, own}})
		out = append(out, w.carry(there, via, own, to, y)...)
	}
	return out
}

// throughAppliance: an interface that does not check who packets are for may send
// them on. Whether what runs on it does so cannot be read, so that it counts.
func (w *world) throughAppliance(l leg, h *hop, at *place, from, to peer, y *place) []leg {
	on, ok := w.holders[h.target]
	switch {
	case !ok:
		w.unknown("interface %s, which routes lead to, was not read: it counts as leading wherever a link does", h.target)
		if w.wherever(at, y) {
			return []leg{l.into(at, from, to, y)}
		}
		return nil
	case on.checks:
		return nil
	case on.at != at:
		l = l.into(at, from, to, on.at)
	}
	return w.carry(l, on.at, from, to, y)
}

// throughLink: a peering leads to the other VPC, a transit gateway by its tables.
func (w *world) throughLink(h *hop, at *place, to peer, y *place) bool {
	link, ok := w.links[h.target]
	if !ok { // said by loosen
		return !y.internet && y.vpc != at.vpc
	}
	return slices.Contains(link.VPCs, at.vpc) && w.linked(link, at.vpc, to, y)
}

// linked reports whether what comes into a link from a VPC or a VPN comes out at y.
func (w *world) linked(link *Link, from string, to peer, y *place) bool {
	end := y.vpc
	switch {
	case y.internet, !y.site() && !slices.Contains(link.VPCs, y.vpc), y.site() && y.gateway != link.ID:
		return false
	case y.site():
		end = y.id
	}
	if end == from {
		return false
	}
	if !link.Transit {
		return true
	}
	routes, ok := link.Tables[from]
	if !ok {
		w.unknown("the table of transit gateway %s for %s was not read: it counts as leading to all that is attached", link.ID, from)
		return true
	}
	best := -1
	for i, r := range routes {
		if s, ok := spanOf(r.Destination); ok && s.has(to.value) && (best < 0 || r.Destination.Bits() > routes[best].Destination.Bits()) {
			best = i
		}
	}
	if best < 0 || routes[best].Blackhole {
		return false
	}
	if routes[best].Target == end {
		return true
	}
	// A VPC in between may send it on: an inspection VPC does.
	v, ok := w.vpcs[routes[best].Target]
	if !ok || v.ID == from || slices.ContainsFunc(w.local[v.ID], func(h hop) bool { return h.to.has(to.value) }) {
		return false
	}
	w.unknown("transit gateway %s sends %s to VPC %s, which may send it on: it counts as doing so", link.ID, routes[best].Destination, v.ID)
	return true
}

// wherever reports whether something unknown may lead to y: it has the VPC, a link
// or a gateway in common with it.
func (w *world) wherever(at, y *place) bool {
	if y.internet {
		return false
	}
	return y.vpc == at.vpc || slices.ContainsFunc(w.e.Links, func(link Link) bool {
		return slices.Contains(link.VPCs, at.vpc) && (slices.Contains(link.VPCs, y.vpc) || y.gateway == link.ID)
	})
}

// fromSite: what a VPN gateway gets from a site goes to its VPC, and to other sites
// only where both speak BGP.
func (w *world) fromSite(l leg, at *place, from, to peer, y *place) []leg {
	link := w.links[at.gateway]
	switch {
	case at == y || y.internet:
		return nil
	case link != nil:
		if !w.linked(link, at.id, to, y) {
			return nil
		}
	case y.site():
		if y.gateway != at.gateway || at.static || y.static {
			return nil
		}
		l = l.by(ref{LayerVPN, at.index, false, 0}, ref{LayerVPN, y.index, false, 0})
	case at.vpc != "" && y.vpc != at.vpc:
		return nil
	}
	if y.site() {
		return []leg{l}
	}
	return []leg{l.past(check{y.in, from})}
}
