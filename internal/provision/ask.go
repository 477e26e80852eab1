package provision

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// askedFor is how long AWS is not asked again what it would refuse: whoever is asked whether
// to carry the plan out may take his time.
const askedFor = time.Minute

// asksAtOnce is how many resources are asked about at once before a removal.
const asksAtOnce = 8

// Ask finds out, before anything is removed, what AWS would refuse to remove. What it
// finds is blocked; what it does not may still be refused.
func (e *Engine) Ask(ctx context.Context, p *Plan) error {
	if time.Since(p.asked) < askedFor {
		return nil
	}
	refusals := make(chan refusal, len(p.nodes)) // a node's operation is not changed while others are asked about
	sweeps := map[*Scope]*Sweep{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for _, n := range p.nodes {
		if n.Op != OpDelete || n.typ.refused == nil || n.state == Deleting {
			continue
		}
		if sweeps[n.scope] == nil {
			sweeps[n.scope] = NewSweep(n.scope)
		}
		step := p.step(n)
		sweep := sweeps[n.scope]
		group.Go(func() error {
			why, err := n.typ.refused(ctx, step, sweep, n.have)
			if err != nil {
				return lang.Errorf("ask whether %s %s can be removed: %w", n.Kind, n.ID, err)
			}
			refusals <- refusal{n, why}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	close(refusals)
	for r := range refusals {
		if r.why != "" {
			r.Op, r.Why = OpBlocked, lang.Sprintf("AWS would refuse to remove %s: %s", r.ID, r.why)
		}
	}
	p.asked = time.Now()
	p.withhold()
	return nil
}

// refusal is why AWS would refuse to remove a resource.
type refusal struct {
	*node
	why string
}

// Found lists what the plan's look found of a kind in the step's region, whoever owns it.
func (s *Step) Found(kind string) []*Resource { return s.plan.inv.All(kind, s.Region) }

// FoundOwn is Found for what belongs to the step's scope.
func (s *Step) FoundOwn(kind string) []*Resource {
	return slices.DeleteFunc(slices.Clone(s.Found(kind)), func(r *Resource) bool { return r.State == Gone || !s.owns(r.Tags) })
}

// Removes reports whether the plan removes the resource of a kind with an ID.
func (s *Step) Removes(kind, id string) bool {
	for at := s.Scope; at != nil; at = at.Outer {
		for _, n := range s.plan.roles[kindKey{at, kind}] {
			if n.ID == id && n.Op == OpDelete {
				return true
			}
		}
	}
	return false
}

// Foreign reports whether a resource is there and not cicdctl's.
func (r *Resource) Foreign() bool {
	return r.Tags[TagManagedBy] != ManagedBy && r.State != Gone && r.State != Deleting
}
