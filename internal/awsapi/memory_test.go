package awsapi_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// A look asks the same once, also when several parts of it ask at the same time. What is not
// the same, or may have changed, is asked anew.
func TestALookRemembers(t *testing.T) {
	vpcs := func(ctx context.Context, api awsapi.EC2, more ...string) error {
		_, err := api.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: more})
		return err
	}
	for what, c := range map[string]struct {
		do   func(context.Context, *testing.T, *awsapi.Factory)
		want int // calls
	}{
		"the same twice": {func(ctx context.Context, t *testing.T, f *awsapi.Factory) {
			wantNone(t, vpcs(ctx, f.Set("eu-west-3").EC2), vpcs(ctx, f.Set("eu-west-3").EC2))
		}, 1},
		"the same at the same time": {func(ctx context.Context, t *testing.T, f *awsapi.Factory) {
			var all sync.WaitGroup
			for range 9 {
				all.Go(func() { wantNone(t, vpcs(ctx, f.Set("eu-west-3").EC2)) })
			}
			all.Wait()
		}, 1},
		"other regions": {func(ctx context.Context, t *testing.T, f *awsapi.Factory) {
			wantNone(t, vpcs(ctx, f.Set("eu-west-3").EC2), vpcs(ctx, f.Set("eu-west-1").EC2))
		}, 2},
		"other looks": {func(ctx context.Context, t *testing.T, f *awsapi.Factory) {
			wantNone(t, vpcs(ctx, f.Set("eu-west-3").EC2), vpcs(awsapi.Remembering(ctx, &awsapi.Memory{}), f.Set("eu-west-3").EC2))
		}, 2},
		"parts of a look that shares its memory": {func(_ context.Context, t *testing.T, f *awsapi.Factory) {
			ctx := awsapi.Remembering(t.Context(), &awsapi.Memory{Shared: true})
			wantNone(t, vpcs(ctx, f.Set("eu-west-3").EC2), vpcs(awsapi.Remembering(ctx, &awsapi.Memory{}), f.Set("eu-west-3").EC2))
		}, 1},
		"no look at all": {func(_ context.Context, t *testing.T, f *awsapi.Factory) {
			wantNone(t, vpcs(t.Context(), f.Set("eu-west-3").EC2), vpcs(t.Context(), f.Set("eu-west-3").EC2))
		}, 2},
		"more than a minute later": {func(ctx context.Context, t *testing.T, f *awsapi.Factory) {
			err := vpcs(ctx, f.Set("eu-west-3").EC2)
			time.Sleep(time.Minute + time.Second)
			wantNone(t, err, vpcs(ctx, f.Set("eu-west-3").EC2))
		}, 2},
		"what failed": {func(ctx context.Context, t *testing.T, f *awsapi.Factory) {
			for range 2 {
				if vpcs(ctx, f.Set("eu-west-3").EC2, "vpc-00000000000000fff") == nil {
					t.Error("there is no such VPC")
				}
			}
		}, 2},
		"what is not remembered": {func(ctx context.Context, t *testing.T, f *awsapi.Factory) {
			for range 2 {
				_, err := f.Set("eu-west-3").S3.ListBuckets(ctx, &s3.ListBucketsInput{})
				wantNone(t, err)
			}
		}, 2},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				account, err := sandbox.New(sandbox.Options{})
				if err != nil {
					t.Fatal(err)
				}
				f, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.Identity(t.Context(), "eu-west-3"); err != nil {
					t.Fatal(err)
				}
				account.Forget()
				c.do(awsapi.Remembering(t.Context(), &awsapi.Memory{}), t, f)
				if got := len(account.Calls()); got != c.want {
					t.Errorf("%d calls, want %d", got, c.want)
				}
			})
		})
	}
}

func wantNone(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}

// The SDK writes to the answer of a call when all middleware is done: whoever is told the same
// is told it in an answer of its own.
func TestNobodySharesAnAnswer(t *testing.T) {
	account, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, answers := awsapi.Remembering(t.Context(), &awsapi.Memory{}), map[*ec2.DescribeVpcsOutput]bool{}
	for range 3 {
		out, err := f.Set("eu-west-3").EC2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		if err != nil {
			t.Fatal(err)
		}
		answers[out] = true
	}
	if calls := len(account.Calls()); calls != 1 || len(answers) != 3 {
		t.Errorf("%d answers to three who asked, of %d calls", len(answers), calls)
	}
}
