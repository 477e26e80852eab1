// Package cidr does the address arithmetic of the design: ten slots of three
// /21 subnets in each /16 pool, and an edge made of what is left of the first.
package cidr

import (
	"fmt"
	"net/netip"
	"slices"

	"go4.org/netipx"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

const (
	poolBits     = 16
	clientBits   = 21 // one client subnet
	edgeBits     = 20 // what ten slots leave of a pool
	edgeSubnet   = 22
	slotsPerPool = 10
	zones        = 3
)

// DefaultPool is the VPC of the infrastructure document.
var DefaultPool = netip.MustParsePrefix("10.20.0.0/16")

// Plan is the address plan of one region's VPC. The first pool is the VPC's
// primary CIDR and holds the edge; the others are secondary CIDRs with slots only.
type Plan struct {
	pools []netip.Prefix
}

// Slot is one client's place: three consecutive /21 of one pool. Slots are comparable.
type Slot struct {
	Pool  netip.Prefix
	Index int // 0..9 within the pool
}

// NewPlan checks the pools, private /16 networks that do not overlap, and returns
// their plan. Without pools it is the document's 10.20.0.0/16.
func NewPlan(pools ...netip.Prefix) (Plan, error) {
	if len(pools) == 0 {
		pools = []netip.Prefix{DefaultPool}
	}
	for i, p := range pools {
		switch {
		case !p.Addr().Is4() || p.Bits() != poolBits:
			return Plan{}, lang.Errorf("pool %s is not an IPv4 /%d", p, poolBits)
		case p.Masked() != p:
			return Plan{}, lang.Errorf("pool %s has host bits set; write %s", p, p.Masked())
		case !p.Addr().IsPrivate():
			return Plan{}, lang.Errorf("pool %s is not private; take one of 10.0.0.0/8 or 172.16.0.0/12", p)
		}
		if slices.ContainsFunc(pools[:i], p.Overlaps) {
			return Plan{}, lang.Errorf("pool %s is listed twice", p)
		}
	}
	if err := joinable(pools); err != nil {
		return Plan{}, err
	}
	return Plan{pools: slices.Clone(pools)}, nil
}

// Pools returns the CIDRs of the VPC, the primary one first.
func (p Plan) Pools() []netip.Prefix { return slices.Clone(p.pools) }

// Primary returns the VPC's primary CIDR.
func (p Plan) Primary() netip.Prefix { return p.pools[0] }

// Edge is the /20 at the end of the primary pool: NAT gateways and load balancers.
func (p Plan) Edge() netip.Prefix {
	return nth(p.Primary(), edgeBits, 1<<(edgeBits-poolBits)-1)
}

// EdgeSubnets returns the edge's three /22, in the order of the zones. The fourth
// /22 of the edge is kept in reserve.
func (p Plan) EdgeSubnets() [zones]netip.Prefix {
	var out [zones]netip.Prefix
	for i := range out {
		out[i] = nth(p.Edge(), edgeSubnet, i)
	}
	return out
}

// Slots lists all slots in the order in which they are given out.
func (p Plan) Slots() []Slot {
	var out []Slot
	for _, pool := range p.pools {
		for k := range slotsPerPool {
			out = append(out, Slot{pool, k})
		}
	}
	return out
}

// Lowest returns the first slot that overlaps none of the prefixes in use.
func (p Plan) Lowest(used []netip.Prefix) (Slot, bool) {
	for _, s := range p.Slots() {
		free := true
		for _, subnet := range s.Subnets() {
			free = free && !slices.ContainsFunc(used, subnet.Overlaps)
		}
		if free {
			return s, true
		}
	}
	return Slot{}, false
}

// SlotOf says which slot a /21 belongs to and which of its three it is.
func (p Plan) SlotOf(prefix netip.Prefix) (s Slot, zone int, ok bool) {
	for _, s := range p.Slots() {
		for zone, subnet := range s.Subnets() {
			if subnet == prefix {
				return s, zone, true
			}
		}
	}
	return Slot{}, 0, false
}

// Number is the slot's place over all pools, from 0.
func (p Plan) Number(s Slot) int { return slices.Index(p.Slots(), s) }

// Subnets returns the slot's three /21 in the order of the zones.
func (s Slot) Subnets() [zones]netip.Prefix {
	var out [zones]netip.Prefix
	for i := range out {
		out[i] = nth(s.Pool, clientBits, s.Index*zones+i)
	}
	return out
}

// Collapsed returns the slot as its two aligned CIDRs, a /20 and a /21, so that a
// network ACL needs two rules for it and not three.
func (s Slot) Collapsed() []netip.Prefix {
	var b netipx.IPSetBuilder
	for _, subnet := range s.Subnets() {
		b.AddPrefix(subnet)
	}
	set, err := b.IPSet()
	if err != nil { // only invalid prefixes make it fail, and nth returns none
		panic(err)
	}
	return set.Prefixes()
}

// IsZero reports whether no slot was chosen yet.
func (s Slot) IsZero() bool { return s == Slot{} }

// String is "10.20.24.0/21+10.20.32.0/21+10.20.40.0/21".
func (s Slot) String() string {
	n := s.Subnets()
	return fmt.Sprintf("%s+%s+%s", n[0], n[1], n[2])
}

// nth returns the n-th prefix of the given length inside an IPv4 prefix.
func nth(in netip.Prefix, bits, n int) netip.Prefix {
	a := in.Addr().As4()
	v := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	v += uint32(n) << (32 - bits)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), bits)
}
