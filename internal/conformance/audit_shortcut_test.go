package conformance

import (
	"context"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// shortened are the kinds that audits may read through Cloud Control.
var shortened = []string{"kms/key", "s3/bucket"}

// looksAt is what an audit reads of the shortened kinds, by ID, when Cloud Control
// answers with an error, or as it is when the code is empty.
func (r *rig) looksAt(ctx context.Context, request provision.Request, code string) map[string]any {
	r.tb.Helper()
	r.account.Forget()
	r.account.OnCall(nil)
	if code != "" {
		r.refuse(shortcut, code)
	}
	defer r.account.OnCall(nil)
	types := slices.DeleteFunc(slices.Clone(r.Types), func(t *provision.Type) bool { return !slices.Contains(shortened, t.Name) })
	inv := provision.Observe(ctx, types, request)
	if err := inv.Err(); err != nil {
		return map[string]any{"": err.Error()}
	}
	out := map[string]any{}
	for _, name := range shortened {
		for _, held := range inv.All(name, region) {
			out[held.ID] = held.Object
		}
	}
	return out
}

func (r *rig) wantSame(ctx context.Context, what string, request provision.Request) {
	r.tb.Helper()
	short, long := r.looksAt(ctx, request, ""), r.looksAt(ctx, request, "UnsupportedActionException")
	for id := range maps.Keys(long) {
		if !reflect.DeepEqual(short[id], long[id]) {
			r.tb.Errorf("with %s, Cloud Control tells of %s\n%+v\nand its service\n%+v", what, id, short[id], long[id])
		}
	}
	if len(short) != len(long) {
		r.tb.Errorf("with %s, Cloud Control tells of %d and the services of %d", what, len(short), len(long))
	}
}

// beside is what is told by neither: objects, aliases and tags.
var beside = regexp.MustCompile(`/(Objects|Aliases|Tags)/`)

var digits = regexp.MustCompile(`[0-9]+`)

// missings lists the removal of every member of a snapshot.
func missings(node any, path string) []edit {
	var out []edit
	switch v := node.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			member := v[key]
			out = append(out, edit{path: path + "/" + key + " gone", apply: func() { delete(v, key) }, undo: func() { v[key] = member }})
			out = append(out, missings(member, path+"/"+key)...)
		}
	case []any:
		for i := range v {
			out = append(out, missings(v[i], path+"/"+string(rune('0'+i)))...)
		}
	}
	return out
}

// Whatever is wrong with a bucket or a key, Cloud Control and the service itself make
// the same of it.
func TestCloudControlIsNoSecondOpinion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		seen, err := audit.Look(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{acme(t)}, Regions: []string{region}})
		if err != nil {
			t.Fatal(err)
		}
		r.looksAt(ctx, seen.Request, "")
		for _, c := range r.account.Calls() {
			if slices.Contains([]string{"DescribeKey", "GetKeyPolicy", "GetBucketEncryption", "GetBucketVersioning", "GetBucketLifecycleConfiguration", "GetBucketOwnershipControls", "GetPublicAccessBlock"}, c.Operation) {
				t.Errorf("of an account in order, %s was asked", c.Name())
			}
		}
		whole, tried, alike := r.tree(), 0, map[string]int{}
		every := func(tree map[string]any) []edit {
			about := map[string]any{"S3": tree["S3"], "KMS": tree["KMS"]}
			return append(edits(about, "", "", func(any) {}), missings(about, "")...)
		}
		for _, e := range every(whole) {
			// An expiration without its days AWS would not take.
			if beside.MatchString(e.path) || strings.HasSuffix(e.path, "/Expiration/Days gone") {
				continue
			}
			shape := digits.ReplaceAllString(e.path, "#")
			if alike[shape]++; alike[shape] > most {
				continue
			}
			e.apply()
			err := r.load(whole)
			e.undo()
			if err != nil {
				continue
			}
			tried++
			r.wantSame(ctx, e.path, seen.Request)
		}
		if tried < 100 {
			t.Errorf("only %d changes were tried", tried)
		}
		for what, change := range handsOnSettings() {
			r.restore(whole)
			if err := change(ctx, r.Factory.Set(region)); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			r.wantSame(ctx, what, seen.Request)
		}
	})
}

