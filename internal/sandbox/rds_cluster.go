package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func dbClusterID(c *types.DBCluster) *string { return c.DBClusterIdentifier }

func registerDBCluster(a *Account) {
	op(a, rds.ServiceID, createDBCluster)
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeDBClustersInput) (*rds.DescribeDBClustersOutput, error) {
		id := strings.ToLower(aws.ToString(in.DBClusterIdentifier))
		var all []types.DBCluster
		for _, r := range slices.Clone(t.rds().Clusters) {
			if id != "" && *r.V.DBClusterIdentifier != id {
				continue
			}
			ok, err := dbMatches(in.Filters, map[string]string{"db-cluster-id": *r.V.DBClusterIdentifier, "engine": *r.V.Engine})
			if err != nil {
				return nil, err
			}
			if ok && (in.Marker != nil || t.ageDBCluster(r)) {
				all = append(all, t.showDBCluster(r.V))
			}
		}
		if id != "" && all == nil {
			return nil, apiError("DBClusterNotFoundFault", "DBCluster %s not found.", id)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeDBClustersOutput{DBClusters: part, Marker: next}, err
	})
	opOn(dbClusters.onLower(a), func(in *rds.ModifyDBClusterInput) *string { return in.DBClusterIdentifier }, func(t *tx, r *row[types.DBCluster], in *rds.ModifyDBClusterInput) (*rds.ModifyDBClusterOutput, error) {
		if *r.V.Status != dbAvailable {
			return nil, t.busyDBCluster(r)
		}
		if err := t.changeDBCluster(&r.V, in); err != nil {
			return nil, err
		}
		for _, i := range t.dbMembers(*r.V.DBClusterIdentifier) {
			i.V.PreferredBackupWindow = r.V.PreferredBackupWindow
			t.regroupDBInstance(i, r.V)
		}
		// Without ApplyImmediately what is pending waits for the maintenance window.
		if aws.ToBool(in.ApplyImmediately) {
			r.V.Status, r.Looks = aws.String(dbModifying), t.opts.Looks
		}
		shown := t.showDBCluster(r.V)
		return &rds.ModifyDBClusterOutput{DBCluster: &shown}, nil
	})
	op(a, rds.ServiceID, deleteDBCluster)
}

