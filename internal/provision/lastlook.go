package provision

import (
	"context"
	"errors"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// returnsWithin is how long after the removal of what AWS may make again it is looked
// for once more, in paces: two minutes on AWS. What RDS and Container Insights have
// gathered is written within a minute of the end of what they watch.
const returnsWithin = 60

// lastLook waits until AWS has had time to make again what the run has removed, and
// reports whether it did; seen is the plan of what was read back. A run that is told to stop does without.
func (e *Engine) lastLook(ctx context.Context, done, seen *Plan, request Request, stop <-chan struct{}) (again bool, err error) {
	var last *node
	for _, n := range done.nodes {
		if n.Op == OpDelete && n.typ.mayReappear(n.have) && (last == nil || n.run.ended.After(last.run.ended)) {
			last = n
		}
	}
	if last == nil {
		return false, nil
	}
	w := &walk{Engine: e, stop: stop}
	waiting := &node{Change: Change{Op: OpNone, Kind: last.Kind, Scope: last.Scope}, run: newRun()}
	waiting.run.start = time.Now()
	w.emit(waiting, PhaseWorking, lang.Say("waits whether AWS makes one again"))
	defer w.emit(waiting, PhaseDone, "")
	if err := w.pause(ctx, time.Until(last.run.ended.Add(returnsWithin*e.Pace))); err != nil {
		if errors.Is(err, ErrInterrupted) {
			err = nil
		}
		return false, err
	}
	// What else there is was read a moment ago.
	now, err := Compare(e.Types, seen.inv.again(ctx, e.Types, request, map[string]bool{last.Kind: true}), request)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(now.nodes, func(n *node) bool {
		return n.Op == OpDelete && n.Kind == last.Kind
	}), nil
}
