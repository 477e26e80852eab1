package provision

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// What becomes of resources that a plan finds: which one of several is the real
// one, and what stays although nothing asks for it.

// adopt takes out of have what stays although no spec asks for it.
func (p *Plan) adopt(t *Type, order int, s *Scope, have map[Role][]*Resource) {
	for _, role := range sortedRoles(have) {
		if len(have[role]) == 0 {
			continue // misnamed, and put right
		}
		r := pick(t, have[role], "")
		if r.State == Deleting {
			continue
		}
		if want, ok := t.adopt(s, role, r.Object); ok {
			p.add(t, order, s, role, want, r)
			have[role] = slices.DeleteFunc(have[role], func(each *Resource) bool { return each == r })
		}
	}
}

func sortedRoles[T any](of map[Role][]T) []Role {
	if len(of) == 0 {
		return nil
	}
	out := make([]Role, 0, len(of))
	for role := range of {
		out = append(out, role)
	}
	slices.Sort(out)
	return out
}

// Borrowed is a resource of others that is used as it is.
type Borrowed struct{ Kind, ID string }

// borrow reports whether somebody else's resource does for what is wanted, of which
// there are held own ones.
func (p *Plan) borrow(t *Type, s *Scope, want any, inv *Inventory, held int) bool {
	if held > 0 {
		return false
	}
	r := inv.foreign(t.Name, s, t.keyOf(s, want))
	if r == nil || !t.useForeign(s, want, r.Object) {
		return false
	}
	if !t.CreateOnly { // nobody's, and so no news
		p.Borrowed = append(p.Borrowed, Borrowed{t.Name, r.ID})
	}
	return true
}

func (n *node) take(r *Resource) { n.have, n.texts, n.ID, n.state = r.Object, r.texts, r.ID, r.State }

// byRole groups resources by what they are for; nil when there is none.
func byRole(held []*Resource) map[Role][]*Resource {
	if len(held) == 0 {
		return nil
	}
	out, one := make(map[Role][]*Resource, len(held)), slices.Clone(held) // of most roles there is one
	for i, r := range held {
		role := r.Role()
		if others, there := out[role]; there {
			out[role] = append(others, r)
		} else {
			out[role] = one[i : i+1 : i+1]
		}
	}
	return out
}

// addUnasked adds what is there of a scope of which nobody knows what it should hold.
func (p *Plan) addUnasked(t *Type, order int, s *Scope, have map[Role][]*Resource) {
	for _, role := range sortedRoles(have) {
		for i, r := range have[role] {
			name := role
			if i > 0 {
				name += " (" + r.ID + ")"
			}
			p.add(t, order, s, name, nil, r)
		}
	}
}

// misnamed takes out of have what is ours and bears the wanted name, but a role
// that is not wanted: somebody has changed its tag. It is put right rather than
// made again under a name that is taken.
func misnamed(have map[Role][]*Resource, wants []wanted, key string) []*Resource {
	if key == "" {
		return nil
	}
	for role, held := range have {
		if slices.ContainsFunc(wants, func(w wanted) bool { return w.role == role }) {
			continue
		}
		for i, r := range held {
			if r.Key == key && r.State != Deleting {
				have[role] = slices.Delete(held, i, i+1)
				return []*Resource{r}
			}
		}
	}
	return nil
}

// remade are what AWS itself has made again for the scope, by the roles that it had.
func (inv *Inventory) remade(t *Type, s *Scope) map[Role][]*Resource {
	if t.recreated == nil {
		return nil // of most kinds, of which there may be thousands
	}
	out := map[Role][]*Resource{}
	for _, r := range inv.resources[place{t.Name, s.Region}] {
		if r.Tags[TagManagedBy] != "" || r.State == Gone {
			continue
		}
		if role := t.recreated(inv, s, r.Object); role != "" {
			out[role] = append(out[role], r)
		}
	}
	return out
}

// claim takes out of again what has the wanted name.
func claim(again map[Role][]*Resource, key string) []*Resource {
	for role, held := range again {
		for i, r := range held {
			if key != "" && r.Key == key {
				again[role] = slices.Delete(held, i, i+1)
				return []*Resource{r}
			}
		}
	}
	return nil
}

// Since is when the first of a scope's own resources of a kind was made that AWS still
// tells of, also if it is about to be gone; made says when one was, or nothing.
func Since[A any](inv *Inventory, kind string, s *Scope, made func(A) time.Time) (first time.Time, found bool) {
	for _, r := range inv.resources[place{kind, s.Region}] {
		if !s.owns(r.Tags) {
			continue
		}
		a, ok := r.Object.(A)
		if !ok || made(a).IsZero() {
			continue
		}
		if !found || made(a).Before(first) {
			first, found = made(a), true
		}
	}
	return first, found
}

// pick chooses which of several resources with one role is the real one, so that
// every run chooses the same: one that has not come to nothing, the one with the
// wanted name, the one in use, one that AWS does not call failed, and then the lowest ID.
func pick(t *Type, found []*Resource, key string) *Resource {
	rank := func(r *Resource) int {
		switch {
		case r.State == Deleting:
			return 5
		case t.defunct(r.Object):
			return 4
		case key != "" && r.Key == key:
			return 0
		case t.inUse(r.Object):
			return 1
		case r.State == Failed:
			return 3
		default:
			return 2
		}
	}
	return slices.MinFunc(found, func(a, b *Resource) int { return cmp.Compare(rank(a), rank(b)) })
}

