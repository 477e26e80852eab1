package provision

import (
	"context"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/price"
)

// Billing is what AWS bills for resources of a kind: either Items or Free is set.
type Billing[D, A any] struct {
	// Items are what AWS bills for a resource: for one that is there (want is nil), for one
	// that is to be made (have is nil), or for one that is there as it is to be. It is pure.
	// What cannot be told is said with b.Unknown.
	Items func(b *Bill, want *D, have *A) []price.Item
	// With are other kinds whose resources Items looks at, with BilledWith.
	With []string
	// Free says that AWS bills nothing for the resources themselves, and where it says so, or
	// what they are billed with.
	Free string
}

// Bill is what Items are asked about: one resource of a plan.
type Bill struct {
	*Scope
	Role    Role
	plan    *Plan
	unknown []string
}

// Unknown says what cannot be told of what AWS bills for the resource, and why.
func (b *Bill) Unknown(why string) {
	if !slices.Contains(b.unknown, why) {
		b.unknown = append(b.unknown, why)
	}
}

// BilledWith is a resource of the same scope that the bill depends on too, as AWS has it; false
// when it is not there.
func BilledWith[A any](b *Bill, kind string, role Role) (A, bool) {
	var none A
	if b.plan == nil {
		return none, false
	}
	if n := b.plan.node(b.Scope, kind, role); n != nil && n.have != nil {
		have, ok := n.have.(A)
		return have, ok
	}
	return none, false
}

// Billed reports whether AWS bills something for resources of the type, and Free else where it
// says that it does not.
func (t *Type) Billed() bool { return t.bills != nil }

// Free is why AWS bills nothing for resources of the type; empty when it does.
func (t *Type) Free() string { return t.free }

// Bills are what AWS bills for the resources that a plan speaks of, as they are and as the
// plan would leave them. What is gone, or on its way, and what is not ours is left out.
func (p *Plan) Bills() []price.Resource {
	var out []price.Resource
	for _, n := range p.nodes {
		if n.typ.bills == nil || n.Op == OpForeign {
			continue
		}
		b := &Bill{Scope: n.scope, Role: n.Role, plan: p}
		r := price.Resource{Kind: n.Kind, Role: n.Role, ID: n.ID, Region: n.scope.Region, Shared: n.scope.Level != ClientLevel}
		if n.have != nil && n.state != Deleting && n.state != Gone {
			r.Now = n.typ.bills(b, nil, n.have)
		}
		switch n.Op {
		case OpCreate:
			r.After = n.typ.bills(b, n.want, nil)
		case OpUpdate:
			b.unknown = nil
			r.After = n.typ.bills(b, n.want, n.have)
		case OpDelete:
			b.unknown = nil
		default:
			r.After = r.Now
		}
		if r.Unknown = b.unknown; len(r.Now)+len(r.After)+len(r.Unknown) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// LookBilled tells what AWS bills for what it holds of the scopes of a request, whatever they
// are to hold. Kinds that it bills nothing for are not looked at.
func LookBilled(ctx context.Context, types []*Type, request Request) ([]price.Resource, error) {
	var with []string
	for _, t := range types {
		with = append(with, t.billedWith...)
	}
	billed := slices.DeleteFunc(slices.Clone(types), func(t *Type) bool { return t.bills == nil && !slices.Contains(with, t.Name) })
	for _, s := range request.Scopes {
		s.Unasked = true
	}
	plan, err := Compare(billed, Observe(ctx, billed, request), request)
	if err != nil {
		return nil, err
	}
	return plan.Bills(), nil
}
