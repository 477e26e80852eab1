package isolation

import (
	"net/netip"
	"slices"
)

// table is a route table without its local routes.
type table struct {
	hops  []hop // longest prefix first
	maybe []hop // what may match anything, because it was not read
}

type hop struct {
	to     span
	bits   int
	kind   TargetKind
	target string
	dead   bool
	rule   ref
}

func (w *world) table(i int) *table {
	t := &table{}
	for n, r := range w.e.RouteTables[i].Routes {
		h := hop{kind: r.Kind, target: r.Target, dead: r.Blackhole, rule: ref{LayerRoute, i, false, n}}
		if r.Kind == Local {
			continue
		}
		list := []netip.Prefix{r.Destination}
		if r.PrefixList != "" {
			j := slices.IndexFunc(w.e.PrefixLists, func(l PrefixList) bool { return l.ID == r.PrefixList })
			if j < 0 {
				if leads(r.Kind) && !r.Blackhole {
					w.unknown("prefix list %s in route table %s was not read: its route counts as one to every address", r.PrefixList, w.e.RouteTables[i].ID)
					t.maybe = append(t.maybe, h)
				}
				continue
			}
			list = w.e.PrefixLists[j].CIDRs
		}
		for _, p := range list {
			if s, ok := spanOf(p); ok {
				h.to, h.bits = s, p.Bits()
				t.hops = append(t.hops, h)
			}
		}
	}
	slices.SortStableFunc(t.hops, func(a, b hop) int { return b.bits - a.bits })
	return t
}

// leads reports whether a target can bring a packet to a private address.
func leads(k TargetKind) bool {
	return k != Local && k != InternetGateway && k != Endpoint
}

// cutRoutes finds where routes tell addresses apart, over all tables.
func (w *world) cutRoutes() {
	var all []span
	add := func(p netip.Prefix) {
		if s, ok := spanOf(p); ok {
			all = append(all, s)
		}
	}
	for _, v := range w.e.VPCs {
		for _, c := range v.CIDRs {
			add(c)
		}
	}
	for _, t := range w.e.RouteTables {
		for _, r := range t.Routes {
			add(r.Destination)
		}
	}
	for _, l := range w.e.PrefixLists {
		for _, c := range l.CIDRs {
			add(c)
		}
	}
	for _, l := range w.e.Links {
		for _, t := range l.Tables {
			for _, r := range t {
				add(r.Destination)
			}
		}
	}
	w.routeCuts = cutsOf(all)
}

// peer is an address that ACLs compare: the packet's source or destination in the
// box, or the one that a NAT gateway put there.
type peer struct {
	axis  axis
	value uint32 // a representative, or the address itself when fixed
}

type axis uint8

const (
	source axis = iota
	destination
	fixed
)

type check struct {
	filter *filter
	peer   peer
}

// leg is one way of a packet: what it must pass, and by which routes.
type leg struct {
	checks []check
	via    []ref
	nats   []natted
	states []state
}

// state is where a packet is, and with which source. Who comes to one again turns
// in circles.
type state struct {
	at   *place
	from peer
}

// natted is where a NAT gateway took a packet over, and the source it gave it.
type natted struct {
	at    *place
	after peer
}

// past is the leg with more checks. Legs share what they have in common, so that
// nothing is appended in place.
func (l leg) past(c ...check) leg {
	l.checks = slices.Concat(l.checks, c)
	return l
}

func (l leg) by(r ...ref) leg {
	l.via = slices.Concat(l.via, r)
	return l
}

// into takes a packet out of a subnet and into y, over the borders of both. A site
// has no border.
func (l leg) into(at *place, from, to peer, y *place) leg {
	if y.site() || y.internet {
		return l.past(check{at.out, to})
	}
	return l.past(check{at.out, to}, check{y.in, from})
}

// reply is the way back, from one port that is the same all along: the sender's
// own choice, or the NAT gateway's, which are 1024-65535.
type reply struct {
	checks []check
	via    []ref
	lowest uint16
}

// path is how packets of one cell come to another.
type path struct {
	leg
	seen     peer // the source that the destination's groups see
	replies  []reply
	answered bool // replies find their way back
}

