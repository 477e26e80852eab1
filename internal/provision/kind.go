package provision

import "context"

// Kind is everything cicdctl knows about one AWS resource type. Planning,
// building, repairing, auditing and destroying all read this one value. What is not
// marked otherwise may be nil.
//
// D is what is wanted of a resource, A what AWS says of it.
type Kind[D, A any] struct {
	// Name is "<service>/<type>" in AWS's words: "ec2/subnet".
	Name string
	// ARN is how the ARNs of its resources begin, without what all of an account's in
	// a region share: "ec2:subnet/". Empty where AWS tells of no tags by ARN.
	ARN string
	// Unlisted says of the rest of such an ARN that List would leave the resource out
	// even if it was there, for its name. Nil when List leaves none out.
	Unlisted func(rest string) bool
	// Shortcut is the resource type by which Cloud Control, where a look may take shortcuts,
	// tells of a resource instead of its service. Empty for most.
	Shortcut string
	// Levels are the scopes in which the kind occurs.
	Levels Level
	// DependsOn lists the kinds that are settled before this one, in the same scope
	// and in those above. Destroy walks it backwards. ID and Lookup answer only
	// for kinds named here.
	DependsOn []Dep
	// Uses says which resources of the kinds in DependsOn what is wanted refers to, by kind and
	// role, where it is few of them: an alarm waits for what it watches. Nil when it may be all
	// of them. ID and Lookup answer only for those.
	Uses func(want D, kind string, role Role) bool
	// NotIdempotent marks a type of which AWS makes a second one when asked twice: no
	// name, no CIDR, no client token stands in the way. Such resources are
	// looked for again under the scope's lease before they are created.
	NotIdempotent bool
	// Leader is the role that is created before its fellows of the same scope: who
	// has it has the right to the others (the first subnet of a slot). May be empty.
	Leader Role

	// Bears is the role of the resource that tells, by its tags, which cicdctl last applied its
	// scope, by the scope's level. One kind has it for each level; it has Retag.
	Bears map[Level]Role

	// What it is called, how long it takes, what becomes of its data, what is lost by its
	// removal (required) and what is in the way of that, what it takes of AWS's limits, and what
	// AWS bills for it (required).
	Naming  Naming[D, A]
	Timing  Timing
	Data    Data[A]
	Impact  Impact[A]
	Removal Removal[A]
	Limits  Limits[D, A]
	Billing Billing[D, A]

	// Want is pure: what the scope should hold, by role. Nil for a kind that is
	// only ever found (a recovery point).
	Want func(*Scope) map[Role]D
	// Found says that what nothing wants is as it should be: no spec asks for any of it,
	// only a run for its own sake (a snapshot that is copied to be restored).
	Found bool
	// List is one paginated sweep of the sweep's region: resources of all owners,
	// tags included. Required.
	List func(context.Context, *Sweep) ([]A, error)
	// Describe reads what List leaves out of one resource; it is called for those in
	// question only, several at once. When it says not found, the resource is gone since
	// it was listed: what a resource may lack is not to be told like that.
	Describe func(context.Context, *Sweep, A) error
	// Hydrate is Describe where AWS tells of many resources at once; it comes first.
	Hydrate func(context.Context, *Sweep, []A) error

	// Required.
	ID   func(A) string
	Tags func(A) Tags
	// State is nil for what can be used as soon as it exists.
	State func(A) State

	// InUse says that others depend on the resource already: of two with the same
	// role it is the one to keep.
	InUse func(A) bool
	// Adopt is what is wanted of a resource of ours whose role Want does not name: a
	// database that was restored stays, and is looked after, until somebody removes
	// it. False leaves it unwanted.
	Adopt func(*Scope, Role, A) (D, bool)
	// UseForeign says that a foreign resource with the wanted name serves as it is, where
	// AWS has room for one only: then nothing is wanted, and nothing of it is changed.
	// Describe has not seen it.
	UseForeign func(*Scope, D, A) bool
	// Conflict is why a resource of others, that List yields, must not be there beside what is
	// wanted, although neither has the other's name: it names both and says what to do. The
	// plan is refused then. Describe has not seen it. Empty when both may be there.
	Conflict func(s *Step, want D, other A) string
	// LostTags says that a resource without cicdctl's tags, that List yields, is the wanted one
	// all the same, by what it is part of: making another would double it. The plan is refused
	// then, and tells how to take it back. Not needed where AWS keeps the Key unique. Describe
	// has not seen it.
	LostTags func(s *Step, want D, other A) bool
	// CreateOnly marks what an account has at most one of, whoever made it, and what carries
	// no tags when it is made, such as the roles of AWS's own services: one that is
	// there is used, our own as well. It is never changed and never removed.
	CreateOnly bool

	// Recreated is the role of a resource that AWS itself has made again, without tags, for
	// what was or is the scope's own, so that it is the scope's as well: the name is one
	// that only AWS gives, and there is proof in inv that the scope came first. Empty for
	// any other.
	Recreated func(inv *Inventory, s *Scope, a A) Role
	// MayReappear says that AWS may make a resource again after it was removed.
	MayReappear func(A) bool

	// Deferred is why a wanted resource cannot be made yet although all that it rests on
	// is in order: a port for HTTPS waits for a certificate, and that for somebody else's
	// DNS. It is left for a later run, and that is no difference. Empty when it can be made.
	Deferred func(*Step, D) string
	// Zone is the name of the availability zone that a resource is made in; nil where AWS asks
	// for none. Where AWS calls the zone impaired, what is not there yet is blocked.
	Zone func(*Step, D) string
	// Unusable is why a resource that is there is of no use for now although nothing can be
	// changed about it here: AWS has refused a certificate. It is told and left as it is,
	// and that is no difference. Empty when it is of use.
	Unusable func(A) string
	// Defunct says that a resource has come to nothing and holds nothing: another takes
	// its place, and it is removed.
	Defunct func(A) bool

	// Within is the resource of another kind, by kind and role, that a resource is a part of and
	// cannot be changed without: of what is wanted (have is nil), or of what is there (want
	// is). Nil where there is none.
	Within func(want *D, have *A) (kind string, role Role)
	// Turn orders the updates of resources that stand in for each other, those that are parts
	// of the same (see Within): they are updated one by one, the lowest turn first, and each
	// only once those before it are ready again. Nil where the order does not matter.
	Turn func(*Step, A) int
	// Noted is what there is to tell of a resource that is in order: somebody has stopped it, or
	// a change waits for its time. It is left as it is, and that is no difference. Empty when
	// there is nothing.
	Noted func(A) string

	// Repair is what is wrong with a resource that AWS calls failed, and what a person can do
	// about it that does no harm. When nil, that it failed.
	Repair func(A) string

	// Create is exactly one API call, tagged at birth. What it returns must show
	// the resource as AWS would describe it right after, defaults included.
	Create func(context.Context, *Step, D) (A, error)
	// Delete starts the removal; it may take several idempotent calls. It must
	// not wait: the engine polls until the resource is gone. Not found is as good as done.
	Delete func(context.Context, *Step, A) error
	// Retag writes tags that differ; nil where AWS does not let tags be changed.
	Retag func(context.Context, *Step, A, Tags) error
	// Untag takes tags away, with one call. Every kind of clients has it that has Retag:
	// a client's spec may ask for tags no longer.
	Untag func(ctx context.Context, s *Step, a A, keys []string) error
	// Update brings all Batch fields that differ, named in changed, to what is
	// wanted with as few calls as AWS allows. Nil when no field is a Batch field.
	Update func(ctx context.Context, s *Step, want D, have A, changed []string) error
	// Stalled is why AWS does not get on with a resource that is still pending, asked now
	// and then while it is waited for; final says that it never will. Empty when nothing
	// is known.
	Stalled func(context.Context, *Step, A) (why string, final bool, err error)

	// Facts is what an operator wants to know of a resource that exists.
	Facts func(A) []Fact
	// FactsListed says that Facts need nothing that Describe and Hydrate read.
	FactsListed bool
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
	// Reread reads the attribute once more by itself, with one call, where AWS is known to
	// tell old and new by turns after it was set: a run that has set it is done only when
	// it was read as wanted several times in a row. May be nil.
	Reread func(context.Context, *Step, A) (string, error)
	// Batch fields are set together, by the kind's Update.
	Batch bool
	// Idle is what the attribute has to be before AWS changes anything else of the resource, or
	// of its parts (see Within), where it is not that by somebody's wish: a stopped database is
	// started when something of it is to be changed, and else stays stopped. Empty when the
	// attribute is compared like any other.
	Idle func(A) string
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
	// ForFields is true for what Create does without and only the Fields need. A kind
	// may name itself so: all of its resources then exist before any Field is set
	// (security groups name each other).
	ForFields bool
}

// Ready makes the dependencies that must be ready.
func Ready(kinds ...string) []Dep { return deps(Dep{}, kinds) }

// Existing makes the dependencies that only need to exist: their long waits
// overlap with those of the dependents.
func Existing(kinds ...string) []Dep { return deps(Dep{Exists: true}, kinds) }

// ForFields makes dependencies that only the Fields have: the resource is created
// without them, and what waits for it to exist does not wait for them.
func ForFields(of []Dep) []Dep {
	for i := range of {
		of[i].ForFields = true
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
