package conformance

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// An archive outlives its client for as long as was promised, and its key with it.
func TestArchivesOutliveTheirClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		api, bucket := r.Factory.Set(region), rules.ArchiveBucketName("ACME", region, "123456789012")
		put := func(key string) {
			t.Helper()
			if _, err := api.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("x")}); err != nil {
				t.Fatal(err)
			}
		}
		key, err := api.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(rules.ArchiveKeyAlias("ACME"))})
		if err != nil {
			t.Fatal(err)
		}
		put("acme-20260101/export_info_acme-20260101.json")
		time.Sleep(40 * 24 * time.Hour)
		put("acme-20260201/export_info_acme-20260201.json")
		last := time.Now()

		kept := func() map[string]provision.Change {
			t.Helper()
			if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
				t.Fatal(err)
			}
			run, err := r.Remove(ctx, "ACME", region, false)
			if err != nil {
				t.Fatal(err)
			}
			p, err := run.Plan(ctx)
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]provision.Change{}
			for _, c := range p.Changes() {
				if c.Role == "archive" {
					out[c.Kind] = c
				}
			}
			return out
		}
		for kind, c := range kept() {
			if c.Op != provision.OpRetain || c.Until == nil {
				t.Fatalf("%s of the archive after destroy: %s, until %v; want it kept until a date", kind, line(c), c.Until)
			}
			if promised := last.AddDate(0, 0, 366); c.Until.Before(promised) || c.Until.After(promised.AddDate(0, 0, 3)) {
				t.Errorf("%s is kept until %s, want shortly after %s", kind, c.Until, promised)
			}
		}

		// The same client again takes up bucket and key.
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, acme(t))
		again, err := api.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(rules.ArchiveKeyAlias("ACME"))})
		if err != nil || *again.KeyMetadata.KeyId != *key.KeyMetadata.KeyId {
			t.Errorf("after destroy and create the archive's key is %v (%v), want the old one", again, err)
		}

		// Once the last archive has expired, destroy takes the rest.
		for _, folder := range []string{"acme-20260101", "acme-20260201"} {
			r.expire(ctx, bucket, folder+"/export_info_"+folder+".json")
		}
		if left := kept(); len(left) > 0 {
			t.Errorf("with all archives expired, destroy leaves %v", left)
		}
	})
}

// An archive that is switched off stays as long as there is something in it.
func TestSwitchingTheArchiveOffKeepsWhatThereIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		bucket, object := rules.ArchiveBucketName("ACME", region, "123456789012"), "acme-1/part-0.parquet"
		if _, err := r.Factory.Set(region).S3.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &object, Body: strings.NewReader("x")}); err != nil {
			t.Fatal(err)
		}
		off := client(t, "ACME", "every: month", "every: none")
		if err := create(ctx, r.Operator, off); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, off)
		held := r.inventory(ctx)
		for _, kind := range []string{"s3/bucket", "kms/key"} {
			if held[kind+" client ACME archive"] != 1 {
				t.Errorf("with archives in it, %s is gone: %v", kind, held)
			}
		}
		r.expire(ctx, bucket, object)
		if err := create(ctx, r.Operator, off); err != nil {
			t.Fatal(err)
		}
		for key := range r.inventory(ctx) {
			if strings.HasSuffix(key, "client ACME archive") {
				t.Errorf("with nothing in it, %s stays", key)
			}
		}
	})
}

// A key that somebody has set to be deleted is saved rather than replaced.
func TestAKeyAboutToGoIsSaved(t *testing.T) {
	t.Parallel()
	for _, alias := range []string{rules.ArchiveKeyAlias("ACME"), rules.KeyAlias("ACME")} {
		synctest.Test(t, func(t *testing.T) {
			ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
			if err := create(ctx, r.Operator, acme(t)); err != nil {
				t.Fatal(err)
			}
			api := r.Factory.Set(region).KMS
			before, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := api.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: before.KeyMetadata.Arn, PendingWindowInDays: aws.Int32(7)}); err != nil {
				t.Fatal(err)
			}
			changes := plan(ctx, t, r.Operator, acme(t)).Changes()
			if len(changes) != 1 || changes[0].Kind != "kms/key" || changes[0].Op != provision.OpUpdate {
				t.Errorf("with %s about to go, the plan says %v", alias, changes)
			}
			if err := create(ctx, r.Operator, acme(t)); err != nil {
				t.Fatal(err)
			}
			r.wantNoChange(ctx, acme(t))
			after, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
			if err != nil || *after.KeyMetadata.KeyId != *before.KeyMetadata.KeyId || !after.KeyMetadata.Enabled {
				t.Errorf("after create, %s is %+v (%v), want the old key, enabled", alias, after.KeyMetadata, err)
			}
		})
	}
}
