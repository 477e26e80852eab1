package provision

import (
	"slices"
	"time"
)

// Looks at what the run has created are made by how long its kind usually takes. What the run waits
// for alone is looked at closely; what will be ready long before the run is over is looked at now
// and then, and again as soon as nothing else is left to wait for.

// mostPaces is the most that lies between two looks, in paces: 16 s on AWS.
const mostPaces = 8

// firstPart is the part of the usual time before which nothing is looked at closely: what
// Terraform's logs tell of was never ready in less than half of it.
const firstPart = 0.25

// closely is into how many parts the time since a resource was created is divided, one of which
// lies between two looks, while some part of the usual time has not passed: the end of a wait
// is seen late by one of them at most.
var closely = []struct {
	until float64 // part of the usual time
	parts time.Duration
}{
	{0.4, 32}, // what comes so early is what a run would otherwise double its time for
	{0.9, 12},
	{1.2, 48}, // it is about to be ready
}

// The same for what takes longer than usual; and for what the run does not wait for alone, where
// something hangs on it and where nothing does.
const (
	afterwards = 16
	steadily   = 6
	nowAndThen = 4
)

// looks are those of one watcher.
type looks struct {
	pace, first time.Duration
	last        time.Time // of the latest, or the beginning
	any         bool
}

func newLooks(pace time.Duration) *looks {
	return &looks{pace: pace, first: pace, last: time.Now()}
}

// made notes a look.
func (l *looks) made() {
	l.pace = min(l.pace*3/2, mostPaces*l.first)
	l.last, l.any = time.Now(), true
}

// due is when somebody is to look again at what he waits for.
func (l *looks) due(w *walk, who waiter) time.Time {
	usual := who.node.typ.usual
	if !w.Timed || usual == 0 || who.since.IsZero() {
		return l.last.Add(l.pace) // at a growing interval
	}
	if !l.any || l.last.Before(who.since) {
		// Once at the beginning: what is in order at once does not have to wait.
		return who.since.Add(min(w.Pace, usual))
	}
	waited := l.last.Sub(who.since)
	early := time.Duration(firstPart * float64(usual))
	if waited < early {
		return who.since.Add(max(early, min(w.Pace, usual)))
	}
	alone, hanging := w.left(who.node)
	in := time.Duration(afterwards)
	switch {
	case alone:
		for _, part := range slices.Backward(closely) {
			if waited < time.Duration(part.until*float64(usual)) {
				in = part.parts
			}
		}
	case hanging:
		in = steadily
	case waited < usual:
		return who.since.Add(usual)
	default:
		in = nowAndThen
	}
	return l.last.Add(clamp(waited/in, min(w.Pace, max(usual, waited/2)), mostPaces*w.Pace))
}

func clamp(d, least, most time.Duration) time.Duration { return min(max(d, least), most) }

// left reports whether the run waits for a node alone, of all that are being made: nothing else is
// expected to be ready later; and whether something waits for it that is not.
func (w *walk) left(n *node) (alone, hanging bool) {
	end := n.expected()
	alone = true
	for _, m := range w.plan.nodes {
		switch {
		case m == n || m.run.isSettled():
		case m.expected().After(end):
			alone = false
		case m.want != nil && m.hangs(n):
			hanging = true
		}
	}
	return alone, hanging
}

// hangs reports whether a node waits until another is ready.
func (n *node) hangs(on *node) bool {
	return n.scope.reaches(on.scope) && n.typ.uses(n.want, on.Kind, on.Role) && slices.ContainsFunc(n.typ.DependsOn, func(d Dep) bool { return d.Kind == on.Kind && !d.Exists })
}

// expected is when what the run has created is usually ready; zero when nobody knows.
func (n *node) expected() time.Time {
	made := n.made()
	if made.IsZero() || n.typ.usual == 0 {
		return time.Time{}
	}
	return made.Add(n.typ.usual)
}

// made is when the run has created the resource; zero when it has not.
func (n *node) made() time.Time {
	n.run.mu.Lock()
	defer n.run.mu.Unlock()
	return n.run.made
}

func (r *run) isSettled() bool {
	select {
	case <-r.settled:
		return true
	default:
		return false
	}
}
