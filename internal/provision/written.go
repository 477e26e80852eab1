package provision

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// AWS may tell the former value of what was set for a while, and old and new by turns:
// S3 of lifecycles above all, KMS of policies, rotation and tags. What a run has set is
// therefore read again, and not set again.

// rereading is for how long, in paces of two seconds: three minutes, as long as
// Terraform's provider waits for a lifecycle (internal/service/s3/bucket_lifecycle_configuration.go).
const rereading = 90

// steady is how many times in a row a value that AWS is known, or was seen, to tell by
// turns is read as it was set before it counts. Terraform's provider found that three
// lifecycles in a row are enough in us-west-2 and too few in London; it takes ten,
// which last a minute. Three are taken here, and none of them counts before that
// minute is over (settledAfter): a run mostly takes longer, and then they cost two calls.
const steady = 3

// settledAfter is that minute, in paces as well: Terraform waits 10 s and then
// reads ten times, 5 s apart.
const settledAfter = 28

// history is what a run has set so far, in all of its rounds.
type history map[settingKey]*setting

type settingKey struct {
	scope           *Scope
	kind, id, field string
}

// setting is the last that was done about one attribute of one resource.
type setting struct {
	Diff            // Have is what AWS told before
	born       bool // it was not set, but the resource was created so
	at         time.Time
	equal      int  // how many times in a row it was read as set by itself
	remembered bool // by AWS: it was read as set often enough
}

// note adds what a plan that was carried out has set.
func (h history) note(p *Plan) {
	for _, n := range p.nodes {
		for _, s := range n.run.wrote {
			h[settingKey{n.scope, n.Kind, n.currentID(), s.Field}] = s
		}
	}
}

// of is what was set of a node's attribute; nil for nothing.
func (h history) of(n *node, field string) *setting {
	return h[settingKey{n.scope, n.Kind, n.ID, field}]
}

// former are the differences of a node that are nothing but what AWS told before.
func (h history) former(n *node) []*setting {
	var out []*setting
	if n.Op == OpUpdate || n.Op == OpBlocked {
		for _, d := range n.Diffs {
			if s := h.of(n, d.Field); s != nil && s.Want == d.Want && (s.born || s.Have == d.Have) {
				out = append(out, s)
			}
		}
	}
	return out
}

// doubts are how often kinds are still to be read as set.
type doubts map[place]int

// add adds the kinds of which a plan was told former values. Those that were set, and not
// born so, are returned.
func (d doubts) add(p *Plan, h history) (late []string) {
	for _, n := range p.nodes {
		for _, s := range h.former(n) {
			at := place{n.Kind, n.scope.Region}
			if d[at] = max(d[at], 1); !s.remembered {
				d[at] = steady
			}
			if !s.born {
				late = append(late, fmt.Sprintf("%s of %s %s", s.Field, n.Kind, n.ID))
			}
		}
	}
	return late
}

// reread looks again at the kinds that tell former values, or have done so before, until
// they tell what was set. What somebody else has changed meanwhile is left to the next round.
func (w *walk) reread(ctx context.Context, p *Plan, inv *Inventory, request Request, h history, doubt doubts) (*Plan, error) {
	if err := w.remember(ctx, p, h); err != nil {
		return p, err
	}
	begun := time.Now()
	request.thorough = true // every look counts
	for looks, pace := 0, w.Pace; ; looks, pace = looks+1, min(pace*3/2, 8*w.Pace) {
		late := doubt.add(p, h)
		over := w.waitedEnough(begun, looks)
		switch {
		case len(doubt) == 0, over && len(late) == 0:
			return p, nil
		case over:
			return p, lang.Errorf("AWS accepted a change and has told the former value for %s since; it was not set again: %s; plan again in a few minutes", rereading*w.Pace, strings.Join(late, ", "))
		}
		if err := w.pause(ctx, pace); err != nil {
			return p, err
		}
		inv = inv.again(ctx, w.Types, request, doubt.kinds())
		next, err := Compare(w.Types, inv, request)
		if err != nil {
			if !awsapi.Propagating(err) || over {
				return p, err
			}
			continue
		}
		p = next
		for at := range doubt {
			if doubt[at]--; doubt[at] == 0 {
				delete(doubt, at)
			}
		}
	}
}

