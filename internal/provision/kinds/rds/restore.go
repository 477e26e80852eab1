package rds

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Copies of the client's database as it was at some time. Once made, they are
// clusters and instances like the original, and looked after like it.

// dbCopy is what a restored cluster is made from.
type dbCopy struct {
	from  string             // the text of its tag
	at    time.Time          // zero for the latest moment
	of    *provision.Restore // nil for what is there already
	drill bool               // nobody is to use it
	until string             // the text of a drill's other tag
}

// wantDBClusters are the client's database and the copy that is asked for, which may be
// the client's database itself.
func wantDBClusters(s *provision.Scope) map[provision.Role]wantDBCluster {
	out := map[provision.Role]wantDBCluster{databaseRole: databaseOf(s, rules.DatabaseName(s.Client), nil)}
	if r := s.Restore; r != nil {
		made := &dbCopy{from: rules.RestoredFrom(cmp.Or(r.From.ID, rules.DatabaseName(s.Client)), r.At), at: r.At, of: r, drill: r.Drill}
		if r.Drill {
			made.until = r.Expires.UTC().Format(time.RFC3339)
		}
		out[r.Role()] = databaseOf(s, r.Name, made)
	}
	return out
}

func databaseOf(s *provision.Scope, name string, made *dbCopy) wantDBCluster {
	return wantDBCluster{
		name: name, engine: rules.EngineOf(s.Spec.Database.Engine), extended: s.Spec.Database.ExtendedSupport, port: int32(s.Spec.Database.Port()),
		backup: s.Spec.Backup, maintenance: s.Spec.Maintenance, made: made,
	}
}

// adoptDBCluster keeps what somebody has restored, as the spec has the original.
func adoptDBCluster(s *provision.Scope, role provision.Role, c dbCluster) (wantDBCluster, bool) {
	return databaseOf(s, aws.ToString(c.DBClusterIdentifier), &dbCopy{from: Tags.Of(c.TagList)[provision.TagRestored]}), provision.IsRestored(role)
}

func adoptDBInstance(s *provision.Scope, role provision.Role, i dbInstance) (wantDBInstance, bool) {
	cluster, n, ok := provision.InstanceOf(role)
	if !ok || !provision.IsRestored(role) {
		return wantDBInstance{}, false
	}
	want := databaseInstance(s, aws.ToString(i.DBInstanceIdentifier), n)
	want.cluster = cluster
	return want, true
}

func dbClusterLabels(_ *provision.Scope, d wantDBCluster) provision.Tags {
	// By this tag AWS Backup finds the clusters that it copies every month.
	tags := provision.Tags{provision.TagMonthly: kit.OnOff(d.backup.RestorableMonthly && (d.made == nil || !d.made.drill))}
	if d.made != nil {
		tags[provision.TagRestored], tags[provision.TagExpires] = d.made.from, d.made.until
	}
	return tags
}

// restoreDBCluster makes a copy. AWS gives it the default groups, no protection
// and no exported logs unless told otherwise; that Secrets Manager keeps its
// password can only be said afterwards. A drill's copy is made to go soon.
func restoreDBCluster(ctx context.Context, s *provision.Step, d wantDBCluster) (dbCluster, error) {
	if d.made.of.From.Snapshot != "" {
		return restoreDBSnapshot(ctx, s, d)
	}
	in := &rds.RestoreDBClusterToPointInTimeInput{
		DBClusterIdentifier: aws.String(d.name), Port: aws.Int32(d.port),
		EngineLifecycleSupport: lifecycle(d.extended),
		KmsKeyId:               aws.String(s.ID("kms/key", "client")), DeletionProtection: aws.Bool(!d.made.drill), CopyTagsToSnapshot: aws.Bool(true),
		// A window that AWS chose might overlap the instances' maintenance.
		BackupRetentionPeriod: aws.Int32(int32(d.backup.RetentionDays)), PreferredBackupWindow: aws.String(d.backup.Window),
		DBClusterParameterGroupName:     aws.String(s.ID("rds/cluster-parameter-group", databaseRole)),
		DBSubnetGroupName:               aws.String(s.ID("rds/subnet-group", databaseRole)),
		VpcSecurityGroupIds:             []string{databaseGroup(s)},
		EnableIAMDatabaseAuthentication: aws.Bool(true), Tags: Tags.To(s.Tags),
	}
	if gone := d.made.of.From.Resource; gone != "" {
		in.SourceDbClusterResourceId = &gone
	} else {
		in.SourceDBClusterIdentifier = aws.String(rules.DatabaseName(s.Client))
	}
	if d.made.drill {
		in.BackupRetentionPeriod = aws.Int32(1) // the least there is
	} else {
		in.EnableCloudwatchLogsExports = rules.LogExports(d.engine.Name)
	}
	if d.made.at.IsZero() {
		in.UseLatestRestorableTime = aws.Bool(true)
	} else {
		in.RestoreToTime = aws.Time(d.made.at)
	}
	return kit.Get(ctx, s.API.RDS.RestoreDBClusterToPointInTime, in, func(o *rds.RestoreDBClusterToPointInTimeOutput) dbCluster { return &Cluster{DBCluster: *o.DBCluster} })
}

