package isolation

import (
	"maps"
	"slices"
)

// lane is a range of ports that is open, and the gates it goes through.
type lane struct {
	from, to uint16
	gates    [][]ref
}

// survey decides about every two places that packets can get from and to.
func (w *world) survey() {
	for _, x := range w.places {
		if x.internet {
			for _, y := range w.places {
				if slices.ContainsFunc(y.profiles, func(p *profile) bool { return p.public }) {
					w.pair(x, y)
				}
			}
			continue
		}
		for _, vpc := range w.near(x) {
			for _, y := range w.byVPC[vpc] {
				if !y.internet && x.meets(y) {
					w.pair(x, y)
				}
			}
		}
	}
}

// meets reports whether somebody in p is to be kept from somebody in y, or, at a
// client's own site, may want to get there.
func (p *place) meets(y *place) bool {
	for _, from := range p.parties {
		for _, to := range y.parties {
			if isClient(to) && (from != to || p.site() && p != y) {
				return true
			}
		}
	}
	return false
}

// near are the VPCs that packets from a place can come to: its own, and those
// behind links of a VPC that they come to.
func (w *world) near(x *place) []string {
	out := []string{x.vpc}
	switch {
	case !w.leaves(x):
		return out
	case w.loose:
		return slices.Sorted(maps.Keys(w.byVPC))
	}
	for i := 0; i < len(out); i++ {
		for l := range w.e.Links {
			link := &w.e.Links[l]
			if x.gateway != link.ID && !slices.Contains(link.VPCs, out[i]) {
				continue
			}
			ends := slices.Clone(link.VPCs)
			for _, v := range w.e.VPNs {
				if v.Gateway == link.ID {
					ends = append(ends, v.VPC)
				}
			}
			for _, v := range ends {
				if !slices.Contains(out, v) {
					out = append(out, v)
				}
			}
		}
	}
	return out
}

// leaves reports whether anything may lead out of a place's VPC. NAT gateways and
// appliances go by the routes of their own subnets.
func (w *world) leaves(x *place) bool {
	if x.site() {
		return x.vpc == "" || w.links[x.gateway] != nil
	}
	far := func(h hop) bool {
		switch h.kind {
		case Local, InternetGateway, Endpoint, VPNGateway:
			return false
		case NATGateway:
			for _, n := range w.nats[h.target] {
				if at := w.bySubnet[n.Subnet]; at != nil && at != x && at.table != x.table && w.direct(at) {
					return true
				}
			}
			return w.nats[h.target] == nil
		}
		return true
	}
	return len(x.table.maybe) > 0 || slices.ContainsFunc(x.table.hops, far)
}

// direct reports whether a table has a target that leads beyond its VPC, or to
// something that might.
func (w *world) direct(x *place) bool {
	return len(x.table.maybe) > 0 || slices.ContainsFunc(x.table.hops, func(h hop) bool {
		return h.kind != Local && h.kind != InternetGateway && h.kind != Endpoint && h.kind != VPNGateway
	})
}

// pair decides about all packets from x to y, cell by cell of the routes.
func (w *world) pair(x, y *place) {
	met := false
	for _, s := range x.cells {
		for _, d := range y.cells {
			if p := w.locally(x, y, s.lo, d.lo); p != nil {
				met = true
				w.cells(x, y, p, s, d)
				continue
			}
			for _, p := range w.paths(x, y, s.lo, d.lo) {
				met = true
				w.cells(x, y, &p, s, d)
			}
		}
	}
	if met && isClient(x.owner) && isClient(y.owner) && x.owner != y.owner {
		w.meeting[[2]string{x.owner, y.owner}] = true
	}
}

// cells cuts two spans where the ACLs on a path tell addresses apart.
func (w *world) cells(x, y *place, p *path, s, d span) {
	sources, destinations := []span{s}, []span{d}
	cut := func(checks []check) {
		for _, c := range checks {
			switch c.peer.axis {
			case source:
				sources = recut(sources, c.filter.cuts)
			case destination:
				destinations = recut(destinations, c.filter.cuts)
			case fixed:
			}
		}
	}
	cut(p.checks)
	for _, r := range p.replies {
		cut(r.checks)
	}
	for _, s := range sources {
		for _, d := range destinations {
			w.decided++
			w.cell(x, y, p, s, d)
		}
	}
}

// recut allocates only where there is something to cut.
func recut(spans []span, c cuts) []span {
	whole := true
	for _, s := range spans {
		i := c.at(s.lo)
		whole = whole && (i+1 >= len(c) || c[i+1] > s.hi)
	}
	if whole {
		return spans
	}
	var out []span
	for _, s := range spans {
		out = c.split(s, out)
	}
	return out
}

// on is the representative of the peer that a check compares.
func (c check) on(s, d span) uint32 {
	switch c.peer.axis {
	case source:
		return s.lo
	case destination:
		return d.lo
	case fixed:
	}
	return c.peer.value
}

// cell decides about one cell, whose addresses all ACLs and routes treat alike.
func (w *world) cell(x, y *place, p *path, s, d span) {
	for _, c := range p.checks {
		if c.filter.allowed(c.on(s, d)).closed {
			return // the common case
		}
	}
	w.pairs = w.strangers(w.pairs[:0], x, y)
	for i, lanes := range w.passable(p, s, d) {
		if len(lanes) == 0 {
			continue
		}
		protocol := w.protos[i]
		// Between two sites there are no groups that could be in the way.
		if k := (kind{level: byACLs, from: x.owner, to: y.owner}); !x.internet && isClient(y.owner) && x.owner != y.owner && !(x.site() && y.site()) {
			w.found.add(k, protocol, []span{s}, []span{d}, lanes)
		}
		for _, pair := range w.pairs {
			w.profiles(x, pair[0], pair[1], p, i, s, d, lanes)
		}
	}
}

