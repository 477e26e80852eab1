package provision

import (
	"context"
	"errors"
	"sync"
)

// lookout merges the looks at one kind in one scope. Who asks while a look is
// under way shares the next one; and under one tenure of a lease what was seen
// stays true, because nobody else may add to it meanwhile.
type lookout struct {
	mu   sync.Mutex
	busy bool
	next *glance // asked for, not begun
	now  *glance // under way
	last *glance // the latest that ended
}

// glance is one look. It is made as the first who asked for it would, who waits for
// it: a look made for somebody who has left would be cut off in the middle of a
// request, with the context that ended when they left.
type glance struct {
	done   chan struct{} // closed when it has ended
	tenure string        // of the lease under which it was asked for first
	look   func() ([]*Resource, error)
	found  []*Resource
	err    error
}

// ask returns what a look finds that begins after the call; or, unless fresh, what
// one found that was begun under the same tenure.
func (l *lookout) ask(ctx context.Context, tenure string, fresh bool, look func() ([]*Resource, error)) ([]*Resource, error) {
	for {
		l.mu.Lock()
		if seen := l.last; !fresh && tenure != "" && seen != nil && seen.err == nil && seen.tenure == tenure {
			l.mu.Unlock()
			return seen.found, nil
		}
		g := l.now
		if fresh || tenure == "" || g == nil || g.tenure != tenure {
			if l.next == nil {
				l.next = &glance{done: make(chan struct{}), tenure: tenure, look: look}
			}
			g = l.next
		}
		if !l.busy {
			l.busy = true
			go l.serve()
		}
		l.mu.Unlock()
		<-g.done
		ended := errors.Is(g.err, context.Canceled) || errors.Is(g.err, context.DeadlineExceeded)
		if !ended || ctx.Err() != nil {
			return g.found, g.err
		}
		// It was somebody else's look, whose time is over: look again.
	}
}

// serve looks until nobody asks any more.
func (l *lookout) serve() {
	for {
		l.mu.Lock()
		g := l.next
		if l.next = nil; g == nil {
			l.busy = false
			l.mu.Unlock()
			return
		}
		l.now = g
		l.mu.Unlock()
		g.found, g.err = g.look()
		l.mu.Lock()
		l.now, l.last = nil, g
		l.mu.Unlock()
		close(g.done)
	}
}
