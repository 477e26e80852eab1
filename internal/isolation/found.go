package isolation

import (
	"cmp"
	"encoding/binary"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

type level int

const (
	byGroups level = iota
	byACLs
)

// kind is what a flow is about.
type kind struct {
	level    level
	from, to string
	internet bool
	around   bool
}

// findings are boxes by kind.
type findings map[kind][]box

type box struct {
	protocol              Protocol
	ports                 Ports
	sources, destinations []span
	gates                 [][]ref
}

func (f findings) add(k kind, protocol Protocol, sources, destinations []span, lanes []lane) {
	boxes := f[k]
	for _, l := range lanes {
		boxes = append(boxes, box{protocol, Ports{l.from, l.to}, sources, destinations, distinct(l.gates)})
	}
	f[k] = boxes
}

func (f findings) sorted() []kind {
	out := make([]kind, 0, len(f))
	for k := range f {
		out = append(out, k)
	}
	slices.SortFunc(out, compareKinds)
	return out
}

func compareRefs(a, b ref) int {
	return cmp.Or(cmp.Compare(a.layer, b.layer), cmp.Compare(a.object, b.object), compareBool(a.egress, b.egress), cmp.Compare(a.index, b.index))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// unique sorts rules and drops doubles.
func unique(gate []ref) []ref {
	if len(gate) < 2 {
		return gate
	}
	gate = slices.Clone(gate)
	slices.SortFunc(gate, compareRefs)
	return slices.Compact(gate)
}

// distinct drops gates that were passed before, and keeps their order. Mostly there
// is nothing to drop.
func distinct(gates [][]ref) [][]ref {
	plain := true
	for i, g := range gates {
		plain = plain && len(g) == 1 && !slices.ContainsFunc(gates[:i], func(o []ref) bool { return o[0] == g[0] })
	}
	if plain {
		return gates
	}
	out := make([][]ref, 0, len(gates))
	for _, g := range gates {
		g = unique(g)
		if !slices.ContainsFunc(out, func(o []ref) bool { return slices.Equal(o, g) }) {
			out = append(out, g)
		}
	}
	return out
}

// Keys tell boxes apart by what must be the same to merge them.
func (b *box) head(k []byte, ports bool) []byte {
	k = binary.AppendVarint(k, int64(b.protocol))
	if ports {
		k = binary.BigEndian.AppendUint16(k, b.ports.From)
		k = binary.BigEndian.AppendUint16(k, b.ports.To)
	}
	for _, g := range b.gates {
		k = binary.AppendVarint(k, int64(len(g)))
		for _, r := range g {
			k = append(k, r.layer[0], byte(compareBool(r.egress, false)))
			k = binary.AppendVarint(k, int64(r.object))
			k = binary.AppendVarint(k, int64(r.index))
		}
	}
	return k
}

func appendSpans(k []byte, spans []span) []byte {
	k = binary.AppendVarint(k, int64(len(spans)))
	for _, s := range spans {
		k = binary.BigEndian.AppendUint32(k, s.lo)
		k = binary.BigEndian.AppendUint32(k, s.hi)
	}
	return k
}

// merge makes boxes larger along one axis after the other, until none of them can
// be: first destinations, then sources, then ports.
func merge(boxes []box) []box {
	for {
		before := len(boxes)
		boxes = mergeBy(boxes, func(k []byte, b *box) []byte { return appendSpans(b.head(k, true), b.sources) }, func(a, b *box) bool {
			a.destinations = join(slices.Concat(a.destinations, b.destinations))
			return true
		})
		boxes = mergeBy(boxes, func(k []byte, b *box) []byte { return appendSpans(b.head(k, true), b.destinations) }, func(a, b *box) bool {
			a.sources = join(slices.Concat(a.sources, b.sources))
			return true
		})
		slices.SortStableFunc(boxes, func(a, b box) int { return cmp.Compare(a.ports.From, b.ports.From) })
		boxes = mergeBy(boxes, func(k []byte, b *box) []byte {
			return appendSpans(appendSpans(b.head(k, false), b.sources), b.destinations)
		}, func(a, b *box) bool {
			if int(a.ports.To)+1 < int(b.ports.From) {
				return false
			}
			a.ports.To = max(a.ports.To, b.ports.To)
			return true
		})
		if len(boxes) == before {
			return boxes
		}
	}
}

// mergeBy adds each box to the last one with its key, where that takes it. What is
// left is in the same memory.
func mergeBy(boxes []box, key func([]byte, *box) []byte, take func(a, b *box) bool) []box {
	if len(boxes) < 2 {
		return boxes
	}
	var k []byte
	last := make(map[string]int, len(boxes))
	out := boxes[:0]
	for i := range boxes {
		b := &boxes[i]
		k = key(k[:0], b)
		if i, ok := last[string(k)]; ok && take(&out[i], b) {
			continue
		}
		last[string(k)] = len(out)
		out = append(out, *b)
	}
	return out
}

// flows are the boxes of a kind, merged, as people see them.
func (w *world) flows(k kind) []Flow {
	boxes := merge(w.found[k])
	out := make([]Flow, 0, len(boxes))
	for _, b := range boxes {
		f := Flow{From: k.from, To: k.to, Source: prefixes(b.sources), Destination: prefixes(b.destinations), Protocol: b.protocol.String(), Ports: b.ports}
		if k.internet && slices.Equal(join(slices.Clone(b.sources)), w.places[len(w.places)-1].spans) {
			f.Source = anywhere
		}
		if k.level == byGroups {
			f.What = w.what(k.to, b.destinations)
		}
		for _, g := range b.gates {
			gate := make(Gate, 0, len(g))
			for _, r := range g {
				gate = append(gate, w.rule(r))
			}
			f.Through = append(f.Through, gate)
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Ports.From, b.Ports.From),
			slices.CompareFunc(a.Source, b.Source, comparePrefixes), slices.CompareFunc(a.Destination, b.Destination, comparePrefixes))
	})
	return out
}

