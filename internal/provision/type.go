package provision

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Type is a Kind with its two type parameters hidden, so that the engine can
// hold all kinds in one list.
type Type struct {
	Name     string
	Levels   Level
	After    []Dep
	Guard    Guard
	Keyless  bool
	Leader   Role
	Patience time.Duration
	gone     time.Duration // GonePatience
	Lingers  bool
	Immortal bool // no Want: only ever found
	Common   bool
	Quota    *Quota
	keyed    bool // AWS keeps its name unique
	arn      string
	misses   func(rest string) bool

	want     func(*Scope) []wanted // by role
	list     func(context.Context, *Sweep) ([]any, error)
	describe func(context.Context, *Sweep, any) error
	hydrate  func(context.Context, *Sweep, []any) error
	id, key  func(any) string
	keyOf    func(*Scope, any) string
	title    func(*Scope, Role, any) string
	takes    func(*Scope, Role, any, any) []Take
	holds    func(*Inventory, string, any) []Take
	offers   func(*Scope, Role, any, any) []Offer
	tags     func(any) Tags
	labels   func(*Scope, any) Tags
	state    func(any) State
	inUse    func(any) bool
	empty    func(any) bool
	until    func(any) time.Time
	needs    func(any) []string
	serves   func(any) bool
	adopt    func(*Scope, Role, any) (any, bool)
	borrow   func(*Scope, any, any) bool
	leave    func(*Scope, any) string
	remade   func(*Inventory, *Scope, any) Role // nil where AWS makes none again
	again    func(any) bool
	later    func(*Step, any) string
	spent    func(any) bool
	stuck    func(any) string
	create   func(context.Context, *Step, any) (any, error)
	remove   func(context.Context, *Step, any) error
	retag    func(context.Context, *Step, any, Tags) error
	update   func(ctx context.Context, s *Step, want, have any, changed []string) error
	refuses  func(context.Context, *Step, *Sweep, any) (string, error)
	occupied func(context.Context, *Sweep, any) (string, error)
	stalled  func(context.Context, *Step, any) (why string, final bool, err error)
	inTheWay func(context.Context, *Step, any) (string, error)
	facts    func(any) []Fact
	fields   []field
}

// wanted is what is wanted of one role, a D.
type wanted struct {
	role Role
	want any
}

type field struct {
	name, fix string
	batch     bool
	want      func(*Step, any) string
	have      func(any) string
	set       func(context.Context, *Step, any, any) error
	again     func(context.Context, *Step, any) (string, error)
}

// immutable reports whether nothing can change the attribute of a resource that exists.
func (f *field) immutable() bool { return f.set == nil && !f.batch }

// FieldNames lists what can differ, in the order in which it is brought about.
func (t *Type) FieldNames() []string {
	names := make([]string, len(t.fields))
	for i, f := range t.fields {
		names[i] = f.name
	}
	return names
}

// Until is when the data of a resource of the type expires by itself; zero when it
// does not, or when nobody knows.
func (t *Type) Until(object any) time.Time { return t.until(object) }

// Tells reports whether a complete look at the type would have told of the resource
// with an ARN: when it did not, the resource is gone.
func (t *Type) Tells(arn string) bool {
	rest, service := arn, ""
	for n := range 5 { // "arn", partition, service, region, account, the rest
		part, after, more := strings.Cut(rest, ":")
		if !more {
			return false
		}
		if rest = after; n == 2 {
			service = part
		}
	}
	of, ours := strings.CutPrefix(t.arn, service)
	if !ours || !strings.HasPrefix(of, ":") {
		return false
	}
	rest, ours = strings.CutPrefix(rest, of[1:])
	return ours && (t.misses == nil || !t.misses(rest))
}

// Immutables lists the attributes that block a plan when they differ.
func (t *Type) Immutables() []string {
	var names []string
	for _, f := range t.fields {
		if f.immutable() {
			names = append(names, f.name)
		}
	}
	return names
}

