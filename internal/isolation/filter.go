package isolation

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// span is an inclusive range of IPv4 addresses.
type span struct{ lo, hi uint32 }

var everywhere = span{0, 1<<32 - 1}

func number(a netip.Addr) (uint32, bool) {
	if a = a.Unmap(); !a.Is4() {
		return 0, false
	}
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]), true
}

func address(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// spanOf is false for IPv6 and for no prefix at all.
func spanOf(p netip.Prefix) (span, bool) {
	if !p.IsValid() || !p.Addr().Is4() {
		return span{}, false
	}
	lo, _ := number(p.Masked().Addr())
	return span{lo, lo | uint32(uint64(1)<<(32-p.Bits())-1)}, true
}

func (s span) has(a uint32) bool { return s.lo <= a && a <= s.hi }

func (s span) overlaps(t span) bool { return s.lo <= t.hi && t.lo <= s.hi }

func clip(s, t span) span { return span{max(s.lo, t.lo), min(s.hi, t.hi)} }

// join sorts spans and merges those that overlap or touch.
func join(spans []span) []span {
	if len(spans) < 2 {
		return spans
	}
	slices.SortFunc(spans, func(a, b span) int {
		switch {
		case a.lo < b.lo:
			return -1
		case a.lo > b.lo:
			return 1
		}
		return 0
	})
	out := spans[:1]
	for _, s := range spans[1:] {
		last := &out[len(out)-1]
		switch {
		case s.lo > last.hi && s.lo-1 > last.hi:
			out = append(out, s)
		case s.hi > last.hi:
			last.hi = s.hi
		}
	}
	return out
}

func prefixes(spans []span) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range join(slices.Clone(spans)) {
		out = netipx.IPRangeFrom(address(s.lo), address(s.hi)).AppendPrefixes(out)
	}
	return out
}

// cuts are the first addresses of ranges that rules tell apart.
type cuts []uint32

func cutsOf(spans []span) cuts {
	c := cuts{0}
	for _, s := range spans {
		c = append(c, s.lo)
		if s.hi != everywhere.hi {
			c = append(c, s.hi+1)
		}
	}
	slices.Sort(c)
	return slices.Compact(c)
}

// at is the index of the range that an address is in.
func (c cuts) at(a uint32) int {
	first, beyond := 0, len(c)
	for beyond-first > 1 {
		if middle := (first + beyond) / 2; c[middle] <= a {
			first = middle
		} else {
			beyond = middle
		}
	}
	return first
}

// split cuts a span. The common case, one range, allocates nothing.
func (c cuts) split(s span, into []span) []span {
	for i := c.at(s.lo); ; i++ {
		if i+1 >= len(c) || c[i+1] > s.hi {
			return append(into, s)
		}
		into = append(into, span{s.lo, c[i+1] - 1})
		s.lo = c[i+1]
	}
}

// ref points at a rule of the estate; index -1 at a whole thing that was not read.
type ref struct {
	layer  Layer
	object int // index in the estate, or in world.missing
	egress bool
	index  int
}

// seg is a range of ports and the rules by any one of which it is open; no rule
// where nothing filters.
type seg struct {
	from, to uint16
	rules    []ref
}

// filter is one direction of a network ACL, as ranges of peers that it treats
// alike. What a range allows is worked out when it is first asked for.
type filter struct {
	cuts    cuts
	entries []entry // by number
	protos  []Protocol
	classes []*class // by range
}

// class is what a range of peers may do.
type class struct {
	open   [][]seg // by class of protocols
	closed bool    // nothing of all
}

type entry struct {
	peer     span
	allow    bool
	protocol Protocol
	ports    Ports
	rule     []ref
}

// allowed is what passes to or from an address.
func (f *filter) allowed(a uint32) *class {
	i := f.cuts.at(a)
	if f.classes[i] == nil {
		c := &class{open: make([][]seg, len(f.protos)), closed: true}
		for p, protocol := range f.protos {
			c.open[p] = f.first(a, protocol)
			c.closed = c.closed && len(c.open[p]) == 0
		}
		f.classes[i] = c
	}
	return f.classes[i]
}

