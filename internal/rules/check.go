package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Checks are the document's and AWS's opinions on a spec whose shape is right.
func Checks(plan cidr.Plan, account string, now time.Time) spec.Check {
	return func(s *spec.Spec) []spec.Problem {
		c := &checker{spec: s, plan: plan, account: account}
		c.names()
		c.ranges()
		c.windows(now)
		c.network()
		c.listener()
		c.transfer()
		c.tasks()
		c.places()
		return c.problems
	}
}

type checker struct {
	spec     *spec.Spec
	plan     cidr.Plan
	account  string
	problems []spec.Problem
}

func (c *checker) add(path, format string, args ...any) {
	c.problems = append(c.problems, spec.Problem{Path: path, Message: lang.Sprintf(format, args...)})
}

func (c *checker) names() {
	s := c.spec
	if err := CheckRegion(s.Region); err != nil {
		c.add("$.region", "%v", err)
	}
	if err := checkClientName(s.Client); err != nil {
		c.add("$.client", "%v", err)
	}
	account := c.account
	if account == "" {
		account = "000000000000" // every account id is as long
	}
	// The rest of a bucket's name is the suffix and a hyphen between the two.
	together := Limits["bucket"].Max - len(BucketSuffix(account, s.Region)) - 1
	hint := map[string]string{"bucket": lang.Sprintf("; in %s, the names of client and app may have %d characters together", s.Region, together)}
	groups := map[string]string{GroupLoadBalancer: lang.Say("the load balancer"), GroupHosts: lang.Say("the hosts"), GroupDatabase: lang.Say("the database")}
	for _, log := range LogExports(s.Database.Engine) {
		groups["database-"+log] = lang.Sprintf("the database's %s log", log)
	}
	for i, app := range s.Apps {
		at := fmt.Sprintf("$.apps[%d]", i)
		if what, taken := reservedApps[app.Name]; taken {
			c.add(at+".name", "%q would give the app's role the name of %s; choose another", app.Name, lang.Say(what))
		}
		for suffix, whose := range map[string]string{deploySuffix: "pipeline", executionSuffix: "execution", previewSuffix: "preview"} {
			if other, alike := strings.CutSuffix(app.Name, suffix); alike && slices.ContainsFunc(s.Apps, func(a spec.App) bool { return a.Name == other }) {
				c.add(at+".name", "%q would give the app's role the name of that of %s's %s; choose another", app.Name, other, lang.Say(whose))
			}
		}
		for limit, name := range map[string]string{"bucket": BucketName(s.Client, app.Name, s.Region, account), "role": ExecutionRoleName(s.Client, app.Name)} {
			if err := checkName(limit, name); err != nil {
				c.add(at+".name", "%q with client %s %v%s", app.Name, s.Client, err, hint[limit])
			}
		}
		for j, svc := range app.Services {
			role := GroupTag(app.Name, svc.Name)
			if other := groups[role]; other != "" {
				c.add(fmt.Sprintf("%s.services[%d].name", at, j), "%s would have the same AWS names (%q) as %s; rename one of them", svc.Name, role, other)
			}
			groups[role] = app.Name + "/" + svc.Name
		}
		place := Place{Partition: "aws", Region: s.Region, Account: account}
		if n := len(DeployPolicy(place, s.Client, app)); n > MaxRolePolicy {
			c.add(at+".services", "%d services need %d characters in the policy of the pipeline's role, and IAM takes %d: put some of them into another app", len(app.Services), n, MaxRolePolicy)
		}
	}
}

// ranges refuses what would let other clients in: rules for outside services and
// the client's site come before the rule that keeps the pools out.
func (c *checker) ranges() {
	for i, a := range c.spec.Network.Allow {
		path := fmt.Sprintf("$.network.allow[%d].cidr", i)
		if pool, overlaps := c.pool(a.CIDR); overlaps {
			c.add(path, "%s overlaps %s, the network of all clients: it would let other clients in; give the outside range only", a.CIDR, pool)
		}
		// EC2.21 knows 0.0.0.0/0, which contains all pools; its halves come to the same.
		if port, opens := remotePort(a.Ports); opens && a.CIDR.Bits() < widest {
			c.add(path, "%s is wider than a /%d and would be let in to port %d, remote administration (EC2.21); give the range that needs it", a.CIDR, widest, port)
		}
	}
	c.sites()
}

