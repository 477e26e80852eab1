package dossier

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Index is an overview over clients, for the hosting company. As JSON it is what --format json writes.
type Index struct {
	Told
	Regions []string      `json:"regions"`
	Made    time.Time     `json:"made"`
	Version string        `json:"cicdctl"`
	Clients []IndexClient `json:"clients"`
	Shared  Counts        `json:"shared_findings"` // of what clients share
	// Monthly is what the clients of each region share, the account's things included, by "eu-west-3", or
	// "production eu-west-3" in an account of the configuration; nil where nobody asked.
	Monthly map[string][]price.Total `json:"shared_monthly,omitempty"`
}

// IndexClient is a line of the overview.
type IndexClient struct {
	Client   string        `json:"client"`
	Account  string        `json:"account,omitempty"` // its name in the configuration
	Region   string        `json:"region"`
	City     string        `json:"city"`
	Slot     int           `json:"slot"`
	Ranges   []string      `json:"ranges"`
	Spec     bool          `json:"spec"` // there is a spec file
	Database string        `json:"database,omitempty"`
	Support  *time.Time    `json:"standard_support_until,omitempty"`
	Drill    *Drill        `json:"last_drill,omitempty"`
	Images   []IndexImage  `json:"images"`
	Windows  []IndexWindow `json:"windows"`
	Findings Counts        `json:"findings"`
	Monthly  []price.Total `json:"monthly,omitempty"` // its own fixed costs; nil where nobody asked
}

// IndexImage is what a service runs.
type IndexImage struct {
	Service string `json:"service"` // "shop-web-prod"
	Image   string `json:"image"`
}

// IndexWindow is a maintenance window as AWS has it.
type IndexWindow struct {
	What string `json:"what"`
	Text string `json:"text"`
	Zone string `json:"zone"`
}

// Counts are how many findings there are of each severity.
type Counts struct {
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"`
	Excepted int `json:"excepted"`
}

func (c *Counts) add(f judge.Finding) {
	switch f.Severity {
	case rules.High:
		c.High++
	case rules.Medium:
		c.Medium++
	case rules.Low:
		c.Low++
	}
}

// Survey asks AWS for the overview over the clients of regions: one look for all of them.
func Survey(ctx context.Context, op *cloud.Operator, specs []*spec.Spec, regions []string, version string) (*Index, error) {
	spoken := lang.Current() // as in Gather
	lang.Use(lang.English)
	defer lang.Use(spoken)
	found, err := audit.Examine(ctx, op, audit.Examined{Specs: specs, Regions: regions})
	if err != nil {
		return nil, err
	}
	x := &Index{Told: Told{AsOf: found.At.Truncate(time.Second), NotRead: []NotRead{}}, Regions: regions, Made: time.Now().UTC().Truncate(time.Second), Version: version, Clients: []IndexClient{}}
	for _, n := range found.NotAudited {
		x.NotRead = append(x.NotRead, NotRead{What: strings.TrimSpace(n.What + " " + n.Region), Why: n.Why})
	}
	at := map[audit.Audience]*look{}
	for _, c := range found.Clients {
		at[c] = &look{Asked: Asked{Client: c.Name, Region: c.Region}, op: op, found: found}
		at[c].sort()
	}
	for _, c := range found.Clients {
		x.Clients = append(x.Clients, at[c].line(specs))
	}
	for _, f := range found.Findings {
		x.count(f, func(c *Counts) { c.add(f) })
	}
	for _, e := range found.Excepted {
		x.count(e.Finding, func(c *Counts) { c.Excepted++ })
	}
	slices.SortFunc(x.Clients, func(a, b IndexClient) int {
		return cmp.Or(strings.Compare(a.Region, b.Region), cmp.Compare(a.Slot, b.Slot), strings.Compare(a.Client, b.Client))
	})
	return x, nil
}

// pricesAtOnce is how many clients are priced at a time: each is a look of its own.
const pricesAtOnce = 4