// what are the names of an owner's interfaces at some addresses.
func (w *world) what(owner string, at []span) []string {
	var out []string
	for _, n := range w.named[owner] {
		if slices.ContainsFunc(at, func(s span) bool { return s.has(n.address) }) {
			out = append(out, n.what)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// rule says what a ref points at, once for all flows that pass it.
func (w *world) rule(r ref) Rule {
	out, told := w.rules[r]
	if !told {
		out = w.tell(r)
		w.rules[r] = out
	}
	return out
}

func (w *world) tell(r ref) Rule {
	out := Rule{Layer: r.layer, Egress: r.egress, Index: r.index}
	if r.index < 0 {
		out.ID, out.Text = w.missing[r.object], lang.Say("not read, counts as open")
		return out
	}
	switch r.layer {
	case LayerACL:
		a := w.e.ACLs[r.object]
		entries := a.Ingress
		if r.egress {
			entries = a.Egress
		}
		e := entries[r.index]
		out.ID, out.Name, out.Owner, out.Number = a.ID, a.Name, a.Owner, e.Number
		out.Text = sentence(e.Protocol, e.Ports, r.egress, e.CIDR.String())
	case LayerGroup:
		g := w.e.Groups[r.object]
		list := g.Ingress
		if r.egress {
			list = g.Egress
		}
		e := list[r.index]
		out.ID, out.Name, out.Owner, out.RuleID = g.ID, g.Name, g.Owner, e.ID
		peer := cmp.Or(e.Group, e.PrefixList)
		if peer == "" {
			peer = e.CIDR.String()
		}
		out.Text = sentence(e.Protocol, e.Ports, r.egress, peer)
	case LayerRoute:
		t := w.e.RouteTables[r.object]
		e := t.Routes[r.index]
		out.ID, out.Name, out.Owner = t.ID, t.Name, t.Owner
		to := e.PrefixList
		if to == "" {
			to = e.Destination.String()
		}
		out.Text = lang.Sprintf("%s to %s %s", to, e.Kind, e.Target)
	case LayerVPN:
		v := w.e.VPNs[r.object]
		out.ID, out.Owner, out.Text = v.ID, v.Owner, lang.Say("dynamic routing")
	}
	return out
}
