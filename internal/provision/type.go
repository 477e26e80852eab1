package provision

import (
	"context"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/price"
)

// Type is a Kind with its two type parameters hidden, so that the engine can
// hold all kinds in one list.
type Type struct {
	Name           string
	Levels         Level
	DependsOn      []Dep
	DeletionPolicy DeletionPolicy
	NotIdempotent  bool
	Leader         Role
	bears          map[Level]Role
	Timeout        time.Duration
	deleteTimeout  time.Duration
	usual          time.Duration // until a new one is ready; zero when nobody knows
	AsyncDelete    bool
	Immortal       bool // only ever found: no Want, or none of a spec's
	CreateOnly     bool
	Quota          *Quota
	keyed          bool // AWS keeps its name unique
	arn            string
	unlisted       func(rest string) bool
	shortcut       string
	listed         bool
	factsListed    bool
	stateless      bool
	impactWord     func(Role) string // nil when it is the kind and the role

	want        func(*Scope) []wanted // by role
	uses        func(want any, kind string, role Role) bool
	list        func(context.Context, *Sweep) ([]any, error)
	describe    func(context.Context, *Sweep, any) error
	hydrate     func(context.Context, *Sweep, []any) error
	id, key     func(any) string
	keyOf       func(*Scope, any) string
	title       func(*Scope, Role, any) string
	needed      func(*Scope, Role, any, any) []Take
	used        func(*Inventory, string, any) []Take
	offers      func(*Scope, Role, any, any) []Offer
	tags        func(any) Tags
	extraTags   func(*Scope, any) Tags
	state       func(any) State
	inUse       func(any) bool
	empty       func(any) bool
	expiresAt   func(any) time.Time
	needs       func(any) []string
	auxiliary   func(any) bool
	adopt       func(*Scope, Role, any) (any, bool)
	useForeign  func(*Scope, any, any) bool
	conflict    func(*Step, any, any) string // nil where others are never in the way
	lostTags    func(*Step, any, any) bool   // nil where nothing can be told
	keepReason  func(*Scope, any) string
	shared      func(any) string
	recreated   func(*Inventory, *Scope, any) Role // nil where AWS makes none again
	mayReappear func(any) bool
	deferred    func(*Step, any) string
	zone        func(*Step, any) string // nil where AWS asks for none
	defunct     func(any) bool
	unusable    func(any) string
	repair      func(any) string
	within      func(want, have any) (string, Role)
	turn        func(*Step, any) int // nil where the order of updates does not matter
	noted       func(any) string
	create      func(context.Context, *Step, any) (any, error)
	remove      func(context.Context, *Step, any) error
	retag       func(context.Context, *Step, any, Tags) error
	untag       func(context.Context, *Step, any, []string) error
	ownTags     bool
	update      func(ctx context.Context, s *Step, want, have any, changed []string) error
	losses      func(context.Context, *Step, *Sweep, any) ([]Loss, error) // nil when nothing is ever lost
	refused     func(context.Context, *Step, *Sweep, any) (string, error)
	waitFor     func(context.Context, *Sweep, any) (string, error)
	stalled     func(context.Context, *Step, any) (why string, final bool, err error)
	blockers    func(context.Context, *Step, any) (string, error)
	facts       func(any) []Fact
	tells       bool // it has facts
	fields      []field
	bills       func(b *Bill, want, have any) []price.Item // nil when AWS bills nothing
	billedWith  []string
	free        string
}

// wanted is what is wanted of one role, a D.
type wanted struct {
	role Role
	want any
}

