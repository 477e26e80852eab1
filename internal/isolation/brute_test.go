package isolation

import "net/netip"

// sent is one way in which a packet gets through all ACLs, with the source that
// the destination's groups see.
type sent struct {
	seen    netip.Addr
	swapped bool
}

// opens gives the ways in which a packet gets from one address to another through
// ACLs and routes, with replies where the protocol needs them. ports are all
// source ports worth trying.
func (w walker) opens(ways []trip, from, to spot, p packet, ports []uint16) []sent {
	var out []sent
	for _, t := range ways {
		if !w.passes(t, p.protocol, p.port) {
			continue
		}
		if p.protocol == TCP && !w.answers(t, len(t.swaps)-1, to, from, p, ports) {
			continue
		}
		s := sent{seen: p.src}
		if n := len(t.swaps); n > 0 {
			s = sent{t.swaps[n-1].after, true}
		}
		out = append(out, s)
	}
	return out
}

func (w walker) passes(t trip, protocol Protocol, port uint16) bool {
	for _, c := range t.crossings {
		if !w.aclAllows(c, protocol, port) {
			return false
		}
	}
	return true
}

// answers follows a reply from where it is to the n-th NAT gateway of the way there,
// which hands it to the one before.
func (w walker) answers(t trip, n int, at, home spot, p packet, ports []uint16) bool {
	goal, end := p.src, home
	if n >= 0 {
		goal, end = t.swaps[n].after, t.swaps[n].at
	}
	for _, back := range w.trips(at, p.dst, goal, end) {
		if len(back.swaps) > 0 {
			continue
		}
		for _, q := range ports {
			if !w.passes(back, TCP, q) {
				continue
			}
			if n < 0 || w.answers(t, n-1, end, home, p, ports) {
				return true
			}
			break
		}
	}
	return false
}

// got is a packet that gets through, as both sides of the comparison tell it.
type got struct {
	what     string // "flow", "latent", "internet", "site", "shared", "edge"
	from, to string
	packet
}

// everything that gets through, one packet after the other.
func (w walker) everything(packets func(src, dst netip.Addr) []packet, outside []netip.Addr, ports []uint16) map[got]bool {
	out := map[got]bool{}
	for _, from := range w.spots() {
		for _, to := range w.spots() {
			fromOwner, toOwner := owner(from), owner(to)
			if isClient(toOwner) && toOwner != fromOwner && (from.vpn == nil || to.vpn == nil) {
				what := "latent"
				if !isClient(fromOwner) {
					what = "edge"
				}
				for _, src := range addresses(from) {
					for _, dst := range addresses(to) {
						list := packets(src, dst)
						if len(list) == 0 {
							continue
						}
						ways := w.trips(from, src, dst, to)
						for _, p := range list {
							if len(w.opens(ways, from, to, p, ports)) > 0 {
								out[got{what, fromOwner, toOwner, p}] = true
							}
						}
					}
				}
			}
			if isClient(fromOwner) && from.subnet != nil && to.subnet != nil {
				for _, b := range w.ends(to) {
					if toOwner := ownerOf(&b, to); isClient(toOwner) && toOwner != fromOwner && len(b.Public) > 0 {
						for _, src := range addresses(from) {
							for _, p := range packets(src, b.Addresses[0]) {
								if w.around(from, to, nil, &b, src, p.protocol, p.port, ports) {
									out[got{"latent around", fromOwner, toOwner, p}] = true
								}
							}
						}
					}
				}
			}
			for _, a := range w.ends(from) {
				for _, b := range w.ends(to) {
					w.between(from, to, a, b, packets, ports, out)
				}
			}
		}
	}
	for _, src := range outside {
		for i := range w.e.Interfaces {
			b := &w.e.Interfaces[i]
			to := w.subnetOf(b.Subnet)
			if toOwner := ownerOf(b, to); isClient(toOwner) && len(b.Public) > 0 && !w.isNAT(b) {
				for _, dst := range b.Addresses {
					list := packets(src, dst)
					if len(list) == 0 {
						continue
					}
					ways := w.trips(spot{}, src, dst, to)
					for _, p := range list {
						if listens(b, p) && len(w.opens(ways, spot{}, to, p, ports)) > 0 && w.groupsAllow(b, false, src, nil, p.protocol, p.port) {
							out[got{"internet", "", toOwner, p}] = true
						}
					}
				}
			}
		}
	}
	return out
}

func listens(n *Interface, p packet) bool {
	if n.Listens == nil {
		return true
	}
	for _, l := range n.Listens {
		if l.Protocol == p.protocol && l.Port == p.port {
			return true
		}
	}
	return false
}

// between tries two interfaces, or what is at a site.
func (w walker) between(from, to spot, a, b Interface, packets func(src, dst netip.Addr) []packet, ports []uint16, out map[got]bool) {
	fromOwner, toOwner := ownerOf(&a, from), ownerOf(&b, to)
	what := "flow"
	switch {
	case !isClient(toOwner):
		return
	case fromOwner == toOwner && from.vpn != nil:
		what = "site"
	case fromOwner == toOwner:
		return
	case !isClient(fromOwner):
		what = "shared"
	}
	for _, src := range a.Addresses {
		for _, dst := range b.Addresses {
			list := packets(src, dst)
			if len(list) == 0 {
				continue
			}
			ways := w.trips(from, src, dst, to)
			for _, p := range list {
				if what == "flow" && from.subnet != nil && to.subnet != nil && w.around(from, to, &a, &b, src, p.protocol, p.port, ports) {
					out[got{"around", fromOwner, toOwner, p}] = true
				}
				if !w.groupsAllow(&a, true, dst, b.Groups, p.protocol, p.port) {
					continue
				}
				for _, s := range w.opens(ways, from, to, p, ports) {
					groups := a.Groups
					if s.swapped {
						groups = nil
					}
					if w.groupsAllow(&b, false, s.seen, groups, p.protocol, p.port) {
						out[got{what, fromOwner, toOwner, p}] = true
					}
				}
			}
		}
	}
}

func (w walker) spots() []spot {
	var out []spot
	for i := range w.e.Subnets {
		out = append(out, spot{subnet: &w.e.Subnets[i]})
	}
	for i := range w.e.VPNs {
		out = append(out, spot{vpn: &w.e.VPNs[i]})
	}
	return out
}

// ends are the interfaces of a spot; a site is one that nothing filters.
func (w walker) ends(s spot) []Interface {
	if s.vpn != nil {
		return []Interface{{Addresses: addresses(s), Owner: s.vpn.Owner}}
	}
	var out []Interface
	for _, n := range w.e.Interfaces {
		if n.Subnet == s.subnet.ID && !w.isNAT(&n) {
			out = append(out, n)
		}
	}
	return out
}

func (w walker) isNAT(n *Interface) bool {
	for _, g := range w.e.NATs {
		if g.Subnet == n.Subnet && g.Address == n.Addresses[0] {
			return true
		}
	}
	return false
}

func owner(s spot) string {
	if s.vpn != nil {
		return s.vpn.Owner
	}
	return s.subnet.Owner
}

func ownerOf(n *Interface, s spot) string {
	if n.Owner != Shared {
		return n.Owner
	}
	return owner(s)
}

func addresses(s spot) []netip.Addr {
	var out []netip.Addr
	var prefixes []netip.Prefix
	if s.vpn != nil {
		prefixes = s.vpn.CIDRs
	} else {
		prefixes = []netip.Prefix{s.subnet.CIDR}
	}
	for _, p := range prefixes {
		for a := p.Addr(); p.Contains(a); a = a.Next() {
			out = append(out, a)
		}
	}
	return out
}
