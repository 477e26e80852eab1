// Package provision is the engine: it observes what AWS holds, compares it with
// what is wanted, and plans, applies, audits or removes the difference. It knows
// no AWS service; those are values of type Kind in the package kinds.
package provision

import (
	"crypto/rsa"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Level is one of the three nested scopes; as a set, several of them.
type Level int

// The levels, outermost first. Each ensures those above it and never removes them.
const (
	AccountLevel Level = 1 << iota
	RegionLevel
	ClientLevel
)

func (l Level) String() string {
	switch l {
	case AccountLevel:
		return "account"
	case RegionLevel:
		return "region"
	default:
		return "client"
	}
}

// Scope is what one declaration is about: the account's shared things, a
// region's, or one client's. Kinds derive everything they want from it.
type Scope struct {
	Level     Level
	Partition string // "aws"
	Account   string // 12 digits
	Region    string // home region for the account scope
	Client    string // upper case; empty above the client scope
	Outer     *Scope // nil for the account scope
	// Unasked is set where nobody knows what the scope should hold, as for a client
	// without a spec: it is only looked at.
	Unasked bool
	API     *awsapi.Set
	// Version is the release of cicdctl that runs; empty for a development build.
	Version string

	Trusted rules.Trusted // with the admin bucket and the private keys in it
	// OrganizationTrail is the ARN of a trail of the account's organisation; empty
	// without one, and then the account gets its own.
	OrganizationTrail string
	// AccessLogDays is how long access logs of load balancers and buckets are kept; 0 when
	// none are to be written.
	AccessLogDays int32
	// NoTrailAlarms keeps the account's trail out of CloudWatch Logs.
	NoTrailAlarms bool
	// AlarmEmails hear of what concerns all clients of a region; nil when nobody says who.
	AlarmEmails []string
	// GitLab is the URL of the instance whose pipelines deploy.
	GitLab string
	Addr   cidr.Plan
	Zones  []Zone     // the three AZs in use, in slot order
	NAT    spec.NAT   // NAT gateways that the region needs
	VPN    bool       // the region needs a VPN gateway
	Spec   *spec.Spec // nil when a client is destroyed without its file
	Slot   cidr.Slot

	// InWindow leaves what interrupts a database to its maintenance window.
	InWindow bool
	// Restore asks for a copy of the client's database beside it; nil for none.
	Restore *Restore

	// NewKey makes an RSA private key of so many bits; the sandbox and tests swap in quick ones.
	NewKey func(bits int) (*rsa.PrivateKey, error)
}

// Restore is a copy of the client's database as it was at some time.
type Restore struct {
	Name      string    // of the new cluster: "acme-20261124t101500"
	At        time.Time // UTC; zero for the latest moment that can be restored
	Instances int
	// From is what the copy is made of; the zero value is the continuous backup of the
	// client's database.
	From RestoreFrom
	// Own makes the client's own database, which is not there, instead of a copy beside it.
	Own bool
	// Drill is a copy that nobody is to use: it is removed once it has been measured,
	// and by whatever run comes after Expires if that did not happen.
	Drill   bool
	Expires time.Time
}

// RestoreFrom is a backup that is there without the client's database.
type RestoreFrom struct {
	ID       string // as tags and commands name it, with its region if that is another: "eu-west-1/acme-final-20261124101500"
	Snapshot string // ARN of a snapshot of whatever type
	Region   string // of the snapshot
	Resource string // the resource id of a cluster that is gone, whose automated backups were retained
}

// Zone is one availability zone: the name is the account's own, the id names the
// same place in every account.
type Zone struct {
	Name, ID string
	// State is what AWS calls the zone where nothing new is to be made in it, such as
	// "impaired"; empty in all others.
	State string `json:",omitempty"`
}

// Home returns the clients for the region of the account's own things, such as
// the bucket of private keys.
func (s *Scope) Home() *awsapi.Set {
	for s.Outer != nil {
		s = s.Outer
	}
	return s.API
}

// Letter is what roles call the zone: "a", "b", "c" in slot order.
func (s *Scope) Letter(zone int) string { return string(rune('a' + zone)) }

// Letters are those of all zones, in slot order.
func (s *Scope) Letters() []string {
	out := make([]string, len(s.Zones))
	for i := range out {
		out[i] = s.Letter(i)
	}
	return out
}

// ZoneOf is the zone that a role such as "a" or "nat-a" is about.
func (s *Scope) ZoneOf(role Role) Zone {
	for i, zone := range s.Zones {
		if role[strings.LastIndexByte(role, '-')+1:] == s.Letter(i) {
			return zone
		}
	}
	return Zone{}
}

// Lower is the client's name as AWS names have it.
func (s *Scope) Lower() string { return strings.ToLower(s.Client) }

// String is "account", "region eu-west-3" or "client ACME".
func (s *Scope) String() string { return s.Ref().String() }

// Ref names the scope.
func (s *Scope) Ref() ScopeRef {
	switch s.Level {
	case AccountLevel:
		return ScopeRef{Level: AccountLevel}
	case RegionLevel:
		return ScopeRef{RegionLevel, s.Region}
	default:
		return ScopeRef{ClientLevel, s.Client}
	}
}

// ARN returns "arn:aws:<service>:<region>:<account>:<resource>".
func (s *Scope) ARN(service, resource string) string {
	region := s.Region
	if service == "iam" {
		region = ""
	}
	return strings.Join([]string{"arn", s.Partition, service, region, s.Account, resource}, ":")
}

// Tag keys: the only memory and the only proof of ownership.
const (
	TagManagedBy = "cicdctl:managed-by"
	TagScope     = "cicdctl:scope"
	TagRegion    = "cicdctl:region"
	TagClient    = "cicdctl:client"
	TagRole      = "cicdctl:role"
	TagApp       = "cicdctl:app"
	TagService   = "cicdctl:service"
	TagEnv       = "cicdctl:env"
	TagAdmins    = "cicdctl:admins"   // on the admin bucket: who may read private keys
	TagAuditors  = "cicdctl:auditors" // and who may look at it without reading any
	TagName      = "Name"
	// The keys of the tags that a client's spec asks for, with spaces between them.
	TagCustomer = "cicdctl:tags"
	// On the database: whether AWS Backup takes a copy every month ("on" or "off").
	TagMonthly = "cicdctl:restorable-monthly"
	// On a restored copy: what it was made from and as of when, and for a drill when
	// it may be removed by anybody (RFC 3339).
	TagRestored = "cicdctl:restored-from"
	TagExpires  = "cicdctl:expires"
	// On a copy of the latest moment: when it was complete. Without it, the same
	// command goes on with the copy; with it, another one is meant.
	TagCompleted = "cicdctl:restore-completed"
	// On the database: what the last restore drill measured.
	TagDrill = "cicdctl:last-drill"
	// On a database that an operator has stopped: when (RFC 3339).
	TagStopped = "cicdctl:stopped"
	// On an ECS service whose environment is stopped: how many tasks it had before.
	TagTasks = "cicdctl:stopped-tasks"
	// On a host key of a server: its fingerprint, so that nobody has to read the key for it.
	TagFingerprint = "cicdctl:fingerprint"
	// On a revision of a task definition: the tag of its image when it was deployed, why
	// critical findings were accepted, when its tasks were all running last, and when it
	// was taken back after that, by AWS or by an operator (RFC 3339).
	TagImage     = "cicdctl:image-tag"
	TagAccepted  = "cicdctl:accepted-findings"
	TagDeployed  = "cicdctl:deployed"
	TagWithdrawn = "cicdctl:withdrawn"
	// On the bearer of a scope (see Mark): the release that last applied it, "v1.4.0", and on that of
	// a client the sum of its file, 12 hex digits.
	TagVersion = "cicdctl:version"
	TagSpec    = "cicdctl:spec"

	ManagedBy = "cicdctl"
)

// owner is what tells a scope from all others. The client is empty above the client scope.
type owner struct{ level, region, client string }

func (s *Scope) owner() owner {
	o := owner{level: s.Level.String(), region: s.Region}
	if s.Level == ClientLevel {
		o.client = s.Client
	}
	return o
}

// ownerOf is the owner that a resource's tags name; none when they are not cicdctl's.
func ownerOf(t Tags) owner {
	if t[TagManagedBy] != ManagedBy {
		return owner{}
	}
	o := owner{level: t[TagScope], region: t[TagRegion]}
	if o.level == ClientLevel.String() {
		o.client = t[TagClient]
	}
	return o
}

// owns reports whether the tags are of this scope.
func (s *Scope) owns(t Tags) bool { return s.owner() == ownerOf(t) }

// reaches reports whether other is s or lies above it.
func (s *Scope) reaches(other *Scope) bool {
	for at := s; at != nil; at = at.Outer {
		if at == other {
			return true
		}
	}
	return false
}

// OwnTags are the tags of a resource of this scope, but for the labels of its kind.
func (s *Scope) OwnTags(role Role) Tags {
	tags := make(Tags, 8)
	s.addOwn(tags, role, s.Lower(), "")
	return tags
}

// addOwn adds what makes a resource this scope's own, its role, and a name. The region
// is among them because IAM is global: a client's roles belong to one region. Lower is
// the client's name in lower case, has the name that the resource has: mostly it is right.
func (s *Scope) addOwn(tags Tags, role Role, lower, has string) {
	tags[TagManagedBy], tags[TagScope], tags[TagRegion], tags[TagRole] = ManagedBy, s.Level.String(), s.Region, role
	name := "cicdctl"
	if s.Level == ClientLevel {
		tags[TagClient] = s.Client
		name = lower
	}
	if begin, found := strings.CutSuffix(has, role); !found || len(begin) != len(name)+1 || begin[:len(name)] != name || begin[len(name)] != '-' {
		has = name + "-" + role
	}
	tags[TagName] = has
}

// addWanted adds all tags that a resource is created with.
func (s *Scope) addWanted(tags Tags, t *Type, role Role, d any, lower, has string) {
	s.addOwn(tags, role, lower, has)
	if !t.ownTags {
		s.addCustomers(tags)
	}
	for k, v := range t.extraTags(s, d) {
		if v != "" {
			tags[k] = v
		}
	}
}
