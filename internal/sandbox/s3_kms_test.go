package sandbox_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// vault is an account with a bucket and a key, as refusals of S3 and KMS need it.
type vault struct {
	factory *awsapi.Factory
	s3, far awsapi.S3 // of the bucket's region and of another
	kms     awsapi.KMS
	bucket  *string
	key     *string
}

func openVault(t *testing.T, path string) *vault {
	t.Helper()
	account, err := sandbox.New(sandbox.Options{Path: path, Looks: -1})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	return &vault{factory: factory, s3: factory.Set("eu-west-3").S3, far: factory.Set("eu-west-1").S3, kms: factory.Set("eu-west-3").KMS, bucket: aws.String("vault")}
}

func newVault(t *testing.T) *vault {
	t.Helper()
	v := openVault(t, "")
	_, err := v.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: v.bucket, CreateBucketConfiguration: here()})
	if err == nil {
		_, err = v.s3.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: v.bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := v.kms.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	v.key = out.KeyMetadata.Arn
	return v
}

func here() *types.CreateBucketConfiguration {
	return &types.CreateBucketConfiguration{LocationConstraint: "eu-west-3"}
}

func (v *vault) put(t *testing.T, in s3.PutObjectInput) error {
	t.Helper()
	in.Bucket = v.bucket
	if in.Key == nil {
		in.Key = aws.String("k")
	}
	in.Body = strings.NewReader("text")
	_, err := v.s3.PutObject(t.Context(), &in)
	return err
}

// own makes a bucket in the account's own namespace.
func (v *vault) own(t *testing.T, name string) error {
	t.Helper()
	_, err := v.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name, BucketNamespace: types.BucketNamespaceAccountRegional, CreateBucketConfiguration: here()})
	return err
}

