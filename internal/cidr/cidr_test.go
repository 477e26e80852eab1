package cidr

import (
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func plan(t testing.TB, pools ...string) Plan {
	t.Helper()
	var prefixes []netip.Prefix
	for _, p := range pools {
		prefixes = append(prefixes, netip.MustParsePrefix(p))
	}
	p, err := NewPlan(prefixes...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSlotsAreThoseOfTheDocument(t *testing.T) {
	p := plan(t)
	slots := p.Slots()
	for k, want := range map[int]string{
		0: "10.20.0.0/21+10.20.8.0/21+10.20.16.0/21",
		1: "10.20.24.0/21+10.20.32.0/21+10.20.40.0/21",
		9: "10.20.216.0/21+10.20.224.0/21+10.20.232.0/21",
	} {
		if got := slots[k].String(); got != want {
			t.Errorf("slot %d is %s, want %s", k, got, want)
		}
	}
	if len(slots) != 10 || p.Edge().String() != "10.20.240.0/20" {
		t.Errorf("%d slots and edge %s", len(slots), p.Edge())
	}
}

// Slots and edge divide every pool without overlap and without a gap.
func TestSlotsAndEdgeTileThePool(t *testing.T) {
	p := plan(t, "10.20.0.0/16", "10.21.0.0/16")
	owners := map[netip.Addr]int{}
	mark := func(prefix netip.Prefix) {
		// /22 is the smallest piece: one address in each stands for it.
		for a := prefix.Addr(); prefix.Contains(a); {
			owners[a]++
			b := a.As4()
			if b[2] += 4; b[2] == 0 {
				break
			}
			a = netip.AddrFrom4(b)
		}
	}
	for _, s := range p.Slots() {
		for _, c := range s.Collapsed() {
			mark(c)
		}
		if len(s.Collapsed()) != 2 {
			t.Errorf("slot %s collapses to %v, want two CIDRs", s, s.Collapsed())
		}
	}
	mark(p.Edge())
	mark(netip.MustParsePrefix("10.21.240.0/20")) // a secondary pool's last /20 stays unused
	if len(owners) != 128 {
		t.Errorf("%d of 128 /22 covered", len(owners))
	}
	for a, n := range owners {
		if n != 1 {
			t.Errorf("%s belongs to %d parts", a, n)
		}
	}
}

func TestLowestIsTheFirstFreeSlot(t *testing.T) {
	p := plan(t, "10.20.0.0/16", "10.30.0.0/16")
	rapid.Check(t, func(t *rapid.T) {
		taken := rapid.SliceOfDistinct(rapid.IntRange(0, 19), rapid.ID[int]).Draw(t, "taken")
		var used []netip.Prefix
		for _, k := range taken {
			zone := rapid.IntRange(0, 2).Draw(t, "zone")
			used = append(used, p.Slots()[k].Subnets()[zone])
		}
		used = append(used, p.EdgeSubnets()[0])
		got, ok := p.Lowest(used)
		want := 0
		for slices.Contains(taken, want) {
			want++
		}
		if ok != (want < 20) || ok && p.Number(got) != want {
			t.Fatalf("taken %v: got %v (%v), want slot %d", taken, got, ok, want)
		}
		if ok {
			s, zone, found := p.SlotOf(got.Subnets()[1])
			if !found || s != got || zone != 1 {
				t.Fatalf("SlotOf(%v) = %v, %d, %v", got.Subnets()[1], s, zone, found)
			}
		}
	})
}

func TestPoolsThatAreRefused(t *testing.T) {
	for why, pools := range map[string][]string{
		"not a /16": {"10.20.0.0/20"}, "host bits": {"10.20.1.0/16"}, "public": {"8.8.0.0/16"},
		"twice": {"10.20.0.0/16", "10.20.0.0/16"}, "IPv6": {"fd00::/16"},
		"10/8 with 172.16/12": {"10.20.0.0/16", "172.16.0.0/16"}, "10/8 with 192.168/16": {"10.20.0.0/16", "192.168.0.0/16"},
		"172.16/12 with 10/8": {"172.16.0.0/16", "10.20.0.0/16"}, "192.168/16 with 10/8": {"192.168.0.0/16", "10.20.0.0/16"},
		"the range of default VPCs added": {"172.30.0.0/16", "172.31.0.0/16"}, "10.0/16 beside 10.1/16": {"10.1.0.0/16", "10.0.0.0/16"},
		"10.0/16 beside 10.1/16, both added": {"10.20.0.0/16", "10.0.0.0/16", "10.1.0.0/16"},
	} {
		var prefixes []netip.Prefix
		for _, p := range pools {
			prefixes = append(prefixes, netip.MustParsePrefix(p))
		}
		if _, err := NewPlan(prefixes...); err == nil {
			t.Errorf("%s: %v was accepted", why, pools)
		}
	}
}

func TestPoolsThatAWSJoins(t *testing.T) {
	for why, test := range map[string]struct {
		pools   []string
		another string
	}{
		"one range":                        {[]string{"10.20.0.0/16", "10.21.0.0/16", "10.30.0.0/16"}, "10.22.0.0/16"},
		"172.16/12":                        {[]string{"172.16.0.0/16", "172.20.0.0/16"}, "172.17.0.0/16"},
		"made with the excluded":           {[]string{"172.31.0.0/16", "172.30.0.0/16"}, "172.16.0.0/16"},
		"made with the excluded of 10":     {[]string{"10.0.0.0/16", "10.1.0.0/16"}, "10.2.0.0/16"},
		"192.168/16 has no second pool":    {[]string{"192.168.0.0/16"}, ""},
		"before the range of default VPCs": {[]string{"172.30.0.0/16"}, "172.16.0.0/16"},
	} {
		got := plan(t, test.pools...).Another()
		if text := got.String(); got.IsValid() != (test.another != "") || got.IsValid() && text != test.another {
			t.Errorf("%s: another pool is %s, want %q", why, text, test.another)
		}
	}
}
