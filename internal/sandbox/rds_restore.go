package sandbox

import (
	"cmp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// dbCopying is the state of a snapshot that comes from another one.
const dbCopying = "copying"

func registerDBRestore(a *Account) {
	op(a, rds.ServiceID, restoreDBCluster)
	op(a, rds.ServiceID, restoreDBSnapshot)
	op(a, rds.ServiceID, copyDBSnapshot)
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeDBClusterAutomatedBackupsInput) (*rds.DescribeDBClusterAutomatedBackupsOutput, error) {
		var all []types.DBClusterAutomatedBackup
		t.expireDBBackups()
		for _, r := range t.rds().Retained {
			ok, err := dbMatches(in.Filters, map[string]string{"status": *r.V.Status, "db-cluster-id": *r.V.DBClusterIdentifier, "db-cluster-resource-id": *r.V.DbClusterResourceId})
			switch {
			case err != nil:
				return nil, err
			case !ok,
				in.DBClusterIdentifier != nil && !strings.EqualFold(*r.V.DBClusterIdentifier, *in.DBClusterIdentifier),
				in.DbClusterResourceId != nil && *r.V.DbClusterResourceId != *in.DbClusterResourceId:
				continue
			}
			all = append(all, r.V)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeDBClusterAutomatedBackupsOutput{DBClusterAutomatedBackups: part, Marker: next}, err
	})
}

// retainDBBackups keeps the automated backups of a cluster that is deleted, as long as
// they would have been kept with it.
func (t *tx) retainDBBackups(c types.DBCluster) {
	shown := t.showDBCluster(c)
	if shown.EarliestRestorableTime == nil {
		return
	}
	t.rds().Retained.add(&row[types.DBClusterAutomatedBackup]{V: clone(types.DBClusterAutomatedBackup{
		DBClusterIdentifier: c.DBClusterIdentifier, DbClusterResourceId: c.DbClusterResourceId, DBClusterArn: c.DBClusterArn,
		DBClusterAutomatedBackupsArn: aws.String(t.arn("rds", "cluster-auto-backup:"+strings.Replace(strings.ToLower(*c.DbClusterResourceId), "cluster", "ab", 1))),
		Region:                       aws.String(t.region), Status: aws.String("retained"), BackupRetentionPeriod: c.BackupRetentionPeriod, ClusterCreateTime: c.ClusterCreateTime,
		Engine: c.Engine, EngineVersion: c.EngineVersion, EngineMode: c.EngineMode, MasterUsername: c.MasterUsername, Port: c.Port, AllocatedStorage: c.AllocatedStorage,
		KmsKeyId: c.KmsKeyId, StorageEncrypted: c.StorageEncrypted, TagList: c.TagList,
		RestoreWindow: &types.RestoreWindow{EarliestTime: shown.EarliestRestorableTime, LatestTime: shown.LatestRestorableTime},
	})})
}

// expireDBBackups drops what is older than its days.
func (t *tx) expireDBBackups() {
	t.rds().Retained.dropAll(func(r *row[types.DBClusterAutomatedBackup]) bool {
		return t.now.After(r.V.RestoreWindow.LatestTime.AddDate(0, 0, int(*r.V.BackupRetentionPeriod)))
	})
}

// dbOrigin is what a restored cluster takes over: its data, engine, master user, key and
// days of backup, and nothing else. No instances, groups, protection, logs or secret
// come that were not asked for.
type dbOrigin struct {
	engine, version, mode, user, database *string
	days, storage                         *int32
	encrypted                             *bool
	key                                   *string
}

// dbWish is what a restore asks for, by whichever call.
type dbWish struct {
	subnets, key, window, settings *string
	lifecycle                      *string
	groups, logs                   []string
	days, port                     *int32
	protected, copyTags, iam       *bool
	tags                           []types.Tag
}

