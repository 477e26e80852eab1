package provision

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Impact is what is lost when a resource of a kind is removed. A kind gives either Stateless
// or Losses: there is no default, so that no kind that runs or holds something goes unasked.
type Impact[A any] struct {
	// Stateless says that a resource neither runs nor holds anything of its own: the next
	// run would make the same again.
	Stateless bool
	// Losses are what runs in a resource or is held by it, and goes with it; none when it
	// is idle and empty. It only reads, is asked only of what a plan removes, and those who
	// ask share the sweep.
	Losses func(context.Context, *Step, *Sweep, A) ([]Loss, error)
	// Word is what an operator calls the resource with a role, to agree to its removal:
	// "<kind>/<role>" when nil. What belongs to a service that is removed as a whole goes by
	// the service's word instead, which is "APP/SERVICE".
	Word func(Role) string
}

// Loss is one thing that goes with a resource: a sentence, which reports translate, and the
// values for its verbs.
type Loss struct {
	Format string
	Args   []any
}

// Lost makes a Loss.
func Lost(format string, args ...any) Loss { return Loss{format, args} }

func (l Loss) String() string { return lang.Sprintf(l.Format, l.Args...) }

// Removed is a resource that a plan removes although something runs in it or is held by it.
type Removed struct {
	Kind   string
	Role   Role
	ID     string
	Word   string // by which an operator agrees to it
	Losses []Loss
}

// Key tells a resource among all that a plan removes.
func (r Removed) Key() string { return removalKey(r.Kind, r.ID) }

func removalKey(kind, id string) string { return kind + " " + id }

// Stateless reports whether resources of the type neither run nor hold anything.
func (t *Type) Stateless() bool { return t.stateless }

// TellsLosses reports whether the type says what is lost with a resource.
func (t *Type) TellsLosses() bool { return t.losses != nil }

// word is what an operator calls the resource with a role.
func (t *Type) word(role Role) string {
	if t.impactWord != nil {
		return t.impactWord(role)
	}
	return t.Name + "/" + role
}

// Removals tells what is lost by what the plan removes: services first, then the rest, each in
// the order of the kinds. It reads from AWS only about resources that would be removed.
func (p *Plan) Removals(ctx context.Context) ([]Removed, error) {
	wholes := p.wholes()
	services := map[string]bool{}
	out, err := p.losing(ctx, func(*node) bool { return true }, func(n *node) string {
		if u := n.unit(); wholes[unitKey{n.scope, u}] {
			services[u] = true
			return u
		}
		return n.typ.word(n.Role)
	})
	slices.SortStableFunc(out, func(a, b Removed) int {
		switch {
		case services[a.Word] == services[b.Word]:
			return 0
		case services[a.Word]:
			return -1
		default:
			return 1
		}
	})
	return out, err
}

