package dossier

import (
	"time"

	"gitlab.com/cicd/cicdctl/internal/price"
)

// Runtimes is what runs, in which version.
type Runtimes struct {
	Told
	Database     *DatabaseVersion `json:"database,omitempty"`
	Hosts        []Hosts          `json:"hosts"`
	Images       []Image          `json:"images"`
	Listeners    []Listener       `json:"listeners"` // with TLS
	Certificates []Certificate    `json:"certificates"`
}

// DatabaseVersion is the version of the database, and how long AWS supports it.
type DatabaseVersion struct {
	Engine    string     `json:"engine"`
	Version   string     `json:"version"`
	Support   *time.Time `json:"standard_support_until,omitempty"` // nil where AWS does not tell
	Extended  bool       `json:"extended_support"`
	Automatic string     `json:"minor_version_upgrades"`
}

// Hosts is the group of machines under the ECS cluster.
type Hosts struct {
	Name   string `json:"name"`
	Size   string `json:"size"`
	Type   string `json:"type"`
	Image  string `json:"image"` // the parameter by which EC2 finds it at every launch, or its id
	Cycled string `json:"renewed,omitempty"`
}

// Image is what a service runs.
type Image struct {
	App      string     `json:"app"`
	Service  string     `json:"service"`
	Env      string     `json:"env"`
	State    string     `json:"state"`
	Tag      string     `json:"tag,omitempty"`
	Digest   string     `json:"digest,omitempty"`
	Deployed *time.Time `json:"deployed,omitempty"`
}

// Listener is a listener with TLS.
type Listener struct {
	Name   string `json:"name"`
	Policy string `json:"policy"`
}

// Certificate is one of a domain.
type Certificate struct {
	Domain   string `json:"domain"`
	Validity string `json:"validity"`
}

// Recovery is what restore drills have measured.
type Recovery struct {
	Told
	Database  bool    `json:"database"` // there is one
	Last      *Drill  `json:"last,omitempty"`
	Drills    []Drill `json:"drills"`             // the newest first
	TargetRPO int     `json:"rpo_target_seconds"` // see [TargetRPO]
}

// Drill is how one went.
type Drill struct {
	At       time.Time  `json:"at"`
	From     string     `json:"from,omitempty"` // the backup; empty for the continuous one
	Restored *time.Time `json:"restored,omitempty"`
	RPO      int        `json:"rpo_seconds"`
	RTO      int        `json:"rto_seconds"`
	OK       bool       `json:"ok"`
	Reason   string     `json:"reason,omitempty"`
}

// Backups is what the database can be brought back from.
type Backups struct {
	Told
	Points []Backup       `json:"points"`
	Copies []RestoredCopy `json:"restored_copies"`
}

// Backup is a moment, or a span, that can be gone back to.
type Backup struct {
	Kind       string     `json:"kind"`
	Name       string     `json:"name"`
	At         time.Time  `json:"at"`
	Since      *time.Time `json:"since,omitempty"`
	Until      *time.Time `json:"kept_until,omitempty"`
	Days       int        `json:"kept_days,omitempty"`
	Status     string     `json:"status"`
	Restorable bool       `json:"restorable"`
	Note       string     `json:"note,omitempty"`
}

// RestoredCopy is a database that was restored beside the client's own.
type RestoredCopy struct {
	Name    string     `json:"name"`
	Drill   bool       `json:"drill"`
	From    string     `json:"from"`
	Made    time.Time  `json:"made"`
	Expires *time.Time `json:"expires,omitempty"`
	Status  string     `json:"status"`
}

// Maintenance is when AWS and the schedules may interrupt something.
type Maintenance struct {
	Told
	Zone    string   `json:"time_zone"` // of the client
	Windows []Window `json:"windows"`
	Other   []string `json:"other"` // schedules that are no weekly or daily ones
}

// Window is a weekly or daily time.
type Window struct {
	What    string `json:"what"`
	Of      string `json:"of"`
	Text    string `json:"text"`    // as AWS has it
	Zone    string `json:"zone"`    // that it is in
	Day     int    `json:"day"`     // from Sunday, 0; -1 for every day
	Start   int    `json:"start"`   // minutes since midnight
	Minutes int    `json:"minutes"` // 0 where only the beginning is known
}

