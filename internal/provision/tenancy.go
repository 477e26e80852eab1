package provision

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// A lease costs calls: to take it, to look what is there, to see what was made, to give it
// back. So a run keeps it for everything that it creates in a scope one after the other, and
// looks once for all who have waited.

const (
	// lingers is for how long, in paces, a lease without work is kept for what the plan is
	// about to create under it: a second on AWS, in which the fields of what was created last
	// are set. Longer waits, as for a NAT gateway, are not spent with a lease.
	lingers = 0.5
	// tenancyLeft is what has to be left of a lease for another creation to be begun under it.
	tenancyLeft = 10 * time.Second
)

// tenants are the leases that a walk has, by key.
type tenants struct {
	all sync.WaitGroup

	mu   sync.Mutex
	has  map[string]*tenancy
	over map[*node]bool // those that need no lease any more
}

// tenancy is a lease while the walk has it, or is waiting for it.
type tenancy struct {
	ready chan struct{}   // closed when the lease was got, or was not
	done  chan struct{}   // closed when it was given back
	left  chan struct{}   // told whenever somebody has left
	ctx   context.Context //nolint:containedctx // the lease's, for all who work under it
	err   error           // why it was not got

	mu     sync.Mutex
	users  int
	joined bool // somebody has
	closed bool // nobody joins any more
	made   map[kindKey][]*node
}

// lease is the key of the lease under which a node is created.
func (n *node) lease() string {
	key := n.scope.Level.String() + "/" + n.scope.Region
	if n.scope.Level == ClientLevel {
		key += "/" + n.scope.Client
	}
	return key
}

// leased runs f under the node's lease, for which it waits until the run is told to stop; f
// says whether the node needs it no more. The error is why f was not run.
func (w *walk) leased(ctx context.Context, n *node, f func(context.Context) (done bool)) error {
	for {
		t := w.tenancy(ctx, n)
		select {
		case <-t.ready:
		case <-w.stop:
			return ErrInterrupted
		}
		if t.err != nil {
			return t.err
		}
		if t.join() {
			//nolint:contextcheck // the lease's context is that of the run, and ends before the lease does
			if f(context.WithValue(t.ctx, tenancyKey{}, t)) {
				w.tenants.dismiss(n)
			}
			t.leave()
			return nil
		}
		select {
		case <-t.done:
		case <-ctx.Done():
			return ctx.Err()
		case <-w.stop:
			return ErrInterrupted
		}
	}
}

// tenancy is the one of the node's lease; it is begun when there is none.
func (w *walk) tenancy(ctx context.Context, n *node) *tenancy {
	w.tenants.mu.Lock()
	defer w.tenants.mu.Unlock()
	key := n.lease()
	t := w.tenants.has[key]
	if t == nil {
		t = &tenancy{ready: make(chan struct{}), done: make(chan struct{}), left: make(chan struct{}, 1), made: map[kindKey][]*node{}}
		if w.tenants.has == nil {
			w.tenants.has = map[string]*tenancy{}
		}
		w.tenants.has[key] = t
		w.tenants.all.Go(func() { w.hold(ctx, n, t) })
	}
	return t
}

// hold has the lease until nothing is to be created under it for now.
func (w *walk) hold(ctx context.Context, n *node, t *tenancy) {
	const begun, stopped = 1, 2
	var state atomic.Int32
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // who is told to stop waits for no lease
		select {
		case <-w.stop:
			if state.CompareAndSwap(0, stopped) {
				cancel()
			}
		case <-ctx.Done():
		}
	}()
	waiting := func(holder string) { w.emit(n, PhaseWorking, lang.Sprintf("waits for %s", holder)) }
	err := w.Lease.Do(ctx, n.lease(), waiting, func(leased context.Context) error {
		if !state.CompareAndSwap(0, begun) {
			return ErrInterrupted
		}
		t.ctx = leased
		close(t.ready)
		w.serve(t, n.lease())
		w.sighted(leased, t)
		return nil
	})
	w.tenants.mu.Lock()
	delete(w.tenants.has, n.lease())
	w.tenants.mu.Unlock()
	if now := state.Load(); now != begun {
		if t.err = err; now == stopped {
			t.err = ErrInterrupted
		}
		close(t.ready)
	}
	// One that was not given back runs out by itself.
	close(t.done)
}

