package mototest

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func TestRestoredCluster(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	ctx, client := t.Context(), rds.NewFromConfig(config)
	subnets := must[*ec2.DescribeSubnetsOutput](t)(ec2.NewFromConfig(config).DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})).Subnets
	must[*rds.CreateDBSubnetGroupOutput](t)(client.CreateDBSubnetGroup(ctx, &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: aws.String("g"), DBSubnetGroupDescription: aws.String("g"), SubnetIds: []string{*subnets[0].SubnetId, *subnets[1].SubnetId},
	}))
	must[*rds.CreateDBClusterOutput](t)(client.CreateDBCluster(ctx, &rds.CreateDBClusterInput{
		DBClusterIdentifier: aws.String("db"), Engine: aws.String("aurora-postgresql"), EngineVersion: aws.String("16"), MasterUsername: aws.String("root"),
		ManageMasterUserPassword: aws.Bool(true), DBSubnetGroupName: aws.String("g"), DeletionProtection: aws.Bool(true), BackupRetentionPeriod: aws.Int32(9),
		EnableCloudwatchLogsExports: []string{"postgresql"}, Tags: []rdstypes.Tag{{Key: aws.String("of"), Value: aws.String("source")}},
	}))
	restore := func(change func(*rds.RestoreDBClusterToPointInTimeInput)) (*rdstypes.DBCluster, error) {
		in := &rds.RestoreDBClusterToPointInTimeInput{DBClusterIdentifier: aws.String("copy"), SourceDBClusterIdentifier: aws.String("db"), DBSubnetGroupName: aws.String("g"), UseLatestRestorableTime: aws.Bool(true)}
		change(in)
		out, err := client.RestoreDBClusterToPointInTime(ctx, in)
		if err != nil {
			return nil, err
		}
		return out.DBCluster, nil
	}
	for want, change := range map[string]func(*rds.RestoreDBClusterToPointInTimeInput){
		"DBClusterNotFoundFault":      func(in *rds.RestoreDBClusterToPointInTimeInput) { in.SourceDBClusterIdentifier = aws.String("none") },
		"DBClusterAlreadyExistsFault": func(in *rds.RestoreDBClusterToPointInTimeInput) { in.DBClusterIdentifier = aws.String("db") },
		"InvalidParameterCombination": func(in *rds.RestoreDBClusterToPointInTimeInput) { in.RestoreToTime = aws.Time(time.Now()) },
		"InvalidRestoreFault": func(in *rds.RestoreDBClusterToPointInTimeInput) {
			in.UseLatestRestorableTime, in.RestoreToTime = nil, aws.Time(time.Now().Add(-time.Hour))
		},
	} {
		if _, err := restore(change); codeOf(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	meant(t, id, "rds:RestoreDBClusterToPointInTime SourceDBClusterIdentifier")
	plain := must[*rdstypes.DBCluster](t)(restore(func(*rds.RestoreDBClusterToPointInTimeInput) {}))
	if aws.ToBool(plain.DeletionProtection) || plain.MasterUserSecret != nil || len(plain.EnabledCloudwatchLogsExports)+len(plain.TagList) > 0 || aws.ToInt32(plain.BackupRetentionPeriod) != 9 {
		t.Errorf("restored without a wish: %+v", plain)
	}
	source := must[*rds.DescribeDBClustersOutput](t)(client.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String("db")})).DBClusters[0]
	full := must[*rdstypes.DBCluster](t)(restore(func(in *rds.RestoreDBClusterToPointInTimeInput) {
		in.DBClusterIdentifier, in.UseLatestRestorableTime, in.RestoreToTime = aws.String("full"), nil, source.EarliestRestorableTime
		in.DeletionProtection, in.EnableIAMDatabaseAuthentication, in.CopyTagsToSnapshot = aws.Bool(true), aws.Bool(true), aws.Bool(true)
		in.EnableCloudwatchLogsExports, in.Tags = []string{"postgresql"}, []rdstypes.Tag{{Key: aws.String("of"), Value: aws.String("copy")}}
		in.VpcSecurityGroupIds, in.PreferredBackupWindow, in.Port = []string{"sg-1"}, aws.String("22:30-23:00"), aws.Int32(5433)
	}))
	right := aws.ToBool(full.DeletionProtection) && aws.ToBool(full.IAMDatabaseAuthenticationEnabled) && aws.ToBool(full.CopyTagsToSnapshot) &&
		len(full.EnabledCloudwatchLogsExports) == 1 && len(full.TagList) == 1 && aws.ToString(full.TagList[0].Value) == "copy" &&
		len(full.VpcSecurityGroups) == 1 && aws.ToString(full.VpcSecurityGroups[0].VpcSecurityGroupId) == "sg-1" &&
		aws.ToString(full.PreferredBackupWindow) == "22:30-23:00" && aws.ToInt32(full.Port) == 5433 && aws.ToString(full.DBSubnetGroup) == "g"
	if !right {
		t.Errorf("restored as asked: %+v", full)
	}
	if _, err := client.DeleteDBCluster(ctx, &rds.DeleteDBClusterInput{DBClusterIdentifier: aws.String("copy"), SkipFinalSnapshot: aws.Bool(true)}); err != nil {
		t.Error(err)
	}
}