// Deployments are those of the last 90 days.
type Deployments struct {
	Told
	Since       time.Time    `json:"since"`
	Deployments []Deployment `json:"deployments"`
}

// Deployment is a revision of a service that was made to be deployed.
type Deployment struct {
	App        string     `json:"app"`
	Service    string     `json:"service"`
	Env        string     `json:"env"`
	Revision   int32      `json:"revision"`
	Tag        string     `json:"tag,omitempty"`
	Digest     string     `json:"digest,omitempty"`
	Registered *time.Time `json:"registered,omitempty"`
	Deployed   *time.Time `json:"deployed,omitempty"`
	Withdrawn  *time.Time `json:"withdrawn,omitempty"`
	State      string     `json:"state"`
	By         string     `json:"by,omitempty"`
	Accepted   string     `json:"accepted_findings,omitempty"`
}

// Alarms are those of the client, and who hears of them.
type Alarms struct {
	Told
	Alarms    []Alarm  `json:"alarms"`
	Addresses []string `json:"addresses"` // e-mail addresses
	Pending   []string `json:"not_confirmed"`
}

// Alarm is one of CloudWatch.
type Alarm struct {
	Name     string     `json:"name"`
	Severity string     `json:"severity"`
	About    string     `json:"about"`
	State    string     `json:"state"` // OK, ALARM or INSUFFICIENT_DATA
	Since    *time.Time `json:"since,omitempty"`
	Silent   bool       `json:"silent"` // its actions are off
}

// Keys are those of the client, and who can use them.
type Keys struct {
	Told
	Keys   []Key    `json:"keys"`
	Pair   *KeyPair `json:"key_pair,omitempty"`
	Admins []string `json:"admins"` // who can read the private key
}

// Key is one of KMS.
type Key struct {
	Name     string   `json:"name"`
	State    string   `json:"state"`
	Rotation string   `json:"rotation"`
	Purpose  string   `json:"purpose"`
	OpenTo   []string `json:"open_to"`
	ID       string   `json:"id,omitempty"`
}

// KeyPair is the RSA key of the client.
type KeyPair struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	PrivateKey string `json:"private_key"` // whether it is kept and can be read
	Encryption string `json:"encryption"`
}

// Audit is what the audit says of the client.
type Audit struct {
	Told
	Rules    int        `json:"rules"` // that it was held against
	Findings []Finding  `json:"findings"`
	Excepted []Excepted `json:"excepted"`
}

// Finding is something that is not as it should be.
type Finding struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Title    string `json:"title"`
	Resource string `json:"resource"`
	Is       string `json:"is"`
	Should   string `json:"should"`
	Shared   bool   `json:"shared"` // it is about what clients share
}

// Excepted is a finding that is accepted for a time.
type Excepted struct {
	Finding
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

// Price is what AWS asks for the client's resources in a month, by its price list.
type Price struct {
	Told
	Hours       int           `json:"hours_per_month"`
	Lines       []PriceLine   `json:"lines"`
	Totals      []price.Total `json:"totals"`        // of the client's own fixed costs, by currency
	Shared      []price.Total `json:"shared_totals"` // of what clients share
	Unavailable string        `json:"unavailable,omitempty"`
	Sandbox     bool          `json:"sandbox,omitempty"` // the prices are those of the sandbox, not AWS's
}

// PriceLine is what is billed alike, put together.
type PriceLine struct {
	What      string        `json:"what"`
	Region    string        `json:"region,omitempty"` // whose price it is, where that is not the client's
	Shared    bool          `json:"shared"`
	Fixed     bool          `json:"fixed"` // there as long as the resource is; the others depend on use
	Quantity  *price.Amount `json:"quantity,omitempty"`
	Unit      string        `json:"unit,omitempty"`
	UnitPrice *price.Amount `json:"unit_price,omitempty"`
	SKU       string        `json:"sku,omitempty"` // of the price, in AWS's price list
	Monthly   *price.Amount `json:"monthly,omitempty"`
	Currency  string        `json:"currency,omitempty"`
	Tier      string        `json:"tier,omitempty"`     // the range of units that the price is for, where there are several
	NoPrice   string        `json:"no_price,omitempty"` // why there is none
}
