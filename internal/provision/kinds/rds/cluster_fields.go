package rds

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

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
		Fix: "a cluster keeps its engine, and cicdctl does not change major versions; set database.engine back to what it is",
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

type dbClusterChange = kit.Change[wantDBCluster, dbCluster, rds.ModifyDBClusterInput]

// dbClusterChanges are made by one call: RDS refuses another while the first one works.
var dbClusterChanges = []dbClusterChange{
	dbClusterSwitch("deletion protection", func(c dbCluster) *bool { return c.DeletionProtection },
		func(in *rds.ModifyDBClusterInput) { in.DeletionProtection = aws.Bool(true) }),
	dbClusterSwitch("tags copied to snapshots", func(c dbCluster) *bool { return c.CopyTagsToSnapshot },
		func(in *rds.ModifyDBClusterInput) { in.CopyTagsToSnapshot = aws.Bool(true) }),
	dbClusterSwitch("IAM authentication", func(c dbCluster) *bool {
		if p := c.PendingModifiedValues; p != nil && p.IAMDatabaseAuthenticationEnabled != nil {
			return p.IAMDatabaseAuthenticationEnabled
		}
		return c.IAMDatabaseAuthenticationEnabled
	}, func(in *rds.ModifyDBClusterInput) { in.EnableIAMDatabaseAuthentication = aws.Bool(true) }),
	{
		Name: "backup retention days",
		Want: func(_ *provision.Step, d wantDBCluster) string { return strconv.Itoa(d.backup.RetentionDays) },
		Have: func(c dbCluster) string {
			if p := c.PendingModifiedValues; p != nil && p.BackupRetentionPeriod != nil {
				return kit.Number(p.BackupRetentionPeriod)
			}
			return kit.Number(c.BackupRetentionPeriod)
		},
		Put: func(_ *provision.Step, d wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.BackupRetentionPeriod = aws.Int32(int32(d.backup.RetentionDays))
		},
	},
	{
		Name: "backup window",
		Want: func(_ *provision.Step, d wantDBCluster) string { return d.backup.Window },
		Have: func(c dbCluster) string { return aws.ToString(c.PreferredBackupWindow) },
		Put: func(_ *provision.Step, d wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.PreferredBackupWindow = aws.String(d.backup.Window)
		},
	},
	{
		Name: "maintenance window",
		Want: func(s *provision.Step, d wantDBCluster) string { return maintenanceWindow(s, d.maintenance) },
		Have: func(c dbCluster) string { return aws.ToString(c.PreferredMaintenanceWindow) },
		Put: func(s *provision.Step, d wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.PreferredMaintenanceWindow = aws.String(maintenanceWindow(s, d.maintenance))
		},
	},
	{
		Name: "security groups",
		Want: func(s *provision.Step, _ wantDBCluster) string {
			return s.ID("ec2/security-group", rules.GroupDatabase)
		},
		Have: func(c dbCluster) string {
			var ids []string
			for _, g := range c.VpcSecurityGroups {
				if aws.ToString(g.Status) != "removing" {
					ids = append(ids, aws.ToString(g.VpcSecurityGroupId))
				}
			}
			return kit.Lines(ids)
		},
		Put: func(s *provision.Step, _ wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.VpcSecurityGroupIds = []string{s.ID("ec2/security-group", rules.GroupDatabase)}
		},
	},
	{
		Name: "parameter group",
		Want: func(s *provision.Step, _ wantDBCluster) string {
			return s.ID("rds/cluster-parameter-group", databaseRole)
		},
		Have: func(c dbCluster) string { return aws.ToString(c.DBClusterParameterGroup) },
		Put: func(s *provision.Step, _ wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.DBClusterParameterGroupName = aws.String(s.ID("rds/cluster-parameter-group", databaseRole))
		},
	},
	{
		Name: "log exports",
		Want: func(_ *provision.Step, d wantDBCluster) string { return kit.Lines(rules.LogExports(d.engine.Name)) },
		Have: logExports,
		Put: func(_ *provision.Step, d wantDBCluster, c dbCluster, in *rds.ModifyDBClusterInput) {
			want := kit.Lines(rules.LogExports(d.engine.Name))
			in.CloudwatchLogsExportConfiguration = &rdstypes.CloudwatchLogsExportConfiguration{
				EnableLogTypes: kit.Missing(want, logExports(c)), DisableLogTypes: kit.Missing(logExports(c), want),
			}
		},
	},
	{
		Name: "port",
		Want: func(_ *provision.Step, d wantDBCluster) string { return kit.Number(&d.port) },
		Have: func(c dbCluster) string { return kit.Number(c.Port) },
		Put: func(_ *provision.Step, d wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.Port = aws.Int32(d.port)
		},
	},
	{
		Name: masterPassword,
		Want: func(*provision.Step, wantDBCluster) string { return "kept in Secrets Manager" },
		Have: func(c dbCluster) string {
			if c.MasterUserSecret == nil {
				return "set by hand"
			}
			return "kept in Secrets Manager"
		},
		Put: func(s *provision.Step, _ wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.ManageMasterUserPassword, in.MasterUserSecretKmsKeyId = aws.Bool(true), aws.String(s.ID("kms/key", "client"))
		},
	},
}

// dbClusterSwitch is a switch of the cluster that is on.
func dbClusterSwitch(name string, have func(dbCluster) *bool, on func(*rds.ModifyDBClusterInput)) dbClusterChange {
	return dbClusterChange{
		Name: name,
		Want: func(*provision.Step, wantDBCluster) string { return "on" },
		Have: func(c dbCluster) string { return kit.OnOff(aws.ToBool(have(c))) },
		Put:  func(_ *provision.Step, _ wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) { on(in) },
	}
}

// logExports are the logs that go to CloudWatch, or are about to.
func logExports(c dbCluster) string {
	logs := kit.Lines(c.EnabledCloudwatchLogsExports)
	if p := c.PendingModifiedValues; p != nil && p.PendingCloudwatchLogsExports != nil {
		logs = kit.Lines(append(kit.Missing(logs, kit.Lines(p.PendingCloudwatchLogsExports.LogTypesToDisable)), p.PendingCloudwatchLogsExports.LogTypesToEnable...))
	}
	return logs
}
