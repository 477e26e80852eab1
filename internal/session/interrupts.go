package session

import (
	"slices"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// vpnInterrupts tell which connections of sites and people a plan cuts for a time.
func vpnInterrupts(a *Session, client string, changes []provision.Change) []string {
	var lines []string
	hours := false
	for _, c := range changes {
		switch {
		case c.Kind == "ec2/vpn-connection" && c.Op == provision.OpUpdate && differs(c, "customer gateway", "site range", "AWS range"):
			lines = append(lines, a.Print.Sayf("the site %s is cut off for minutes: AWS takes both tunnels down while it changes the connection", c.Role))
		case c.Kind == "ec2/vpn-connection" && c.Op == provision.OpUpdate && changesTunnels(c):
			lines = append(lines, a.Print.Sayf("both tunnels of the site %s are changed one after the other, each down for minutes; the only one that is up is never touched", c.Role))
		case c.Kind == "ec2/client-vpn-endpoint" && c.Op == provision.OpUpdate:
			lines, hours = append(lines, revocations(a, c)...), true
		case c.Kind == "acm/imported-certificate" && c.Op == provision.OpUpdate:
			hours = true
		}
	}
	slices.Sort(lines)
	if hours {
		lines = append(lines, a.Print.Sayf("AWS takes changes of the OpenVPN endpoint within hours, and may end all sessions of %s then; users can connect again", client))
	}
	return slices.Compact(lines)
}

// revocations tell whose certificates an update revokes: lines such as "bob: 2 certificates"
// that are there and not wanted.
func revocations(a *Session, c provision.Change) []string {
	var lines []string
	for _, d := range c.Diffs {
		if d.Field != "users with certificates" {
			continue
		}
		wanted := strings.Split(d.Want, "\n")
		for line := range strings.SplitSeq(d.Have, "\n") {
			person, count, _ := strings.Cut(line, ": ")
			count, _, _ = strings.Cut(count, " ")
			if n, err := strconv.Atoi(count); err == nil && !slices.Contains(wanted, line) {
				lines = append(lines, a.Print.Sayf("revokes %s, who is no longer in the spec: %s; sessions of %s end now, and AWS refuses the certificates once it has taken the new list, up to 4 hours later",
					person, a.Print.Lang.Sayn(n, "%d certificate", "%d certificates"), person))
			}
		}
	}
	return lines
}

// changesTunnels reports whether an update takes tunnels down, one at a time.
func changesTunnels(c provision.Change) bool {
	return slices.ContainsFunc(c.Diffs, func(d provision.Diff) bool {
		return strings.HasPrefix(d.Field, "tunnel ") || d.Field == "pre-shared key storage"
	})
}

// differs reports whether an update is about one of some fields.
func differs(c provision.Change, fields ...string) bool {
	return slices.ContainsFunc(c.Diffs, func(d provision.Diff) bool { return slices.Contains(fields, d.Field) })
}
