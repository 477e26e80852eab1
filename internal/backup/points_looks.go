package backup

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/dbcopy"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// dbAvailable is the state in which a database can be used.
const dbAvailable = "available"

// databases reads the client's database and its restored copies, then the
// instances of both.
func (c *collector) databases(ctx context.Context) error {
	var own *rdstypes.DBCluster
	var copies []rdstypes.DBCluster
	for p := rds.NewDescribeDBClustersPaginator(c.api.RDS, &rds.DescribeDBClustersInput{MaxRecords: aws.Int32(dbcopy.RdsPage)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, cluster := range page.DBClusters {
			tags := rdskinds.TagsOf(cluster.TagList)
			switch role := tags[provision.TagRole]; {
			case !cloud.Ours(tags, c.client, c.region):
			case role == dbcopy.DatabaseRole:
				own = &cluster
			case strings.HasPrefix(role, dbcopy.RestoredRoles), strings.HasPrefix(role, dbcopy.DrillRoles):
				copies = append(copies, cluster)
			}
		}
	}
	if own != nil {
		c.database(own)
	}
	usable, err := c.instances(ctx, own, copies)
	if err != nil { // of the clusters, all is known
		c.mu.Lock()
		defer c.mu.Unlock()
		c.out.Unknown[judge.LookInstances] = awsapi.Explain(err)
	}
	for _, cluster := range copies {
		c.out.Copies = append(c.out.Copies, restoredCopy(cluster, usable))
	}
	return nil
}

func (c *collector) database(d *rdstypes.DBCluster) {
	c.protected(func(p *judge.Protection) { p.Database = dbcopy.DatabaseFacts(d) })
	if d.LatestRestorableTime != nil {
		c.add(Point{
			Kind: rules.Continuous, ID: aws.ToString(d.DBClusterIdentifier), Source: aws.ToString(d.DBClusterIdentifier), At: cloud.At(d.LatestRestorableTime), Since: cloud.Moment(d.EarliestRestorableTime),
			Days: int(aws.ToInt32(d.BackupRetentionPeriod)), Status: aws.ToString(d.Status), Restorable: true,
		})
	}
}

// instances reads the windows of the client's instances and finds the copies that
// have an instance that can be used.
func (c *collector) instances(ctx context.Context, own *rdstypes.DBCluster, copies []rdstypes.DBCluster) (usable map[string]bool, err error) {
	var clusters []string
	if own != nil {
		clusters = append(clusters, aws.ToString(own.DBClusterIdentifier))
	}
	for _, each := range copies {
		clusters = append(clusters, aws.ToString(each.DBClusterIdentifier))
	}
	usable = map[string]bool{}
	if len(clusters) == 0 {
		return usable, nil
	}
	in := &rds.DescribeDBInstancesInput{Filters: []rdstypes.Filter{{Name: aws.String("db-cluster-id"), Values: clusters}}, MaxRecords: aws.Int32(dbcopy.RdsPage)}
	for p := rds.NewDescribeDBInstancesPaginator(c.api.RDS, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return usable, err
		}
		for _, i := range page.DBInstances {
			if aws.ToString(i.DBInstanceStatus) == dbAvailable {
				usable[aws.ToString(i.DBClusterIdentifier)] = true
			}
			if own != nil && aws.ToString(i.DBClusterIdentifier) == aws.ToString(own.DBClusterIdentifier) {
				c.protected(func(p *judge.Protection) {
					p.Database.Instances[aws.ToString(i.DBInstanceIdentifier)] = aws.ToString(i.PreferredMaintenanceWindow)
				})
			}
		}
	}
	return usable, nil
}

func restoredCopy(cluster rdstypes.DBCluster, usable map[string]bool) RestoredCopy {
	tags := rdskinds.TagsOf(cluster.TagList)
	name, drill := strings.CutPrefix(tags[provision.TagRole], dbcopy.DrillRoles)
	out := RestoredCopy{
		ID: aws.ToString(cluster.DBClusterIdentifier), Name: strings.TrimPrefix(name, dbcopy.RestoredRoles), Drill: drill, From: tags[provision.TagRestored],
		Made: cloud.At(cluster.ClusterCreateTime), Endpoint: aws.ToString(cluster.Endpoint), Status: aws.ToString(cluster.Status),
		Usable: aws.ToString(cluster.Status) == dbAvailable && usable[aws.ToString(cluster.DBClusterIdentifier)],
	}
	if expires, err := time.Parse(time.RFC3339, tags[provision.TagExpires]); err == nil {
		out.Expires = &expires
	}
	return out
}

// snapshots finds those that somebody took, or that destroy left.
func (c *collector) snapshots(ctx context.Context) error {
	all, err := snapshotsOf(ctx, c.api.RDS, c.client, "manual")
	if err != nil {
		return err
	}
	for _, s := range all {
		id := aws.ToString(s.DBClusterSnapshotIdentifier)
		c.add(Point{
			Kind: rules.Snapshot, ID: id, Source: id, At: cloud.At(s.SnapshotCreateTime), Status: aws.ToString(s.Status), Restorable: aws.ToString(s.Status) == dbAvailable,
		})
	}
	return c.retained(ctx)
}

