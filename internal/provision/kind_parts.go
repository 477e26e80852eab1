package provision

import (
	"context"
	"time"
)

// The parts of a Kind. All of their functions may be nil.

// Naming is what resources of a kind are called.
type Naming[D, A any] struct {
	// Key is the natural name that AWS keeps unique, KeyOf the one wanted. A
	// resource with the wanted key but without our tags is foreign.
	Key   func(A) string
	KeyOf func(*Scope, D) string
	// Title tells in a plan what will be made, where the natural name does not or
	// says too little: "10.20.0.0/21 eu-west-3a". KeyOf does it when nil.
	Title func(*Scope, Role, D) string
	// ExtraTags are tags beyond the ownership tags; a "Name" given here replaces the default.
	ExtraTags func(*Scope, D) Tags
	// OwnTags leaves out the tags that a client's spec asks for: AWS has room for few.
	OwnTags bool
}

// Timing is how long changes of a kind take.
type Timing struct {
	// AsyncDelete marks a type whose removal takes time after Delete has returned.
	AsyncDelete bool
	// Usual is how long AWS usually takes until a new resource is ready: waits look at it
	// closely around then. Not a bound: it may take less or longer. Zero when nobody knows,
	// or when it is ready at once.
	Usual time.Duration
	// Timeout bounds the wait for ready and for gone; 5 minutes when zero.
	Timeout time.Duration
	// DeleteTimeout bounds the wait for what is in the way of a removal; Timeout when zero.
	DeleteTimeout time.Duration
}

// Data is what becomes of the data that resources of a kind hold.
type Data[A any] struct {
	// Policy is what destroy may do to it.
	Policy DeletionPolicy
	// Empty says that a guarded resource holds no data, so that destroy may remove it.
	Empty func(A) bool
	// ExpiresAt is when the data of a guarded resource expires by itself; the zero time
	// when it does not, or when nobody knows.
	ExpiresAt func(A) time.Time
	// Needs are the IDs of what the data of a guarded resource cannot be read, or
	// looked after, without, such as its KMS key.
	Needs func(A) []string
	// Auxiliary says that a resource, whatever its policy, holds no data itself: destroy
	// keeps it only as long as something else that is kept Needs it.
	Auxiliary func(A) bool
	// KeepReason is why a resource that is not wanted stays for now: a restore drill is
	// still using it. Empty when nothing keeps it.
	KeepReason func(*Scope, A) string
	// Shared is why a resource of ours stays also when its scope is destroyed: others, of whom
	// cicdctl knows nothing, use it. It is asked after Describe. Empty when nobody does.
	Shared func(A) string
}

// Removal is what may be in the way when a resource is removed.
type Removal[A any] struct {
	// Listed says that a removal needs nothing that Describe and Hydrate read: they are then
	// left out of looks that are only to remove something.
	Listed bool
	// Refused is why AWS would refuse to remove a resource although nothing that the plan
	// removes is in the way: it is asked of all of them before the first is removed. It
	// only reads, and those who ask share the sweep. Empty when nothing is known.
	Refused func(context.Context, *Step, *Sweep, A) (string, error)
	// WaitFor names what is in a resource, or uses it, and will leave by itself: its
	// removal waits for that before AWS is asked for it. Who asks at the same time shares
	// the sweep.
	WaitFor func(context.Context, *Sweep, A) (string, error)
	// Blockers names what keeps a resource from being deleted, once AWS has refused it.
	Blockers func(context.Context, *Step, A) (string, error)
}

// Limits is what resources of a kind take of what AWS has.
type Limits[D, A any] struct {
	// Quota is AWS's limit on how many there may be in a region.
	Quota *Quota
	// Needed is what a resource takes of AWS's limits, where that is not one of Quota; of
	// one that is there (have is not nil), what a change of it takes more. Used is what
	// one of whoever's, that List yields, takes of the same.
	Needed func(s *Scope, role Role, want D, have *A) []Take
	Used   func(inv *Inventory, region string, a A) []Take
	// Offers is what AWS must offer for it, or for a change of it.
	Offers func(s *Scope, role Role, want D, have *A) []Offer
}

// DeletionPolicy is what destroy may do to a kind that holds data.
type DeletionPolicy int

// Delete resources are deleted. Snapshot resources are deleted after a last copy,
// which Delete takes. Retain resources stay, unless they are Empty or the
// operator said --purge-data.
const (
	Delete DeletionPolicy = iota
	Snapshot
	Retain
)