// handsOnSettings are changes by hand that values alone do not make.
func handsOnSettings() map[string]func(context.Context, *awsapi.Set) error {
	bucket := aws.String(rules.BucketName("ACME", "shop", region, "123456789012"))
	lifecycle := func(change func(*s3types.LifecycleRule)) func(context.Context, *awsapi.Set) error {
		return func(ctx context.Context, api *awsapi.Set) error {
			out, err := api.S3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
			if err != nil {
				return err
			}
			change(&out.Rules[0])
			_, err = api.S3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
				Bucket: bucket, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: out.Rules},
				TransitionDefaultMinimumObjectSize: out.TransitionDefaultMinimumObjectSize,
			})
			return err
		}
	}
	tag := s3types.Tag{Key: aws.String("k"), Value: aws.String("v")}
	key := aws.String(rules.KeyAlias("ACME"))
	return map[string]func(context.Context, *awsapi.Set) error{
		"a rule for objects with a tag": lifecycle(func(r *s3types.LifecycleRule) { r.Filter = &s3types.LifecycleRuleFilter{Tag: &tag} }),
		"a rule for large objects": lifecycle(func(r *s3types.LifecycleRule) {
			r.Filter = &s3types.LifecycleRuleFilter{ObjectSizeGreaterThan: aws.Int64(9)}
		}),
		"a rule with two conditions": lifecycle(func(r *s3types.LifecycleRule) {
			r.Filter = &s3types.LifecycleRuleFilter{And: &s3types.LifecycleRuleAndOperator{Prefix: aws.String("p/"), Tags: []s3types.Tag{tag}, ObjectSizeLessThan: aws.Int64(9)}}
		}),
		"a rule that moves earlier versions": lifecycle(func(r *s3types.LifecycleRule) {
			r.NoncurrentVersionTransitions = []s3types.NoncurrentVersionTransition{{NoncurrentDays: aws.Int32(30), StorageClass: s3types.TransitionStorageClassGlacier}}
		}),
		"a rule that keeps some versions": lifecycle(func(r *s3types.LifecycleRule) {
			r.NoncurrentVersionExpiration = &s3types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(9), NewerNoncurrentVersions: aws.Int32(3)}
		}),
		"a rule that moves": lifecycle(func(r *s3types.LifecycleRule) {
			r.Transitions = []s3types.Transition{{Days: aws.Int32(30), StorageClass: s3types.TransitionStorageClassDeepArchive}}
		}),
		"a rule that expires": lifecycle(func(r *s3types.LifecycleRule) { r.Expiration = &s3types.LifecycleExpiration{Days: aws.Int32(3)} }),
		"another renewal": func(ctx context.Context, api *awsapi.Set) error {
			out, err := api.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: key})
			if err == nil {
				_, err = api.KMS.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: out.KeyMetadata.KeyId, RotationPeriodInDays: aws.Int32(90)})
			}
			return err
		},
		"a key that waits for its deletion": func(ctx context.Context, api *awsapi.Set) error {
			out, err := api.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: key})
			if err == nil {
				_, err = api.KMS.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: out.KeyMetadata.KeyId, PendingWindowInDays: aws.Int32(7)})
			}
			return err
		},
	}
}

// Whatever Cloud Control answers, or leaves out, an audit finds the same.
func TestAuditsDoWithoutCloudControl(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		bucket := aws.String(rules.BucketName("ACME", "shop", region, "123456789012"))
		api := r.Factory.Set(region)
		if _, err := api.S3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusSuspended}}); err != nil {
			t.Fatal(err)
		}
		want := r.examine(t, acme(t))
		if len(want.Findings) == 0 {
			t.Fatal("a bucket without versions is no finding")
		}
		behind := func(c sandbox.Call) bool { return c.N == 0 } // asked by Cloud Control in the caller's name
		for what, fails := range map[string]func(sandbox.Call) string{
			"denied":          func(c sandbox.Call) string { return when(c.Name() == shortcut, "AccessDeniedException") },
			"throttled":       func(c sandbox.Call) string { return when(c.Name() == shortcut, "ThrottlingException") },
			"not there":       func(c sandbox.Call) string { return when(c.Name() == shortcut, "UnknownOperationException") },
			"finding nothing": func(c sandbox.Call) string { return when(c.Name() == shortcut, "ResourceNotFoundException") },
			"leaving all out": func(c sandbox.Call) string { return when(behind(c), "AccessDenied") },
			"leaving some out": func(c sandbox.Call) string {
				return when(behind(c) && c.Operation == "GetBucketVersioning", "AccessDenied")
			},
			"without lifecycle": func(c sandbox.Call) string {
				return when(behind(c) && strings.Contains(c.Operation, "Lifecycle"), "AccessDenied")
			},
		} {
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				if code := fails(c); code != "" {
					return sandbox.Fault{Before: refusal(code)}
				}
				return sandbox.Fault{}
			})
			got := r.examine(t, acme(t))
			r.account.OnCall(nil)
			if !reflect.DeepEqual(got.Findings, want.Findings) || len(got.NotAudited) > 0 {
				t.Errorf("with Cloud Control %s: findings %+v, not audited %v; want %+v", what, got.Findings, got.NotAudited, want.Findings)
			}
		}
	})
}

func when(met bool, code string) string {
	if met {
		return code
	}
	return ""
}
