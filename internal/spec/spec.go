// Package spec reads the YAML file that describes one client: strict, with
// defaults from the company's infrastructure document, and with every error
// at its line and column.
package spec

import (
	"net/netip"
	"strings"
	"time"
)

// Spec is one client's file after defaults: everything the rest of the program
// knows about what a client should have.
type Spec struct {
	Client string `yaml:"client" jsonschema:"required,pattern=^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$,maxLength=20,description=The client's code in upper case."`
	Region string `yaml:"region" jsonschema:"required,enum=eu-west-3,enum=eu-west-1,enum=eu-central-1,enum=eu-west-2,description=Where the client lives: Paris Ireland Frankfurt or London."`
	// Account is one of the configuration's; empty for that of the credentials.
	Account     string      `yaml:"account" jsonschema:"pattern=^[a-z][a-z0-9]*(-[a-z0-9]+)*$,maxLength=32,description=The AWS account by its name in the configuration of cicdctl; that of the credentials by default."`
	Network     Network     `yaml:"network" jsonschema:"description=How the client's subnets reach the outside and what may reach them."`
	Hosts       Hosts       `yaml:"hosts" jsonschema:"description=The EC2 machines under the ECS cluster."`
	Apps        []App       `yaml:"apps" jsonschema:"description=Applications: each has a bucket and a role and the services that share them."`
	Database    Database    `yaml:"database" jsonschema:"description=The Aurora cluster."`
	Backup      Backup      `yaml:"backup" jsonschema:"description=The backup promise made to the client."`
	Maintenance Maintenance `yaml:"maintenance" jsonschema:"description=The weekly window agreed with the client."`
	Stopped     Stopped     `yaml:"stopped" jsonschema:"description=What is switched off; see cicdctl stop and start."`
	Tags        Tags        `yaml:"tags" jsonschema:"description=Tags on every resource of the client; for example for cost allocation."`
	VPN         VPN         `yaml:"vpn" jsonschema:"description=How people and sites of the client reach its subnets."`
	Alarms      Alarms      `yaml:"alarms" jsonschema:"description=Who hears of trouble."`
	Audit       Audit       `yaml:"audit" jsonschema:"description=What audits are told about this client."`
	// RequiredVersion is the oldest release of cicdctl that may work with the file: the one that
	// last applied it. Empty for any.
	RequiredVersion string `yaml:"required_version" jsonschema:"pattern=^v(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?$,description=The oldest version of cicdctl that may work with this file such as v1.4.0; client create writes the version that last applied it."`

	source []byte // the file, for Sum
}

// Network is how the client's subnets reach the outside, and what may reach them.
type Network struct {
	NAT   NAT     `yaml:"nat" jsonschema:"enum=per-az,enum=single,description=NAT gateways: one in each AZ (default) or one for all."`
	Allow []Allow `yaml:"allow" jsonschema:"description=Outside services that may open connections to the client's subnets."`
}

// NAT says through how many NAT gateways the client's subnets reach the internet.
type NAT string

// The NAT layouts: one gateway in each AZ, one for all three. None is known only to be
// refused with the reason, and for a region that no client asks for gateways.
const (
	NATPerAZ  NAT = "per-az"
	NATSingle NAT = "single"
	NATNone   NAT = "none"
)

// Allow is one outside service that may open connections to the client's subnets.
type Allow struct {
	Name     string       `yaml:"name" jsonschema:"required,description=What it is; shown in plans."`
	CIDR     netip.Prefix `yaml:"cidr" jsonschema:"required,description=Source range such as 198.51.100.7/32."`
	Protocol string       `yaml:"protocol" jsonschema:"enum=tcp,enum=udp,description=tcp by default."`
	Ports    PortRange    `yaml:"ports" jsonschema:"required,description=9100 or 9100-9110."`
}

// PortRange is an inclusive range of ports, written "9100" or "9100-9110".
type PortRange struct{ From, To uint16 }

// Hosts is the Auto Scaling group of EC2 machines under the ECS cluster.
type Hosts struct {
	InstanceType string `yaml:"instance_type" jsonschema:"pattern=^[a-z][a-z0-9-]*\\.[a-z0-9-]+$,description=EC2 instance type; m6i.large by default."`
	Min          int    `yaml:"min" jsonschema:"minimum=1,maximum=100,description=Fewest hosts; 3 by default (one in each AZ)."`
	Max          int    `yaml:"max" jsonschema:"minimum=1,maximum=100,description=Most hosts; 6 by default."`
}

