package dossier

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// placed tells where the client is.
func (l *look) placed() Place {
	p := Place{Told: l.told(askedSubnets, "ec2/vpc"), Region: l.Region, City: l.city(), Slot: -1, Ranges: []string{}, Subnets: []PlacedPart{}}
	for _, v := range l.shared["ec2/vpc"] {
		p.VPC, p.Ranges = v.Tags["Name"], append(p.Ranges, text(&v, "CIDR"))
		p.Ranges = append(p.Ranges, lines(&v, "secondary CIDRs")...)
	}
	if l.place == nil {
		return p
	}
	p.Slot = l.place.Slot
	for _, s := range l.place.Subnets {
		p.Subnets = append(p.Subnets, PlacedPart{Name: l.names.name(s.ID), Zone: s.Zone, ZoneID: s.ZoneID, Range: s.CIDR.String(), ID: s.ID})
	}
	return p
}

// isolationUnread is how the audit calls the network where that was not read.
const isolationUnread = "isolation of clients"

// network tells who reaches whom.
func (l *look) network() Network {
	n := Network{
		Told:   l.told(isolationUnread, "ec2/subnet", "ec2/network-acl", "ec2/security-group", "ec2/nat-gateway", "ec2/elastic-ip", "ec2/route-table", "ec2/client-vpn-endpoint", "elb/load-balancer"),
		Ranges: []string{}, Subnets: []Subnet{}, NATs: []NAT{}, Members: []Member{}, Sites: []NetworkSite{}, Flows: []Flow{}, Links: []Link{}, Outbound: []Outbound{}, Holes: []Hole{}, Unknown: []string{},
	}
	if l.estate == nil || l.proof == nil {
		return n
	}
	vpcs := map[string]bool{}
	for _, s := range l.estate.Subnets {
		if s.Owner == l.Client {
			vpcs[s.VPC] = true
		}
	}
	for _, v := range l.estate.VPCs {
		if vpcs[v.ID] {
			n.VPC, n.Ranges = cmp.Or(v.Name, hidden), append(n.Ranges, joined(v.CIDRs)...)
		}
	}
	l.members(&n)
	l.ways(&n)
	n.Links = append(n.Links, l.links()...)
	for _, v := range l.estate.VPNs {
		if v.Owner == l.Client {
			n.Sites = append(n.Sites, NetworkSite{Name: l.names.name(v.ID), Ranges: joined(v.CIDRs)})
		}
	}
	for _, e := range l.own["ec2/client-vpn-endpoint"] {
		n.People = text(&e, "addresses of people")
	}
	n.Isolated = true
	l.holes(&n, l.proof.Flows, false)
	n.Isolated = len(n.Holes) == 0
	l.holes(&n, l.proof.Latent, true)
	for _, u := range l.proof.Unknowns {
		n.Unknown = append(n.Unknown, l.names.other(u))
	}
	return n
}

