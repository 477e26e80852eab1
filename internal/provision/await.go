package provision

import (
	"context"
	"sync"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// watcher polls one kind in one region for everybody who waits for something of it.
type watcher struct {
	mu      sync.Mutex
	waiting map[chan sighting]waiter
	running bool
}

// waiter is somebody who waits for a resource.
type waiter struct {
	id    string
	node  *node
	since time.Time // when this run has created it; zero when it has not
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
		wt = &watcher{waiting: map[chan sighting]waiter{}}
		w.watchers[at] = wt
	}
	w.watchMu.Unlock()

	seen := make(chan sighting, 1)
	wt.mu.Lock()
	wt.waiting[seen] = waiter{id, n, n.made()}
	if !wt.running {
		wt.running = true
		go w.watch(ctx, wt, n)
	}
	wt.mu.Unlock()
	w.stir()
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
			return nil, lang.Errorf("%s %s is still %s after %s", n.Kind, id, last, n.typ.Timeout)
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-w.stop:
			return nil, ErrInterrupted
		}
	}
}

// watch lists the kind whenever a look is due and tells everybody what was seen, until
// nobody waits any more.
func (w *walk) watch(ctx context.Context, wt *watcher, n *node) {
	for looks := newLooks(w.Pace); w.untilDue(ctx, wt, looks); looks.made() {
		sweep := NewSweep(n.scope)
		sweep.Waiting = true
		found, err := look(ctx, n.typ, sweep, nil)
		byID := map[string]*Resource{}
		for _, r := range found {
			byID[r.ID] = r
		}
		wt.mu.Lock()
		for seen, who := range wt.waiting {
			select {
			case <-seen: // an older sighting that nobody has taken yet
			default:
			}
			seen <- sighting{byID[who.id], err}
		}
		wt.mu.Unlock()
	}
}

// untilDue waits until the next look of a watcher is due. It is false when nobody waits for
// one any more, or the run stops.
func (w *walk) untilDue(ctx context.Context, wt *watcher, looks *looks) bool {
	for {
		stirred := w.stirred() // before it is asked what is due, so that nothing is missed
		wt.mu.Lock()
		if len(wt.waiting) == 0 {
			wt.running = false
			wt.mu.Unlock()
			return false
		}
		var due time.Time
		for _, who := range wt.waiting {
			if at := looks.due(w, who); due.IsZero() || at.Before(due) {
				due = at
			}
		}
		wt.mu.Unlock()
		timer := time.NewTimer(time.Until(due))
		select {
		case <-timer.C:
			return true
		case <-stirred:
			timer.Stop()
			continue
		case <-ctx.Done():
		case <-w.stop:
		}
		timer.Stop()
		wt.mu.Lock()
		wt.running = false
		wt.mu.Unlock()
		return false
	}
}

// stirred is closed when something has happened by which other looks may be due.
func (w *walk) stirred() <-chan struct{} {
	w.watchMu.Lock()
	defer w.watchMu.Unlock()
	if w.stirring == nil {
		w.stirring = make(chan struct{})
	}
	return w.stirring
}

// stir has all who wait for a look ask again when it is due.
func (w *walk) stir() {
	w.watchMu.Lock()
	defer w.watchMu.Unlock()
	if w.stirring != nil {
		close(w.stirring)
		w.stirring = nil
	}
}
