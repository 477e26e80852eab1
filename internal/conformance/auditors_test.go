package conformance

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

const (
	founder = "arn:aws:iam::123456789012:role/operator" // whom the sandbox takes us for
	auditor = "arn:aws:iam::123456789012:role/watch/auditor"
)

// watched is an account with ACME in it, whose auditors are configured.
func watched(t *testing.T, auditors ...string) *rig {
	t.Helper()
	r := newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
	if err := create(t.Context(), operator(t, r.account, cloud.Config{Auditors: auditors}), acme(t)); err != nil {
		t.Fatal(err)
	}
	return r
}

// The read policy and a place in the list are all that an audit takes, whether the
// auditor has the operators' configuration or none.
func TestAnAuditorAuditsWithTheReadPolicyOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auditors []string
		cfg      cloud.Config
	}{
		"without a configuration":       {[]string{auditor}, cloud.Config{}},
		"with the admins' own":          {[]string{auditor}, cloud.Config{Admins: []string{founder}, Auditors: []string{auditor}}},
		"with one that names no one":    {[]string{auditor}, cloud.Config{Admins: []string{founder}}},
		"by a pattern of the role":      {[]string{"arn:aws:iam::123456789012:role/*/auditor"}, cloud.Config{}},
		"of several, named twice or so": {[]string{auditor, "arn:aws:iam::123456789012:user/eve", auditor}, cloud.Config{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), watched(t, c.auditors...)
				if c.cfg.Admins != nil { // as configured, and not as the first run had it
					if err := create(ctx, operator(t, r.account, cloud.Config{Admins: c.cfg.Admins}), acme(t)); err != nil {
						t.Fatal(err)
					}
				}
				o, denied := r.as(ctx, "watch/auditor", c.cfg, rules.ReadPolicy())
				r.account.Forget()
				a, err := audit.Examine(ctx, o, audit.Examined{Specs: []*spec.Spec{acme(t)}, Regions: []string{region}})
				if err != nil || len(a.NotAudited) > 0 || len(a.Findings) > 0 || len(a.Clients) != 1 {
					t.Errorf("%v, not audited %v, findings %v", err, a.NotAudited, a.Findings)
				}
				if n := plan(ctx, t, o, acme(t)).Mutations(); n != 0 {
					t.Errorf("a plan finds %d changes", n)
				}
				asked := map[string]bool{}
				for _, call := range r.account.Calls() {
					asked[call.Name()] = true
				}
				for _, name := range []string{"S3.HeadObject", "S3.GetObjectTagging", "S3.GetBucketPolicy", "KMS.GetKeyPolicy", "KMS.GetKeyRotationStatus", "KMS.DescribeKey"} {
					if !asked[name] {
						t.Errorf("%s was not called", name)
					}
				}
				if h, err := account.Diagnose(ctx, o, region); err != nil || len(h.Auditors) == 0 {
					t.Errorf("doctor: %v, auditors %v", err, h.Auditors)
				}
				if got := denied(); len(got) > 0 {
					t.Errorf("refused: %s", strings.Join(got, "; "))
				}
			})
		})
	}
}

// An auditor's run is refused before it changes anything, whatever IAM allows.
func TestAnAuditorsRunIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), watched(t, auditor)
		o, _ := r.as(ctx, "watch/auditor", cloud.Config{}, allOfAWS)
		r.account.Forget()
		err := create(ctx, o, client(t, "GLOBEX"))
		if !cloud.Refused(err) || !strings.Contains(err.Error(), "role operator") {
			t.Errorf("%v, want a refusal that names the admins", err)
		}
		if n := r.changes(); n != 0 {
			t.Errorf("%d calls changed something", n)
		}
	})
}

// Whatever IAM allows, the admin bucket and its key show auditors their settings,
// and heads and tags of private keys; they give out no key and let nothing be changed.
func TestAuditorsLookAtTheAdminBucketAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), watched(t, auditor, founder)
		api := r.Factory.Set(region)
		bucket, escrowed := aws.String(rules.AdminBucketName("123456789012", region)), aws.String(rules.EscrowKey("ACME", region))
		described, err := api.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(rules.AdminAlias)})
		if err != nil {
			t.Fatal(err)
		}
		key := described.KeyMetadata.Arn
		type call struct {
			look bool
			do   func(context.Context) error
		}
		calls := map[string]call{
			"head of a private key": {true, func(ctx context.Context) error {
				_, err := api.S3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: escrowed})
				return err
			}},
			"its tags": {true, func(ctx context.Context) error {
				_, err := api.S3.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: bucket, Key: escrowed})
				return err
			}},
			"list of objects": {true, func(ctx context.Context) error {
				_, err := api.S3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket})
				return err
			}},
			"the bucket's policy": {true, func(ctx context.Context) error {
				_, err := api.S3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: bucket})
				return err
			}},
			"the key's policy": {true, func(ctx context.Context) error {
				_, err := api.KMS.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: key})
				return err
			}},
			"the key's tags": {true, func(ctx context.Context) error {
				_, err := api.KMS.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: key})
				return err
			}},
			"a private key": {false, func(ctx context.Context) error {
				out, err := api.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: escrowed})
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, out.Body)
				return err
			}},
			"another private key in its place": {false, func(ctx context.Context) error {
				_, err := api.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: escrowed, Body: strings.NewReader("x"), ServerSideEncryption: s3types.ServerSideEncryptionAwsKms, SSEKMSKeyId: key})
				return err
			}},
			"other tags of a private key": {false, func(ctx context.Context) error {
				_, err := api.S3.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{Bucket: bucket, Key: escrowed, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{}}})
				return err
			}},
			"a copy elsewhere": {false, func(ctx context.Context) error {
				_, err := api.S3.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("copy"), CopySource: aws.String(*bucket + "/" + *escrowed)})
				return err
			}},
			"other admins of the key": {false, func(ctx context.Context) error {
				_, err := api.KMS.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: key, Policy: aws.String(rules.AdminKeyPolicy(rules.Place{Partition: "aws", Account: "123456789012"}, rules.Trusted{Admins: []string{founder, auditor}}))})
				return err
			}},
			"other tags of the bucket": {false, func(ctx context.Context) error {
				_, err := api.S3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: bucket, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}})
				return err
			}},
			"a lease taken away": {false, func(ctx context.Context) error {
				_, err := api.S3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("leases/x")})
				return err
			}},
			"another policy of the bucket": {false, func(ctx context.Context) error {
				_, err := api.S3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(rules.BucketPolicy(*bucket))})
				return err
			}},
			"no policy of the bucket": {false, func(ctx context.Context) error {
				_, err := api.S3.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: bucket})
				return err
			}},
			"an end of the key": {false, func(ctx context.Context) error {
				_, err := api.KMS.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: key})
				return err
			}},
		}
		account := r.tree()
		for role, may := range map[string]func(call) bool{
			"watch/auditor": func(c call) bool { return c.look },
			"operator":      func(call) bool { return true }, // who is in both lists is an admin
			"somebody":      func(call) bool { return false },
		} {
			for name, c := range calls {
				r.revive()
				r.restore(account)
				_, denied := r.as(ctx, role, cloud.Config{}, allOfAWS)
				err := c.do(ctx)
				if ok := err == nil; ok != may(c) || !ok && !awsapi.Is(err, awsapi.Denied) {
					t.Errorf("%s, %s: %v (%v)", role, name, err, denied())
				}
				if name == "a private key" && role == "watch/auditor" && !slices.Contains(denied(), "S3.GetObject needs kms:Decrypt on "+*key) {
					t.Errorf("it is not the key that keeps private keys shut: %v", denied())
				}
			}
		}
	})
}

