package provision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Step is what a kind's functions get to work with: the scope, the role, and the
// resources of the kinds that were settled before.
type Step struct {
	*Scope
	Role  Role
	Purge bool      // destroy was told to remove data as well
	Now   time.Time // when the run began, UTC
	Tags  Tags      // everything the resource is tagged with

	typ   *Type
	want  any // nil for what is not wanted
	plan  *Plan
	err   error
	lower string // the client's name in lower case

	roused    bool            // what is idle of the resource is set too
	done      map[string]bool // see Once
	comparing bool            // while diffs goes through the fields
	whole     any             // what Whole has made meanwhile
}

func (p *Plan) step(n *node) *Step {
	s := &Step{Tags: Tags{}}
	s.begin(p, n)
	return s
}

// begin makes s the step of a node. Its map of tags is used again.
func (s *Step) begin(p *Plan, n *node) {
	clear(s.Tags)
	lower := s.lower
	if s.Scope != n.scope {
		lower = n.scope.Lower()
	}
	*s = Step{lower: lower, Scope: n.scope, Role: n.Role, Purge: p.purge, Now: time.Now().UTC(), Tags: s.Tags, typ: n.typ, want: n.want, plan: p, roused: n.roused}
	if n.want != nil {
		n.scope.addWanted(s.Tags, n.typ, n.Role, n.want, lower, n.tags[TagName])
		if role, bears := n.typ.bears[n.scope.Level]; bears && role == n.Role && n.have == nil && n.scope.Version != "" {
			s.Tags[TagVersion] = n.scope.Version // from its birth on; later see Mark
		}
	}
}

// ID returns the identifier of the resource with a kind and role in this scope or
// one above it. Before it exists, in a plan, it reads "(known after <kind>)".
func (s *Step) ID(kind string, role Role) string {
	n := s.find(kind, role)
	if n == nil {
		return ""
	}
	if id := n.currentID(); id != "" {
		return id
	}
	return lang.Sprintf("(known after %s)", kind)
}

// Has reports whether such a resource is wanted or there.
func (s *Step) Has(kind string, role Role) bool { return s.find(kind, role) != nil }

// Coming reports whether such a resource is there, or can be made in this run.
func (s *Step) Coming(kind string, role Role) bool {
	n := s.find(kind, role)
	return n != nil && (n.current() != nil || n.Op == OpCreate)
}

// Roles lists the roles of a kind in the step's own scope, sorted.
func (s *Step) Roles(kind string) []Role {
	s.declared(kind)
	var roles []Role
	for _, n := range s.plan.roles[kindKey{s.Scope, kind}] {
		if n.want != nil {
			roles = append(roles, n.Role)
		}
	}
	slices.Sort(roles)
	return roles
}

// Lookup returns what AWS says of a resource with a kind and role in this scope
// or one above it, or false while it does not exist.
func Lookup[A any](s *Step, kind string, role Role) (A, bool) {
	var zero A
	n := s.find(kind, role)
	if n == nil {
		return zero, false
	}
	a, ok := n.current().(A)
	return a, ok
}

// Whole is what is wanted of a resource as a whole, for fields that are parts of it.
// While a resource is compared, which changes nothing, it is made once for all of
// its fields; at any other time afresh. A kind has one such whole.
func Whole[T any](s *Step, build func() T) T {
	if kept, ok := s.whole.(T); ok {
		return kept
	}
	whole := build()
	if s.comparing {
		s.whole = whole
	}
	return whole
}

func (s *Step) find(kind string, role Role) *node {
	if !s.declared(kind) {
		return nil
	}
	if !s.typ.uses(s.want, kind, role) {
		s.err = lang.Errorf("%s %s asks for %s %s, which it says that it does not use", s.typ.Name, s.Role, kind, role)
		return nil
	}
	for at := s.Scope; at != nil; at = at.Outer {
		if n := s.plan.node(at, kind, role); n != nil {
			return n
		}
	}
	return nil
}

// declared guards the graph: a kind that asks for another without naming it in
// After would sometimes run too early.
func (s *Step) declared(kind string) bool {
	if slices.ContainsFunc(s.typ.DependsOn, func(d Dep) bool { return d.Kind == kind }) {
		return true
	}
	s.err = lang.Errorf("%s asks for %s, which is not in its DependsOn", s.typ.Name, kind)
	return false
}

// Token is a client token for AWS: the same for the same resource in the same
// circumstances, so that a repeated create is answered with the first result.
// Parts must hold what makes this resource another one than its predecessor of
// the same role, such as the ID of what it is made in.
func (s *Step) Token(parts ...string) string {
	all := append([]string{s.Account, s.Region, s.Client, s.typ.Name, s.Role}, parts...)
	sum := sha256.Sum256([]byte(strings.Join(all, "|")))
	return hex.EncodeToString(sum[:16])
}