// restoreDBCluster makes a cluster as another one was at some time, be it that of a
// cluster that is gone, of which the automated backups were retained.
func restoreDBCluster(t *tx, in *rds.RestoreDBClusterToPointInTimeInput) (*rds.RestoreDBClusterToPointInTimeOutput, error) {
	id, err := dbName("DBClusterIdentifier", in.DBClusterIdentifier, 63)
	if err != nil {
		return nil, err
	}
	latest, name, resource := aws.ToBool(in.UseLatestRestorableTime), strings.ToLower(aws.ToString(in.SourceDBClusterIdentifier)), aws.ToString(in.SourceDbClusterResourceId)
	source := dbClusters.find(t, name)
	t.expireDBBackups()
	gone := t.rds().Retained.first(func(r *row[types.DBClusterAutomatedBackup]) bool { return *r.V.DbClusterResourceId == resource })
	switch {
	case name == "" && resource == "":
		return nil, apiError("InvalidParameterCombination", "A source DB cluster must be specified.")
	case name != "" && resource != "":
		return nil, apiError("InvalidParameterCombination", "Specify either SourceDBClusterIdentifier or SourceDbClusterResourceId, but not both.")
	case name != "" && source == nil:
		return nil, apiError("DBClusterNotFoundFault", "The source cluster could not be found or cannot be accessed: %s", name)
	case resource != "" && gone == nil:
		return nil, apiError("DBClusterAutomatedBackupNotFoundFault", "No automated backup for %s was found.", resource)
	case dbClusters.find(t, id) != nil:
		return nil, apiError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
	case latest && in.RestoreToTime != nil:
		return nil, apiError("InvalidParameterCombination", "Specify either RestoreToTime or UseLatestRestorableTime, but not both.")
	case !latest && in.RestoreToTime == nil:
		return nil, apiError("InvalidParameterCombination", "Either RestoreToTime or UseLatestRestorableTime must be specified.")
	case aws.ToString(in.RestoreType) != "" && *in.RestoreType != "full-copy":
		return nil, apiError("InvalidParameterValue", "The sandbox restores full copies only, not %s", *in.RestoreType)
	case source != nil && (*source.V.Status == dbCreating || *source.V.Status == dbDeleting):
		return nil, apiError("InvalidDBClusterStateFault", "DbCluster %s is in %s state and cannot be restored.", name, *source.V.Status)
	}
	var from dbOrigin
	var window types.RestoreWindow
	if source != nil {
		v := t.showDBCluster(source.V)
		from = dbOrigin{v.Engine, v.EngineVersion, v.EngineMode, v.MasterUsername, v.DatabaseName, v.BackupRetentionPeriod, v.AllocatedStorage, v.StorageEncrypted, v.KmsKeyId}
		window = types.RestoreWindow{EarliestTime: v.EarliestRestorableTime, LatestTime: v.LatestRestorableTime}
	} else {
		v := gone.V
		from = dbOrigin{v.Engine, v.EngineVersion, v.EngineMode, v.MasterUsername, nil, v.BackupRetentionPeriod, v.AllocatedStorage, v.StorageEncrypted, v.KmsKeyId}
		window = *v.RestoreWindow
	}
	if at := in.RestoreToTime; at != nil && (at.Before(*window.EarliestTime) || at.After(*window.LatestTime)) {
		return nil, apiError("InvalidRestoreFault", "The specified time %s is not between %s and %s.", at.UTC().Format(time.RFC3339),
			window.EarliestTime.UTC().Format(time.RFC3339), window.LatestTime.UTC().Format(time.RFC3339))
	}
	shown, err := t.restoreDB(id, from, dbWish{
		subnets: in.DBSubnetGroupName, key: in.KmsKeyId, window: in.PreferredBackupWindow, settings: in.DBClusterParameterGroupName, groups: in.VpcSecurityGroupIds,
		logs: in.EnableCloudwatchLogsExports, days: in.BackupRetentionPeriod, port: in.Port, protected: in.DeletionProtection, copyTags: in.CopyTagsToSnapshot,
		iam: in.EnableIAMDatabaseAuthentication, lifecycle: in.EngineLifecycleSupport, tags: in.Tags,
	})
	return &rds.RestoreDBClusterToPointInTimeOutput{DBCluster: shown}, err
}