// Who is in neither list hears what was not audited and how to be let in, and never
// that all is well.
func TestWhoIsInNeitherListIsNotTold(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]cloud.Config{
		"without a configuration": {},
		"with the admins' own":    {Admins: []string{founder}, Auditors: []string{auditor}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), watched(t, auditor)
				o, _ := r.as(ctx, "somebody", cfg, rules.ReadPolicy())
				a, err := audit.Examine(ctx, o, audit.Examined{Specs: []*spec.Spec{acme(t)}, Regions: []string{region}})
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range a.Findings {
					t.Errorf("finding %s %s: %s instead of %s", f.ID, f.Resource, f.Is, f.Should)
				}
				told := map[string]bool{}
				for _, n := range a.NotAudited {
					told[n.What] = true
					if !strings.Contains(n.Fix, "arn:aws:iam::123456789012:role/somebody") || !strings.Contains(n.Fix, "to auditors") {
						t.Errorf("%s: the fix is %q", n.What, n.Fix)
					}
				}
				for _, what := range []string{"s3/bucket", "s3/escrow", "kms/key"} {
					if !told[what] {
						t.Errorf("%s counts as audited", what)
					}
				}
			})
		})
	}
}

// Whom nobody keeps out is told nothing of lists when something else is denied.
func TestAnAdminIsNotSentToTheAuditors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := watched(t)
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if c.Name() == "KMS.GetKeyPolicy" {
				return sandbox.Fault{Before: refusal("AccessDeniedException")}
			}
			return sandbox.Fault{}
		})
		a := r.examine(t, acme(t))
		if len(a.NotAudited) != 1 || a.NotAudited[0].Fix != "" {
			t.Errorf("not audited: %+v", a.NotAudited)
		}
	})
}

// Auditors come and go by the two policies and the tag, and by nothing else.
func TestAuditorsAreThePoliciesAndATag(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		before := textsOf(r.tree())
		if slices.ContainsFunc(before, func(text string) bool { return strings.Contains(strings.ToLower(text), "auditor") }) {
			t.Error("without auditors something speaks of them")
		}
		step := func(name string, cfg cloud.Config, want ...string) {
			t.Helper()
			o := operator(t, r.account, cfg)
			if got := fieldsOf(plan(ctx, t, o, acme(t))); !slices.Equal(got, want) {
				t.Errorf("%s: a plan shows %v, want %v", name, got, want)
			}
			if err := create(ctx, o, acme(t)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			r.wantNoChange(ctx, acme(t)) // by the next operator, who has no list
		}
		const key, policy, tag = "kms/key policy", "s3/bucket policy", "s3/bucket tag " + provision.TagAuditors
		step("nothing was ever said", cloud.Config{})
		step("the first auditor", cloud.Config{Auditors: []string{auditor}}, key, policy, tag)
		step("only admins are configured", cloud.Config{Admins: rules.Principals("arn:aws:sts::123456789012:assumed-role/operator/sandbox")})
		step("another auditor", cloud.Config{Auditors: []string{"arn:aws:iam::123456789012:user/eve"}}, key, policy, tag)
		step("no auditor any more", cloud.Config{Auditors: []string{}}, key, policy, tag)
		for _, text := range textsOf(r.tree()) {
			if strings.HasPrefix(text, "{") && !slices.Contains(before, text) {
				t.Errorf("the policies are not what they were: %s", text)
			}
		}
	})
}

// textsOf are all of an account.
func textsOf(node any) []string {
	var out []string
	switch v := node.(type) {
	case map[string]any:
		for _, item := range v {
			out = append(out, textsOf(item)...)
		}
	case []any:
		for _, item := range v {
			out = append(out, textsOf(item)...)
		}
	case string:
		out = append(out, v)
	}
	return out
}
