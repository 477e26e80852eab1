package dossier

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func explained(err error) string { return awsapi.Explain(err) }

func (l *look) city() string { return session.City(l.Region) }

// runtimes tells what runs in which version.
func (l *look) runtimes() Runtimes {
	r := Runtimes{
		Told:  l.told("rds/cluster", "rds/instance", "autoscaling/group", "ec2/launch-template", "ecs/service", "elb/listener", "acm/certificate", "acm/imported-certificate"),
		Hosts: []Hosts{}, Images: []Image{}, Listeners: []Listener{}, Certificates: []Certificate{},
	}
	for _, c := range l.own["rds/cluster"] {
		if c.Role != databaseRole {
			continue
		}
		r.Database = &DatabaseVersion{}
		r.Database.Engine, r.Database.Version, _ = strings.Cut(fact(l, &c, "engine"), " ")
		if db, ok := c.Object.(interface {
			StandardSupport() (version string, until time.Time)
			Extended() bool
		}); ok {
			if _, until := db.StandardSupport(); !until.IsZero() {
				r.Database.Support = &until
			}
			r.Database.Extended = db.Extended()
		}
		for _, i := range l.own["rds/instance"] {
			r.Database.Automatic = cmp.Or(r.Database.Automatic, text(&i, "minor version upgrades"))
		}
	}
	for _, g := range l.own["autoscaling/group"] {
		h := Hosts{Name: g.Role, Size: cmp.Or(fact(l, &g, "hosts"), text(&g, "size"))}
		for _, t := range l.own["ec2/launch-template"] {
			if t.Role == g.Role {
				h.Type, h.Image = setting(&t, "settings", "InstanceType"), strings.TrimPrefix(setting(&t, "settings", "ImageId"), "resolve:ssm:")
			}
		}
		r.Hosts = append(r.Hosts, h)
	}
	for i := range l.units {
		u := &l.units[i]
		image := Image{App: u.App, Service: u.Unit.Service, Env: string(u.Env), State: "not deployed"}
		if u.err != nil {
			l.refuse(&r.Told, u)
			image.State = "not read"
		} else if rev := u.running(); rev != nil {
			image.State, image.Tag, image.Digest, image.Deployed = rev.State, rev.Tag, rev.Digest, rev.Deployed
		}
		r.Images = append(r.Images, image)
	}
	for _, listener := range l.own["elb/listener"] {
		if policy := text(&listener, "TLS policy"); policy != "" {
			r.Listeners = append(r.Listeners, Listener{Name: text(&listener, "protocol and port"), Policy: policy})
		}
	}
	for _, c := range l.own["acm/certificate"] {
		r.Certificates = append(r.Certificates, Certificate{Domain: c.Role, Validity: text(&c, "validity")})
	}
	for _, c := range l.own["acm/imported-certificate"] {
		r.Certificates = append(r.Certificates, Certificate{Domain: c.Role, Validity: cmp.Or(fact(l, &c, "valid until"), text(&c, "certificate"))})
	}
	return r
}

// deployed tells the deployments of the last 90 days.
func (l *look) deployed() Deployments {
	d := Deployments{Told: l.told("ecs/service"), Since: l.at.AddDate(0, 0, -deploymentDays), Deployments: []Deployment{}}
	for i := range l.units {
		u := &l.units[i]
		if u.err != nil {
			l.refuse(&d.Told, u)
		}
		for _, r := range u.revisions {
			if r.Registered != nil && r.Registered.Before(d.Since) {
				continue
			}
			d.Deployments = append(d.Deployments, Deployment{
				App: u.App, Service: u.Unit.Service, Env: string(u.Env), Revision: r.Number, Tag: r.Tag, Digest: r.Digest,
				Registered: r.Registered, Deployed: r.Deployed, Withdrawn: r.Withdrawn, State: r.State, By: l.who(r.By), Accepted: r.Accepted,
			})
		}
	}
	slices.SortStableFunc(d.Deployments, func(a, b Deployment) int { return moment(b.Registered).Compare(moment(a.Registered)) })
	return d
}

func moment(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

// who is a principal without its account: "role/operator", and for a session the name of that as well.
func (l *look) who(arn string) string {
	if l.Identifiers {
		return arn
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn
	}
	return parts[5]
}

// alarms tells the client's alarms and who hears of them.
func (l *look) alarms() Alarms {
	a := Alarms{Told: l.told("cloudwatch/alarm", "sns/topic"), Alarms: []Alarm{}, Addresses: []string{}, Pending: []string{}}
	for _, seen := range l.own["cloudwatch/alarm"] {
		one := Alarm{Name: seen.Role}
		one.Severity, one.About = described(text(&seen, "description"), l.Client)
		if alarm, ok := seen.Object.(interface {
			Ringing() (state string, since *time.Time, silent bool)
		}); ok {
			one.State, one.Since, one.Silent = alarm.Ringing()
		}
		a.Alarms = append(a.Alarms, one)
	}
	for _, topic := range l.own["sns/topic"] {
		a.Addresses = append(a.Addresses, lines(&topic, "e-mail addresses")...)
		if pending := fact(l, &topic, "not confirmed yet"); pending != "" {
			a.Pending = append(a.Pending, strings.Split(pending, ", ")...)
		}
	}
	return a
}

// described reads "[high] ACME : … / what happens. To do: what somebody does about it. (cicdctl)", which is how
// alarms are described: in French, and then in English, which the composer translates.
func described(description, client string) (severity, about string) {
	about = strings.TrimSpace(strings.TrimSuffix(description, "(cicdctl)"))
	if rest, ok := strings.CutPrefix(about, "["); ok {
		severity, about, _ = strings.Cut(rest, "] ")
	}
	about = strings.TrimPrefix(about, client+": ")
	about, _, _ = strings.Cut(about, " To do: ")
	if _, english, both := strings.Cut(about, " / "); both {
		about = english
	}
	return severity, strings.TrimSuffix(about, ".")
}