// first walks the rules in their order: each decides about the ports that none
// before it matched.
func (f *filter) first(a uint32, protocol Protocol) []seg {
	left := []Ports{AllPorts}
	var out []seg
	for _, e := range f.entries {
		if !e.peer.has(a) || e.protocol != AllProtocols && e.protocol != protocol {
			continue
		}
		match := e.ports
		if e.protocol == AllProtocols || !hasPorts(protocol) {
			match = AllPorts
		}
		var rest []Ports
		for _, l := range left {
			from, to := max(l.From, match.From), min(l.To, match.To)
			if from > to {
				rest = append(rest, l)
				continue
			}
			if e.allow {
				out = append(out, seg{from, to, e.rule})
			}
			if l.From < from {
				rest = append(rest, Ports{l.From, from - 1})
			}
			if to < l.To {
				rest = append(rest, Ports{to + 1, l.To})
			}
		}
		if left = rest; len(left) == 0 {
			break
		}
	}
	return out
}

func hasPorts(p Protocol) bool { return p == TCP || p == UDP || p == ICMP }

// guard is one direction of the security groups of an interface.
type guard struct {
	none    bool // nothing filters
	byPlace bool // a rule lets through by address
	rules   []guardRule
	cuts    cuts
	protos  []Protocol
	classes []*guardClass // by range of peers
	members []int         // the rules that name a group
}

type guardClass struct {
	rules []int   // those that match by address
	open  [][]seg // by class of protocols, for peers in no group that a rule names
}

type guardRule struct {
	peers    []span
	group    string
	protocol Protocol
	ports    Ports
	rule     ref
}

var unfiltered = []seg{{0, 65535, nil}}

// knows is false for peers that no rule is about, whatever their address.
func (g *guard) knows(groups []string) bool {
	return g.none || g.byPlace || slices.ContainsFunc(g.members, func(n int) bool { return slices.Contains(groups, g.rules[n].group) })
}

// allowed is what passes to or from a peer with an address and groups.
func (g *guard) allowed(a uint32, groups []string, protocol int) []seg {
	if g.none {
		return unfiltered
	}
	i := g.cuts.at(a)
	c := g.classes[i]
	if c == nil {
		c = &guardClass{open: make([][]seg, len(g.protos))}
		for n, r := range g.rules {
			if slices.ContainsFunc(r.peers, func(s span) bool { return s.has(a) }) {
				c.rules = append(c.rules, n)
			}
		}
		for p := range g.protos {
			c.open[p] = g.open(c.rules, g.protos[p])
		}
		g.classes[i] = c
	}
	all := c.rules
	for _, n := range g.members {
		if slices.Contains(groups, g.rules[n].group) {
			all = append(slices.Clip(all), n)
		}
	}
	if len(all) == len(c.rules) {
		return c.open[protocol]
	}
	return g.open(all, g.protos[protocol])
}

// open cuts the ports of a protocol at the ends of rules, and says for each range
// by which rules it is open.
func (g *guard) open(rules []int, protocol Protocol) []seg {
	var match []guardRule
	starts := []int{}
	for _, n := range rules {
		r := g.rules[n]
		if r.protocol != AllProtocols && r.protocol != protocol {
			continue
		}
		if r.protocol == AllProtocols || !hasPorts(protocol) {
			r.ports = AllPorts
		}
		match = append(match, r)
		starts = append(starts, int(r.ports.From), int(r.ports.To)+1)
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	var out []seg
	for i := 0; i+1 < len(starts); i++ {
		s := seg{from: uint16(starts[i]), to: uint16(starts[i+1] - 1)}
		for _, r := range match {
			if r.ports.From <= s.from && s.to <= r.ports.To {
				s.rules = append(s.rules, r.rule)
			}
		}
		if s.rules != nil {
			out = append(out, s)
		}
	}
	return out
}
