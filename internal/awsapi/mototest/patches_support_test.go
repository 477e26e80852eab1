package mototest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func TestClustersTellTheirLifecycle(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	ctx, client := t.Context(), rds.NewFromConfig(config)
	subnets := must[*ec2.DescribeSubnetsOutput](t)(ec2.NewFromConfig(config).DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})).Subnets
	must[*rds.CreateDBSubnetGroupOutput](t)(client.CreateDBSubnetGroup(ctx, &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: aws.String("g"), DBSubnetGroupDescription: aws.String("g"), SubnetIds: []string{*subnets[0].SubnetId, *subnets[1].SubnetId},
	}))
	const on, off = "open-source-rds-extended-support", "open-source-rds-extended-support-disabled"
	for name, lifecycle := range map[string]*string{"plain": nil, "with": aws.String(on), "without": aws.String(off)} {
		must[*rds.CreateDBClusterOutput](t)(client.CreateDBCluster(ctx, &rds.CreateDBClusterInput{
			DBClusterIdentifier: &name, Engine: aws.String("aurora-postgresql"), EngineVersion: aws.String("16"), MasterUsername: aws.String("root"),
			ManageMasterUserPassword: aws.Bool(true), DBSubnetGroupName: aws.String("g"), EngineLifecycleSupport: lifecycle,
		}))
	}
	of := func(name string) string {
		return aws.ToString(must[*rds.DescribeDBClustersOutput](t)(client.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &name})).DBClusters[0].EngineLifecycleSupport)
	}
	for name, want := range map[string]string{"plain": on, "with": on, "without": off} {
		if got := of(name); got != want {
			t.Errorf("%s has %s, want %s", name, got, want)
		}
	}
	must[*rds.ModifyDBClusterOutput](t)(client.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("with"), EngineLifecycleSupport: aws.String(off)}))
	if got := of("with"); got != off {
		t.Errorf("changed, it has %s", got)
	}
	copied := must[*rds.RestoreDBClusterToPointInTimeOutput](t)(client.RestoreDBClusterToPointInTime(ctx, &rds.RestoreDBClusterToPointInTimeInput{
		DBClusterIdentifier: aws.String("copy"), SourceDBClusterIdentifier: aws.String("plain"), UseLatestRestorableTime: aws.Bool(true), EngineLifecycleSupport: aws.String(off),
	}))
	if got := aws.ToString(copied.DBCluster.EngineLifecycleSupport); got != off {
		t.Errorf("the copy has %s", got)
	}
	versions := must[*rds.DescribeDBMajorEngineVersionsOutput](t)(client.DescribeDBMajorEngineVersions(ctx, &rds.DescribeDBMajorEngineVersionsInput{Engine: aws.String("aurora-postgresql")})).DBMajorEngineVersions
	if len(versions) != 1 || aws.ToString(versions[0].MajorEngineVersion) != "16" || len(versions[0].SupportedEngineLifecycles) != 2 ||
		versions[0].SupportedEngineLifecycles[0].LifecycleSupportName != rdstypes.LifecycleSupportNameOpenSourceRdsStandardSupport || versions[0].SupportedEngineLifecycles[0].LifecycleSupportEndDate == nil {
		t.Errorf("major versions: %+v", versions)
	}
}