func createDBCluster(t *tx, in *rds.CreateDBClusterInput) (*rds.CreateDBClusterOutput, error) {
	id, err := dbName("DBClusterIdentifier", in.DBClusterIdentifier, 63)
	if err != nil {
		return nil, err
	}
	version, family, err := dbVersion(aws.ToString(in.Engine), in.EngineVersion)
	if err != nil {
		return nil, err
	}
	engine := dbEngines[*in.Engine]
	managed := aws.ToBool(in.ManageMasterUserPassword)
	switch {
	case dbClusters.find(t, id) != nil:
		return nil, apiError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
	case aws.ToString(in.MasterUsername) == "":
		return nil, apiError("InvalidParameterValue", "The parameter MasterUsername must be provided and must not be blank.")
	case t.unsupported(*in.Engine, version, in.EngineLifecycleSupport):
		return nil, apiError("InvalidParameterCombination", "%s %s is past its end of standard support and cannot be created without RDS Extended Support.", *in.Engine, version)
	case managed && in.MasterUserPassword != nil:
		return nil, apiError("InvalidParameterCombination", "You can't specify MasterUserPassword when ManageMasterUserPassword is enabled.")
	case !managed && len(aws.ToString(in.MasterUserPassword)) < 8:
		return nil, apiError("InvalidParameterValue", "The parameter MasterUserPassword must be provided and must not be shorter than 8 characters.")
	case !managed && in.MasterUserSecretKmsKeyId != nil:
		return nil, apiError("InvalidParameterCombination", "MasterUserSecretKmsKeyId can only be specified when ManageMasterUserPassword is enabled.")
	case in.KmsKeyId != nil && !aws.ToBool(in.StorageEncrypted):
		return nil, apiError("InvalidParameterCombination", "KmsKeyId can only be specified when StorageEncrypted is enabled.")
	}
	c := t.newDBCluster(id, engine.port, "default."+family)
	c.Engine, c.EngineVersion, c.MasterUsername, c.DatabaseName, c.TagList = in.Engine, aws.String(version), in.MasterUsername, in.DatabaseName, in.Tags
	c.StorageEncrypted = aws.Bool(aws.ToBool(in.StorageEncrypted))
	group := dbSubnetGroups.find(t, aws.ToString(in.DBSubnetGroupName))
	if group == nil {
		return nil, apiError("DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", aws.ToString(in.DBSubnetGroupName))
	}
	c.DBSubnetGroup = group.V.DBSubnetGroupName
	if *c.StorageEncrypted {
		if c.KmsKeyId, err = t.dbKey(in.KmsKeyId); err != nil {
			return nil, err
		}
	}
	if err := dbTags.check(in.Tags); err != nil {
		return nil, err
	}
	if err := t.linkedDB(); err != nil {
		return nil, err
	}
	// What a cluster can be changed to, it can be made with.
	change := &rds.ModifyDBClusterInput{
		BackupRetentionPeriod: in.BackupRetentionPeriod, PreferredBackupWindow: in.PreferredBackupWindow, PreferredMaintenanceWindow: in.PreferredMaintenanceWindow,
		DBClusterParameterGroupName: in.DBClusterParameterGroupName, VpcSecurityGroupIds: in.VpcSecurityGroupIds, Port: in.Port, DeletionProtection: in.DeletionProtection,
		CopyTagsToSnapshot: in.CopyTagsToSnapshot, EnableIAMDatabaseAuthentication: in.EnableIAMDatabaseAuthentication,
		ManageMasterUserPassword: in.ManageMasterUserPassword, MasterUserSecretKmsKeyId: in.MasterUserSecretKmsKeyId,
		CloudwatchLogsExportConfiguration: &types.CloudwatchLogsExportConfiguration{EnableLogTypes: in.EnableCloudwatchLogsExports},
		EngineLifecycleSupport:            in.EngineLifecycleSupport,
	}
	if err := t.changeDBCluster(&c, change); err != nil {
		return nil, err
	}
	t.addDBCluster(&c, *group.V.VpcId)
	return &rds.CreateDBClusterOutput{DBCluster: &c}, nil
}

