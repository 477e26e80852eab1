package dossier

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
	"gitlab.com/cicd/cicdctl/internal/vpn"
)

// Asked is of whom a dossier is, and how much it tells.
type Asked struct {
	Client, Region string
	Spec           *spec.Spec // that the audit holds the client against; nil without one
	Identifiers    bool       // ARNs, account numbers and the like as well
	Cost           bool       // prices as well
	Version        string     // of cicdctl
	Lang           lang.Lang  // of the audit's sentences; English when empty
}

// look is all that AWS was asked for a dossier, before it is put into sections.
type look struct {
	Asked
	op *cloud.Operator
	at time.Time

	found  *audit.Audited
	judge  func() (*audit.Audited, error) // judges once more what was seen, in the language of the run
	unread map[string]string              // why a kind was not read
	own    map[string][]provision.Seen
	shared map[string][]provision.Seen
	estate *isolation.Estate
	proof  *isolation.Proof
	names  names
	facts  map[string][]provision.Fact // by kind and ID, once somebody asks

	place    *cloud.Client // nil where it was not read
	points   *backup.Points
	history  []backup.DrillRecord
	sites    []vpn.Connection
	people   []vpn.Person
	admins   []string
	units    []unit
	estimate *price.Estimate  // nil where nobody asked
	errs     map[string]error // of what was asked beside the audit's look
}

// unit is a service in an environment with what was deployed there.
type unit struct {
	cloud.Unit
	service   *provision.Seen
	revisions []*deploy.Revision
	err       error
}

// What is asked beside the audit's look, as NotRead names it.
const (
	askedSubnets = "the client's subnets"
	askedDrills  = "the history of restore drills"
	askedCopies  = "the backups"
	askedSites   = "the tunnels of sites"
	askedPeople  = "the certificates of users"
	askedAdmins  = "who may read private keys"
	askedDeploys = "the deployments"
	askedPrices  = "the prices"
)

// Gather asks AWS for all that a dossier tells. It makes no call that changes anything. What AWS
// refuses to tell is in NotRead of the sections that it is missing from; the error is for what
// makes any dossier impossible, such as a client that is not there.
func Gather(ctx context.Context, op *cloud.Operator, asked Asked) (*Dossier, error) {
	ctx = awsapi.Remembering(ctx, &awsapi.Memory{Shared: true})
	l := &look{Asked: asked, op: op, at: time.Now().UTC().Truncate(time.Second), errs: map[string]error{}}
	if err := l.find(ctx); err != nil {
		return nil, err
	}
	// What kinds tell of resources is read here as well as by people: in English, whatever the run speaks.
	spoken := lang.Current()
	lang.Use(lang.English)
	defer lang.Use(spoken)
	if err := l.ask(ctx); err != nil {
		return nil, err
	}
	l.sort()
	if err := l.deployments(ctx); err != nil {
		return nil, err
	}
	d := l.dossier()
	if asked.Lang != "" && asked.Lang != lang.English {
		lang.Use(asked.Lang)
		var err error
		if l.found, err = l.judge(); err != nil {
			return nil, err
		}
		d.Audit = l.audit()
	}
	return discreet(d, l.names, asked.Identifiers)
}

// find settles that the client is there.
func (l *look) find(ctx context.Context) error {
	clients, err := l.op.Clients(ctx, l.Region)
	if awsapi.Is(err, awsapi.Denied) {
		l.errs[askedSubnets] = err
		return nil
	}
	if err != nil {
		return err
	}
	i := slices.IndexFunc(clients, func(c cloud.Client) bool { return c.Name == l.Client })
	if i < 0 {
		return session.Refuse(lang.Sprintf("cicdctl client create %s --region %s makes it; cicdctl client list shows the clients there are", l.Client, l.Region),
			"%s has no subnets in %s: there is nothing on AWS that a report could tell of", l.Client, l.Region)
	}
	l.place = &clients[i]
	return nil
}