// paths finds how packets come from s in x to d in y, and their replies back. There
// is more than one way only where something was not read, or NAT has a choice.
func (w *world) paths(x, y *place, s, d uint32) []path {
	from, to := peer{source, s}, peer{destination, d}
	var out []path
	for _, there := range w.carry(leg{}, x, from, to, y) {
		p := path{leg: there, seen: from}
		if n := len(there.nats); n > 0 {
			p.seen = there.nats[n-1].after
		}
		answered := w.back(p, x, y, from, to, len(there.nats)-1)
		if len(answered) == 0 {
			answered = []path{p}
		}
		out = append(out, answered...)
	}
	return out
}

// shortcut is a path within a VPC, in memory that is used for one after the other.
type shortcut struct {
	path
	there, back [2]check
	answer      [1]reply
}

// locally is the path that paths finds between two subnets that have local routes to
// each other, as nearly all have; nil where it has to look.
func (w *world) locally(x, y *place, s, d uint32) *path {
	if x == y || x.vpc != y.vpc || x.table == nil || y.table == nil {
		return nil
	}
	if _, local := w.next(x, d); !local {
		return nil
	}
	if _, local := w.next(y, s); !local {
		return nil
	}
	p, from, to := &w.short, peer{source, s}, peer{destination, d}
	p.there = [2]check{{x.out, to}, {y.in, from}}
	p.back = [2]check{{y.out, from}, {x.in, to}}
	p.answer = [1]reply{{checks: p.back[:], lowest: 1}}
	p.path = path{leg: leg{checks: p.there[:]}, seen: from, replies: p.answer[:], answered: true}
	return &p.path
}

// back takes replies from a place to the NAT gateway that is n-th on the way there,
// from it to the one before, and in the end to the sender.
func (w *world) back(p path, x, at *place, from, to peer, n int) []path {
	goal, end, lowest := from, x, uint16(1)
	if n >= 0 {
		goal, end, lowest = p.nats[n].after, p.nats[n].at, 1024
	}
	var out []path
	for _, answer := range w.carry(leg{}, at, to, goal, end) {
		if answer.nats != nil { // with another source it is no reply
			continue
		}
		q := p
		q.replies = append(slices.Clip(q.replies), reply{answer.checks, answer.via, lowest})
		if n < 0 {
			q.answered = true
			out = append(out, q)
		} else {
			out = append(out, w.back(q, x, end, from, to, n-1)...)
		}
	}
	return out
}

// carry follows a packet that is at a place, and gives the ways by which it
// arrives in y.
func (w *world) carry(l leg, at *place, from, to peer, y *place) []leg {
	switch {
	case at.internet:
		return w.enter(l, from, y)
	case at == y && !at.site():
		return []leg{l}
	case at.site():
		return w.fromSite(l, at, from, to, y)
	}
	h, local := w.next(at, to.value)
	if local {
		if y.vpc == at.vpc && !y.site() && !y.internet {
			return []leg{l.into(at, from, to, y)}
		}
		return nil
	}
	here := state{at, from}
	if slices.Contains(l.states, here) {
		return nil
	}
	l.states = slices.Concat(l.states, []state{here})
	var out []leg
	if h != nil {
		out = w.follow(l, h, at, from, to, y)
	}
	for i := range at.table.maybe {
		out = append(out, w.follow(l, &at.table.maybe[i], at, from, to, y)...)
	}
	return out
}

// next is the longest route to an address; the local one wins among equals.
func (w *world) next(at *place, to uint32) (h *hop, local bool) {
	bits := -1
	for _, c := range at.local {
		if c.to.has(to) {
			bits = max(bits, c.bits)
		}
	}
	for i := range at.table.hops {
		if h := &at.table.hops[i]; h.bits > bits && h.to.has(to) {
			return h, false
		}
	}
	return nil, bits >= 0
}

// enter brings a packet from the internet in, if the subnet is open to it.
func (w *world) enter(l leg, from peer, y *place) []leg {
	if y.table == nil {
		return nil
	}
	h, _ := w.next(y, from.value)
	if h == nil || h.dead || h.kind != InternetGateway {
		return nil
	}
	return []leg{l.past(check{y.in, from}).by(h.rule)}
}
