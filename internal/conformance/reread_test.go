package conformance

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// writes are the calls that wrote a setting which AWS then tells old and new by turns, by
// what they were about.
func (r *rig) writes() map[string]int {
	out := map[string]int{}
	for _, c := range r.account.Calls() {
		switch in := c.Input.(type) {
		case *s3.PutBucketLifecycleConfigurationInput:
			out["the lifecycle of "+aws.ToString(in.Bucket)]++
		case *s3.PutBucketTaggingInput:
			out["the tags of "+aws.ToString(in.Bucket)]++
		case *kms.EnableKeyRotationInput:
			out["the rotation of "+aws.ToString(in.KeyId)]++
		case *kms.PutKeyPolicyInput:
			out["the policy of "+aws.ToString(in.KeyId)]++
		case *kms.TagResourceInput:
			out["the tags of "+aws.ToString(in.KeyId)]++
		}
	}
	return out
}

// wantEachOnce fails when one of at least some settings was written more than once.
func (r *rig) wantEachOnce(least int) {
	r.tb.Helper()
	wrote := r.writes()
	if len(wrote) < least {
		r.tb.Errorf("only %v were written, want %d settings", wrote, least)
	}
	for what, times := range wrote {
		if times != 1 {
			r.tb.Errorf("%s: written %d times, want once", what, times)
		}
	}
}

// What a run has set is told old and new by turns for a while. It is read again and not
// written again, and the run is done only when the next plan finds nothing any more.
func TestWhatReadsBackOldAndNewByTurnsIsWrittenOnce(t *testing.T) {
	t.Parallel()
	for name, looks := range map[string]int{"as always": 2, "for longer": 6} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: looks})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				r.wantEachOnce(4 + 5) // buckets and keys of the account, the region and the client
				r.wantNoChange(ctx, acme(t))

				// Changed by hand, and put right.
				changed := r.tree()
				for _, b := range changed["S3"].(map[string]any)["Buckets"].([]any) {
					b := b.(map[string]any)
					b["Lifecycle"], b["Tags"] = nil, renamed(b["Tags"].([]any), "Key")
				}
				for _, k := range changed["KMS"].(map[string]any)[region].(map[string]any)["Keys"].([]any) {
					k := k.(map[string]any)["V"].(map[string]any)
					k["Days"], k["Tags"] = 0, renamed(k["Tags"].([]any), "TagKey")
					k["Policy"] = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}`
				}
				r.restore(changed)
				r.account.Forget()
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				r.wantEachOnce(2*4 + 3*5)
				r.wantNoChange(ctx, acme(t))
			})
		})
	}
}

// renamed is a list of tags with another value of "Name".
func renamed(tags []any, key string) []any {
	for _, tag := range tags {
		if tag := tag.(map[string]any); tag[key] == "Name" {
			tag[map[string]string{"Key": "Value", "TagKey": "TagValue"}[key]] = "renamed"
		}
	}
	return tags
}

// Lifecycles are read as set several times in a row, even where the first look tells them so.
func TestLifecyclesAreReadSeveralTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		read := map[string]int{}
		for _, c := range r.account.Calls() {
			switch in := c.Input.(type) {
			case *s3.PutBucketLifecycleConfigurationInput:
				read[*in.Bucket] = 0
			case *s3.GetBucketLifecycleConfigurationInput:
				read[*in.Bucket]++
			}
		}
		if len(read) < 4 {
			t.Errorf("only %v have lifecycles", read)
		}
		for bucket, times := range read {
			if times < 3 {
				t.Errorf("the lifecycle of %s was read %d times after it was set, want 3", bucket, times)
			}
		}
	})
}
