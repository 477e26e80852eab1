package dossier

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/isolation"
)

// Nodes and groups of the diagram that are no resource of the client's.
const (
	nodeInternet = "internet"
	nodePeople   = "people"
	nodeOther    = "another-client"
	frameVPC     = "vpc"
	framePublic  = "public"
	frameClient  = "client"
)

func (c *composer) network() []document.Block {
	n := c.d.Network
	if n.VPC == "" {
		return []document.Block{c.none(n.Told, c.Say("There is no VPC with subnets of the client."))}
	}
	var out []document.Block
	if n.Isolated && len(n.NotRead) == 0 {
		out = append(out, document.Notice{Tone: document.Good, Text: words(c.Say("No other client reaches this one, and this one reaches no other: proved from the network ACLs, security groups and routes that AWS holds, for all addresses, protocols and ports."))})
	}
	for _, h := range n.Holes {
		out = append(out, c.hole(h))
	}
	for _, u := range n.Unknown {
		out = append(out, document.Notice{Tone: document.Warning, Text: words(c.Sayf("Not read, taken as open: %s", c.spoken(u)))})
	}
	out = append(out, c.networkGraph(), c.flowTable())
	return append(out, c.outbound())
}

// hole is a way between the client and another, with the rules that let it through.
func (c *composer) hole(h Hole) document.Block {
	from, to := c.Say("another client"), c.member(h.Member)
	if !h.Inbound {
		from, to = to, from
	}
	tone, sentence := document.Bad, c.Sayf("%s (%s) reaches %s (%s) on %s.", from, strings.Join(h.Source, ", "), to, strings.Join(h.Destination, ", "), c.traffic(h.Traffic))
	if h.Latent {
		tone, sentence = document.Warning, c.Sayf("Only security groups keep %s (%s) from %s (%s) on %s.", from, strings.Join(h.Source, ", "), to, strings.Join(h.Destination, ", "), c.traffic(h.Traffic))
	}
	text := document.Text{strong(sentence), plain(" " + c.Say("Closing one of these closes it:"))}
	for i, gate := range h.Through {
		text = append(text, plain([]string{" ", "; "}[min(i, 1)]), plain(c.gate(gate)))
	}
	return document.Notice{Tone: tone, Text: text}
}

func (c *composer) gates(all []Gate) string {
	parts := make([]string, len(all))
	for i, gate := range all {
		parts[i] = c.gate(gate)
	}
	return strings.Join(parts, "; ")
}

// traffic is a protocol with its ports, and words where there is no port to tell.
func (c *composer) traffic(of string) string {
	if of == "all" {
		return c.Say("all traffic")
	}
	return c.Say(of)
}

// gate is the rules of which any one lets something through.
func (c *composer) gate(gate Gate) string {
	parts := make([]string, len(gate))
	for i, r := range gate {
		parts[i] = c.rule(r)
	}
	return strings.Join(parts, " "+c.Say("or")+" ")
}

// rule is one in words: "network ACL edge, inbound rule 300: tcp 80 from 0.0.0.0/0".
func (c *composer) rule(r Rule) string {
	name, peer := c.spoken(r.Name), c.spoken(r.Peer)
	if r.ID != "" {
		name += " (" + r.ID + ")"
	}
	switch {
	case r.Peer == "": // not read, or of a VPN
		return name + ": " + c.traffic(r.Traffic)
	case r.Layer == string(isolation.LayerACL) && r.Outbound:
		return c.Sayf("network ACL %s, outbound rule %d: %s to %s", name, r.Number, c.traffic(r.Traffic), peer)
	case r.Layer == string(isolation.LayerACL):
		return c.Sayf("network ACL %s, inbound rule %d: %s from %s", name, r.Number, c.traffic(r.Traffic), peer)
	case r.Layer == string(isolation.LayerGroup) && r.Outbound:
		return c.Sayf("security group %s, outbound: %s to %s", name, c.traffic(r.Traffic), peer)
	case r.Layer == string(isolation.LayerGroup):
		return c.Sayf("security group %s, inbound: %s from %s", name, c.traffic(r.Traffic), peer)
	case r.Layer == string(isolation.LayerRoute):
		return c.Sayf("route table %s: %s to %s", name, c.traffic(r.Traffic), c.Say(r.Kind)+" "+peer)
	default:
		return name + ": " + c.traffic(r.Traffic) + " " + peer
	}
}

func (c *composer) member(name string) string {
	return cmp.Or(name, c.Say("addresses of the client's subnets"))
}

