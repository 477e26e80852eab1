package kinds

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
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

type dbClusterChange = change[wantDBCluster, dbCluster, rds.ModifyDBClusterInput]

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
		name: "backup retention days",
		want: func(_ *provision.Step, d wantDBCluster) string { return strconv.Itoa(d.backup.RetentionDays) },
		have: func(c dbCluster) string {
			if p := c.PendingModifiedValues; p != nil && p.BackupRetentionPeriod != nil {
				return number(p.BackupRetentionPeriod)
			}
			return number(c.BackupRetentionPeriod)
		},
		put: func(_ *provision.Step, d wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.BackupRetentionPeriod = aws.Int32(int32(d.backup.RetentionDays))
		},
	},
	{
		name: "backup window",
		want: func(_ *provision.Step, d wantDBCluster) string { return d.backup.Window },
		have: func(c dbCluster) string { return aws.ToString(c.PreferredBackupWindow) },
		put: func(_ *provision.Step, d wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.PreferredBackupWindow = aws.String(d.backup.Window)
		},
	},
	{
		name: "maintenance window",
		want: func(s *provision.Step, d wantDBCluster) string { return maintenanceWindow(s, d.maintenance) },
		have: func(c dbCluster) string { return aws.ToString(c.PreferredMaintenanceWindow) },
		put: func(s *provision.Step, d wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.PreferredMaintenanceWindow = aws.String(maintenanceWindow(s, d.maintenance))
		},
	},
	{
		name: "security groups",
		want: func(s *provision.Step, _ wantDBCluster) string {
			return s.ID("ec2/security-group", rules.GroupDatabase)
		},
		have: func(c dbCluster) string {
			var ids []string
			for _, g := range c.VpcSecurityGroups {
				if aws.ToString(g.Status) != "removing" {
					ids = append(ids, aws.ToString(g.VpcSecurityGroupId))
				}
			}
			return lines(ids)
		},
		put: func(s *provision.Step, _ wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.VpcSecurityGroupIds = []string{s.ID("ec2/security-group", rules.GroupDatabase)}
		},
	},
	{
		name: "parameter group",
		want: func(s *provision.Step, _ wantDBCluster) string {
			return s.ID("rds/cluster-parameter-group", databaseRole)
		},
		have: func(c dbCluster) string { return aws.ToString(c.DBClusterParameterGroup) },
		put: func(s *provision.Step, _ wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.DBClusterParameterGroupName = aws.String(s.ID("rds/cluster-parameter-group", databaseRole))
		},
	},
	{
		name: "log exports",
		want: func(_ *provision.Step, d wantDBCluster) string { return lines(rules.LogExports(d.engine.Name)) },
		have: logExports,
		put: func(_ *provision.Step, d wantDBCluster, c dbCluster, in *rds.ModifyDBClusterInput) {
			want := lines(rules.LogExports(d.engine.Name))
			in.CloudwatchLogsExportConfiguration = &rdstypes.CloudwatchLogsExportConfiguration{
				EnableLogTypes: missing(want, logExports(c)), DisableLogTypes: missing(logExports(c), want),
			}
		},
	},
	{
		name: "port",
		want: func(_ *provision.Step, d wantDBCluster) string { return number(&d.port) },
		have: func(c dbCluster) string { return number(c.Port) },
		put: func(_ *provision.Step, d wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.Port = aws.Int32(d.port)
		},
	},
	{
		name: masterPassword,
		want: func(*provision.Step, wantDBCluster) string { return "kept in Secrets Manager" },
		have: func(c dbCluster) string {
			if c.MasterUserSecret == nil {
				return "set by hand"
			}
			return "kept in Secrets Manager"
		},
		put: func(s *provision.Step, _ wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) {
			in.ManageMasterUserPassword, in.MasterUserSecretKmsKeyId = aws.Bool(true), aws.String(s.ID("kms/key", "client"))
		},
	},
}

// dbClusterSwitch is a switch of the cluster that is on.
func dbClusterSwitch(name string, have func(dbCluster) *bool, on func(*rds.ModifyDBClusterInput)) dbClusterChange {
	return dbClusterChange{
		name: name,
		want: func(*provision.Step, wantDBCluster) string { return "on" },
		have: func(c dbCluster) string { return onOff(aws.ToBool(have(c))) },
		put:  func(_ *provision.Step, _ wantDBCluster, _ dbCluster, in *rds.ModifyDBClusterInput) { on(in) },
	}
}

// logExports are the logs that go to CloudWatch, or are about to.
func logExports(c dbCluster) string {
	logs := lines(c.EnabledCloudwatchLogsExports)
	if p := c.PendingModifiedValues; p != nil && p.PendingCloudwatchLogsExports != nil {
		logs = lines(append(missing(logs, lines(p.PendingCloudwatchLogsExports.LogTypesToDisable)), p.PendingCloudwatchLogsExports.LogTypesToEnable...))
	}
	return logs
}
