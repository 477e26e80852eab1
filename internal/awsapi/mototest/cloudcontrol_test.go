package mototest

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

func TestCloudControlTellsBucketsAndKeys(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	ctx, name := t.Context(), aws.String("told")
	buckets := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	keys, client := kms.NewFromConfig(config), cloudcontrol.NewFromConfig(config)
	told := func(typeName, id string) map[string]any {
		t.Helper()
		out := must[*cloudcontrol.GetResourceOutput](t)(client.GetResource(ctx, &cloudcontrol.GetResourceInput{TypeName: &typeName, Identifier: &id}))
		var all map[string]any
		if err := json.Unmarshal([]byte(*out.ResourceDescription.Properties), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	want := func(all map[string]any, property, text string) {
		t.Helper()
		var value any
		if text != "" {
			if err := json.Unmarshal([]byte(text), &value); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(value, all[property]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", property, diff)
		}
	}

	must[*s3.CreateBucketOutput](t)(buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-3"}}))
	fresh := told("AWS::S3::Bucket", *name)
	want(fresh, "PublicAccessBlockConfiguration", `{"BlockPublicAcls":true,"BlockPublicPolicy":true,"IgnorePublicAcls":true,"RestrictPublicBuckets":true}`)
	want(fresh, "OwnershipControls", `{"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]}`)
	want(fresh, "BucketEncryption", `{"ServerSideEncryptionConfiguration":[{"BucketKeyEnabled":false,"ServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}`)
	want(fresh, "VersioningConfiguration", "")
	want(fresh, "LifecycleConfiguration", "")
	must[*s3.PutBucketVersioningOutput](t)(buckets.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}}))
	must[*s3.PutBucketLifecycleConfigurationOutput](t)(buckets.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: name, TransitionDefaultMinimumObjectSize: s3types.TransitionDefaultMinimumObjectSizeVariesByStorageClass,
		LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: []s3types.LifecycleRule{{
			ID: aws.String("a"), Status: s3types.ExpirationStatusEnabled, Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("")},
			Expiration:                  &s3types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
			NoncurrentVersionExpiration: &s3types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(9)},
			Transitions:                 []s3types.Transition{{Days: aws.Int32(0), StorageClass: s3types.TransitionStorageClassGlacier}},
		}, {
			ID: aws.String("b"), Status: s3types.ExpirationStatusDisabled, Filter: &s3types.LifecycleRuleFilter{Tag: &s3types.Tag{Key: aws.String("k"), Value: aws.String("v")}},
			Expiration: &s3types.LifecycleExpiration{Days: aws.Int32(3)},
		}}},
	}))
	changed := told("AWS::S3::Bucket", *name)
	want(changed, "VersioningConfiguration", `{"Status":"Enabled"}`)
	want(changed, "LifecycleConfiguration", `{"TransitionDefaultMinimumObjectSize":"varies_by_storage_class","Rules":[
		{"Id":"a","Status":"Enabled","Prefix":"","ExpiredObjectDeleteMarker":true,"NoncurrentVersionExpiration":{"NoncurrentDays":9},"Transitions":[{"StorageClass":"GLACIER","TransitionInDays":0}]},
		{"Id":"b","Status":"Disabled","Prefix":"","ExpirationInDays":3,"TagFilters":[{"Key":"k","Value":"v"}]}]}`)

	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + id + `:root"},"Action":"kms:*","Resource":"*"}]}`
	key := must[*kms.CreateKeyOutput](t)(keys.CreateKey(ctx, &kms.CreateKeyInput{Policy: &policy})).KeyMetadata.KeyId
	must[*kms.EnableKeyRotationOutput](t)(keys.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: key, RotationPeriodInDays: aws.Int32(90)}))
	all := told("AWS::KMS::Key", *key)
	want(all, "Enabled", "true")
	want(all, "EnableKeyRotation", "true")
	want(all, "RotationPeriodInDays", "") // can only be written
	want(all, "KeyPolicy", policy)
	must[*kms.DisableKeyOutput](t)(keys.DisableKey(ctx, &kms.DisableKeyInput{KeyId: key}))
	want(told("AWS::KMS::Key", *key), "Enabled", "false")
	must[*kms.ScheduleKeyDeletionOutput](t)(keys.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: key}))
	for typeName, code := range map[string]string{"AWS::KMS::Key": "ResourceNotFoundException", "AWS::SNS::Topic": "UnsupportedActionException"} {
		if _, err := client.GetResource(ctx, &cloudcontrol.GetResourceInput{TypeName: &typeName, Identifier: key}); codeOf(err) != code {
			t.Errorf("%s: %v, want %s", typeName, err, code)
		}
	}
}
