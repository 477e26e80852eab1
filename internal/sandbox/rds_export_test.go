package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

const (
	exportTrust  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"export.rds.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	exportPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject*","s3:GetObject*","s3:ListBucket","s3:DeleteObject*","s3:GetBucketLocation"],"Resource":["arn:aws:s3:::acme-archive","arn:aws:s3:::acme-archive/*"]}]}`
)

// archive is a database with what an export of it takes.
type archive struct {
	*database
	cfg     aws.Config
	account *Account
	role    string
	key     string
}

func newArchive(t *testing.T, looks int) *archive {
	t.Helper()
	ctx := t.Context()
	d, cfg, account := newDatabaseIn(t, looks)
	bucket := &s3.CreateBucketInput{Bucket: aws.String("acme-archive"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(cfg.Region)}}
	must[*s3.CreateBucketOutput](t)(s3.NewFromConfig(cfg).CreateBucket(ctx, bucket))
	a := &archive{database: d, cfg: cfg, account: account}
	a.key = *must[*kms.CreateKeyOutput](t)(kms.NewFromConfig(cfg).CreateKey(ctx, &kms.CreateKeyInput{})).KeyMetadata.Arn
	a.role = a.makeRole(t, "export", exportTrust, exportPolicy)
	return a
}

func (a *archive) makeRole(t *testing.T, name, trust, policy string) string {
	t.Helper()
	api := iam.NewFromConfig(a.cfg)
	// RDS has heard of it as soon as it was asked about it once.
	defer func() {
		_, _ = a.api.StartExportTask(t.Context(), a.export("early", func(in *rds.StartExportTaskInput) {
			in.IamRoleArn, in.KmsKeyId = aws.String("arn:aws:iam::123456789012:role/"+name), aws.String(a.key)
		}))
	}()
	role := must[*iam.CreateRoleOutput](t)(api.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}))
	must[*iam.PutRolePolicyOutput](t)(api.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: &name, PolicyDocument: &policy}))
	return *role.Role.Arn
}

func (a *archive) export(id string, change func(*rds.StartExportTaskInput)) *rds.StartExportTaskInput {
	in := &rds.StartExportTaskInput{
		ExportTaskIdentifier: aws.String(id), SourceArn: aws.String("arn:aws:rds:eu-west-3:123456789012:cluster:acme"),
		S3BucketName: aws.String("acme-archive"), IamRoleArn: aws.String(a.role), KmsKeyId: aws.String(a.key),
	}
	if change != nil {
		change(in)
	}
	return in
}

func (a *archive) describe(t *testing.T, id string) types.ExportTask {
	t.Helper()
	return must[*rds.DescribeExportTasksOutput](t)(a.api.DescribeExportTasks(t.Context(), &rds.DescribeExportTasksInput{ExportTaskIdentifier: &id})).ExportTasks[0]
}

func TestExportWritesWhatRDSDoes(t *testing.T) {
	t.Parallel()
	a := newArchive(t, 2)
	ctx := t.Context()
	begun := must[*rds.StartExportTaskOutput](t)(a.api.StartExportTask(ctx, a.export("acme-1", nil)))
	if *begun.Status != "STARTING" || *begun.PercentProgress != 0 || begun.SourceType != types.ExportSourceTypeCluster {
		t.Errorf("it begins as %+v", begun)
	}
	var seen []string
	for range 4 {
		e := a.describe(t, "acme-1")
		seen = append(seen, fmt.Sprintf("%s %d", *e.Status, *e.PercentProgress))
	}
	if got := strings.Join(seen, ", "); got != "STARTING 0, IN_PROGRESS 50, COMPLETE 100, COMPLETE 100" {
		t.Errorf("it goes through %s", got)
	}
	storage := s3.NewFromConfig(a.cfg)
	var keys []string
	for p := s3.NewListObjectsV2Paginator(storage, &s3.ListObjectsV2Input{Bucket: aws.String("acme-archive")}); p.HasMorePages(); {
		for _, o := range must[*s3.ListObjectsV2Output](t)(p.NextPage(ctx)).Contents {
			keys = append(keys, *o.Key)
			head := must[*s3.HeadObjectOutput](t)(storage.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("acme-archive"), Key: o.Key}))
			if aws.ToString(head.SSEKMSKeyId) != a.key {
				t.Errorf("%s is encrypted with %s", *o.Key, aws.ToString(head.SSEKMSKeyId))
			}
		}
	}
	if got := strings.Join(keys, " "); !strings.Contains(got, "acme-1/export_info_acme-1.json") || !strings.Contains(got, "acme-1/shop/public.orders/1/part-00000-") {
		t.Errorf("the bucket holds %s", got)
	}
}

// What was there when the export began may be gone when RDS writes.
func TestExportFailsLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(context.Context, *archive) error
		want  string
	}{
		"the bucket is gone": {func(ctx context.Context, a *archive) error {
			_, err := s3.NewFromConfig(a.cfg).DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String("acme-archive")})
			return err
		}, "S3 bucket [acme-archive] isn't valid"},
		"the role lost its policy": {func(ctx context.Context, a *archive) error {
			_, err := iam.NewFromConfig(a.cfg).DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String("export"), PolicyName: aws.String("export")})
			return err
		}, "can't assume the IAM role"},
		"the key waits for its deletion": {func(ctx context.Context, a *archive) error {
			_, err := kms.NewFromConfig(a.cfg).ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &a.key})
			return err
		}, "KMS key check failed"},
		"a large object in the data": {func(_ context.Context, a *archive) error {
			return a.account.ExportsEnd("eu-west-3", ExportFate{Failure: "a BLOB is too large"})
		}, "a BLOB is too large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newArchive(t, 1)
			must[*rds.StartExportTaskOutput](t)(a.api.StartExportTask(t.Context(), a.export("acme-1", nil)))
			if err := c.spoil(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			a.describe(t, "acme-1")
			if e := a.describe(t, "acme-1"); *e.Status != "FAILED" || !strings.Contains(aws.ToString(e.FailureCause), c.want) {
				t.Errorf("it ends %s because %q", *e.Status, aws.ToString(e.FailureCause))
			}
		})
	}
}

func TestExportRefusesWhatAWSDoes(t *testing.T) {
	t.Parallel()
	begins := func(change func(*archive, *rds.StartExportTaskInput)) func(*testing.T, *archive) error {
		return func(t *testing.T, a *archive) error {
			_, err := a.api.StartExportTask(t.Context(), a.export("acme-1", func(in *rds.StartExportTaskInput) { change(a, in) }))
			return err
		}
	}
	named := func(id string) func(*testing.T, *archive) error {
		return begins(func(_ *archive, in *rds.StartExportTaskInput) { in.ExportTaskIdentifier = &id })
	}
	for name, c := range map[string]struct {
		call func(*testing.T, *archive) error
		want string
	}{
		"a name with two hyphens":        {named("acme--1"), "InvalidParameterValue"},
		"a name that ends in a hyphen":   {named("acme-"), "InvalidParameterValue"},
		"a name that begins with a 1":    {named("1acme"), "InvalidParameterValue"},
		"a name with a colon":            {named("acme-2026-11-24T10:00"), "InvalidParameterValue"},
		"a name of 61 characters":        {named(strings.Repeat("a", 61)), "InvalidParameterValue"},
		"a prefix with a colon":          {begins(func(_ *archive, in *rds.StartExportTaskInput) { in.S3Prefix = aws.String("10:00") }), "InvalidParameterValue"},
		"an unknown cluster":             {begins(func(_ *archive, in *rds.StartExportTaskInput) { in.SourceArn = aws.String(*in.SourceArn + "x") }), "DBClusterNotFoundFault"},
		"an unknown bucket":              {begins(func(_ *archive, in *rds.StartExportTaskInput) { in.S3BucketName = aws.String("nowhere-to-be-found") }), "InvalidS3BucketFault"},
		"an unknown role":                {begins(func(_ *archive, in *rds.StartExportTaskInput) { in.IamRoleArn = aws.String(*in.IamRoleArn + "x") }), "IamRoleNotFound"},
		"an unknown key":                 {begins(func(_ *archive, in *rds.StartExportTaskInput) { in.KmsKeyId = aws.String("alias/none") }), "KMSKeyNotAccessibleFault"},
		"a bucket that the role may not": {begins(func(_ *archive, in *rds.StartExportTaskInput) { in.S3BucketName = aws.String("other-archive") }), "IamRoleMissingPermissions"},
		"a bucket of another region":     {begins(func(_ *archive, in *rds.StartExportTaskInput) { in.S3BucketName = aws.String("far-archive") }), "InvalidS3BucketFault"},
		"a role that others take": {func(t *testing.T, a *archive) error {
			role := a.makeRole(t, "tasks", strings.ReplaceAll(exportTrust, "export.rds", "ecs-tasks"), exportPolicy)
			return begins(func(_ *archive, in *rds.StartExportTaskInput) { in.IamRoleArn = &role })(t, a)
		}, "IamRoleNotFound"},
		"a key that waits for its deletion": {func(t *testing.T, a *archive) error {
			must[*kms.ScheduleKeyDeletionOutput](t)(kms.NewFromConfig(a.cfg).ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: &a.key}))
			return named("acme-1")(t, a)
		}, "KMSKeyNotAccessibleFault"},
		"a name twice": {func(t *testing.T, a *archive) error {
			must[*rds.StartExportTaskOutput](t)(a.api.StartExportTask(t.Context(), a.export("acme-1", nil)))
			return named("acme-1")(t, a)
		}, "ExportTaskAlreadyExists"},
		"two of a cluster at once": {func(t *testing.T, a *archive) error {
			must[*rds.StartExportTaskOutput](t)(a.api.StartExportTask(t.Context(), a.export("acme-1", nil)))
			return named("acme-2")(t, a)
		}, "InvalidExportSourceState"},
		"six in an account at once": {func(t *testing.T, a *archive) error {
			for i := range 6 {
				name := fmt.Sprintf("client%d", i)
				must[*rds.CreateDBClusterOutput](t)(a.api.CreateDBCluster(t.Context(), a.cluster(name)))
				for range 6 {
					must[*rds.DescribeDBClustersOutput](t)(a.api.DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{DBClusterIdentifier: &name}))
				}
				_, err := a.api.StartExportTask(t.Context(), a.export(name, func(in *rds.StartExportTaskInput) {
					in.SourceArn = aws.String("arn:aws:rds:eu-west-3:123456789012:cluster:" + name)
				}))
				if err != nil {
					return err
				}
			}
			return nil
		}, "ExportTaskLimitReachedFault"},
		"an export that there is not": {func(t *testing.T, a *archive) error {
			_, err := a.api.DescribeExportTasks(t.Context(), &rds.DescribeExportTasksInput{ExportTaskIdentifier: aws.String("acme-1")})
			return err
		}, "ExportTaskNotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newArchive(t, 3)
			for bucket, region := range map[string]string{"other-archive": "eu-west-3", "far-archive": "eu-west-1"} {
				cfg := a.cfg.Copy()
				cfg.Region = region
				must[*s3.CreateBucketOutput](t)(s3.NewFromConfig(cfg).CreateBucket(t.Context(), &s3.CreateBucketInput{
					Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)},
				}))
			}
			err := c.call(t, a)
			if refusal, ok := errors.AsType[smithy.APIError](err); !ok || refusal.ErrorCode() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