// widest is the widest range that may be let in to SSH or RDP: more than the largest
// block that one organisation was ever given (a /8, IANA's IPv4 address space registry).
const widest = 8

// remotePort is the port of remote administration in a range.
func remotePort(p spec.PortRange) (uint16, bool) {
	i := slices.IndexFunc(remote, func(port uint16) bool { return p.From <= port && port <= p.To })
	if i < 0 {
		return 0, false
	}
	return remote[i], true
}

func (c *checker) pool(p netip.Prefix) (netip.Prefix, bool) {
	pools := c.plan.Pools()
	i := slices.IndexFunc(pools, p.Overlaps)
	if i < 0 {
		return netip.Prefix{}, false
	}
	return pools[i], true
}

func private(p netip.Prefix) bool {
	for _, r := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} {
		if within := netip.MustParsePrefix(r); within.Bits() <= p.Bits() && within.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

func (c *checker) windows(now time.Time) {
	conflicts, err := WindowConflicts(c.spec.Backup, c.spec.Maintenance, now)
	if err != nil {
		c.add("$.maintenance.window", "%v", err)
	}
	var readings []string
	for _, conflict := range conflicts {
		readings = append(readings, conflict.String())
	}
	if len(readings) > 0 {
		c.add("$.backup.window", "overlaps the maintenance window (%s); move one of them by the length of the other", strings.Join(readings, "; "))
	}
}

func (c *checker) network() {
	if c.spec.Network.NAT == spec.NATNone {
		// Endpoints in place of NAT would have to be shared by all clients: see ARCHITECTURE.md.
		c.add("$.network.nat", "%q leaves the hosts no way to ECS, ECR, CloudWatch Logs, Systems Manager and Secrets Manager, so nothing could run on them; give %s (one NAT gateway) or %s (one in each zone)", spec.NATNone, spec.NATSingle, spec.NATPerAZ)
	}
	if _, _, err := ClientACL(c.spec, c.plan.Slots()[0], c.plan); err != nil {
		c.add("$.network.allow", "%v", err)
	}
	for _, g := range SecurityGroups(c.spec) {
		if n := max(len(g.Ingress), len(g.Egress)); n > MaxGroupRules {
			c.add("$.apps", "needs %d rules in the security group %s and AWS allows %d: use fewer services, or fewer ranges in from", n, g.Name, MaxGroupRules)
		}
	}
}

func (c *checker) listener() {
	rules := ListenerRules(c.spec)
	count := len(rules)
	for _, r := range rules {
		if r.Named() {
			count++ // the same once more, for HTTPS
		}
	}
	if count > MaxListenerRules {
		c.add("$.apps", "needs %d load balancer rules (two for each HTTP service, four where it has domains) and AWS allows %d", count, MaxListenerRules)
	}
	if domains := Domains(c.spec); len(domains) > MaxCertificates {
		c.add("$.apps", "has %d domains, each with a certificate of its own, and AWS allows a load balancer %d", len(domains), MaxCertificates)
	}
	taken := map[string]ListenerRule{}
	for _, r := range rules {
		if len(r.Hosts)+1 > maxRuleValues {
			c.add("$.apps", "%s/%s would answer on %d domains and AWS allows %d in a rule; give it domains of its own", r.App, r.Service, len(r.Hosts), maxRuleValues-1)
		}
		for _, host := range append(slices.Clone(r.Hosts), "")[:max(len(r.Hosts), 1)] {
			route := host + r.Path
			if other, double := taken[route]; double {
				c.add(c.path(r), "has the same host and path (%s) as %s/%s in %s; give one of them a domain or a path", route, other.App, other.Service, other.Env)
			}
			taken[route] = r
		}
	}
}

// path of the service that a rule is for.
func (c *checker) path(r ListenerRule) string {
	for i, app := range c.spec.Apps {
		for j, svc := range app.Services {
			if app.Name == r.App && svc.Name == r.Service {
				return fmt.Sprintf("$.apps[%d].services[%d]", i, j)
			}
		}
	}
	return "$.apps"
}
