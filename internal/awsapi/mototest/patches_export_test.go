package mototest

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func TestClustersAreExported(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	ctx := t.Context()
	database, storage := rds.NewFromConfig(config), s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	subnets := must[*ec2.DescribeSubnetsOutput](t)(ec2.NewFromConfig(config).DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})).Subnets
	must[*rds.CreateDBSubnetGroupOutput](t)(database.CreateDBSubnetGroup(ctx, &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: aws.String("g"), DBSubnetGroupDescription: aws.String("g"), SubnetIds: []string{*subnets[0].SubnetId, *subnets[1].SubnetId},
	}))
	cluster := must[*rds.CreateDBClusterOutput](t)(database.CreateDBCluster(ctx, &rds.CreateDBClusterInput{
		DBClusterIdentifier: aws.String("db"), Engine: aws.String("aurora-postgresql"), MasterUsername: aws.String("root"), MasterUserPassword: aws.String("longenough"), DBSubnetGroupName: aws.String("g"),
	})).DBCluster
	// Bucket names are shared by all accounts of the server.
	bucket := aws.String("archive-" + strings.ToLower(*cluster.DbClusterResourceId))
	must[*s3.CreateBucketOutput](t)(storage.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: location()}))
	role := func(name, service string) *string {
		trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`
		return must[*iam.CreateRoleOutput](t)(iam.NewFromConfig(config).CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})).Role.Arn
	}
	exporter := role("export", "export.rds.amazonaws.com")
	key := must[*kms.CreateKeyOutput](t)(kms.NewFromConfig(config).CreateKey(ctx, &kms.CreateKeyInput{})).KeyMetadata.Arn
	begin := func(change func(*rds.StartExportTaskInput)) (*rds.StartExportTaskOutput, error) {
		in := &rds.StartExportTaskInput{ExportTaskIdentifier: aws.String("db-1"), SourceArn: cluster.DBClusterArn, S3BucketName: bucket, IamRoleArn: exporter, KmsKeyId: key}
		change(in)
		return database.StartExportTask(ctx, in)
	}
	for name, c := range map[string]struct {
		change func(*rds.StartExportTaskInput)
		want   string
	}{
		"an unknown bucket":       {func(in *rds.StartExportTaskInput) { in.S3BucketName = aws.String("archive-nowhere") }, "InvalidS3BucketFault"},
		"an unknown role":         {func(in *rds.StartExportTaskInput) { in.IamRoleArn = aws.String(*exporter + "x") }, "IamRoleNotFound"},
		"a role that others take": {func(in *rds.StartExportTaskInput) { in.IamRoleArn = role("tasks", "ecs-tasks.amazonaws.com") }, "IamRoleNotFound"},
		"an unknown cluster":      {func(in *rds.StartExportTaskInput) { in.SourceArn = aws.String(*in.SourceArn + "x") }, "DBClusterNotFoundFault"},
	} {
		if _, err := begin(c.change); codeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	meant(t, id, "rds:StartExportTask S3BucketName", "rds:StartExportTask IamRoleArn", "rds:StartExportTask SourceArn")
	as := func(*rds.StartExportTaskInput) {}
	if begun := must[*rds.StartExportTaskOutput](t)(begin(as)); aws.ToString(begun.Status) != "STARTING" || begun.SnapshotTime == nil {
		t.Errorf("it begins as %+v", begun)
	}
	if _, err := begin(as); codeOf(err) != "ExportTaskAlreadyExists" {
		t.Errorf("a name twice: %v", err)
	}
	found := func(arn string) int {
		out := must[*rds.DescribeExportTasksOutput](t)(database.DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{SourceArn: &arn}))
		for _, e := range out.ExportTasks {
			if aws.ToString(e.Status) != "COMPLETE" || aws.ToInt32(e.PercentProgress) != 100 || e.TaskEndTime == nil {
				t.Errorf("it ends as %+v", e)
			}
		}
		return len(out.ExportTasks)
	}
	if one, none := found(*cluster.DBClusterArn), found(*cluster.DBClusterArn+"x"); one != 1 || none != 0 {
		t.Errorf("%d exports of the cluster and %d of another", one, none)
	}
	info := must[*s3.HeadObjectOutput](t)(storage.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("db-1/export_info_db-1.json")}))
	if aws.ToString(info.SSEKMSKeyId) != *key {
		t.Errorf("written with key %s", aws.ToString(info.SSEKMSKeyId))
	}
}
