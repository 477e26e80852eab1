package provision

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// asksAtOnce is how many resources are asked about at once before a removal.
const asksAtOnce = 8

// ask finds out, before anything is removed, what AWS would refuse to remove. What it
// finds stops the run; what it does not may still be refused.
func (e *Engine) ask(ctx context.Context, p *Plan) error {
	var mu sync.Mutex
	var refused RefusedError
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
				return fmt.Errorf("ask whether %s %s can be removed: %w", n.Kind, n.ID, err)
			}
			if why != "" {
				mu.Lock()
				defer mu.Unlock()
				c := n.Change
				c.Op, c.Why = OpBlocked, "AWS would refuse to remove "+n.ID+": "+why
				refused.Changes = append(refused.Changes, c)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if len(refused.Changes) > 0 {
		return &refused
	}
	return nil
}

// Found lists what the plan's look found of a kind in the step's region, whoever owns it.
func (s *Step) Found(kind string) []*Resource { return s.plan.inv.All(kind, s.Region) }

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
