package kms

import (
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Which keys there are to be.

type wantKey struct {
	alias, policy, description string
	signs                      bool // it has two halves
}

func wantKeys(s *provision.Scope) map[provision.Role]wantKey {
	place := kit.PlaceOf(s)
	switch s.Level {
	case provision.AccountLevel:
		want := map[provision.Role]wantKey{"admin": {alias: rules.AdminAlias, policy: rules.AdminKeyPolicy(place, s.Trusted), description: rules.Both("cicdctl: the admin bucket and the private keys in it").String()}}
		if s.OrganizationTrail == "" {
			want[kit.TrailRole] = wantKey{alias: rules.TrailAlias, policy: rules.TrailKeyPolicy(place), description: rules.Both("cicdctl: the account's trail").String()}
		}
		return want
	case provision.RegionLevel:
		// No client is named SHARED, so no client's log group has this prefix.
		return map[provision.Role]wantKey{"shared": {alias: rules.SharedAlias, policy: rules.SharedKeyPolicy(place, rules.SharedLogGroups), description: rules.Both("cicdctl: what clients share in %s", s.Region).String()}}
	default:
		policy := rules.ClientKeyPolicy(place, s.Client, rules.ClientLogGroups(s.Client)...)
		want := map[provision.Role]wantKey{"client": {alias: rules.KeyAlias(s.Client), policy: policy, description: rules.Both("cicdctl: the data of %s", s.Client).String()}}
		if s.Spec.Backup.Archive.Monthly() {
			want[kit.ArchiveRole] = wantKey{alias: rules.ArchiveKeyAlias(s.Client), policy: rules.ArchiveKeyPolicy(place), description: rules.Both("cicdctl: the archives of %s", s.Client).String()}
		}
		if s.Spec.VPN.OpenVPN != nil {
			authority := wantKey{alias: rules.VPNKeyAlias(s.Client), description: rules.Both("cicdctl: the certificates of the VPN of %s", s.Client).String(), signs: true}
			if len(s.Trusted.Admins) > 0 {
				authority.policy = rules.VPNKeyPolicy(place, s.Trusted)
			}
			want[kit.VPNRole] = authority
		}
		return want
	}
}
