package provision

import (
	"context"
	"maps"
	"slices"
)

// again is the inventory with another look at some kinds.
func (inv *Inventory) again(ctx context.Context, types []*Type, request Request, kinds map[string]bool) *Inventory {
	fresh := Observe(ctx, slices.DeleteFunc(slices.Clone(types), func(t *Type) bool { return !kinds[t.Name] }), request)
	for place, found := range inv.resources {
		if _, looked := fresh.failed[place]; !looked {
			fresh.resources[place], fresh.failed[place], fresh.short[place] = found, inv.failed[place], inv.short[place]
		}
	}
	fresh.index()
	return fresh
}

// seenGone takes out of some kinds those of which a client's removal has changed nothing but
// what it was waiting for until AWS told of it no more, and out of what was found what is gone.
func (p *Plan) seenGone(kinds map[string]bool) *Inventory {
	left := *p.inv
	if p.destroy == nil {
		return &left
	}
	gone, asked := map[string][]string{}, map[string]bool{}
	for _, n := range p.nodes {
		switch {
		case n.run.gone:
			gone[n.Kind] = append(gone[n.Kind], n.ID)
		case n.Op != OpNone && n.Op != OpRetain:
			asked[n.Kind] = true
		}
	}
	left.resources = maps.Clone(left.resources)
	for at, found := range left.resources {
		if ids := gone[at.kind]; len(ids) > 0 && !asked[at.kind] {
			left.resources[at] = slices.DeleteFunc(slices.Clone(found), func(r *Resource) bool { return slices.Contains(ids, r.ID) })
			delete(kinds, at.kind)
		}
	}
	return &left
}

// changed are the kinds of which a plan that was carried out has changed something, or waited
// for it, and those that depend on them, for what AWS does by itself, it does to these. Of those
// that they directly depend on, they are the kinds with something that nothing asks for, which
// may have lost its last user, and those that nothing ever asks for. A kind of which nothing is
// wanted, and was found before, is left out, unless AWS makes some when something else is changed.
func (p *Plan) changed() map[string]bool {
	out, present, unasked := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, n := range p.nodes {
		present[n.Kind] = true
		if n.want == nil {
			unasked[n.Kind] = true
		}
		if n.Op == OpCreate || n.Op == OpUpdate || n.Op == OpDelete || n.state == Pending || n.state == Deleting {
			out[n.Kind] = true
		}
	}
	if len(out) == 0 { // whoever carries out a plan without a change wants a second look
		for kind := range p.types {
			out[kind] = true
		}
		return out
	}
	reached := map[string]bool{}
	for kind := range out {
		p.dependents(kind, reached)
	}
	for kind := range out {
		for _, d := range p.types[kind].DependsOn { // AWS makes a final snapshot of a cluster
			t := p.types[d.Kind]
			reached[d.Kind] = reached[d.Kind] || unasked[d.Kind] || t != nil && t.Immortal
		}
	}
	for _, t := range p.types {
		byItself := t.Immortal || t.recreated != nil
		// To what stays of a client that goes AWS does nothing: it is kept for its data, and
		// whether it is still of use was settled before anything went.
		stays := p.destroy != nil && !byItself
		if reached[t.Name] && (present[t.Name] || byItself) && !stays || t.recreated != nil {
			out[t.Name] = true
		}
	}
	return out
}

// dependents adds a kind and all that depend on it, directly or not.
func (p *Plan) dependents(kind string, to map[string]bool) {
	if to[kind] {
		return
	}
	to[kind] = true
	for _, t := range p.types {
		if slices.ContainsFunc(t.DependsOn, func(d Dep) bool { return d.Kind == kind }) {
			p.dependents(t.Name, to)
		}
	}
}