// networkGraph draws what the proof found, and not what a spec asks for.
func (c *composer) networkGraph() document.Block {
	n := c.d.Network
	g := document.Graph{Title: c.Sayf("Who reaches whom in the network of %s", c.d.Client)}
	g.Groups = append(g.Groups, document.GraphGroup{ID: frameVPC, Label: append([]string{n.VPC}, n.Ranges...)})
	g.Nodes = append(g.Nodes, document.GraphNode{ID: nodeInternet, Label: []string{c.Say("internet")}, Shape: document.Cloud})
	for _, s := range n.Sites {
		g.Nodes = append(g.Nodes, document.GraphNode{ID: "site-" + s.Name, Label: append([]string{c.Sayf("site %s", s.Name)}, s.Ranges...), Shape: document.Cloud})
	}
	acls := map[string]bool{}
	for _, s := range n.Subnets {
		if !s.Shared {
			acls[s.ACL] = true
		}
	}
	label := []string{c.d.Client}
	for _, acl := range slices.Sorted(maps.Keys(acls)) {
		label = append(label, c.Sayf("network ACL %s", acl))
	}
	g.Groups = append(g.Groups, document.GraphGroup{ID: framePublic, Parent: frameVPC, Label: []string{c.Say("public subnets, shared"), c.Sayf("network ACL %s", c.sharedACL())}},
		document.GraphGroup{ID: frameClient, Parent: frameVPC, Label: label})
	for _, s := range n.Subnets {
		if !s.Shared {
			g.Groups = append(g.Groups, document.GraphGroup{ID: "subnet-" + s.Name, Parent: frameClient, Label: []string{c.Sayf("subnet %s", s.Name), s.Range, s.Zone}})
		}
	}
	for _, nat := range n.NATs {
		g.Nodes = append(g.Nodes, document.GraphNode{ID: "nat-" + nat.Name, Group: framePublic, Label: []string{c.Sayf("NAT gateway %s", nat.Name), nat.Public}})
		g.Edges = append(g.Edges, document.GraphEdge{From: "nat-" + nat.Name, To: nodeInternet, Tone: document.Muted})
	}
	if n.People != "" {
		g.Nodes = append(g.Nodes, document.GraphNode{ID: nodePeople, Label: []string{c.Say("users with OpenVPN"), n.People}, Shape: document.Person})
	}
	c.memberNodes(&g)
	c.wayEdges(&g)
	c.holeEdges(&g)
	g.Description = c.described(&g)
	return g
}

func (c *composer) sharedACL() string {
	for _, s := range c.d.Network.Subnets {
		if s.Shared {
			return s.ACL
		}
	}
	return hidden
}

// memberNode is the node of a member in a subnet; load balancers are one node over all of theirs.
func (c *composer) memberNode(m Member, subnet string) string {
	if m.Balancer || c.subnet(subnet).Shared {
		return "member-" + slug(m.Name)
	}
	return "member-" + slug(m.Name) + "-" + subnet
}

func (c *composer) subnet(name string) Subnet {
	for _, s := range c.d.Network.Subnets {
		if s.Name == name {
			return s
		}
	}
	return Subnet{}
}

func (c *composer) memberNodes(g *document.Graph) {
	for _, m := range c.d.Network.Members {
		for _, subnet := range m.Subnets {
			node := document.GraphNode{ID: c.memberNode(m, subnet), Group: "subnet-" + subnet, Label: []string{m.Name, c.Sayf("security group %s", m.Name)}}
			if m.Balancer || c.subnet(subnet).Shared {
				node.Group = framePublic
			}
			if m.Name == databaseRole {
				node.Shape = document.Cylinder
			}
			if !slices.ContainsFunc(g.Nodes, func(have document.GraphNode) bool { return have.ID == node.ID }) {
				g.Nodes = append(g.Nodes, node)
			}
		}
	}
}

