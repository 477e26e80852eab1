package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Engine turns requests into plans and plans into what AWS holds.
type Engine struct {
	Types []*Type
	Lease Lease
	// Pace is the first interval of every poll and retry; it grows to eight times that.
	Pace time.Duration
	// Timed says that what is created takes the time that its kind usually takes. Without it
	// all looks come at the same growing interval: in the sandbox, what is slow takes some
	// looks, however far apart they are.
	Timed bool
	Sink  Sink // may be nil
}

// Plan observes and compares. It makes no mutating call.
func (e *Engine) Plan(ctx context.Context, request Request) (*Plan, error) {
	plan, _, err := e.compare(ctx, Observe(ctx, e.Types, request), request)
	return plan, err
}

// compare is Compare, after another look at what differs and was read by a shortcut.
func (e *Engine) compare(ctx context.Context, inv *Inventory, request Request) (*Plan, *Inventory, error) {
	plan, err := Compare(e.Types, inv, request)
	if err != nil {
		return nil, inv, err
	}
	return e.secondLook(ctx, plan, inv, request)
}

// secondLook is the plan after another look at what differs in it and was read by a shortcut.
func (e *Engine) secondLook(ctx context.Context, plan *Plan, inv *Inventory, request Request) (*Plan, *Inventory, error) {
	doubtful := map[string]bool{}
	for _, n := range plan.nodes {
		if len(n.Diffs) > 0 && inv.short[place{n.Kind, n.scope.Region}] {
			doubtful[n.Kind] = true
		}
	}
	if len(doubtful) == 0 {
		return plan, inv, nil
	}
	request.thorough = true
	inv = inv.again(ctx, e.Types, request, doubtful)
	plan, err := Compare(e.Types, inv, request)
	return plan, inv, err
}

// rounds is how often a run may find, on reading back, that something is still
// to do: another run may be at work on the shared scopes at the same time.
const rounds = 4

// Apply carries out the plan, then reads everything back; success means that AWS
// holds what was requested. When stop is closed, no new step is begun. The
// error is a *RefusedError, an *ApplyError, or that of a read; a *RefusedError lists what
// was in the way, after the rest of the plan was carried out.
func (e *Engine) Apply(ctx context.Context, plan *Plan, request Request, stop <-chan struct{}) (*Plan, error) {
	marked := marked{}
	plan, err := e.carryOut(ctx, plan, request, stop, marked)
	if err != nil {
		return plan, err
	}
	return plan, e.mark(ctx, plan, request, stop, marked)
}

func (e *Engine) carryOut(ctx context.Context, plan *Plan, request Request, stop <-chan struct{}, marked marked) (*Plan, error) {
	wrote := history{}
	looked := false
	for round := range rounds {
		if err := plan.TooOld(); err != nil { // or by now: a newer one may be at work
			return plan, err
		}
		if request.Guard != nil {
			if err := request.Guard(ctx); err != nil {
				return plan, err
			}
		}
		if err := e.Ask(ctx, plan); err != nil {
			return plan, err
		}
		if err := plan.agreed(ctx, request); err != nil {
			return plan, err
		}
		if err := plan.Stopped(); err != nil {
			return plan, err
		}
		if round == 0 {
			if err := e.claim(ctx, plan, request, stop, marked); err != nil {
				return plan, err
			}
		}
		if err := e.apply(ctx, plan, stop); err != nil {
			return plan, err
		}
		wrote.note(plan)
		next, err := e.readBack(ctx, plan, request, wrote, stop)
		if err != nil {
			return plan, err
		}
		done := plan
		if plan = next; !plan.finished() {
			continue
		}
		if looked {
			return plan, plan.Refused()
		}
		looked = true
		if again, err := e.lastLook(ctx, done, plan, request, stop); err != nil || !again {
			return plan, errors.Join(err, plan.Refused())
		}
		if plan, err = e.Plan(ctx, request); err != nil {
			return plan, err
		}
	}
	return plan, lang.Errorf("still not in order after %d {round|rounds}: %s", rounds, summary(plan.Changes()))
}

// sightings is how many times AWS is asked again for what this run has made and
// what lists do not show yet.
const sightings = 8

// readBack plans again from a fresh look at what was changed and at what depends on it; the
// rest is as the plan saw it. What this run created and AWS does not
// list yet is given time to appear, rather than created a second time; what it has set
// and AWS does not tell yet, rather than set a second time.
func (e *Engine) readBack(ctx context.Context, done *Plan, request Request, wrote history, stop <-chan struct{}) (*Plan, error) {
	w, doubt := &walk{Engine: e, stop: stop}, doubts{}
	request.back = true
	for try, pace := 1, e.Pace; ; try, pace = try+1, min(pace*3/2, 8*e.Pace) {
		changed := done.changed()
		inv := done.seenGone(changed).again(ctx, e.Types, request, changed)
		next, err := Compare(e.Types, inv, request)
		if err == nil {
			doubt.add(next, wrote) // a former value that the second look does not tell is in doubt all the same
			next, inv, err = e.secondLook(ctx, next, inv, request)
		}
		if err == nil {
			doubt.add(next, wrote) // also of a look that will be repeated for another reason
		}
		if err == nil && !next.lacks(done) {
			return w.reread(ctx, next, inv, request, wrote, doubt)
		}
		if err != nil && !awsapi.Propagating(err) {
			return nil, err
		}
		if try == sightings {
			return next, errors.Join(err, lang.New("AWS does not list all that was made; run again in a minute"))
		}
		if err := w.pause(ctx, pace); err != nil {
			return nil, err
		}
	}
}

// lacks reports whether something that done has made would be created again.
func (p *Plan) lacks(done *Plan) bool {
	return slices.ContainsFunc(done.nodes, func(n *node) bool {
		again := p.node(n.scope, n.Kind, n.Role)
		return n.run.created && again != nil && again.Op == OpCreate
	})
}

func summary(changes []Change) string {
	text := ""
	for i, c := range changes {
		if i == 3 {
			return text + lang.Sprintf(" and %d more", len(changes)-i)
		}
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %s %s", c.Op, c.Kind, c.Role)
		for _, d := range c.Diffs {
			text += " " + d.Field
		}
	}
	return text
}