// restoreDBSnapshot makes a copy of a snapshot, of whatever type: the final one of a
// database that is gone, one that somebody took, or one of AWS Backup.
func restoreDBSnapshot(ctx context.Context, s *provision.Step, d wantDBCluster) (dbCluster, error) {
	from := d.made.of.From.Snapshot
	if d.made.of.Moves(s.Region) {
		from = s.ID("rds/cluster-snapshot", d.made.of.SourceRole())
	}
	in := &rds.RestoreDBClusterFromSnapshotInput{
		DBClusterIdentifier: aws.String(d.name), SnapshotIdentifier: &from, Engine: aws.String(d.engine.Name), Port: aws.Int32(d.port),
		EngineLifecycleSupport: lifecycle(d.extended),
		KmsKeyId:               aws.String(s.ID("kms/key", "client")), DeletionProtection: aws.Bool(!d.made.drill), CopyTagsToSnapshot: aws.Bool(true),
		BackupRetentionPeriod: aws.Int32(int32(d.backup.RetentionDays)), PreferredBackupWindow: aws.String(d.backup.Window),
		DBClusterParameterGroupName:     aws.String(s.ID("rds/cluster-parameter-group", databaseRole)),
		DBSubnetGroupName:               aws.String(s.ID("rds/subnet-group", databaseRole)),
		VpcSecurityGroupIds:             []string{databaseGroup(s)},
		EnableIAMDatabaseAuthentication: aws.Bool(true), Tags: Tags.To(s.Tags),
	}
	if d.made.drill {
		in.BackupRetentionPeriod = aws.Int32(1) // the least there is
	} else {
		in.EnableCloudwatchLogsExports = rules.LogExports(d.engine.Name)
	}
	return kit.Get(ctx, s.API.RDS.RestoreDBClusterFromSnapshot, in, func(o *rds.RestoreDBClusterFromSnapshotOutput) dbCluster { return &Cluster{DBCluster: *o.DBCluster} })
}

// unlessDrill takes a drill's copy as it is: it is only to be there for a while.
func unlessDrill(fields []provision.Field[wantDBCluster, dbCluster]) []provision.Field[wantDBCluster, dbCluster] {
	out := slices.Clone(fields)
	for i, f := range out {
		out[i].Want = func(s *provision.Step, d wantDBCluster) string {
			if d.made != nil && d.made.drill {
				return provision.Keep
			}
			return f.Want(s, d)
		}
	}
	return out
}

// isDrill reports whether the tags are those of a restore drill's copy.
func isDrill(tags provision.Tags) bool { return provision.IsDrill(tags[provision.TagRole]) }

// leaveDrill is why a restore drill's copy stays for now. What a drill that was
// killed has left goes with whatever run comes after its time.
func leaveDrill(tags provision.Tags) string {
	expires, err := time.Parse(time.RFC3339, tags[provision.TagExpires])
	if err != nil || !isDrill(tags) || !time.Now().Before(expires) {
		return ""
	}
	return lang.Sprintf("a restore drill may be using it until %s; a run after that, or the next drill, removes it", expires.UTC().Format(time.RFC3339))
}

// clusterRoleOf is the role of the cluster that an instance was made in.
func clusterRoleOf(i dbInstance) provision.Role {
	if cluster, _, ok := provision.InstanceOf(Tags.Of(i.TagList)[provision.TagRole]); ok {
		return cluster
	}
	return databaseRole
}
