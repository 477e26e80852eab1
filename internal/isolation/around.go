package isolation

import (
	"cmp"
	"slices"
)

// exit is how packets from a subnet come to the internet: through a NAT gateway or an
// appliance, or right away. There they have a public address for their source.
type exit struct {
	via    *place // where it is; the subnet itself when they go right away
	public uint32
	own    *profile // whose public address it is; nil for one that all of the subnet share
	by     []ref
}

// around looks for ways that leave the VPC and come back over the internet: from a
// client's subnet to a public address of another's load balancer. All clients go out
// with the same few addresses of NAT gateways, so that a rule for one of these is a
// rule for all of them. What all of the internet reaches is no such way, unless public
// is true: it is in the exposures.
//
// Routes to NAT gateways of other VPCs, through a transit gateway say, are not followed.
func (w *world) around(p *Proof, public bool) {
	at := map[string]*Exposure{}
	for i := range p.Exposures {
		at[p.Exposures[i].Client] = &p.Exposures[i]
	}
	shown := w.shown()
	for _, y := range w.places {
		if y.table == nil {
			continue
		}
		for _, to := range y.profiles {
			if !isClient(to.owner) || !to.public {
				continue
			}
			for _, group := range w.alikeFor(y, to, shown) {
				for _, f := range to.faces {
					if public || !w.exposed(at[to.owner], y, to, f, group[0]) {
						w.outside(y, to, f, group)
					}
				}
			}
		}
	}
	var latent []Flow
	for _, k := range w.found.sorted() {
		if !k.around {
			continue
		}
		for _, f := range w.flows(k) {
			f.Around = true
			switch {
			case !public && slices.ContainsFunc(at[f.To].Internet, f.within):
			case k.level == byACLs:
				latent = append(latent, f)
			default:
				p.Flows = append(p.Flows, f)
			}
		}
	}
	for _, f := range latent { // what somebody does already is told as that
		if public || !slices.ContainsFunc(p.Flows, func(g Flow) bool { return g.Around && g.To == f.To && f.inside(g) }) {
			p.Latent = append(p.Latent, f)
		}
	}
}

