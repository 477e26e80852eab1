package rds

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Cluster is a database cluster, and until when AWS supports its major version.
type Cluster struct {
	rdstypes.DBCluster
	standardUntil time.Time // zero where AWS does not say
}

type dbCluster = *Cluster

type wantDBCluster struct {
	name        string
	engine      rules.Engine
	extended    bool
	port        int32
	backup      spec.Backup
	maintenance spec.Maintenance
	made        *dbCopy // nil for the client's own database
}

// ClusterKind is the client's Aurora cluster: storage, backups and settings.
// What computes are the instances.
func ClusterKind() *provision.Type {
	id := func(c dbCluster) string { return aws.ToString(c.DBClusterIdentifier) }
	return provision.Define(provision.Kind[wantDBCluster, dbCluster]{
		Name:    "rds/cluster",
		ARN:     "rds:cluster:",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[wantDBCluster, dbCluster]{Items: billCluster},
		Impact:  provision.Impact[dbCluster]{Losses: clusterLosses},
		// Parameters are set before the cluster reads them; log groups exist before
		// RDS would make them, unencrypted and kept for ever.
		// Its key is enabled before anything of it is changed.
		DependsOn: slices.Concat(provision.Existing("kms/key", "ec2/security-group", "rds/subnet-group", "logs/log-group", "iam/service-linked-role"),
			provision.Ready("rds/cluster-parameter-group", "rds/cluster-snapshot"), provision.ForFields(provision.Ready("kms/key"))), // a snapshot that is copied here to be restored
		Data: provision.Data[dbCluster]{
			Policy:     provision.Snapshot,
			Empty:      func(c dbCluster) bool { return isDrill(Tags.Of(c.TagList)) },
			KeepReason: func(_ *provision.Scope, c dbCluster) string { return leaveDrill(Tags.Of(c.TagList)) },
		},
		Timing: provision.Timing{AsyncDelete: true, Usual: clusterUsual, Timeout: databasePatience},
		Want:   wantDBClusters,
		Adopt:  adoptDBCluster,
		List: func(ctx context.Context, w *provision.Sweep) ([]dbCluster, error) {
			all, err := dbClusters(ctx, w)
			return kit.Map(all, err, func(c rdstypes.DBCluster) dbCluster { return &Cluster{DBCluster: c} })
		},
		Hydrate: readSupport,
		ID:      id,
		Tags:    func(c dbCluster) provision.Tags { return Tags.Of(c.TagList) },
		State:   func(c dbCluster) provision.State { return dbState(c.Status) },
		Repair:  func(c dbCluster) string { return repairDB("db-cluster", id(c), aws.ToString(c.Status)) },
		Noted:   noteOfCluster,
		Stalled: func(_ context.Context, _ *provision.Step, c dbCluster) (string, bool, error) {
			return lang.Sprintf("RDS says %s", aws.ToString(c.Status)), false, nil
		},
		Naming: provision.Naming[wantDBCluster, dbCluster]{
			Key:   id,
			KeyOf: func(_ *provision.Scope, d wantDBCluster) string { return d.name },
			Title: func(_ *provision.Scope, _ provision.Role, d wantDBCluster) string {
				if d.made != nil {
					return fmt.Sprintf("%s, from %s", d.name, d.made.from)
				}
				return fmt.Sprintf("%s, %s %s", d.name, d.engine.Name, d.engine.Major)
			},
			ExtraTags: dbClusterLabels,
		},
		Create: createDBCluster,
		Delete: deleteDBCluster,
		Retag:  retagRDS(func(c dbCluster) *string { return c.DBClusterArn }),
		Untag:  untagRDS(func(c dbCluster) *string { return c.DBClusterArn }),
		Update: updateDBCluster,
		Removal: provision.Removal[dbCluster]{
			Listed: true,
			Blockers: func(ctx context.Context, s *provision.Step, c dbCluster) (string, error) {
				listed, err := dbInstances(ctx, s.API.RDS, &rds.DescribeDBInstancesInput{
					Filters: []rdstypes.Filter{{Name: aws.String("db-cluster-id"), Values: []string{id(c)}}}, MaxRecords: RdsPage,
				})
				return strings.Join(kit.Texts(listed, func(i rdstypes.DBInstance) string {
					return fmt.Sprintf("instance %s (%s)", aws.ToString(i.DBInstanceIdentifier), aws.ToString(i.DBInstanceStatus))
				}), ", "), err
			},
			Refused: refusesDBCluster,
		},
		Facts:  dbClusterFacts,
		Limits: provision.Limits[wantDBCluster, dbCluster]{Quota: &provision.Quota{Service: "rds", Code: "L-952B80B8", Name: "DB clusters"}},
		Fields: unlessDrill(slices.Concat(dbClusterConstants, []provision.Field[wantDBCluster, dbCluster]{dbClusterStatus}, kit.BatchFields(dbClusterChanges))),
	})
}

