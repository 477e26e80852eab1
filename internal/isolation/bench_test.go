package isolation

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// document is an estate as the infrastructure document has it: ten clients a pool of
// each VPC, which has one unless they are given, each with the example's services, a
// site, load balancers, hosts and a database.
func document(t testing.TB, vpcs int, pools ...netip.Prefix) Estate {
	t.Helper()
	plan, err := cidr.NewPlan(pools...)
	if err != nil {
		t.Fatal(err)
	}
	example, err := spec.Parse("example.yaml", examples.ACME, rules.Checks(plan, "123456789012", time.Time{}))
	if err != nil {
		t.Fatal(err)
	}
	e := Estate{Region: "eu-west-3"}
	for v := range vpcs {
		vpc := fmt.Sprintf("vpc-%d", v)
		e.VPCs = append(e.VPCs, VPC{ID: vpc, CIDRs: plan.Pools()})
		addEdge(&e, vpc, plan)
		for k, slot := range plan.Slots() {
			addClient(t, &e, example, vpc, fmt.Sprintf("CLIENT%d", v*len(plan.Slots())+k), k, slot, plan)
		}
	}
	return e
}

func addEdge(e *Estate, vpc string, plan cidr.Plan) {
	in, out := rules.EdgeACL(plan)
	e.ACLs = append(e.ACLs, ACL{ID: vpc + "-edge-acl", Name: "edge", Ingress: entries(in), Egress: entries(out)})
	e.RouteTables = append(e.RouteTables, RouteTable{ID: vpc + "-edge-rtb", Name: "edge", Routes: []Route{{Destination: rules.Anywhere, Kind: InternetGateway, Target: vpc + "-igw"}}})
	for zone, c := range plan.EdgeSubnets() {
		subnet := fmt.Sprintf("%s-edge-%d", vpc, zone)
		e.Subnets = append(e.Subnets, Subnet{ID: subnet, VPC: vpc, CIDR: c, ACL: vpc + "-edge-acl", RouteTable: vpc + "-edge-rtb"})
		nat := addressIn(c, 200)
		e.NATs = append(e.NATs, NAT{ID: fmt.Sprintf("%s-nat-%d", vpc, zone), Subnet: subnet, Address: nat})
		e.Interfaces = append(e.Interfaces, Interface{
			ID: subnet + "-nat", Subnet: subnet, Addresses: []netip.Addr{nat}, Public: []netip.Addr{netip.MustParseAddr("3.3.3.3")}, What: "NAT gateway", ChecksSource: true,
		})
	}
}

func entries(list []rules.ACLRule) []Entry {
	protocols := map[string]Protocol{"all": AllProtocols, "tcp": TCP, "udp": UDP, "icmp": ICMP}
	var out []Entry
	for _, r := range list {
		out = append(out, Entry{r.Number, r.Allow, protocols[r.Protocol], r.CIDR, Ports{r.From, r.To}})
	}
	return out
}

func addClient(t testing.TB, e *Estate, example *spec.Spec, vpc, name string, k int, slot cidr.Slot, plan cidr.Plan) {
	t.Helper()
	site := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, byte(k), 0}), 24)
	s := *example
	s.Client, s.VPN.IPsec = name, &spec.IPsec{Sites: []spec.Site{{Name: "site", Routes: []netip.Prefix{site}}}}
	in, out, err := rules.ClientACL(&s, slot, plan)
	if err != nil {
		t.Fatal(err)
	}
	e.ACLs = append(e.ACLs, ACL{ID: name + "-acl", Name: name, Owner: name, Ingress: entries(in), Egress: entries(out)})
	e.VPNs = append(e.VPNs, VPN{ID: name + "-vpn", Owner: name, Gateway: vpc + "-vgw", VPC: vpc, CIDRs: []netip.Prefix{site}, Static: true})
	groups := rules.SecurityGroups(&s)
	for _, g := range groups {
		e.Groups = append(e.Groups, Group{ID: name + "-" + g.Role, Name: g.Name, Owner: name, Ingress: groupRules(name, g.Ingress), Egress: groupRules(name, g.Egress)})
	}
	for zone, c := range slot.Subnets() {
		subnet, table := fmt.Sprintf("%s-%d", name, zone), fmt.Sprintf("%s-rtb-%d", name, zone)
		e.Subnets = append(e.Subnets, Subnet{ID: subnet, VPC: vpc, CIDR: c, Owner: name, ACL: name + "-acl", RouteTable: table})
		e.RouteTables = append(e.RouteTables, RouteTable{ID: table, Owner: name, Routes: []Route{
			{Destination: rules.Anywhere, Kind: NATGateway, Target: fmt.Sprintf("%s-nat-%d", vpc, zone)},
			{Destination: site, Kind: VPNGateway, Target: vpc + "-vgw"},
			{PrefixList: "pl-s3", Kind: Endpoint, Target: vpc + "-s3"},
		}})
		for n, g := range groups {
			at, prefix := subnet, c
			i := Interface{Owner: name, What: g.Role, Groups: []string{name + "-" + g.Role}, ChecksSource: true}
			if g.Role == rules.GroupLoadBalancer {
				at, prefix = fmt.Sprintf("%s-edge-%d", vpc, zone), plan.EdgeSubnets()[zone]
				i.Public = []netip.Addr{netip.MustParseAddr("3.3.3.4")}
				i.Listens = []Listener{{TCP, 80}, {TCP, 443}}
			}
			i.ID, i.Subnet, i.Addresses = fmt.Sprintf("%s-%s", subnet, g.Role), at, []netip.Addr{addressIn(prefix, 10+k*10+n)}
			e.Interfaces = append(e.Interfaces, i)
		}
	}
}

func groupRules(client string, list []rules.SGRule) []GroupRule {
	protocols := map[string]Protocol{"all": AllProtocols, "tcp": TCP, "udp": UDP}
	var out []GroupRule
	for _, r := range list {
		g := GroupRule{Protocol: protocols[r.Protocol], Ports: Ports{r.From, r.To}, CIDR: r.CIDR}
		if r.Group != "" {
			g.Group = client + "-" + r.Group
		}
		out = append(out, g)
	}
	return out
}

func BenchmarkProof(b *testing.B) {
	var four []netip.Prefix
	for i := range byte(4) {
		four = append(four, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 20 + i, 0, 0}), 16))
	}
	for _, bench := range []struct {
		name  string
		vpcs  int
		pools []netip.Prefix
	}{{"10 clients", 1, nil}, {"40 clients of one VPC", 1, four}, {"1000 clients of 100 VPCs", 100, nil}} {
		b.Run(bench.name, func(b *testing.B) {
			e := document(b, bench.vpcs, bench.pools...)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			b.ReportAllocs()
			for b.Loop() {
				if p := Prove(e); !p.Isolated() {
					b.Fatal(p.Lines())
				}
			}
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.Sys)/1e6, "MB-of-the-system")
		})
	}
}
