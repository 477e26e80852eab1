package isolation

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// other stands for all protocols that no rule names.
const other Protocol = -2

// world is an estate made ready for questions.
type world struct {
	e         *Estate
	protos    []Protocol // classes of protocols that rules tell apart; 0 is TCP
	vpcs      map[string]VPC
	local     map[string][]hop      // by VPC
	filters   map[string][2]*filter // by ACL: inbound, outbound
	open      map[string][2]*filter // of ACLs that were not read
	guards    map[string][2]*guard
	groups    map[string]int
	tables    map[string]*table
	nats      map[string][]NAT
	links     map[string]*Link
	lists     map[string][]span
	holders   map[string]*holder // by interface
	named     map[string][]named // by owner
	places    []*place
	bySubnet  map[string]*place
	byVPC     map[string][]*place
	missing   []string // IDs of what was not read
	unread    map[string]bool
	names     []string
	meeting   map[[2]string]bool
	decided   int
	found     findings
	routeCuts cuts
	loose     bool // a link or a gateway was not read: it may lead to any VPC
	short     shortcut
	alike     map[[4]*class][][]lane // see passable
	rules     map[ref]Rule           // that were told before
	pairs     [][2]*profile          // of the cell that is being decided
}

func compile(e *Estate) *world {
	w := &world{
		e: e, vpcs: map[string]VPC{}, local: map[string][]hop{}, filters: map[string][2]*filter{}, open: map[string][2]*filter{}, guards: map[string][2]*guard{},
		groups: map[string]int{}, tables: map[string]*table{}, nats: map[string][]NAT{}, links: map[string]*Link{}, lists: map[string][]span{},
		holders: map[string]*holder{}, named: map[string][]named{}, bySubnet: map[string]*place{}, byVPC: map[string][]*place{}, unread: map[string]bool{},
		meeting: map[[2]string]bool{}, found: findings{}, alike: map[[4]*class][][]lane{}, rules: map[ref]Rule{},
	}
	w.protos = protocols(e)
	for _, u := range e.Untold {
		w.unread[u] = true
	}
	for _, v := range e.VPCs {
		w.vpcs[v.ID] = v
		for _, c := range v.CIDRs {
			if to, ok := spanOf(c); ok {
				w.local[v.ID] = append(w.local[v.ID], hop{to: to, bits: c.Bits()})
			}
		}
	}
	for _, l := range e.PrefixLists {
		w.lists[l.ID] = spansOf(l.CIDRs)
	}
	for i, a := range e.ACLs {
		w.filters[a.ID] = [2]*filter{w.filter(i, false, a.Ingress), w.filter(i, true, a.Egress)}
	}
	for i, g := range e.Groups {
		w.groups[g.ID] = i
	}
	for _, n := range e.NATs {
		w.nats[n.ID] = append(w.nats[n.ID], n)
	}
	for i := range e.Links {
		w.links[e.Links[i].ID] = &e.Links[i]
	}
	w.cutRoutes()
	for i := range e.RouteTables {
		w.tables[e.RouteTables[i].ID] = w.table(i)
	}
	for i := range e.Subnets {
		w.subnet(&e.Subnets[i])
	}
	w.interfaces()
	for i, v := range e.VPNs {
		w.add(&place{id: v.ID, owner: v.Owner, vpc: v.VPC, gateway: v.Gateway, static: v.Static, index: i, spans: join(spansOf(v.CIDRs))})
	}
	w.internet()
	w.loosen()
	for _, p := range w.places {
		p.local = w.local[p.vpc]
	}
	return w
}

// loosen looks for what joins VPCs and was not read.
func (w *world) loosen() {
	for _, t := range w.e.RouteTables {
		for _, r := range t.Routes {
			if (r.Kind == Peering || r.Kind == TransitGateway) && !r.Blackhole && w.links[r.Target] == nil {
				w.unknown("%s %s was not read: it counts as leading to every VPC", r.Kind, r.Target)
				w.loose = true
			}
		}
	}
	for _, v := range w.e.VPNs {
		if v.VPC == "" && w.links[v.Gateway] == nil {
			w.unknown("gateway %q of VPN %s was not read: it counts as leading to every VPC", v.Gateway, v.ID)
			w.loose = true
		}
	}
}

// protocols are the classes: those with ports, those that a rule names, the rest.
func protocols(e *Estate) []Protocol {
	var named []Protocol
	for _, a := range e.ACLs {
		for _, r := range slices.Concat(a.Ingress, a.Egress) {
			named = append(named, r.Protocol)
		}
	}
	for _, g := range e.Groups {
		for _, r := range slices.Concat(g.Ingress, g.Egress) {
			named = append(named, r.Protocol)
		}
	}
	slices.Sort(named)
	out := []Protocol{TCP, UDP, ICMP}
	for _, p := range slices.Compact(named) {
		if p >= 0 && !hasPorts(p) {
			out = append(out, p)
		}
	}
	return append(out, other)
}

