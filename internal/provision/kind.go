package provision

import (
	"context"
	"time"
)

// Kind is everything cicdctl knows about one AWS resource type. Planning,
// building, repairing, auditing and destroying all read this one value.
//
// D is what is wanted of a resource, A what AWS says of it.
type Kind[D, A any] struct {
	// Name is "<service>/<type>" in AWS's words: "ec2/subnet".
	Name string
	// ARN is how the ARNs of its resources begin, without what all of an account's in
	// a region share: "ec2:subnet/". Empty where AWS tells of no tags by ARN.
	ARN string
	// Misses says of the rest of such an ARN that List would leave the resource out
	// even if it was there, for its name. Nil when List leaves none out.
	Misses func(rest string) bool
	// Levels are the scopes in which the kind occurs.
	Levels Level
	// After lists the kinds that are settled before this one, in the same scope
	// and in those above. Destroy walks it backwards. ID and Lookup answer only
	// for kinds named here.
	After []Dep
	// Guard is what destroy may do to data.
	Guard Guard
	// Keyless marks a type of which AWS makes a second one when asked twice: no
	// name, no CIDR, no client token stands in the way. Such resources are
	// looked for again under the scope's lease before they are created.
	Keyless bool
	// Leader is the role that is created before its fellows of the same scope: who
	// has it has the right to the others (the first subnet of a slot). May be empty.
	Leader Role
	// Lingers marks a type whose removal takes time after Delete has returned.
	Lingers bool
	// Patience bounds the wait for ready and for gone; 5 minutes when zero.
	Patience time.Duration
	// GonePatience bounds the wait for what is in the way of a removal; Patience when zero.
	GonePatience time.Duration

	// Want is pure: what the scope should hold, by role. Nil for a kind that is
	// only ever found (a final snapshot).
	Want func(*Scope) map[Role]D
	// List is one paginated sweep of the sweep's region: resources of all owners,
	// tags included.
	List func(context.Context, *Sweep) ([]A, error)
	// Describe reads what List leaves out of one resource; it is called for those in
	// question only, several at once. When it says not found, the resource is gone since
	// it was listed: what a resource may lack is not to be told like that. May be nil.
	Describe func(context.Context, *Sweep, A) error
	// Hydrate is Describe where AWS tells of many resources at once; it comes first. May be nil.
	Hydrate func(context.Context, *Sweep, []A) error

	ID    func(A) string
	Tags  func(A) Tags
	State func(A) State
	// Key is the natural name that AWS keeps unique, KeyOf the one wanted. A
	// resource with the wanted key but without our tags is foreign. May be nil.
	Key   func(A) string
	KeyOf func(*Scope, D) string
	// Title tells in a plan what will be made, where the natural name does not or
	// says too little: "10.20.0.0/21 eu-west-3a". KeyOf does it when nil.
	Title func(*Scope, Role, D) string
	// Labels are tags beyond the ownership tags; a "Name" given here replaces the default. May be nil.
	Labels func(*Scope, D) Tags
	// InUse says that others depend on the resource already: of two with the same
	// role it is the one to keep. May be nil.
	InUse func(A) bool
	// Empty says that a guarded resource holds no data, so that destroy may remove it. May be nil.
	Empty func(A) bool
	// Until is when the data of a guarded resource expires by itself; the zero time
	// when it does not, or when nobody knows. May be nil.
	Until func(A) time.Time
	// Needs are the IDs of what the data of a guarded resource cannot be read, or
	// looked after, without, such as its KMS key. May be nil.
	Needs func(A) []string
	// Serves says that a resource, whatever its guard, holds no data itself: destroy
	// keeps it only as long as something else that is kept Needs it. May be nil.
	Serves func(A) bool
	// Adopt is what is wanted of a resource of ours whose role Want does not name: a
	// database that was restored stays, and is looked after, until somebody removes
	// it. False leaves it unwanted. May be nil.
	Adopt func(*Scope, Role, A) (D, bool)
	// Borrow says that a foreign resource with the wanted name serves as it is, where
	// AWS has room for one only: then nothing is wanted, and nothing of it is changed.
	// Hydrate has not seen it. May be nil.
	Borrow func(*Scope, D, A) bool
	// Common marks what an account has at most one of, whoever made it, and what carries
	// no tags when it is made, such as the roles of AWS's own services: one that is
	// there is borrowed, our own as well. It is never changed and never removed.
	Common bool
	// Leave is why a resource that is not wanted stays for now: a restore drill is
	// still using it. Empty when nothing keeps it. May be nil.
	Leave func(*Scope, A) string

	// Remade is the role of a resource that AWS itself has made again, without tags, for
	// what was or is the scope's own, so that it is the scope's as well: the name is one
	// that only AWS gives, and there is proof in inv that the scope came first. Empty for
	// any other. May be nil.
	Remade func(inv *Inventory, s *Scope, a A) Role
	// Returns says that AWS may make a resource again after it was removed. May be nil.
	Returns func(A) bool

	// Later is why a wanted resource cannot be made yet although all that it rests on
	// is in order: a port for HTTPS waits for a certificate, and that for somebody else's
	// DNS. It is left for a later run, and that is no difference. Empty when it can be made. May be nil.
	Later func(*Step, D) string
	// Stuck is why a resource that is there is of no use for now although nothing can be
	// changed about it here: AWS has refused a certificate. It is told and left as it is,
	// and that is no difference. Empty when it is of use. May be nil.
	Stuck func(A) string
	// Spent says that a resource has come to nothing and holds nothing: another takes
	// its place, and it is removed. May be nil.
	Spent func(A) bool

	// Create is exactly one API call, tagged at birth. What it returns must show
	// the resource as AWS would describe it right after, defaults included.
	Create func(context.Context, *Step, D) (A, error)
	// Delete starts the removal; it may take several idempotent calls. It must
	// not wait: the engine polls until the resource is gone.
	Delete func(context.Context, *Step, A) error
	// Retag writes tags that differ; nil where AWS does not let tags be changed.
	Retag func(context.Context, *Step, A, Tags) error
	// Update brings all Batch fields that differ, named in changed, to what is
	// wanted with as few calls as AWS allows. Nil when no field is a Batch field.
	Update func(ctx context.Context, s *Step, want D, have A, changed []string) error
	// Refuses is why AWS would refuse to remove a resource although nothing that the plan
	// removes is in the way: it is asked of all of them before the first is removed. It
	// only reads, and those who ask share the sweep. Empty when nothing is known. May be nil.
	Refuses func(context.Context, *Step, *Sweep, A) (string, error)
	// Occupied names what is in a resource, or uses it, and will leave by itself: its
	// removal waits for that before AWS is asked for it. Who asks at the same time shares
	// the sweep. May be nil.
	Occupied func(context.Context, *Sweep, A) (string, error)
	// Stalled is why AWS does not get on with a resource that is still pending, asked now
	// and then while it is waited for; final says that it never will. Empty when nothing
	// is known. May be nil.
	Stalled func(context.Context, *Step, A) (why string, final bool, err error)
	// InTheWay names what keeps a resource from being deleted. May be nil.
	InTheWay func(context.Context, *Step, A) (string, error)

	// Facts is what an operator wants to know of a resource that exists. May be nil.
	Facts func(A) []Fact
	// Quota is AWS's limit on how many there may be in a region. May be nil.
	Quota *Quota
	// Takes is what a resource takes of AWS's limits, where that is not one of Quota; of
	// one that is there (have is not nil), what a change of it takes more. Holds is what
	// one of whoever's, that List yields, takes of the same. May be nil.
	Takes func(s *Scope, role Role, want D, have *A) []Take
	Holds func(inv *Inventory, region string, a A) []Take
	// Offers is what AWS must offer for it, or for a change of it. May be nil.
	Offers func(s *Scope, role Role, want D, have *A) []Offer

	// Fields is everything that can differ.
	Fields []Field[D, A]
}

