// Package cidr does the address arithmetic of the design: ten slots of three
// /21 subnets in each /16 pool, and an edge made of what is left of the first.
package cidr

import "net/netip"

// Plan is the address plan of one region's VPC. The first pool is the VPC's
// primary CIDR and holds the edge; the others are secondary CIDRs with slots only.
type Plan struct {
	pools []netip.Prefix
}

// Slot is one client's place: three consecutive /21 of one pool.
type Slot struct {
	Pool  netip.Prefix
	Index int // 0..9 within the pool
}
