package backup

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/dbcopy"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Kinds that a copy of a client's database is made of.
const (
	ClusterKind  = "rds/cluster"
	instanceKind = "rds/instance"
	logKind      = "logs/log-group"
	SnapshotKind = "rds/cluster-snapshot"
)

// copyScope is a client as a run about copies of its database sees it: without its
// place in the network, which is there or the copy cannot be made.
func copyScope(ctx context.Context, o *cloud.Operator, client, region string, s *spec.Spec) (*provision.Scope, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	scope := o.Within(o.Within(account, provision.RegionLevel, region, ""), provision.ClientLevel, region, client)
	if scope.Spec = s; s != nil {
		scope.Zones, err = o.Zones(ctx, scope.API)
	}
	return scope, err
}

// partOf reports whether a role of a kind belongs to the copy with a role: names of
// copies can begin with those of others, so that what follows is looked at.
func partOf(copied provision.Role, kind string, role provision.Role) bool {
	rest, begins := strings.CutPrefix(role, copied)
	switch {
	case !begins:
		return false
	case kind == ClusterKind, kind == SnapshotKind:
		return rest == ""
	case kind == instanceKind:
		cluster, _, ok := provision.InstanceOf(role)
		return ok && cluster == copied
	case kind == logKind:
		log := strings.TrimPrefix(rest, "-")
		return log != rest && slices.ContainsFunc([]string{spec.AuroraPostgreSQL, spec.AuroraMySQL}, func(engine string) bool { return slices.Contains(rules.LogExports(engine), log) })
	default:
		return false
	}
}

// databases are the clusters of a region as runs about copies see them.
type databases struct {
	All            []rdstypes.DBCluster
	client, region string
}

// DatabasesOf reads the databases of a client in a region, restored copies included.
func DatabasesOf(ctx context.Context, o *cloud.Operator, client, region string) (*databases, error) {
	d := &databases{client: client, region: region}
	for p := rds.NewDescribeDBClustersPaginator(o.Factory.Set(region).RDS, &rds.DescribeDBClustersInput{MaxRecords: aws.Int32(dbcopy.RdsPage)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("list the databases of %s: %w", region, err)
		}
		d.All = append(d.All, page.DBClusters...)
	}
	return d, nil
}

// role is the role of a cluster of the client, or "" for others'.
func (d *databases) role(c *rdstypes.DBCluster) provision.Role {
	if tags := rdskinds.TagsOf(c.TagList); cloud.Ours(tags, d.client, d.region) {
		return tags[provision.TagRole]
	}
	return ""
}

func (d *databases) named(id string) *rdstypes.DBCluster {
	for i := range d.All {
		if aws.ToString(d.All[i].DBClusterIdentifier) == id {
			return &d.All[i]
		}
	}
	return nil
}

// Source is the client's own database. The error is a *GuardError when there is
// none that can be restored.
func (d *databases) Source() (*rdstypes.DBCluster, error) {
	name := rules.DatabaseName(d.client)
	c := d.named(name)
	switch {
	case c == nil:
		return nil, cloud.Guardf("%s has no database in %s that could be restored: cicdctl backup list %s lists what one that is gone has left, cicdctl backup restore %s --from SOURCE makes it again of that, and cicdctl client create %s makes an empty one", d.client, d.region, d.client, d.client, d.client)
	case d.role(c) != dbcopy.DatabaseRole:
		return nil, cloud.Guardf("the cluster %s does not carry %s's tags: it is not cicdctl's to restore", name, d.client)
	case aws.ToString(c.Status) == "deleting":
		return nil, cloud.Guardf("the database of %s is being deleted", d.client)
	case c.EarliestRestorableTime == nil || c.LatestRestorableTime == nil:
		return nil, cloud.Guardf("the database of %s is %s and has no backup yet: try again once it is available", d.client, aws.ToString(c.Status))
	}
	return c, nil
}

// Span is from when to when a database can be restored.
type Span struct{ Earliest, Latest time.Time }

// SpanOf is what a database can be restored to.
func SpanOf(c *rdstypes.DBCluster) Span {
	return Span{cloud.At(c.EarliestRestorableTime), cloud.At(c.LatestRestorableTime)}
}

// Stamp is a time as the tags of copies write it: RFC 3339 in UTC.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// check refuses a moment outside the span, and says by how much.
func (s Span) check(name string, at time.Time) error {
	var off string
	switch {
	case at.Before(s.Earliest):
		off = lang.Sprintf("%s before the earliest moment", s.Earliest.Sub(at).String())
	case at.After(s.Latest):
		off = lang.Sprintf("%s after the latest moment", at.Sub(s.Latest).String())
	default:
		return nil
	}
	return cloud.Guardf("%s lies %s: %s can be restored to any moment from %s to %s", Stamp(at), off, name, Stamp(s.Earliest), Stamp(s.Latest))
}