// changeDBCluster checks all of a change, then makes it: what takes RDS time is
// left in PendingModifiedValues.
func (t *tx) changeDBCluster(c *types.DBCluster, in *rds.ModifyDBClusterInput) error {
	next := clone(*c)
	if !t.rds().Managed[*c.DBClusterIdentifier] {
		next.MasterUserSecret = nil
	}
	group := dbSubnetGroups.find(t, *next.DBSubnetGroup)
	if group == nil {
		return apiError("DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", *next.DBSubnetGroup)
	}
	if in.BackupRetentionPeriod != nil {
		if *in.BackupRetentionPeriod < 1 || *in.BackupRetentionPeriod > 35 {
			return apiError("InvalidParameterValue", "Invalid backup retention period: %d. Must be between 1 and 35", *in.BackupRetentionPeriod)
		}
		pendingDBCluster(&next).BackupRetentionPeriod = in.BackupRetentionPeriod
	}
	set(&next.PreferredBackupWindow, in.PreferredBackupWindow)
	if in.PreferredMaintenanceWindow != nil {
		next.PreferredMaintenanceWindow = aws.String(strings.ToLower(*in.PreferredMaintenanceWindow))
	}
	if err := checkDBWindows(*next.PreferredBackupWindow, *next.PreferredMaintenanceWindow); err != nil {
		return err
	}
	if name := in.DBClusterParameterGroupName; name != nil {
		settings := find(append(t.defaultParameterGroups(), t.rds().ParameterGroups...), *name, dbParameterGroupName)
		if settings == nil {
			return apiError("DBClusterParameterGroupNotFound", "DBClusterParameterGroup not found: %s", *name)
		}
		_, family, err := dbVersion(*next.Engine, next.EngineVersion)
		if err != nil {
			return err
		}
		if *settings.V.DBParameterGroupFamily != family {
			return apiError("InvalidParameterCombination", "The Parameter Group %s with DBParameterGroupFamily %s can't be used for this instance. Please use a Parameter Group with DBParameterGroupFamily %s", *name, *settings.V.DBParameterGroupFamily, family)
		}
		if *name != aws.ToString(next.DBClusterParameterGroup) { // every member has to be restarted for another group
			for _, i := range t.dbMembers(*c.DBClusterIdentifier) {
				i.V.Stale = true
			}
		}
		next.DBClusterParameterGroup = name
	}
	if len(in.VpcSecurityGroupIds) > 0 {
		if err := t.checkDBGroups(in.VpcSecurityGroupIds, *group.V.VpcId); err != nil {
			return err
		}
		next.VpcSecurityGroups = each(in.VpcSecurityGroupIds, func(g string) types.VpcSecurityGroupMembership {
			return types.VpcSecurityGroupMembership{VpcSecurityGroupId: aws.String(g), Status: aws.String("active")}
		})
	}
	if in.Port != nil {
		if *in.Port < 1150 || *in.Port > 65535 {
			return apiError("InvalidParameterValue", "Invalid database port %d", *in.Port)
		}
		next.Port = in.Port
	}
	if exports := in.CloudwatchLogsExportConfiguration; exports != nil {
		for _, log := range append(slices.Clone(exports.EnableLogTypes), exports.DisableLogTypes...) {
			if !slices.Contains(dbEngines[*next.Engine].logs, log) && !slices.Contains(next.EnabledCloudwatchLogsExports, log) {
				return apiError("InvalidParameterCombination", "You cannot use the log types '%s' with engine version %s %s.", log, *next.Engine, *next.EngineVersion)
			}
		}
		if len(exports.EnableLogTypes)+len(exports.DisableLogTypes) > 0 {
			pendingDBCluster(&next).PendingCloudwatchLogsExports = &types.PendingCloudwatchLogsExports{LogTypesToEnable: exports.EnableLogTypes, LogTypesToDisable: exports.DisableLogTypes}
		}
	}
	if in.EnableIAMDatabaseAuthentication != nil {
		pendingDBCluster(&next).IAMDatabaseAuthenticationEnabled = in.EnableIAMDatabaseAuthentication
	}
	set(&next.DeletionProtection, in.DeletionProtection)
	set(&next.CopyTagsToSnapshot, in.CopyTagsToSnapshot)
	if err := supportDB(&next, in.EngineLifecycleSupport); err != nil {
		return err
	}
	if err := t.changeDBSecret(&next, in); err != nil {
		return err
	}
	t.rds().Managed[*c.DBClusterIdentifier] = next.MasterUserSecret != nil
	*c = next
	return nil
}

// changeDBSecret hands the master password to Secrets Manager, or takes it back.
func (t *tx) changeDBSecret(c *types.DBCluster, in *rds.ModifyDBClusterInput) error {
	switch {
	case in.MasterUserSecretKmsKeyId != nil && (c.MasterUserSecret != nil || !aws.ToBool(in.ManageMasterUserPassword)):
		return apiError("InvalidParameterCombination", "MasterUserSecretKmsKeyId can only be specified when ManageMasterUserPassword is being turned on.")
	case in.ManageMasterUserPassword == nil:
		return nil
	case !*in.ManageMasterUserPassword:
		if c.MasterUserSecret != nil && in.MasterUserPassword == nil {
			return apiError("InvalidParameterCombination", "You must specify MasterUserPassword when turning ManageMasterUserPassword off.")
		}
		c.MasterUserSecret = nil
	case c.MasterUserSecret == nil:
		key := aws.String(t.arn("kms", "key/aws-managed-secretsmanager"))
		if in.MasterUserSecretKmsKeyId != nil {
			var err error
			if key, err = t.dbKey(in.MasterUserSecretKmsKeyId); err != nil {
				return err
			}
		}
		c.MasterUserSecret = &types.MasterUserSecret{
			SecretArn: aws.String(t.arn("secretsmanager", "secret:rds!"+strings.ToLower(*c.DbClusterResourceId)+"-AbCdEf")), KmsKeyId: key, SecretStatus: aws.String("creating"),
		}
	}
	return nil
}

