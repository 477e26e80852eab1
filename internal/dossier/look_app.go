package dossier

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// application tells what answers requests, as listeners, target groups, services and their security
// groups have it.
func (l *look) application() Application {
	a := Application{
		Told:      l.told("elb/load-balancer", "elb/listener", "elb/listener-rule", "elb/target-group", "ecs/service", "ecs/task-definition", "ec2/security-group", "rds/cluster", "rds/instance", "s3/bucket"),
		Balancers: []Balancer{}, Services: []AppService{}, Buckets: []Bucket{},
	}
	for _, b := range l.own["elb/load-balancer"] {
		a.Balancers = append(a.Balancers, Balancer{
			Name: b.Role, Type: balancerType(b.ID), Public: text(&b, "scheme") == "internet-facing", Address: fact(l, &b, rules.FactDNSName),
		})
	}
	for i := range l.units {
		if err := l.units[i].err; err != nil {
			l.refuse(&a.Told, &l.units[i])
		}
		a.Services = append(a.Services, l.service(&l.units[i]))
	}
	for _, b := range l.own["s3/bucket"] {
		a.Buckets = append(a.Buckets, Bucket{Name: b.ID, Role: b.Role, Public: text(&b, "public access block"), Version: text(&b, "versioning")})
	}
	a.Database = l.database()
	return a
}

// balancerType is application or network, by the ARN of a load balancer or of what is part of one.
func balancerType(arn string) string {
	switch {
	case strings.Contains(arn, "/app/"):
		return "application"
	case strings.Contains(arn, "/net/"):
		return "network"
	default:
		return ""
	}
}

