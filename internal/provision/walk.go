package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// ErrInterrupted is why a step was not taken after the operator said stop.
var ErrInterrupted = lang.New("interrupted")

// Lease serialises the creation of what AWS would make twice. Do runs f while it
// holds the lease named key; waiting is told who holds it meanwhile.
type Lease interface {
	Do(ctx context.Context, key string, waiting func(string), f func(context.Context) error) error
}

// run is the progress of one node.
type run struct {
	exists, settled chan struct{} // closed when it exists or failed; when it is ready, gone or failed

	mu      sync.Mutex
	object  any
	id      string
	err     error
	created bool
	gone    bool       // AWS was seen to tell of it no more
	wrote   []*setting // once it is settled
	start   time.Time
	made    time.Time // when it was created; zero for what was there
	ended   time.Time
}

func newRun() *run { return &run{exists: make(chan struct{}), settled: make(chan struct{})} }

func (n *node) current() any {
	if n.run == nil {
		return n.have
	}
	n.run.mu.Lock()
	defer n.run.mu.Unlock()
	if n.run.object != nil {
		return n.run.object
	}
	return n.have
}

func (n *node) currentID() string {
	if n.run == nil {
		return n.ID
	}
	n.run.mu.Lock()
	defer n.run.mu.Unlock()
	if n.run.id != "" {
		return n.run.id
	}
	return n.ID
}

func (n *node) show(object any) {
	n.run.mu.Lock()
	defer n.run.mu.Unlock()
	n.run.object, n.run.id = object, n.typ.id(object)
}

// born shows an object that was just created.
func (n *node) born(object any) {
	n.show(object)
	n.run.mu.Lock()
	defer n.run.mu.Unlock()
	if n.run.created {
		n.run.made = time.Now()
	}
}

func (n *node) failure() error {
	n.run.mu.Lock()
	defer n.run.mu.Unlock()
	return n.run.err
}

// walk carries out one plan. Every node has its own goroutine and starts as soon
// as what it depends on is there: there are no waves.
type walk struct {
	*Engine
	plan     *Plan
	stop     <-chan struct{}
	watchers map[place]*watcher
	lookouts map[kindKey]*lookout
	memory   *memory // of its looks around what it creates
	sweeps   map[*Scope]*dated
	tenants  tenants
	watchMu  sync.Mutex    // guards watchers, lookouts, sweeps and stirring
	stirring chan struct{} // see stir
	sinkMu   sync.Mutex
	visited  chan struct{}  // closed when all nodes have been visited
	reading  sync.WaitGroup // see readMeanwhile
}

// apply runs the whole plan and returns an *ApplyError when part of it failed.
func (e *Engine) apply(ctx context.Context, p *Plan, stop <-chan struct{}) error {
	w := &walk{Engine: e, plan: p, stop: stop, watchers: map[place]*watcher{}, lookouts: map[kindKey]*lookout{}, memory: newMemory(), visited: make(chan struct{})}
	for _, n := range p.nodes {
		n.run = newRun()
	}
	var wg sync.WaitGroup
	for _, n := range p.nodes {
		wg.Go(func() { w.visit(ctx, n) })
	}
	wg.Wait()
	close(w.visited)
	w.reading.Wait()
	w.tenants.all.Wait() // until others can have the leases
	return p.outcome()
}

// outcome gathers root causes; what was skipped because of them is only counted.
func (p *Plan) outcome() error {
	var e ApplyError
	for _, n := range p.nodes {
		err := n.failure()
		var skip *skippedError
		switch {
		case err == nil:
			continue
		case errors.As(err, &skip):
			e.Skipped = append(e.Skipped, n.Change)
		default:
			e.Failures = append(e.Failures, Failure{Change: n.Change, Err: err})
		}
	}
	if len(e.Failures)+len(e.Skipped) == 0 {
		return nil
	}
	return &e
}

// Failure is one resource that could not be brought about, with the reason.
type Failure struct {
	Change
	Err error
}

// ApplyError says what failed and what was not tried because of it.
type ApplyError struct {
	Failures []Failure
	Skipped  []Change
}