// members are what has addresses in the client's subnets, or elsewhere with its groups, and the
// subnets that they are in.
func (l *look) members(n *Network) {
	zones := map[string]string{}
	for _, kinds := range [][]provision.Seen{l.own["ec2/subnet"], l.shared["ec2/subnet"]} {
		for _, s := range kinds {
			zones[s.ID] = text(&s, "zone")
		}
	}
	at := map[string]int{}
	used := map[string]bool{}
	owners := map[string]string{}
	for _, s := range l.estate.Subnets {
		owners[s.ID] = s.Owner
	}
	for _, i := range l.estate.Interfaces {
		if cmp.Or(i.Owner, owners[i.Subnet]) != l.Client {
			continue
		}
		name := l.groupsOf(i)
		k, known := at[name]
		if !known {
			k = len(n.Members)
			at[name], n.Members = k, append(n.Members, Member{Name: name, Subnets: []string{}, Addresses: []string{}})
		}
		m := &n.Members[k]
		m.Balancer = m.Balancer || strings.HasPrefix(i.What, "ELB ") // as Elastic Load Balancing describes its interfaces
		m.Addresses = append(m.Addresses, joined(i.Addresses)...)
		used[i.Subnet] = true
		if subnet := l.names.name(i.Subnet); !slices.Contains(m.Subnets, subnet) {
			m.Subnets = append(m.Subnets, subnet)
		}
	}
	slices.SortFunc(n.Members, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	for i := range n.Members {
		slices.Sort(n.Members[i].Subnets)
		slices.SortFunc(n.Members[i].Addresses, compareAddresses)
	}
	for _, nat := range l.estate.NATs {
		used[nat.Subnet] = true
		one := NAT{Name: l.names.name(nat.ID), Subnet: l.names.name(nat.Subnet), ID: nat.ID}
		if nat.Public.IsValid() {
			one.Public = nat.Public.String()
		}
		if owners[nat.Subnet] == isolation.Shared || owners[nat.Subnet] == l.Client {
			n.NATs = append(n.NATs, one)
		}
	}
	slices.SortFunc(n.NATs, func(a, b NAT) int { return strings.Compare(a.Name, b.Name) })
	for _, s := range l.estate.Subnets {
		if s.Owner == l.Client || s.Owner == isolation.Shared && used[s.ID] {
			n.Subnets = append(n.Subnets, Subnet{Name: l.names.name(s.ID), Zone: zones[s.ID], Range: s.CIDR.String(), ACL: l.names.name(s.ACL), Shared: s.Owner == isolation.Shared, ID: s.ID})
		}
	}
	slices.SortFunc(n.Subnets, func(a, b Subnet) int { return strings.Compare(a.Name, b.Name) })
}

func compareAddresses(a, b string) int {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	if errX != nil || errY != nil {
		return strings.Compare(a, b)
	}
	return x.Compare(y)
}

// groupsOf is the name of an interface's security groups.
func (l *look) groupsOf(i isolation.Interface) string {
	all := make([]string, 0, len(i.Groups))
	for _, id := range i.Groups {
		all = append(all, l.names.name(id))
	}
	slices.Sort(all)
	return strings.Join(all, " + ")
}

// membersAt are the names of the client's members at some addresses.
func (l *look) membersAt(prefixes []netip.Prefix) []string {
	var out []string
	for _, i := range l.estate.Interfaces {
		if i.Owner != l.Client && !slices.ContainsFunc(l.estate.Subnets, func(s isolation.Subnet) bool { return s.ID == i.Subnet && s.Owner == l.Client }) {
			continue
		}
		for _, a := range i.Addresses {
			if slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.IsSingleIP() && p.Contains(a) }) && !slices.Contains(out, l.groupsOf(i)) {
				out = append(out, l.groupsOf(i))
			}
		}
	}
	slices.Sort(out)
	return out
}

// ways are the flows from outside to the client, as the proof has them, and its ways out.
func (l *look) ways(n *Network) {
	for _, x := range l.proof.Exposures {
		if x.Client != l.Client {
			continue
		}
		for _, each := range []struct {
			from  string
			flows []isolation.Flow
		}{{FromInternet, x.Internet}, {FromSite, x.Sites}, {FromShared, x.Shared}, {FromEdge, x.Edge}} {
			for _, f := range each.flows {
				l.flow(n, each.from, f)
			}
		}
	}
	for _, s := range l.estate.Subnets {
		if s.Owner != l.Client {
			continue
		}
		for _, t := range l.estate.RouteTables {
			if t.ID != s.RouteTable {
				continue
			}
			for _, r := range t.Routes {
				to := l.names.name(r.PrefixList)
				if r.PrefixList == "" {
					to = r.Destination.String()
				}
				n.Outbound = append(n.Outbound, Outbound{Subnet: l.names.name(s.ID), Destination: to, By: string(r.Kind), Name: l.names.name(r.Target)})
			}
		}
	}
	slices.SortStableFunc(n.Outbound, func(a, b Outbound) int {
		return cmp.Or(strings.Compare(a.Subnet, b.Subnet), strings.Compare(a.Destination, b.Destination))
	})
}

// links are what security groups let through between each other: out of one, and into the other.
func (l *look) links() []Link {
	var out []Link
	all := l.own["ec2/security-group"]
	for _, from := range all {
		for _, to := range all {
			for _, egress := range lines(&from, "egress") {
				traffic, peer, _ := strings.Cut(egress, " to ")
				if peer == to.ID && slices.Contains(lines(&to, "ingress"), traffic+" from "+from.ID) {
					out = append(out, Link{From: called(&from), To: called(&to), Traffic: traffic})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Link) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To), strings.Compare(a.Traffic, b.Traffic))
	})
	return out
}

