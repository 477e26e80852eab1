package conformance

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// The beginning and the end of an account.

// initAccount plans and applies, as account init does.
func initAccount(ctx context.Context, o *cloud.Operator) error {
	return carriedOut(ctx, func() (*cloud.Run, error) { return o.InitAccount(ctx) })
}

// endAccount plans and applies, as account destroy does.
func endAccount(ctx context.Context, o *cloud.Operator, purge bool) error {
	return carriedOut(ctx, func() (*cloud.Run, error) { return o.RemoveAccount(ctx, purge) })
}

func carriedOut(ctx context.Context, prepare func() (*cloud.Run, error)) error {
	run, err := prepare()
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	if err := plan.Stopped(); err != nil {
		return err
	}
	_, err = run.Apply(ctx, plan, nil, nil)
	return err
}

// wantEnd fails unless an account that was destroyed holds nothing but the roles of AWS's services,
// and keys that wait for their deletion.
func (r *rig) wantEnd(ctx context.Context) {
	r.tb.Helper()
	for what, count := range r.inventory(ctx) {
		if fields := strings.Fields(what); count > 0 && fields[1] != "foreign" && fields[0] != "kms/key" {
			r.tb.Errorf("%s is left", what)
		}
	}
	for role, key := range r.accountKeys(ctx) {
		if key.KeyState != kmstypes.KeyStatePendingDeletion {
			r.tb.Errorf("the key %s is %s", role, key.KeyState)
		} else if days := time.Until(*key.DeletionDate).Hours() / 24; days < 29 || days > 30 {
			r.tb.Errorf("the key %s is deleted in %.1f days", role, days)
		}
	}
}

// accountKeys are the account's keys by role.
func (r *rig) accountKeys(ctx context.Context) map[string]kmstypes.KeyMetadata {
	r.tb.Helper()
	api, out := r.Factory.Set(region).KMS, map[string]kmstypes.KeyMetadata{}
	for role, alias := range map[string]string{"admin": rules.AdminAlias, "trail": rules.TrailAlias} {
		about, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
		if err != nil {
			r.tb.Fatalf("the key %s: %v", role, err)
		}
		out[role] = *about.KeyMetadata
	}
	return out
}

// An account is prepared without any client, once, and the first client finds all that it would
// have made there itself.
func TestAnAccountIsPreparedWithoutClients(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := initAccount(ctx, r.Operator); err != nil {
			t.Fatal(err)
		}
		prepared := r.inventory(ctx)
		for what := range prepared {
			if fields := strings.Fields(what); fields[1] != "account" && fields[1] != "foreign" {
				t.Errorf("%s was made, which is no account's", what)
			}
		}
		for _, want := range []string{"kms/key account  admin", "kms/key account  trail", "s3/bucket account  admin", "s3/bucket account  trail", "s3/bucket account  access-logs", "cloudtrail/trail account  trail", "iam/oidc-provider account  gitlab"} {
			if prepared[want] != 1 {
				t.Errorf("%q is there %d times", want, prepared[want])
			}
		}
		if n := r.linked(t); n != len(rules.LinkedRoles()) {
			t.Errorf("%d roles of services, want %d", n, len(rules.LinkedRoles()))
		}
		r.account.Forget()
		if err := initAccount(ctx, operator(t, r.account, cloud.Config{})); err != nil {
			t.Fatal(err)
		}
		if n := r.changes(); n != 0 {
			t.Errorf("a second time changes something %d times", n)
		}
		for _, c := range plan(ctx, t, r.Operator, small(t)).Changes() {
			if c.Scope.Level == provision.AccountLevel {
				t.Errorf("the first client finds %s", line(c))
			}
		}
	})
}

func TestAnAccountIsPreparedWhereverThatIsKilled(t *testing.T) {
	t.Parallel()
	calls := 0
	var want map[string]int
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := initAccount(ctx, r.Operator); err != nil {
			t.Fatal(err)
		}
		calls, want = r.changes(), r.inventory(ctx)
	})
	everyCall(t, calls, func(t *testing.T, n int, after bool) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.killAt(n, after)
		if err := initAccount(ctx, r.Operator); err == nil {
			return
		}
		r.revive()
		if err := initAccount(ctx, operator(t, r.account, cloud.Config{})); err != nil {
			t.Fatal(err)
		}
		compareInventories(t, r.inventory(ctx), want)
	})
}

// ended prepares an account, lets a client come and go, and leaves its private key there.
func ended(ctx context.Context, t *testing.T) (r *rig) {
	t.Helper()
	r = newRig(t, sandbox.Options{PageSize: 50})
	if err := initAccount(ctx, r.Operator); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"keys/" + region + "/GONE.pem", "vpn/" + region + "/GONE.json"} {
		r.putAdmin(ctx, key)
		r.putAdmin(ctx, key) // another version
	}
	return r
}

// putAdmin puts an object into the admin bucket.
func (r *rig) putAdmin(ctx context.Context, key string) {
	r.tb.Helper()
	admin := r.accountKeys(ctx)["admin"].Arn
	if _, err := r.Factory.Set(region).S3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(rules.AdminBucketName("123456789012", region)), Key: &key, Body: strings.NewReader(key), ServerSideEncryption: "aws:kms", SSEKMSKeyId: admin,
	}); err != nil {
		r.tb.Fatal(err)
	}
}