// restoreDBSnapshot makes a cluster from a snapshot of any type.
func restoreDBSnapshot(t *tx, in *rds.RestoreDBClusterFromSnapshotInput) (*rds.RestoreDBClusterFromSnapshotOutput, error) {
	id, err := dbName("DBClusterIdentifier", in.DBClusterIdentifier, 63)
	if err != nil {
		return nil, err
	}
	source := dbSnapshots.find(t, strings.ToLower(strings.TrimPrefix(aws.ToString(in.SnapshotIdentifier), t.arn("rds", "cluster-snapshot:"))))
	switch {
	case source == nil:
		return nil, apiError("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot %s not found", aws.ToString(in.SnapshotIdentifier))
	case dbClusters.find(t, id) != nil:
		return nil, apiError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
	case *source.V.Status != dbAvailable:
		ageDBSnapshot(source)
		return nil, apiError("InvalidDBClusterSnapshotStateFault", "DBClusterSnapshot %s is in %s state", *source.V.DBClusterSnapshotIdentifier, *source.V.Status)
	case aws.ToString(in.Engine) != *source.V.Engine:
		return nil, apiError("InvalidParameterCombination", "The engine %s does not match that of the snapshot, %s.", aws.ToString(in.Engine), *source.V.Engine)
	case in.EngineVersion != nil && *in.EngineVersion != *source.V.EngineVersion:
		return nil, apiError("InvalidParameterCombination", "The sandbox restores snapshots with their own version %s only, not with %s", *source.V.EngineVersion, *in.EngineVersion)
	}
	// The key is used in the caller's name: data whose key is gone cannot be read.
	if source.V.KmsKeyId != nil {
		if _, err := t.dbKey(source.V.KmsKeyId); err != nil {
			return nil, err
		}
	}
	v := source.V
	shown, err := t.restoreDB(id, dbOrigin{v.Engine, v.EngineVersion, v.EngineMode, v.MasterUsername, in.DatabaseName, aws.Int32(1), v.AllocatedStorage, v.StorageEncrypted, v.KmsKeyId}, dbWish{
		subnets: in.DBSubnetGroupName, key: in.KmsKeyId, window: in.PreferredBackupWindow, settings: in.DBClusterParameterGroupName, groups: in.VpcSecurityGroupIds,
		logs: in.EnableCloudwatchLogsExports, days: in.BackupRetentionPeriod, port: in.Port, protected: in.DeletionProtection, copyTags: in.CopyTagsToSnapshot,
		iam: in.EnableIAMDatabaseAuthentication, lifecycle: in.EngineLifecycleSupport, tags: in.Tags,
	})
	return &rds.RestoreDBClusterFromSnapshotOutput{DBCluster: shown}, err
}

func (t *tx) restoreDB(id string, from dbOrigin, wish dbWish) (*types.DBCluster, error) {
	_, family, err := dbVersion(*from.engine, from.version)
	if err != nil {
		return nil, err
	}
	where := cmp.Or(aws.ToString(wish.subnets), "default")
	group := dbSubnetGroups.find(t, where)
	if group == nil {
		return nil, apiError("DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", where)
	}
	c := t.newDBCluster(id, dbEngines[*from.engine].port, "default."+family)
	c.Engine, c.EngineVersion, c.EngineMode = from.engine, from.version, from.mode
	c.MasterUsername, c.DatabaseName = from.user, from.database
	c.BackupRetentionPeriod, c.AllocatedStorage = from.days, from.storage
	c.StorageEncrypted, c.KmsKeyId = from.encrypted, from.key
	c.DBSubnetGroup, c.TagList = group.V.DBSubnetGroupName, wish.tags
	if wish.key != nil {
		if c.KmsKeyId, err = t.dbKey(wish.key); err != nil {
			return nil, err
		}
		c.StorageEncrypted = aws.Bool(true)
	}
	if err := dbTags.check(wish.tags); err != nil {
		return nil, err
	}
	if err := t.linkedDB(); err != nil {
		return nil, err
	}
	if wish.window != nil && checkDBWindows(*wish.window, *c.PreferredMaintenanceWindow) != nil {
		c.PreferredMaintenanceWindow = aws.String("sun:11:00-sun:11:30") // RDS chooses one that fits
	}
	change := &rds.ModifyDBClusterInput{
		BackupRetentionPeriod: wish.days, PreferredBackupWindow: wish.window, DBClusterParameterGroupName: wish.settings,
		VpcSecurityGroupIds: wish.groups, Port: wish.port, DeletionProtection: wish.protected, CopyTagsToSnapshot: wish.copyTags,
		EnableIAMDatabaseAuthentication:   wish.iam,
		EngineLifecycleSupport:            wish.lifecycle,
		CloudwatchLogsExportConfiguration: &types.CloudwatchLogsExportConfiguration{EnableLogTypes: wish.logs},
	}
	if err := t.changeDBCluster(&c, change); err != nil {
		return nil, err
	}
	t.addDBCluster(&c, *group.V.VpcId)
	// The answer shows the cluster as it begins; what was asked for is told by describes.
	shown := clone(c)
	shown.DeletionProtection, shown.CopyTagsToSnapshot, shown.IAMDatabaseAuthenticationEnabled = nil, nil, nil
	shown.EnabledCloudwatchLogsExports, shown.PendingModifiedValues = nil, nil
	return &shown, nil
}

