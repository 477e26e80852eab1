package provision

import (
	"context"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/version"
)

// Which release of cicdctl last applied a scope is told by the tags of one resource of it, its
// bearer (Kind.Bears): there is one from the first call to the last of a scope's life, and every
// plan reads its tags anyway. The tags are no field: that they are old is no difference.

// Mark is what a scope's bearer tells.
type Mark struct {
	Scope ScopeRef
	ID    string // of the bearer
	Told  string // the text of the tag, whatever it is; empty without one
	// Version is the release that last applied the scope; empty when that is not known.
	Version string
	// Spec is the sum of the client's file that was applied last (spec.Spec.Sum); empty when that
	// is not known.
	Spec string
	// Running is the release that runs now; empty for a development build.
	Running string
}

// NewMark reads the tags of the bearer of a scope.
func NewMark(s *Scope, id string, tags Tags) Mark {
	return Mark{Scope: s.Ref(), ID: id, Told: tags[TagVersion], Version: version.Parse(tags[TagVersion]), Spec: tags[TagSpec], Running: s.Version}
}

// Newer reports whether a newer cicdctl than the one that runs last applied the scope.
func (m Mark) Newer() bool { return version.Newer(m.Version, m.Running) }

// Older reports whether an older one did.
func (m Mark) Older() bool { return version.Newer(m.Running, m.Version) }

// What is the scope in a sentence.
func (m Mark) What() string {
	switch m.Scope.Level {
	case AccountLevel:
		return lang.Say("what all clients of the account share")
	case RegionLevel:
		return lang.Sprintf("what the clients of %s share", m.Scope.Name)
	default:
		return m.Scope.Name
	}
}

// NewerError says that a newer cicdctl than the one that runs last applied something that was
// to be changed.
type NewerError struct{ Mark }

func (e *NewerError) Error() string {
	return lang.Sprintf("nothing was changed: cicdctl %[1]s last applied %[2]s, and this is %[3]s, which does not know what %[1]s has changed", e.Version, e.What(), e.Running)
}

// Remedy is what a person can do.
func (e *NewerError) Remedy() string {
	return lang.Sprintf("install cicdctl %[1]s or newer; to go back to %[2]s all the same, read docs/upgrading.md and add --allow-downgrade %[1]s", e.Version, e.Running)
}

// CheckMarks is a *NewerError about the newest of some marks, if that is newer than the one that
// runs and than the release that somebody has allowed to go back from; else nil.
func CheckMarks(marks []Mark, allowed string) error {
	var worst *Mark
	for i, m := range marks {
		if m.Newer() && !(allowed != "" && !version.Newer(m.Version, allowed)) && (worst == nil || version.Newer(m.Version, worst.Version)) {
			worst = &marks[i]
		}
	}
	if worst == nil {
		return nil
	}
	return &NewerError{*worst}
}

// Bears reports whether a resource of the type tells who last applied the scopes of a level.
func (t *Type) Bears(level Level) bool {
	_, bears := t.bears[level]
	return bears
}

// bearers are the nodes whose tags tell of a scope, outermost first.
func (p *Plan) bearers() []*node {
	var out []*node
	for _, n := range p.nodes {
		if role, bears := n.typ.bears[n.scope.Level]; bears && role == n.Role && n.have != nil {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b *node) int { return int(a.scope.Level) - int(b.scope.Level) })
	return out
}

// Marks are what the plan has seen of its scopes, outermost first; nothing is told of a scope
// that is not there yet, nor of one whose bearer a narrow plan has not read.
func (p *Plan) Marks() []Mark {
	var out []Mark
	for _, n := range p.bearers() {
		out = append(out, NewMark(n.scope, n.ID, n.typ.tags(n.have)))
	}
	return out
}

// TooOld is a *NewerError when a newer cicdctl last applied one of the plan's scopes.
func (p *Plan) TooOld() error { return CheckMarks(p.Marks(), p.downgrade) }

// whole reports whether the plan brings whole scopes to what is wanted.
func (r Request) whole() bool { return r.Destroy == nil && r.Only == nil && r.Surplus == nil }

// touches reports whether a plan changes something of a scope.
func (p *Plan) touches(s *Scope) bool {
	return slices.ContainsFunc(p.nodes, func(n *node) bool {
		return n.scope == s && !n.bystander && (n.Op == OpCreate || n.Op == OpUpdate || n.Op == OpDelete)
	})
}

// claim marks the scopes that the plan is about to change, before it does: a run that is cut off
// half-way has changed them too. What an older release is allowed to take back is marked at the end.
func (e *Engine) claim(ctx context.Context, p *Plan, request Request, stop <-chan struct{}, marked marked) error {
	if !request.whole() {
		return nil
	}
	for _, n := range p.bearers() {
		m := NewMark(n.scope, n.ID, n.typ.tags(n.have))
		if m.Running == "" || m.Version != "" && !m.Older() || !p.touches(n.scope) {
			continue
		}
		if err := e.write(ctx, p, n, Tags{TagVersion: m.Running}, stop); err != nil {
			return err
		}
		marked[n.scope] = m.Running
	}
	return nil
}

// marked are the scopes that a run has marked before it changed them, with what it wrote: the
// bearer is read back only where the run has changed its kind.
type marked map[*Scope]string

// Mark notes on a client that it is as its spec says, by which release, and by what spec. Where
// somebody has allowed to go back from a newer release, all scopes of the plan are noted. It makes no call when
// that is what the tags say already, or by a development build.
func (e *Engine) Mark(ctx context.Context, p *Plan, request Request, stop <-chan struct{}) error {
	return e.mark(ctx, p, request, stop, nil)
}

func (e *Engine) mark(ctx context.Context, p *Plan, request Request, stop <-chan struct{}, marked marked) error {
	if !request.whole() {
		return nil
	}
	for _, n := range p.bearers() {
		tags, m := Tags{}, NewMark(n.scope, n.ID, n.typ.tags(n.have))
		client := n.scope.Level == ClientLevel
		if m.Running == "" {
			continue
		}
		if m.Newer() || client && m.Version != m.Running && marked[n.scope] != m.Running {
			tags[TagVersion] = m.Running
		}
		if client && n.scope.Spec != nil && m.Spec != n.scope.Spec.Sum() {
			tags[TagSpec] = n.scope.Spec.Sum()
		}
		if len(tags) == 0 {
			continue
		}
		if err := e.write(ctx, p, n, tags, stop); err != nil {
			return err
		}
	}
	return nil
}

// write gives a bearer tags.
func (e *Engine) write(ctx context.Context, p *Plan, n *node, tags Tags, stop <-chan struct{}) error {
	w, of := &walk{Engine: &Engine{Types: e.Types, Lease: e.Lease, Pace: e.Pace, Timed: e.Timed}, plan: p, stop: stop}, *n
	of.run = newRun()
	of.run.start = time.Now()
	if err := w.retry(ctx, &of, func(ctx context.Context) error { return n.typ.retag(ctx, p.step(n), n.have, tags) }); err != nil {
		return lang.Errorf("note on %s which cicdctl applied it: %w", n.scope, err)
	}
	return nil
}
