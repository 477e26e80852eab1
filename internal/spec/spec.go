// Package spec reads the YAML file that describes one client: strict, with
// defaults from the company's infrastructure document, and with every error
// at its line and column.
package spec

import "net/netip"

// Spec is one client's file after defaults: everything the rest of the program
// knows about what a client should have.
type Spec struct {
	Client      string      `yaml:"client"`
	Region      string      `yaml:"region"`
	Network     Network     `yaml:"network"`
	Hosts       Hosts       `yaml:"hosts"`
	Apps        []App       `yaml:"apps"`
	Database    Database    `yaml:"database"`
	Backup      Backup      `yaml:"backup"`
	Maintenance Maintenance `yaml:"maintenance"`
	VPN         VPN         `yaml:"vpn"`
	Alarms      Alarms      `yaml:"alarms"`
}

// Network is how the client's subnets reach the outside, and what may reach them.
type Network struct {
	NAT   NAT     `yaml:"nat"`
	Allow []Allow `yaml:"allow"`
}

// NAT says through how many NAT gateways the client's subnets reach the internet.
type NAT string

// The three NAT layouts: one gateway in each AZ, one for all three, none.
const (
	NATPerAZ  NAT = "per-az"
	NATSingle NAT = "single"
	NATNone   NAT = "none"
)

// Allow is one outside service that may open connections to the client's subnets.
type Allow struct {
	Name     string       `yaml:"name"`
	CIDR     netip.Prefix `yaml:"cidr"`
	Protocol string       `yaml:"protocol"` // tcp or udp
	Ports    PortRange    `yaml:"ports"`
}

// PortRange is an inclusive range of ports, written "9100" or "9100-9110".
type PortRange struct{ From, To uint16 }

// Hosts is the Auto Scaling group of EC2 machines under the ECS cluster.
type Hosts struct {
	InstanceType string `yaml:"instance_type"`
	Min          int    `yaml:"min"`
	Max          int    `yaml:"max"`
}

// App is one application: a bucket, a role, and the services that share them.
type App struct {
	Name       string    `yaml:"name"`
	Repository string    `yaml:"repository"` // GitLab project path, "group/project"
	Services   []Service `yaml:"services"`
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
	Name    string         `yaml:"name"`
	Runtime Runtime        `yaml:"runtime"`
	Domains Domains        `yaml:"domains"`
	Path    string         `yaml:"path"` // ALB path pattern, "/*" by default; HTTP runtimes only
	From    []netip.Prefix `yaml:"from"` // who may connect; file-transfer runtimes only
}

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
	Preview string `yaml:"preview"`
	Prod    string `yaml:"prod"`
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
	Engine    string `yaml:"engine"` // aurora-postgresql or aurora-mysql
	Class     string `yaml:"class"`
	Instances int    `yaml:"instances"` // 1..15; the document's Multi-AZ wants 2 or more
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
	RetentionDays int     `yaml:"retention_days"` // 1..35
	Window        string  `yaml:"window"`         // "22:30-23:00", UTC, 30 minutes at least
	Archive       Archive `yaml:"archive"`
}

// Archive is the long copy in S3 Glacier.
type Archive struct {
	Every      string `yaml:"every"` // month or none
	KeepMonths int    `yaml:"keep_months"`
}

// Maintenance is the weekly window agreed with the client, in its local time.
type Maintenance struct {
	Window   string `yaml:"window"` // "sun:03:30-sun:05:00"
	Timezone string `yaml:"timezone"`
}

// VPN is how people and sites of the client reach its subnets.
type VPN struct {
	IPsec   *IPsec   `yaml:"ipsec"`
	OpenVPN *OpenVPN `yaml:"openvpn"`
}

// IPsec is a site-to-site tunnel to one on-premises gateway.
type IPsec struct {
	Peer   netip.Addr     `yaml:"peer"`
	Routes []netip.Prefix `yaml:"routes"`
}

// OpenVPN is a remote access endpoint for people.
type OpenVPN struct {
	Users []string `yaml:"users"`
}

// Alarms is who hears of trouble.
type Alarms struct {
	Email []string `yaml:"email"`
}