// dbClusters lists those of all owners, once per sweep: they tell of their instances too.
func dbClusters(ctx context.Context, w *provision.Sweep) ([]rdstypes.DBCluster, error) {
	p := rds.NewDescribeDBClustersPaginator(w.RDS, &rds.DescribeDBClustersInput{MaxRecords: RdsPage})
	return kit.Shared(ctx, w, "database clusters", p, func(o *rds.DescribeDBClustersOutput) []rdstypes.DBCluster { return o.DBClusters })
}

// dbClusterFacts are where the database answers, where its password is, and how
// far back it can be restored. The password itself is nowhere.
func dbClusterFacts(c dbCluster) []provision.Fact {
	facts := []provision.Fact{
		{Name: "writer", Value: aws.ToString(c.Endpoint)},
		{Name: "reader", Value: aws.ToString(c.ReaderEndpoint)},
		{Name: "port", Value: kit.Number(c.Port)},
		{Name: "engine", Value: aws.ToString(c.Engine) + " " + aws.ToString(c.EngineVersion)},
	}
	if !c.standardUntil.IsZero() {
		facts = append(facts, provision.Fact{Name: "standard support", Value: "until " + c.standardUntil.Format(time.DateOnly) + ", then " + c.afterSupport()})
	}
	if c.MasterUserSecret != nil {
		facts = append(facts, provision.Fact{Name: "secret", Value: aws.ToString(c.MasterUserSecret.SecretArn)})
	}
	facts = append(facts, provision.Fact{Name: "backups", Value: kit.Days(aws.ToInt32(c.BackupRetentionPeriod)) + ", daily at " + aws.ToString(c.PreferredBackupWindow) + " UTC"})
	if c.EarliestRestorableTime != nil && c.LatestRestorableTime != nil {
		facts = append(facts, provision.Fact{Name: "restorable", Value: c.EarliestRestorableTime.UTC().Format(time.RFC3339) + " to " + c.LatestRestorableTime.UTC().Format(time.RFC3339)})
	}
	tags := Tags.Of(c.TagList)
	if drill, err := rules.ParseDrill(tags[provision.TagDrill]); err == nil {
		facts = append(facts, provision.Fact{Name: "last restore drill", Value: fmt.Sprintf("%s, RPO %s, RTO %s", drill.At.Format(time.DateOnly), drill.RPO, drill.RTO)})
	}
	return append(facts, provision.Fact{Name: "restored from", Value: tags[provision.TagRestored]})
}

func createDBCluster(ctx context.Context, s *provision.Step, d wantDBCluster) (dbCluster, error) {
	if d.made != nil {
		return restoreDBCluster(ctx, s, d)
	}
	key := aws.String(s.ID("kms/key", "client"))
	return kit.Get(ctx, s.API.RDS.CreateDBCluster, &rds.CreateDBClusterInput{
		DBClusterIdentifier: aws.String(d.name), Engine: aws.String(d.engine.Name), EngineVersion: aws.String(d.engine.Major), Port: aws.Int32(d.port),
		MasterUsername: aws.String(d.engine.MasterUser), ManageMasterUserPassword: aws.Bool(true), MasterUserSecretKmsKeyId: key,
		EngineLifecycleSupport: lifecycle(d.extended),
		StorageEncrypted:       aws.Bool(true), KmsKeyId: key, DeletionProtection: aws.Bool(true), CopyTagsToSnapshot: aws.Bool(true),
		BackupRetentionPeriod: aws.Int32(int32(d.backup.RetentionDays)), PreferredBackupWindow: aws.String(d.backup.Window),
		PreferredMaintenanceWindow:  aws.String(maintenanceWindow(s, d.maintenance)),
		DBClusterParameterGroupName: aws.String(s.ID("rds/cluster-parameter-group", databaseRole)),
		DBSubnetGroupName:           aws.String(s.ID("rds/subnet-group", databaseRole)),
		VpcSecurityGroupIds:         []string{databaseGroup(s)},
		EnableCloudwatchLogsExports: rules.LogExports(d.engine.Name), EnableIAMDatabaseAuthentication: aws.Bool(true), Tags: Tags.To(s.Tags),
	}, func(o *rds.CreateDBClusterOutput) dbCluster { return &Cluster{DBCluster: *o.DBCluster} })
}

