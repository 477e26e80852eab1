package sandbox

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
)

// database is an account with a VPC, groups, and a cluster with one instance.
type database struct {
	api     *rds.Client
	subnets []string
}

// must ends the test on an error and passes the answer on.
func must[T any](t *testing.T) func(T, error) T {
	return func(answer T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func newDatabase(t *testing.T) *database {
	t.Helper()
	d, _, _ := newDatabaseIn(t, -1)
	return d
}

// newDatabaseIn makes a database in which slow things take so many looks.
func newDatabaseIn(t *testing.T, looks int) (*database, aws.Config, *Account) {
	t.Helper()
	ctx := t.Context()
	account := must[*Account](t)(New(Options{Looks: looks, Used: true}))
	cfg := aws.Config{Region: "eu-west-3"}
	account.Install(&cfg)
	network := ec2.NewFromConfig(cfg)
	d := &database{api: rds.NewFromConfig(cfg)}
	vpc := must[*ec2.CreateVpcOutput](t)(network.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16")})).Vpc
	for i, zone := range []string{"a", "b", "b"} {
		sub := must[*ec2.CreateSubnetOutput](t)(network.CreateSubnet(ctx, &ec2.CreateSubnetInput{
			VpcId: vpc.VpcId, AvailabilityZone: aws.String(cfg.Region + zone), CidrBlock: aws.String(fmt.Sprintf("10.20.%d.0/24", i)),
		}))
		d.subnets = append(d.subnets, *sub.Subnet.SubnetId)
	}
	must[*rds.CreateDBSubnetGroupOutput](t)(d.api.CreateDBSubnetGroup(ctx, d.subnetGroup("acme", d.subnets...)))
	must[*rds.CreateDBClusterParameterGroupOutput](t)(d.api.CreateDBClusterParameterGroup(ctx, &rds.CreateDBClusterParameterGroupInput{
		DBClusterParameterGroupName: aws.String("acme"), DBParameterGroupFamily: aws.String("aurora-postgresql16"), Description: aws.String("d"),
	}))
	must[*rds.CreateDBClusterOutput](t)(d.api.CreateDBCluster(ctx, d.cluster("acme")))
	must[*rds.CreateDBInstanceOutput](t)(d.api.CreateDBInstance(ctx, d.instance("acme-1")))
	for range 2 + 3*max(looks, 0) { // a new cluster is backed up first
		must[*rds.DescribeDBClustersOutput](t)(d.api.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{}))
		must[*rds.DescribeDBInstancesOutput](t)(d.api.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{}))
	}
	return d, cfg, account
}

func (d *database) subnetGroup(name string, subnets ...string) *rds.CreateDBSubnetGroupInput {
	return &rds.CreateDBSubnetGroupInput{DBSubnetGroupName: aws.String(name), DBSubnetGroupDescription: aws.String("d"), SubnetIds: subnets}
}

func (d *database) cluster(id string) *rds.CreateDBClusterInput {
	return &rds.CreateDBClusterInput{
		DBClusterIdentifier: aws.String(id), Engine: aws.String("aurora-postgresql"), EngineVersion: aws.String("16"), DBSubnetGroupName: aws.String("acme"),
		MasterUsername: aws.String("clusteradmin"), ManageMasterUserPassword: aws.Bool(true), DBClusterParameterGroupName: aws.String("acme"),
	}
}

func (d *database) instance(id string) *rds.CreateDBInstanceInput {
	return &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String(id), DBClusterIdentifier: aws.String("acme"), Engine: aws.String("aurora-postgresql"), DBInstanceClass: aws.String("db.r6g.large"),
	}
}