// serve returns once nobody uses the lease any more, nor is about to.
func (w *walk) serve(t *tenancy, key string) {
	idle := time.NewTimer(w.linger())
	defer idle.Stop()
	for {
		select {
		case <-t.left:
			idle.Reset(w.linger())
			if !w.expected(key) && t.close() {
				return
			}
		case <-idle.C:
			if t.used() && t.close() {
				return
			}
		case <-w.stop:
			if t.close() {
				return
			}
			<-t.left // what was begun is brought to its end
		}
	}
}

func (w *walk) linger() time.Duration { return time.Duration(lingers * float64(w.Pace)) }

// expected reports whether something of the plan is still to be created under a lease.
func (w *walk) expected(key string) bool {
	w.tenants.mu.Lock()
	defer w.tenants.mu.Unlock()
	return slices.ContainsFunc(w.plan.nodes, func(n *node) bool {
		if n.Op != OpCreate || !n.typ.NotIdempotent || n.lease() != key || w.tenants.over[n] {
			return false
		}
		select {
		case <-n.run.exists:
			return false
		default:
			return true
		}
	})
}

// dismiss notes that a node needs no lease any more.
func (t *tenants) dismiss(n *node) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over == nil {
		t.over = map[*node]bool{}
	}
	t.over[n] = true
}

// join reports whether the lease can be used, which it is then until leave.
func (t *tenancy) join() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	end, bounded := t.ctx.Deadline()
	if t.closed = t.closed || t.joined && bounded && time.Until(end) < tenancyLeft; t.closed {
		return false
	}
	t.joined = true
	t.users++
	return true
}

func (t *tenancy) leave() {
	t.mu.Lock()
	t.users--
	t.mu.Unlock()
	select {
	case t.left <- struct{}{}:
	default:
	}
}

// used reports whether somebody has had the lease: who asked for it comes for sure.
func (t *tenancy) used() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.joined
}

// close ends the tenancy, unless somebody uses the lease.
func (t *tenancy) close() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users > 0 {
		return false
	}
	t.closed = true
	return true
}

type tenancyKey struct{}

// made notes that a node was created, or may have been, under the lease of the context, if it
// is created under one.
func (w *walk) made(ctx context.Context, n *node) {
	if t, leased := ctx.Value(tenancyKey{}).(*tenancy); leased {
		t.mu.Lock()
		defer t.mu.Unlock()
		at := kindKey{n.scope, n.Kind}
		t.made[at] = append(t.made[at], n)
	}
}

// sighted waits, under the lease, until lists show what was or may have been made: whoever
// gets the lease next must see it, or would make a second one. It has no say in whether that
// is a success: the read-back at the end of the run will tell.
func (w *walk) sighted(ctx context.Context, t *tenancy) {
	var all errgroup.Group
	for at, made := range t.made {
		all.Go(func() error {
			for range sightings {
				inv, err := w.glance(ctx, made[0], true)
				if err == nil && inv.shows(at, made) {
					return nil
				}
				if err := w.pause(ctx, w.Pace); err != nil {
					return err
				}
			}
			return nil
		})
	}
	_ = all.Wait() // that it was not seen is told by the read-back
}

// shows reports whether all of some nodes of a kind and scope are there.
func (inv *Inventory) shows(at kindKey, made []*node) bool {
	held := inv.of(at.kind, at.scope)
	return !slices.ContainsFunc(made, func(n *node) bool {
		return !slices.ContainsFunc(held, func(r *Resource) bool { return r.Role() == n.Role })
	})
}
