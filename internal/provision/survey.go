package provision

import (
	"iter"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/judge"
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

// Judge compares what inv holds with what the request says. A kind that could not be
// read stops only what depends on it: it is told as unread, and nothing is said of
// the kinds whose wanted values come from it.
func Judge(types []*Type, inv *Inventory, request Request) (*Survey, error) {
	s := &Survey{}
	unread := map[place]bool{}
	for _, at := range inv.unread() {
		unread[at] = true
		s.Unread = append(s.Unread, Unread{at.kind, at.region, inv.failed[at]})
	}
	plan, err := compare(types, inv, request, true)
	if err != nil {
		return nil, err
	}
	s.Plan = plan
	for _, n := range plan.nodes {
		if len(unread) > 0 && n.uncertain(unread) {
			n.Op, n.Diffs, n.Why, n.unread = OpNone, nil, "", true
		}
	}
	return s, nil
}

// uncertain reports whether the node's kind, or one that its wanted values may
// come from, was not read.
func (n *node) uncertain(unread map[place]bool) bool {
	for s := n.scope; s != nil; s = s.Outer {
		if unread[place{n.Kind, s.Region}] || slices.ContainsFunc(n.typ.DependsOn, func(d Dep) bool { return unread[place{d.Kind, s.Region}] }) {
			return true
		}
	}
	return false
}

// Attribute is one Field of a resource, as rules judge it.
type Attribute = judge.Attribute

func attribute(name, have, want string) Attribute {
	if want == Keep {
		return Attribute{Name: name, Have: have}
	}
	return Attribute{Name: name, Have: have, Want: want, Asked: true}
}

// seen are the node's attributes, without what is not known to be wanted.
func (n *node) seen() []Attribute {
	if n.attributes == nil { // nothing was there to compare with
		texts := n.texts
		if texts == nil {
			texts = n.typ.texts(n.have)
		}
		n.attributes = make([]Attribute, 0, len(texts))
		for i, have := range texts {
			if have != Keep {
				n.attributes = append(n.attributes, Attribute{Name: n.typ.fields[i].name, Have: have})
			}
		}
	}
	if n.unread {
		for i := range n.attributes {
			n.attributes[i].Want, n.attributes[i].Asked = "", false
		}
	}
	return n.attributes
}

// Seen is one resource that AWS holds, with everything that can differ instead of its Facts.
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
			tags := n.tags
			if tags == nil { // nothing was wanted
				tags = n.typ.tags(n.have)
			}
			one := Seen{
				Held:   Held{Kind: n.Kind, Scope: n.Scope, Role: n.Role, ID: n.ID, State: n.state.String(), Keyed: n.typ.keyed},
				Region: n.scope.Region, Tags: tags, Change: n.Change, Object: n.have,
			}
			if n.scope.Level == ClientLevel {
				one.Client = n.scope.Client
			}
			one.Attributes = n.seen()
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

// Differing yields what a plan would change, in the order of the kinds, and what nothing
// asks for although it stays.
func (s *Survey) Differing() iter.Seq[Differing] {
	return func(yield func(Differing) bool) {
		for _, n := range s.nodes {
			if n.Op == OpNone || n.Op == OpRetain && !n.stray || n.Op == OpLater {
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