// nodesOf are those of the member of a name.
func (c *composer) nodesOf(name string) []string {
	var out []string
	for _, m := range c.d.Network.Members {
		if m.Name != name {
			continue
		}
		for _, subnet := range m.Subnets {
			if id := c.memberNode(m, subnet); !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// edge adds an arrow, or what it carries to one that is there.
func edge(g *document.Graph, e document.GraphEdge) {
	for i := range g.Edges {
		have := &g.Edges[i]
		if have.From == e.From && have.To == e.To && have.Tone == e.Tone && have.Dashed == e.Dashed {
			for _, label := range e.Label {
				if !slices.Contains(have.Label, label) {
					have.Label = append(have.Label, label)
				}
			}
			return
		}
	}
	g.Edges = append(g.Edges, e)
}

func (c *composer) wayEdges(g *document.Graph) {
	n := c.d.Network
	for _, f := range n.Flows {
		from := nodeInternet
		if f.From == FromSite {
			from = "site-" + f.Site
		}
		label := c.traffic(f.Traffic)
		if f.From == FromInternet && !slices.Equal(f.Source, []string{"0.0.0.0/0"}) {
			label += " (" + strings.Join(f.Source, ", ") + ")"
		}
		if f.From == FromEdge || f.From == FromShared {
			continue // they are between members, below, as far as security groups let them
		}
		for _, to := range c.nodesOf(f.Member) {
			edge(g, document.GraphEdge{From: from, To: to, Label: []string{label}})
		}
	}
	for _, l := range n.Links {
		balancer := slices.ContainsFunc(n.Members, func(m Member) bool { return m.Name == l.From && m.Balancer })
		if !balancer && l.From != vpnGroup {
			continue // of the application, which has a diagram of its own
		}
		for _, from := range c.nodesOf(l.From) {
			for _, to := range c.nodesOf(l.To) {
				edge(g, document.GraphEdge{From: from, To: to, Label: []string{c.traffic(l.Traffic)}})
			}
		}
	}
	if n.People != "" {
		for _, to := range c.nodesOf(vpnGroup) {
			edge(g, document.GraphEdge{From: nodePeople, To: to})
		}
	}
	// The ways out are those of subnets; they are drawn from the hosts, which are in all of them.
	for _, o := range n.Outbound {
		for _, m := range n.Members {
			if m.Name == hostsGroup && slices.Contains(m.Subnets, o.Subnet) && slices.ContainsFunc(n.NATs, func(nat NAT) bool { return nat.Name == o.Name }) {
				edge(g, document.GraphEdge{From: c.memberNode(m, o.Subnet), To: "nat-" + o.Name, Label: []string{o.Destination}, Tone: document.Muted, Dashed: true})
			}
		}
	}
}

// Security groups with a part of their own in the diagram.
const (
	vpnGroup   = "vpn"
	hostsGroup = "hosts"
)

func (c *composer) holeEdges(g *document.Graph) {
	for _, h := range c.d.Network.Holes {
		if !slices.ContainsFunc(g.Nodes, func(n document.GraphNode) bool { return n.ID == nodeOther }) {
			g.Nodes = append(g.Nodes, document.GraphNode{ID: nodeOther, Group: frameVPC, Label: []string{c.Say("another client")}, Tone: document.Bad})
		}
		e := document.GraphEdge{Label: []string{c.traffic(h.Traffic)}, Tone: document.Bad, Dashed: h.Latent}
		if h.Latent {
			e.Tone = document.Warning
		}
		var nodes []string
		for member := range strings.SplitSeq(h.Member, ", ") {
			nodes = append(nodes, c.nodesOf(member)...)
		}
		if len(nodes) == 0 { // addresses of subnets, where there may be nothing yet
			for _, s := range c.d.Network.Subnets {
				if !s.Shared {
					id := "any-" + s.Name
					if !slices.ContainsFunc(g.Nodes, func(n document.GraphNode) bool { return n.ID == id }) {
						g.Nodes = append(g.Nodes, document.GraphNode{ID: id, Group: "subnet-" + s.Name, Label: []string{c.Say("any address")}, Tone: e.Tone})
					}
					nodes = append(nodes, id)
				}
			}
		}
		for _, node := range nodes {
			e.From, e.To = nodeOther, node
			if !h.Inbound {
				e.From, e.To = node, nodeOther
			}
			edge(g, e)
		}
	}
}

// described tells all that a diagram shows, for those who do not see it.
func (c *composer) described(g *document.Graph) string {
	name := map[string]string{}
	for _, n := range g.Nodes {
		name[n.ID] = n.Label[0]
	}
	var out []string
	for _, e := range g.Edges {
		sentence := c.Sayf("%s reaches %s", name[e.From], name[e.To])
		if len(e.Label) > 0 {
			sentence = c.Sayf("%s reaches %s on %s", name[e.From], name[e.To], strings.Join(e.Label, ", "))
		}
		if !slices.Contains(out, sentence) {
			out = append(out, sentence)
		}
	}
	return strings.Join(out, "; ") + "."
}

// slug is a name as an identifier of a node.
func slug(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
}

// flowTable lists what reaches the client from outside, with the rules that let it.
func (c *composer) flowTable() document.Block {
	t := document.Table{Caption: c.Say("What reaches the client from outside"), Head: []string{c.Say("from"), c.Say("to"), c.Say("traffic"), c.Say("by these rules")}}
	for _, f := range c.d.Network.Flows {
		from := c.Say("internet")
		switch f.From {
		case FromSite:
			from = c.Sayf("site %s", f.Site)
		case FromShared:
			from = c.Say("shared resources")
		case FromEdge:
			from = c.Say("public subnets, as far as security groups let them")
		}
		t.Rows = append(t.Rows, []document.Text{append(words(from+" "), codes(f.Source...)...), words(c.member(f.Member)), codes(c.traffic(f.Traffic)), words(c.gates(f.Through))})
	}
	if len(t.Rows) == 0 {
		return c.none(c.d.Network.Told, c.Say("Nothing reaches the client from outside."))
	}
	return t
}

func (c *composer) outbound() document.Block {
	t := document.Table{Caption: c.Say("Where the client's subnets lead to"), Head: []string{c.Say("subnet"), c.Say("destination"), c.Say("by")}}
	for _, o := range c.d.Network.Outbound {
		by := append(words(c.Say(o.By)+" "), code(o.Name))
		for _, nat := range c.d.Network.NATs {
			if nat.Name == o.Name && nat.Public != "" {
				by = append(by, plain(" "+c.Say("from the public address")+" "), code(nat.Public))
			}
		}
		t.Rows = append(t.Rows, []document.Text{words(o.Subnet), codes(o.Destination), by})
	}
	if len(t.Rows) == 0 {
		return c.none(c.d.Network.Told, c.Say("The client's subnets lead nowhere outside."))
	}
	return t
}
