package rds

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// newCluster is the way out of what cannot be changed.
const newCluster = "restore a snapshot of it into a new cluster, or set the specification back"

// dbClusterConstants cannot be changed. The minor version is AWS's.
var dbClusterConstants = []provision.Field[wantDBCluster, dbCluster]{
	{
		Name: "engine",
		Want: func(_ *provision.Step, d wantDBCluster) string { return d.engine.Name + " " + d.engine.Major },
		Have: func(c dbCluster) string {
			name := aws.ToString(c.Engine)
			return name + " " + rules.EngineOf(name).MajorOf(aws.ToString(c.EngineVersion))
		},
		Fix: lang.Text("a cluster keeps its engine, and cicdctl does not change major versions; set database.engine back to what it is; a major version that AWS has upgraded at the end of its standard support takes a version of cicdctl that makes the new one"),
	},
	{
		Name: "subnet group",
		Want: func(s *provision.Step, _ wantDBCluster) string { return s.ID("rds/subnet-group", databaseRole) },
		Have: func(c dbCluster) string { return aws.ToString(c.DBSubnetGroup) },
		Fix:  newCluster,
	},
	{
		Name: "encryption key",
		Want: func(s *provision.Step, _ wantDBCluster) string { return s.ID("kms/key", "client") },
		Have: func(c dbCluster) string {
			if !aws.ToBool(c.StorageEncrypted) {
				return "none"
			}
			return aws.ToString(c.KmsKeyId)
		},
		Fix: newCluster,
	},
}

const masterPassword = "master password"

type (
	modifyDBCluster = rds.ModifyDBClusterInput
	dbClusterChange = kit.Change[wantDBCluster, dbCluster, modifyDBCluster]
)

// dbClusterChanges are made by one call: RDS refuses another while the first one works.
var dbClusterChanges = []dbClusterChange{
	kit.Flag[wantDBCluster]("deletion protection", true, func(c dbCluster) *bool { return c.DeletionProtection },
		func(in *modifyDBCluster) **bool { return &in.DeletionProtection }),
	kit.Flag[wantDBCluster]("tags copied to snapshots", true, func(c dbCluster) *bool { return c.CopyTagsToSnapshot },
		func(in *modifyDBCluster) **bool { return &in.CopyTagsToSnapshot }),
	kit.Flag[wantDBCluster]("IAM authentication", true,
		func(c dbCluster) *bool {
			return cmp.Or(pendingOf(c).IAMDatabaseAuthenticationEnabled, c.IAMDatabaseAuthenticationEnabled)
		},
		func(in *modifyDBCluster) **bool { return &in.EnableIAMDatabaseAuthentication }),
	{
		Name: rules.FieldExtendedSupport,
		Want: func(_ *provision.Step, d wantDBCluster) string { return kit.OnOff(d.extended) },
		Have: func(c dbCluster) string { return kit.OnOff(c.Extended()) },
		Put: func(_ *provision.Step, d wantDBCluster, _ dbCluster, in *modifyDBCluster) {
			in.EngineLifecycleSupport = lifecycle(d.extended)
		},
	},
	kit.Count("backup retention days", func(d wantDBCluster) int32 { return int32(d.backup.RetentionDays) },
		func(c dbCluster) *int32 { return cmp.Or(pendingOf(c).BackupRetentionPeriod, c.BackupRetentionPeriod) },
		func(in *modifyDBCluster) **int32 { return &in.BackupRetentionPeriod }),
	kit.Text("backup window", func(_ *provision.Step, d wantDBCluster) string { return d.backup.Window },
		func(c dbCluster) *string { return c.PreferredBackupWindow },
		func(in *modifyDBCluster) **string { return &in.PreferredBackupWindow }),
	kit.Text("maintenance window", func(s *provision.Step, d wantDBCluster) string { return maintenanceWindow(s, d.maintenance) },
		func(c dbCluster) *string { return c.PreferredMaintenanceWindow },
		func(in *modifyDBCluster) **string { return &in.PreferredMaintenanceWindow }),
	{
		Name: "security groups",
		Want: func(s *provision.Step, _ wantDBCluster) string { return databaseGroup(s) },
		Have: func(c dbCluster) string {
			var ids []string
			for _, g := range c.VpcSecurityGroups {
				if aws.ToString(g.Status) != "removing" {
					ids = append(ids, aws.ToString(g.VpcSecurityGroupId))
				}
			}
			return kit.Lines(ids)
		},
		Put: func(s *provision.Step, _ wantDBCluster, _ dbCluster, in *modifyDBCluster) {
			in.VpcSecurityGroupIds = []string{databaseGroup(s)}
		},
	},
	kit.Text(rules.FieldParameterGroup, func(s *provision.Step, _ wantDBCluster) string {
		return s.ID("rds/cluster-parameter-group", databaseRole)
	},
		func(c dbCluster) *string { return c.DBClusterParameterGroup },
		func(in *modifyDBCluster) **string { return &in.DBClusterParameterGroupName }),
	{
		Name: "log exports",
		Want: func(_ *provision.Step, d wantDBCluster) string { return kit.Lines(rules.LogExports(d.engine.Name)) },
		Have: logExports,
		Put: func(_ *provision.Step, d wantDBCluster, c dbCluster, in *modifyDBCluster) {
			want := kit.Lines(rules.LogExports(d.engine.Name))
			in.CloudwatchLogsExportConfiguration = &rdstypes.CloudwatchLogsExportConfiguration{
				EnableLogTypes: kit.Missing(want, logExports(c)), DisableLogTypes: kit.Missing(logExports(c), want),
			}
		},
	},
	kit.Count(rules.FieldPort, func(d wantDBCluster) int32 { return d.port }, func(c dbCluster) *int32 { return c.Port },
		func(in *modifyDBCluster) **int32 { return &in.Port }),
	{
		Name: masterPassword,
		Want: func(*provision.Step, wantDBCluster) string { return "kept in Secrets Manager" },
		Have: func(c dbCluster) string {
			if c.MasterUserSecret == nil {
				return "set by hand"
			}
			return "kept in Secrets Manager"
		},
		Put: func(s *provision.Step, _ wantDBCluster, _ dbCluster, in *modifyDBCluster) {
			in.ManageMasterUserPassword, in.MasterUserSecretKmsKeyId = aws.Bool(true), aws.String(s.ID("kms/key", "client"))
		},
	},
}

// databaseGroup is the ID of the database's security group.
func databaseGroup(s *provision.Step) string { return s.ID("ec2/security-group", rules.GroupDatabase) }

// pendingOf is what RDS is about to change.
func pendingOf(c dbCluster) rdstypes.ClusterPendingModifiedValues {
	return *cmp.Or(c.PendingModifiedValues, &rdstypes.ClusterPendingModifiedValues{})
}

// logExports are the logs that go to CloudWatch, or are about to.
func logExports(c dbCluster) string {
	logs := kit.Lines(c.EnabledCloudwatchLogsExports)
	if p := pendingOf(c).PendingCloudwatchLogsExports; p != nil {
		logs = kit.Lines(append(kit.Missing(logs, kit.Lines(p.LogTypesToDisable)), p.LogTypesToEnable...))
	}
	return logs
}