// App is one application: a bucket, a role, and the services that share them.
type App struct {
	Name       string    `yaml:"name" jsonschema:"required,pattern=^[a-z][a-z0-9]*(-[a-z0-9]+)*$,maxLength=20,description=Lower case; becomes part of AWS names."`
	Repository string    `yaml:"repository" jsonschema:"description=GitLab project; <client>/<app> by default."`
	Branch     string    `yaml:"branch" jsonschema:"pattern=^[A-Za-z0-9_][A-Za-z0-9._/-]*$,maxLength=100,description=The only branch whose pipelines may deploy; main by default."`
	Services   []Service `yaml:"services" jsonschema:"required,minItems=1,description=What runs: one container image each."`
}

// ServiceNames are the names of the app's services.
func (a App) ServiceNames() []string {
	names := make([]string, len(a.Services))
	for i, svc := range a.Services {
		names[i] = svc.Name
	}
	return names
}

// Exec is where operators may open a shell in the containers of one of the app's services.
func (a App) Exec(service string) Exec {
	for _, svc := range a.Services {
		if svc.Name == service {
			return svc.Exec
		}
	}
	return Exec{}
}

// Runtime is the software a service's container runs.
type Runtime string

// The four runtimes of the document.
const (
	Apache        Runtime = "apache"
	NodeJS        Runtime = "nodejs"
	MySecureShell Runtime = "mysecureshell"
	ProFTPD       Runtime = "proftpd"
)

// HTTP reports whether the runtime is served by the application load balancer.
func (r Runtime) HTTP() bool { return r == Apache || r == NodeJS }

// Service is one container image running in preview and in prod.
type Service struct {
	Name    string  `yaml:"name" jsonschema:"required,pattern=^[a-z][a-z0-9]*(-[a-z0-9]+)*$,maxLength=20,description=Lower case; becomes part of AWS names."`
	Runtime Runtime `yaml:"runtime" jsonschema:"required,enum=apache,enum=nodejs,enum=mysecureshell,enum=proftpd,description=What the container runs."`
	Domains Domains `yaml:"domains" jsonschema:"description=Host names; HTTP runtimes only. Each gets a certificate and HTTPS."`
	Path    string  `yaml:"path" jsonschema:"pattern=^/,description=Path pattern on the load balancer; /* by default; HTTP runtimes only."`
	Tasks   Tasks   `yaml:"tasks" jsonschema:"description=How many tasks run in each environment; where it is not said the number is left as it is."`
	// MaxTasks is more than Tasks where the number follows the load.
	MaxTasks Tasks          `yaml:"max_tasks" jsonschema:"description=The most tasks in each environment; with more than in tasks the number follows the load of their CPUs."`
	Exec     Exec           `yaml:"exec" jsonschema:"description=Where operators may open a shell in the containers; nowhere by default. Their root file system can then be written."`
	From     []netip.Prefix `yaml:"from" jsonschema:"description=Who may connect; file-transfer runtimes only; nobody by default."`
}

// Tasks is how many containers of a service run in each environment; 0 where it is not
// said, and then the number is that of the first deploy or of whoever scales by hand.
type Tasks struct {
	Preview int `yaml:"preview" jsonschema:"minimum=1,maximum=100,description=Tasks in the preview environment."`
	Prod    int `yaml:"prod" jsonschema:"minimum=1,maximum=100,description=Tasks in the production environment."`
}

// Of is the number for env, or 0.
func (t Tasks) Of(env Env) int {
	if env == Preview {
		return t.Preview
	}
	return t.Prod
}

// Exec is where operators may open a shell in a service's containers (ECS Exec).
type Exec struct {
	Preview bool `yaml:"preview" jsonschema:"description=True to allow a shell in the preview environment."`
	Prod    bool `yaml:"prod" jsonschema:"description=True to allow a shell in the production environment."`
}

// Of reports whether a shell is allowed in env.
func (e Exec) Of(env Env) bool { return env == Preview && e.Preview || env == Prod && e.Prod }

// Stopped is what is switched off until somebody switches it on again.
type Stopped struct {
	Preview bool `yaml:"preview" jsonschema:"description=True while no task of the preview environment is to run."`
}

// Of reports whether no task of env is to run.
func (s Stopped) Of(env Env) bool { return env == Preview && s.Preview }

// Env is one of the two places a service runs in.
type Env string

// The two environments of the document.
const (
	Preview Env = "preview"
	Prod    Env = "prod"
)

