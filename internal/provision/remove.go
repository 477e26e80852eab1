package provision

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// remove deletes the resource and waits until it is gone where that takes time.
func (w *walk) remove(ctx context.Context, n *node) error {
	step := w.plan.step(n)
	began := time.Now()
	if err := w.vacated(ctx, n); err != nil {
		return err
	}
	err := w.persistFor(ctx, n, n.typ.deleteTimeout-time.Since(began), func() (bool, error) {
		if n.state == Deleting { // an earlier run has asked for it
			return true, nil
		}
		err := n.typ.remove(ctx, step, n.have)
		_, waits := errors.AsType[*WaitingError](err)
		switch {
		case waits:
			return false, err
		case err == nil, awsapi.Is(err, awsapi.NotFound):
			return true, nil
		case awsapi.Is(err, awsapi.InUse):
			return false, w.explain(ctx, n, step, err)
		case awsapi.Is(err, awsapi.Ambiguous):
			return false, err
		default:
			return true, err
		}
	})
	if err != nil || !n.typ.AsyncDelete {
		return err
	}
	w.emit(n, PhaseWorking, "waits until it is gone")
	_, err = w.await(ctx, n, n.ID, func(r *Resource) (bool, error) {
		return r == nil || r.State == Gone, nil
	})
	return err
}

// vacated waits until what is in the resource has left. Whether it is in the way is
// AWS's to say: near the end of the patience the removal is tried in any case.
func (w *walk) vacated(ctx context.Context, n *node) error {
	if n.typ.waitFor == nil || n.state == Deleting {
		return nil
	}
	end := time.Now().Add(n.typ.deleteTimeout * 9 / 10)
	for pace, failed := w.Pace, 0; time.Now().Before(end); pace = min(pace*3/2, 8*w.Pace) {
		who, err := n.typ.waitFor(ctx, w.recent(n.scope), n.have)
		switch {
		case err != nil && failed+1 >= failedLooks:
			return err
		case err != nil:
			failed++
		case who == "":
			return nil
		default:
			failed = 0
			w.emit(n, PhaseWorking, "waits until "+who+" is gone")
		}
		if err := w.pause(ctx, pace); err != nil {
			if who != "" {
				return fmt.Errorf("%w; in the way: %s", err, who)
			}
			return err
		}
	}
	return nil
}

// recent is a sweep of the scope's region that began within the last pace.
func (w *walk) recent(s *Scope) *Sweep {
	w.watchMu.Lock()
	defer w.watchMu.Unlock()
	if w.sweeps == nil {
		w.sweeps = map[*Scope]*dated{}
	}
	d := w.sweeps[s]
	if d == nil || time.Since(d.at) >= w.Pace {
		d = &dated{NewSweep(s), time.Now()}
		w.sweeps[s] = d
	}
	return d.sweep
}

// dated is a sweep and when it began.
type dated struct {
	sweep *Sweep
	at    time.Time
}

// explain adds who is in the way to a refusal.
func (w *walk) explain(ctx context.Context, n *node, step *Step, err error) error {
	if n.typ.blockers == nil {
		return err
	}
	who, lookErr := n.typ.blockers(ctx, step, n.have)
	switch {
	case lookErr != nil:
		return fmt.Errorf("%w (and looking for what is in the way failed: %w)", err, lookErr)
	case who == "":
		return err
	default:
		return fmt.Errorf("%w; in the way: %s", err, who)
	}
}

// watcher polls one kind in one region for everybody who waits for something of it.
type watcher struct {
	mu      sync.Mutex
	waiting map[chan sighting]string // by the ID waited for
	running bool
}

type sighting struct {
	resource *Resource // nil when AWS does not list it
	err      error
}

// failedLooks is how many polls in a row may fail before a wait gives up: the
// SDK has tried each ten times already.
const failedLooks = 3

// await polls until enough says so, the kind's patience ends, or the run stops.
func (w *walk) await(ctx context.Context, n *node, id string, enough func(*Resource) (bool, error)) (*Resource, error) {
	at := place{n.Kind, n.scope.Region}
	w.watchMu.Lock()
	wt := w.watchers[at]
	if wt == nil {
		wt = &watcher{waiting: map[chan sighting]string{}}
		w.watchers[at] = wt
	}
	w.watchMu.Unlock()

	seen := make(chan sighting, 1)
	wt.mu.Lock()
	wt.waiting[seen] = id
	if !wt.running {
		wt.running = true
		go w.watch(ctx, wt, n)
	}
	wt.mu.Unlock()
	defer func() {
		wt.mu.Lock()
		delete(wt.waiting, seen)
		wt.mu.Unlock()
	}()

	patience := time.NewTimer(n.typ.Timeout)
	defer patience.Stop()
	last, failed := Pending, 0
	for {
		select {
		case s := <-seen:
			if s.err != nil {
				if failed++; failed >= failedLooks {
					return nil, s.err
				}
				continue
			}
			failed = 0
			if s.resource != nil {
				last = s.resource.State
			}
			if done, err := enough(s.resource); done || err != nil {
				return s.resource, err
			}
		case <-patience.C:
			return nil, fmt.Errorf("%s %s is still %s after %s", n.Kind, id, last, n.typ.Timeout)
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-w.stop:
			return nil, ErrInterrupted
		}
	}
}

// watch lists the kind at a growing interval and tells everybody what was seen,
// until nobody waits any more.
func (w *walk) watch(ctx context.Context, wt *watcher, n *node) {
	for pace := w.Pace; ; pace = min(pace*3/2, 8*w.Pace) {
		paused := w.pause(ctx, pace)
		wt.mu.Lock()
		if len(wt.waiting) == 0 || paused != nil {
			wt.running = false
			wt.mu.Unlock()
			return
		}
		wt.mu.Unlock()
		found, err := look(ctx, n.typ, NewSweep(n.scope), nil)
		byID := map[string]*Resource{}
		for _, r := range found {
			byID[r.ID] = r
		}
		wt.mu.Lock()
		for seen, id := range wt.waiting {
			select {
			case <-seen: // an older sighting that nobody has taken yet
			default:
			}
			seen <- sighting{byID[id], err}
		}
		wt.mu.Unlock()
	}
}
