package isolation

import (
	"math/big"
	"net/netip"
	"slices"
)

// Proof is what Prove found out about an estate.
type Proof struct {
	Account string // of the configuration; empty for the credentials' own
	Region  string
	// Flows are all ways by which one client's addresses open a connection to
	// another's, or get a packet there where no answer is needed. None: isolated.
	Flows []Flow
	// Latent is what ACLs and routes alone let through between subnets and sites of
	// two clients, around Flows too: only security groups are in the way. Of ways around,
	// these are the sender's alone.
	Latent    []Flow
	Exposures []Exposure // of each client, by name
	Size      Size
	Unknowns  []string // what was not read and counted as open, sorted
}

// Isolated reports whether no client reaches another.
func (p Proof) Isolated() bool { return len(p.Flows) == 0 }

// Flow is a box: every one of the sources reaches every one of the destinations on
// every one of the ports.
type Flow struct {
	From, To            string         // owners
	Source, Destination []netip.Prefix // merged and sorted; 0.0.0.0/0 for all of the internet
	What                []string       // what the destinations are, where that is told: "load balancer web"
	Protocol            string         // "tcp", "udp", "icmp", "protocol 47", "other protocols" or "IPv6", which is judged as a whole
	Ports               Ports
	// Through are the gates that the box passes. Closing any one of them removes it;
	// closing a gate is closing all of its rules, mostly one: to close an ACL's rule
	// is to make it deny in its place, a route's to make it lead nowhere.
	Through []Gate
	// Public means that all of the internet reaches the destinations on these ports
	// as well: a public load balancer, say.
	Public bool
	// Around means that it leaves the VPC and comes back over the internet, from a
	// public address of a NAT gateway that clients share, say. What all of the internet
	// reaches is none of these: it is in Exposure.Internet.
	Around bool
}

// Gate is one place to pass: any one of its rules lets the whole box through, or,
// for replies, each lets some of them through.
type Gate []Rule

// Layer is where a rule is.
type Layer string

// Layers of rules.
const (
	LayerACL   Layer = "acl"
	LayerGroup Layer = "group"
	LayerRoute Layer = "route"
	LayerVPN   Layer = "vpn"
)

// Rule names one rule of the estate.
type Rule struct {
	Layer  Layer
	ID     string // of the ACL, the group, the route table, the VPN
	Name   string
	Owner  string
	Egress bool   // outbound
	Index  int    // in the estate's list; -1 when the whole thing was not read
	Number int32  // of an ACL's rule
	RuleID string // of a group's rule
	Text   string // "tcp 5432 from 10.20.0.0/16"
}

// Exposure is what reaches a client that is no other client.
type Exposure struct {
	Client string
	// Internet is what any address of the internet reaches: interfaces with a public
	// address behind an internet gateway, load balancers by their listeners.
	Internet []Flow
	// Sites is what the client's own VPN connections reach.
	Sites []Flow
	// Shared is what interfaces of nobody or of strangers reach.
	Shared []Flow
	// Edge is what ACLs and routes alone let in from subnets of nobody or of
	// strangers. Clients' load balancers are there.
	Edge []Flow
}

// Size says how much the proof covers.
type Size struct {
	Clients      int
	Pairs        int      // of clients, ordered
	Meeting      int      // pairs that routes, or a common subnet, bring together
	Combinations *big.Int // of addresses of two clients, protocols, and ports or ICMP types
	Rules        int      // of ACLs, groups and route tables
	Classes      int      // of addresses alike to all rules, whose pairs were decided
}

// perAddressPair is how many kinds of packets there are between two addresses: the
// ports of TCP and UDP, the types and codes of ICMP, and 253 other protocols.
const perAddressPair = 3*65536 + 253

// Prove decides for all addresses, protocols and ports whether one client reaches
// another. It is exact for what ACLs, groups, routes, peerings, NAT and VPN
// gateways do, and takes what an appliance forwards as let through.
//
// Of IPv6 it judges the ranges alone; see survey6.
func Prove(e Estate) Proof { return prove(e, false) }

