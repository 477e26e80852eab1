// Package rules is the infrastructure document as data: names and their limits,
// tags, regions, windows, and the network rules generated from a client's spec.
package rules

import "net/netip"

// ACLRule is one entry of a network ACL, in one direction.
type ACLRule struct {
	Number   int32 // 1..32766; the lowest that matches decides
	Allow    bool
	Protocol string       // "all", "tcp" or "udp"
	CIDR     netip.Prefix // source inbound, destination outbound
	From, To uint16       // ports, inclusive; 0-65535 with protocol "all"
	Why      string       // one phrase for plans and audits
}

// SGRule is one rule of a security group, in one direction. Exactly one of
// Group (the role of another group of the same client) and CIDR is set.
type SGRule struct {
	Protocol string // "tcp", "udp" or "all"
	From, To uint16
	Group    string
	CIDR     netip.Prefix
	Why      string // becomes the rule's description in EC2
}

// SecurityGroup is one group of a client, keyed by its role.
type SecurityGroup struct {
	Role    string // "hosts", "load-balancer", "database", or "<app>-<service>"
	Name    string // the EC2 GroupName, unique in the VPC that clients share: "acme-shop-web"
	App     string // empty for the groups that belong to no service
	Service string
	Ingress []SGRule
	Egress  []SGRule
}

// Anywhere is every IPv4 address.
var Anywhere = netip.MustParsePrefix("0.0.0.0/0")