type field struct {
	name, fix string
	batch     bool
	idle      func(any) string // nil where it never is
	want      func(*Step, any) string
	have      func(any) string
	set       func(context.Context, *Step, any, any) error
	reread    func(context.Context, *Step, any) (string, error)
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
func (t *Type) Until(object any) time.Time { return t.expiresAt(object) }

// Tells reports whether a complete look at the type would have told of the resource
// with an ARN: when it did not, the resource is gone.
func (t *Type) Tells(arn string) bool { return Told([]*Type{t}, arn) }

// Told reports whether a complete look at one of some types would have told of the resource
// with an ARN.
func Told(types []*Type, arn string) bool {
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
	return slices.ContainsFunc(types, func(t *Type) bool {
		of, ours := strings.CutPrefix(t.arn, service)
		if !ours || !strings.HasPrefix(of, ":") {
			return false
		}
		rest, ours := strings.CutPrefix(rest, of[1:])
		return ours && (t.unlisted == nil || !t.unlisted(rest))
	})
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

// held is a resource that is there or wanted, or nil.
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
		Name: k.Name, Levels: k.Levels, DependsOn: k.DependsOn, DeletionPolicy: k.Data.Policy, NotIdempotent: k.NotIdempotent,
		Leader: k.Leader, bears: k.Bears, Timeout: k.Timing.Timeout, AsyncDelete: k.Timing.AsyncDelete, Immortal: k.Want == nil || k.Found, CreateOnly: k.CreateOnly, Quota: k.Limits.Quota,
		arn: k.ARN, shortcut: k.Shortcut, listed: k.Removal.Listed, factsListed: k.FactsListed, unlisted: k.Unlisted, stateless: k.Impact.Stateless, impactWord: k.Impact.Word,
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
		id:          func(a any) string { return k.ID(a.(A)) },
		key:         func(any) string { return "" },
		keyOf:       func(*Scope, any) string { return "" },
		tags:        func(a any) Tags { return k.Tags(a.(A)) },
		extraTags:   func(*Scope, any) Tags { return nil },
		state:       func(any) State { return Available },
		inUse:       func(any) bool { return false },
		empty:       func(any) bool { return false },
		expiresAt:   func(any) time.Time { return time.Time{} },
		needs:       func(any) []string { return nil },
		auxiliary:   func(any) bool { return false },
		adopt:       func(*Scope, Role, any) (any, bool) { return nil, false },
		useForeign:  func(*Scope, any, any) bool { return false },
		keepReason:  func(*Scope, any) string { return "" },
		shared:      func(any) string { return "" },
		mayReappear: func(any) bool { return false },
		deferred:    func(*Step, any) string { return "" },
		defunct:     func(any) bool { return false },
		unusable:    func(any) string { return "" },
		repair:      func(a any) string { return failedWhy(k.ID(a.(A))) },
		within:      func(any, any) (string, Role) { return "", "" },
		noted:       func(any) string { return "" },
		facts:       func(any) []Fact { return nil },
		want:        func(*Scope) []wanted { return nil },
		uses:        func(any, string, Role) bool { return true },
	}
	t.title = func(s *Scope, _ Role, d any) string { return t.keyOf(s, d) }
	if t.Timeout == 0 {
		t.Timeout = 5 * time.Minute
	}
	t.usual = k.Timing.Usual
	if t.deleteTimeout = k.Timing.DeleteTimeout; t.deleteTimeout == 0 {
		t.deleteTimeout = t.Timeout
	}
	if k.Uses != nil {
		t.uses = func(want any, kind string, role Role) bool { return want == nil || k.Uses(want.(D), kind, role) }
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
	if t.keyed = k.Naming.Key != nil; t.keyed {
		t.key = func(a any) string { return k.Naming.Key(a.(A)) }
		t.keyOf = func(s *Scope, d any) string { return k.Naming.KeyOf(s, d.(D)) }
	}
	if k.Naming.Title != nil {
		t.title = func(s *Scope, role Role, d any) string { return k.Naming.Title(s, role, d.(D)) }
	}
	if k.Limits.Needed != nil {
		t.needed = func(s *Scope, role Role, d, have any) []Take { return k.Limits.Needed(s, role, d.(D), held[A](have)) }
	}
	if k.Limits.Used != nil {
		t.used = func(inv *Inventory, region string, a any) []Take { return k.Limits.Used(inv, region, a.(A)) }
	}
	if k.Limits.Offers != nil {
		t.offers = func(s *Scope, role Role, d, have any) []Offer { return k.Limits.Offers(s, role, d.(D), held[A](have)) }
	}
	if k.Naming.ExtraTags != nil {
		t.extraTags = func(s *Scope, d any) Tags { return k.Naming.ExtraTags(s, d.(D)) }
	}
	if k.State != nil {
		t.state = func(a any) State { return k.State(a.(A)) }
	}
	if k.InUse != nil {
		t.inUse = func(a any) bool { return k.InUse(a.(A)) }
	}
	if k.Data.Empty != nil {
		t.empty = func(a any) bool { return k.Data.Empty(a.(A)) }
	}
	if k.Data.ExpiresAt != nil {
		t.expiresAt = func(a any) time.Time { return k.Data.ExpiresAt(a.(A)) }
	}
	if k.Data.Needs != nil {
		t.needs = func(a any) []string { return k.Data.Needs(a.(A)) }
	}
	if k.Data.Auxiliary != nil {
		t.auxiliary = func(a any) bool { return k.Data.Auxiliary(a.(A)) }
	}
	if k.Adopt != nil {
		t.adopt = func(s *Scope, role Role, a any) (any, bool) { return k.Adopt(s, role, a.(A)) }
	}
	if k.UseForeign != nil {
		t.useForeign = func(s *Scope, d, a any) bool { return k.UseForeign(s, d.(D), a.(A)) }
	}
	if k.Conflict != nil {
		t.conflict = func(s *Step, d, a any) string { return k.Conflict(s, d.(D), a.(A)) }
	}
	if k.Data.Shared != nil {
		t.shared = func(a any) string { return k.Data.Shared(a.(A)) }
	}
	if k.Data.KeepReason != nil {
		t.keepReason = func(s *Scope, a any) string { return k.Data.KeepReason(s, a.(A)) }
	}
	if k.Recreated != nil {
		t.recreated = func(inv *Inventory, s *Scope, a any) Role { return k.Recreated(inv, s, a.(A)) }
	}
	if k.LostTags != nil {
		t.lostTags = func(s *Step, d, a any) bool { return k.LostTags(s, d.(D), a.(A)) }
	}
	if k.MayReappear != nil {
		t.mayReappear = func(a any) bool { return k.MayReappear(a.(A)) }
	}
	if k.Deferred != nil {
		t.deferred = func(s *Step, d any) string { return k.Deferred(s, d.(D)) }
	}
	if k.Zone != nil {
		t.zone = func(s *Step, d any) string { return k.Zone(s, d.(D)) }
	}
	if k.Defunct != nil {
		t.defunct = func(a any) bool { return k.Defunct(a.(A)) }
	}
	if k.Unusable != nil {
		t.unusable = func(a any) string { return k.Unusable(a.(A)) }
	}
	if k.Repair != nil {
		t.repair = func(a any) string { return k.Repair(a.(A)) }
	}
	if k.Within != nil {
		t.within = func(want, have any) (string, Role) { return k.Within(held[D](want), held[A](have)) }
	}
	if k.Turn != nil {
		t.turn = func(s *Step, a any) int { return k.Turn(s, a.(A)) }
	}
	if k.Noted != nil {
		t.noted = func(a any) string { return k.Noted(a.(A)) }
	}
	if k.Facts != nil {
		t.tells, t.facts = true, func(a any) []Fact { return k.Facts(a.(A)) }
	}
	if k.Retag != nil {
		t.retag = func(ctx context.Context, s *Step, a any, tags Tags) error { return k.Retag(ctx, s, a.(A), tags) }
	}
	if t.ownTags = k.Naming.OwnTags; k.Untag != nil {
		t.untag = func(ctx context.Context, s *Step, a any, keys []string) error { return k.Untag(ctx, s, a.(A), keys) }
	}
	if k.Update != nil {
		t.update = func(ctx context.Context, s *Step, d, a any, changed []string) error {
			return k.Update(ctx, s, d.(D), a.(A), changed)
		}
	}
	if k.Impact.Losses != nil {
		t.losses = func(ctx context.Context, s *Step, w *Sweep, a any) ([]Loss, error) {
			return k.Impact.Losses(ctx, s, w, a.(A))
		}
	}
	if k.Removal.Refused != nil {
		t.refused = func(ctx context.Context, s *Step, w *Sweep, a any) (string, error) {
			return k.Removal.Refused(ctx, s, w, a.(A))
		}
	}
	if k.Removal.WaitFor != nil {
		t.waitFor = func(ctx context.Context, w *Sweep, a any) (string, error) { return k.Removal.WaitFor(ctx, w, a.(A)) }
	}
	if k.Stalled != nil {
		t.stalled = func(ctx context.Context, s *Step, a any) (string, bool, error) { return k.Stalled(ctx, s, a.(A)) }
	}
	if k.Removal.Blockers != nil {
		t.blockers = func(ctx context.Context, s *Step, a any) (string, error) { return k.Removal.Blockers(ctx, s, a.(A)) }
	}
	if t.billedWith, t.free = k.Billing.With, k.Billing.Free; k.Billing.Items != nil {
		t.bills = func(b *Bill, want, have any) []price.Item { return k.Billing.Items(b, held[D](want), held[A](have)) }
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
		if f.Idle != nil {
			e.idle = func(a any) string { return f.Idle(a.(A)) }
		}
		if f.Reread != nil {
			e.reread = func(ctx context.Context, s *Step, a any) (string, error) { return f.Reread(ctx, s, a.(A)) }
		}
		t.fields = append(t.fields, e)
	}
	return t
}
