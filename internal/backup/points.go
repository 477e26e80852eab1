// Package backup is all about copies of databases: what there is, archives, restores,
// and the drills that prove them.
package backup

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Points are what a client's data can be brought back from. A look that AWS
// refused is named in Unknown: what it would have shown is not "none".
type Points struct {
	Client   string                `json:"client"`
	Region   string                `json:"region"`
	At       time.Time             `json:"at"`
	Points   []Point               `json:"points"`
	Copies   []RestoredCopy        `json:"copies"`
	Unknown  map[judge.Look]string `json:"unknown"`
	Findings []judge.Finding       `json:"findings"`

	Protection judge.Protection `json:"-"`
}

// Point is one moment, or for continuous backup a span, whose data is kept.
type Point struct {
	Kind       rules.CopyKind `json:"kind"`
	ID         string         `json:"id"`
	Source     string         `json:"source,omitempty"` // the word for --from; empty where no database comes of it
	At         time.Time      `json:"at"`               // the data is as of then; the latest of a span
	Since      *time.Time     `json:"since,omitempty"`  // the earliest of a span
	Until      *time.Time     `json:"kept_until,omitempty"`
	Days       int            `json:"kept_days,omitempty"` // of a span that moves on
	Status     string         `json:"status"`              // in AWS's words
	Restorable bool           `json:"restorable"`          // into a database
	Note       string         `json:"note,omitempty"`
}

// RestoredCopy is a database that was restored beside the client's own.
type RestoredCopy struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Drill    bool       `json:"drill"` // of a restore drill: nobody is to use it
	From     string     `json:"from"`  // what its tag says of where it comes from
	Made     time.Time  `json:"made"`
	Expires  *time.Time `json:"expires,omitempty"`
	Endpoint string     `json:"endpoint,omitempty"`
	Usable   bool       `json:"usable"` // it is available and has an instance that is
	Status   string     `json:"status"`
}

// collector puts the questions to AWS, each at most once, all at the same time.
type collector struct {
	client, region string
	account        string
	arn            string // of the client's database
	api            *awsapi.Set

	mu  sync.Mutex
	out *Points
}

// ReadPoints looks what a client's data can be brought back from and, with a spec,
// what is missing. It only reads.
func ReadPoints(ctx context.Context, o *cloud.Operator, client, region string, s *spec.Spec) (*Points, error) {
	p, err := readProtection(ctx, o, client, region)
	if err != nil {
		return nil, err
	}
	if s != nil {
		p.Findings = judge.All(judge.BackupRules(), &judge.Group{Client: s.Client, Region: s.Region, Spec: s, Protection: &p.Protection, At: p.At})
		judge.WorstFirst(p.Findings)
	}
	return p, nil
}

// readProtection asks AWS in at most twelve calls and the pages that they have more.
func readProtection(ctx context.Context, o *cloud.Operator, client, region string) (*Points, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	scope := o.Within(o.Within(account, provision.RegionLevel, region, ""), provision.ClientLevel, region, client)
	c := &collector{
		client: client, region: region, account: scope.Account, api: scope.API, arn: scope.ARN("rds", "cluster:"+rules.DatabaseName(client)),
		out: &Points{Client: client, Region: region, At: time.Now().UTC().Truncate(time.Second), Unknown: map[judge.Look]string{}},
	}
	looks := []struct {
		look judge.Look
		ask  func(context.Context) error
	}{
		{judge.LookDatabase, c.databases},
		{judge.LookSnapshots, c.snapshots},
		{judge.LookExports, c.exports},
		{judge.LookMonthly, c.monthly},
		{judge.LookArchive, c.archiveSchedule},
		{judge.LookRefresh, c.refreshSchedule},
		{judge.LookBucket, c.bucket},
		{judge.LookArchiveKey, c.archiveKey},
		{judge.LookClientKey, c.clientKey},
	}
	var refused []error
	g, ctx := errgroup.WithContext(ctx)
	for _, l := range looks {
		g.Go(func() error {
			err := l.ask(ctx)
			switch {
			case err == nil:
				return nil
			case ctx.Err() != nil, awsapi.Is(err, awsapi.Credentials):
				return err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.out.Unknown[l.look] = awsapi.Explain(err)
			refused = append(refused, err)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if len(refused) == len(looks) { // there is nothing to tell
		return nil, errors.Join(refused...)
	}
	c.finish()
	return c.out, nil
}

// protected changes what is known of the client's protection.
func (c *collector) protected(change func(*judge.Protection)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.out.Protection)
}

func (c *collector) add(points ...Point) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.Points = append(c.out.Points, points...)
}

// finish settles what depends on several answers, and the order.
func (c *collector) finish() {
	p := c.out
	p.Protection.Unknown = p.Unknown
	kept := 0
	if b := p.Protection.Bucket; b != nil && b.Whole {
		kept = b.Expires
	}
	for i := range p.Points {
		if point := &p.Points[i]; point.Kind == rules.Archive && kept > 0 && point.Status == judge.ExportComplete {
			until := keptUntil(*point.Until, kept)
			point.Until = &until
		} else if point.Kind == rules.Archive {
			point.Until = nil
		}
	}
	order := []rules.CopyKind{rules.Continuous, rules.Retained, rules.Monthly, rules.Snapshot, rules.Archive}
	slices.SortFunc(p.Points, func(a, b Point) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), b.At.Compare(a.At), strings.Compare(a.ID, b.ID))
	})
	slices.SortFunc(p.Copies, func(a, b RestoredCopy) int { return cmp.Or(a.Made.Compare(b.Made), strings.Compare(a.ID, b.ID)) })
	slices.SortFunc(p.Protection.Exports, func(a, b judge.Export) int { return b.Begun.Compare(a.Begun) })
	slices.SortFunc(p.Protection.Monthly, func(a, b judge.MonthlyCopy) int { return b.Made.Compare(a.Made) })
}

// keptUntil is when S3 deletes what was written at a time: so many days later, at
// the next midnight UTC.
func keptUntil(written time.Time, days int) time.Time {
	at := written.UTC().AddDate(0, 0, days)
	if midnight := at.Truncate(24 * time.Hour); !midnight.Equal(at) {
		return midnight.AddDate(0, 0, 1)
	}
	return at
}
