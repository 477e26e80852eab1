package provision

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Import is a resource that is to be taken back: its kind and role are known again, and its
// tags are written by Import.
type Import struct {
	Change
	Tags Tags // that it gets
	step *Step
	r    *Resource
}

// ImportError is why a resource is not taken back.
type ImportError struct{ why string }

func (e *ImportError) Error() string { return e.why }

func importErrorf(format string, args ...any) error {
	return &ImportError{lang.Sprintf(format, args...)}
}

// FindImport finds the resource with an ID or a natural name that is to become the one of a
// kind and role, in the innermost of the request's scopes that lacks such a one. It only reads. The
// error is an *ImportError, or that of a read.
func (e *Engine) FindImport(ctx context.Context, request Request, kind string, role Role, id string) (*Import, error) {
	at := slices.IndexFunc(e.Types, func(t *Type) bool { return t.Name == kind })
	if at < 0 {
		return nil, importErrorf("%q is no kind of resource that cicdctl makes", kind)
	}
	t := e.Types[at]
	wanted, roles := asked(t, request.Scopes, role)
	if len(wanted) == 0 {
		return nil, importErrorf("no %s has the role %q here: there are %s", kind, role, rolesText(roles))
	}
	inv := Observe(ctx, []*Type{t}, request)
	if err := inv.Err(); err != nil {
		return nil, err
	}
	var has []string
	lacks := slices.IndexFunc(wanted, func(w wantedIn) bool {
		held := inv.Of(kind, w.scope)
		own := slices.IndexFunc(held, func(r *Resource) bool { return r.Role() == role && r.State != Deleting })
		if own >= 0 {
			has = append(has, lang.Sprintf("%s has its %s %s: it is %s", w.scope, kind, role, held[own].ID))
		}
		return own < 0
	})
	if lacks < 0 {
		return nil, importErrorf("%s", strings.Join(has, "; "))
	}
	scope, want := wanted[lacks].scope, wanted[lacks].want
	all := inv.All(kind, scope.Region)
	found := slices.IndexFunc(all, func(r *Resource) bool { return (r.ID == id || r.Key == id) && r.State != Gone })
	if found < 0 {
		return nil, importErrorf("AWS lists no %s %s in %s", kind, id, scope.Region)
	}
	r := all[found]
	n := &node{typ: t, scope: scope, want: want, Change: Change{Op: OpUpdate, Kind: kind, Scope: scope.Ref(), Role: role, ID: r.ID}}
	switch {
	case r.Tags[TagManagedBy] == ManagedBy:
		return nil, importErrorf("%s", n.foreign(r).Why)
	case t.retag == nil:
		return nil, importErrorf("AWS lets nobody change the tags of a %s", kind)
	}
	// To write the tags of some resources, such as buckets, those that are there must be known.
	if _, err := t.complete(ctx, NewSweep(scope), []*Resource{r}); err != nil {
		return nil, err
	}
	step := (&Plan{roles: map[kindKey][]*node{}, types: map[string]*Type{}, inv: inv}).step(n)
	for _, key := range slices.Sorted(maps.Keys(step.Tags)) {
		if r.Tags[key] != step.Tags[key] {
			n.Diffs = append(n.Diffs, Diff{Field: "tag " + key, Have: r.Tags[key], Want: step.Tags[key]})
		}
	}
	return &Import{Change: n.Change, Tags: step.Tags, step: step, r: r}, nil
}

// Import writes the tags of what was found, and waits until AWS tells them. The next plan
// compares it like everything else.
func (e *Engine) Import(ctx context.Context, l *Import) error {
	w := &walk{Engine: e}
	n := &node{typ: l.step.typ, scope: l.step.Scope, Change: l.Change, run: newRun()}
	if err := w.retry(ctx, n, func(ctx context.Context) error { return n.typ.retag(ctx, l.step, l.r.Object, l.Tags) }); err != nil {
		return err
	}
	// AWS may tell the former tags and these by turns, some services for a minute.
	told, settled := 0, time.Now()
	if slices.ContainsFunc(n.typ.fields, func(f field) bool { return f.reread != nil }) {
		settled = settled.Add(settledAfter * e.Pace)
	}
	for pace := e.Pace; told < steady || time.Now().Before(settled); pace = min(pace*3/2, 8*e.Pace) {
		found, err := look(ctx, n.typ, NewSweep(n.scope), []*Scope{n.scope})
		if err != nil {
			return err
		}
		told++
		if !slices.ContainsFunc(found, func(r *Resource) bool { return r.ID == l.ID && n.scope.owns(r.Tags) && r.Role() == n.Role }) {
			told = 0
		}
		if err := w.pause(ctx, pace); err != nil {
			return lang.Errorf("%s has its tags, and AWS does not tell them yet: %w", l.ID, err)
		}
	}
	return nil
}

// wantedIn is what a scope wants of a kind and role.
type wantedIn struct {
	scope *Scope
	want  any
}

// asked are the scopes that have a kind and role, the innermost first; the roles are those that
// there are.
func asked(t *Type, scopes []*Scope, role Role) (in []wantedIn, roles []Role) {
	for _, s := range slices.Backward(scopes) {
		if t.Levels&s.Level == 0 {
			continue
		}
		for _, w := range t.want(s) {
			if w.role == role {
				in = append(in, wantedIn{s, w.want})
			}
			roles = append(roles, w.role)
		}
	}
	return in, roles
}

func rolesText(roles []Role) string {
	if len(roles) == 0 {
		return "none"
	}
	slices.Sort(roles)
	return strings.Join(roles, ", ")
}