// shown are the public addresses with which packets come out to the internet.
func (w *world) shown() []uint32 {
	var out []uint32
	for _, n := range w.e.NATs {
		if v, ok := number(n.Public); ok {
			out = append(out, v)
		}
	}
	for _, h := range w.holders {
		out = append(out, h.public...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// alikeFor groups sources that the rules on the way into a profile do not tell apart,
// without those that cannot get in.
func (w *world) alikeFor(y *place, to *profile, shown []uint32) [][]uint32 {
	type class struct{ in, out, guard int }
	at := map[class]int{}
	var out [][]uint32
	for _, a := range shown {
		c := class{y.in.cuts.at(a), y.out.cuts.at(a), to.in.cuts.at(a)}
		i, seen := at[c]
		if !seen {
			i = len(out)
			at[c], out = i, append(out, nil)
		}
		out[i] = append(out[i], a)
	}
	return slices.DeleteFunc(out, func(group []uint32) bool { return y.in.allowed(group[0]).closed })
}

// lanesIn are the ports of a protocol on which a source gets from the border of the VPC
// to a profile.
func (w *world) lanesIn(y *place, to *profile, from uint32, protocol int) []lane {
	lanes := narrow(narrow([]lane{{from: 0, to: 65535}}, y.in.allowed(from).open[protocol]), to.in.allowed(from, nil, protocol))
	if to.listens != nil {
		lanes = narrow(lanes, answered(to.listens, w.protos[protocol]))
	}
	return lanes
}

// exposed reports whether all of the internet reaches what a source does.
func (w *world) exposed(x *Exposure, y *place, to *profile, f face, from uint32) bool {
	for i, protocol := range w.protos {
		for _, l := range w.lanesIn(y, to, from, i) {
			one := Flow{Destination: prefixes(f.spans), Protocol: protocol.String(), Ports: Ports{l.from, l.to}}
			if !slices.ContainsFunc(x.Internet, one.within) {
				return false
			}
		}
	}
	return true
}

// outside decides about all clients' subnets whose packets come to a public address with
// one of some sources.
func (w *world) outside(y *place, to *profile, f face, sources []uint32) {
	for _, x := range w.places {
		if x.table == nil || !slices.ContainsFunc(x.parties, func(from string) bool { return isClient(from) && from != to.owner }) {
			continue
		}
		for _, e := range w.exits(x, f.public) {
			if !slices.Contains(sources, e.public) {
				continue
			}
			for _, arrived := range w.enter(leg{}, peer{fixed, e.public}, y) {
				for _, s := range x.cells {
					w.aroundCell(x, y, to, f, e, arrived, s)
				}
			}
		}
	}
}

// exits are the ways from a subnet to a public address.
func (w *world) exits(x *place, to uint32) []exit {
	h, local := w.next(x, to)
	if local || h == nil || h.dead {
		return nil
	}
	var out []exit
	through := func(via *place, public ...uint32) {
		next, local := w.next(via, to)
		if local || next == nil || next.dead || next.kind != InternetGateway {
			return
		}
		for _, a := range public {
			out = append(out, exit{via: via, public: a, by: []ref{h.rule, next.rule}})
		}
	}
	switch h.kind {
	case InternetGateway:
		for _, from := range x.profiles {
			for _, f := range from.faces {
				out = append(out, exit{via: x, public: f.public, own: from, by: []ref{h.rule}})
			}
		}
	case NATGateway:
		for _, n := range w.nats[h.target] {
			if a, ok := number(n.Public); ok && w.bySubnet[n.Subnet] != nil {
				through(w.bySubnet[n.Subnet], a)
			}
		}
	case Appliance: // one that translates addresses, as far as anybody can tell
		if on := w.holders[h.target]; on != nil && !on.checks {
			through(on.at, on.public...)
		}
	}
	return out
}

// aroundCell decides about one cell of sources that routes treat alike.
func (w *world) aroundCell(x, y *place, to *profile, f face, e exit, arrived leg, s span) {
	public, sent := peer{fixed, f.public}, peer{fixed, e.public}
	from := peer{axis: source}
	p := path{leg: leg{via: slices.Concat(e.by, arrived.via)}, answered: true}
	back := []reply{{checks: []check{{y.out, sent}, {e.via.in, public}}, lowest: 1}}
	if e.via != x {
		p.checks = []check{{x.out, public}, {e.via.in, from}}
		back[0].lowest = 1024 // chosen by the gateway
		back = append(back, reply{checks: []check{{e.via.out, from}, {x.in, public}}, lowest: 1})
	} else if e.own == nil {
		back[0].lowest = 1024
	}
	if e.via != x || e.own == nil {
		_, p.answered = w.next(e.via, s.lo)
		p.answered = p.answered || e.via == x
	}
	p.checks = append(p.checks, check{e.via.out, public})
	p.checks = append(p.checks, arrived.checks...)
	p.replies = back
	cells := []span{s}
	for _, c := range slices.Concat(p.checks, back[len(back)-1].checks) {
		if c.peer.axis == source {
			cells = recut(cells, c.filter.cuts)
		}
	}
	for _, s := range cells {
		for i, lanes := range w.through(&p, s, span{}) {
			if len(lanes) > 0 {
				w.aroundLanes(x, to, f, e, s, i, lanes)
			}
		}
	}
}

// aroundLanes decides about the groups at both ends.
func (w *world) aroundLanes(x *place, to *profile, f face, e exit, s span, protocol int, lanes []lane) {
	in := to.in.allowed(e.public, nil, protocol)
	if to.listens != nil {
		lanes = narrow(lanes, answered(to.listens, w.protos[protocol]))
	}
	// Only the sender's own groups are in the way of what may be started there.
	if passed := narrow(lanes, in); e.own == nil && isClient(x.owner) && x.owner != to.owner && len(passed) > 0 {
		w.found.add(kind{level: byACLs, from: x.owner, to: to.owner, around: true}, w.protos[protocol], []span{s}, f.spans, passed)
	}
	for _, from := range x.profiles {
		if !isClient(from.owner) || from.owner == to.owner || e.own != nil && from != e.own {
			continue
		}
		passed := narrow(narrow(lanes, from.out.allowed(f.public, nil, protocol)), in)
		starts := from.spans
		if e.own != nil { // only those that have the address
			i := slices.IndexFunc(from.faces, func(own face) bool { return own.public == e.public })
			starts = from.faces[i].spans
		}
		starts = within(nil, starts, s, nil)
		if len(passed) > 0 && len(starts) > 0 {
			w.found.add(kind{level: byGroups, from: from.owner, to: to.owner, around: true}, w.protos[protocol], starts, f.spans, passed)
		}
	}
}

// compareKinds orders flows for people.
func compareKinds(a, b kind) int {
	return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.level, b.level), compareBool(a.internet, b.internet), compareBool(a.around, b.around))
}
