// Package isolation proves, from what AWS holds, that no client reaches another,
// or lists every way by which one does and the rules that let it through.
package isolation

import "net/netip"

// Owners that are no clients.
const (
	Shared  = ""        // the edge: NAT gateways, what all clients use
	Foreign = "foreign" // in the VPC, but not ours
)

// Estate is what AWS holds of a region, as plain data. What could not be read is
// left out where it is referred to: an ACL, a group, a table or a prefix list that
// is named and not listed counts as open, and Proof.Unknowns says so.
type Estate struct {
	Region      string
	VPCs        []VPC
	Subnets     []Subnet
	ACLs        []ACL
	Groups      []Group
	Interfaces  []Interface
	RouteTables []RouteTable
	NATs        []NAT
	Links       []Link
	VPNs        []VPN
	PrefixLists []PrefixList
	// Untold is what AWS told and nobody could read, for Proof.Unknowns. What it is
	// about is in the estate as open as it might be.
	Untold []string
}

// VPC is one network. Its CIDRs are the local routes of all its route tables.
type VPC struct {
	ID, Name string
	CIDRs    []netip.Prefix
}

// Subnet is one subnet with the ACL and the route table that count for it: the
// VPC's main ones where it has no association of its own.
type Subnet struct {
	ID, VPC         string
	CIDR            netip.Prefix   // none where there is IPv6 only
	IPv6            []netip.Prefix // see survey6
	Owner           string         // client, Shared or Foreign
	ACL, RouteTable string         // IDs
}

// ACL is a network ACL. The final deny need not be listed.
type ACL struct {
	ID, Name, Owner string
	Ingress, Egress []Entry
}

// Entry is one numbered rule of a network ACL. CIDR is the source inbound and the
// destination outbound.
type Entry struct {
	Number   int32
	Allow    bool
	Protocol Protocol
	CIDR     netip.Prefix
	Ports    Ports
}

// Group is a security group.
type Group struct {
	ID, Name, Owner string
	Ingress, Egress []GroupRule
}

// GroupRule is one rule of a security group: exactly one of CIDR, Group and
// PrefixList is set.
type GroupRule struct {
	ID         string // "sgr-..."; may be empty
	Protocol   Protocol
	Ports      Ports
	CIDR       netip.Prefix
	Group      string // ID of a group: its members' private addresses
	PrefixList string // ID
}

// Interface is a network interface of anything: a host, a task, a database, a
// load balancer, a NAT gateway, a Client VPN endpoint.
type Interface struct {
	ID, Subnet string
	Addresses  []netip.Addr // private ones
	Public     []netip.Addr // public addresses that the internet gateway maps to it
	// Groups are IDs. Without any, nothing filters: that is so for NAT gateways and
	// for network load balancers made without groups.
	Groups []string
	Owner  string // client, Shared or Foreign; Shared means the subnet's owner
	What   string // for people: "load balancer web"
	// Listens is what a load balancer answers to; nil is anything. It narrows what
	// the internet reaches, and nothing else: a listener is no filter.
	Listens []Listener
	// ChecksSource is EC2's source/destination check: with it, the interface does
	// not forward what routes send to it.
	ChecksSource bool
}

// Listener is a protocol and port that a load balancer answers to.
type Listener struct {
	Protocol Protocol
	Port     uint16
}

// RouteTable is a subnet's route table. Local routes need not be listed.
type RouteTable struct {
	ID, Name, Owner string
	Routes          []Route
}

// Route is one route: to Destination, or to a prefix list. Of a static and a
// propagated route to the same destination, list the static one first: it wins.
type Route struct {
	Destination netip.Prefix
	PrefixList  string
	Kind        TargetKind
	Target      string // ID
	Blackhole   bool
}

// TargetKind is what a route leads to.
type TargetKind string

// Kinds of targets. Any other counts as one that leads wherever a link does.
const (
	Local           TargetKind = "local"
	InternetGateway TargetKind = "internet gateway"
	NATGateway      TargetKind = "NAT gateway"
	VPNGateway      TargetKind = "VPN gateway"
	Peering         TargetKind = "peering"
	TransitGateway  TargetKind = "transit gateway"
	Appliance       TargetKind = "interface" // a network interface, or the instance that has it
	Endpoint        TargetKind = "endpoint"  // a gateway endpoint: S3 and DynamoDB only
	Elsewhere       TargetKind = "elsewhere" // whatever else AWS routes to
)

// NAT is a NAT gateway with one of its private addresses; one with several
// addresses is listed once for each. Interfaces with such an address open no
// connections of their own.
type NAT struct {
	ID, Subnet string
	Address    netip.Addr
	Public     netip.Addr // what the internet sees instead; none of a private gateway
}

// Link joins VPCs: a peering (two, not transitive) or a transit gateway.
type Link struct {
	ID      string
	Transit bool
	VPCs    []string
	// Tables are a transit gateway's routes by what is attached (the ID of a VPC or
	// of a VPN). nil when they were not read: then it leads anywhere.
	Tables map[string][]TransitRoute
}

// TransitRoute is a route of a transit gateway's table.
type TransitRoute struct {
	Destination netip.Prefix
	Target      string // ID of a VPC or a VPN
	Blackhole   bool
}

// VPN is a site-to-site connection; its addresses count as its owner's. A Client
// VPN is none of these: its users come in from the addresses of its interfaces.
type VPN struct {
	ID, Owner string
	Gateway   string // ID of the VPN gateway or of the transit gateway
	VPC       string // the VPC that the VPN gateway is attached to
	CIDRs     []netip.Prefix
	// Static means no BGP. Sites that speak BGP on one gateway reach each other.
	Static bool
}

// PrefixList is a managed prefix list whose entries were read.
type PrefixList struct {
	ID    string
	CIDRs []netip.Prefix
}

// Protocol is an IP protocol number, or AllProtocols.
type Protocol int16

// Protocols that have ports, and the wildcard.
const (
	AllProtocols Protocol = -1
	ICMP         Protocol = 1
	TCP          Protocol = 6
	UDP          Protocol = 17
)

// Ports is an inclusive range of destination ports. For ICMP it is a range of
// type*256+code. It means nothing for other protocols.
type Ports struct{ From, To uint16 }

// AllPorts is every port, and every ICMP type and code.
var AllPorts = Ports{0, 65535}

// PortRange is a range as EC2 writes it, -1 for all.
func PortRange(from, to int32) Ports {
	if from < 0 || to < 0 {
		return AllPorts
	}
	return Ports{uint16(from), uint16(to)}
}

// TypeCode is an ICMP type and code as EC2 writes them, -1 for all. In a security
// group they stand in FromPort and ToPort.
func TypeCode(kind, code int32) Ports {
	switch {
	case kind < 0:
		return AllPorts
	case code < 0:
		return Ports{uint16(kind) << 8, uint16(kind)<<8 | 255}
	}
	return Ports{uint16(kind)<<8 | uint16(code), uint16(kind)<<8 | uint16(code)}
}
