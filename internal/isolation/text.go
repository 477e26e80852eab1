package isolation

import (
	"cmp"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

var anywhere = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}

func comparePrefixes(a, b netip.Prefix) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
}

// String is "tcp", or "protocol 47" for one without a common name.
func (p Protocol) String() string {
	switch p {
	case AllProtocols:
		return lang.Say("all")
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case ICMP:
		return "icmp"
	case other:
		return lang.Say("other protocols")
	}
	return lang.Sprintf("protocol %d", p)
}

// traffic is "tcp 5432", "udp 1024-65535", "icmp type 8" or "all".
func traffic(protocol string, p Ports) string {
	switch {
	case p == AllPorts || protocol != "tcp" && protocol != "udp" && protocol != "icmp":
		return protocol
	case protocol == "icmp":
		return "icmp " + types(p)
	case p.From == p.To:
		return fmt.Sprintf("%s %d", protocol, p.From)
	}
	return fmt.Sprintf("%s %d-%d", protocol, p.From, p.To)
}

func types(p Ports) string {
	from, to := p.From>>8, p.To>>8
	switch whole := p.From&255 == 0 && p.To&255 == 255; {
	case whole && from == to:
		return fmt.Sprintf("type %d", from)
	case whole:
		return fmt.Sprintf("types %d-%d", from, to)
	case p.From == p.To:
		return fmt.Sprintf("type %d code %d", from, p.From&255)
	}
	return fmt.Sprintf("type %d code %d to type %d code %d", from, p.From&255, to, p.To&255)
}

func sentence(protocol Protocol, ports Ports, egress bool, peer string) string {
	if egress {
		return lang.Sprintf("%[1]s to %[2]s", traffic(protocol.String(), ports), peer)
	}
	return lang.Sprintf("%s from %s", traffic(protocol.String(), ports), peer)
}

// String is "acl acl-123 (ACME) inbound rule 90 (tcp 5432 from 10.20.0.0/16)".
func (r Rule) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", r.Layer, r.ID)
	if who := cmp.Or(r.Owner, r.Name); who != "" {
		fmt.Fprintf(&b, " (%s)", who)
	}
	if r.Layer == LayerACL || r.Layer == LayerGroup {
		b.WriteString(lang.Say(map[bool]string{false: lang.Text(" inbound"), true: lang.Text(" outbound")}[r.Egress]))
	}
	switch {
	case r.Index < 0:
	case r.Layer == LayerACL:
		b.WriteString(lang.Sprintf(" rule %d", r.Number))
	case r.Layer == LayerGroup && r.RuleID != "":
		b.WriteString(lang.Sprintf(" rule %s", r.RuleID))
	case r.Layer == LayerGroup:
		b.WriteString(lang.Sprintf(" rule %d", r.Index+1))
	}
	fmt.Fprintf(&b, " (%s)", r.Text)
	return b.String()
}

// String names the rules of a gate, all of which close it.
func (g Gate) String() string {
	parts := make([]string, len(g))
	for i, r := range g {
		parts[i] = r.String()
	}
	return strings.Join(parts, lang.Say(" or "))
}

// reaches is who reaches what.
const reaches = "%s reaches %s"

// Traffic is "tcp 5432".
func (f Flow) Traffic() string { return traffic(f.Protocol, f.Ports) }

// String is one sentence: who reaches whom, on what, and through which rules.
func (f Flow) String() string { return f.sentence(reaches, f.Traffic()) }

func (f Flow) sentence(form, on string) string {
	from := cmp.Or(f.From, lang.Say("the edge"))
	source := " " + list(f.Source)
	if len(f.Source) == 1 && f.Source[0] == anywhere[0] {
		from, source = lang.Say("the internet"), ""
	}
	s := lang.Sprintf(form, from+source, f.To+" "+list(f.Destination))
	if len(f.What) > 0 {
		s += " (" + strings.Join(f.What, ", ") + ")"
	}
	s = lang.Sprintf("%s on %s", s, on)
	if f.Public {
		s += lang.Say(" (as all of the internet does)")
	}
	if f.Around {
		s += lang.Say(" over the internet")
	}
	if len(f.Through) == 0 {
		return lang.Sprintf("%s: nothing is in the way", s)
	}
	return lang.Sprintf("%s: %s", s, f.gates())
}