func TestRDSRefusesWhatAWSDoes(t *testing.T) {
	t.Parallel()
	makes := func(change func(*rds.CreateDBClusterInput)) func(context.Context, *database) error {
		return func(ctx context.Context, d *database) error {
			in := d.cluster("other")
			change(in)
			_, err := d.api.CreateDBCluster(ctx, in)
			return err
		}
	}
	adds := func(change func(*rds.CreateDBInstanceInput)) func(context.Context, *database) error {
		return func(ctx context.Context, d *database) error {
			in := d.instance("acme-2")
			change(in)
			_, err := d.api.CreateDBInstance(ctx, in)
			return err
		}
	}
	deletes := func(change func(*rds.DeleteDBClusterInput)) func(context.Context, *database) error {
		return func(ctx context.Context, d *database) error {
			in := &rds.DeleteDBClusterInput{DBClusterIdentifier: aws.String("acme")}
			change(in)
			_, err := d.api.DeleteDBCluster(ctx, in)
			return err
		}
	}
	cases := map[string]struct {
		call func(context.Context, *database) error
		want string
	}{
		"a cluster's name twice":    {makes(func(in *rds.CreateDBClusterInput) { in.DBClusterIdentifier = aws.String("ACME") }), "DBClusterAlreadyExistsFault"},
		"a name with two hyphens":   {makes(func(in *rds.CreateDBClusterInput) { in.DBClusterIdentifier = aws.String("a--b") }), "InvalidParameterValue"},
		"36 days of backup":         {makes(func(in *rds.CreateDBClusterInput) { in.BackupRetentionPeriod = aws.Int32(36) }), "InvalidParameterValue"},
		"no day of backup":          {makes(func(in *rds.CreateDBClusterInput) { in.BackupRetentionPeriod = aws.Int32(0) }), "InvalidParameterValue"},
		"a window at 25 o'clock":    {makes(func(in *rds.CreateDBClusterInput) { in.PreferredBackupWindow = aws.String("25:00-26:00") }), "InvalidParameterValue"},
		"a short window":            {makes(func(in *rds.CreateDBClusterInput) { in.PreferredBackupWindow = aws.String("23:50-00:10") }), "InvalidParameterValue"},
		"an unknown subnet group":   {makes(func(in *rds.CreateDBClusterInput) { in.DBSubnetGroupName = aws.String("x") }), "DBSubnetGroupNotFoundFault"},
		"unknown settings":          {makes(func(in *rds.CreateDBClusterInput) { in.DBClusterParameterGroupName = aws.String("x") }), "DBClusterParameterGroupNotFound"},
		"another version's family":  {makes(func(in *rds.CreateDBClusterInput) { in.EngineVersion = nil }), "InvalidParameterCombination"},
		"an unknown version":        {makes(func(in *rds.CreateDBClusterInput) { in.EngineVersion = aws.String("16.99") }), "InvalidParameterCombination"},
		"an unknown security group": {makes(func(in *rds.CreateDBClusterInput) { in.VpcSecurityGroupIds = []string{"sg-1"} }), "InvalidParameterValue"},
		"another engine's logs":     {makes(func(in *rds.CreateDBClusterInput) { in.EnableCloudwatchLogsExports = []string{"audit"} }), "InvalidParameterCombination"},
		"overlapping windows around midnight": {makes(func(in *rds.CreateDBClusterInput) {
			in.PreferredBackupWindow, in.PreferredMaintenanceWindow = aws.String("23:45-00:15"), aws.String("sun:00:00-sun:01:00")
		}), "InvalidParameterValue"},
		"an unknown class":            {adds(func(in *rds.CreateDBInstanceInput) { in.DBInstanceClass = aws.String("db.x") }), "InvalidParameterValue"},
		"another region's zone":       {adds(func(in *rds.CreateDBInstanceInput) { in.AvailabilityZone = aws.String("us-east-1a") }), "InvalidParameterValue"},
		"a zone outside the group":    {adds(func(in *rds.CreateDBInstanceInput) { in.AvailabilityZone = aws.String("eu-west-3c") }), "InvalidVPCNetworkStateFault"},
		"an unknown cluster":          {adds(func(in *rds.CreateDBInstanceInput) { in.DBClusterIdentifier = aws.String("x") }), "DBClusterNotFoundFault"},
		"an instance's name twice":    {adds(func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = aws.String("acme-1") }), "DBInstanceAlreadyExists"},
		"another engine than its own": {adds(func(in *rds.CreateDBInstanceInput) { in.Engine = aws.String("aurora-mysql") }), "InvalidParameterCombination"},
		"a delete without a word":     {deletes(func(*rds.DeleteDBClusterInput) {}), "InvalidParameterCombination"},
		"a delete with instances":     {deletes(func(in *rds.DeleteDBClusterInput) { in.SkipFinalSnapshot = aws.Bool(true) }), "InvalidDBClusterStateFault"},
		"a delete of what is protected": {func(ctx context.Context, d *database) error {
			if _, err := d.api.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("acme"), DeletionProtection: aws.Bool(true)}); err != nil {
				return err
			}
			return deletes(func(in *rds.DeleteDBClusterInput) { in.SkipFinalSnapshot = aws.Bool(true) })(ctx, d)
		}, "InvalidParameterCombination"},
		"a subnet group's name twice": {func(ctx context.Context, d *database) error {
			_, err := d.api.CreateDBSubnetGroup(ctx, d.subnetGroup("acme", d.subnets...))
			return err
		}, "DBSubnetGroupAlreadyExists"},
		"a subnet group in one zone": {func(ctx context.Context, d *database) error {
			_, err := d.api.CreateDBSubnetGroup(ctx, d.subnetGroup("other", d.subnets[1:]...))
			return err
		}, "DBSubnetGroupDoesNotCoverEnoughAZs"},
		"a subnet group of unknown subnets": {func(ctx context.Context, d *database) error {
			_, err := d.api.CreateDBSubnetGroup(ctx, d.subnetGroup("other", "subnet-1"))
			return err
		}, "InvalidSubnet"},
		"deleting a subnet group in use": {func(ctx context.Context, d *database) error {
			_, err := d.api.DeleteDBSubnetGroup(ctx, &rds.DeleteDBSubnetGroupInput{DBSubnetGroupName: aws.String("acme")})
			return err
		}, "InvalidDBSubnetGroupStateFault"},
		"deleting settings in use": {func(ctx context.Context, d *database) error {
			_, err := d.api.DeleteDBClusterParameterGroup(ctx, &rds.DeleteDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("acme")})
			return err
		}, "InvalidDBParameterGroupState"},
		"a static parameter at once": {func(ctx context.Context, d *database) error {
			_, err := d.api.ModifyDBClusterParameterGroup(ctx, &rds.ModifyDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("acme"), Parameters: []types.Parameter{
				{ParameterName: aws.String("rds.logical_replication"), ParameterValue: aws.String("1"), ApplyMethod: types.ApplyMethodImmediate},
			}})
			return err
		}, "InvalidParameterCombination"},
		"deleting an automated snapshot": {func(ctx context.Context, d *database) error {
			out, err := d.api.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{SnapshotType: aws.String("automated")})
			if err != nil {
				return err
			}
			_, err = d.api.DeleteDBClusterSnapshot(ctx, &rds.DeleteDBClusterSnapshotInput{DBClusterSnapshotIdentifier: out.DBClusterSnapshots[0].DBClusterSnapshotIdentifier})
			return err
		}, "InvalidDBClusterSnapshotStateFault"},
		"a page of ten": {func(ctx context.Context, d *database) error {
			_, err := d.api.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{MaxRecords: aws.Int32(10)})
			return err
		}, "InvalidParameterValue"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.call(t.Context(), newDatabase(t))
			var refusal smithy.APIError
			if !errors.As(err, &refusal) || refusal.ErrorCode() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
