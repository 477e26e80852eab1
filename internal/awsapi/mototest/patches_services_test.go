package mototest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestKeyRotationPeriod(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client := kms.NewFromConfig(config)
	key := must[*kms.CreateKeyOutput](t)(client.CreateKey(t.Context(), &kms.CreateKeyInput{})).KeyMetadata.KeyId
	tests := []struct{ ask, want *int32 }{{nil, aws.Int32(365)}, {aws.Int32(90), aws.Int32(90)}, {nil, aws.Int32(90)}}
	for _, test := range tests {
		must[*kms.EnableKeyRotationOutput](t)(client.EnableKeyRotation(t.Context(), &kms.EnableKeyRotationInput{KeyId: key, RotationPeriodInDays: test.ask}))
		got := must[*kms.GetKeyRotationStatusOutput](t)(client.GetKeyRotationStatus(t.Context(), &kms.GetKeyRotationStatusInput{KeyId: key}))
		if !got.KeyRotationEnabled || aws.ToInt32(got.RotationPeriodInDays) != *test.want || got.NextRotationDate == nil {
			t.Errorf("got %+v, want every %d days", got, *test.want)
		}
	}
}

func TestLifecycleOfSmallObjects(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	ctx, bucket := t.Context(), aws.String("small")
	client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	must[*s3.CreateBucketOutput](t)(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-3"}}))
	rules := []s3types.LifecycleRule{{
		ID: aws.String("a"), Status: s3types.ExpirationStatusEnabled, Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("")},
		Transitions: []s3types.Transition{{Days: aws.Int32(0), StorageClass: s3types.TransitionStorageClassGlacier}},
	}}
	for _, size := range []s3types.TransitionDefaultMinimumObjectSize{s3types.TransitionDefaultMinimumObjectSizeVariesByStorageClass, s3types.TransitionDefaultMinimumObjectSizeAllStorageClasses128k} {
		must[*s3.PutBucketLifecycleConfigurationOutput](t)(client.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
			Bucket: bucket, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: rules}, TransitionDefaultMinimumObjectSize: size,
		}))
		got := must[*s3.GetBucketLifecycleConfigurationOutput](t)(client.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket}))
		if got.TransitionDefaultMinimumObjectSize != size {
			t.Errorf("put %s, got %s", size, got.TransitionDefaultMinimumObjectSize)
		}
	}
}

func TestDatabase(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	ctx := t.Context()
	subnets := must[*ec2.DescribeSubnetsOutput](t)(ec2.NewFromConfig(config).DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})).Subnets
	client := rds.NewFromConfig(config)
	must[*rds.CreateDBSubnetGroupOutput](t)(client.CreateDBSubnetGroup(ctx, &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: aws.String("g"), DBSubnetGroupDescription: aws.String("g"),
		SubnetIds: []string{*subnets[0].SubnetId, *subnets[1].SubnetId},
	}))
	cluster := aws.String("db")
	engine := aws.String("aurora-postgresql")
	must[*rds.CreateDBClusterOutput](t)(client.CreateDBCluster(ctx, &rds.CreateDBClusterInput{
		DBClusterIdentifier: cluster, Engine: engine, MasterUsername: aws.String("root"), MasterUserPassword: aws.String("longenough"),
		DBSubnetGroupName: aws.String("g"),
	}))
	must[*rds.CreateDBInstanceOutput](t)(client.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("db-0"), DBClusterIdentifier: cluster, Engine: engine,
		DBInstanceClass: aws.String("db.serverless"), EnablePerformanceInsights: aws.Bool(true),
	}))
	must[*rds.ModifyDBClusterOutput](t)(client.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{
		DBClusterIdentifier: cluster, EnableIAMDatabaseAuthentication: aws.Bool(true),
		CloudwatchLogsExportConfiguration: &rdstypes.CloudwatchLogsExportConfiguration{EnableLogTypes: []string{"postgresql"}},
	}))
	got := must[*rds.DescribeDBClustersOutput](t)(client.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: cluster})).DBClusters[0]
	if !aws.ToBool(got.IAMDatabaseAuthenticationEnabled) || !slices.Equal(got.EnabledCloudwatchLogsExports, []string{"postgresql"}) {
		t.Errorf("IAM authentication %v, logs %v", aws.ToBool(got.IAMDatabaseAuthenticationEnabled), got.EnabledCloudwatchLogsExports)
	}
	instance := func() rdstypes.DBInstance {
		return must[*rds.DescribeDBInstancesOutput](t)(client.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("db-0")})).DBInstances[0]
	}
	one := instance()
	if one.DBSubnetGroup == nil || aws.ToString(one.DBSubnetGroup.DBSubnetGroupName) != "g" {
		t.Errorf("subnet group %+v", one.DBSubnetGroup)
	}
	if !aws.ToBool(one.PerformanceInsightsEnabled) || aws.ToInt32(one.PerformanceInsightsRetentionPeriod) != 7 {
		t.Errorf("Performance Insights %v for %d days", aws.ToBool(one.PerformanceInsightsEnabled), aws.ToInt32(one.PerformanceInsightsRetentionPeriod))
	}
	must[*rds.ModifyDBInstanceOutput](t)(client.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String("db-0"), EnablePerformanceInsights: aws.Bool(false),
	}))
	if aws.ToBool(instance().PerformanceInsightsEnabled) {
		t.Error("Performance Insights can't be turned off")
	}
	_, err := client.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("none")})
	if code := codeOf(err); code != "DBClusterNotFoundFault" {
		t.Errorf("an unknown cluster: %v", err)
	}
	meant(t, id, "rds:ModifyDBCluster DBClusterIdentifier")
	must[*rds.ModifyDBSubnetGroupOutput](t)(client.ModifyDBSubnetGroup(ctx, &rds.ModifyDBSubnetGroupInput{
		DBSubnetGroupName: aws.String("g"), SubnetIds: []string{*subnets[0].SubnetId, *subnets[1].SubnetId},
	}))
	must[*rds.DescribeDBSubnetGroupsOutput](t)(client.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: aws.String("g")}))
	must[*rds.DeleteDBInstanceOutput](t)(client.DeleteDBInstance(ctx, &rds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("db-0"), SkipFinalSnapshot: aws.Bool(true)}))
	must[*rds.DeleteDBClusterOutput](t)(client.DeleteDBCluster(ctx, &rds.DeleteDBClusterInput{DBClusterIdentifier: cluster, SkipFinalSnapshot: aws.Bool(true)}))
	left := must[*rds.DescribeDBClusterSnapshotsOutput](t)(client.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{}))
	if len(left.DBClusterSnapshots) > 0 {
		t.Errorf("automated snapshots outlive their cluster: %v", aws.ToString(left.DBClusterSnapshots[0].DBClusterSnapshotIdentifier))
	}
}

func TestScanOnPushCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client, name := ecr.NewFromConfig(config), aws.String("acme/web")
	must[*ecr.CreateRepositoryOutput](t)(client.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{
		RepositoryName: name, ImageScanningConfiguration: &ecrtypes.ImageScanningConfiguration{ScanOnPush: true},
	}))
	must[*ecr.PutImageScanningConfigurationOutput](t)(client.PutImageScanningConfiguration(t.Context(), &ecr.PutImageScanningConfigurationInput{
		RepositoryName: name, ImageScanningConfiguration: &ecrtypes.ImageScanningConfiguration{},
	}))
	found := must[*ecr.DescribeRepositoriesOutput](t)(client.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{*name}}))
	if found.Repositories[0].ImageScanningConfiguration.ScanOnPush {
		t.Error("images are still scanned on push")
	}
}

func TestImagesAreScannedOnPush(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client, name, manifest := ecr.NewFromConfig(config), aws.String("acme/web"), `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}`
	must[*ecr.CreateRepositoryOutput](t)(client.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{
		RepositoryName: name, ImageScanningConfiguration: &ecrtypes.ImageScanningConfiguration{ScanOnPush: true},
	}))
	must[*ecr.PutImageOutput](t)(client.PutImage(t.Context(), &ecr.PutImageInput{RepositoryName: name, ImageTag: aws.String("v1"), ImageManifest: &manifest}))
	found := must[*ecr.DescribeImagesOutput](t)(client.DescribeImages(t.Context(), &ecr.DescribeImagesInput{
		RepositoryName: name, ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: aws.String("v1")}},
	})).ImageDetails[0]
	sum := sha256.Sum256([]byte(manifest))
	if want := "sha256:" + hex.EncodeToString(sum[:]); *found.ImageDigest != want {
		t.Errorf("the digest is %s, want %s", *found.ImageDigest, want)
	}
	if found.ImageScanStatus == nil || found.ImageScanStatus.Status != ecrtypes.ScanStatusComplete || found.ImageScanFindingsSummary.FindingSeverityCounts["HIGH"] != 1 {
		t.Errorf("the scan is %+v, %+v", found.ImageScanStatus, found.ImageScanFindingsSummary)
	}
}

func TestLogGroupsTakeAnotherKey(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	client, name, key := cloudwatchlogs.NewFromConfig(config), aws.String("/cicdctl/acme/web"), aws.String("arn:aws:kms:eu-west-3:123456789012:key/one")
	associate := func() error {
		_, err := client.AssociateKmsKey(t.Context(), &cloudwatchlogs.AssociateKmsKeyInput{LogGroupName: name, KmsKeyId: key})
		return err
	}
	if code := codeOf(associate()); code != "ResourceNotFoundException" {
		t.Errorf("an unknown log group gives %q", code)
	}
	meant(t, id, "logs:AssociateKmsKey logGroupName")
	must[*cloudwatchlogs.CreateLogGroupOutput](t)(client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: name}))
	if err := associate(); err != nil {
		t.Fatal(err)
	}
	found := must[*cloudwatchlogs.DescribeLogGroupsOutput](t)(client.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: name}))
	if got := aws.ToString(found.LogGroups[0].KmsKeyId); got != *key {
		t.Errorf("the key is %q", got)
	}
}

func TestInstanceProfilesAreTaggedGlobally(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	ctx := t.Context()
	tag := iamtypes.Tag{Key: aws.String("owner"), Value: aws.String("us")}
	profile := must[*iam.CreateInstanceProfileOutput](t)(iam.NewFromConfig(config).CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{
		InstanceProfileName: aws.String("hosts"), Tags: []iamtypes.Tag{tag},
	})).InstanceProfile
	for _, test := range []struct {
		region, owner string
		want          int
	}{{"us-east-1", "us", 1}, {"us-east-1", "them", 0}, {"eu-west-3", "us", 0}} {
		client := resourcegroupstaggingapi.NewFromConfig(config, func(o *resourcegroupstaggingapi.Options) { o.Region = test.region })
		found := must[*resourcegroupstaggingapi.GetResourcesOutput](t)(client.GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{
			TagFilters: []taggingtypes.TagFilter{{Key: tag.Key, Values: []string{test.owner}}},
		})).ResourceTagMappingList
		if len(found) != test.want || test.want == 1 && *found[0].ResourceARN != *profile.Arn {
			t.Errorf("%s shows %v of %s", test.region, found, test.owner)
		}
	}
}