func (f Flow) gates() string {
	parts := make([]string, len(f.Through))
	for i, g := range f.Through {
		parts[i] = g.String()
	}
	return strings.Join(parts, "; ")
}

func list(prefixes []netip.Prefix) string {
	parts := make([]string, len(prefixes))
	for i, p := range prefixes {
		parts[i] = p.String()
		if p.IsSingleIP() {
			parts[i] = p.Addr().String()
		}
	}
	return strings.Join(parts, ", ")
}

// sentences puts flows that differ in nothing but the protocol into one sentence.
func sentences(flows []Flow, form string) []string {
	at := map[string]int{}
	var first []Flow
	var on []string
	for _, f := range flows {
		key := fmt.Sprint(f.From, f.To, f.Source, f.Destination, f.Public, f.Around, f.gates())
		if i, ok := at[key]; ok {
			on[i] += ", " + f.Traffic()
			continue
		}
		at[key] = len(first)
		first, on = append(first, f), append(on, f.Traffic())
	}
	var out []string
	for i, f := range first {
		out = append(out, f.sentence(form, on[i]))
	}
	return out
}

// Flaws are what is wrong, in plain sentences.
func (p Proof) Flaws() []string {
	out := sentences(p.Flows, reaches)
	for _, s := range sentences(p.Latent, lang.Text("%s would reach %s")) {
		out = append(out, lang.Sprintf("%s; only security groups are in the way", s))
	}
	return out
}

// Lines is the proof in plain sentences: what is wrong first, then its size.
func (p Proof) Lines() []string {
	out := p.Flaws()
	verdict := lang.Say("no client reaches another")
	if !p.Isolated() {
		verdict = lang.Sprintf("clients reach each other, flows: %d", len(p.Flows))
	}
	out = append(out, lang.Sprintf("%s: %s", verdict, p.Size))
	for _, u := range p.Unknowns {
		out = append(out, lang.Sprintf("not known: %s", u))
	}
	return out
}

// Lines is what reaches a client from outside, in plain sentences.
func (x Exposure) Lines() []string {
	out := sentences(x.Internet, reaches)
	for _, s := range sentences(x.Sites, reaches) {
		out = append(out, lang.Sprintf("its own site, %s", s))
	}
	out = append(out, sentences(x.Shared, reaches)...)
	for _, s := range sentences(x.Edge, lang.Text("%s may reach %s")) {
		out = append(out, lang.Sprintf("%s; security groups decide", s))
	}
	return out
}

// String is "90 ordered pairs of clients, 3.5e+14 combinations ...".
func (s Size) String() string {
	n := s.Combinations
	if n == nil {
		n = new(big.Int)
	}
	combinations := n.String()
	if len(combinations) > 6 {
		combinations = new(big.Float).SetInt(n).Text('e', 2)
	}
	return lang.Sprintf("%d ordered {pair|pairs} of clients, of which %d can meet; %s combinations of addresses, protocols and ports, decided in %d {class|classes} by %d {rule|rules}",
		s.Pairs, s.Meeting, combinations, s.Classes, s.Rules)
}

// Summary is what the internet and the client's own sites reach, a line for each
// thing that is reached, without the rules.
func (x Exposure) Summary() []string {
	var order []string
	on := map[string][]string{}
	add := func(from string, f Flow) {
		head := lang.Sprintf(reaches, from, cmp.Or(strings.Join(f.What, ", "), list(f.Destination)))
		if on[head] == nil {
			order = append(order, head)
		}
		if traffic := f.Traffic(); !slices.Contains(on[head], traffic) {
			on[head] = append(on[head], traffic)
		}
	}
	for _, f := range x.Internet {
		add(lang.Say("the internet"), f)
	}
	for _, f := range x.Sites {
		add(lang.Sprintf("its own site %s", list(f.Source)), f)
	}
	out := make([]string, len(order))
	for i, head := range order {
		out[i] = lang.Sprintf("%s on %s", head, strings.Join(on[head], ", "))
	}
	return out
}
