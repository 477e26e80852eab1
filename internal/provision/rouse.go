package provision

import (
	"cmp"
	"slices"
	"strings"
)

// What has to be woken before it can be changed, what is changed one after the other, and
// what a kind waits for itself.

// WaitingError is how Set, Update and Delete of a kind say that they have to be called again:
// what they, or somebody else, have begun is not over yet. They are called until the kind's
// patience ends, each time deciding anew by what AWS says, so that a run that was killed in
// between goes on where it was.
type WaitingError struct{ For string } // "the database acme is starting"

func (e *WaitingError) Error() string { return "waits: " + e.For }

// Once does something that must not be asked for again while AWS does not tell of it yet:
// f is called until it succeeds, and not afterwards, for as long as the run is about the
// resource.
func (s *Step) Once(what string, f func() error) error {
	if s.done[what] {
		return nil
	}
	err := f()
	if err == nil {
		if s.done == nil {
			s.done = map[string]bool{}
		}
		s.done[what] = true
	}
	return err
}

// First reports whether it is asked something for the first time, for as long as the run is
// about the resource.
func (s *Step) First(what string) bool {
	first := false
	_ = s.Once(what, func() error { first = true; return nil })
	return first
}

func (f *field) idles(have any) bool { return f.idle != nil && f.idle(have) != "" }

// rouse adds to the plan what is idle where something else of it, or of its parts, is to be
// changed, and tells of what stays as it is.
func (p *Plan) rouse() {
	for _, n := range p.nodes {
		if n.have == nil || n.bystander {
			continue
		}
		if n.idle() && p.disturbed(n) {
			p.wake(n)
		}
		if why := n.typ.noted(n.have); why != "" && n.want != nil && n.Op == OpNone && n.state == Available {
			n.Op, n.Why, n.Name = OpLater, why, n.typ.title(n.scope, n.Role, n.want)
		}
	}
}

func (n *node) idle() bool {
	return slices.ContainsFunc(n.typ.fields, func(f field) bool { return f.idles(n.have) })
}

// wake has the run set what is idle of a resource.
func (p *Plan) wake(n *node) {
	for i := range n.typ.fields {
		if f := &n.typ.fields[i]; f.idles(n.have) && !n.roused {
			n.Diffs = append(n.Diffs, Diff{Field: f.name, Have: f.have(n.have), Want: f.idle(n.have)})
		}
	}
	if n.roused = true; n.Op == OpNone {
		n.Op = OpUpdate
	}
}

// disturbed reports whether the plan changes a resource, or a part of it.
func (p *Plan) disturbed(n *node) bool {
	return slices.ContainsFunc(p.nodes, func(m *node) bool {
		if m != n {
			kind, role := m.typ.within(m.want, m.have)
			if m.scope != n.scope || kind != n.Kind || role != n.Role {
				return false
			}
		}
		return m.disturbs()
	})
}

// disturbs reports whether what the plan does about a node takes a resource that is awake:
// tags are written at any time.
func (n *node) disturbs() bool {
	switch n.Op {
	case OpCreate:
		return true
	case OpDelete:
		return n.state != Deleting
	case OpUpdate:
		return slices.ContainsFunc(n.Diffs, func(d Diff) bool { return !strings.HasPrefix(d.Field, "tag ") })
	default:
		return false
	}
}

// turns are the nodes that are brought about before n is updated, where that is done one by
// one: those whose turn comes first, and those that are not ready yet anyway.
func (p *Plan) turns(n *node) []wait {
	if n.typ.turn == nil || n.Op != OpUpdate {
		return nil
	}
	kind, role := n.typ.within(n.want, n.have)
	mine := n.typ.turn(p.step(n), n.have)
	var out []wait
	for _, m := range p.roles[kindKey{n.scope, n.Kind}] {
		if m == n || m.have == nil || m.want == nil || m.bystander {
			continue
		}
		if k, r := m.typ.within(m.want, m.have); k != kind || r != role {
			continue
		}
		theirs := m.typ.turn(p.step(m), m.have)
		if m.Op == OpUpdate && cmp.Or(cmp.Compare(theirs, mine), strings.Compare(m.Role, n.Role)) < 0 || m.Op == OpNone && m.state == Pending {
			out = append(out, wait{on: m})
		}
	}
	return out
}