// copyDBSnapshot copies a snapshot, of this region or of another. Keys are of one
// region: an encrypted snapshot of another needs one of here.
func copyDBSnapshot(t *tx, in *rds.CopyDBClusterSnapshotInput) (*rds.CopyDBClusterSnapshotOutput, error) {
	id, err := dbName("TargetDBClusterSnapshotIdentifier", in.TargetDBClusterSnapshotIdentifier, 63)
	if err != nil {
		return nil, err
	}
	there := *t
	name := aws.ToString(in.SourceDBClusterSnapshotIdentifier)
	if parts := strings.SplitN(name, ":", 7); len(parts) == 7 && parts[0] == "arn" {
		there.region, name = parts[3], parts[6]
	}
	source := dbSnapshots.find(&there, strings.ToLower(name))
	switch {
	case source == nil:
		return nil, apiError("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot %s not found", aws.ToString(in.SourceDBClusterSnapshotIdentifier))
	case dbSnapshots.find(t, id) != nil:
		return nil, apiError("DBClusterSnapshotAlreadyExistsFault", "Cannot create the cluster snapshot because a snapshot with the identifier %s already exists.", id)
	case *source.V.Status != dbAvailable:
		ageDBSnapshot(source)
		return nil, apiError("InvalidDBClusterSnapshotStateFault", "DBClusterSnapshot %s is in %s state", *source.V.DBClusterSnapshotIdentifier, *source.V.Status)
	case !aws.ToBool(source.V.StorageEncrypted) && in.KmsKeyId != nil:
		return nil, apiError("InvalidParameterCombination", "KmsKeyId cannot be given for a snapshot that is not encrypted.")
	case aws.ToBool(source.V.StorageEncrypted) && in.KmsKeyId == nil && there.region != t.region:
		return nil, apiError("InvalidParameterValue", "A KmsKeyId of the destination region is needed to copy an encrypted snapshot from another region.")
	}
	if aws.ToBool(source.V.StorageEncrypted) {
		if _, err := there.dbKey(source.V.KmsKeyId); err != nil {
			return nil, err
		}
	}
	if err := dbTags.check(in.Tags); err != nil {
		return nil, err
	}
	v := clone(source.V)
	if in.KmsKeyId != nil {
		if v.KmsKeyId, err = t.dbKey(in.KmsKeyId); err != nil {
			return nil, err
		}
	}
	if !aws.ToBool(in.CopyTags) {
		v.TagList = nil
	}
	v.TagList = append(v.TagList, in.Tags...)
	v.DBClusterSnapshotIdentifier, v.DBClusterSnapshotArn = aws.String(id), aws.String(t.arn("rds", "cluster-snapshot:"+id))
	v.SourceDBClusterSnapshotArn, v.SnapshotType = source.V.DBClusterSnapshotArn, aws.String("manual")
	v.Status, v.PercentProgress, v.VpcId = aws.String(dbCopying), aws.Int32(0), nil
	t.rds().Snapshots.add(&row[types.DBClusterSnapshot]{V: v, meta: t.pending()})
	return &rds.CopyDBClusterSnapshotOutput{DBClusterSnapshot: &v}, nil
}