func TestS3Refusals(t *testing.T) {
	t.Parallel()
	policy := func(v *vault, text string) error {
		_, err := v.s3.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: v.bucket, Policy: &text})
		return err
	}
	tests := map[string]struct {
		do   func(*testing.T, *vault) error
		want string
	}{
		"a bucket made twice": {func(t *testing.T, v *vault) error {
			_, err := v.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: v.bucket, CreateBucketConfiguration: here()})
			return err
		}, "BucketAlreadyOwnedByYou"},
		"a bucket of another account": {func(t *testing.T, v *vault) error {
			_, err := v.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("example"), CreateBucketConfiguration: here()})
			return err
		}, "BucketAlreadyExists"},
		"a global name that anybody can guess": {func(t *testing.T, v *vault) error {
			_, err := v.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("acme-shop-eu-west-3-123456789012"), CreateBucketConfiguration: here()})
			return err
		}, "BucketAlreadyExists"},
		"a name of the account's own namespace, and the namespace not said": {func(t *testing.T, v *vault) error {
			_, err := v.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("acme-123456789012-eu-west-3-an"), CreateBucketConfiguration: here()})
			return err
		}, "MissingNamespaceHeader"},
		"a name of another account's namespace": {func(t *testing.T, v *vault) error {
			return v.own(t, "acme-999999999999-eu-west-3-an")
		}, "InvalidNamespaceHeader"},
		"a name of another region's namespace": {func(t *testing.T, v *vault) error {
			return v.own(t, "acme-123456789012-eu-west-1-an")
		}, "InvalidNamespaceHeader"},
		"a global name in the account's own namespace": {func(t *testing.T, v *vault) error {
			return v.own(t, "acme")
		}, "InvalidNamespaceHeader"},
		"a name that S3 keeps for itself": {func(t *testing.T, v *vault) error {
			return v.own(t, "sthree-123456789012-eu-west-3-an")
		}, "InvalidBucketName"},
		"a name of the account's own namespace that is there": {func(t *testing.T, v *vault) error {
			if err := v.own(t, "acme-123456789012-eu-west-3-an"); err != nil {
				t.Fatal(err)
			}
			return v.own(t, "acme-123456789012-eu-west-3-an")
		}, "BucketAlreadyOwnedByYou"},
		"a bucket in another region than the one asked": {func(t *testing.T, v *vault) error {
			_, err := v.far.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("other"), CreateBucketConfiguration: here()})
			return err
		}, "IllegalLocationConstraintException"},
		"a request to another region": {func(t *testing.T, v *vault) error {
			_, err := v.far.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: v.bucket})
			return err
		}, "PermanentRedirect"},
		"a bucket that is not there": {func(t *testing.T, v *vault) error {
			_, err := v.s3.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String("nothing")})
			return err
		}, "NoSuchBucket"},
		"a bucket that should be another account's": {func(t *testing.T, v *vault) error {
			_, err := v.s3.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: v.bucket, ExpectedBucketOwner: aws.String("999999999999")})
			return err
		}, "AccessDenied"},
		"deleting a bucket that holds old versions only": {func(t *testing.T, v *vault) error {
			if err := v.put(t, s3.PutObjectInput{}); err != nil {
				return err
			}
			if _, err := v.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: v.bucket, Key: aws.String("k")}); err != nil {
				return err
			}
			_, err := v.s3.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: v.bucket})
			return err
		}, "BucketNotEmpty"},
		"putting what is there already, if there is none": {func(t *testing.T, v *vault) error {
			if err := v.put(t, s3.PutObjectInput{}); err != nil {
				return err
			}
			return v.put(t, s3.PutObjectInput{IfNoneMatch: aws.String("*")})
		}, "PreconditionFailed"},
		"replacing another version than the one read": {func(t *testing.T, v *vault) error {
			if err := v.put(t, s3.PutObjectInput{}); err != nil {
				return err
			}
			return v.put(t, s3.PutObjectInput{IfMatch: aws.String(`"other"`)})
		}, "PreconditionFailed"},
		"replacing what is not there": {func(t *testing.T, v *vault) error {
			return v.put(t, s3.PutObjectInput{IfMatch: aws.String(`"other"`)})
		}, "NoSuchKey"},
		"putting after a delete marker, if there is none": {func(t *testing.T, v *vault) error {
			if _, err := v.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: v.bucket, Key: aws.String("k")}); err != nil {
				return err
			}
			return v.put(t, s3.PutObjectInput{IfNoneMatch: aws.String("*")})
		}, ""},
		"asking for the head of a deleted object": {func(t *testing.T, v *vault) error {
			_, err := v.s3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: v.bucket, Key: aws.String("k")})
			return err
		}, "NotFound"},
		"encrypting with a key that is not there": {func(t *testing.T, v *vault) error {
			return v.put(t, s3.PutObjectInput{ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: aws.String(*v.key + "0")})
		}, "KMS.NotFoundException"},
		"encrypting with a key that waits for its deletion": {func(t *testing.T, v *vault) error {
			if _, err := v.kms.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: v.key}); err != nil {
				return err
			}
			return v.put(t, s3.PutObjectInput{ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: v.key})
		}, "KMS.KMSInvalidStateException"},
		"eleven tags on an object": {func(t *testing.T, v *vault) error {
			return v.put(t, s3.PutObjectInput{Tagging: aws.String("a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1")})
		}, "BadRequest"},
		"a policy that is not JSON": {func(_ *testing.T, v *vault) error { return policy(v, "deny all") }, "MalformedPolicy"},
		"a policy about another bucket": {func(_ *testing.T, v *vault) error {
			return policy(v, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}]}`)
		}, "MalformedPolicy"},
		"a policy with an action about no bucket": {func(_ *testing.T, v *vault) error {
			return policy(v, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","NotAction":["s3:GetObject","s3:ListAllMyBuckets"],"Resource":"arn:aws:s3:::vault/*"}]}`)
		}, "MalformedPolicy"},
		"a policy with actions and what are none": {func(_ *testing.T, v *vault) error {
			return policy(v, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","NotAction":"s3:GetObject","Resource":"arn:aws:s3:::vault/*"}]}`)
		}, "MalformedPolicy"},
		"a public policy": {func(_ *testing.T, v *vault) error {
			return policy(v, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::vault/*"}]}`)
		}, "AccessDenied"},
		"what the bucket's policy wants encrypted with another key": {func(t *testing.T, v *vault) error {
			if err := policy(v, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::vault/keys/*","Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"`+*v.key+`"}}}]}`); err != nil {
				return err
			}
			if err := v.put(t, s3.PutObjectInput{Key: aws.String("keys/a"), ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: v.key}); err != nil {
				return err
			}
			return v.put(t, s3.PutObjectInput{Key: aws.String("keys/b")})
		}, "AccessDenied"},
		"two lifecycle rules of one name": {func(t *testing.T, v *vault) error {
			rule := types.LifecycleRule{ID: aws.String("a"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)}}
			_, err := v.s3.PutBucketLifecycleConfiguration(t.Context(), &s3.PutBucketLifecycleConfigurationInput{Bucket: v.bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{rule, rule}}})
			return err
		}, "InvalidArgument"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := test.do(t, newVault(t)); awsapi.Code(err) != test.want || test.want == "" && err != nil {
				t.Errorf("got %v, want code %q", err, test.want)
			}
		})
	}
}

func TestKMSRefusals(t *testing.T) {
	t.Parallel()
	alias := func(t *testing.T, v *vault, name string) error {
		t.Helper()
		_, err := v.kms.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: &name, TargetKeyId: v.key})
		return err
	}
	doomed := func(t *testing.T, v *vault) error {
		t.Helper()
		_, err := v.kms.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: v.key, PendingWindowInDays: aws.Int32(7)})
		return err
	}
	tests := map[string]struct {
		do   func(*testing.T, *vault) error
		want string
	}{
		"an alias twice": {func(t *testing.T, v *vault) error {
			if err := alias(t, v, "alias/a"); err != nil {
				return err
			}
			return alias(t, v, "alias/a")
		}, "AlreadyExistsException"},
		"an alias of AWS":           {func(t *testing.T, v *vault) error { return alias(t, v, "alias/aws/mine") }, "NotAuthorizedException"},
		"an alias without its head": {func(t *testing.T, v *vault) error { return alias(t, v, "mine") }, "ValidationException"},
		"an alias for a doomed key": {func(t *testing.T, v *vault) error {
			if err := doomed(t, v); err != nil {
				return err
			}
			return alias(t, v, "alias/a")
		}, "KMSInvalidStateException"},
		"dooming a key twice": {func(t *testing.T, v *vault) error {
			if err := doomed(t, v); err != nil {
				return err
			}
			return doomed(t, v)
		}, "KMSInvalidStateException"},
		"dooming a key in three days": {func(t *testing.T, v *vault) error {
			_, err := v.kms.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: v.key, PendingWindowInDays: aws.Int32(3)})
			return err
		}, "ValidationException"},
		"a policy that is not JSON": {func(t *testing.T, v *vault) error {
			_, err := v.kms.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: v.key, Policy: aws.String("allow")})
			return err
		}, "MalformedPolicyDocumentException"},
		"a key of another region": {func(t *testing.T, v *vault) error {
			_, err := v.factory.Set("eu-west-1").KMS.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: v.key})
			return err
		}, "NotFoundException"},
		"tags of a key that AWS manages": {func(t *testing.T, v *vault) error {
			out, err := v.kms.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String("alias/aws/ebs")})
			if err != nil {
				return err
			}
			_, err = v.kms.ListResourceTags(t.Context(), &kms.ListResourceTagsInput{KeyId: out.KeyMetadata.Arn})
			return err
		}, "AccessDeniedException"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := test.do(t, newVault(t)); awsapi.Code(err) != test.want {
				t.Errorf("got %v, want code %q", err, test.want)
			}
		})
	}
}

func TestBucketsOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "account.json")
	v := openVault(t, path)
	if _, err := v.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: v.bucket, CreateBucketConfiguration: here()}); err != nil {
		t.Fatal(err)
	}
	if err := v.put(t, s3.PutObjectInput{Key: aws.String("a/b"), Metadata: map[string]string{"Public": "yes"}, Tagging: aws.String("owner=me")}); err != nil {
		t.Fatal(err)
	}
	v = openVault(t, path)
	head, err := v.s3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: v.bucket, Key: aws.String("a/b")})
	if err != nil || aws.ToInt64(head.ContentLength) != 4 || head.Metadata["public"] != "yes" || head.ServerSideEncryption != types.ServerSideEncryptionAes256 {
		t.Errorf("got %+v, %v", head, err)
	}
}
