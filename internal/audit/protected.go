package audit

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/dbcopy"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
)

// copiesSeen are the archives and monthly copies of a region, by the ARN of their
// database, the newest first.
type copiesSeen struct {
	exports map[string][]judge.Export
	monthly map[string][]judge.MonthlyCopy
	unknown map[judge.Look]string
}

// readCopies lists the copies of all clients of a region at once.
func readCopies(ctx context.Context, api *awsapi.Set) *copiesSeen {
	c := &copiesSeen{map[string][]judge.Export{}, map[string][]judge.MonthlyCopy{}, map[judge.Look]string{}}
	exports, err := dbcopy.ExportsOf(ctx, api.RDS, nil)
	if err != nil {
		c.unknown[judge.LookExports] = awsapi.Explain(lang.Errorf("list archives in %s: %w", api.Region, err))
	}
	for _, e := range exports {
		c.exports[aws.ToString(e.SourceArn)] = append(c.exports[aws.ToString(e.SourceArn)], dbcopy.ExportFacts(e))
	}
	points, err := dbcopy.RecoveryPoints(ctx, api, nil)
	if err != nil {
		c.unknown[judge.LookMonthly] = awsapi.Explain(lang.Errorf("list monthly copies in %s: %w", api.Region, err))
	}
	for _, r := range points {
		c.monthly[aws.ToString(r.ResourceArn)] = append(c.monthly[aws.ToString(r.ResourceArn)], dbcopy.CopyFacts(r))
	}
	for _, all := range c.exports {
		slices.SortFunc(all, func(a, b judge.Export) int { return b.Begun.Compare(a.Begun) })
	}
	for _, all := range c.monthly {
		slices.SortFunc(all, func(a, b judge.MonthlyCopy) int { return b.Made.Compare(a.Made) })
	}
	return c
}

// copies reads the copies of the regions that have clients.
func (a *auditing) copies(ctx context.Context) map[string]*copiesSeen {
	out := map[string]*copiesSeen{}
	var mu sync.Mutex
	var g sync.WaitGroup
	for _, region := range a.Regions {
		if !slices.ContainsFunc(a.Clients, func(c Audience) bool { return c.Region == region }) {
			continue
		}
		g.Go(func() {
			c := readCopies(ctx, a.op.Factory.Set(region))
			mu.Lock()
			defer mu.Unlock()
			out[region] = c
			for look, why := range c.unknown {
				a.NotAudited = append(a.NotAudited, NotAudited{What: lang.Say(string(look)), Region: region, Why: why})
			}
		})
	}
	g.Wait()
	slices.SortFunc(a.NotAudited, func(x, y NotAudited) int { return cmp.Compare(x.What+x.Region, y.What+y.Region) })
	return out
}

// protectionOf is what is known of a client's database and its copies, or nil of anything else.
func protectionOf(seen *provision.Seen, c *copiesSeen) *judge.Protection {
	cluster, ok := seen.Object.(*rdskinds.Cluster)
	if !ok || c == nil || seen.Role != dbcopy.DatabaseRole {
		return nil
	}
	return &judge.Protection{
		Unknown: c.unknown, Database: dbcopy.DatabaseFacts(&cluster.DBCluster),
		Exports: c.exports[aws.ToString(cluster.DBClusterArn)], Monthly: c.monthly[aws.ToString(cluster.DBClusterArn)],
	}
}

// copyRules judge how old the copies of a client's database are, and what is missing in
// them. Those about attributes are left to the rules of each attribute.
func copyRules() []judge.Rule {
	var out []judge.Rule
	for _, r := range judge.BackupRules() {
		if r.Kind == "" {
			r.Title = strings.ToUpper(r.Title[:1]) + r.Title[1:]
			out = append(out, r)
		}
	}
	return out
}
