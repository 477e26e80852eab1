// Package account is what can be asked of an account as a whole: whether cicdctl can
// work in it, and what the sandbox is told by hand.
package account

import (
	"context"
	"net/netip"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Health is what doctor finds out about an account and a region.
type Health struct {
	Identity awsapi.Identity  `json:"identity"`
	Region   string           `json:"region"`
	Zones    []provision.Zone `json:"zones"`
	Clients  []cloud.Client   `json:"clients"`
	Slots    int              `json:"slots"` // in all
	Admins   []string         `json:"admins"`
	Auditors []string         `json:"auditors"`
	// AdminRegions are those with an admin bucket of the account; more than one divide it.
	AdminRegions []string `json:"admin_regions"`
	cloud.Room
}

// imagined is the client that doctor plans, to see what one more would need.
const imagined = "NEWCOMER"

// Diagnose looks whether one more client, with the document's defaults, would fit
// into the account and the region. Where clients of the region have VPNs by their specs,
// like, so would that one. It only reads. A *NoSlotError comes with all that was found out
// before.
func Diagnose(ctx context.Context, o *cloud.Operator, region string, like ...*spec.Spec) (*Health, error) {
	id, err := o.Identity(ctx)
	if err != nil {
		return nil, err
	}
	h := &Health{Identity: id, Region: region, Slots: len(o.Addr.Slots())}
	account, scope, clients, err := o.RegionScopes(ctx, region)
	if err != nil {
		return h, err
	}
	h.Admins, h.Auditors, h.Zones = account.Trusted.Admins, append([]string{}, account.Trusted.Auditors...), scope.Zones
	h.Clients = clients
	if h.AdminRegions, err = o.AdminBuckets(ctx, account); err != nil {
		return h, err
	}
	s, err := spec.Default(imagined, region, o.Checks())
	if err != nil {
		return h, err
	}
	imagineVPN(s, like)
	run, err := o.Build(ctx, s)
	if err != nil {
		return h, err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return h, err
	}
	h.Room, err = run.Room(ctx, plan)
	return h, err
}

// imagineVPN gives a client that is not to be made the VPNs that others of its region have:
// one site, of addresses that nobody has (RFC 5737), and an endpoint for people.
func imagineVPN(s *spec.Spec, like []*spec.Spec) {
	for _, other := range like {
		if other.Region != s.Region {
			continue
		}
		if len(other.VPN.Sites()) > 0 {
			s.VPN.IPsec = &spec.IPsec{Sites: []spec.Site{{Name: spec.OnlySite, Peer: netip.MustParseAddr("192.0.2.1"), Routes: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Initiate: spec.InitiateSite}}}
		}
		if open := other.VPN.OpenVPN; open != nil && s.VPN.OpenVPN == nil {
			s.VPN.OpenVPN = &spec.OpenVPN{Zones: open.Zones, Session: open.Session}
		}
	}
}