// currentDBCluster is the cluster as it is now, or nil when there is none.
func currentDBCluster(ctx context.Context, s *provision.Step, id *string) (dbCluster, error) {
	return kit.Get(ctx, s.API.RDS.DescribeDBClusters, &rds.DescribeDBClustersInput{DBClusterIdentifier: id}, func(o *rds.DescribeDBClustersOutput) dbCluster {
		if len(o.DBClusters) == 0 {
			return nil
		}
		return &Cluster{DBCluster: o.DBClusters[0]}
	})
}

func updateDBCluster(ctx context.Context, s *provision.Step, d wantDBCluster, c dbCluster, changed []string) error {
	if d.made != nil { // a restore takes over more than its answer shows
		now, err := currentDBCluster(ctx, s, c.DBClusterIdentifier)
		if err == nil && now == nil {
			err = kit.Unseen("the database " + aws.ToString(c.DBClusterIdentifier))
		}
		if err != nil {
			return err
		}
		c = now
		changed = slices.DeleteFunc(slices.Clone(changed), func(name string) bool {
			return slices.ContainsFunc(dbClusterChanges, func(f dbClusterChange) bool { return f.Name == name && f.Want(s, d) == f.Have(c) })
		})
		if len(changed) == 0 {
			return nil
		}
	}
	modify := func() error {
		in := &rds.ModifyDBClusterInput{DBClusterIdentifier: c.DBClusterIdentifier, ApplyImmediately: aws.Bool(true)}
		kit.Fill(dbClusterChanges, changed, s, d, c, in)
		return kit.Do(ctx, s.API.RDS.ModifyDBCluster, in)
	}
	err := modify()
	// RDS takes the key of a secret only with the call that makes the secret: another
	// run may have been first.
	if without := slices.DeleteFunc(slices.Clone(changed), func(name string) bool { return name == masterPassword }); len(without) < len(changed) && awsapi.Code(err) == "InvalidParameterCombination" {
		now, lookErr := currentDBCluster(ctx, s, c.DBClusterIdentifier)
		if lookErr != nil || now == nil || now.MasterUserSecret == nil {
			return err
		}
		if changed = without; len(changed) == 0 {
			return nil
		}
		err = modify()
	}
	return err
}

// deleteDBCluster looks first: a deletion that was accepted before is not asked
// for again, so there is only ever one final snapshot.
func deleteDBCluster(ctx context.Context, s *provision.Step, c dbCluster) error {
	now, err := freeDBCluster(ctx, s, c.DBClusterIdentifier)
	if err != nil || now == nil || dbState(now.Status) == provision.Deleting {
		return err
	}
	purge := s.Purge || isDrill(Tags.Of(now.TagList))
	in := &rds.DeleteDBClusterInput{DBClusterIdentifier: c.DBClusterIdentifier, DeleteAutomatedBackups: aws.Bool(purge), SkipFinalSnapshot: aws.Bool(purge)}
	if !purge {
		in.FinalDBSnapshotIdentifier = aws.String(rules.FinalSnapshotName(aws.ToString(c.DBClusterIdentifier), s.Now))
	}
	return kit.Do(ctx, s.API.RDS.DeleteDBCluster, in)
}

// freeDBCluster starts the cluster if need be, takes deletion protection off and returns the
// cluster as it was before that, or nil when there is none.
func freeDBCluster(ctx context.Context, s *provision.Step, id *string) (dbCluster, error) {
	now, err := currentDBCluster(ctx, s, id)
	if err != nil || now == nil {
		return nil, awsapi.IgnoreNotFound(err)
	}
	if err := startDBCluster(ctx, s, now); awsapi.IgnoreNotFound(err) != nil {
		return nil, err
	}
	if !aws.ToBool(now.DeletionProtection) || dbState(now.Status) == provision.Deleting {
		return now, nil
	}
	err = kit.Do(ctx, s.API.RDS.ModifyDBCluster, &rds.ModifyDBClusterInput{DBClusterIdentifier: id, DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true)})
	return now, err
}

// clusterLosses: a drill's copy is nobody's.
func clusterLosses(_ context.Context, s *provision.Step, _ *provision.Sweep, c dbCluster) ([]provision.Loss, error) {
	name := aws.ToString(c.DBClusterIdentifier)
	switch {
	case isDrill(Tags.Of(c.TagList)):
		return nil, nil
	case !s.Purge:
		return []provision.Loss{provision.Lost("the database %s, but for a final snapshot and the backups of the last %d {day|days}", name, aws.ToInt32(c.BackupRetentionPeriod))}, nil
	default:
		return []provision.Loss{provision.Lost("the database %s and its backups of the last %d {day|days}", name, aws.ToInt32(c.BackupRetentionPeriod))}, nil
	}
}