// unwanted decides between removing and keeping what is not wanted.
func (p *Plan) unwanted(n *node, r *Resource, request Request, why string) {
	n.Op, n.Why = OpDelete, why
	t := n.typ
	if because := t.keepReason(n.scope, r.Object); because != "" && request.Destroy != n.scope {
		n.Op, n.Why = OpRetain, because
		return
	}
	if because := t.shared(r.Object); because != "" {
		n.Op, n.Why = OpRetain, because
		return
	}
	if until := t.expiresAt(r.Object); !until.IsZero() {
		n.Until = &until
	}
	switch {
	case t.DeletionPolicy == Delete && !t.auxiliary(r.Object) || request.Purge || t.empty(r.Object):
	case request.Destroy == n.scope && t.DeletionPolicy == Snapshot:
		n.Why = lang.Say("after a final snapshot")
	case request.Destroy == n.scope && n.Until != nil:
		n.Op, n.Why = OpRetain, lang.Sprintf("holds data that will have expired by %s; --purge-data removes it", n.Until.Format(time.DateOnly))
	case request.Destroy == n.scope:
		n.Op, n.Why = OpRetain, lang.Say("holds data; --purge-data removes it")
	case t.Immortal:
		n.Op, n.Why = OpRetain, ""
	default:
		n.Op, n.Why = OpRetain, lang.Say("kept because it may hold data")
		if why != "" {
			n.Why = lang.Sprintf("%s; kept because it may hold data", why)
		}
		n.stray = n.Until == nil
	}
}

// serve lets go of what is kept only for the sake of others of which none is kept,
// and tells until when the rest is needed.
func (p *Plan) serve() {
	for _, n := range p.nodes {
		if n.Op != OpRetain || !n.typ.auxiliary(n.have) {
			continue
		}
		var users []string
		var until time.Time
		for _, user := range p.nodes {
			if user == n || user.have == nil || user.Op == OpDelete || !slices.Contains(user.typ.needs(user.have), n.ID) {
				continue
			}
			users = append(users, user.Kind+" "+user.ID)
			switch {
			case user.Until == nil:
				until = forever
			case user.Until.After(until):
				until = *user.Until
			}
		}
		switch {
		case len(users) == 0:
			n.Op, n.Why = OpDelete, lang.Say("nothing that stays needs it")
		case until.Equal(forever):
			n.Why = lang.Sprintf("needed by %s", strings.Join(users, ", "))
		default:
			n.Why, n.Until = lang.Sprintf("needed until %s by %s", until.Format(time.DateOnly), strings.Join(users, ", ")), &until
		}
	}
}

// forever is later than any date that AWS tells.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// LackingError says that something a narrow request rests on is not there.
type LackingError struct{ Change }

func (e *LackingError) Error() string {
	return lang.Sprintf("%s has no %s %s", e.Scope, e.Kind, e.Role)
}

// Held is a resource that AWS holds, for who wants to know what there is.
type Held struct {
	Kind  string   `json:"kind"`
	Scope ScopeRef `json:"scope"`
	Role  Role     `json:"role"`
	ID    string   `json:"id"`
	State string   `json:"state"`
	Facts []Fact   `json:"facts,omitempty"`
	Keyed bool     `json:"-"` // AWS keeps its name unique
	Empty bool     `json:"-"` // it is for data and has none
	// Object is the resource as its kind has it, for code; facts are for people.
	Object any `json:"-"`
}

// Look tells what AWS holds of the scopes of a request, in the order of the kinds, whatever they
// are to hold. Kinds that have nothing to tell of their resources are left out.
func Look(ctx context.Context, types []*Type, request Request) ([]Held, error) {
	telling := slices.DeleteFunc(slices.Clone(types), func(t *Type) bool { return !t.tells })
	request.looking = true
	for _, s := range request.Scopes {
		s.Unasked = true
	}
	plan, err := Compare(telling, Observe(ctx, telling, request), request)
	if err != nil {
		return nil, err
	}
	return plan.Held(), nil
}

// Held lists what was observed of the request's scopes, in the order of the kinds.
func (p *Plan) Held() []Held {
	var out []Held
	for _, n := range p.nodes {
		if n.have != nil {
			out = append(out, Held{n.Kind, n.Scope, n.Role, n.ID, n.state.String(), told(n.typ.facts(n.have)), n.typ.keyed, n.typ.empty(n.have), n.have})
		}
	}
	return out
}

// told leaves out what AWS has not said yet.
func told(facts []Fact) []Fact {
	return slices.DeleteFunc(facts, func(f Fact) bool { return f.Value == "" })
}

// Elsewhere is the region in which another scope of a client's name has what the plan
// wants to make, by the tags of what has the names; empty when there is none. Names of IAM
// are those of the whole account.
func (p *Plan) Elsewhere() string {
	for _, n := range p.nodes {
		if n.Op != OpForeign || n.scope.Level != ClientLevel {
			continue
		}
		r := p.inv.foreign(n.Kind, n.scope, n.typ.keyOf(n.scope, n.want))
		if r == nil {
			continue
		}
		other := ownerOf(r.Tags)
		if own := n.scope.owner(); other.level == own.level && other.client == own.client && other.region != own.region {
			return other.region
		}
	}
	return ""
}
