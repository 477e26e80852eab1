package awsapi_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// limited are clients as they talk to AWS, with the rate limits.
func limited(t *testing.T, fault func(sandbox.Call) sandbox.Fault) (*sandbox.Account, *awsapi.Set) {
	t.Helper()
	account, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	account.OnCall(fault)
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install})
	if err != nil {
		t.Fatal(err)
	}
	return account, factory.Set("eu-west-3")
}

// The SDK has 500 tokens for the repeated attempts of a client; thirty calls at once in
// a throttled minute need 1350.
func TestUnderThrottlingAllTenAttemptsAreMade(t *testing.T) {
	for why, code := range map[string]error{
		"EC2's code":                sandbox.Throttled("EC2"),
		"a code that the SDK knows": sandbox.Throttled("KMS"),
		"a code that it does not":   refused("Throttled"),
	} {
		synctest.Test(t, func(t *testing.T) {
			account, api := limited(t, func(sandbox.Call) sandbox.Fault { return sandbox.Fault{Before: code} })
			var calls sync.WaitGroup
			for range 30 {
				calls.Go(func() {
					if _, err := api.EC2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}); !awsapi.Is(err, awsapi.Throttled) {
						t.Errorf("%s: %v", why, err)
					}
				})
			}
			calls.Wait()
			if got := len(account.Calls()); got != 300 {
				t.Errorf("%s: %d attempts of 30 calls, want 300", why, got)
			}
		})
	}
}

func TestAQuotaIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account, api := limited(t, func(sandbox.Call) sandbox.Fault { return sandbox.Fault{Before: refused("LimitExceededException")} })
		if _, err := api.KMS.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/a"), TargetKeyId: aws.String("a")}); !awsapi.Is(err, awsapi.Quota) {
			t.Errorf("%v is no quota", err)
		}
		if got := len(account.Calls()); got != 1 {
			t.Errorf("%d attempts, want one", got)
		}
	})
}

// A call that would not get its turn before the context ends was not made, and says that
// it is the context that ended.
func TestNoTurnBeforeTheDeadlineIsTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account, api := limited(t, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		for range 4 { // as many as AWS takes at once
			if _, err := api.EC2.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"vpce-0"}}); errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
		}
		_, err := api.EC2.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"vpce-0"}})
		if !errors.Is(err, context.DeadlineExceeded) || awsapi.Code(err) != "" {
			t.Errorf("%v is not the end of the context", err)
		}
		if got := len(account.Calls()); got != 4 {
			t.Errorf("%d calls were made, want 4", got)
		}
		if took := time.Since(start); took > 100*time.Millisecond {
			t.Errorf("it took %s to say so", took)
		}
	})
}

// refused is an answer of AWS with a code.
func refused(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "as the test wants it"}
}
