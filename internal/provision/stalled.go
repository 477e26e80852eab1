package provision

import (
	"context"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// stalledAfter is after how many paces a wait asks why it takes so long, and how many
// lie between one question and the next: 20 seconds on AWS.
const stalledAfter = 10

// awaitReady waits until a resource is ready. What AWS says of the delay is shown and
// goes into the error; the wait ends early when it can come to nothing.
func (w *walk) awaitReady(ctx context.Context, n *node, step *Step, id string) (*Resource, error) {
	said, asked := "", time.Now()
	ready, err := w.await(ctx, n, id, func(r *Resource) (bool, error) {
		if r != nil && r.State == Failed {
			return false, lang.Errorf("%s %s failed on AWS's side", n.Kind, r.ID)
		}
		if r == nil || r.State == Available {
			return r != nil, nil
		}
		if n.typ.stalled == nil || time.Since(asked) < stalledAfter*w.Pace {
			return false, nil
		}
		asked = time.Now()
		why, final, err := n.typ.stalled(ctx, step, r.Object)
		switch {
		case err != nil: // the wait itself may still come to a good end
			why = lang.Sprintf("AWS does not say what it waits for: %s", awsapi.Explain(err))
		case final:
			said = ""
			return false, lang.New(why)
		}
		if why != "" && why != said {
			w.emit(n, PhaseWorking, why)
		}
		said = why
		return false, nil
	})
	if err != nil && said != "" {
		return nil, lang.Errorf("%w; %s", err, said)
	}
	return ready, err
}
