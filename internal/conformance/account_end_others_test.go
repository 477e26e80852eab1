package conformance

import (
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// What is in the way of the end of an account, and who is at work at the same time.

// Others' things stay: a provider that was there before, or that others have come to use.
func TestAProviderOfOthersOutlivesTheAccount(t *testing.T) {
	t.Parallel()
	for name, ours := range map[string]bool{"made by others": false, "trusted by a role": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				api := r.Factory.Set(region).IAM
				if !ours {
					if _, err := api.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String(rules.DefaultGitLab), ClientIDList: []string{rules.DefaultGitLab}}); err != nil {
						t.Fatal(err)
					}
				}
				if err := initAccount(ctx, r.Operator); err != nil {
					t.Fatal(err)
				}
				list, err := api.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
				if err != nil || len(list.OpenIDConnectProviderList) != 1 {
					t.Fatalf("%v, %v", list, err)
				}
				arn := *list.OpenIDConnectProviderList[0].Arn
				if ours {
					trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"` + arn + `"},"Condition":{"StringEquals":{"gitlab.com:aud":"https://gitlab.com","gitlab.com:sub":"project_path:other/app:ref_type:branch:ref:main"}}}]}`
					if _, err := api.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("others"), AssumeRolePolicyDocument: &trust}); err != nil {
						t.Fatal(err)
					}
				}
				if err := endAccount(ctx, r.Operator, true); err != nil {
					t.Fatal(err)
				}
				if list, err = api.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{}); err != nil || len(list.OpenIDConnectProviderList) != 1 {
					t.Errorf("%d providers are left, %v", len(list.OpenIDConnectProviderList), err)
				}
			})
		})
	}
}

// What S3 retains stops the run before anything is removed.
func TestLockedObjectsKeepTheAccount(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]time.Duration{"retained": 48 * time.Hour, "held": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				r := ended(ctx, t)
				var at time.Time
				if until > 0 {
					at = time.Now().Add(until)
				}
				if err := r.account.LockObjects(region, rules.AdminBucketName("123456789012", region), at); err != nil {
					t.Fatal(err)
				}
				r.account.Forget()
				err := endAccount(ctx, r.Operator, true)
				if !cloud.Refused(err) || !strings.Contains(err.Error(), "Object Lock") || r.changes() != 0 {
					t.Errorf("%v, %d changes", err, r.changes())
				}
				if until == 0 {
					return
				}
				time.Sleep(until + time.Minute)
				if err := endAccount(ctx, operator(t, r.account, cloud.Config{}), true); err != nil {
					t.Fatal(err)
				}
				r.wantEnd(ctx)
			})
		})
	}
}

// A private key that another run puts there meanwhile is in no other place: it stays.
func TestTheEndOfAnAccountTakesNoNewKey(t *testing.T) {
	t.Parallel()
	calls, looked := 0, 0 // all, and until the keys that are there were listed
	var snapshot any
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		r := ended(ctx, t)
		snapshot = r.tree()
		r.account.Forget()
		run, err := r.RemoveAccount(ctx, true)
		if err != nil {
			t.Fatal(err)
		}
		looked = len(r.account.Calls())
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Apply(ctx, p, nil, nil); err != nil {
			t.Fatal(err)
		}
		calls = len(r.account.Calls())
	})
	saved := 0
	const fresh = "keys/" + region + "/FRESH.pem"
	for n := looked + 1; n <= calls; n += max(1, (calls-looked)/60) {
		synctest.Test(t, func(t *testing.T) {
			ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
			r.restore(snapshot)
			bucket, key := aws.String(rules.AdminBucketName("123456789012", region)), r.accountKeys(ctx)["admin"].Arn
			api := operator(t, r.account, cloud.Config{}).Factory.Set(region).S3
			var made atomic.Int64
			due, over := make(chan struct{}), make(chan struct{})
			put := false
			go func() {
				defer close(over)
				<-due
				_, err := api.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(fresh), Body: strings.NewReader("a key"), ServerSideEncryption: "aws:kms", SSEKMSKeyId: key})
				put = err == nil
			}()
			r.account.OnCall(func(sandbox.Call) sandbox.Fault {
				if made.Add(1) != int64(n) {
					return sandbox.Fault{}
				}
				close(due) // it comes while this call is repeated
				return sandbox.Fault{Before: sandbox.Throttled("S3")}
			})
			var agreed []provision.Removed // what the plan said that is lost
			err := func() error {
				run, err := r.RemoveAccount(ctx, true)
				if err != nil {
					return err
				}
				p, err := run.Plan(ctx)
				if err != nil {
					return err
				}
				if agreed, err = p.Removals(ctx); err != nil {
					return err
				}
				_, err = run.Apply(ctx, p, nil, nil)
				return err
			}()
			r.revive()
			if made.Load() < int64(n) {
				close(due)
			}
			<-over
			_, gone := api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String(fresh)})
			told := slices.ContainsFunc(agreed, func(lost provision.Removed) bool {
				return slices.ContainsFunc(lost.Losses, func(l provision.Loss) bool { return strings.Contains(l.String(), "FRESH") })
			})
			switch {
			case put && gone != nil && !told:
				t.Errorf("call %d: the key that came meanwhile is gone (%v)", n, err)
			case put && gone == nil && err == nil:
				t.Errorf("call %d: a bucket with a new key stays, and nothing is said", n)
			case put && gone == nil:
				saved++
			}
		})
	}
	if saved < 5 {
		t.Errorf("a key came in time %d times only", saved)
	}
}

// Answers that are lost, and two operators at once, end the account all the same.
func TestAnAccountEndsOnce(t *testing.T) {
	t.Parallel()
	t.Run("answers lost", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			r := ended(ctx, t)
			seen := map[string]bool{}
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Mutating && !seen[c.Name()] {
					seen[c.Name()] = true
					return sandbox.Fault{After: &smithyhttp.RequestSendError{Err: io.ErrUnexpectedEOF}}
				}
				return sandbox.Fault{}
			})
			if err := endAccount(ctx, r.Operator, true); err != nil {
				t.Fatal(err)
			}
			r.revive()
			r.wantEnd(ctx)
		})
	})
	t.Run("two operators", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			r := ended(ctx, t)
			done := make(chan error, 2)
			for range 2 {
				go func() { done <- endAccount(ctx, operator(t, r.account, cloud.Config{}), true) }()
			}
			if err := errors.Join(<-done, <-done); err != nil {
				t.Fatal(err)
			}
			r.wantEnd(ctx)
		})
	})
	t.Run("a run died with a lease", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			r := ended(ctx, t)
			if _, err := r.Factory.Set(region).S3.PutObject(ctx, &s3.PutObjectInput{
				Bucket: aws.String(rules.AdminBucketName("123456789012", region)), Key: aws.String("leases/account/" + region + ".json"), ServerSideEncryption: "AES256",
				Body: strings.NewReader(`{"run":"dead","host":"elsewhere","pid":7,"expires":"` + time.Now().Add(20*time.Second).Format(time.RFC3339) + `"}`),
			}); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			if err := endAccount(ctx, r.Operator, true); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(begun); waited < 20*time.Second {
				t.Errorf("the lease was taken after %s", waited)
			}
			r.wantEnd(ctx)
		})
	})
}
