package provision

import (
	"context"
	"errors"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// persist calls try until it is done or the kind's patience ends; then the last
// error is the answer.
func (w *walk) persist(ctx context.Context, n *node, try func() (done bool, err error)) error {
	return w.persistFor(ctx, n, n.typ.Timeout, try)
}

func (w *walk) persistFor(ctx context.Context, n *node, patience time.Duration, try func() (done bool, err error)) error {
	deadline := time.Now().Add(patience)
	for pace := w.Pace; ; pace = min(pace*3/2, 8*w.Pace) {
		done, err := try()
		if done {
			return err
		}
		if time.Now().After(deadline) {
			return lang.Errorf("gave up after %s: %w", patience.Round(time.Second), err)
		}
		if waiting, ok := errors.AsType[*WaitingError](err); ok {
			w.emit(n, PhaseWorking, waiting.Error())
		} else if err != nil {
			w.emit(n, PhaseWorking, lang.Sprintf("tries again: %s", awsapi.Explain(err)))
		}
		if stopped := w.pause(ctx, pace); stopped != nil {
			if err != nil { // what stood in the way is news to whoever stops
				return lang.Errorf("%w; the last try said: %s", stopped, awsapi.Explain(err))
			}
			return stopped
		}
	}
}

// pause waits, unless the run is told to stop.
func (w *walk) pause(ctx context.Context, d time.Duration) error { return w.pauseUntil(ctx, d, nil) }

// pauseWithin is pause for as long as the walk has nodes to visit.
func (w *walk) pauseWithin(ctx context.Context, d time.Duration) error {
	return w.pauseUntil(ctx, d, w.visited)
}

// errVisited is why a pause within a walk has ended early.
var errVisited = lang.New("nothing is left to wait for")

func (w *walk) pauseUntil(ctx context.Context, d time.Duration, over <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-over:
		return errVisited
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return ErrInterrupted
	}
}
