package isolation

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The document's own ACLs and groups keep ten clients apart, twice: no group lets
// anything through, and neither would the ACLs alone.
func TestTheDocumentIsolatesTenClients(t *testing.T) {
	t.Parallel()
	p := Prove(document(t, 1))
	want := []string{
		"no client reaches another: 90 ordered pairs of clients, of which 90 can meet; 7.26e+14 combinations of addresses, " +
			"protocols and ports, decided in 1350 classes by 689 rules",
	}
	if diff := cmp.Diff(want, p.Lines()); diff != "" {
		t.Error(diff)
	}
}

// From outside, the example is reached on the load balancer's listeners only, its
// containers and its database from its own site and on their own ports only, and its
// containers from the edge.
func TestWhatReachesAClientOfTheDocument(t *testing.T) {
	t.Parallel()
	e := document(t, 1)
	for _, x := range Prove(e).Exposures {
		var have []string
		for what, flows := range map[string][]Flow{"internet": x.Internet, "site": x.Sites, "shared": x.Shared, "edge": x.Edge} {
			for _, f := range flows {
				have = append(have, fmt.Sprintf("%s %s %v %s", what, list(f.Source), f.What, f.Traffic()))
			}
		}
		slices.Sort(have)
		site := fmt.Sprintf("site 192.168.%s.0/24 ", strings.TrimPrefix(x.Client, "CLIENT"))
		edge := "edge 10.20.240.0/21, 10.20.248.0/22 [] tcp "
		want := []string{
			edge + "2121", edge + "2222", edge + "3000", edge + "49152-49159", edge + "8080",
			"internet 0.0.0.0/0 [load-balancer] tcp 443", "internet 0.0.0.0/0 [load-balancer] tcp 80",
			site + "[database] tcp 5432", site + "[shop-api] tcp 3000", site + "[shop-files] tcp 2222", site + "[shop-ftp] tcp 2121", site + "[shop-web] tcp 8080",
		}
		if diff := cmp.Diff(want, slices.Compact(have)); diff != "" {
			t.Errorf("%s: %s", x.Client, diff)
		}
	}
}

// A hole made by hand in the ACLs of two clients is latent; with one in a group it
// is a flow, and the rules that make it are named.
func TestAHoleInTheDocumentIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	e := document(t, 1)
	for id, neighbour := range map[string]string{"CLIENT1": "10.20.48.0/21", "CLIENT2": "10.20.24.0/21"} {
		a := &e.ACLs[slices.IndexFunc(e.ACLs, func(a ACL) bool { return a.ID == id+"-acl" })]
		a.Ingress = append(a.Ingress, allowAll(90, netip.MustParsePrefix(neighbour)))
		a.Egress = append(a.Egress, allowAll(90, netip.MustParsePrefix(neighbour)))
	}
	p := Prove(e)
	if len(p.Flows) > 0 || len(p.Latent) != 8 { // two ways, by TCP, UDP, ICMP and the rest
		t.Errorf("%d flows, %d latent\n%s", len(p.Flows), len(p.Latent), strings.Join(p.Lines(), "\n"))
	}
	for id, rule := range map[string]GroupRule{"CLIENT2-database": tcpFrom(pool, 5432, 5432), "CLIENT1-hosts": tcpFrom(pool, 5000, 6000)} {
		g := &e.Groups[slices.IndexFunc(e.Groups, func(g Group) bool { return g.ID == id })]
		rule.ID = "sgr-" + id
		g.Ingress, g.Egress = append(g.Ingress, rule), append(g.Egress, rule)
	}
	want := "CLIENT1 10.20.24.21 reaches CLIENT2 10.20.48.32 (database) on tcp 5432: " +
		"acl CLIENT1-acl (CLIENT1) outbound rule 90 (all to 10.20.48.0/21); acl CLIENT2-acl (CLIENT2) inbound rule 90 (all from 10.20.24.0/21); " +
		"acl CLIENT2-acl (CLIENT2) outbound rule 90 (all to 10.20.24.0/21); acl CLIENT1-acl (CLIENT1) inbound rule 90 (all from 10.20.48.0/21); " +
		"group CLIENT1-hosts (CLIENT1) outbound rule sgr-CLIENT1-hosts (tcp 5000-6000 to 10.20.0.0/16); " +
		"group CLIENT2-database (CLIENT2) inbound rule sgr-CLIENT2-database (tcp 5432 from 10.20.0.0/16)"
	if diff := cmp.Diff(want, Prove(e).Lines()[0]); diff != "" {
		t.Error(diff)
	}
}

// A client's public load balancer is marked as one: a neighbour gets there by the
// VPC, but everybody else gets there too.
func TestWhatTheInternetReachesIsMarked(t *testing.T) {
	t.Parallel()
	e := document(t, 1)
	a := &e.ACLs[slices.IndexFunc(e.ACLs, func(a ACL) bool { return a.ID == "CLIENT1-acl" })]
	edge := netip.MustParsePrefix("10.20.240.0/20")
	a.Egress = append(a.Egress, allowAll(90, edge))
	a.Ingress = append(a.Ingress, allowAll(90, edge))
	p := Prove(e)
	if p.Isolated() || len(p.Flows) == 0 {
		t.Error("no flow to the neighbours' load balancers")
	}
	for _, f := range p.Flows {
		if !f.Public {
			t.Errorf("not marked: %s", f)
		}
	}
}