// flow adds a flow, or puts it to one that differs in the addresses alone.
func (l *look) flow(n *Network, from string, f isolation.Flow) {
	members := l.membersAt(f.Destination)
	if from == FromEdge || len(members) == 0 {
		members = []string{""}
	}
	for _, member := range members {
		one := Flow{From: from, Source: joined(f.Source), Member: member, Destination: joined(f.Destination), Traffic: f.Traffic(), Through: l.gates(f.Through)}
		if from == FromSite {
			one.Site = l.siteOf(f.Source)
		}
		i := slices.IndexFunc(n.Flows, func(have Flow) bool {
			return have.From == one.From && have.Site == one.Site && have.Member == one.Member && have.Traffic == one.Traffic && slices.Equal(have.Source, one.Source)
		})
		if i < 0 {
			n.Flows = append(n.Flows, one)
			continue
		}
		have := &n.Flows[i]
		for _, d := range one.Destination {
			if !slices.Contains(have.Destination, d) {
				have.Destination = append(have.Destination, d)
			}
		}
		for _, gate := range one.Through {
			have.Through = addGate(have.Through, gate)
		}
	}
}

// siteOf is the site that has some addresses.
func (l *look) siteOf(source []netip.Prefix) string {
	for _, v := range l.estate.VPNs {
		if v.Owner == l.Client && slices.ContainsFunc(source, func(p netip.Prefix) bool {
			return slices.ContainsFunc(v.CIDRs, func(c netip.Prefix) bool { return c.Overlaps(p) })
		}) {
			return l.names.name(v.ID)
		}
	}
	return ""
}

// gates are those of a flow, each rule once.
func (l *look) gates(all []isolation.Gate) []Gate {
	out := make([]Gate, 0, len(all))
	for _, gate := range all {
		one := make(Gate, 0, len(gate))
		for _, r := range gate {
			if rule := l.rule(r); !slices.Contains(one, rule) {
				one = append(one, rule)
			}
		}
		out = addGate(out, one)
	}
	return out
}

func addGate(all []Gate, one Gate) []Gate {
	if slices.ContainsFunc(all, func(have Gate) bool { return slices.Equal(have, one) }) {
		return all
	}
	return append(all, one)
}

// rule is a rule of the estate by its names.
func (l *look) rule(r isolation.Rule) Rule {
	out := Rule{Layer: string(r.Layer), Name: l.names.name(r.ID), Outbound: r.Egress, Number: r.Number, Traffic: l.names.scrub(l.names.other(r.Text)), ID: cmp.Or(r.RuleID, r.ID)}
	if r.Index < 0 {
		return out
	}
	on := func(p isolation.Protocol, ports isolation.Ports) string {
		return isolation.Flow{Protocol: p.String(), Ports: ports}.Traffic()
	}
	switch r.Layer {
	case isolation.LayerACL:
		for _, a := range l.estate.ACLs {
			if a.ID == r.ID {
				e := either(r.Egress, a.Egress, a.Ingress)[r.Index]
				out.Traffic, out.Peer = on(e.Protocol, e.Ports), e.CIDR.String()
			}
		}
	case isolation.LayerGroup:
		for _, g := range l.estate.Groups {
			if g.ID == r.ID {
				e := either(r.Egress, g.Egress, g.Ingress)[r.Index]
				out.Traffic, out.Peer = on(e.Protocol, e.Ports), e.CIDR.String()
				if id := cmp.Or(e.Group, e.PrefixList); id != "" {
					out.Peer = l.names.name(id)
				}
			}
		}
	case isolation.LayerRoute:
		for _, t := range l.estate.RouteTables {
			if t.ID == r.ID {
				e := t.Routes[r.Index]
				out.Traffic, out.Kind, out.Peer = e.Destination.String(), string(e.Kind), l.names.name(e.Target)
				if e.PrefixList != "" {
					out.Traffic = l.names.name(e.PrefixList)
				}
			}
		}
	case isolation.LayerVPN:
	}
	return out
}

func either[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// holes adds the ways between the client and another one.
func (l *look) holes(n *Network, flows []isolation.Flow, latent bool) {
	for _, f := range flows {
		if f.From != l.Client && f.To != l.Client {
			continue
		}
		h := Hole{Inbound: f.To == l.Client, Latent: latent, Internet: f.Around, Source: joined(f.Source), Destination: joined(f.Destination), Traffic: f.Traffic(), Through: l.gates(f.Through)}
		members := l.membersAt(f.Destination)
		if !h.Inbound {
			members = l.membersAt(f.Source)
		}
		h.Member = strings.Join(members, ", ")
		n.Holes = append(n.Holes, h)
	}
}