// losing asks of what is removed, and satisfies about, what is lost with it.
func (p *Plan) losing(ctx context.Context, about func(*node) bool, word func(*node) string) ([]Removed, error) {
	var mu sync.Mutex
	found := map[*node][]Loss{}
	sweeps := map[*Scope]*Sweep{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for _, n := range p.nodes {
		if !n.goes() || !about(n) {
			continue
		}
		if sweeps[n.scope] == nil {
			sweeps[n.scope] = NewSweep(n.scope)
		}
		step, sweep := p.step(n), sweeps[n.scope]
		group.Go(func() error {
			losses, err := n.typ.losses(ctx, step, sweep, n.have)
			if err != nil {
				return lang.Errorf("find out what is lost with %s %s: %w", n.Kind, n.ID, err)
			}
			mu.Lock()
			defer mu.Unlock()
			found[n] = losses
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var out []Removed
	for _, n := range p.nodes {
		if len(found[n]) > 0 {
			out = append(out, Removed{n.Kind, n.Role, n.ID, word(n), found[n]})
		}
	}
	return out, nil
}

// goes reports whether the plan removes something that may run or hold something. What AWS
// has made again is what it wrote last of something that was removed before.
func (n *node) goes() bool {
	if n.Op != OpDelete || n.state == Deleting || n.typ.losses == nil {
		return false
	}
	return n.typ.recreated == nil || n.typ.tags(n.have)[TagManagedBy] != ""
}

// agreed is a *RefusedError when the plan has removals to which nobody has agreed.
func (p *Plan) agreed(ctx context.Context, request Request) error {
	unexpected, err := p.unexpected(ctx, request)
	if err == nil && len(unexpected) > 0 {
		err = &RefusedError{Changes: unexpected}
	}
	return err
}

// unexpected are removals of what runs or holds something to which nobody has agreed: another
// run has made it since the plan was shown. Nil when the request agrees to all.
func (p *Plan) unexpected(ctx context.Context, request Request) ([]Change, error) {
	if request.Agreed == nil {
		return nil, nil
	}
	about := func(n *node) bool { return n.scope != request.Destroy && !request.Agreed[removalKey(n.Kind, n.ID)] }
	found, err := p.losing(ctx, about, func(n *node) string { return n.typ.word(n.Role) })
	var out []Change
	for _, r := range found {
		texts := make([]string, len(r.Losses))
		for i, l := range r.Losses {
			texts[i] = l.String()
		}
		out = append(out, Change{
			Op: OpBlocked, Kind: r.Kind, Role: r.Role, ID: r.ID,
			Why: lang.Sprintf("nobody has agreed to its removal (%s): run again to see it in the plan", strings.Join(texts, "; ")),
		})
	}
	return out, err
}

// unitKey is a service in a scope.
type unitKey struct {
	scope *Scope
	unit  string
}

// unit is the service that the resource belongs to, "APP/SERVICE"; empty when to none.
func (n *node) unit() string {
	var tags Tags
	if n.want != nil {
		tags = n.typ.extraTags(n.scope, n.want)
	} else if n.have != nil {
		tags = n.typ.tags(n.have)
	}
	if tags[TagApp] == "" || tags[TagService] == "" {
		return ""
	}
	return tags[TagApp] + "/" + tags[TagService]
}

// goingUnit is the service that a resource belongs to which the plan removes.
func (n *node) goingUnit() string {
	if n.Op != OpDelete || n.want != nil {
		return ""
	}
	return n.unit()
}

// wholes are the services of which the plan removes something and wants nothing.
func (p *Plan) wholes() map[unitKey]bool {
	out := map[unitKey]bool{}
	for _, n := range p.nodes {
		if u := n.goingUnit(); u != "" {
			out[unitKey{n.scope, u}] = true
		}
	}
	if len(out) == 0 { // as in most plans
		return nil
	}
	for _, n := range p.nodes {
		if n.want != nil {
			delete(out, unitKey{n.scope, n.unit()})
		}
	}
	return out
}

// Wants reports whether a word names something that the plan keeps or makes.
func (p *Plan) Wants(word string) bool {
	return slices.ContainsFunc(p.nodes, func(n *node) bool {
		return n.want != nil && !n.typ.stateless && (n.unit() == word || n.typ.word(n.Role) == word)
	})
}

// Rename is a name that goes while others of the same sort come.
type Rename struct {
	From string
	To   []string
}

// Renames lists what looks like new names in the spec. AWS renames none of this: what has
// the old name is removed.
func (p *Plan) Renames() []Rename {
	gone, come := map[string][]string{}, map[string][]string{}
	note := func(to map[string][]string, sort, name string) {
		if !slices.Contains(to[sort], name) {
			to[sort] = append(to[sort], name)
		}
	}
	old := map[string]bool{}
	wholes := p.wholes()
	for _, n := range p.nodes {
		if n.have != nil && n.want != nil {
			old[n.unit()] = true
		}
	}
	for _, n := range p.nodes {
		unit := n.unit()
		switch {
		case unit != "" && wholes[unitKey{n.scope, unit}]:
			note(gone, "", unit)
		case unit != "" && n.Op == OpCreate && !old[unit]:
			note(come, "", unit)
		case unit == "" && n.typ.impactWord != nil && n.Op == OpDelete:
			note(gone, n.Kind, n.typ.word(n.Role))
		case unit == "" && n.typ.impactWord != nil && n.Op == OpCreate:
			note(come, n.Kind, n.typ.word(n.Role))
		}
	}
	var out []Rename
	for _, sort := range sortedRoles(gone) {
		for _, from := range gone[sort] {
			to := slices.DeleteFunc(slices.Clone(come[sort]), func(to string) bool { return sort == "" && !alike(from, to) })
			if len(to) > 0 {
				out = append(out, Rename{from, to})
			}
		}
	}
	return out
}

// alike reports whether two services are of the same app, or have the same name in two.
func alike(a, b string) bool {
	appA, nameA, _ := strings.Cut(a, "/")
	appB, nameB, _ := strings.Cut(b, "/")
	return appA == appB || nameA == nameB
}
