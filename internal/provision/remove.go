package provision

import (
	"context"
	"errors"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
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
	w.emit(n, PhaseWorking, lang.Say("waits until it is gone"))
	_, err = w.await(ctx, n, n.ID, func(r *Resource) (bool, error) {
		return r == nil || r.State == Gone, nil
	})
	n.run.gone = err == nil
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
			w.emit(n, PhaseWorking, lang.Sprintf("waits until %s is gone", who))
		}
		if err := w.pause(ctx, pace); err != nil {
			if who != "" {
				return lang.Errorf("%w; in the way: %s", err, who)
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
		d.sweep.Removing = w.plan.destroy != nil
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
		return lang.Errorf("%w (and looking for what is in the way failed: %w)", err, lookErr)
	case who == "":
		return err
	default:
		return lang.Errorf("%w; in the way: %s", err, who)
	}
}
