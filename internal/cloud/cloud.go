// Package cloud is one AWS account as an operator works in it: it finds a client's place
// there, and has the engine plan, build and remove.
package cloud

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"net/netip"
	"os"
	"sync"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/awsapi/recording"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// DefaultAdminRegion is where the account's own things live unless the
// configuration says otherwise.
const DefaultAdminRegion = "eu-west-3"

// Config is what the operator's configuration says.
type Config struct {
	Account     string         // number that must answer, 12 digits; any when empty
	AccountName string         // in the configuration; empty for the credentials' own
	Version     string         // of cicdctl, for the user agent
	AdminRegion string         // home of the admin bucket; [DefaultAdminRegion] when empty
	Admins      []string       // ARNs of roles and users that may read private keys; the caller when empty
	Auditors    []string       // of those that may look at their bucket and read none; whom the account remembers when nil
	Pools       []netip.Prefix // /16 networks of each VPC; 10.20.0.0/16 when empty
	GitLab      string         // URL of the instance whose pipelines deploy; [rules.DefaultGitLab] when empty
	// AccessLogDays is how long access logs are kept; 0 for none, [rules.AccessLogDays] when nil.
	AccessLogDays *int
	// AlarmEmails hear of what concerns all clients of a region; who hears of it is left as it is when nil.
	AlarmEmails []string
	// NoTrailAlarms keeps the account's trail out of CloudWatch Logs, with the alarms on it.
	NoTrailAlarms bool
	// AllowDowngrade is the release from which an older one may go back; empty for none.
	AllowDowngrade string
	// Guarded lets no call through that changes something before Admit or a Run has settled which
	// cicdctl last applied it; else both only refuse by themselves.
	Guarded bool
	// Record writes down what is asked of AWS and answered. May be nil.
	Record *recording.Recorder
}

// Operator works in one AWS account.
type Operator struct {
	cfg     Config
	Factory *awsapi.Factory
	Addr    cidr.Plan
	Types   []*provision.Type
	Pace    time.Duration
	gate    gate
	timed   bool // resources take AWS's time; they do not in an account without its rate limits
	newKey  func(bits int) (*rsa.PrivateKey, error)

	Identify func() (awsapi.Identity, error)
	// Prices is AWS's price list, one for the run.
	Prices func() *price.List
}

// Pace is how long a poll or a retry waits: AWS's resources take seconds to minutes.
const Pace = 2 * time.Second

// Connection is how AWS, or an account that stands for it, is reached.
type Connection struct {
	Options awsapi.Options
	Pace    time.Duration                           // of polls and retries
	NewKey  func(bits int) (*rsa.PrivateKey, error) // makes RSA keys; [pki.NewKey] when nil
}

// Open reads the configuration and the AWS environment. It makes no call. The
// error is a *ConfigError for values of the configuration that are wrong.
func Open(ctx context.Context, cfg Config, via Connection) (*Operator, error) {
	if cfg.AdminRegion == "" {
		cfg.AdminRegion = DefaultAdminRegion
	}
	if err := rules.CheckRegion(cfg.AdminRegion); err != nil {
		return nil, &ConfigError{lang.Errorf("admin_region: %w", err)}
	}
	if cfg.GitLab == "" {
		cfg.GitLab = rules.DefaultGitLab
	}
	if err := rules.CheckGitLab(cfg.GitLab); err != nil {
		return nil, &ConfigError{err}
	}
	if days := cfg.AccessLogDays; days != nil && (*days < 0 || *days > rules.MaxAccessLogDays) {
		return nil, &ConfigError{lang.Errorf("access_log_days: %d is not between 1 and %d days, or 0 for no access logs", *days, rules.MaxAccessLogDays)}
	}
	for _, address := range cfg.AlarmEmails {
		if !spec.IsEmail(address) {
			return nil, &ConfigError{lang.Errorf("alarm_emails: %q is not an e-mail address", address)}
		}
	}
	addr, err := cfg.addr()
	if err != nil {
		return nil, err
	}
	via.Options.Version, via.Options.Record = cfg.Version, cfg.Record
	if via.NewKey == nil {
		via.NewKey = pki.NewKey
	}
	o := &Operator{cfg: cfg, Addr: addr, Types: kinds.All(), Pace: via.Pace, timed: !via.Options.Unlimited, newKey: via.NewKey}
	if cfg.Guarded {
		via.Options.Hold = o.hold
	}
	factory, err := awsapi.Load(ctx, via.Options)
	if err != nil {
		return nil, err
	}
	o.Factory = factory
	o.Identify = sync.OnceValues(func() (awsapi.Identity, error) {
		id, err := factory.Identity(ctx, cfg.AdminRegion)
		if err == nil && cfg.Account != "" && id.Account != cfg.Account {
			err = &OtherAccountError{Name: cfg.AccountName, Want: cfg.Account, Have: id.Account}
		}
		return id, err
	})
	o.Prices = sync.OnceValue(o.prices)
	return o, nil
}