// Fact is one thing worth knowing about a resource: an address, an endpoint.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Quota names a limit of Service Quotas.
type Quota struct {
	Service string // "vpc"
	Code    string // "L-F678F1CE"
	Name    string // "VPCs per region"
	// VCPUs is set for a limit of the vCPUs of running instances, which no kind lists.
	VCPUs bool
}

// Field is one attribute: how it is wanted, read and changed.
type Field[D, A any] struct {
	Name string
	// Want is the canonical text of what is wanted, or Keep. Lists are one item a
	// line, sorted, so that a plan can show which line differs.
	Want func(*Step, D) string
	// Have is the same text of what is there, or Keep where AWS did not say.
	Have func(A) string
	// Set brings the attribute to what is wanted. Without Set and Batch it is
	// immutable, and a difference blocks the plan with Fix.
	Set func(context.Context, *Step, D, A) error
	// Again reads the attribute once more by itself, with one call, where AWS is known to
	// tell old and new by turns after it was set: a run that has set it is done only when
	// it was read as wanted several times in a row. May be nil.
	Again func(context.Context, *Step, A) (string, error)
	// Batch fields are set together, by the kind's Update.
	Batch bool
	// Fix is what a person can do about an immutable difference.
	Fix string
}

// Keep is a Field's answer for "no opinion": nothing is compared or changed.
const Keep = "\x00keep"

// Role is what a resource is for; unique within its kind and scope.
type Role = string

// Tags are a resource's tags.
type Tags map[string]string

// Dep names a kind that must be settled first.
type Dep struct {
	Kind string
	// Exists is enough when true; otherwise the dependent waits until the kind's
	// resources are ready.
	Exists bool
	// Later is true for what Create does without and only the Fields need. A kind
	// may name itself so: all of its resources then exist before any Field is set
	// (security groups name each other).
	Later bool
}

// Ready makes the dependencies that must be ready.
func Ready(kinds ...string) []Dep { return deps(Dep{}, kinds) }

// Existing makes the dependencies that only need to exist: their long waits
// overlap with those of the dependents.
func Existing(kinds ...string) []Dep { return deps(Dep{Exists: true}, kinds) }

// Later makes dependencies that only the Fields have: the resource is created
// without them, and what waits for it to exist does not wait for them.
func Later(of []Dep) []Dep {
	for i := range of {
		of[i].Later = true
	}
	return of
}

func deps(like Dep, kinds []string) []Dep {
	out := make([]Dep, len(kinds))
	for i, k := range kinds {
		like.Kind = k
		out[i] = like
	}
	return out
}

// Guard is what destroy may do to a kind that holds data.
type Guard int

// Free resources are deleted. Snapshot resources are deleted after a last copy,
// which Delete takes. Retain resources stay, unless they are Empty or the
// operator said --purge-data.
const (
	Free Guard = iota
	Snapshot
	Retain
)

// State is where a resource is in its life.
type State int

// Ready can be used; Pending becomes ready by itself; Deleting becomes gone by
// itself; Gone is listed by AWS but no longer there; Failed needs a person.
const (
	Available State = iota
	Pending
	Deleting
	Gone
	Failed
)

func (s State) String() string {
	return [...]string{"ready", "pending", "deleting", "gone", "failed"}[s]
}

// AlwaysAvailable is the State of kinds that are usable as soon as they exist.
func AlwaysAvailable[A any](A) State { return Available }
