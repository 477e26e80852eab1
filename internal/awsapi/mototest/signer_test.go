package mototest

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
)

// An authority and its index over HTTP: KMS's signatures hold, and S3 refuses the second of
// two writers.
func TestAuthorityOfTheVPN(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	keys, buckets := kms.NewFromConfig(config), s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	made := must[*kms.CreateKeyOutput](t)(keys.CreateKey(t.Context(), &kms.CreateKeyInput{KeySpec: types.KeySpecRsa2048, KeyUsage: types.KeyUsageTypeSignVerify}))
	signer, err := awsapi.Signer(t.Context(), keys, *made.KeyMetadata.Arn)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := pki.NewAuthority(signer, "ACME", Region, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pki.LoadAuthority(signer, authority.PEM()); err != nil {
		t.Error(err)
	}
	_, err = keys.Sign(t.Context(), &kms.SignInput{KeyId: made.KeyMetadata.KeyId, Message: []byte("text"), MessageType: types.MessageTypeDigest, SigningAlgorithm: types.SigningAlgorithmSpecRsassaPkcs1V15Sha256})
	if code := codeOf(err); code != "ValidationException" {
		t.Errorf("a digest that is none: %q", code)
	}
	bucket := aws.String("vpn-of-acme")
	must[*s3.CreateBucketOutput](t)(buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: location()}))
	store := awsapi.NewDocument(buckets, *bucket, "certificates.json")
	if err := store.Save(t.Context(), []byte("one"), ""); err != nil {
		t.Fatal(err)
	}
	if err := store.Save(t.Context(), []byte("two"), ""); !errors.Is(err, pki.ErrConflict) {
		t.Errorf("the second of two first ones: %v", err)
	}
	_, version, err := store.Load(t.Context())
	if err == nil {
		err = store.Save(t.Context(), []byte("two"), version)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Save(t.Context(), []byte("three"), version); !errors.Is(err, pki.ErrConflict) {
		t.Errorf("over another's: %v", err)
	}
}