func (w *world) unknown(format string, args ...any) {
	w.unread[lang.Sprintf(format, args...)] = true
}

// absent gives what was not read a number that a ref can hold.
func (w *world) absent(id string) int {
	if i := slices.Index(w.missing, id); i >= 0 {
		return i
	}
	w.missing = append(w.missing, id)
	return len(w.missing) - 1
}

// numbers are the IPv4 ones among addresses.
func numbers(addresses []netip.Addr) []uint32 {
	var out []uint32
	for _, a := range addresses {
		if v, ok := number(a); ok {
			out = append(out, v)
		}
	}
	return out
}

func spansOf(prefixes []netip.Prefix) []span {
	var out []span
	for _, p := range prefixes {
		if s, ok := spanOf(p); ok {
			out = append(out, s)
		}
	}
	return out
}

func (w *world) filter(acl int, egress bool, entries []Entry) *filter {
	f := &filter{protos: w.protos}
	var peers []span
	for i, e := range entries {
		peer, ok := spanOf(e.CIDR)
		if !ok {
			continue // IPv6: see survey6
		}
		peers = append(peers, peer)
		f.entries = append(f.entries, entry{peer, e.Allow, e.Protocol, e.Ports, []ref{{LayerACL, acl, egress, i}}})
	}
	slices.SortStableFunc(f.entries, func(a, b entry) int {
		return cmp.Compare(entries[a.rule[0].index].Number, entries[b.rule[0].index].Number)
	})
	f.cuts = cutsOf(peers)
	f.classes = make([]*class, len(f.cuts))
	return f
}

// filtersOf are those of an ACL, or open ones when it was not read.
func (w *world) filtersOf(s *Subnet) [2]*filter {
	if f, ok := w.filters[s.ACL]; ok {
		return f
	}
	w.unknown("network ACL %q of subnet %s was not read: it counts as open", s.ACL, s.ID)
	if f, ok := w.open[s.ACL]; ok {
		return f
	}
	var out [2]*filter
	for i, egress := range []bool{false, true} {
		rule := []ref{{LayerACL, w.absent(s.ACL), egress, -1}}
		out[i] = &filter{
			protos: w.protos, cuts: cuts{0}, classes: make([]*class, 1),
			entries: []entry{{everywhere, true, AllProtocols, AllPorts, rule}},
		}
	}
	w.open[s.ACL] = out
	return out
}

func (w *world) add(p *place) {
	for _, s := range p.spans {
		p.cells = w.routeCuts.split(s, p.cells)
	}
	if p.site() || p.internet {
		p.profiles = []*profile{{owner: p.owner, spans: p.spans, in: &guard{none: true}, out: &guard{none: true}}}
	}
	for _, owner := range append([]string{p.owner}, ownersOf(p.profiles)...) {
		if !slices.Contains(p.parties, owner) {
			p.parties = append(p.parties, owner)
		}
	}
	w.places = append(w.places, p)
	w.byVPC[p.vpc] = append(w.byVPC[p.vpc], p)
}

func ownersOf(profiles []*profile) []string {
	var out []string
	for _, p := range profiles {
		out = append(out, p.owner)
	}
	return out
}

func (w *world) subnet(s *Subnet) {
	if _, ok := w.vpcs[s.VPC]; !ok {
		w.unknown("VPC %q of subnet %s was not read: its subnets count as all that is local", s.VPC, s.ID)
		if to, ok := spanOf(s.CIDR); ok {
			w.local[s.VPC] = append(w.local[s.VPC], hop{to: to, bits: s.CIDR.Bits()})
		}
	}
	f := w.filtersOf(s)
	p := &place{id: s.ID, owner: s.Owner, vpc: s.VPC, in: f[0], out: f[1], spans: spansOf([]netip.Prefix{s.CIDR})}
	if p.table = w.tables[s.RouteTable]; p.table == nil {
		w.unknown("route table %q of subnet %s was not read: it counts as leading wherever a link does", s.RouteTable, s.ID)
		p.table = &table{maybe: []hop{{kind: Elsewhere, rule: ref{LayerRoute, w.absent(s.RouteTable), false, -1}}}}
		w.tables[s.RouteTable] = p.table
	}
	w.bySubnet[s.ID] = p
	w.add(p)
}