// passable are the lanes of a cell by class of protocols. Between neighbours they hang on
// nothing but the ranges of the ACLs, which most subnets share with others: these are
// worked out once.
func (w *world) passable(p *path, s, d span) [][]lane {
	if p != &w.short.path {
		return w.through(p, s, d)
	}
	var alike [4]*class
	for i, c := range [...]check{w.short.there[0], w.short.there[1], w.short.back[0], w.short.back[1]} {
		alike[i] = c.filter.allowed(c.on(s, d))
	}
	out, known := w.alike[alike]
	if !known {
		out = w.through(p, s, d)
		w.alike[alike] = out
	}
	return out
}

// through are the lanes through all ACLs on the way there and, for TCP, back.
func (w *world) through(p *path, s, d span) [][]lane {
	out := make([][]lane, len(w.protos))
	for i, protocol := range w.protos {
		lanes := w.lanes(p, i, s, d)
		if len(lanes) == 0 {
			continue
		}
		if protocol == TCP {
			gates, ok := w.answer(p, i, s, d)
			if !ok {
				continue
			}
			for n := range lanes {
				lanes[n].gates = append(lanes[n].gates, gates...)
			}
		}
		out[i] = lanes
	}
	return out
}

// lanes are the ports of a protocol that all ACLs on the way let through.
func (w *world) lanes(p *path, protocol int, s, d span) []lane {
	for _, c := range p.checks {
		if len(c.filter.allowed(c.on(s, d)).open[protocol]) == 0 {
			return nil // before anything is allocated
		}
	}
	lanes := []lane{{from: 0, to: 65535}}
	for _, c := range p.checks {
		if lanes = narrow(lanes, c.filter.allowed(c.on(s, d)).open[protocol]); len(lanes) == 0 {
			return nil
		}
	}
	for i := range lanes {
		for _, r := range p.via {
			lanes[i].gates = append(lanes[i].gates, []ref{r})
		}
	}
	return lanes
}

func narrow(lanes []lane, open []seg) []lane {
	if len(open) == 1 && open[0].rules == nil && open[0].from == 0 && open[0].to == 65535 {
		return lanes // nothing filters
	}
	var out []lane
	for _, l := range lanes {
		for _, s := range open {
			from, to := max(l.from, s.from), min(l.to, s.to)
			if from > to {
				continue
			}
			gates := slices.Clip(l.gates)
			if s.rules != nil {
				gates = append(gates, s.rules)
			}
			out = append(out, lane{from, to, gates})
		}
	}
	return out
}

// answer reports whether replies get back to some port of the sender, and the
// gates that all of them go through.
func (w *world) answer(p *path, protocol int, s, d span) ([][]ref, bool) {
	if !p.answered {
		return nil, false
	}
	var out [][]ref
	for _, r := range p.replies {
		lanes := []lane{{from: r.lowest, to: 65535}}
		for _, c := range r.checks {
			lanes = narrow(lanes, c.filter.allowed(c.on(s, d)).open[protocol])
		}
		if len(lanes) == 0 {
			return nil, false
		}
		for i := range r.checks {
			var gate []ref
			for _, l := range lanes {
				gate = append(gate, l.gates[i]...)
			}
			out = append(out, unique(gate))
		}
		for _, v := range r.via {
			out = append(out, []ref{v})
		}
	}
	return out, true
}

// strangers are the profiles of two places of which one is to be kept from the other,
// and whose groups have rules for each other at all.
func (w *world) strangers(out [][2]*profile, x, y *place) [][2]*profile {
	for _, to := range y.profiles {
		if !isClient(to.owner) || x.internet && !to.public {
			continue
		}
		for _, from := range x.profiles {
			if (from.owner != to.owner || x.site()) && from.out.knows(to.groups) && to.in.knows(from.groups) {
				out = append(out, [2]*profile{from, to})
			}
		}
	}
	return out
}

// profiles decides about the addresses of two profiles in a cell whose ACLs are open.
func (w *world) profiles(x *place, from, to *profile, p *path, protocol int, s, d span, lanes []lane) {
	var near, far [8]span // mostly enough, and off the heap
	for _, d := range within(near[:0], to.spans, d, from.out.cuts) {
		out := from.out.allowed(d.lo, to.groups, protocol)
		if len(out) == 0 {
			continue
		}
		for _, s := range within(far[:0], from.spans, s, to.in.cuts) {
			seen, groups := s.lo, from.groups
			if p.seen.axis == fixed {
				seen, groups = p.seen.value, nil
			}
			in := to.in.allowed(seen, groups, protocol)
			if len(in) == 0 {
				continue
			}
			passed := narrow(narrow(lanes, out), in)
			if x.internet && to.listens != nil {
				passed = narrow(passed, answered(to.listens, w.protos[protocol]))
			}
			if len(passed) > 0 {
				w.found.add(kind{level: byGroups, from: from.owner, to: to.owner, internet: x.internet}, w.protos[protocol], []span{s}, []span{d}, passed)
			}
		}
	}
}

// within are the parts of spans that are in a cell, cut where a guard tells apart.
func within(out, spans []span, cell span, c cuts) []span {
	for _, s := range spans {
		if s.overlaps(cell) {
			s = clip(s, cell)
			if len(c) == 0 {
				out = append(out, s)
				continue
			}
			out = c.split(s, out)
		}
	}
	return out
}

func answered(listens []Listener, protocol Protocol) []seg {
	var out []seg
	for _, l := range listens {
		if l.Protocol == protocol {
			out = append(out, seg{l.Port, l.Port, nil})
		}
	}
	return out
}
