package kit

import (
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The roles of what makes the monthly copies.
const (
	BackupRole  = "backup"
	MonthlyRole = "monthly"
)

// TrailRole is the role of the account's trail, its bucket and its key.
const TrailRole = "trail"

// AlarmsRole is the role of a client's topic, and of a region's.
const AlarmsRole = "alarms"

// AccessLogsRole is the role of the bucket of access logs: one a region, which is the
// account's own in its home region.
const AccessLogsRole = rules.AccessLogsRole

// WatchesTrail reports whether the account's own trail is watched through CloudWatch Logs.
func WatchesTrail(s *provision.Scope) bool { return s.OrganizationTrail == "" && !s.NoTrailAlarms }

// SameResource reports whether tags are those of the step's own resource.
func SameResource(s *provision.Step, tags provision.Tags) bool {
	return SameScope(s, tags) && tags[provision.TagRole] == s.Tags[provision.TagRole]
}

// SameScope reports whether the tags are those of the step's client, region or account.
func SameScope(s *provision.Step, tags provision.Tags) bool {
	for _, key := range []string{provision.TagManagedBy, provision.TagScope, provision.TagRegion, provision.TagClient} {
		if tags[key] != s.Tags[key] {
			return false
		}
	}
	return true
}

// Owner says whose a resource is.
func Owner(tags provision.Tags) string {
	switch {
	case tags[provision.TagManagedBy] != provision.ManagedBy && tags[provision.TagName] != "":
		return lang.Sprintf("named %s, not made by cicdctl", tags[provision.TagName])
	case tags[provision.TagManagedBy] != provision.ManagedBy:
		return lang.Say("not made by cicdctl")
	case tags[provision.TagClient] != "":
		return lang.Sprintf("of client %s", tags[provision.TagClient])
	default:
		return lang.Sprintf("of the %s", tags[provision.TagScope])
	}
}

// NatRoles are the NAT gateways that the region needs, and their addresses.
func NatRoles(s *provision.Scope) map[provision.Role]struct{} {
	out := map[provision.Role]struct{}{}
	for i := range s.Zones {
		if s.NAT == spec.NATPerAZ || s.NAT == spec.NATSingle && i == 0 {
			out["nat-"+s.Letter(i)] = struct{}{}
		}
	}
	return out
}

// FlowLogs is the role of the group that flow logs are written to, and of the IAM
// role that writes them.
const FlowLogs = "flow-logs"

// PlaceOf is what ARNs of the scope share.
func PlaceOf(s *provision.Scope) rules.Place {
	return rules.Place{Partition: s.Partition, Region: s.Region, Account: s.Account}
}

// ArchiveRole is the role of the bucket of a client's archives and of their key.
const ArchiveRole = "archive"

// VPNRole is the role of the region's VPN gateway, and of everything that a client's VPNs have
// one of: the log group, and for OpenVPN the endpoint, its certificate, and the key of the authority that signs it.
const VPNRole = "vpn"

// ExecRole is the role of what the sessions have that operators open in a client's containers.
const ExecRole = "exec"
