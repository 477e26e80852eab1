// Package dossier is the document that is handed to a client: what the client has, from what
// AWS holds when it is asked, and the index over the clients of regions.
//
// It stands above the other features, whose results it puts together.
package dossier

import (
	"time"
)

// Dossier is what is told of one client. Without identifiers, resources are called by their names
// alone; other clients are never named. As JSON it is what --format json writes. Its texts are
// English; what AWS was not asked or did not tell is in NotRead of the section.
type Dossier struct {
	Client  string    `json:"client"`
	Region  string    `json:"region"`
	City    string    `json:"city"`
	Made    time.Time `json:"made"`
	Version string    `json:"cicdctl"` // that made it

	Responsibility Responsibility `json:"responsibility"`
	Place          Place          `json:"place"`
	Network        Network        `json:"network"`
	Application    Application    `json:"application"`
	Access         Access         `json:"access"`
	VPN            VPN            `json:"vpn"`
	Runtimes       Runtimes       `json:"runtimes"`
	Recovery       Recovery       `json:"recovery"`
	Backups        Backups        `json:"backups"`
	Maintenance    Maintenance    `json:"maintenance"`
	Deployments    Deployments    `json:"deployments"`
	Alarms         Alarms         `json:"alarms"`
	Keys           Keys           `json:"keys"`
	Audit          Audit          `json:"audit"`
	Price          *Price         `json:"price,omitempty"` // nil where prices were not asked for
}

// Told is when AWS was asked for what a section tells, and what it refused to tell.
type Told struct {
	AsOf    time.Time `json:"as_of"`
	NotRead []NotRead `json:"not_read"`
}

// NotRead is something of which nothing is known: it may be there or not.
type NotRead struct {
	What string `json:"what"` // a kind of resources ("ec2/network-acl"), or what was asked
	Why  string `json:"why"`  // in AWS's words
}

// Responsibility is who looks after what, of the services that the client has.
type Responsibility struct {
	Told
	Services []Service `json:"services"`
}

// Service is one of AWS's, and what each does about it.
type Service struct {
	Name   string `json:"name"`   // "Amazon RDS Aurora"
	AWS    string `json:"aws"`    // what AWS answers for
	Host   string `json:"host"`   // what the hosting company answers for
	Client string `json:"client"` // what the client answers for
}

// Place is where the client is.
type Place struct {
	Told
	Region  string       `json:"region"`
	City    string       `json:"city"`
	Slot    int          `json:"slot"` // from 0; -1 outside the pools
	VPC     string       `json:"vpc"`
	Ranges  []string     `json:"ranges"` // of the VPC
	Subnets []PlacedPart `json:"subnets"`
}

// PlacedPart is a subnet of the client.
type PlacedPart struct {
	Name   string `json:"name"`    // "a"
	Zone   string `json:"zone"`    // the account's name of the availability zone: "eu-west-3a"
	ZoneID string `json:"zone_id"` // the same zone in every account: "euw3-az1"
	Range  string `json:"range"`
	ID     string `json:"id,omitempty"` // with identifiers only
}

// Network is who reaches whom, as it follows from the rules that AWS holds.
type Network struct {
	Told
	VPC      string        `json:"vpc"`
	Ranges   []string      `json:"ranges"`
	Subnets  []Subnet      `json:"subnets"`
	NATs     []NAT         `json:"nat_gateways"`
	Members  []Member      `json:"members"` // what has addresses in the subnets
	Sites    []NetworkSite `json:"sites"`
	People   string        `json:"people,omitempty"` // range of the addresses of the OpenVPN's users
	Flows    []Flow        `json:"flows"`            // from outside
	Links    []Link        `json:"links"`            // between members
	Outbound []Outbound    `json:"outbound"`
	Isolated bool          `json:"isolated"` // no other client reaches this one, nor the other way round
	Holes    []Hole        `json:"holes"`
	Unknown  []string      `json:"unknown"` // what was not read and counts as open
}

// Subnet is a subnet that the client's resources are in: its own, or a public one that is shared.
type Subnet struct {
	Name   string `json:"name"`
	Zone   string `json:"zone"` // id of the availability zone
	Range  string `json:"range"`
	ACL    string `json:"acl"`
	Shared bool   `json:"shared"`
	ID     string `json:"id,omitempty"`
}

// NAT is a NAT gateway.
type NAT struct {
	Name   string `json:"name"`
	Public string `json:"public_address"`
	Subnet string `json:"subnet"`
	ID     string `json:"id,omitempty"`
}

// Member is what has network interfaces with the same security groups.
type Member struct {
	Name      string   `json:"name"` // of the security groups
	Balancer  bool     `json:"balancer"`
	Subnets   []string `json:"subnets"`
	Addresses []string `json:"addresses"`
}

// NetworkSite is what is behind a site-to-site VPN.
type NetworkSite struct {
	Name   string   `json:"name"`
	Ranges []string `json:"ranges"`
}

// Where flows come from.
const (
	FromInternet = "internet"
	FromSite     = "site"
	FromShared   = "shared" // what all clients use, or what is nobody's
	FromEdge     = "public subnets"
)

// Flow is a way from outside to the client.
type Flow struct {
	From        string   `json:"from"` // one of the constants above
	Site        string   `json:"site,omitempty"`
	Source      []string `json:"source"`
	Member      string   `json:"member,omitempty"` // empty for a flow to subnets as a whole
	Destination []string `json:"destination"`
	Traffic     string   `json:"traffic"` // "tcp 443"
	Through     []Gate   `json:"through"` // what lets it through
}

// Gate is a place that a flow passes: any one of its rules lets it through.
type Gate []Rule