// Price adds what the clients cost a month, by AWS's price list. What cannot be read or priced is told
// as not read.
func (x *Index) Price(ctx context.Context, op *cloud.Operator, specs []*spec.Spec) error {
	estimates, errs := make([]*price.Estimate, len(x.Clients)), make([]error, len(x.Clients))
	// What the clients share is read once.
	g, ctx := errgroup.WithContext(awsapi.Remembering(ctx, &awsapi.Memory{Shared: true}))
	g.SetLimit(pricesAtOnce)
	for i, c := range x.Clients {
		g.Go(func() error {
			var own *spec.Spec
			if at := slices.IndexFunc(specs, func(s *spec.Spec) bool { return s.Client == c.Client && s.Region == c.Region }); at >= 0 {
				own = specs[at]
			}
			estimates[i], errs[i] = op.Cost(ctx, c.Client, c.Region, own)
			return final(ctx, errs[i])
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	x.Monthly = map[string][]price.Total{}
	for i := range x.Clients {
		c, e := &x.Clients[i], estimates[i]
		switch {
		case errs[i] != nil:
			x.NotRead = append(x.NotRead, NotRead{What: askedPrices + " " + c.Client, Why: explained(errs[i])})
		case e.Unavailable != "":
			x.NotRead = append(x.NotRead, NotRead{What: askedPrices + " " + c.Client, Why: e.Unavailable})
		default:
			c.Monthly = price.Sum(e.Lines, func(l price.Line) bool { return !l.Shared })
			x.Monthly[c.Region] = price.Sum(e.Lines, func(l price.Line) bool { return l.Shared })
		}
	}
	return nil
}

// count adds a finding where it belongs.
func (x *Index) count(f judge.Finding, add func(*Counts)) {
	for i := range x.Clients {
		if x.Clients[i].Client == f.Client && x.Clients[i].Region == f.Region {
			add(&x.Clients[i].Findings)
			return
		}
	}
	add(&x.Shared)
}

// line is what the overview tells of a client.
func (l *look) line(specs []*spec.Spec) IndexClient {
	c := IndexClient{
		Client: l.Client, Region: l.Region, City: session.City(l.Region), Slot: -1, Ranges: []string{}, Images: []IndexImage{}, Windows: []IndexWindow{},
		Spec: slices.ContainsFunc(specs, func(s *spec.Spec) bool { return s.Client == l.Client && s.Region == l.Region }),
	}
	for _, s := range l.own["ec2/subnet"] {
		c.Ranges = append(c.Ranges, text(&s, "CIDR"))
		if slot, ok := l.slotOf(text(&s, "CIDR")); ok {
			c.Slot = slot
		}
	}
	slices.Sort(c.Ranges)
	r := l.runtimes()
	if r.Database != nil {
		c.Database, c.Support = r.Database.Engine+" "+r.Database.Version, r.Database.Support
	}
	for _, db := range l.own["rds/cluster"] {
		if last, err := rules.ParseDrill(db.Tags[provision.TagDrill]); err == nil && db.Role == databaseRole {
			restored := last.Restored
			c.Drill = &Drill{At: last.At, Restored: &restored, RPO: int(last.RPO.Seconds()), RTO: int(last.RTO.Seconds()), OK: true}
		}
	}
	for _, s := range l.own["ecs/service"] {
		c.Images = append(c.Images, IndexImage{Service: s.Role, Image: l.names.scrub(fact(l, &s, rules.FactImage))})
	}
	m := l.maintenance()
	for _, w := range m.Windows {
		if one := (IndexWindow{What: w.What, Text: w.Text, Zone: w.Zone}); !slices.Contains(c.Windows, one) {
			c.Windows = append(c.Windows, one)
		}
	}
	return c
}

// IndexOptions are those of the commands that report on several clients.
type IndexOptions struct {
	Region string // only this one; all when empty
	Cost   bool
	Form
}

// ReportIndex writes the overview over the clients of a region, or of all.
func ReportIndex(ctx context.Context, a *session.Session, o IndexOptions) error {
	if err := o.check(a); err != nil {
		return err
	}
	if err := session.CheckRegion(o.Region); err != nil {
		return err
	}
	specs, err := audit.Specs(a)
	if err != nil {
		return err
	}
	accounts, err := a.Accounts(specs, o.Region)
	if err != nil {
		return err
	}
	x, err := surveyAll(ctx, a, accounts, specs, o.Cost)
	if err != nil {
		return err
	}
	data, err := render(o.Form, x, func(l lang.Lang) document.Document { return ComposeIndex(x, l) })
	if err != nil {
		return err
	}
	return o.write(a, cmp.Or(o.Region, "clients")+"-report", data, x.NotRead)
}