// diffs compares all fields and tags; texts and tags are those that the resource has. Blocked is true when one that differs is
// immutable. What was compared is added to see, which may be nil.
func (s *Step) diffs(want, have any, texts []string, tags Tags, see *[]Attribute) (diffs []Diff, blocked bool) {
	s.comparing = true
	defer func() { s.comparing, s.whole = false, nil }()
	for i := range s.typ.fields {
		f := &s.typ.fields[i]
		w, h := f.want(s, want), texts[i]
		if see != nil && h != Keep {
			*see = append(*see, attribute(f.name, h, w))
		}
		if w == Keep || h == Keep || w == h || f.idles(have) {
			continue
		}
		d := Diff{Field: f.name, Have: h, Want: w}
		if f.immutable() {
			d.Fix, blocked = lang.Say(f.fix), true
		}
		diffs = append(diffs, d)
	}
	for k, v := range s.wrongTags(tags) {
		diffs = append(diffs, Diff{Field: "tag " + k, Have: tags[k], Want: v})
	}
	for _, k := range s.goneTags(tags) {
		diffs = append(diffs, Diff{Field: "tag " + k, Have: tags[k]})
	}
	slices.SortStableFunc(diffs, func(a, b Diff) int {
		isTag := func(d Diff) bool { return strings.HasPrefix(d.Field, "tag ") }
		if isTag(a) && isTag(b) {
			return strings.Compare(a.Field, b.Field)
		}
		return 0
	})
	return diffs, blocked
}

// wrongTags returns the wanted tags that the resource lacks. Tags that others
// added are left alone.
func (s *Step) wrongTags(tags Tags) Tags {
	if s.typ.retag == nil {
		return nil
	}
	var wrong Tags
	for k, v := range s.Tags {
		if tags[k] != v {
			if wrong == nil {
				wrong = Tags{}
			}
			wrong[k] = v
		}
	}
	return wrong
}

// apply brings every field that differs to what is wanted, in the declared
// order; the Batch fields all at once, where the first of them stands. It returns what
// it has set.
func (s *Step) apply(ctx context.Context, want, have any, retry func(context.Context, func(context.Context) error) error, progress func(string)) ([]*setting, error) {
	var wrote []*setting
	set := func(what string, change func(context.Context) error) error {
		progress("set " + what)
		if err := retry(ctx, change); err != nil {
			return lang.Errorf("set %s: %w", what, err)
		}
		return nil
	}
	note := func(field, have, want string) {
		wrote = append(wrote, &setting{Diff: Diff{Field: field, Have: have, Want: want}, at: time.Now()})
	}
	// What AWS has made itself is marked as ours before anything else: cut off in
	// between, it would be a stranger's with our settings.
	tags := s.typ.tags(have)
	unmarked := s.typ.retag != nil && tags[TagManagedBy] == ""
	retag := func() error {
		// First: what TagCustomer names no longer would never be taken away.
		if gone := s.goneTags(tags); len(gone) > 0 {
			if err := set("tags", func(ctx context.Context) error { return s.typ.untag(ctx, s, have, gone) }); err != nil {
				return err
			}
			for _, k := range gone {
				note("tag "+k, tags[k], "")
			}
		}
		wrong := s.wrongTags(tags)
		if len(wrong) == 0 {
			return nil
		}
		if err := set("tags", func(ctx context.Context) error { return s.typ.retag(ctx, s, have, wrong) }); err != nil {
			return err
		}
		for k, v := range wrong {
			note("tag "+k, tags[k], v)
		}
		return nil
	}
	if unmarked {
		if err := retag(); err != nil {
			return wrote, err
		}
	}
	var batch []string
	for _, f := range s.typ.fields {
		if f.batch && s.differs(f, want, have) {
			batch = append(batch, f.name)
		}
	}
	for _, f := range s.typ.fields {
		differs := s.differs(f, want, have)
		var err error
		switch {
		case s.err != nil:
			return wrote, s.err
		case !differs:
			continue
		case f.immutable():
			return wrote, &RefusedError{Changes: []Change{{
				Op: OpBlocked, Kind: s.typ.Name, Scope: s.Scope.Ref(), Role: s.Role, ID: s.typ.id(have),
				Diffs: []Diff{{Field: f.name, Have: f.have(have), Want: f.want(s, want), Fix: f.fix}},
			}}}
		case f.batch && len(batch) > 0:
			changed := batch
			batch = nil
			err = set(strings.Join(changed, ", "), func(ctx context.Context) error { return s.typ.update(ctx, s, want, have, changed) })
		case f.set != nil:
			err = set(f.name, func(ctx context.Context) error { return f.set(ctx, s, want, have) })
		}
		if err != nil {
			return wrote, err
		}
		note(f.name, f.have(have), f.want(s, want))
	}
	if !unmarked {
		if err := retag(); err != nil {
			return wrote, err
		}
	}
	return wrote, s.err
}

// born adds to what was set of a resource that was just created what it was created with.
func (s *Step) born(want any, set []*setting) []*setting {
	add := func(field, value string) {
		if !slices.ContainsFunc(set, func(each *setting) bool { return each.Field == field }) {
			set = append(set, &setting{Diff: Diff{Field: field, Want: value}, born: true, at: time.Now()})
		}
	}
	for _, f := range s.typ.fields {
		add(f.name, f.want(s, want))
	}
	for k, v := range s.Tags {
		add("tag "+k, v)
	}
	return set
}

func (s *Step) differs(f field, want, have any) bool {
	if !s.roused && f.idles(have) {
		return false
	}
	w, h := f.want(s, want), f.have(have)
	return w != Keep && h != Keep && w != h
}