// What region destroy leaves goes, data only when that is asked for; a run after that finds
// nothing, and preparing the account again takes the keys back.
func TestAnAccountEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		r := ended(ctx, t)
		was := r.accountKeys(ctx)
		if err := endAccount(ctx, r.Operator, false); err != nil {
			t.Fatal(err)
		}
		kept := r.inventory(ctx)
		maps.DeleteFunc(kept, func(what string, _ int) bool {
			return strings.HasPrefix(what, "iam/service-linked-role") || strings.Contains(what, "foreign")
		})
		compareInventories(t, kept, map[string]int{
			"kms/key account  admin": 1, "kms/key account  trail": 1, "s3/bucket account  admin": 1, "s3/bucket account  trail": 1, "s3/bucket account  access-logs": 1,
		})
		run, err := r.RemoveAccount(ctx, true)
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		removed, err := p.Removals(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, each := range removed {
			for _, l := range each.Losses {
				said = append(said, l.String())
			}
		}
		for _, want := range []string{"the private keys of GONE, for ever", "the trail of who did what in the account, for ever", "30 days after its removal"} {
			if !strings.Contains(strings.Join(said, "\n"), want) {
				t.Errorf("the plan does not say %q, but %q", want, said)
			}
		}
		r.account.Forget()
		if _, err := run.Apply(ctx, p, nil, nil); err != nil {
			t.Fatal(err)
		}
		if n := r.asked("S3.DeleteBucket"); n != 3+1 {
			t.Errorf("three buckets were deleted with %d calls: CloudTrail's last file did not come in between", n)
		}
		r.wantEnd(ctx)
		r.account.Forget()
		if err := endAccount(ctx, operator(t, r.account, cloud.Config{}), true); err != nil {
			t.Fatal(err)
		}
		if n := r.changes(); n != 0 {
			t.Errorf("the end of an account that is at its end changes something %d times", n)
		}
		if err := initAccount(ctx, r.Operator); err != nil {
			t.Fatal(err)
		}
		for role, key := range r.accountKeys(ctx) {
			if key.KeyState != kmstypes.KeyStateEnabled || *key.KeyId != *was[role].KeyId {
				t.Errorf("the key %s is %s %s, was %s", role, *key.KeyId, key.KeyState, *was[role].KeyId)
			}
		}
		r.account.Forget()
		if err := initAccount(ctx, r.Operator); err != nil || r.changes() != 0 {
			t.Errorf("a second time: %v, %d changes", err, r.changes())
		}
	})
}

func TestAnAccountEndsWhereverThatIsKilled(t *testing.T) {
	t.Parallel()
	calls := 0
	var snapshot any
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		r := ended(ctx, t)
		snapshot = r.tree()
		r.account.Forget()
		if err := endAccount(ctx, r.Operator, true); err != nil {
			t.Fatal(err)
		}
		calls = r.changes()
	})
	everyCall(t, calls, func(t *testing.T, n int, after bool) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		r.killAt(n, after)
		if err := endAccount(ctx, r.Operator, true); err == nil {
			return
		}
		r.revive()
		if err := endAccount(ctx, operator(t, r.account, cloud.Config{}), true); err != nil {
			t.Fatal(err)
		}
		r.wantEnd(ctx)
	})
}

// Whatever cannot be read may hold something: nothing is removed then.
func TestAnAccountThatCannotBeReadStays(t *testing.T) {
	t.Parallel()
	lists := map[string]bool{}
	var snapshot any
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		r := ended(ctx, t)
		snapshot = r.tree()
		r.account.Forget()
		if _, err := r.RemoveAccount(ctx, true); err != nil {
			t.Fatal(err)
		}
		for _, c := range r.account.Calls() {
			if !strings.HasPrefix(c.Operation, "Get") || c.Service == "IAM" { // what is there is described after it was listed
				lists[c.Name()] = true
			}
		}
	})
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		if name == "CloudControl.GetResource" || name == "STS.GetCallerIdentity" {
			continue // has another way; makes any run impossible
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				r.account.Forget()
				r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
					if c.Name() == name {
						return sandbox.Fault{Before: refusal("AccessDeniedException")}
					}
					return sandbox.Fault{}
				})
				if err := endAccount(ctx, r.Operator, true); err == nil {
					t.Error("the account was destroyed")
				}
				if n := r.changes(); n != 0 {
					t.Errorf("%d changes", n)
				}
			})
		})
	}
}

// An account is no more than what its clients and regions leave of it.
func TestAnAccountWithAnythingInItStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		refused := func(want ...string) {
			t.Helper()
			r.account.Forget()
			err := endAccount(ctx, operator(t, r.account, cloud.Config{}), true)
			if !cloud.Refused(err) || r.changes() != 0 {
				t.Fatalf("not refused: %v, %d changes", err, r.changes())
			}
			for _, text := range want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q is not in: %v", text, err)
				}
			}
		}
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		refused("client ACME in eu-west-3, with ", "cicdctl client destroy ACME --region eu-west-3", "that clients share in eu-west-3: cicdctl region destroy eu-west-3")
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		refused("kept of client ACME in eu-west-3: ", "rds/cluster-snapshot", "kms/key", "--purge-data")
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		refused("that clients share in eu-west-3")
		if err := withoutRegion(ctx, r.Operator, nil); err != nil {
			t.Fatal(err)
		}
		if err := endAccount(ctx, r.Operator, true); err != nil {
			t.Fatal(err)
		}
		r.wantEnd(ctx)
	})
}