// OtherAccountError says that another account answers than the one that is meant.
type OtherAccountError struct{ Name, Want, Have string }

func (e *OtherAccountError) Error() string {
	return lang.Sprintf("account %s must be %s, as accounts.%s.role of the configuration says, and it is %s that answers", e.Name, e.Want, e.Name, e.Have)
}

// Remedy is what a person can do.
func (e *OtherAccountError) Remedy() string {
	return lang.Say("look at where AWS_ENDPOINT_URL and the profile of the credentials lead; nothing was done in that account")
}

// ConfigError is a value of the tool's own configuration that cannot be used.
type ConfigError struct{ Err error }

func (e *ConfigError) Error() string { return lang.Sprintf("configuration: %s", e.Err.Error()) }
func (e *ConfigError) Unwrap() error { return e.Err }

// addr is the address plan that the pools make.
func (cfg Config) addr() (cidr.Plan, error) {
	plan, err := cidr.NewPlan(cfg.Pools...)
	if err != nil {
		return plan, &ConfigError{lang.Errorf("pools: %w", err)}
	}
	return plan, nil
}

func (cfg Config) accessLogDays() int32 {
	if cfg.AccessLogDays == nil {
		return rules.AccessLogDays
	}
	return int32(*cfg.AccessLogDays)
}

// Checks are the opinions on a spec that the configuration decides. They need no
// AWS account. The error is a *ConfigError.
func (cfg Config) Checks() (spec.Check, error) {
	plan, err := cfg.addr()
	if err != nil {
		return nil, err
	}
	return rules.Checks(plan, "", time.Now()), nil
}

// Checks are the opinions on a spec that the operator's configuration decides.
func (o *Operator) Checks() spec.Check { return rules.Checks(o.Addr, "", time.Now()) }

// Identity says who is calling, asking AWS once.
func (o *Operator) Identity(context.Context) (awsapi.Identity, error) { return o.Identify() }

// Calls is how many calls of AWS were made so far.
func (o *Operator) Calls() int { return o.Factory.Calls() }

// engine makes the engine of one run.
func (o *Operator) engine(account *provision.Scope, sink provision.Sink) *provision.Engine {
	return &provision.Engine{Types: o.Types, Pace: o.Pace, Timed: o.timed, Sink: sink, Lease: o.Leases(account)}
}

// Leases are those that one run holds.
func (o *Operator) Leases(account *provision.Scope) *awsapi.Leases {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host" // it only tells others who to wait for
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		space = "" // no Linux, no such spaces
	}
	self := awsapi.Holder{Run: runID(), Host: host, Space: space, PID: os.Getpid()}
	bucket := rules.AdminBucketName(account.Account, account.Region)
	found := func(ctx context.Context) error {
		if err := o.firstAdminBucket(ctx, account); err != nil {
			return err
		}
		return s3.FoundAdminBucket(ctx, account)
	}
	return awsapi.NewLeases(account.API.S3, bucket, self, found)
}

func runID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, says crypto/rand
	return hex.EncodeToString(b[:])
}

// NoSlotError says that all places of a region are taken.
type NoSlotError struct {
	Region  string
	Slots   int
	Pools   []netip.Prefix
	Another netip.Prefix // that can be added to the pools; not valid when AWS joins none
}

func (e *NoSlotError) Error() string {
	add := ""
	if e.Another.IsValid() {
		add = lang.Sprintf("add a /16 to pools in the configuration (such as %s), ", e.Another)
	}
	return lang.Sprintf("no free slot in %s: all %d places of %v are taken; %schoose another region, or destroy a client that is no longer needed", e.Region, e.Slots, e.Pools, add)
}

// GuardError says why a run was refused.
type GuardError struct{ Reason string }

func (e *GuardError) Error() string { return e.Reason }

// Guardf makes a GuardError.
func Guardf(format string, args ...any) error {
	return &GuardError{Reason: lang.Sprintf(format, args...)}
}

var errNoZones = lang.New("fewer than three availability zones")

func zoneNames(zones []provision.Zone) []string {
	out := make([]string, len(zones))
	for i, z := range zones {
		out[i] = z.Name + " (" + z.ID + ")"
	}
	return out
}
