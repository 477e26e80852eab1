package conformance

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

const ssoPath = "aws-reserved/sso.amazonaws.com/eu-west-1/"

// Identity Center makes the role of a permission set anew, with another suffix: its people
// stay admins; those of another set do not become any; and who is kept out is told so.
func TestARoleThatIdentityCenterMakesAnewStaysAdmin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		sso := func(role string) *cloud.Operator {
			o := operator(t, r.account, cloud.Config{})
			o.Identify = func() (awsapi.Identity, error) {
				return awsapi.Identity{Partition: "aws", Account: "123456789012", ARN: "arn:aws:sts::123456789012:assumed-role/" + role + "/eve"}, nil
			}
			return o
		}
		if err := create(ctx, sso("AWSReservedSSO_Ops_1234567890abcdef"), acme(t)); err != nil {
			t.Fatal(err)
		}
		o, denied := r.as(ctx, ssoPath+"AWSReservedSSO_Ops_fedcba0987654321", cloud.Config{}, allOfAWS)
		if p := plan(ctx, t, o, acme(t)); p.Mutations() != 0 {
			t.Errorf("with another suffix, a plan shows %v", fieldsOf(p))
		}
		out, err := r.Factory.Set(region).S3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(rules.AdminBucketName("123456789012", region)), Key: aws.String(rules.EscrowKey("ACME", region))})
		if err != nil {
			t.Errorf("a private key: %v (%v)", err, denied())
		} else if err := out.Body.Close(); err != nil {
			t.Error(err)
		}
		for _, role := range []string{ssoPath + "AWSReservedSSO_Ops_Trainees_1234567890abcdef", "AWSReservedSSO_Ops_1234567890abcdef", "elsewhere/AWSReservedSSO_Ops_1234567890abcdef"} {
			r.account.OnCall(nil)
			o, _ := r.as(ctx, role, cloud.Config{}, allOfAWS)
			_, err := o.Build(ctx, acme(t))
			shut, ok := errors.AsType[*cloud.ShutOutError](err)
			if !ok || !strings.Contains(err.Error(), "lets in only its admins and auditors; you are arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Ops_") || !strings.Contains(shut.Remedy(), "root user") {
				t.Errorf("%s: %v", role, err)
			}
		}
	})
}

// A caller who lacks a permission of IAM's is not sent to the admins.
func TestWhoLacksAPermissionIsNotShutOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		o, _ := r.as(ctx, "operator", cloud.Config{})
		_, err := o.Build(ctx, acme(t))
		if _, shut := errors.AsType[*cloud.ShutOutError](err); shut || !awsapi.Is(err, awsapi.Denied) {
			t.Errorf("%v, want a refusal of IAM's", err)
		}
	})
}

// What an earlier version remembered, suffix and all, is put right by a plan that shows it.
func TestRememberedSuffixesAreMigrated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		o := operator(t, r.account, cloud.Config{})
		o.Identify = func() (awsapi.Identity, error) {
			return awsapi.Identity{Partition: "aws", Account: "123456789012", ARN: "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Ops_1234567890abcdef/eve"}, nil
		}
		if err := create(ctx, o, acme(t)); err != nil {
			t.Fatal(err)
		}
		api, bucket := r.Factory.Set(region).S3, aws.String(rules.AdminBucketName("123456789012", region))
		tags, err := api.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: bucket})
		if err != nil {
			t.Fatal(err)
		}
		for i, tag := range tags.TagSet {
			if *tag.Key == provision.TagAdmins {
				tags.TagSet[i].Value = aws.String("role/*/AWSReservedSSO_Ops_1234567890abcdef role/AWSReservedSSO_Ops_1234567890abcdef root")
				tags.TagSet[i].Value = aws.String(strings.ReplaceAll(*tags.TagSet[i].Value, "*", "@any"))
			}
		}
		if _, err := api.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: bucket, Tagging: &s3types.Tagging{TagSet: tags.TagSet}}); err != nil {
			t.Fatal(err)
		}
		if got := fieldsOf(plan(ctx, t, o, acme(t))); !slices.Equal(got, []string{"s3/bucket tag " + provision.TagAdmins}) {
			t.Errorf("a plan shows %v", got)
		}
	})
}

// Operators with another admin_region make no second admin bucket; where there are two, doctor tells.
func TestAnAccountHasOneAdminBucket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		for name, cfg := range map[string]cloud.Config{
			"by memory": {AdminRegion: "eu-central-1"}, "configured": {AdminRegion: "eu-central-1", Admins: []string{founder}, Auditors: []string{}},
		} {
			other := operator(t, r.account, cfg)
			err := create(ctx, other, client(t, "GLOBEX"))
			if _, wrong := errors.AsType[*cloud.ConfigError](err); !wrong || !strings.Contains(err.Error(), "admin_region: eu-central-1, but the account's admin bucket is in eu-west-3") {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := account.Diagnose(ctx, other, region); err == nil || !strings.Contains(err.Error(), "admin_region: eu-central-1") {
				t.Errorf("%s: doctor: %v", name, err)
			}
		}
		if n := r.changes(); n != 0 {
			t.Errorf("%d calls changed something", n)
		}
		if _, err := r.Factory.Set("eu-central-1").S3.CreateBucket(ctx, &s3.CreateBucketInput{
			Bucket: aws.String(rules.AdminBucketName("123456789012", "eu-central-1")), BucketNamespace: s3types.BucketNamespaceAccountRegional,
			CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-central-1"},
		}); err != nil {
			t.Fatal(err)
		}
		h, err := account.Diagnose(ctx, r.Operator, region)
		if err != nil || !slices.Equal(h.AdminRegions, []string{"eu-central-1", region}) {
			t.Errorf("with two: %v, %v", h.AdminRegions, err)
		}
	})
}
