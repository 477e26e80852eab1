package provision

import (
	"context"
	"sync"
	"time"
)

// gatherTime is how long the first of several steps waits for the others: steps
// that wait for the same thing go on at the same moment.
const gatherTime = 200 * time.Millisecond

// gathering is a call that several steps of one run share.
type gathering[T any] struct {
	done   chan struct{} // closed once the call is over
	values []T
	err    error
}

// gatherings are those of one run that are still open, by name.
type gatherings struct {
	mu   sync.Mutex
	open map[string]any
}

// Together has f done once for the values that the steps of a run bring under one
// name at about the same time: AWS counts some calls dearly. When that fails for
// several, each step tries alone, so that none suffers for another.
func Together[T any](ctx context.Context, s *Step, name string, value T, f func(context.Context, []T) error) error {
	all := &s.plan.together
	all.mu.Lock()
	if all.open == nil {
		all.open = map[string]any{}
	}
	g, joined := all.open[name].(*gathering[T])
	if !joined {
		g = &gathering[T]{done: make(chan struct{})}
		all.open[name] = g
	}
	g.values = append(g.values, value)
	all.mu.Unlock()
	if joined {
		<-g.done
	} else {
		timer := time.NewTimer(gatherTime)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
		all.mu.Lock()
		delete(all.open, name)
		all.mu.Unlock()
		g.err = f(ctx, g.values)
		close(g.done)
	}
	if g.err != nil && len(g.values) > 1 {
		return f(ctx, []T{value})
	}
	return g.err
}
