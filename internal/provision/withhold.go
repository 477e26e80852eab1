package provision

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// What is in the way of a plan, and what of the plan can be done all the same.

// withhold leaves out of the plan what depends on a resource that is blocked: it waits, and is
// told so. It goes by the order of the kinds, so that what a resource rests on has been
// decided before it.
func (p *Plan) withhold() {
	if !slices.ContainsFunc(p.nodes, (*node).stuck) {
		return
	}
	for _, n := range p.nodes {
		if n.Op != OpCreate && n.Op != OpUpdate {
			continue
		}
		for _, w := range append(p.needs(n, false), p.needs(n, true)...) {
			if w.on.stuck() {
				n.wait(w.on)
				break
			}
		}
	}
	for _, n := range p.nodes {
		if n.Op != OpDelete {
			continue
		}
		for _, w := range p.removedBefore(n, OpBlocked, OpWaiting) {
			n.wait(w.on)
		}
		// What is to be removed may be serving until its successor is there.
		for _, m := range p.roles[kindKey{n.scope, n.Kind}] {
			if m.Op == OpWaiting && m.have == nil {
				n.wait(m)
			}
		}
	}
}

// stuck reports that what depends on the node has to wait: it is blocked, or is to be made
// and waits itself.
func (n *node) stuck() bool {
	return n.Op == OpBlocked || n.Op == OpWaiting && n.have == nil
}

func (n *node) wait(on *node) {
	n.Op, n.Why = OpWaiting, lang.Sprintf("waits for %s %s", on.Kind, on.Role)
}

// Stopped returns a *RefusedError when nothing of the plan may be carried out: something in
// the way belongs to others, all that there is to do is blocked, or it is a removal, which
// is not begun unless it can be brought to its end.
func (p *Plan) Stopped() error {
	if p.destroy != nil || p.Mutations() == 0 || slices.ContainsFunc(p.nodes, func(n *node) bool { return n.Op == OpForeign }) {
		return p.Refused()
	}
	return nil
}

// Refused returns a *RefusedError when something is in the way of the plan, of which
// Mutations may be carried out all the same.
func (p *Plan) Refused() error {
	var stop []Change
	for _, n := range p.nodes {
		if n.Op == OpForeign || n.Op == OpBlocked {
			stop = append(stop, n.Change)
		}
	}
	if len(stop) == 0 {
		return nil
	}
	return &RefusedError{Changes: stop}
}

// failedWhy is what is told of a resource of a kind that knows no better.
func failedWhy(id string) string {
	return lang.Sprintf("AWS says that %s has failed; look it up in the AWS console for the reason, and run again once it is in order", id)
}

// finished reports that nothing is left that a run could do or wait for.
func (p *Plan) finished() bool {
	return !slices.ContainsFunc(p.nodes, func(n *node) bool {
		return n.Op != OpBlocked && n.Op != OpWaiting && !n.settled()
	})
}
