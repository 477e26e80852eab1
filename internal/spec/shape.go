package spec

import (
	_ "embed"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	_ "time/tzdata" // the maintenance window needs zones on every machine

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

const maxName = 20 // of clients, apps and services, so that AWS's names stay readable

// maxCertificateName is the length of a certificate's common name (RFC 5280,
// ub-common-name; API reference of ACM, RequestCertificate).
const maxCertificateName = 64

var (
	clientPattern   = lazyregexp.New(`^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$`)
	namePattern     = lazyregexp.New(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	instancePattern = lazyregexp.New(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)
	classPattern    = lazyregexp.New(`^db\.[a-z0-9]+(\.[a-z0-9]+)+$`)
	domainPattern   = lazyregexp.New(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	pathPattern     = lazyregexp.New(`^/[A-Za-z0-9_.$/~"'@:+&*?-]*$`)
	projectPattern  = lazyregexp.New(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$`)
	branchPattern   = lazyregexp.New(`^[A-Za-z0-9_][A-Za-z0-9._/-]*$`)
	userPattern     = lazyregexp.New(`^[a-z0-9][a-z0-9._-]{0,31}$`)
)

// MostTasks is the most tasks of a service in an environment: far more than the hosts of a
// client have network interfaces for.
const MostTasks = 100

// CheckClient says what is wrong with a client's name, or returns nil.
func CheckClient(name string) error {
	switch {
	case name == "":
		return lang.Errorf("missing; give the client's code, such as ACME")
	case clientPattern.MatchString(name) && len(name) <= maxName:
		return nil
	case clientPattern.MatchString(strings.ToUpper(name)) && len(name) <= maxName:
		return lang.Errorf("%q must be in upper case: %s", name, strings.ToUpper(name))
	default:
		return lang.Errorf("%q is not a client code: 1 to %d capital letters, digits and single hyphens, starting with a letter, such as ACME or ACME-2", name, maxName)
	}
}

// maxAccount is the length of an account's name: it is part of files' and jobs' names.
const maxAccount = 32

// CheckAccount says what is wrong with the name of an account, or returns nil.
func CheckAccount(name string) error {
	if !namePattern.MatchString(name) || len(name) > maxAccount {
		return lang.Errorf("%q is not the name of an account: 1 to %d lower-case letters, digits and single hyphens, starting with a letter, such as production", name, maxAccount)
	}
	return nil
}

// CheckDomain says what is wrong with a domain, or returns nil.
func CheckDomain(domain string) error {
	if !domainPattern.MatchString(domain) {
		return lang.Errorf("%q is not a host name in lower case, such as shop.example.com", domain)
	}
	if len(domain) > maxCertificateName {
		return lang.Errorf("%q has %d characters and the name of a certificate at most %d; choose a shorter one", domain, len(domain), maxCertificateName)
	}
	return nil
}

// CheckTimezone says what is wrong with the name of a time zone, or returns nil.
func CheckTimezone(name string) error {
	if slices.Contains(timezones, name) {
		return nil
	}
	if i := slices.IndexFunc(timezones, func(known string) bool { return strings.EqualFold(known, name) }); i >= 0 {
		return lang.Errorf("%q is not an IANA time zone; write %s", name, timezones[i])
	}
	return lang.Errorf("%q is not an IANA time zone such as Europe/Paris", name)
}

// timezonesText are the names of the time zones in Go's own copy of the IANA database, but for
// Factory. What the machine's copy takes besides, such as posixrules, or europe/paris on a disk
// that tells no capital letters from small ones, EventBridge Scheduler refuses.
//
//go:embed timezones.txt
var timezonesText string

var timezones = strings.Fields(timezonesText)

// shaper collects what is wrong with a spec's values one by one.
type shaper struct {
	problems []Problem
	given    func(path string) bool
}

func (c *shaper) add(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{Path: path, Message: lang.Sprintf(format, args...)})
}

func (c *shaper) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.add(path, "%q is not one of %s", value, strings.Join(allowed, ", "))
	}
}

func (c *shaper) within(path string, value, high int) {
	if value < 1 || value > high {
		c.add(path, "%d is not within 1-%d", value, high)
	}
}

func (c *shaper) name(path, value string) {
	if !namePattern.MatchString(value) || len(value) > maxName {
		c.add(path, "%q is not a name: 1 to %d lower-case letters, digits and single hyphens, starting with a letter", value, maxName)
	}
}

// shape checks every value for itself; given tells which were in the file.
func shape(s *Spec, given func(string) bool) []Problem {
	c := &shaper{given: given}
	if err := CheckClient(s.Client); err != nil {
		c.add("$.client", "%v", err)
	}
	if s.Region == "" {
		c.add("$.region", "missing; give the client's region, such as eu-west-3")
	}
	if given("$.account") {
		if err := CheckAccount(s.Account); err != nil {
			c.add("$.account", "%v", err)
		}
	}
	if err := checkRequired(s.RequiredVersion); err != nil {
		c.add("$."+RequiredPath, "%v", err)
	}
	c.network(s.Network)
	c.hosts(s.Hosts)
	c.apps(s.Apps)
	c.oneOf("$.database.engine", s.Database.Engine, AuroraPostgreSQL, AuroraMySQL)
	if !classPattern.MatchString(s.Database.Class) {
		c.add("$.database.class", "%q is not an instance class such as db.r6g.large", s.Database.Class)
	}
	c.within("$.database.instances", s.Database.Instances, 15)
	c.within("$.backup.retention_days", s.Backup.RetentionDays, 35)
	if _, err := ParseDailyWindow(s.Backup.Window); err != nil {
		c.add("$.backup.window", "%v", err)
	}
	c.oneOf("$.backup.archive.every", s.Backup.Archive.Every, "month", "none")
	c.within("$.backup.archive.keep_months", s.Backup.Archive.KeepMonths, 120)
	if _, err := ParseWeeklyWindow(s.Maintenance.Window); err != nil {
		c.add("$.maintenance.window", "%v", err)
	}
	if err := CheckTimezone(s.Maintenance.Timezone); err != nil {
		c.add("$.maintenance.timezone", "%v", err)
	}
	c.tags(s.Tags)
	c.vpn(s.VPN)
	for i, address := range s.Alarms.Email {
		if !IsEmail(address) {
			c.add(fmt.Sprintf("$.alarms.email[%d]", i), "%q is not an e-mail address", address)
		}
	}
	for i, e := range s.Audit.Exceptions {
		path := fmt.Sprintf("$.audit.exceptions[%d]", i)
		if e.ID == "" {
			c.add(path+".id", "missing; give the finding's id, such as ELB.6")
		}
		if strings.TrimSpace(e.Reason) == "" {
			c.add(path+".reason", "missing; say why the finding is accepted")
		}
		if e.Until.IsZero() {
			c.add(path+".until", "missing; give the last day on which it is accepted, such as 2027-06-30")
		}
	}

	return c.problems
}

func (c *shaper) network(n Network) {
	c.oneOf("$.network.nat", string(n.NAT), string(NATPerAZ), string(NATSingle), string(NATNone)) // none: see the rules
	for i, a := range n.Allow {
		path := fmt.Sprintf("$.network.allow[%d]", i)
		if strings.TrimSpace(a.Name) == "" {
			c.add(path+".name", "missing; say what the range is")
		}
		if !c.given(path + ".cidr") {
			c.add(path+".cidr", "missing; give the source range, such as 198.51.100.7/32")
		}
		c.oneOf(path+".protocol", a.Protocol, "tcp", "udp")
		if !c.given(path + ".ports") {
			c.add(path+".ports", `missing; give a port or a range, such as "9100"`)
		}
	}
}

func (c *shaper) hosts(h Hosts) {
	if !instancePattern.MatchString(h.InstanceType) {
		c.add("$.hosts.instance_type", "%q is not an EC2 instance type such as m6i.large", h.InstanceType)
	}
	c.within("$.hosts.min", h.Min, 100)
	c.within("$.hosts.max", h.Max, 100)
	if h.Min > h.Max {
		c.add("$.hosts.min", "%d is more than max, %d", h.Min, h.Max)
	}
}

func (c *shaper) apps(apps []App) {
	names := map[string]bool{}
	for i, app := range apps {
		path := fmt.Sprintf("$.apps[%d]", i)
		c.name(path+".name", app.Name)
		if names[app.Name] {
			c.add(path+".name", "%q is the name of two apps", app.Name)
		}
		names[app.Name] = true
		if app.Repository != "" && !projectPattern.MatchString(app.Repository) {
			c.add(path+".repository", "%q is not a GitLab project path such as acme/shop", app.Repository)
		}
		if !branch(app.Branch) {
			c.add(path+".branch", "%q is not a branch such as main or release/2: letters, digits and ._/-, at most %d; it is one branch, not a pattern", app.Branch, maxBranch)
		}
		if len(app.Services) == 0 {
			c.add(path+".services", "missing; an app has at least one service")
		}
		services := map[string]bool{}
		for j, svc := range app.Services {
			at := fmt.Sprintf("%s.services[%d]", path, j)
			c.name(at+".name", svc.Name)
			if services[svc.Name] {
				c.add(at+".name", "%q is the name of two services of %s", svc.Name, app.Name)
			}
			services[svc.Name] = true
			c.service(at, svc)
		}
	}
}

// maxWildcards is Elastic Load Balancing's quota "Condition Wildcards per Rule".
const maxWildcards = 6

// maxBranch is far below what Git takes; tokens hold the whole name.
const maxBranch = 100

// branch reports whether a text can be the name of a branch. What Git takes beside
// it (spaces, dollars, stars) would mean something in IAM's policies.
func branch(name string) bool {
	odd := strings.Contains(name, "..") || strings.Contains(name, "//") || strings.HasSuffix(name, "/") || strings.HasSuffix(name, ".") || strings.HasSuffix(name, ".lock")
	return branchPattern.MatchString(name) && len(name) <= maxBranch && !odd
}

func (c *shaper) service(at string, svc Service) {
	c.oneOf(at+".runtime", string(svc.Runtime), string(Apache), string(NodeJS), string(MySecureShell), string(ProFTPD))
	if svc.Runtime.HTTP() {
		if len(svc.From) > 0 {
			c.add(at+".from", "only file-transfer runtimes take it; the load balancer is open to everybody")
		}
		if n := strings.Count(svc.Path, "*") + strings.Count(svc.Path, "?"); n > maxWildcards {
			c.add(at+".path", "%q has %d wildcards, and AWS takes %d in a rule of a load balancer", svc.Path, n, maxWildcards)
		}
		if !pathPattern.MatchString(svc.Path) || len(svc.Path) > 128 {
			c.add(at+".path", "%q is not a path pattern: it starts with / and has at most 128 letters, digits and _-.$/~\"'@:+&*?", svc.Path)
		}
	} else {
		if c.given(at + ".path") {
			c.add(at+".path", "only HTTP runtimes take it")
		}
		if c.given(at + ".domains") {
			c.add(at+".domains", "only HTTP runtimes take it")
		}
	}
	for _, env := range Envs() {
		if path := at + ".tasks." + string(env); c.given(path) {
			c.within(path, svc.Tasks.Of(env), MostTasks)
		}
		if path := at + ".max_tasks." + string(env); c.given(path) {
			c.within(path, svc.MaxTasks.Of(env), MostTasks)
			switch least := svc.Tasks.Of(env); {
			case least == 0:
				c.add(path, "%d is the most tasks; give the fewest as well, in tasks.%s", svc.MaxTasks.Of(env), env)
			case svc.MaxTasks.Of(env) < least:
				c.add(path, "%d is less than tasks.%s, %d", svc.MaxTasks.Of(env), env, least)
			}
		}
		d := svc.Domains.Of(env)
		if d == "" {
			continue
		}
		if err := CheckDomain(d); err != nil {
			c.add(at+".domains."+string(env), "%s", err)
		}
	}
}

// IsEmail reports whether a text is one e-mail address and nothing else.
func IsEmail(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text
}
