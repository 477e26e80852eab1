package sandbox

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// CloudTrail wants to decrypt where a bucket key encrypts, and says so in a refusal
// that reads like news that has not got round.
func TestTrailNeedsDecryptWithABucketKey(t *testing.T) {
	t.Parallel()
	const may = `{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["kms:GenerateDataKey*","kms:DescribeKey"%s],"Resource":"*"}`
	for name, c := range map[string]struct {
		bucketKey bool
		more      string
		want      string
	}{
		"no bucket key":                      {false, "", ""},
		"a bucket key":                       {true, "", "InsufficientEncryptionPolicyException"},
		"a bucket key, and CloudTrail reads": {true, `,"kms:Decrypt"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := must[*Account](t)(New(Options{}))
			cfg := aws.Config{Region: "eu-west-3"}
			account.Install(&cfg)
			ctx, bucket, buckets, keys := t.Context(), aws.String("trail"), s3.NewFromConfig(cfg), kms.NewFromConfig(cfg)
			root := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"},` + strings.Replace(may, "%s", c.more, 1) + `]}`
			key := must[*kms.CreateKeyOutput](t)(keys.CreateKey(ctx, &kms.CreateKeyInput{Policy: &root})).KeyMetadata.Arn
			must[*s3.CreateBucketOutput](t)(buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-3"}}))
			policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::trail/*","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:eu-west-3:123456789012:trail/it1"}}}]}`
			must[*s3.PutBucketPolicyOutput](t)(buckets.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: &policy}))
			must[*s3.PutBucketEncryptionOutput](t)(buckets.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: bucket, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: key}, BucketKeyEnabled: &c.bucketKey,
			}}}}))
			_, err := cloudtrail.NewFromConfig(cfg).CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("it1"), S3BucketName: bucket, KmsKeyId: key})
			got := ""
			if api, ok := errors.AsType[smithy.APIError](err); ok {
				got = api.ErrorCode()
			}
			if got != c.want {
				t.Errorf("CreateTrail: %v, want code %q", err, c.want)
			}
		})
	}
}