func (c *collector) exports(ctx context.Context) error {
	all, err := dbcopy.ExportsOf(ctx, c.api.RDS, &c.arn)
	if err != nil {
		return err
	}
	for _, e := range all {
		one := dbcopy.ExportFacts(e)
		c.protected(func(p *judge.Protection) { p.Exports = append(p.Exports, one) })
		as := one.Begun
		if t := cloud.Moment(e.SnapshotTime); t != nil {
			as = *t
		}
		end := one.End
		c.add(Point{Kind: rules.Archive, ID: one.Name, At: as, Until: &end, Status: one.Status, Note: strings.TrimSpace(one.Warning + " " + one.Failure)})
	}
	return nil
}

// monthly lists the copies of AWS Backup. A region without a client that wants
// them has no vault.
func (c *collector) monthly(ctx context.Context) error {
	points, err := dbcopy.RecoveryPoints(ctx, c.api, &c.arn)
	for _, r := range points {
		if aws.ToString(r.ResourceArn) != c.arn { // the vault is that of all clients
			continue
		}
		one := dbcopy.CopyFacts(r)
		var until *time.Time
		if r.CalculatedLifecycle != nil {
			until = cloud.Moment(r.CalculatedLifecycle.DeleteAt)
		}
		c.protected(func(p *judge.Protection) { p.Monthly = append(p.Monthly, one) })
		c.add(Point{Kind: rules.Monthly, ID: one.ID, Source: rules.SourceWord(rules.Monthly, one.Made), At: one.Made, Until: until, Status: string(r.Status), Restorable: one.Complete, Note: aws.ToString(r.StatusMessage)})
	}
	return err
}

func (c *collector) archiveSchedule(ctx context.Context) error {
	s, err := c.schedule(ctx, rules.ArchiveSchedule)
	c.protected(func(p *judge.Protection) { p.Archive = s })
	return err
}

func (c *collector) refreshSchedule(ctx context.Context) error {
	s, err := c.schedule(ctx, rules.RefreshSchedule)
	c.protected(func(p *judge.Protection) { p.Refresh = s })
	return err
}

func (c *collector) schedule(ctx context.Context, name string) (*judge.Schedule, error) {
	out, err := c.api.Scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: aws.String(rules.ScheduleGroupName(c.client)), Name: &name})
	if err != nil {
		return nil, awsapi.IgnoreNotFound(err)
	}
	return &judge.Schedule{
		Enabled: out.State == schedulertypes.ScheduleStateEnabled, Expression: aws.ToString(out.ScheduleExpression), TimeZone: aws.ToString(out.ScheduleExpressionTimezone), Made: cloud.At(out.CreationDate),
	}, nil
}

func (c *collector) bucket(ctx context.Context) error {
	name := rules.ArchiveBucketName(c.client, c.region, c.account)
	out, err := c.api.S3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &name})
	switch {
	case awsapi.Code(err) == "NoSuchBucket":
		return nil
	case awsapi.Is(err, awsapi.NotFound): // a bucket that keeps everything for ever
		out = &s3.GetBucketLifecycleConfigurationOutput{}
	case err != nil:
		return err
	}
	c.protected(func(p *judge.Protection) { p.Bucket = lifecycle(out.Rules) })
	return nil
}

// lifecycle is what the rules of a bucket come to.
func lifecycle(all []s3types.LifecycleRule) *judge.Lifecycle {
	out := &judge.Lifecycle{}
	for _, r := range all {
		if r.Status != s3types.ExpirationStatusEnabled {
			continue
		}
		whole := aws.ToString(r.Prefix) == "" && everything(r.Filter)
		if r.Expiration != nil && aws.ToInt32(r.Expiration.Days) > 0 {
			days := int(*r.Expiration.Days)
			if out.Expires == 0 || days < out.Expires {
				out.Expires = days
			}
			out.Whole = out.Whole || whole
		}
		for _, t := range r.Transitions {
			cold := t.StorageClass == s3types.TransitionStorageClassGlacier || t.StorageClass == s3types.TransitionStorageClassDeepArchive
			out.Glacier = out.Glacier || whole && cold
		}
	}
	return out
}

// everything reports whether a rule is for all that is in the bucket.
func everything(f *s3types.LifecycleRuleFilter) bool {
	return f == nil || f.And == nil && f.Tag == nil && f.ObjectSizeGreaterThan == nil && f.ObjectSizeLessThan == nil && aws.ToString(f.Prefix) == ""
}

func (c *collector) archiveKey(ctx context.Context) error {
	state, err := keyState(ctx, c.api.KMS, rules.ArchiveKeyAlias(c.client))
	c.protected(func(p *judge.Protection) { p.ArchiveKey = state })
	return err
}

func (c *collector) clientKey(ctx context.Context) error {
	state, err := keyState(ctx, c.api.KMS, rules.KeyAlias(c.client))
	c.protected(func(p *judge.Protection) { p.ClientKey = state })
	return err
}

// keyState is the state of the key with an alias, empty when there is none.
func keyState(ctx context.Context, api awsapi.KMS, alias string) (string, error) {
	out, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
	if err != nil {
		return "", awsapi.IgnoreNotFound(err)
	}
	if out.KeyMetadata == nil {
		return "", lang.Errorf("AWS tells nothing of the key %s", alias)
	}
	return string(out.KeyMetadata.KeyState), nil
}
