package rules

// MonthlyCron is when AWS Backup makes the restorable copies: on the 1st, 03:00 UTC.
const MonthlyCron = "cron(0 3 1 * ? *)"

// Windows of the monthly copies, in minutes. AWS Backup does not begin within the
// databases' own backup and maintenance windows but tries again, so it may begin
// within eight hours, its default; and a full copy of a big cluster takes its time.
const (
	MonthlyStartMinutes    = 8 * 60
	MonthlyCompleteMinutes = 2 * 24 * 60
)

// BackupPolicy is what AWS Backup may do: copy and restore the Aurora clusters of
// the region, and remove its own copies when they expire. It is what AWS's managed
// policies AWSBackupServiceRolePolicyForBackup and …ForRestores have for Aurora,
// within this account and region; databases cannot be deleted with it.
func BackupPolicy(p Place, vault string) string {
	clusters, copies := p.arn("rds", "cluster:*"), p.arn("rds", "cluster-snapshot:awsbackup:*")
	return document(
		// AWS Backup refuses a role that cannot look for resources by their tags.
		statement{Sid: "Find", Effect: "Allow", Action: []string{"tag:GetResources"}, Resource: []string{"*"}},
		statement{
			Sid: "Look", Effect: "Allow", Resource: []string{p.arn("rds", "*")},
			Action: []string{"rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusterAutomatedBackups", "rds:DescribeDBInstances", "rds:ListTagsForResource"},
		},
		statement{
			Sid: "Copy", Effect: "Allow", Resource: []string{clusters, copies},
			Action: []string{"rds:CreateDBClusterSnapshot", "rds:CopyDBClusterSnapshot", "rds:AddTagsToResource"},
		},
		statement{Sid: "Expire", Effect: "Allow", Action: []string{"rds:DeleteDBClusterSnapshot", "rds:ModifyDBClusterSnapshotAttribute"}, Resource: []string{copies}},
		statement{
			Sid: "Restore", Effect: "Allow", Action: []string{"rds:RestoreDBClusterFromSnapshot"},
			Resource: []string{clusters, copies, p.arn("rds", "cluster-pg:*"), p.arn("rds", "subgrp:*"), p.arn("rds", "og:*")},
		},
		statement{Sid: "Vault", Effect: "Allow", Action: []string{"backup:CopyIntoBackupVault", "backup:DescribeBackupVault"}, Resource: []string{p.arn("backup", "backup-vault:"+vault)}},
		// Copies of Aurora stay under the key of the cluster, whose policy leaves the
		// decision to IAM.
		statement{Sid: "Keys", Effect: "Allow", Action: []string{"kms:DescribeKey"}, Resource: []string{p.arn("kms", "key/*")}},
		statement{
			Sid: "KeysOfDatabases", Effect: "Allow", Action: []string{"kms:CreateGrant"}, Resource: []string{p.arn("kms", "key/*")},
			Condition: object{"Bool": object{"kms:GrantIsForAWSResource": "true"}, "StringEquals": object{"kms:ViaService": "rds." + p.Region + ".amazonaws.com"}},
		},
	)
}
