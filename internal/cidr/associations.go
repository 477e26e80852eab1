package cidr

import (
	"net/netip"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// association is a row of AWS's table of which CIDRs a VPC cannot be given beside those
// that it has.
type association struct {
	of      netip.Prefix   // the VPC has one within this range
	refused []netip.Prefix // and is given none that is within one of these
}

// associations is the table of the VPC User Guide, "VPC CIDR blocks", "IPv4 CIDR block
// association restrictions". Its rows for public ranges and for 198.19.0.0/16 are about
// VPCs that no pool makes. That the second row is about 172.31.0.0/16 as well is no slip:
// it is the range of default VPCs.
var associations = []association{
	{of("10.0.0.0/8"), ranges("172.16.0.0/12 192.168.0.0/16 198.19.0.0/16")},
	{of("10.0.0.0/15"), ranges("10.0.0.0/16")},
	{of("172.16.0.0/12"), ranges("10.0.0.0/8 192.168.0.0/16 172.31.0.0/16 198.19.0.0/16")},
	{of("192.168.0.0/16"), ranges("10.0.0.0/8 172.16.0.0/12 198.19.0.0/16")},
}

func of(text string) netip.Prefix { return netip.MustParsePrefix(text) }

func ranges(text string) []netip.Prefix {
	var out []netip.Prefix
	for each := range strings.FieldsSeq(text) {
		out = append(out, of(each))
	}
	return out
}

// joinable refuses pools that AWS does not join in one VPC. The first is what the VPC is
// made with; each of the others may be added when all the rest are there.
func joinable(pools []netip.Prefix) error {
	if have, added := refused(pools); added.IsValid() {
		fix := lang.Say("leave it out")
		if other := another(pools[:1]); other.IsValid() {
			fix = lang.Sprintf("take another /16 of the range of %s, such as %s", pools[0].String(), other.String())
		}
		return lang.Errorf("pool %s cannot be added to a VPC that has %s (VPC User Guide, IPv4 CIDR block association restrictions); %s", added, have, fix)
	}
	return nil
}

// refused is the first pool that AWS does not add to a VPC, and what it does not go with.
func refused(pools []netip.Prefix) (have, added netip.Prefix) {
	for i, added := range pools[1:] {
		for j, have := range pools {
			for _, row := range associations {
				if j != i+1 && row.of.Overlaps(have) && slices.ContainsFunc(row.refused, added.Overlaps) {
					return have, added
				}
			}
		}
	}
	return netip.Prefix{}, netip.Prefix{}
}

// restricted reports whether AWS refuses to join the pools and one more.
func restricted(pools []netip.Prefix, more netip.Prefix) bool {
	_, added := refused(append(slices.Clone(pools), more))
	return added.IsValid()
}

// Another is a /16 that can be added to the pools; not valid when AWS joins none.
func (p Plan) Another() netip.Prefix { return another(p.pools) }

// another is the next one after the first pool, or else the first one, of the same range.
func another(pools []netip.Prefix) netip.Prefix {
	var before netip.Prefix
	for _, private := range ranges("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16") {
		if !private.Overlaps(pools[0]) {
			continue
		}
		for n := range 1 << (poolBits - private.Bits()) {
			p := nth(private, poolBits, n)
			switch {
			case slices.ContainsFunc(pools, p.Overlaps), restricted(pools, p):
			case pools[0].Addr().Less(p.Addr()):
				return p
			case !before.IsValid():
				before = p
			}
		}
	}
	return before
}