// prove can tell the ways around also where all of the internet has them.
func prove(e Estate, public bool) Proof {
	w := compile(&e)
	w.survey()
	p := Proof{Region: e.Region, Size: w.size()}
	w.sort(&p)
	w.around(&p, public)
	w.survey6(&p)
	p.Unknowns = w.unknowns()
	return p
}

func isClient(owner string) bool { return owner != Shared && owner != Foreign }

// sort merges what was found and puts it where it belongs.
func (w *world) sort(p *Proof) {
	at := map[string]int{}
	for i, c := range w.clients() {
		at[c] = i
		p.Exposures = append(p.Exposures, Exposure{Client: c})
	}
	for _, k := range w.found.sorted() {
		flows := w.flows(k)
		x := &p.Exposures[at[k.to]]
		switch {
		case k.internet:
			x.Internet = append(x.Internet, flows...)
		case k.from == k.to:
			x.Sites = append(x.Sites, flows...)
		case isClient(k.from) && k.level == byACLs:
			p.Latent = append(p.Latent, flows...)
		case isClient(k.from):
			p.Flows = append(p.Flows, flows...)
		case k.level == byACLs:
			x.Edge = append(x.Edge, flows...)
		default:
			x.Shared = append(x.Shared, flows...)
		}
	}
	for i := range p.Flows {
		f := &p.Flows[i]
		f.Public = slices.ContainsFunc(p.Exposures[at[f.To]].Internet, f.within)
	}
	slices.SortStableFunc(p.Flows, func(a, b Flow) int { return compareBool(a.Public, b.Public) })
}

// within reports whether the whole internet, in g, reaches all that f does.
func (f *Flow) within(g Flow) bool {
	return slices.Equal(g.Source, anywhere) && f.inside(g)
}

// inside reports whether g has all of f's destinations and ports.
func (f *Flow) inside(g Flow) bool {
	return g.Protocol == f.Protocol && g.Ports.From <= f.Ports.From && f.Ports.To <= g.Ports.To &&
		!slices.ContainsFunc(f.Destination, func(p netip.Prefix) bool {
			return !slices.ContainsFunc(g.Destination, func(q netip.Prefix) bool { return q.Bits() <= p.Bits() && q.Contains(p.Addr()) })
		})
}

// size counts what was covered. Pairs of addresses of two clients are those of all
// addresses less those within each client.
func (w *world) size() Size {
	addresses := map[string]int64{}
	for _, x := range w.places {
		if isClient(x.owner) {
			for _, s := range x.spans {
				addresses[x.owner] += int64(s.hi) - int64(s.lo) + 1
			}
		}
		for _, p := range x.profiles {
			if isClient(p.owner) && p.owner != x.owner {
				for _, s := range p.spans {
					addresses[p.owner] += int64(s.hi) - int64(s.lo) + 1
				}
			}
		}
	}
	total, squares := new(big.Int), new(big.Int)
	for _, n := range addresses {
		v := big.NewInt(n)
		total.Add(total, v)
		squares.Add(squares, v.Mul(v, v))
	}
	total.Mul(total, total).Sub(total, squares).Mul(total, big.NewInt(perAddressPair))
	n := len(w.clients())
	s := Size{Clients: n, Pairs: n * (n - 1), Meeting: len(w.meeting), Combinations: total, Classes: w.decided}
	for _, a := range w.e.ACLs {
		s.Rules += len(a.Ingress) + len(a.Egress)
	}
	for _, g := range w.e.Groups {
		s.Rules += len(g.Ingress) + len(g.Egress)
	}
	for _, t := range w.e.RouteTables {
		s.Rules += len(t.Routes)
	}
	return s
}

func (w *world) clients() []string {
	if w.names == nil {
		seen := map[string]bool{}
		for _, x := range w.places {
			seen[x.owner] = true
			for _, p := range x.profiles {
				seen[p.owner] = true
			}
		}
		w.names = []string{}
		for c := range seen {
			if isClient(c) {
				w.names = append(w.names, c)
			}
		}
		slices.Sort(w.names)
	}
	return w.names
}

func (w *world) unknowns() []string {
	out := make([]string, 0, len(w.unread))
	for u := range w.unread {
		out = append(out, u)
	}
	slices.Sort(out)
	return out
}