func (e *ApplyError) Error() string {
	lines := make([]string, 0, len(e.Failures)+1)
	seen := map[string]bool{}
	for _, f := range e.Failures {
		if !seen[f.Err.Error()] {
			seen[f.Err.Error()] = true
			lines = append(lines, fmt.Sprintf("%s %s %s: %v", f.Op, f.Kind, f.Role, f.Err))
		}
	}
	if len(e.Skipped) > 0 {
		reason := lang.Say("because of that")
		if len(e.Failures) == 0 {
			reason = "interrupted"
		}
		lines = append(lines, lang.Sprintf("%d more not tried (%s)", len(e.Skipped), reason))
	}
	return strings.Join(lines, "; ")
}

// Unwrap gives the causes to errors.Is and errors.As.
func (e *ApplyError) Unwrap() []error {
	errs := make([]error, 0, len(e.Failures)+1)
	for _, f := range e.Failures {
		errs = append(errs, f.Err)
	}
	if len(e.Failures) == 0 {
		errs = append(errs, ErrInterrupted)
	}
	return errs
}

// skippedError marks a node that was not tried.
type skippedError struct{ cause error }

func (e *skippedError) Error() string { return lang.Sprintf("not tried: %s", e.cause.Error()) }
func (e *skippedError) Unwrap() error { return e.cause }

func (w *walk) visit(ctx context.Context, n *node) {
	var existsOnce sync.Once
	exists := func() {
		existsOnce.Do(func() {
			close(n.run.exists)
			w.stir()
		})
	}
	defer w.stir()
	defer close(n.run.settled)
	defer exists()
	if n.Op == OpRetain || n.Op == OpLater || n.Op == OpBlocked || n.Op == OpWaiting || n.Op == OpNone && (n.state != Pending || n.bystander) {
		return
	}
	err := w.waitFor(ctx, w.plan.before(n))
	if err == nil {
		n.run.start = time.Now()
		if n.Op == OpNone {
			exists() // nothing to set, but it is still being made
		} else {
			w.emit(n, PhaseStart, "")
		}
		if n.Op == OpDelete {
			err = w.remove(ctx, n)
		} else {
			err = w.settle(ctx, n, exists)
		}
	}
	n.run.mu.Lock()
	n.run.err, n.run.ended = err, time.Now()
	n.run.mu.Unlock()
	var skip *skippedError
	switch {
	case errors.As(err, &skip):
		w.emit(n, PhaseSkipped, skip.Error())
	case err != nil:
		w.emit(n, PhaseFailed, awsapi.Explain(err))
	default:
		w.emit(n, PhaseDone, "")
	}
}

type wait struct {
	on     *node
	exists bool
}

// before lists what must happen before n is begun: for a removal, the removal of
// all that may hang on it; otherwise the kinds in its DependsOn and its leader.
func (p *Plan) before(n *node) []wait {
	if n.Op == OpDelete {
		return p.removedBefore(n, OpDelete)
	}
	return p.needs(n, false)
}

// removedBefore lists the nodes, out of those with one of some operations, whose removal
// comes before that of n.
func (p *Plan) removedBefore(n *node, ops ...Op) []wait {
	var out []wait
	for _, m := range p.nodes {
		hangs := slices.ContainsFunc(m.typ.DependsOn, func(d Dep) bool {
			// What m needs only for its fields, and what itself needs m to be made,
			// would wait for each other: a route leads to a NAT gateway in a subnet
			// that has the route's table. Then n goes first.
			return d.Kind == n.Kind && !(d.ForFields && p.follows(n.typ, m.Kind, map[string]bool{}))
		})
		if m.want == nil && slices.Contains(ops, m.Op) && hangs && m.Kind != n.Kind && m.scope.reaches(n.scope) {
			out = append(out, wait{on: m})
		}
	}
	return out
}

