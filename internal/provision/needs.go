package provision

import "slices"

// Need is what a plan takes of one quota of a region.
type Need struct {
	*Quota
	Region string
	Used   int // resources of all owners that count already
	New    int // those that the plan adds
}

// Needs lists the quotas of the kinds that the plan creates something of.
func (p *Plan) Needs() []Need {
	var out []Need
	for _, n := range p.nodes {
		if n.Op != OpCreate || n.typ.Quota == nil {
			continue
		}
		i := slices.IndexFunc(out, func(have Need) bool { return have.Quota == n.typ.Quota && have.Region == n.scope.Region })
		if i < 0 {
			out = append(out, Need{Quota: n.typ.Quota, Region: n.scope.Region, Used: p.inv.counted(n.typ, n.scope.Region)})
			i = len(out) - 1
		}
		out[i].New++
	}
	return out
}