// Envs lists the environments in the order in which they are deployed.
func Envs() []Env { return []Env{Preview, Prod} }

// Domains is the host name of each environment; empty where none was given.
type Domains struct {
	Preview string `yaml:"preview" jsonschema:"description=Host name of the preview environment."`
	Prod    string `yaml:"prod" jsonschema:"description=Host name of the production environment."`
}

// Of returns the domain of env, or "".
func (d Domains) Of(env Env) string {
	if env == Preview {
		return d.Preview
	}
	return d.Prod
}

// Database is the client's Aurora cluster.
type Database struct {
	Engine    string `yaml:"engine" jsonschema:"enum=aurora-postgresql,enum=aurora-mysql,description=aurora-postgresql by default."`
	Class     string `yaml:"class" jsonschema:"pattern=^db\\.[a-z0-9.]+$,description=Instance class; db.r6g.large by default."`
	Instances int    `yaml:"instances" jsonschema:"minimum=1,maximum=15,description=Instances in different AZs; 2 by default."`
	// ExtendedSupport keeps the major version after AWS's standard support of it, for a charge.
	// Without it AWS upgrades the major version by itself ("Amazon RDS Extended Support with
	// Amazon Aurora", Aurora user guide).
	ExtendedSupport bool `yaml:"extended_support" jsonschema:"description=Keep the major version after AWS's standard support for a charge per vCPU and hour; false by default: AWS upgrades it by itself then."`
}

// The two engines.
const (
	AuroraPostgreSQL = "aurora-postgresql"
	AuroraMySQL      = "aurora-mysql"
)

// Port is the TCP port the engine listens on.
func (d Database) Port() uint16 {
	if d.Engine == AuroraMySQL {
		return 3306
	}
	return 5432
}

// Backup is the backup promise made to the client.
type Backup struct {
	RetentionDays int     `yaml:"retention_days" jsonschema:"minimum=1,maximum=35,description=Days of continuous backup; 30 by default."`
	Window        string  `yaml:"window" jsonschema:"description=Daily window in UTC; 22:30-23:00 by default; 30 minutes at least."`
	Archive       Archive `yaml:"archive" jsonschema:"description=The long copy in S3 Glacier."`
	// RestorableMonthly is a snapshot a month that AWS Backup keeps for a year. Unlike
	// the archive it can be restored into Aurora.
	RestorableMonthly bool `yaml:"restorable_monthly" jsonschema:"description=A restorable copy a month kept 366 days; true by default."`
}

// Archive is the long copy in S3 Glacier.
type Archive struct {
	Every      string `yaml:"every" jsonschema:"enum=month,enum=none,description=month by default."`
	KeepMonths int    `yaml:"keep_months" jsonschema:"minimum=1,maximum=120,description=12 by default."`
}

// Monthly reports whether an archive is made every month.
func (a Archive) Monthly() bool { return a.Every == EveryMonth }

// How often an archive is made.
const (
	EveryMonth = "month"
	EveryNone  = "none"
)

// Maintenance is the weekly window agreed with the client, in its local time.
type Maintenance struct {
	Window   string `yaml:"window" jsonschema:"description=Local time; sun:03:30-sun:05:00 by default."`
	Timezone string `yaml:"timezone" jsonschema:"description=IANA name; Europe/Paris by default."`
}

// Audit is what audits are told about this client.
type Audit struct {
	Exceptions []Exception `yaml:"exceptions" jsonschema:"description=Findings that are accepted for a time and a reason."`
}

// Exception accepts a finding for a time.
type Exception struct {
	ID       string `yaml:"id" jsonschema:"required,description=The finding's id such as ELB.6."`
	Resource string `yaml:"resource" jsonschema:"description=Only this resource; a part of its name will do; all of the client's by default."`
	Reason   string `yaml:"reason" jsonschema:"required,minLength=1,description=Why it is accepted; shown in reports."`
	Until    Date   `yaml:"until" jsonschema:"required,description=The last day on which it is accepted such as 2027-06-30."`
}

// Covers reports whether the exception is about a finding.
func (e Exception) Covers(id, resource string) bool {
	return e.ID == id && strings.Contains(resource, e.Resource)
}

// Date is a day, written 2027-06-30.
type Date struct{ time.Time }

// String is the day as it is written.
func (d Date) String() string { return d.Format(time.DateOnly) }

// Alarms is who hears of trouble.
type Alarms struct {
	Email []string `yaml:"email" jsonschema:"description=Addresses that alarms are sent to."`
}
