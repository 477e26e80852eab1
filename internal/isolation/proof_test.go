package isolation

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// expand turns a proof back into packets.
func expand(t *testing.T, e *Estate, p Proof) map[got]bool {
	t.Helper()
	out := map[got]bool{}
	add := func(what string, flows []Flow) {
		for _, f := range flows {
			kind := what
			if f.Around {
				kind = map[string]string{"flow": "around", "latent": "latent around"}[what]
			}
			for _, q := range packetsOf(t, e, f, what == "internet") {
				out[got{kind, f.From, f.To, q}] = true
			}
		}
	}
	add("flow", p.Flows)
	add("latent", p.Latent)
	for _, x := range p.Exposures {
		add("internet", x.Internet)
		add("site", x.Sites)
		add("shared", x.Shared)
		add("edge", x.Edge)
	}
	return out
}

// packetsOf are those of a flow, one for each class that random rules tell apart.
func packetsOf(t *testing.T, e *Estate, f Flow, internet bool) []packet {
	t.Helper()
	if ports := f.Protocol == "tcp" || f.Protocol == "udp"; ports && f.Ports.From%portWidth != 0 && f.Ports.From != f.Ports.To {
		t.Fatalf("%s: no rule ends at port %d", f, f.Ports.From)
	}
	in := func(prefixes []netip.Prefix, a netip.Addr) bool {
		return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	var sources, destinations []netip.Addr
	for _, p := range f.Destination {
		destinations = append(destinations, addresses(spot{subnet: &Subnet{CIDR: p}})...)
	}
	if internet {
		for _, a := range outside {
			if in(f.Source, a) {
				sources = append(sources, a)
			}
		}
	} else {
		for _, p := range f.Source {
			sources = append(sources, addresses(spot{subnet: &Subnet{CIDR: p}})...)
		}
	}
	named := slices.Contains(protocols(e), 47)
	var out []packet
	for _, src := range sources {
		for _, dst := range destinations {
			for _, p := range packets(src, dst) {
				name := p.protocol.String()
				if p.protocol == 200 || p.protocol == 47 && !named {
					name = "other protocols"
				}
				if name == f.Protocol && f.Ports.From <= p.port && p.port <= f.Ports.To {
					out = append(out, p)
				}
			}
		}
	}
	return out
}

func sourcePorts() []uint16 {
	var out []uint16
	for n := range portRanges {
		out = append(out, portOf(n))
	}
	return out
}

// The proof says of every packet what a walk of that packet says, and each of its
// gates closes the box: on random estates with everything in them.
func TestProofAgreesWithAWalkOfEveryPacket(t *testing.T) {
	t.Parallel()
	estates := uint64(10_000)
	var open, gates, around atomic.Int64
	var wg sync.WaitGroup
	const workers = 4
	for n := range uint64(workers) {
		wg.Go(func() {
			for seed := n; seed < estates && !t.Failed(); seed += workers {
				e := randomEstate(seed)
				p := prove(e, true)
				want := walker{&e}.everything(packets, outside, sourcePorts())
				have := expand(t, &e, p)
				if text := difference(want, have); text != "" {
					t.Errorf("seed %d:\n%s\n%s", seed, text, strings.Join(p.Lines(), "\n"))
				}
				open.Add(int64(len(want)))
				for g := range want {
					if g.what == "around" {
						around.Add(1)
					}
				}
				gates.Add(int64(closeGates(t, seed, e, p)))
			}
		})
	}
	wg.Wait()
	t.Logf("%d estates, %d packets that get through, %d of them around, %d gates closed", estates, open.Load(), around.Load(), gates.Load())
	if open.Load() < 100_000 || around.Load() < 500 || gates.Load() < 5_000 {
		t.Error("the estates are too closed to prove anything")
	}
}

func difference(want, have map[got]bool) string {
	var b strings.Builder
	for g := range want {
		if b.Len() > 500 {
			break
		}
		if !have[g] {
			fmt.Fprintf(&b, "the proof misses %v\n", g)
		}
	}
	for g := range have {
		if !want[g] {
			fmt.Fprintf(&b, "the proof invents %v\n", g)
		}
	}
	return b.String()
}

// closeGates closes each gate of one flow of an estate, and sends its packets again.
func closeGates(t *testing.T, seed uint64, e Estate, p Proof) int {
	t.Helper()
	closed := 0
	around := func(f Flow) bool { return f.Around }
	inside, latent := slices.DeleteFunc(slices.Clone(p.Flows), around), slices.DeleteFunc(slices.Clone(p.Latent), around)
	outside := slices.DeleteFunc(slices.Clone(p.Flows), func(f Flow) bool { return !f.Around })
	for what, flows := range map[string][]Flow{"flow": inside, "latent": latent, "around": outside} {
		if len(flows) == 0 {
			continue
		}
		f := flows[seed%uint64(len(flows))]
		for _, gate := range f.Through {
			shut, ok := closing(e, gate)
			if !ok {
				continue
			}
			closed++
			w := walker{&shut}
			for _, p := range packetsOf(t, &e, f, false) {
				if w.gets(what, f, p) {
					t.Errorf("seed %d: %s\nstill lets %v through after closing %s", seed, f, p, gate)
					return closed
				}
			}
		}
	}
	return closed
}

// gets sends one packet between all places that have its addresses.
func (w walker) gets(what string, f Flow, p packet) bool {
	one := func(src, dst netip.Addr) []packet {
		if src == p.src && dst == p.dst {
			return []packet{p}
		}
		return nil
	}
	for k := range w.everything(one, nil, sourcePorts()) {
		if k.what == what && k.from == f.From && k.to == f.To {
			return true
		}
	}
	return false
}

// closing is the estate with a gate closed; false where something unread is open.
func closing(e Estate, gate Gate) (Estate, bool) {
	e.ACLs, e.Groups, e.RouteTables, e.VPNs = slices.Clone(e.ACLs), slices.Clone(e.Groups), slices.Clone(e.RouteTables), slices.Clone(e.VPNs)
	for _, r := range gate {
		if r.Index < 0 {
			return e, false
		}
		switch r.Layer {
		case LayerACL:
			a := &e.ACLs[slices.IndexFunc(e.ACLs, func(a ACL) bool { return a.ID == r.ID })]
			list := &a.Ingress
			if r.Egress {
				list = &a.Egress
			}
			*list = slices.Clone(*list)
			(*list)[r.Index].Allow = false
		case LayerGroup:
			g := &e.Groups[slices.IndexFunc(e.Groups, func(g Group) bool { return g.ID == r.ID })]
			list := &g.Ingress
			if r.Egress {
				list = &g.Egress
			}
			*list = slices.Clone(*list)
			(*list)[r.Index] = GroupRule{}
		case LayerRoute:
			t := &e.RouteTables[slices.IndexFunc(e.RouteTables, func(t RouteTable) bool { return t.ID == r.ID })]
			if slices.ContainsFunc(t.Routes, func(r Route) bool { return r.PrefixList != "" }) {
				return e, false // what was not read may lead there as well
			}
			t.Routes = slices.Clone(t.Routes)
			t.Routes[r.Index].Blackhole = true
		case LayerVPN:
			e.VPNs[slices.IndexFunc(e.VPNs, func(v VPN) bool { return v.ID == r.ID })].Static = true
		}
	}
	return e, true
}
