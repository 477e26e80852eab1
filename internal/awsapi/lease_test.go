package awsapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

const (
	leaseBucket = "cicdctl-admin-123456789012-eu-west-3-an"
	leaseKey    = "client/eu-west-3/ACME"
	leaseObject = "leases/" + leaseKey + ".json"
)

// noPID is a process that no Linux machine can have.
const noPID = 1 << 30

type leaseWorld struct {
	*sandbox.Account
	s3 awsapi.S3
}

func newLeaseWorld(t *testing.T) *leaseWorld {
	t.Helper()
	account, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	return &leaseWorld{account, factory.Set("eu-west-3").S3}
}

// found makes the bucket, versioned as the real one.
func (w *leaseWorld) found(ctx context.Context) error {
	_, err := w.s3.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: aws.String(leaseBucket), BucketNamespace: types.BucketNamespaceAccountRegional, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-3"},
	})
	if err != nil {
		return err
	}
	_, err = w.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: aws.String(leaseBucket), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	return err
}

func (w *leaseWorld) mustFind(t *testing.T) {
	t.Helper()
	if err := w.found(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// holder makes the leases of one run on a machine of its own.
func (w *leaseWorld) holder(run string) *awsapi.Leases {
	return awsapi.NewLeases(w.s3, leaseBucket, awsapi.Holder{Run: run, Host: "host of " + run, PID: 7}, w.found)
}

// leave puts a lease that somebody else has.
func (w *leaseWorld) leave(t *testing.T, h awsapi.Holder) {
	t.Helper()
	body, err := json.Marshal(h)
	if err == nil {
		_, err = w.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(leaseBucket), Key: aws.String(leaseObject), Body: strings.NewReader(string(body))})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func silent(string) {}

func TestLeaseExcludesOtherRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeaseWorld(t)
		w.mustFind(t)
		var inside, worked atomic.Int32
		var told sync.Map
		var wg sync.WaitGroup
		for _, run := range []string{"one", "two", "three"} {
			wg.Go(func() {
				err := w.holder(run).Do(t.Context(), leaseKey, func(who string) { told.Store(who, true) }, func(ctx context.Context) error {
					if inside.Add(1) != 1 {
						t.Error("two runs hold the lease")
					}
					time.Sleep(2 * time.Second)
					worked.Add(1)
					inside.Add(-1)
					return ctx.Err()
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if worked.Load() != 3 {
			t.Errorf("%d of 3 runs have worked", worked.Load())
		}
		told.Range(func(who, _ any) bool {
			if !strings.HasPrefix(who.(string), "process 7 on host of ") {
				t.Errorf("told to wait for %q", who)
			}
			return true
		})
	})
}

func TestLeaseIsSharedWithinARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeaseWorld(t)
		w.mustFind(t)
		leases := w.holder("one")
		var inside, most atomic.Int32
		w.Forget()
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if err := leases.Do(t.Context(), leaseKey, silent, func(context.Context) error {
					if n := inside.Add(1); n > most.Load() {
						most.Store(n)
					}
					time.Sleep(time.Second)
					inside.Add(-1)
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if most.Load() != 5 {
			t.Errorf("%d worked at the same time, want 5", most.Load())
		}
		if calls := w.Calls(); len(calls) != 2 {
			t.Errorf("%d calls, want one put and one delete", len(calls))
		}
	})
}

func TestLeaseIsTakenOver(t *testing.T) {
	tests := map[string]struct {
		holder awsapi.Holder // Expires is added
		left   time.Duration // of the lease
		atOnce bool
	}{
		"one that has run out long ago":                      {awsapi.Holder{Run: "old", Host: "elsewhere", PID: 1}, -time.Hour, true},
		"one that has run out by this machine's clock":       {awsapi.Holder{Run: "old", Host: "elsewhere", PID: 1}, -time.Second, false},
		"one of a machine whose clock is a day ahead":        {awsapi.Holder{Run: "old", Host: "elsewhere", PID: 1}, 24 * time.Hour, false},
		"one of another container with the host's name":      {awsapi.Holder{Run: "old", Host: "host of new", Space: "pid:[2]", PID: noPID}, 25 * time.Second, false},
		"one that this run let run out, being suspended":     {awsapi.Holder{Run: "new", Host: "host of new", PID: 7}, -time.Second, true},
		"one whose process has died on this machine":         {awsapi.Holder{Run: "old", Host: "host of new", PID: noPID}, 25 * time.Second, true},
		"one of another machine, once it has run out":        {awsapi.Holder{Run: "old", Host: "elsewhere", PID: noPID}, 25 * time.Second, false},
		"one of a living process, once it has run out":       {awsapi.Holder{Run: "old", Host: "host of new", PID: 1}, 25 * time.Second, false},
		"one that this run put before its answer was lost":   {awsapi.Holder{Run: "new", Host: "host of new", PID: 7}, 25 * time.Second, true},
		"one whose process was another with the same number": {awsapi.Holder{Run: "old", Host: "host of new", PID: 7}, 25 * time.Second, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newLeaseWorld(t)
				w.mustFind(t)
				test.holder.Expires = time.Now().Add(test.left)
				w.leave(t, test.holder)
				start, worked := time.Now(), false
				if err := w.holder("new").Do(t.Context(), leaseKey, silent, func(context.Context) error { worked = true; return nil }); err != nil {
					t.Fatal(err)
				}
				took := time.Since(start)
				if !worked || test.atOnce != (took < time.Second) || took > 31*time.Second || took < 30*time.Second && !test.atOnce {
					t.Errorf("worked: %v, after %v", worked, took)
				}
				_, err := w.s3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(leaseBucket), Key: aws.String(leaseObject)})
				if !awsapi.Is(err, awsapi.NotFound) {
					t.Errorf("the lease was not given back: %v", err)
				}
			})
		})
	}
}

func TestLeaseIsTakenOverByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeaseWorld(t)
		w.mustFind(t)
		w.leave(t, awsapi.Holder{Run: "old", Host: "elsewhere", PID: 1, Expires: time.Now().Add(-time.Hour)})
		var inside atomic.Int32
		var wg sync.WaitGroup
		for _, run := range []string{"one", "two", "three"} {
			wg.Go(func() {
				if err := w.holder(run).Do(t.Context(), leaseKey, silent, func(context.Context) error {
					if inside.Add(1) != 1 {
						t.Error("two runs have taken the lease over")
					}
					time.Sleep(time.Second)
					inside.Add(-1)
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

// A run whose machine slept under the lease finds it another's, and leaves it alone.
func TestLeaseOfAnotherIsNotGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeaseWorld(t)
		w.mustFind(t)
		err := w.holder("slow").Do(t.Context(), leaseKey, silent, func(context.Context) error {
			w.leave(t, awsapi.Holder{Run: "other", Host: "elsewhere", PID: 1, Expires: time.Now().Add(30 * time.Second)})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if _, err := w.s3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(leaseBucket), Key: aws.String(leaseObject)}); err != nil {
			t.Errorf("the other run's lease: %v", err)
		}
	})
}

// After its lease ran out under a call that did not come back, a run gets a fresh one.
func TestLeaseIsFreshAfterOneRanOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeaseWorld(t)
		w.mustFind(t)
		leases := w.holder("slow")
		for _, sleep := range []time.Duration{40 * time.Second, 0} {
			err := leases.Do(t.Context(), leaseKey, silent, func(ctx context.Context) error {
				time.Sleep(sleep)
				if sleep == 0 {
					return ctx.Err()
				}
				return nil
			})
			if err != nil {
				t.Errorf("after a sleep of %s: %v", sleep, err)
			}
		}
	})
}

func TestLeaseEndsBeforeItRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeaseWorld(t)
		w.mustFind(t)
		start := time.Now()
		err := w.holder("slow").Do(t.Context(), leaseKey, silent, func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) >= 30*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// lost is what the SDK sees of an answer that never came.
type lostAnswer struct{}

func (lostAnswer) Error() string   { return "connection reset by peer" }
func (lostAnswer) Timeout() bool   { return true }
func (lostAnswer) Temporary() bool { return true }

func TestLeaseSurvivesLostAnswers(t *testing.T) {
	for n := 1; n <= 6; n++ {
		synctest.Test(t, func(t *testing.T) {
			w := newLeaseWorld(t)
			w.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.N == n {
					return sandbox.Fault{After: lostAnswer{}}
				}
				return sandbox.Fault{}
			})
			worked := 0
			if err := w.holder("one").Do(t.Context(), leaseKey, silent, func(context.Context) error { worked++; return nil }); err != nil || worked != 1 {
				t.Errorf("answer %d lost: %v, worked %d times", n, err, worked)
			}
			// Whoever comes next is not kept waiting.
			start := time.Now()
			if err := w.holder("two").Do(t.Context(), leaseKey, silent, func(context.Context) error { return nil }); err != nil || time.Since(start) > 5*time.Second {
				t.Errorf("answer %d lost: the next run: %v after %v", n, err, time.Since(start))
			}
		})
	}
}

func TestLeaseFoundsTheBucket(t *testing.T) {
	w := newLeaseWorld(t)
	founded := 0
	found := func(ctx context.Context) error { founded++; return w.found(ctx) }
	leases := awsapi.NewLeases(w.s3, leaseBucket, awsapi.Holder{Run: "one"}, found)
	for range 2 {
		if err := leases.Do(t.Context(), leaseKey, silent, func(context.Context) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if founded != 1 {
		t.Errorf("founded %d times", founded)
	}
}

func TestLeaseReportsWhatItCannotDo(t *testing.T) {
	refusal := &smithy.GenericAPIError{Code: "AccessDenied", Message: "not you"}
	tests := map[string]struct {
		found error
		put   error
		want  error
	}{
		"the bucket cannot be made": {found: refusal, want: refusal},
		"the lease cannot be put":   {put: refusal, want: refusal},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newLeaseWorld(t)
			w.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Operation == "PutObject" && test.put != nil {
					return sandbox.Fault{Before: test.put}
				}
				return sandbox.Fault{}
			})
			leases := awsapi.NewLeases(w.s3, leaseBucket, awsapi.Holder{Run: "one"}, func(context.Context) error { return test.found })
			err := leases.Do(t.Context(), leaseKey, silent, func(context.Context) error {
				t.Error("worked without a lease")
				return nil
			})
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}