// interfaces gathers those of a subnet that nothing tells apart.
func (w *world) interfaces() {
	byKey := map[string]*profile{}
	for i := range w.e.Interfaces {
		n := &w.e.Interfaces[i]
		at := w.bySubnet[n.Subnet]
		if at == nil {
			w.unknown("subnet %q of interface %s was not read: what reaches it is not known", n.Subnet, n.ID)
			continue
		}
		w.holders[n.ID] = &holder{at, n.ChecksSource, numbers(n.Public)}
		if slices.ContainsFunc(w.e.NATs, func(g NAT) bool { return g.Subnet == n.Subnet && slices.Contains(n.Addresses, g.Address) }) {
			continue // it opens no connection of its own, and what it passes on is followed
		}
		owner := cmp.Or(n.Owner, at.owner)
		groups := slices.Compact(slices.Sorted(slices.Values(n.Groups)))
		key := n.Subnet + "|" + owner + "|" + strings.Join(groups, ",")
		if len(n.Public) > 0 {
			key += "|public"
		}
		if len(n.Listens) > 0 {
			key += fmt.Sprintf("|%v", n.Listens)
		}
		p := byKey[key]
		if p == nil {
			g := w.guardsOf(groups)
			p = &profile{owner: owner, groups: groups, in: g[0], out: g[1], public: len(n.Public) > 0, listens: n.Listens}
			byKey[key] = p
			at.profiles = append(at.profiles, p)
			if !slices.Contains(at.parties, owner) {
				at.parties = append(at.parties, owner)
			}
		}
		var own []span
		for _, a := range n.Addresses {
			if v, ok := number(a); ok {
				own = append(own, span{v, v})
				if n.What != "" {
					w.named[owner] = append(w.named[owner], named{v, n.What})
				}
			}
		}
		p.spans = append(p.spans, own...)
		for _, v := range w.holders[n.ID].public {
			p.faces = append(p.faces, face{v, own})
		}
	}
	for _, p := range byKey {
		p.spans = join(p.spans)
	}
}

// guardsOf are those of a set of groups, which act as one: any rule lets through.
func (w *world) guardsOf(groups []string) [2]*guard {
	key := strings.Join(groups, ",")
	if g, ok := w.guards[key]; ok {
		return g
	}
	out := [2]*guard{{none: len(groups) == 0, protos: w.protos}, {none: len(groups) == 0, protos: w.protos}}
	for _, id := range groups {
		i, ok := w.groups[id]
		if !ok {
			w.unknown("security group %s was not read: it counts as open", id)
			for d, egress := range []bool{false, true} {
				out[d].rules = append(out[d].rules, guardRule{[]span{everywhere}, "", AllProtocols, AllPorts, ref{LayerGroup, w.absent(id), egress, -1}})
			}
			continue
		}
		for n, r := range w.e.Groups[i].Ingress {
			out[0].rules = append(out[0].rules, w.guardRule(id, r, ref{LayerGroup, i, false, n}))
		}
		for n, r := range w.e.Groups[i].Egress {
			out[1].rules = append(out[1].rules, w.guardRule(id, r, ref{LayerGroup, i, true, n}))
		}
	}
	for _, g := range out {
		var peers []span
		for n, r := range g.rules {
			peers = append(peers, r.peers...)
			g.byPlace = g.byPlace || len(r.peers) > 0
			if r.group != "" {
				g.members = append(g.members, n)
			}
		}
		g.cuts = cutsOf(peers)
		g.classes = make([]*guardClass, len(g.cuts))
	}
	w.guards[key] = out
	return out
}

func (w *world) guardRule(id string, r GroupRule, at ref) guardRule {
	out := guardRule{group: r.Group, protocol: r.Protocol, ports: r.Ports, rule: at}
	if s, ok := spanOf(r.CIDR); ok {
		out.peers = []span{s}
	}
	if r.PrefixList != "" {
		list, ok := w.lists[r.PrefixList]
		if !ok {
			w.unknown("prefix list %s in security group %s was not read: it counts as every address", r.PrefixList, id)
			list = []span{everywhere}
		}
		out.peers = list
	}
	return out
}

// internet is every address that is not for private or special use (RFC 6890) nor
// a VPC's.
func (w *world) internet() {
	taken := spansOf([]netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("224.0.0.0/3"),
	})
	for _, v := range w.e.VPCs {
		taken = append(taken, spansOf(v.CIDRs)...)
	}
	var free []span
	next := uint32(0)
	for _, s := range join(taken) {
		if s.lo > next {
			free = append(free, span{next, s.lo - 1})
		}
		next = s.hi + 1 // the last one taken ends at the last address
	}
	w.add(&place{id: "internet", owner: Shared, internet: true, spans: free})
}
