package provision

import (
	"context"
	"iter"
	"slices"
)

// Unread is a kind that could not be read in a region, and why.
type Unread struct {
	Kind   string
	Region string
	Err    error
}

// Survey is a look at many scopes at once, for who judges rather than changes.
type Survey struct {
	*Plan
	Unread []Unread
}

// Survey observes and compares like Plan, but a kind that cannot be read stops
// only what depends on it: it is told as unread, and so is every kind whose
// wanted values come from it.
func (e *Engine) Survey(ctx context.Context, wish Wish) (*Survey, error) {
	return Judge(e.Types, Observe(ctx, e.Types, wish), wish)
}

// Judge compares what inv holds with what the wish says, as far as it was read.
func Judge(types []*Type, inv *Inventory, wish Wish) (*Survey, error) {
	s := &Survey{}
	unread := map[place]bool{}
	for _, at := range inv.places() {
		if err := inv.failed[at]; err != nil {
			unread[at] = true
			s.Unread = append(s.Unread, Unread{at.kind, at.region, err})
		}
	}
	plan, err := compare(types, inv, wish)
	if err != nil {
		return nil, err
	}
	s.Plan = plan
	for _, n := range plan.nodes {
		if n.uncertain(unread) {
			n.Op, n.Diffs, n.Why, n.unread = OpNone, nil, "", true
		}
	}
	return s, nil
}

// uncertain reports whether the node's kind, or one that its wanted values may
// come from, was not read.
func (n *node) uncertain(unread map[place]bool) bool {
	for s := n.scope; s != nil; s = s.Outer {
		if unread[place{n.Kind, s.Region}] || slices.ContainsFunc(n.typ.After, func(d Dep) bool { return unread[place{d.Kind, s.Region}] }) {
			return true
		}
	}
	return false
}

// Attribute is one Field of a resource.
type Attribute struct {
	Name string
	Have string
	Want string // empty unless Asked
	// Asked is false where nobody says what it should be.
	Asked bool
}

// Seen is one resource that AWS holds, with everything that can differ.
type Seen struct {
	Held
	Client, Region string
	Tags           Tags
	Attributes     []Attribute
	Change         Change // what a plan would do with it
	Object         any    // as its kind has it
}

// Seen yields what was observed, in the order of the kinds. What AWS did not say
// of a resource is left out.
func (s *Survey) Seen() iter.Seq[Seen] {
	return func(yield func(Seen) bool) {
		for _, n := range s.nodes {
			if n.have == nil {
				continue
			}
			one := Seen{
				Held:   Held{n.Kind, n.Scope, n.Role, n.ID, n.state.String(), told(n.typ.facts(n.have)), n.typ.keyed},
				Region: n.scope.Region, Tags: n.typ.tags(n.have), Change: n.Change, Object: n.have,
			}
			if n.scope.Level == ClientLevel {
				one.Client = n.scope.Client
			}
			step := s.step(n)
			for _, f := range n.typ.fields {
				a := Attribute{Name: f.name, Have: f.have(n.have)}
				if a.Have == Keep {
					continue
				}
				if n.want != nil && !n.unread {
					if want := f.want(step, n.want); want != Keep {
						a.Want, a.Asked = want, true
					}
				}
				one.Attributes = append(one.Attributes, a)
			}
			if !yield(one) {
				return
			}
		}
	}
}

// Differing is a change that a plan would make, and whose it is.
type Differing struct {
	Change
	Client, Region string // Client is empty for what clients share
}

// Differing yields what a plan would change, in the order of the kinds.
func (s *Survey) Differing() iter.Seq[Differing] {
	return func(yield func(Differing) bool) {
		for _, n := range s.nodes {
			if n.Op == OpNone || n.Op == OpRetain {
				continue
			}
			d := Differing{Change: n.Change, Region: n.scope.Region}
			if n.scope.Level == ClientLevel {
				d.Client = n.scope.Client
			}
			if !yield(d) {
				return
			}
		}
	}
}

// Found yields everything that was listed, whoever owns it, in no order.
func (s *Survey) Found() iter.Seq[*Resource] {
	return func(yield func(*Resource) bool) {
		for _, resources := range s.inv.resources {
			for _, r := range resources {
				if !yield(r) {
					return
				}
			}
		}
	}
}
