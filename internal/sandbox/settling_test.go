package sandbox_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func TestSettingsReadBackOldAndNewByTurns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		looks                     int
		lifecycle, rotation, tags []bool // whether a look is told the new one
	}{
		"by default": {0, []bool{true, false, true, false, true, true}, []bool{false, true, false, true, true, true}, []bool{false, true, false, true, true, true}},
		"never":      {-1, []bool{true, true}, []bool{true, true}, []bool{true, true}},
	} {
		account, err := sandbox.New(sandbox.Options{Looks: c.looks})
		if err != nil {
			t.Fatal(err)
		}
		factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
		if err != nil {
			t.Fatal(err)
		}
		api := factory.Set("eu-west-3")
		bucket := aws.String("acme-files")
		made, err := api.KMS.CreateKey(t.Context(), &kms.CreateKeyInput{Tags: []kmstypes.Tag{{TagKey: aws.String("a"), TagValue: aws.String("1")}, {TagKey: aws.String("b"), TagValue: aws.String("1")}}})
		if err != nil {
			t.Fatal(err)
		}
		key := made.KeyMetadata.Arn
		write := func(_ any, err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		write(api.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-3"}}))
		write(api.S3.PutBucketLifecycleConfiguration(t.Context(), &s3.PutBucketLifecycleConfigurationInput{Bucket: bucket, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: []s3types.LifecycleRule{{
			Status: s3types.ExpirationStatusEnabled, Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("")}, Expiration: &s3types.LifecycleExpiration{Days: aws.Int32(1)},
		}}}}))
		write(api.KMS.EnableKeyRotation(t.Context(), &kms.EnableKeyRotationInput{KeyId: key}))
		write(api.KMS.TagResource(t.Context(), &kms.TagResourceInput{KeyId: key, Tags: []kmstypes.Tag{{TagKey: aws.String("c"), TagValue: aws.String("1")}}}))

		looks := func(of func() bool) (seen []bool) {
			for range c.lifecycle {
				seen = append(seen, of())
			}
			return seen
		}
		if got := looks(func() bool {
			_, err := api.S3.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
			return err == nil
		}); !slices.Equal(got, c.lifecycle) {
			t.Errorf("%s: the lifecycle is told %v, want %v", name, got, c.lifecycle)
		}
		if got := looks(func() bool {
			out, err := api.KMS.GetKeyRotationStatus(t.Context(), &kms.GetKeyRotationStatusInput{KeyId: key})
			return err == nil && out.KeyRotationEnabled
		}); !slices.Equal(got, c.rotation) {
			t.Errorf("%s: the rotation is told %v, want %v", name, got, c.rotation)
		}
		if got := looks(func() bool { // all pages of a look are told the same
			count := 0
			for p := kms.NewListResourceTagsPaginator(api.KMS, &kms.ListResourceTagsInput{KeyId: key}); p.HasMorePages(); {
				out, err := p.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				count += len(out.Tags)
			}
			if count < 2 || count > 3 {
				t.Errorf("%s: a look is told %d tags", name, count)
			}
			return count == 3
		}); !slices.Equal(got, c.tags) {
			t.Errorf("%s: the tags are told %v, want %v", name, got, c.tags)
		}
	}
}
