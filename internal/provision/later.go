package provision

import (
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// What a plan leaves for a later run, and what it makes anew.

// postpone decides what is to be made in this run, and what cannot be helped in it. It goes by the order of the kinds,
// so that what a resource rests on has been decided before it.
func (p *Plan) postpone() error {
	for _, n := range p.nodes {
		if n.want == nil || n.bystander || n.Op == OpForeign {
			continue
		}
		if n.have != nil && n.state == Deleting {
			n.Op, n.have, n.ID, n.Why = OpCreate, nil, "", lang.Sprintf("%s is still being deleted", n.ID)
		}
		if conflicts, err := p.conflict(n); conflicts || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if n.have != nil {
			if why := n.typ.unusable(n.have); why != "" {
				n.Op, n.Why = OpLater, why
			}
		}
		if n.Op != OpCreate {
			continue
		}
		step := p.step(n)
		if r := p.lost(n, step); r != nil {
			n.Change = n.foreign(r)
			continue
		}
		if why := n.typ.deferred(step, n.want); why != "" {
			n.Op, n.Why = OpLater, why
		} else if z := n.scope.out(n.typ, step, n.want); z.State != "" {
			n.Op, n.Why = OpBlocked, lang.Sprintf("AWS calls its availability zone %s (%s) %s: run again once it is available; what is there already stays as it is", z.Name, z.ID, z.State)
		}
		if step.err != nil {
			return step.err
		}
	}
	return nil
}

// out is the zone that a resource would be made in, if AWS has trouble with it.
func (s *Scope) out(t *Type, step *Step, want any) Zone {
	if t.zone == nil {
		return Zone{}
	}
	name := t.zone(step, want)
	for _, z := range s.Zones {
		if z.Name == name {
			return z
		}
	}
	return Zone{}
}

// conflict refuses what cannot be there beside something that others have.
func (p *Plan) conflict(n *node) (bool, error) {
	if n.typ.conflict == nil {
		return false, nil // of most kinds, of which there may be thousands
	}
	step := p.step(n)
	for _, r := range p.inv.All(n.Kind, n.scope.Region) {
		if n.scope.owns(r.Tags) || r.State == Gone || r.State == Deleting {
			continue
		}
		if why := n.typ.conflict(step, n.want, r.Object); why != "" {
			n.Op, n.Why, n.Untagged = OpForeign, why, n.have == nil && r.Foreign() && n.typ.retag != nil
			if n.have == nil {
				n.ID = r.ID
			}
			return true, step.err
		}
	}
	return false, step.err
}

// lost finds what is the wanted resource of a node without its tags.
func (p *Plan) lost(n *node, step *Step) *Resource {
	if n.typ.lostTags == nil {
		return nil
	}
	for _, r := range p.inv.All(n.Kind, n.scope.Region) {
		if r.Foreign() && n.typ.lostTags(step, n.want, r.Object) {
			return r
		}
	}
	return nil
}

// replace makes n anew and removes all that has been found of it, which is spent.
func (p *Plan) replace(n *node, found []*Resource, request Request) {
	n.Op = OpCreate
	for _, r := range found {
		p.unwanted(p.add(n.typ, n.order, n.scope, n.Role+" (spent "+r.ID+")", nil, r), r, request, lang.Say("is of no use any more; another takes its place"))
	}
}
