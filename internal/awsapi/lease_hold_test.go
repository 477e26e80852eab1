package awsapi_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func unheard(string) {}

// What is held is kept for as long as it is needed, and free right afterwards.
func TestHeldLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeaseWorld(t)
		w.mustFind(t)
		const long = 40 * time.Minute
		begun := time.Now()
		held, done := make(chan struct{}), make(chan error, 1)
		go func() {
			done <- w.holder("one").Hold(t.Context(), leaseKey, unheard, func(ctx context.Context) error {
				close(held)
				time.Sleep(long)
				return ctx.Err()
			})
		}()
		<-held
		told := ""
		err := w.holder("two").Hold(t.Context(), leaseKey, func(who string) { told = who }, func(context.Context) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begun); waited < long || waited > long+time.Second {
			t.Errorf("the other waited %s, want %s", waited, long)
		}
		if told != "process 7 on host of one" {
			t.Errorf("it waited for %q", told)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// Whoever cannot renew a lease is told that it is lost, and does not give it back.
func TestHeldLeaseIsLost(t *testing.T) {
	for name, lose := range map[string]func(*testing.T, *leaseWorld){
		"taken by another": func(t *testing.T, w *leaseWorld) {
			t.Helper()
			w.leave(t, awsapi.Holder{Run: "other", Host: "elsewhere", PID: 1, Expires: time.Now().Add(time.Hour)})
		},
		"removed by hand": func(t *testing.T, w *leaseWorld) {
			t.Helper()
			if _, err := w.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(leaseBucket), Key: aws.String(leaseObject)}); err != nil {
				t.Fatal(err)
			}
		},
		"S3 out of reach": func(_ *testing.T, w *leaseWorld) {
			w.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Operation == "PutObject" {
					return sandbox.Fault{Before: errors.New("no route")}
				}
				return sandbox.Fault{}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newLeaseWorld(t)
				w.mustFind(t)
				var cause error
				err := w.holder("one").Hold(t.Context(), leaseKey, unheard, func(ctx context.Context) error {
					lose(t, w)
					select {
					case <-ctx.Done():
						cause = context.Cause(ctx)
					case <-time.After(time.Hour):
					}
					return nil
				})
				if err != nil || !errors.Is(cause, awsapi.ErrLeaseLost) {
					t.Errorf("%v, and the work ended with %v", err, cause)
				}
			})
		})
	}
}
