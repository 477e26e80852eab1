package awsapi

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// attempts is how often one call is tried: enough to sit out a throttled minute.
const attempts = 10

// shortcutAttempts is how often a call is tried that others can stand in for.
const shortcutAttempts = 2

// onceOnly are the operations that AWS carries out a second time when asked
// twice: no name, CIDR or client token stands in the way. After an answer that
// was lost they are not repeated blindly; the engine looks what is there first.
var onceOnly = []string{
	"CreateVpc", "CreateInternetGateway", "AllocateAddress", "CreateKey", "CreateNatGateway", "CreateNetworkAcl",
	"CreateRouteTable", "CreateVpcEndpoint", "CreateLaunchTemplateVersion", "RegisterTaskDefinition",
}

// newRetryer makes the retryer of one client: throttling and passing failures, backing off up to 20 s.
func newRetryer(patient bool) func() aws.Retryer {
	return func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = attempts
			o.MaxBackoff = 20 * time.Second
			if patient {
				o.RateLimiter = ratelimit.None
			}
		})
	}
}

// guardOnceOnly swaps the retry step of the operations named in onceOnly.
func guardOnceOnly(newRetryer func() aws.Retryer) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		if !slices.Contains(onceOnly, stack.ID()) {
			return nil
		}
		_, err := stack.Finalize.Swap("Retry", retry.NewAttemptMiddleware(refusedOnly{newRetryer()}, smithyhttp.RequestCloner))
		return err
	}
}

// refusedOnly retries what AWS has certainly not carried out.
type refusedOnly struct{ aws.Retryer }

func (r refusedOnly) IsErrorRetryable(err error) bool {
	return Is(err, Throttled) && r.Retryer.IsErrorRetryable(err)
}