func pendingDBCluster(c *types.DBCluster) *types.ClusterPendingModifiedValues {
	c.PendingModifiedValues = cmp.Or(c.PendingModifiedValues, &types.ClusterPendingModifiedValues{})
	return c.PendingModifiedValues
}

// applyDBCluster makes pending values real.
func (t *tx) applyDBCluster(c *types.DBCluster) {
	p := c.PendingModifiedValues
	if p == nil {
		return
	}
	set(&c.BackupRetentionPeriod, p.BackupRetentionPeriod)
	set(&c.IAMDatabaseAuthenticationEnabled, p.IAMDatabaseAuthenticationEnabled)
	if logs := p.PendingCloudwatchLogsExports; logs != nil {
		c.EnabledCloudwatchLogsExports = slices.DeleteFunc(c.EnabledCloudwatchLogsExports, func(log string) bool { return slices.Contains(logs.LogTypesToDisable, log) })
		for _, log := range logs.LogTypesToEnable {
			if !slices.Contains(c.EnabledCloudwatchLogsExports, log) {
				c.EnabledCloudwatchLogsExports = append(c.EnabledCloudwatchLogsExports, log)
			}
		}
	}
	c.PendingModifiedValues = nil
}

func deleteDBCluster(t *tx, in *rds.DeleteDBClusterInput) (*rds.DeleteDBClusterOutput, error) {
	s, id := t.rds(), strings.ToLower(aws.ToString(in.DBClusterIdentifier))
	r := dbClusters.find(t, id)
	skip, final := aws.ToBool(in.SkipFinalSnapshot), in.FinalDBSnapshotIdentifier
	switch {
	case r == nil:
		return nil, apiError("DBClusterNotFoundFault", "DBCluster %s not found.", id)
	case skip && final != nil:
		return nil, apiError("InvalidParameterCombination", "FinalDBSnapshotIdentifier cannot be specified when deleting without a final snapshot.")
	case !skip && final == nil:
		return nil, apiError("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
	case aws.ToBool(r.V.DeletionProtection):
		return nil, apiError("InvalidParameterCombination", "Cannot delete protected Cluster, please disable deletion protection and try again.")
	case *r.V.Status != dbAvailable:
		return nil, t.busyDBCluster(r)
	case slices.ContainsFunc(t.dbMembers(id), func(i *row[dbInstance]) bool { return *i.V.DBInstanceStatus != dbDeleting }):
		return nil, apiError("InvalidDBClusterStateFault", "Cluster cannot be deleted, it still contains DB instances in non-deleting state.")
	}
	if !skip {
		name, err := dbName("FinalDBSnapshotIdentifier", final, 255)
		if err != nil {
			return nil, err
		}
		if dbSnapshots.find(t, name) != nil {
			return nil, apiError("DBClusterSnapshotAlreadyExistsFault", "Cannot create the cluster snapshot because a snapshot with the identifier %s already exists.", name)
		}
		actions := []string{"rds:CreateDBClusterSnapshot"}
		if aws.ToBool(r.V.CopyTagsToSnapshot) {
			actions = append(actions, "rds:AddTagsToResource")
		}
		for _, action := range actions {
			if err := t.allowed(action, t.arn("rds", "cluster-snapshot:"+name)); err != nil {
				return nil, err
			}
		}
		t.snapshotDBCluster(r.V, name, "manual")
	}
	if in.DeleteAutomatedBackups == nil || *in.DeleteAutomatedBackups {
		s.Snapshots.dropAll(func(x *row[types.DBClusterSnapshot]) bool {
			return *x.V.DBClusterIdentifier == id && *x.V.SnapshotType == "automated"
		})
	} else {
		t.retainDBBackups(r.V)
	}
	r.V.Status, r.Looks = aws.String(dbDeleting), t.opts.Looks
	shown := t.showDBCluster(r.V)
	return &rds.DeleteDBClusterOutput{DBCluster: &shown}, nil
}

// busyDBCluster refuses a change of a cluster that is in the middle of another.
// The refusal counts as a look: who only tries again comes through in the end.
func (t *tx) busyDBCluster(r *row[types.DBCluster]) error {
	err := apiError("InvalidDBClusterStateFault", "DbCluster %s is in %s state but expected it to be one of available.", *r.V.DBClusterIdentifier, *r.V.Status)
	t.ageDBCluster(r)
	return err
}

// ageDBCluster moves a cluster on once it has been looked at often enough, and
// reports whether it is still there. A new one is backed up before it is available.
func (t *tx) ageDBCluster(r *row[types.DBCluster]) bool {
	t.tendDBCluster(r)
	if t.waits(&r.meta) {
		return true
	}
	c := &r.V
	switch *c.Status {
	case dbCreating:
		c.Status, r.Looks = aws.String(dbBackingUp), min(t.opts.Looks, 1)
		c.EarliestRestorableTime = aws.Time(t.now.Truncate(time.Second))
		if c.MasterUserSecret != nil {
			c.MasterUserSecret.SecretStatus = aws.String("active")
		}
		t.snapshotDBCluster(*c, "rds:"+*c.DBClusterIdentifier+t.now.Format("-2006-01-02-15-04-05"), "automated")
		if r.Looks == 0 {
			return t.ageDBCluster(r)
		}
	case dbModifying:
		t.applyDBCluster(c)
		c.Status = aws.String(dbAvailable)
		if c.MasterUserSecret != nil {
			c.MasterUserSecret.SecretStatus = aws.String("active")
		}
	case dbBackingUp, dbStarting:
		c.Status = aws.String(dbAvailable)
	case dbStopping:
		c.Status = aws.String(dbStopped)
	case dbFailingOver:
		t.handOver(*c.DBClusterIdentifier)
		c.Status = aws.String(dbAvailable)
	case dbDeleting:
		if len(t.dbMembers(*c.DBClusterIdentifier)) == 0 {
			t.rds().Clusters.drop(r)
			delete(t.rds().Managed, *c.DBClusterIdentifier)
			delete(t.rds().Unkeyed, *c.DBClusterIdentifier)
			return false
		}
	}
	return true
}

// showDBCluster adds what a describe works out: members and restorable times.
func (t *tx) showDBCluster(c types.DBCluster) types.DBCluster {
	zones := map[string]bool{}
	for _, i := range t.dbMembers(*c.DBClusterIdentifier) {
		zones[*i.V.AvailabilityZone] = true
		status := "in-sync"
		if i.V.Stale {
			status = "pending-reboot"
		}
		c.DBClusterMembers = append(c.DBClusterMembers, types.DBClusterMember{
			DBInstanceIdentifier: i.V.DBInstanceIdentifier, IsClusterWriter: aws.Bool(i.V.Writer), PromotionTier: i.V.PromotionTier, DBClusterParameterGroupStatus: aws.String(status),
		})
	}
	c.MultiAZ = aws.Bool(len(zones) > 1)
	if !t.rds().Managed[*c.DBClusterIdentifier] {
		c.MasterUserSecret = nil
	}
	// The latest moment lies a minute back, but never before the first one.
	if made := c.EarliestRestorableTime; made != nil {
		latest := t.now.Add(-time.Minute).Truncate(time.Second)
		if latest.Before(*made) {
			latest = *made
		}
		c.LatestRestorableTime = aws.Time(latest)
		if kept := t.now.AddDate(0, 0, -int(*c.BackupRetentionPeriod)).Truncate(time.Second); kept.After(*made) {
			c.EarliestRestorableTime = aws.Time(kept)
		}
	}
	return c
}