// Rule is one of AWS's that lets something through.
type Rule struct {
	Layer    string `json:"layer"` // acl, group, route or vpn
	Name     string `json:"name"`  // of the network ACL, the security group, the route table or the VPN
	Outbound bool   `json:"outbound"`
	Number   int32  `json:"number,omitempty"` // of a network ACL's
	Traffic  string `json:"traffic"`          // "tcp 443", or the destination of a route
	Peer     string `json:"peer,omitempty"`   // a range, a group, or what a route leads to
	Kind     string `json:"kind,omitempty"`   // of what a route leads to: "NAT gateway"
	ID       string `json:"id,omitempty"`
}

// Link is a way between two members that the security groups of both let through.
type Link struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Traffic string `json:"traffic"`
}

// Outbound is how a subnet reaches something outside.
type Outbound struct {
	Subnet      string `json:"subnet"`
	Destination string `json:"destination"` // a range, or the name of a prefix list
	By          string `json:"by"`          // what kind of target
	Name        string `json:"name"`        // of it
}

// Hole is a way between the client and another.
type Hole struct {
	Inbound     bool     `json:"inbound"` // the other client reaches this one
	Latent      bool     `json:"latent"`  // only security groups are in the way
	Internet    bool     `json:"over_internet"`
	Source      []string `json:"source"`
	Destination []string `json:"destination"`
	Member      string   `json:"member,omitempty"` // of this client
	Traffic     string   `json:"traffic"`
	Through     []Gate   `json:"through"` // closing one of these closes it
}

// Application is what answers requests, from the load balancer to the database.
type Application struct {
	Told
	Balancers []Balancer   `json:"balancers"`
	Services  []AppService `json:"services"`
	Database  *Database    `json:"database,omitempty"`
	Buckets   []Bucket     `json:"buckets"`
}

// Balancer is a load balancer.
type Balancer struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // application or network
	Address string `json:"address"`
	Public  bool   `json:"public"`
}

// AppService is a service of an app in an environment.
type AppService struct {
	App      string   `json:"app"`
	Service  string   `json:"service"`
	Env      string   `json:"env"`
	Running  int32    `json:"running"`
	Wanted   int32    `json:"wanted"`
	Image    string   `json:"image,omitempty"` // tag of the image that runs; empty before the first deploy
	Routes   []Route  `json:"routes"`
	Port     string   `json:"port"`
	Database bool     `json:"database"` // its security group lets it to the database
	Bucket   string   `json:"bucket,omitempty"`
	Secrets  []string `json:"secrets"` // names of the variables that are filled from secrets
}

// Route is a way from a load balancer to a service.
type Route struct {
	Balancer   string   `json:"balancer"`
	Listener   string   `json:"listener"`   // "HTTPS 443"
	Conditions []string `json:"conditions"` // of the listener's rule: "host-header shop.example"
	Redirects  bool     `json:"redirects"`  // to HTTPS
}

// Database is the client's Aurora cluster.
type Database struct {
	Name      string       `json:"name"`
	Engine    string       `json:"engine"`
	Version   string       `json:"version"`
	Port      string       `json:"port"`
	Instances []DBInstance `json:"instances"`
}

// DBInstance is a machine of the cluster.
type DBInstance struct {
	Name  string `json:"name"`
	Class string `json:"class"`
	Zone  string `json:"zone"`
	Role  string `json:"role"` // writer or reader
}

// Bucket is one of S3.
type Bucket struct {
	Name    string `json:"name"`
	Role    string `json:"role"` // the app that it is of, or archive
	Public  string `json:"public_access"`
	Version string `json:"versioning"`
}

// Access is the rules of network ACLs and security groups.
type Access struct {
	Told
	ACLs   []ACL   `json:"acls"`
	Groups []Group `json:"groups"`
}

// ACL is a network ACL.
type ACL struct {
	Name    string     `json:"name"`
	ID      string     `json:"id,omitempty"`
	Entries []ACLEntry `json:"entries"`
}

// ACLEntry is a rule of a network ACL. The first that fits counts.
type ACLEntry struct {
	Outbound bool   `json:"outbound"`
	Number   string `json:"number"`
	Action   string `json:"action"` // allow or deny
	Protocol string `json:"protocol"`
	Range    string `json:"range"`
	Ports    string `json:"ports"` // empty for all
}

// Group is a security group.
type Group struct {
	Name  string      `json:"name"`
	ID    string      `json:"id,omitempty"`
	Rules []GroupRule `json:"rules"`
}

// GroupRule lets something in, or out.
type GroupRule struct {
	Outbound bool   `json:"outbound"`
	Traffic  string `json:"traffic"` // "tcp 5432"
	Peer     string `json:"peer"`    // a range, or the name of a group or of a prefix list
}

// VPN is how sites and people come in.
type VPN struct {
	Told
	Sites    []Site    `json:"sites"`
	Endpoint *Endpoint `json:"endpoint,omitempty"`
	People   []Person  `json:"people"`
}

// Site is a site-to-site connection.
type Site struct {
	Name    string   `json:"name"`
	State   string   `json:"state"`
	Device  string   `json:"device"` // address of the site's device
	Ranges  []string `json:"ranges"`
	Tunnels []Tunnel `json:"tunnels"`
}

// Tunnel is one of the two of a site.
type Tunnel struct {
	Number  int        `json:"number"`
	Outside string     `json:"outside"`
	Up      bool       `json:"up"`
	Since   *time.Time `json:"since,omitempty"`
	Message string     `json:"message,omitempty"`
}

// Endpoint is where people connect to by OpenVPN.
type Endpoint struct {
	Addresses string `json:"addresses"`
	Session   string `json:"session"`
	Transport string `json:"transport"`
	Port      string `json:"port"`
}

// Person is a certificate of a person.
type Person struct {
	Name    string     `json:"name"`
	State   string     `json:"state"`
	Issued  *time.Time `json:"issued,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
}
