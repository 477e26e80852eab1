package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/isolation/reader"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// IsolationBroken is the finding that a client reaches another.
const IsolationBroken = "CICD-ISOLATION-1"

// networks reads the networks of the regions that have clients.
func (a *auditing) networks(ctx context.Context) map[string]*isolation.Estate {
	out := map[string]*isolation.Estate{}
	var mu sync.Mutex // guards out
	var g sync.WaitGroup
	for _, region := range a.Regions {
		if !slices.ContainsFunc(a.Clients, func(c Audience) bool { return c.Region == region }) {
			continue
		}
		g.Go(func() {
			n, err := reader.ReadNetwork(ctx, a.op.Factory.Set(region))
			if err != nil {
				a.skip("isolation of clients", region, err)
				return
			}
			estate := n.Estate(region)
			mu.Lock()
			defer mu.Unlock()
			out[region] = &estate
		})
	}
	g.Wait()
	return out
}

// isolation proves for each region that its clients do not reach each other, or
// makes findings of what lets them.
func (a *auditing) isolation(networks map[string]*isolation.Estate) {
	for _, region := range a.Regions {
		estate := networks[region]
		if estate == nil {
			continue
		}
		proof := isolation.Prove(*estate)
		a.Isolation = append(a.Isolation, proof)
		a.holes(region, proof.Flows, judge.Finding{
			ID: IsolationBroken, Severity: rules.High, Title: "No client reaches another", Should: "no way from one client to another",
			Why: "document, ACL: chaque groupe de 3 sous-réseaux appartient à 1 ACL restreignant le trafic entrant à ces seuls sous-réseaux",
		})
		a.holes(region, proof.Latent, judge.Finding{
			ID: "CICD-ISOLATION-2", Severity: rules.Medium, Title: "More than security groups stand between clients", Should: "closed by a network ACL as well",
			Why: "document, ACL; one wrong security group rule would open it",
		})
	}
}

// holes makes a finding of each way from one client to another. Ways that differ in
// the protocol only are one.
func (a *auditing) holes(region string, flows []isolation.Flow, like judge.Finding) {
	var order []string
	found := map[string]*hole{}
	for _, f := range flows {
		if !a.asked(f.From) && !a.asked(f.To) {
			continue
		}
		gates := make([]string, 0, len(f.Through))
		for _, g := range f.Through {
			if !f.Around || g[0].Layer == isolation.LayerGroup && !g[0].Egress {
				gates = append(gates, g.String())
			}
		}
		from := f.From + " " + ranges(f.Source)
		if f.Around { // whoever goes out by the same address does the same
			from = ""
		}
		key := fmt.Sprint(from, f.To, f.Around, f.Destination, gates)
		if have := found[key]; have != nil {
			if !slices.Contains(have.on, f.Traffic()) {
				have.on = append(have.on, f.Traffic())
			}
			if !slices.Contains(have.from, f.From) {
				have.from = append(have.from, f.From)
			}
			continue
		}
		found[key] = &hole{f, []string{f.Traffic()}, []string{f.From}, gates}
		order = append(order, key)
	}
	for _, key := range order {
		a.Findings = append(a.Findings, found[key].finding(region, like))
	}
}

// hole is a way from one client to another, or over the internet from all that go out
// by the same address.
type hole struct {
	isolation.Flow
	on, from, gates []string
}

func (h *hole) finding(region string, like judge.Finding) judge.Finding {
	out, sentence := like, lang.Text("%s reaches %s %s on %s")
	if like.ID != IsolationBroken {
		sentence = lang.Text("%s would reach %s %s on %s")
	}
	from := h.From + " " + ranges(h.Source)
	out.Client, out.Region = h.To, region
	out.Resource = "network from " + strings.Join(h.from, ", ") + " to " + h.To
	out.Fix = lang.Sprintf("close any one of: %s; cicdctl client create puts back what is cicdctl's", strings.Join(h.gates, "; "))
	on := strings.Join(h.on, ", ")
	if h.Around {
		from, on = strings.Join(h.from, ", "), lang.Sprintf("%s over the internet, where all clients have the public addresses of the same NAT gateways", on)
		out.Fix = lang.Sprintf("give a range without the NAT gateways' public addresses (from of the spec); now they are let in by %s", strings.Join(h.gates, "; "))
	}
	out.Is = lang.Sprintf(sentence, from, h.To, ranges(h.Destination), on)
	return out
}

func ranges[T fmt.Stringer](all []T) string {
	parts := make([]string, len(all))
	for i, p := range all {
		parts[i] = p.String()
	}
	return strings.Join(parts, ", ")
}
