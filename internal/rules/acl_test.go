package rules

import (
	"net/netip"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/cidr"
)

// Every inbound rule is looked at by itself, as Security Hub does: what stands before
// it does not count.
func TestWhichRulesLetRemoteLoginIn(t *testing.T) {
	t.Parallel()
	const everywhere = "0.0.0.0/0"
	for why, c := range map[string]struct {
		rule  ACLRule
		opens bool
	}{
		"SSH":                              {ACLRule{Allow: true, Protocol: "tcp", CIDR: netip.MustParsePrefix(everywhere), From: 22, To: 22}, true},
		"a wide range contains RDP":        {ACLRule{Allow: true, Protocol: "tcp", CIDR: netip.MustParsePrefix(everywhere), From: 1024, To: 65535}, true},
		"UDP counts":                       {ACLRule{Allow: true, Protocol: "udp", CIDR: netip.MustParsePrefix(everywhere), From: 3389, To: 3389}, true},
		"all protocols contain TCP":        {ACLRule{Allow: true, Protocol: "all", CIDR: netip.MustParsePrefix(everywhere), To: lastPort}, true},
		"the first port of a range":        {ACLRule{Allow: true, Protocol: "tcp", CIDR: netip.MustParsePrefix(everywhere), From: 22, To: 80}, true},
		"the last port of a range":         {ACLRule{Allow: true, Protocol: "tcp", CIDR: netip.MustParsePrefix(everywhere), From: 1024, To: 3389}, true},
		"everywhere by IPv6":               {ACLRule{Allow: true, Protocol: "tcp", CIDR: netip.MustParsePrefix("::/0"), From: 22, To: 22}, true},
		"a deny":                           {ACLRule{Protocol: "tcp", CIDR: netip.MustParsePrefix(everywhere), From: 22, To: 22}, false},
		"the ports beside it":              {ACLRule{Allow: true, Protocol: "tcp", CIDR: netip.MustParsePrefix(everywhere), From: 3390, To: lastPort}, false},
		"a range that somebody was given":  {ACLRule{Allow: true, Protocol: "tcp", CIDR: netip.MustParsePrefix("198.51.100.0/24"), From: 22, To: 22}, false},
		"a protocol that has no ports":     {ACLRule{Allow: true, Protocol: "icmp", CIDR: netip.MustParsePrefix(everywhere), To: lastPort}, false},
		"a network that begins with zeros": {ACLRule{Allow: true, Protocol: "tcp", CIDR: netip.MustParsePrefix("0.0.0.0/8"), From: 22, To: 22}, false},
	} {
		if got := c.rule.OpensRemote(); got != c.opens {
			t.Errorf("%s: %v", why, got)
		}
	}
}

// No ACL that is made lets in SSH or RDP from everywhere, by TCP or UDP and whatever
// stands before; all has room, and every reply gets through but those to these ports.
func TestNoACLLetsRemoteLoginIn(t *testing.T) {
	t.Parallel()
	pools := []netip.Prefix{cidr.DefaultPool}
	for i := range byte(4) { // five CIDRs are what a VPC takes by default
		pools = append(pools, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 21 + i, 0, 0}), 16))
	}
	for n := range pools {
		p, err := cidr.NewPlan(pools[:n+1]...)
		if err != nil {
			t.Fatal(err)
		}
		edge, _ := EdgeACL(p)
		client, _, err := ClientACL(acme(t), p.Slots()[0], p)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range [][]ACLRule{edge, client} {
			if len(list) > MaxACLRules {
				t.Errorf("%d rules with %d pools, and AWS takes %d", len(list), n+1, MaxACLRules)
			}
			for _, r := range list {
				for _, port := range []uint16{22, 3389} {
					if r.Allow && r.CIDR == Anywhere && r.From <= port && port <= r.To {
						t.Errorf("rule %+v contains port %d", r, port)
					}
				}
			}
		}
		outside := netip.MustParseAddr("203.0.113.1")
		for _, protocol := range []string{"tcp", "udp"} {
			for port := 1; port <= lastPort; port++ {
				let, by := Evaluate(edge, protocol, outside, uint16(port))
				want := port >= 1024 && port != 3389 || protocol == "tcp" && (port == 80 || port == 443)
				if let != want {
					t.Fatalf("%s port %d from outside: %v by %+v", protocol, port, let, by)
				}
			}
		}
	}
}
