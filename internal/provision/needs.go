package provision

import "slices"

// Take is how much of one of AWS's limits a resource takes.
type Take struct {
	*Quota
	Place string // what the limit is about within the region, such as a zone; empty for the region
	Now   int    // that the plan takes
	Most  int    // that it may come to take later; Now when smaller
	// Unsure is why nobody knows how much it takes; empty when that is known.
	Unsure string
}

// Offer is something that AWS sells in some places only.
type Offer struct {
	Type   string // "m6i.large", "db.r6g.large"
	Engine string // of a database; empty for a host
	Major  string // of the engine's versions
	Zone   string
}

// Need is what a plan takes of one quota of a region.
type Need struct {
	*Quota
	Region string
	Place  string
	Used   int // of all owners, that counts already and that the plan does not free
	New    int // that the plan adds
	Most   int // that it may come to add
	Unsure string
}

// Needs lists the quotas of which the plan takes something.
func (p *Plan) Needs() []Need {
	var out []Need
	for _, n := range p.nodes {
		for _, take := range n.takes() {
			i := slices.IndexFunc(out, func(have Need) bool {
				return have.Code == take.Code && have.Region == n.scope.Region && have.Place == take.Place
			})
			if i < 0 {
				out = append(out, Need{Quota: take.Quota, Region: n.scope.Region, Place: take.Place, Used: p.inv.used(n.typ, n.scope.Region, take) - p.frees(n.typ, n.scope.Region, take)})
				i = len(out) - 1
			}
			out[i].New += take.Now
			out[i].Most += max(take.Now, take.Most)
			if take.Unsure != "" {
				out[i].Unsure = take.Unsure
			}
		}
	}
	return out
}

// takes is what the node takes beyond what it has.
func (n *node) takes() []Take {
	if n.Op != OpCreate && n.Op != OpUpdate {
		return nil
	}
	have := n.have
	if n.Op == OpCreate {
		have = nil
	}
	switch {
	case n.typ.needed != nil:
		return slices.DeleteFunc(n.typ.needed(n.scope, n.Role, n.want, have), func(t Take) bool { return t.Now == 0 && t.Most == 0 && t.Unsure == "" })
	case n.typ.Quota != nil && have == nil:
		return []Take{{Quota: n.typ.Quota, Now: 1}}
	}
	return nil
}

// used is how much of a limit is taken already, as far as lists of the kind tell.
func (inv *Inventory) used(t *Type, region string, of Take) int {
	count := 0
	for _, r := range inv.All(t.Name, region) {
		if r.State != Gone {
			count += inv.takenBy(t, region, r.Object, of)
		}
	}
	return count
}

// frees is how much of a limit the plan gives back. It is there for what the plan makes:
// who meets the limit waits for that.
func (p *Plan) frees(t *Type, region string, of Take) int {
	count := 0
	for _, n := range p.nodes {
		if n.typ == t && n.Op == OpDelete && n.scope.Region == region {
			count += p.inv.takenBy(t, region, n.have, of)
		}
	}
	return count
}

func (inv *Inventory) takenBy(t *Type, region string, a any, of Take) int {
	if t.used == nil {
		return 1
	}
	count := 0
	for _, held := range t.used(inv, region, a) {
		if held.Code == of.Code && held.Place == of.Place {
			count += held.Now
		}
	}
	return count
}

// Find is a resource by its ID, whoever owns it; nil when it was not listed.
func (inv *Inventory) Find(kind, region, id string) *Resource {
	all := inv.All(kind, region)
	if i := slices.IndexFunc(all, func(r *Resource) bool { return r.ID == id }); i >= 0 {
		return all[i]
	}
	return nil
}

// Wanted is an offer, with all zones of a region in which it is wanted.
type Wanted struct {
	Offer
	Region string
	Zones  []string
}

// Offers lists what the plan needs AWS to offer.
func (p *Plan) Offers() []Wanted {
	var out []Wanted
	for _, n := range p.nodes {
		if n.typ.offers == nil || n.Op != OpCreate && n.Op != OpUpdate {
			continue
		}
		have := n.have
		if n.Op == OpCreate {
			have = nil
		}
		for _, o := range n.typ.offers(n.scope, n.Role, n.want, have) {
			zone := o.Zone
			o.Zone = ""
			i := slices.IndexFunc(out, func(w Wanted) bool { return w.Offer == o && w.Region == n.scope.Region })
			if i < 0 {
				out = append(out, Wanted{Offer: o, Region: n.scope.Region})
				i = len(out) - 1
			}
			if !slices.Contains(out[i].Zones, zone) {
				out[i].Zones = append(out[i].Zones, zone)
			}
		}
	}
	return out
}