// fact is what a kind tells of a resource under a name.
func fact(l *look, seen *provision.Seen, name string) string {
	if l.facts == nil {
		l.facts = map[string][]provision.Fact{}
		for _, h := range l.found.Survey.Held() {
			l.facts[h.Kind+" "+h.ID] = h.Facts
		}
	}
	for _, f := range l.facts[seen.Kind+" "+seen.ID] {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// service tells of one service in an environment.
func (l *look) service(u *unit) AppService {
	s := AppService{App: u.App, Service: u.Unit.Service, Env: string(u.Env), Routes: []Route{}, Secrets: []string{}}
	if tasks, ok := u.service.Object.(interface {
		Tasks() (running, wanted int32)
	}); ok {
		s.Running, s.Wanted = tasks.Tasks()
	}
	if r := u.running(); r != nil {
		s.Image = cmp.Or(r.Tag, r.Digest, r.Image)
	}
	targets := lines(u.service, "target group")
	var ports []string
	for i, line := range targets {
		target, port, _ := strings.Cut(line, " to ")
		targets[i] = target
		if _, number, ok := strings.Cut(port, ":"); ok {
			ports = append(ports, number)
		}
	}
	slices.SortFunc(ports, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	s.Port = strings.Join(ports, ", ")
	s.Routes = append(s.Routes, l.routes(u, targets)...)
	for _, t := range l.own["ecs/task-definition"] {
		if t.Role != u.service.Role {
			continue
		}
		for _, line := range lines(&t, "secrets") {
			variable, _, _ := strings.Cut(line, " from ")
			s.Secrets = append(s.Secrets, variable)
		}
	}
	if r := u.running(); r != nil {
		for _, c := range r.Definition.ContainerDefinitions {
			for _, e := range c.Environment {
				if aws.ToString(e.Name) == "BUCKET" {
					s.Bucket = aws.ToString(e.Value)
				}
			}
		}
	}
	s.Database = l.reachesDatabase(u.service)
	return s
}

// running is the revision that runs; nil before the first deploy.
func (u *unit) running() *deploy.Revision {
	for _, r := range u.revisions {
		if r.State == deploy.RevisionRunning || r.State == deploy.RevisionDeploying {
			return r
		}
	}
	return nil
}

// routes are the ways from listeners to a service: what forwards to one of its target groups, and
// what sends its requests on to HTTPS.
func (l *look) routes(u *unit, targets []string) []Route {
	var out []Route
	listeners := map[string]*provision.Seen{}
	for i := range l.own["elb/listener"] {
		listener := &l.own["elb/listener"][i]
		listeners[afterType(listener.ID)] = listener
		if forwards(text(listener, "default action"), targets) {
			out = append(out, Route{Balancer: l.balancerOf(listener.ID), Listener: text(listener, "protocol and port"), Conditions: []string{}})
		}
	}
	for _, r := range l.own["elb/listener-rule"] {
		action := text(&r, "action")
		own := r.Tags[provision.TagApp] == u.App && r.Tags[provision.TagService] == u.Unit.Service && r.Tags[provision.TagEnv] == string(u.Env)
		redirects := own && strings.HasPrefix(action, "redirect ")
		if !redirects && !forwards(action, targets) {
			continue
		}
		path := afterType(r.ID)
		listener := listeners[path[:max(strings.LastIndex(path, "/"), 0)]]
		one := Route{Balancer: l.balancerOf(r.ID), Conditions: append([]string{}, lines(&r, "conditions")...), Redirects: redirects}
		if listener != nil {
			one.Listener = text(listener, "protocol and port")
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Balancer, b.Balancer), strings.Compare(a.Listener, b.Listener))
	})
	return out
}

// afterType is the part of an ARN of Elastic Load Balancing that a listener and its rules share:
// "app/acme-web/50dc6c495c0c9188/f2f7dc8efc522ab2".
func afterType(arn string) string {
	_, path, _ := strings.Cut(arn, "/")
	return path
}

func forwards(action string, targets []string) bool {
	return strings.HasPrefix(action, "forward ") && slices.ContainsFunc(targets, func(t string) bool { return strings.Contains(action, t) })
}

// balancerOf is the name of the load balancer that a listener or a rule is part of.
func (l *look) balancerOf(arn string) string {
	for _, b := range l.own["elb/load-balancer"] {
		if strings.HasPrefix(afterType(arn)+"/", afterType(b.ID)+"/") {
			return b.Role
		}
	}
	return hidden
}

// reachesDatabase reports whether the security groups of a service let it to the database, and those
// of the database let it in.
func (l *look) reachesDatabase(service *provision.Seen) bool {
	var database []string
	for _, c := range l.own["rds/cluster"] {
		if c.Role == databaseRole {
			database = lines(&c, "security groups")
		}
	}
	for _, own := range lines(service, "network") {
		for _, theirs := range database {
			if l.groupHas(own, "egress", " to "+theirs) && l.groupHas(theirs, "ingress", " from "+own) {
				return true
			}
		}
	}
	return false
}

// groupHas reports whether one of a group's rules ends so.
func (l *look) groupHas(id, attribute, end string) bool {
	for _, g := range l.own["ec2/security-group"] {
		if g.ID == id && slices.ContainsFunc(lines(&g, attribute), func(line string) bool { return strings.HasSuffix(line, end) }) {
			return true
		}
	}
	return false
}

// databaseRole is the role of the client's own database; others are of restored copies.
const databaseRole = "database"

// database tells of the client's own database; nil without one.
func (l *look) database() *Database {
	for _, c := range l.own["rds/cluster"] {
		if c.Role != databaseRole {
			continue
		}
		d := &Database{Name: c.ID, Port: text(&c, "port"), Instances: []DBInstance{}}
		d.Engine, d.Version, _ = strings.Cut(fact(l, &c, "engine"), " ")
		for _, i := range l.own["rds/instance"] {
			if strings.ContainsFunc(i.Role, func(r rune) bool { return r < '0' || r > '9' }) {
				continue // of a restored copy
			}
			d.Instances = append(d.Instances, DBInstance{Name: i.ID, Class: text(&i, "class"), Zone: text(&i, "availability zone"), Role: fact(l, &i, "serves as")})
		}
		if slices.ContainsFunc(d.Instances, func(i DBInstance) bool { return i.Role != "" }) { // only the writer is told of
			for i := range d.Instances {
				d.Instances[i].Role = cmp.Or(d.Instances[i].Role, "reader")
			}
		}
		return d
	}
	return nil
}

// refuse notes that what was deployed of a service was not read.
func (l *look) refuse(t *Told, u *unit) {
	n := NotRead{What: askedDeploys + " of " + u.App + "/" + u.Unit.Service + " (" + string(u.Env) + ")", Why: l.names.other(explained(u.err))}
	if !slices.Contains(t.NotRead, n) {
		t.NotRead = append(t.NotRead, n)
	}
}