// waitedEnough reports that reading again has lasted its time, and was not only a look
// or two that throttling made long.
func (w *walk) waitedEnough(begun time.Time, looks int) bool {
	return looks >= sightings && time.Since(begun) >= rereading*w.Pace
}

// remember reads the attributes that AWS is known to tell by turns one by one.
func (w *walk) remember(ctx context.Context, p *Plan, h history) error {
	var all errgroup.Group
	for _, n := range p.nodes {
		if n.want == nil || n.have == nil {
			continue
		}
		for _, f := range n.typ.fields {
			s := h.of(n, f.name)
			if f.reread == nil || s == nil || s.remembered {
				continue
			}
			step := p.step(n)
			if f.want(step, n.want) != s.Want {
				continue
			}
			short := p.inv.short[place{n.Kind, n.scope.Region}]
			all.Go(func() error {
				err := w.readAgain(ctx, step, f, n, s, short)
				if err != nil {
					return lang.Errorf("read the %s of %s %s again: %w", f.name, n.Kind, n.ID, err)
				}
				return nil
			})
		}
	}
	return all.Wait()
}

// readAgain reads one attribute until it was read as set often enough. What was read by a
// shortcut does not count.
func (w *walk) readAgain(ctx context.Context, step *Step, f field, n *node, s *setting, short bool) (err error) {
	begun := time.Now()
	told := f.have(n.have)
	if short {
		if told, err = f.reread(ctx, step, n.have); err != nil && !awsapi.Propagating(err) {
			return err
		}
	}
	for looks, pace := 0, w.Pace; ; looks, pace = looks+1, min(pace*3/2, 8*w.Pace) {
		if s.told(told, w.Pace) {
			return nil
		}
		if s.equal == 0 && w.waitedEnough(begun, looks) {
			return lang.New("AWS accepted the change and still tells the former value by turns; it was not set again: plan again in a few minutes")
		}
		wait := pace
		if s.equal > 0 { // what is read before the minute is over only has to come out equal
			wait = max(pace, s.rest(w.Pace))
		}
		if err := w.pause(ctx, wait); err != nil {
			return err
		}
		if told, err = f.reread(ctx, step, n.have); err != nil && !awsapi.Propagating(err) {
			return err
		}
	}
}

// told notes what was read of an attribute, and reports whether that was often enough as it was set.
func (s *setting) told(text string, pace time.Duration) bool {
	if s.equal++; text != s.Want {
		s.equal = 0
	}
	s.remembered = s.equal >= steady && time.Since(s.at) >= settledAfter*pace
	return s.remembered
}

// rest is how long to wait between the readings that are left, so that the last is made when the
// minute is over.
func (s *setting) rest(pace time.Duration) time.Duration {
	return (settledAfter*pace - time.Since(s.at)) / time.Duration(max(steady-s.equal, 1))
}

// readMeanwhile reads what was set of a node, and what AWS is known to tell by turns, while the
// run is busy with other things, so that it does not have to wait for it at its end. Whatever
// does not come out as set is left to remember, which reads it once more.
func (w *walk) readMeanwhile(ctx context.Context, n *node, wrote []*setting) {
	for _, f := range n.typ.fields {
		i := slices.IndexFunc(wrote, func(s *setting) bool { return s.Field == f.name })
		if f.reread == nil || i < 0 {
			continue
		}
		s, step := wrote[i], w.plan.step(n)
		w.reading.Go(func() {
			for !s.remembered && w.pauseWithin(ctx, max(w.Pace, s.rest(w.Pace))) == nil {
				told, err := f.reread(ctx, step, n.current())
				if err != nil || !s.told(told, w.Pace) && s.equal == 0 {
					return
				}
			}
		})
	}
}

// kinds are those that are in doubt somewhere.
func (d doubts) kinds() map[string]bool {
	out := map[string]bool{}
	for at := range d {
		out[at.kind] = true
	}
	return out
}