// ask puts all questions that need no other's answer, at the same time.
func (l *look) ask(ctx context.Context) error {
	var refused [6]error // each in its own place: they are asked at the same time
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		whom := audit.Examined{Names: []string{l.Client}, Regions: []string{l.Region}}
		if l.Spec != nil {
			whom.Specs = []*spec.Spec{l.Spec}
		}
		seen, err := audit.Look(ctx, l.op, whom)
		if err != nil {
			return err
		}
		l.judge = func() (*audit.Audited, error) { return seen.Judge(l.op.Types) }
		l.found, err = l.judge()
		return err
	})
	g.Go(func() error {
		l.points, refused[0] = backup.ReadPoints(ctx, l.op, l.Client, l.Region, nil)
		return final(ctx, refused[0])
	})
	g.Go(func() error {
		l.history, refused[1] = backup.History(ctx, l.op, l.Client, l.Region)
		return final(ctx, refused[1])
	})
	g.Go(func() error {
		l.sites, refused[2] = vpn.Sites(ctx, l.op, l.Client, l.Region)
		return final(ctx, refused[2])
	})
	g.Go(func() error {
		l.people, refused[3] = vpn.Certificates(ctx, l.op, l.Client, l.Region)
		return final(ctx, refused[3])
	})
	g.Go(func() error {
		l.admins, refused[4] = l.trusted(ctx)
		return final(ctx, refused[4])
	})
	if l.Cost {
		g.Go(func() error {
			l.estimate, refused[5] = l.op.Cost(ctx, l.Client, l.Region, l.Spec)
			return final(ctx, refused[5])
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, what := range []string{askedCopies, askedDrills, askedSites, askedPeople, askedAdmins, askedPrices} {
		if refused[i] != nil {
			l.errs[what] = refused[i]
		}
	}
	return nil
}

// final is an error after which nothing else needs to be asked.
func final(ctx context.Context, err error) error {
	if ctx.Err() != nil || awsapi.Is(err, awsapi.Credentials) {
		return err
	}
	return nil
}

// trusted are those who can read private keys.
func (l *look) trusted(ctx context.Context) ([]string, error) {
	account, err := l.op.Account(ctx)
	if err != nil {
		return nil, err
	}
	who, err := l.op.Trusted(ctx, account)
	return who.Admins, err
}

// sort puts what was seen where the sections find it.
func (l *look) sort() {
	l.own, l.shared, l.unread = map[string][]provision.Seen{}, map[string][]provision.Seen{}, map[string]string{}
	for _, n := range l.found.NotAudited {
		l.unread[n.What] = n.Why
	}
	for seen := range l.found.Survey.Seen() {
		switch {
		case seen.State == provision.Gone.String() || seen.State == provision.Deleting.String():
		case seen.Client == l.Client && seen.Region == l.Region:
			l.own[seen.Kind] = append(l.own[seen.Kind], seen)
		case seen.Client == "":
			l.shared[seen.Kind] = append(l.shared[seen.Kind], seen)
		}
	}
	l.estate = l.found.Networks[l.Region]
	for i := range l.found.Isolation {
		if l.found.Isolation[i].Region == l.Region {
			l.proof = &l.found.Isolation[i]
		}
	}
	l.names = l.named()
}

// deploymentDays is how far back deployments are told.
const deploymentDays = 90

// revisionsRead is how many revisions of a service are read: more than are deployed in 90 days
// where somebody deploys every day.
const revisionsRead = 100

// deployments reads what was deployed of each service that ECS has.
func (l *look) deployments(ctx context.Context) error {
	account, err := l.op.Account(ctx)
	if err != nil {
		return err
	}
	since := l.at.AddDate(0, 0, -deploymentDays)
	for i := range l.own["ecs/service"] {
		seen := &l.own["ecs/service"][i]
		l.units = append(l.units, unit{service: seen, Unit: cloud.Unit{
			Client: l.Client, Region: l.Region, App: seen.Tags[provision.TagApp], Service: seen.Tags[provision.TagService], Env: spec.Env(seen.Tags[provision.TagEnv]),
			Account: account.Account, API: l.op.Factory.Set(l.Region), Pace: l.op.Pace,
		}})
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cloud.DescribesAtOnce)
	for i := range l.units {
		u := &l.units[i]
		g.Go(func() error {
			u.revisions, u.err = deploy.Since(ctx, u.Unit, since, revisionsRead)
			return final(ctx, u.err)
		})
	}
	return g.Wait()
}

// told begins a section that rests on kinds and on what was asked beside them.
func (l *look) told(rests ...string) Told {
	t := Told{AsOf: l.found.At.Truncate(time.Second), NotRead: []NotRead{}}
	why := func(what, text string) { t.NotRead = append(t.NotRead, NotRead{What: what, Why: text}) }
	if whole, blind := l.unread[audit.WholeRegion]; blind {
		why(audit.WholeRegion, whole)
		return t
	}
	for _, what := range rests {
		if text, unread := l.unread[what]; unread {
			why(what, text)
		}
		if err := l.errs[what]; err != nil {
			why(what, awsapi.Explain(err))
		}
	}
	return t
}

// slotOf is the place that a range is in.
func (l *look) slotOf(text string) (int, bool) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return 0, false
	}
	slot, _, ok := l.op.Addr.SlotOf(prefix)
	return l.op.Addr.Number(slot), ok
}

// text is an attribute of a resource; empty where AWS did not tell.
func text(seen *provision.Seen, name string) string {
	for _, a := range seen.Attributes {
		if a.Name == name {
			return a.Have
		}
	}
	return ""
}

// lines are those of an attribute.
func lines(seen *provision.Seen, name string) []string {
	have := text(seen, name)
	if have == "" {
		return nil
	}
	return strings.Split(have, "\n")
}

// setting is the value of a line "name: value".
func setting(seen *provision.Seen, attribute, name string) string {
	for _, line := range lines(seen, attribute) {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return value
		}
	}
	return ""
}

// dossier puts what was asked into sections.
func (l *look) dossier() *Dossier {
	return &Dossier{
		Client: l.Client, Region: l.Region, City: session.City(l.Region), Made: l.at, Version: l.Version,
		Responsibility: l.responsibility(), Place: l.placed(), Network: l.network(), Application: l.application(), Access: l.access(), VPN: l.vpn(),
		Runtimes: l.runtimes(), Recovery: l.recovery(), Backups: l.backups(), Maintenance: l.maintenance(), Deployments: l.deployed(),
		Alarms: l.alarms(), Keys: l.keys(), Audit: l.audit(), Price: l.price(),
	}
}

// unreadOf lists what was not read, each once, by what it is.
func (d *Dossier) unreadOf() []NotRead {
	var out []NotRead
	for _, t := range d.told() {
		for _, n := range t.NotRead {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// told are the beginnings of all sections.
func (d *Dossier) told() []*Told {
	out := []*Told{
		&d.Responsibility.Told, &d.Place.Told, &d.Network.Told, &d.Application.Told, &d.Access.Told, &d.VPN.Told, &d.Runtimes.Told, &d.Recovery.Told,
		&d.Backups.Told, &d.Maintenance.Told, &d.Deployments.Told, &d.Alarms.Told, &d.Keys.Told, &d.Audit.Told,
	}
	if d.Price != nil {
		out = append(out, &d.Price.Told)
	}
	return out
}

// joined are values as texts.
func joined[T fmt.Stringer](all []T) []string {
	out := make([]string, 0, len(all))
	for _, each := range all {
		out = append(out, each.String())
	}
	return out
}