// held is a resource that is there, or nil.
func held[A any](have any) *A {
	if have == nil {
		return nil
	}
	a := have.(A)
	return &a
}

// Define hides a kind's type parameters.
func Define[D, A any](k Kind[D, A]) *Type {
	t := &Type{
		Name: k.Name, Levels: k.Levels, After: k.After, Guard: k.Guard, Keyless: k.Keyless,
		Leader: k.Leader, Patience: k.Patience, Lingers: k.Lingers, Immortal: k.Want == nil, Common: k.Common, Quota: k.Quota,
		arn: k.ARN, misses: k.Misses,
		list: func(ctx context.Context, s *Sweep) ([]any, error) {
			all, err := k.List(ctx, s)
			if err != nil {
				return nil, err
			}
			out := make([]any, len(all))
			for i, a := range all {
				out[i] = a
			}
			return out, nil
		},
		id:     func(a any) string { return k.ID(a.(A)) },
		key:    func(any) string { return "" },
		keyOf:  func(*Scope, any) string { return "" },
		tags:   func(a any) Tags { return k.Tags(a.(A)) },
		labels: func(*Scope, any) Tags { return nil },
		state:  func(a any) State { return k.State(a.(A)) },
		inUse:  func(any) bool { return false },
		empty:  func(any) bool { return false },
		until:  func(any) time.Time { return time.Time{} },
		needs:  func(any) []string { return nil },
		serves: func(any) bool { return false },
		adopt:  func(*Scope, Role, any) (any, bool) { return nil, false },
		borrow: func(*Scope, any, any) bool { return false },
		leave:  func(*Scope, any) string { return "" },
		again:  func(any) bool { return false },
		later:  func(*Step, any) string { return "" },
		spent:  func(any) bool { return false },
		stuck:  func(any) string { return "" },
		facts:  func(any) []Fact { return nil },
		want:   func(*Scope) []wanted { return nil },
	}
	t.title = func(s *Scope, _ Role, d any) string { return t.keyOf(s, d) }
	if t.Patience == 0 {
		t.Patience = 5 * time.Minute
	}
	if t.gone = k.GonePatience; t.gone == 0 {
		t.gone = t.Patience
	}
	if k.Want != nil {
		t.want = func(s *Scope) []wanted {
			all := k.Want(s)
			out := make([]wanted, 0, len(all))
			for role, d := range all {
				out = append(out, wanted{role, d})
			}
			slices.SortFunc(out, func(a, b wanted) int { return strings.Compare(a.role, b.role) })
			return out
		}
		t.create = func(ctx context.Context, s *Step, d any) (any, error) { return k.Create(ctx, s, d.(D)) }
	}
	t.remove = func(ctx context.Context, s *Step, a any) error { return k.Delete(ctx, s, a.(A)) }
	if k.Describe != nil {
		t.describe = func(ctx context.Context, s *Sweep, a any) error { return k.Describe(ctx, s, a.(A)) }
	}
	if k.Hydrate != nil {
		t.hydrate = func(ctx context.Context, s *Sweep, objects []any) error {
			as := make([]A, len(objects))
			for i, o := range objects {
				as[i] = o.(A)
			}
			return k.Hydrate(ctx, s, as)
		}
	}
	if t.keyed = k.Key != nil; t.keyed {
		t.key = func(a any) string { return k.Key(a.(A)) }
		t.keyOf = func(s *Scope, d any) string { return k.KeyOf(s, d.(D)) }
	}
	if k.Title != nil {
		t.title = func(s *Scope, role Role, d any) string { return k.Title(s, role, d.(D)) }
	}
	if k.Takes != nil {
		t.takes = func(s *Scope, role Role, d, have any) []Take { return k.Takes(s, role, d.(D), held[A](have)) }
	}
	if k.Holds != nil {
		t.holds = func(inv *Inventory, region string, a any) []Take { return k.Holds(inv, region, a.(A)) }
	}
	if k.Offers != nil {
		t.offers = func(s *Scope, role Role, d, have any) []Offer { return k.Offers(s, role, d.(D), held[A](have)) }
	}
	if k.Labels != nil {
		t.labels = func(s *Scope, d any) Tags { return k.Labels(s, d.(D)) }
	}
	if k.InUse != nil {
		t.inUse = func(a any) bool { return k.InUse(a.(A)) }
	}
	if k.Empty != nil {
		t.empty = func(a any) bool { return k.Empty(a.(A)) }
	}
	if k.Until != nil {
		t.until = func(a any) time.Time { return k.Until(a.(A)) }
	}
	if k.Needs != nil {
		t.needs = func(a any) []string { return k.Needs(a.(A)) }
	}
	if k.Serves != nil {
		t.serves = func(a any) bool { return k.Serves(a.(A)) }
	}
	if k.Adopt != nil {
		t.adopt = func(s *Scope, role Role, a any) (any, bool) { return k.Adopt(s, role, a.(A)) }
	}
	if k.Borrow != nil {
		t.borrow = func(s *Scope, d, a any) bool { return k.Borrow(s, d.(D), a.(A)) }
	}
	if k.Leave != nil {
		t.leave = func(s *Scope, a any) string { return k.Leave(s, a.(A)) }
	}
	if k.Remade != nil {
		t.remade = func(inv *Inventory, s *Scope, a any) Role { return k.Remade(inv, s, a.(A)) }
	}
	if k.Returns != nil {
		t.again = func(a any) bool { return k.Returns(a.(A)) }
	}
	if k.Later != nil {
		t.later = func(s *Step, d any) string { return k.Later(s, d.(D)) }
	}
	if k.Spent != nil {
		t.spent = func(a any) bool { return k.Spent(a.(A)) }
	}
	if k.Stuck != nil {
		t.stuck = func(a any) string { return k.Stuck(a.(A)) }
	}
	if k.Facts != nil {
		t.facts = func(a any) []Fact { return k.Facts(a.(A)) }
	}
	if k.Retag != nil {
		t.retag = func(ctx context.Context, s *Step, a any, tags Tags) error { return k.Retag(ctx, s, a.(A), tags) }
	}
	if k.Update != nil {
		t.update = func(ctx context.Context, s *Step, d, a any, changed []string) error {
			return k.Update(ctx, s, d.(D), a.(A), changed)
		}
	}
	if k.Refuses != nil {
		t.refuses = func(ctx context.Context, s *Step, w *Sweep, a any) (string, error) {
			return k.Refuses(ctx, s, w, a.(A))
		}
	}
	if k.Occupied != nil {
		t.occupied = func(ctx context.Context, w *Sweep, a any) (string, error) { return k.Occupied(ctx, w, a.(A)) }
	}
	if k.Stalled != nil {
		t.stalled = func(ctx context.Context, s *Step, a any) (string, bool, error) { return k.Stalled(ctx, s, a.(A)) }
	}
	if k.InTheWay != nil {
		t.inTheWay = func(ctx context.Context, s *Step, a any) (string, error) { return k.InTheWay(ctx, s, a.(A)) }
	}
	for _, f := range k.Fields {
		e := field{
			name: f.Name, fix: f.Fix, batch: f.Batch,
			want: func(s *Step, d any) string { return f.Want(s, d.(D)) },
			have: func(a any) string { return f.Have(a.(A)) },
		}
		if f.Set != nil {
			e.set = func(ctx context.Context, s *Step, d, a any) error { return f.Set(ctx, s, d.(D), a.(A)) }
		}
		if f.Again != nil {
			e.again = func(ctx context.Context, s *Step, a any) (string, error) { return f.Again(ctx, s, a.(A)) }
		}
		t.fields = append(t.fields, e)
	}
	return t
}