// follows reports whether resources of a type are created after those of a kind.
func (p *Plan) follows(t *Type, kind string, seen map[string]bool) bool {
	if t == nil || seen[t.Name] {
		return false
	}
	seen[t.Name] = true
	return slices.ContainsFunc(t.DependsOn, func(d Dep) bool {
		return !d.ForFields && (d.Kind == kind || p.follows(p.types[d.Kind], kind, seen))
	})
}

// needs lists what n waits for: before it is created, or later, before its fields are set.
func (p *Plan) needs(n *node, later bool) []wait {
	var out []wait
	for _, m := range p.nodes {
		if m == n || m.want == nil || m.Op == OpDelete || !n.scope.reaches(m.scope) {
			continue
		}
		for _, d := range n.typ.DependsOn {
			if d.Kind == m.Kind && d.ForFields == later && n.typ.uses(n.want, m.Kind, m.Role) {
				out = append(out, wait{on: m, exists: d.Exists})
			}
		}
		if led := m.typ == n.typ && m.scope == n.scope && m.Role == n.typ.Leader; led && !later {
			out = append(out, wait{on: m, exists: true})
		}
	}
	return out
}

func (w *walk) waitFor(ctx context.Context, waits []wait) error {
	for _, each := range waits {
		done := each.on.run.settled
		if each.exists {
			done = each.on.run.exists
		}
		select {
		case <-done:
		case <-ctx.Done():
			return &skippedError{ctx.Err()}
		case <-w.stop:
			return &skippedError{ErrInterrupted}
		}
		if err := each.on.failure(); err != nil {
			return &skippedError{lang.Errorf("%s %s failed", each.on.Kind, each.on.Role)}
		}
	}
	select {
	case <-w.stop:
		return &skippedError{ErrInterrupted}
	default:
		return nil
	}
}

// settle creates what is missing, sets what differs, and waits until it is ready.
func (w *walk) settle(ctx context.Context, n *node, exists func()) error {
	step := w.plan.step(n)
	object := n.have
	if object == nil {
		var err error
		if object, err = w.create(ctx, n, step); err != nil {
			return err
		}
		n.born(object)
	}
	exists()
	if n.typ.CreateOnly {
		return nil // from now on it is borrowed
	}
	if err := w.waitFor(ctx, append(w.plan.needs(n, true), w.plan.turns(n)...)); err != nil {
		return err
	}
	progress := func(what string) { w.emit(n, PhaseWorking, what) }
	retry := func(ctx context.Context, set func(context.Context) error) error { return w.retry(ctx, n, set) }
	wrote, err := step.apply(ctx, n.want, object, retry, progress)
	if err != nil {
		return err
	}
	if n.run.created {
		wrote = step.born(n.want, wrote)
	}
	n.run.wrote = wrote
	w.readMeanwhile(ctx, n, wrote)
	if n.typ.state(object) == Available {
		return nil
	}
	w.emit(n, PhaseWorking, lang.Say("waits until AWS has it ready"))
	ready, err := w.awaitReady(ctx, n, step, n.typ.id(object))
	if err != nil {
		return err
	}
	n.show(ready.Object)
	return nil
}

// retry repeats a change for as long as AWS has not heard yet of something this
// run has made, or of a state that passes by itself. What another run did first
// counts as done: the read-back at the end will tell.
func (w *walk) retry(ctx context.Context, n *node, set func(context.Context) error) error {
	return w.persist(ctx, n, func() (bool, error) {
		err := set(ctx)
		_, waits := errors.AsType[*WaitingError](err)
		switch {
		case waits:
			return false, err
		case err == nil, awsapi.Is(err, awsapi.Exists):
			return true, nil
		case awsapi.Propagating(err), awsapi.Is(err, awsapi.InUse, awsapi.Ambiguous):
			return false, err
		default:
			return true, err
		}
	})
}

func (w *walk) emit(n *node, phase Phase, text string) {
	if w.Sink == nil {
		return
	}
	e := Event{Change: n.Change, Phase: phase, Text: text}
	e.ID = n.currentID()
	if !n.run.start.IsZero() {
		e.Elapsed = time.Since(n.run.start)
	}
	w.sinkMu.Lock()
	defer w.sinkMu.Unlock()
	w.Sink(e)
}
