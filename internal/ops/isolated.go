package ops

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// networks reads the networks of the regions that have clients.
func (a *auditing) networks(ctx context.Context) map[string]*network {
	out := map[string]*network{}
	var mu sync.Mutex // guards out and what is not audited
	var g sync.WaitGroup
	for _, region := range a.Regions {
		if !slices.ContainsFunc(a.Clients, func(c Audience) bool { return c.Region == region }) {
			continue
		}
		g.Go(func() {
			n, err := readNetwork(ctx, a.op.factory.Set(region))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				a.skip("isolation of clients", region, err)
				return
			}
			out[region] = n
		})
	}
	g.Wait()
	return out
}

// isolation proves for each region that its clients do not reach each other, or
// makes findings of what lets them.
func (a *auditing) isolation(networks map[string]*network) error {
	for _, region := range a.Regions {
		n := networks[region]
		if n == nil {
			continue
		}
		estate, err := n.estate(region)
		if err != nil {
			return err
		}
		proof := isolation.Prove(estate)
		a.Isolation = append(a.Isolation, proof)
		a.holes(region, proof.Flows, rules.Finding{
			ID: "CICD-ISOLATION-1", Severity: rules.High, Title: "No client reaches another", Should: "no way from one client to another",
			Why: "document, ACL: chaque groupe de 3 sous-réseaux appartient à 1 ACL restreignant le trafic entrant à ces seuls sous-réseaux",
		})
		a.holes(region, proof.Latent, rules.Finding{
			ID: "CICD-ISOLATION-2", Severity: rules.Medium, Title: "More than security groups stand between clients", Should: "closed by a network ACL as well",
			Why: "document, ACL; one wrong security group rule would open it",
		})
	}
	return nil
}

// holes makes a finding of each way from one client to another. Ways that differ in
// the protocol only are one.
func (a *auditing) holes(region string, flows []isolation.Flow, like rules.Finding) {
	var order []string
	found := map[string]*rules.Finding{}
	for _, f := range flows {
		if !a.asked(f.From) && !a.asked(f.To) {
			continue
		}
		gates := make([]string, len(f.Through))
		for i, g := range f.Through {
			gates[i] = g.String()
		}
		key := fmt.Sprint(f.From, f.To, f.Source, f.Destination, gates)
		if have := found[key]; have != nil {
			have.Is += ", " + f.Traffic()
			continue
		}
		one := like
		one.Client, one.Region = f.To, region
		one.Resource = "network from " + f.From + " to " + f.To
		one.Is = fmt.Sprintf("%s %s reaches %s %s on %s", f.From, ranges(f.Source), f.To, ranges(f.Destination), f.Traffic())
		if like.ID != "CICD-ISOLATION-1" {
			one.Is = strings.Replace(one.Is, " reaches ", " would reach ", 1)
		}
		one.Fix = "close any one of: " + strings.Join(gates, "; ") + "; cicdctl client create puts back what is cicdctl's"
		found[key] = &one
		order = append(order, key)
	}
	for _, key := range order {
		a.Findings = append(a.Findings, *found[key])
	}
}

func ranges[T fmt.Stringer](all []T) string {
	parts := make([]string, len(all))
	for i, p := range all {
		parts[i] = p.String()
	}
	return strings.Join(parts, ", ")
}
