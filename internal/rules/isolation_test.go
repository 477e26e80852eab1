package rules

import (
	"net/netip"
	"slices"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ends are the addresses at the ends of a slot's subnets.
func ends(s cidr.Slot) []netip.Addr {
	var out []netip.Addr
	for _, n := range s.Subnets() {
		a := n.Addr().As4()
		out = append(out, n.Addr().Next(), netip.AddrFrom4([4]byte{a[0], a[1], a[2] + 7, 254}))
	}
	return out
}

// Of every two clients in any slots of several pools, the ACL of each lets nothing
// of the other in and nothing out to it, whatever the protocol and the port. The
// edge comes in on the ports of load balancers only.
func TestNoTwoClientsReachEachOther(t *testing.T) {
	t.Parallel()
	p, err := cidr.NewPlan(cidr.DefaultPool, netip.MustParsePrefix("10.21.0.0/16"), netip.MustParsePrefix("10.120.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	ports := []uint16{0, 1, 21, 22, 53, 80, 123, 443, 1023, 1024, 2222, 3000, 3306, 3389, 5432, 8080, 32767, 32768, 49152, 50000, 65535}
	protocols := []string{"tcp", "udp", "icmp", "protocol-47", "protocol-50"}
	s := acme(t)
	balanced := map[uint16]bool{}
	for _, r := range edgePorts(s) {
		for p := int(r.From); p <= int(r.To); p++ {
			balanced[uint16(p)] = true
		}
	}
	for _, own := range p.Slots() {
		in, out, err := ClientACL(s, own, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, protocol := range protocols {
			for _, port := range ports {
				for _, other := range p.Slots() {
					for _, peer := range ends(other) {
						let, by := Evaluate(in, protocol, peer, port)
						to, toBy := Evaluate(out, protocol, peer, port)
						if mine := own == other; let != mine || to != mine {
							t.Fatalf("slot %s and %s, %s port %d: in %v by %+v, out %v by %+v", own, other, protocol, port, let, by, to, toBy)
						}
					}
				}
				for _, net := range []string{"10.20.240.1", "10.20.247.254", "10.20.251.9", "10.20.255.254"} {
					if let, by := Evaluate(in, protocol, netip.MustParseAddr(net), port); let != (protocol == "tcp" && balanced[port]) {
						t.Fatalf("the edge, %s port %d: in %v by %+v", protocol, port, let, by)
					}
				}
				// What is left of other pools belongs to nobody.
				for _, text := range []string{"10.21.240.1", "10.120.255.254"} {
					if let, by := Evaluate(in, protocol, netip.MustParseAddr(text), port); let {
						t.Fatalf("%s, %s port %d: in by %+v", text, protocol, port, by)
					}
				}
			}
		}
	}
}

// Security groups let in the client's own groups; from outside, only its load
// balancers take anything, the one for file transfer from the spec's ranges.
func TestGroupsLetNobodyElseIn(t *testing.T) {
	t.Parallel()
	s := acme(t)
	for _, g := range SecurityGroups(s) {
		for _, r := range g.Ingress {
			balancer := g.Role == GroupLoadBalancer && r.CIDR == Anywhere && (r.From == 80 || r.From == 443) && r.From == r.To
			people := g.Role == GroupTransfer && r.From > 1024 && slices.ContainsFunc(s.Apps[0].Services, func(svc spec.Service) bool { return slices.Contains(svc.From, r.CIDR) })
			if r.Protocol != "tcp" || r.Group == "" && !balancer && !people {
				t.Errorf("%s lets in %+v", g.Role, r)
			}
		}
	}
}
