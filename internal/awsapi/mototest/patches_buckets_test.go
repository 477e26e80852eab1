package mototest

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestBucketNamespaces(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	own := "made-" + id + "-eu-west-3-an"
	tests := map[string]struct {
		bucket    string
		namespace s3types.BucketNamespace
		want      string
	}{
		"the account's own":                     {own, s3types.BucketNamespaceAccountRegional, ""},
		"the account's own, and it is said not": {"x" + own, "", "MissingNamespaceHeader"},
		"another account's":                     {"made-999999999999-eu-west-3-an", s3types.BucketNamespaceAccountRegional, "InvalidNamespaceHeader"},
		"another region's":                      {"made-" + id + "-eu-west-1-an", s3types.BucketNamespaceAccountRegional, "InvalidNamespaceHeader"},
	}
	for name, test := range tests {
		_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &test.bucket, BucketNamespace: test.namespace, CreateBucketConfiguration: location()})
		if got := codeOf(err); got != test.want {
			t.Errorf("%s: %v, want code %q", name, err, test.want)
		}
	}
	for owner, want := range map[string]string{id: "", "999999999999": "AccessDenied"} {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &own, Key: aws.String("k"), Body: strings.NewReader("x"), ExpectedBucketOwner: &owner})
		if got := codeOf(err); got != want {
			t.Errorf("an object for a bucket of %s: %v, want code %q", owner, err, want)
		}
		_, err = client.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: &own, ExpectedBucketOwner: &owner})
		if got := codeOf(err); got != want {
			t.Errorf("the versioning of a bucket of %s: %v, want code %q", owner, err, want)
		}
	}
}

// A policy that also refuses everybody something lets the logging service in all the same.
func TestBucketsWriteAccessLogs(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	logs, own := "logs-"+id+"-eu-west-3-an", "own-"+id+"-eu-west-3-an"
	for _, bucket := range []string{logs, own} {
		if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket, BucketNamespace: s3types.BucketNamespaceAccountRegional, CreateBucketConfiguration: location()}); err != nil {
			t.Fatal(err)
		}
	}
	const refuses = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::LOGS/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	const lets = `,{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::LOGS/*"}`
	for statements, want := range map[string]string{refuses: "InvalidTargetBucketForLogging", refuses + lets: ""} {
		policy := strings.ReplaceAll(`{"Version":"2012-10-17","Statement":[`+statements+`]}`, "LOGS", logs)
		if _, err := client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &logs, Policy: &policy}); err != nil {
			t.Fatal(err)
		}
		_, err := client.PutBucketLogging(t.Context(), &s3.PutBucketLoggingInput{Bucket: &own, BucketLoggingStatus: &s3types.BucketLoggingStatus{
			LoggingEnabled: &s3types.LoggingEnabled{TargetBucket: &logs, TargetPrefix: aws.String("own/")},
		}})
		if got := codeOf(err); got != want {
			t.Errorf("with %s: %v, want code %q", statements, err, want)
		}
	}
}
