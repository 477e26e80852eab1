package provision

import (
	"context"
	"errors"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// ErrReplan stops a run because the ground has moved: what was planned has to
// be worked out again from what AWS holds now. Kinds wrap it.
var ErrReplan = lang.New("the plan is out of date")

// looksAfterLoss is how many times AWS is asked again after an answer was lost, or
// a run died that was making things under the same lease, before something it would make twice is created again: new resources may be
// missing from lists for some seconds.
const looksAfterLoss = 3

// create makes the resource once. Whenever it is not certain that nothing was
// made, AWS is asked before anything is created again.
func (w *walk) create(ctx context.Context, n *node, step *Step) (any, error) {
	var object any
	uncertain := false // an earlier attempt may have taken effect
	attempt := func(ctx context.Context) (bool, error) {
		if n.typ.NotIdempotent || uncertain {
			looks := 1
			if uncertain || awsapi.Taken(ctx) {
				looks = looksAfterLoss
			}
			found, err := w.lookAgain(ctx, n, looks, uncertain)
			if found != nil || err != nil {
				object = found
				return true, err
			}
		}
		if step.err != nil {
			return true, step.err
		}
		if end, bounded := ctx.Deadline(); n.typ.NotIdempotent && bounded && !time.Now().Before(end) {
			return false, context.DeadlineExceeded // this machine has slept: the lease may be another's
		}
		freeing := w.freeing(n)
		created, err := n.typ.create(ctx, step, n.want)
		switch {
		case step.err != nil:
			return true, step.err
		case err == nil:
			object = created
			n.run.created = true
			w.made(ctx, n)
			return true, nil
		case errors.Is(err, ErrReplan):
			return true, err
		case awsapi.Is(err, awsapi.Exists, awsapi.Ambiguous):
			uncertain = true
			w.made(ctx, n) // perhaps
			return false, err
		case awsapi.Propagating(err), awsapi.Is(err, awsapi.InUse), freeing && awsapi.Is(err, awsapi.Quota):
			return false, err
		default:
			return true, err
		}
	}
	err := w.persist(ctx, n, func() (done bool, err error) {
		if !n.typ.NotIdempotent {
			return attempt(ctx)
		}
		leaseErr := w.leased(ctx, n, func(ctx context.Context) bool {
			done, err = attempt(ctx)
			return done
		})
		switch {
		case object != nil:
			return true, nil
		case errors.Is(leaseErr, ErrInterrupted):
			return true, ErrInterrupted
		case leaseErr != nil:
			return !awsapi.Is(leaseErr, awsapi.Ambiguous) && !errors.Is(leaseErr, context.DeadlineExceeded), lang.Errorf("lease for %s: %w", n.lease(), leaseErr)
		}
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			uncertain = true // the lease ran out under the call
			return false, err
		}
		return done, err
	})
	return object, err
}

// freeing reports whether the run is about to remove something that may make room for a node.
func (w *walk) freeing(n *node) bool {
	return slices.ContainsFunc(w.plan.nodes, func(m *node) bool {
		if m.Op != OpDelete || m.typ != n.typ || m.scope.Region != n.scope.Region {
			return false
		}
		select {
		case <-m.run.settled:
			return false
		default:
			return true
		}
	})
}

// lookAgain asks AWS whether the resource is there by now: made by a call whose
// answer was lost, or by another run. Unless fresh, what was seen under the same
// lease will do.
func (w *walk) lookAgain(ctx context.Context, n *node, looks int, fresh bool) (any, error) {
	for i := range looks {
		if i > 0 {
			if err := w.pause(ctx, w.Pace); err != nil {
				return nil, err
			}
		}
		inv, err := w.glance(ctx, n, fresh || i > 0)
		if err != nil {
			return nil, err
		}
		ours, err := w.inFull(ctx, n, inv)
		if err != nil {
			return nil, err
		}
		if len(ours) > 0 {
			return pick(n.typ, ours, n.typ.keyOf(n.scope, n.want)).Object, nil
		}
		if r := inv.foreign(n.Kind, n.scope, n.typ.keyOf(n.scope, n.want)); r != nil && r.State != Deleting {
			if n.typ.CreateOnly && n.typ.useForeign(n.scope, n.want, r.Object) {
				return r.Object, nil
			}
			return nil, &RefusedError{Changes: []Change{n.foreign(r)}}
		}
	}
	return nil, nil
}

// inFull are the resources among those listed that are what the node was to make, with their
// details: only these tell in what state they are.
func (w *walk) inFull(ctx context.Context, n *node, listed *Inventory) ([]*Resource, error) {
	var ours []*Resource
	for _, r := range listed.of(n.Kind, n.scope) {
		if n.resembles(r) {
			own := *r // the list is shared with others who look
			ours = append(ours, &own)
		}
	}
	gone, err := n.typ.complete(ctx, NewSweep(n.scope), ours)
	if err != nil {
		return nil, lang.Errorf("describe %s in %s: %w", n.Kind, n.scope.Region, err)
	}
	return slices.DeleteFunc(ours, func(r *Resource) bool { return gone[r] || !n.resembles(r) }), nil
}

// resembles reports whether a resource of the node's kind and scope is what the
// node was to make.
func (n *node) resembles(r *Resource) bool {
	return r.Role() == n.Role && r.State != Deleting && r.State != Failed
}

func (n *node) inventory(found []*Resource) *Inventory {
	return &Inventory{resources: map[place][]*Resource{{n.Kind, n.scope.Region}: found}}
}

// glance lists the node's kind without the details.
func (w *walk) glance(ctx context.Context, n *node, fresh bool) (*Inventory, error) {
	found, err := w.lookout(n).ask(ctx, awsapi.Tenure(ctx), fresh, func() ([]*Resource, error) {
		sweep := NewSweep(n.scope)
		sweep.run = w.memory
		return look(ctx, n.typ, sweep, nil)
	})
	return n.inventory(found), err
}

func (w *walk) lookout(n *node) *lookout {
	w.watchMu.Lock()
	defer w.watchMu.Unlock()
	key := kindKey{scope: n.scope, kind: n.Kind}
	if w.lookouts[key] == nil {
		w.lookouts[key] = &lookout{}
	}
	return w.lookouts[key]
}
