package isolation

import (
	"net/netip"
	"slices"
)

// six is what has IPv6 addresses in a subnet: a client's interfaces with the same
// groups, or, without any, all of a client's subnet.
type six struct {
	at     *Subnet
	owner  string
	ranges []netip.Prefix
	groups []string
	what   string
	whole  bool // the subnet, whatever is in it
}

// survey6 judges IPv6, which cicdctl's networks do not have and somebody may have added.
// It looks at ranges alone: a rule that lets in any protocol and port from any part of
// another client's range counts as a way, and routes count as leading wherever a link
// does. So it may see a way where there is none, and misses none.
func (w *world) survey6(p *Proof) {
	ends := w.sixes()
	told := map[string]bool{}
	for _, x := range ends {
		for _, y := range ends {
			if x.owner == y.owner || x.whole != y.whole || !isClient(y.owner) || !w.near6(x.at.VPC, y.at.VPC) {
				continue
			}
			if isClient(x.owner) {
				told[x.owner], told[y.owner] = true, true
			}
			f, open := w.way6(x, y)
			switch {
			case !open || !isClient(x.owner):
			case x.whole:
				p.Latent = append(p.Latent, f)
			default:
				p.Flows = append(p.Flows, f)
			}
		}
		if isClient(x.owner) {
			w.unknown("subnet %s has IPv6 addresses of %s: what the internet, sites and strangers reach by IPv6 is not told", x.at.ID, x.owner)
		}
	}
	if len(told) > 0 {
		w.unknown("between clients, IPv6 is judged by ranges alone, whatever the protocol and the port")
	}
}

// sixes are the ends of all ways by IPv6.
func (w *world) sixes() []six {
	var out []six
	subnets := map[string]*Subnet{}
	for i := range w.e.Subnets {
		s := &w.e.Subnets[i]
		subnets[s.ID] = s
		if len(s.IPv6) > 0 && isClient(s.Owner) {
			out = append(out, six{at: s, owner: s.Owner, ranges: s.IPv6, whole: true})
		}
	}
	for _, n := range w.e.Interfaces {
		var ranges []netip.Prefix
		for _, a := range n.Addresses {
			if a.Is6() && !a.Is4In6() {
				ranges = append(ranges, netip.PrefixFrom(a, a.BitLen()))
			}
		}
		at := subnets[n.Subnet]
		if at == nil || len(ranges) == 0 {
			continue
		}
		owner := n.Owner
		if owner == Shared {
			owner = at.Owner
		}
		if isClient(owner) {
			out = append(out, six{at: at, owner: owner, ranges: ranges, groups: n.Groups, what: n.What})
		}
	}
	return out
}

// near6 reports whether packets may come from a VPC to another.
func (w *world) near6(from, to string) bool {
	reached := []string{from}
	for i := 0; i < len(reached) && !w.loose; i++ {
		for _, l := range w.e.Links {
			if !slices.Contains(l.VPCs, reached[i]) {
				continue
			}
			for _, v := range l.VPCs {
				if !slices.Contains(reached, v) {
					reached = append(reached, v)
				}
			}
		}
	}
	return w.loose || slices.Contains(reached, to)
}

// way6 is the way from x to y, if nothing of all that guards them closes it.
func (w *world) way6(x, y six) (Flow, bool) {
	f := Flow{From: x.owner, To: y.owner, Source: x.ranges, Destination: y.ranges, Protocol: "IPv6", Ports: AllPorts}
	if y.what != "" {
		f.What = []string{y.what}
	}
	pass := func(refs []ref, open bool) bool {
		var gate Gate
		for _, r := range refs {
			gate = append(gate, w.rule(r))
		}
		if len(gate) > 0 {
			f.Through = append(f.Through, gate)
		}
		return open
	}
	if x.at != y.at {
		if !pass(w.acl6(x.at, true, y.ranges)) || !pass(w.acl6(y.at, false, x.ranges)) {
			return f, false
		}
	}
	if x.whole {
		return f, true
	}
	return f, pass(w.groups6(x.groups, true, y)) && pass(w.groups6(y.groups, false, x))
}

// acl6 are the rules of a subnet's ACL that let something of some ranges through.
func (w *world) acl6(s *Subnet, egress bool, ranges []netip.Prefix) ([]ref, bool) {
	i := slices.IndexFunc(w.e.ACLs, func(a ACL) bool { return a.ID == s.ACL })
	if i < 0 {
		return []ref{{LayerACL, w.absent(s.ACL), egress, -1}}, true
	}
	entries := w.e.ACLs[i].Ingress
	if egress {
		entries = w.e.ACLs[i].Egress
	}
	left := slices.Clone(ranges)
	var out []ref
	for _, n := range inOrder(entries) {
		e := entries[n]
		if e.Allow && overlaps(e.CIDR, left) {
			out = append(out, ref{LayerACL, i, egress, n})
		}
		if !e.Allow && e.Protocol == AllProtocols { // what it has whole, nothing after it opens
			left = slices.DeleteFunc(left, func(r netip.Prefix) bool { return e.CIDR.Bits() <= r.Bits() && e.CIDR.Contains(r.Addr()) })
		}
	}
	return out, len(out) > 0
}

// inOrder are the indices of entries by their numbers.
func inOrder(entries []Entry) []int {
	out := make([]int, len(entries))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return int(entries[a].Number) - int(entries[b].Number) })
	return out
}

// groups6 are the rules of groups that let something of another end through.
func (w *world) groups6(groups []string, egress bool, peer six) ([]ref, bool) {
	if len(groups) == 0 {
		return nil, true
	}
	var out []ref
	for _, id := range groups {
		i, read := w.groups[id]
		if !read {
			out = append(out, ref{LayerGroup, w.absent(id), egress, -1})
			continue
		}
		list := w.e.Groups[i].Ingress
		if egress {
			list = w.e.Groups[i].Egress
		}
		for n, r := range list {
			if r.Group != "" && slices.Contains(peer.groups, r.Group) || overlaps(r.CIDR, peer.ranges) || r.PrefixList != "" && w.listed6(r.PrefixList, peer.ranges) {
				out = append(out, ref{LayerGroup, i, egress, n})
			}
		}
	}
	return out, len(out) > 0
}

// listed6 reports whether a prefix list may have something of some ranges.
func (w *world) listed6(id string, ranges []netip.Prefix) bool {
	i := slices.IndexFunc(w.e.PrefixLists, func(l PrefixList) bool { return l.ID == id })
	return i < 0 || slices.ContainsFunc(w.e.PrefixLists[i].CIDRs, func(p netip.Prefix) bool { return overlaps(p, ranges) })
}

func overlaps(p netip.Prefix, ranges []netip.Prefix) bool {
	return p.IsValid() && slices.ContainsFunc(ranges, p.Overlaps)
}
