package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ofSpec reads a client whose network part is given.
func ofSpec(t *testing.T, text string) *spec.Spec {
	t.Helper()
	s, err := spec.Parse("acme.yaml", []byte("client: ACME\nregion: eu-west-3\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const twoServices = `apps: [{name: shop, services: [{name: web, runtime: apache}, {name: api, runtime: nodejs, path: /api/*}]}]
`

func TestSitesReachWhatListensOnThePortsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		ports string
		acl   []string // inbound
		group map[string][]string
	}{
		"without ports: all services and the database": {
			"",
			[]string{"3000", "5432", "8080"},
			map[string][]string{"shop-web": {"8080"}, "shop-api": {"3000"}, "database": {"5432"}},
		},
		"the database only": {`, ports: ["5432"]`, []string{"5432"}, map[string][]string{"database": {"5432"}}},
		"a port that nothing is known to listen on is the hosts'": {
			`, ports: ["443", "5432"]`, []string{"443", "5432"}, map[string][]string{"hosts": {"443"}, "database": {"5432"}},
		},
		"a range is shared out, and ranges that touch are one rule of the ACL": {
			`, ports: ["3001-8080", "2990-3000", 8081]`,
			[]string{"2990-8081"},
			map[string][]string{"hosts": {"2990-2999", "3001-5431", "5433-8079", "8081"}, "shop-web": {"8080"}, "shop-api": {"3000"}, "database": {"5432"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := ofSpec(t, twoServices+"vpn: {ipsec: {sites: [{name: paris, peer: 198.51.100.10, routes: [192.168.10.0/24]"+c.ports+"}]}}\n")
			site := netip.MustParsePrefix("192.168.10.0/24")
			p := plan(t)
			in, _, err := ClientACL(s, p.Slots()[0], p)
			if err != nil {
				t.Fatal(err)
			}
			var acl []string
			for _, r := range in {
				if r.CIDR == site {
					acl = append(acl, spec.PortRange{From: r.From, To: r.To}.String())
				}
				if r.CIDR == site && (r.Protocol != "tcp" || !r.Allow || r.Number < 300 || r.Number >= 500) {
					t.Errorf("rule %+v", r)
				}
			}
			if diff := cmp.Diff(c.acl, acl); diff != "" {
				t.Error("ACL:", diff)
			}
			groups := map[string][]string{}
			for _, g := range SecurityGroups(s) {
				for _, r := range g.Ingress {
					if r.CIDR == site {
						groups[g.Role] = append(groups[g.Role], spec.PortRange{From: r.From, To: r.To}.String())
					}
				}
			}
			if diff := cmp.Diff(c.group, groups); diff != "" {
				t.Error("groups:", diff)
			}
		})
	}
}

// People come from the endpoint's group, so that no range of theirs is let in.
func TestPeopleReachServicesAndDatabaseThroughTheirGroup(t *testing.T) {
	s := ofSpec(t, twoServices+"vpn: {openvpn: {users: [alice]}}\n")
	var egress []string
	for _, g := range SecurityGroups(s) {
		if g.Role == GroupVPN {
			if len(g.Ingress) > 0 {
				t.Errorf("let in: %+v", g.Ingress)
			}
			for _, r := range g.Egress {
				egress = append(egress, fmt.Sprintf("%s %d", r.Group, r.From))
			}
			continue
		}
		from := slices.ContainsFunc(g.Ingress, func(r SGRule) bool { return r.Group == GroupVPN })
		if want := g.Role != GroupLoadBalancer && g.Role != GroupHosts; from != want {
			t.Errorf("%s lets people in: %v", g.Role, from)
		}
	}
	slices.Sort(egress)
	if diff := cmp.Diff([]string{"database 5432", "shop-api 3000", "shop-web 8080"}, egress); diff != "" {
		t.Error(diff)
	}
	if slices.ContainsFunc(SecurityGroups(ofSpec(t, twoServices)), func(g SecurityGroup) bool { return g.Role == GroupVPN }) {
		t.Error("a group for people without OpenVPN")
	}
}

func TestRangesOfVPNsThatAreRefused(t *testing.T) {
	two, err := cidr.NewPlan(cidr.DefaultPool, vpnPool)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ vpn, want string }{
		"a link-local network": {
			"ipsec: {peer: 198.51.100.10, routes: [169.254.8.0/24]}", "$.vpn.ipsec.routes[0]: 169.254.8.0/24 is link-local",
		},
		"a carrier's network": {
			"ipsec: {peer: 198.51.100.10, routes: [100.64.0.0/10]}", "$.vpn.ipsec.routes[0]: 100.64.0.0/10 is of carriers' shared address space",
		},
		"everything": {
			"ipsec: {peer: 198.51.100.10, routes: [0.0.0.0/0]}", "$.vpn.ipsec.routes[0]: 0.0.0.0/0 is public",
		},
		"people with a carrier's addresses": {"openvpn: {cidr: 100.64.0.0/22}", "$.vpn.openvpn.cidr: 100.64.0.0/22 is of carriers' shared address space"},
		"a public network": {
			"ipsec: {peer: 198.51.100.10, routes: [8.8.8.0/24]}", "$.vpn.ipsec.routes[0]: 8.8.8.0/24 is public",
		},
		"the network of all clients": {
			"ipsec: {sites: [{name: a, peer: 198.51.100.10, routes: [10.0.0.0/8]}]}", "$.vpn.ipsec.sites[0].routes[0]: 10.0.0.0/8 overlaps 10.20.0.0/16",
		},
		"one site's range within another's": {
			"ipsec: {sites: [{name: a, peer: 198.51.100.10, routes: [192.168.0.0/16]}, {name: b, peer: 198.51.100.11, routes: [192.168.1.0/24]}]}",
			`$.vpn.ipsec.sites[1].routes[0]: 192.168.1.0/24 overlaps 192.168.0.0/16 of the site "a"`,
		},
		"a range twice": {
			"ipsec: {peer: 198.51.100.10, routes: [192.168.0.0/24, 192.168.0.0/24]}", "$.vpn.ipsec.routes[1]: 192.168.0.0/24 overlaps 192.168.0.0/24, which is listed too",
		},
		"more ranges than an ACL has rules for": {
			"ipsec: {peer: 198.51.100.10, routes: [192.168.0.0/24, 192.168.1.0/24, 192.168.2.0/24, 192.168.3.0/24, 192.168.4.0/24, 192.168.5.0/24]}", "network ACL rules and AWS allows 19",
		},
		"people in the network of all clients": {"openvpn: {cidr: 10.20.0.0/22}", "$.vpn.openvpn.cidr: 10.20.0.0/22 overlaps 10.20.0.0/16"},
		"people with public addresses":         {"openvpn: {cidr: 9.9.0.0/22}", "$.vpn.openvpn.cidr: 9.9.0.0/22 is public"},
		"people in a site's range": {
			"ipsec: {peer: 198.51.100.10, routes: [10.99.0.0/24]}, openvpn: {cidr: 10.99.0.0/22}", `$.vpn.openvpn.cidr: 10.99.0.0/22 overlaps 10.99.0.0/24 of the site "site"`,
		},
		"a site where people have their addresses by default": {
			"ipsec: {peer: 198.51.100.10, routes: [10.21.99.0/24]}, openvpn: {users: [alice]}", `$.vpn.openvpn.cidr: missing: 10.21.0.0/16, of which people have a range by default, overlaps 10.21.99.0/24 of the site "site"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range Checks(plan(t), "", now)(ofSpec(t, twoServices+"vpn: {"+c.vpn+"}\n")) {
				got = append(got, p.Path+": "+p.Message)
			}
			if !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
	problems := Checks(two, "", now)(ofSpec(t, "vpn: {openvpn: {users: [alice]}}\n"))
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "overlaps 10.21.0.0/16, the network of all clients") {
		t.Errorf("a pool where people have their addresses by default: %v", problems)
	}
}

// No two connections of any clients can have the same inside addresses, and none has one
// that AWS keeps for itself.
func TestInsideRangesAreDifferentForAllSlots(t *testing.T) {
	seen := map[netip.Prefix]bool{}
	var reserved []netip.Prefix
	for i := range 6 {
		reserved = append(reserved, netip.MustParsePrefix(fmt.Sprintf("169.254.%d.0/30", i)))
	}
	reserved = append(reserved, netip.MustParsePrefix("169.254.169.252/30"))
	for slot := range 200 {
		for _, pair := range InsideRanges(slot) {
			for _, p := range pair {
				if seen[p] || p != p.Masked() || p.Bits() != 30 || slices.ContainsFunc(reserved, p.Overlaps) || !netip.MustParsePrefix("169.254.0.0/16").Contains(p.Addr()) {
					t.Fatalf("slot %d: %s", slot, p)
				}
				seen[p] = true
			}
			if pair[0].Addr().Compare(pair[1].Addr()) >= 0 {
				t.Errorf("%v is not in order", pair)
			}
		}
	}
	if len(InsideRanges(50)) < 10 || len(InsideRanges(-1))+len(InsideRanges(161)) > 0 { // 10 connections per VPN gateway
		t.Error("too few, or too many")
	}
}

func TestPeopleHaveARangeForEachSlot(t *testing.T) {
	s := ofSpec(t, "vpn: {openvpn: {users: [alice]}}\n")
	for slot, want := range map[int]string{0: "10.21.0.0/22", 1: "10.21.4.0/22", 63: "10.21.252.0/22"} {
		if p, ok := VPNRange(s, slot); !ok || p.String() != want {
			t.Errorf("slot %d: %s", slot, p)
		}
	}
	if _, ok := VPNRange(s, 64); ok {
		t.Error("slot 64 has a range")
	}
	if p, ok := VPNRange(ofSpec(t, "vpn: {openvpn: {cidr: 10.99.0.0/20}}\n"), 64); !ok || p.String() != "10.99.0.0/20" {
		t.Error("the spec's own:", p)
	}
}
