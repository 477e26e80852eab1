package session

import (
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// vpnInterrupts tell which connections of sites and people a plan cuts for a time.
func vpnInterrupts(a *Session, client string, changes []provision.Change) []string {
	var lines []string
	for _, c := range changes {
		switch {
		case c.Kind == "ec2/vpn-connection" && c.Op == provision.OpUpdate && changesTunnels(c):
			lines = append(lines, a.Print.Sayf("both tunnels of the site %s are changed one after the other, each down for minutes; the only one that is up is never touched", c.Role))
		case c.Kind == "ec2/client-vpn-endpoint" && c.Op == provision.OpUpdate, c.Kind == "acm/imported-certificate" && c.Op == provision.OpUpdate:
			lines = append(lines, a.Print.Sayf("AWS takes changes of the OpenVPN endpoint within hours, and may end all sessions of %s then; users can connect again", client))
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// changesTunnels reports whether an update takes tunnels down.
func changesTunnels(c provision.Change) bool {
	return slices.ContainsFunc(c.Diffs, func(d provision.Diff) bool {
		return strings.HasPrefix(d.Field, "tunnel ") || d.Field == "customer gateway" || d.Field == "pre-shared key storage"
	})
}
