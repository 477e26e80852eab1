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
// was lost they are not repeated blindly; the engine looks what is there first. Their
// kinds say NotIdempotent. A call that overwrites what has its name belongs in neither.
var onceOnly = []string{
	"CreateVpc", "CreateInternetGateway", "AllocateAddress", "CreateKey", "CreateNatGateway", "CreateNetworkAcl",
	"CreateRouteTable", "CreateVpcEndpoint", "CreateLaunchTemplateVersion", "RegisterTaskDefinition", "CreateVpnGateway",
	"CreateVpnConnection", "ImportCertificate",
}

// newRetryer makes the retryer of one client: throttling and passing failures, backing off
// up to 20 s. The SDK's retry quota is left out: 500 tokens for all calls of a client, of
// which a throttled minute of thirty calls at once takes more than there are, so that calls
// end after three attempts whatever MaxAttempts says (aws-sdk-go-v2, issues 1665 and 3413).
// The rate limits here and the backoff keep the calls few.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = 20 * time.Second
		o.RateLimiter = ratelimit.None
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(retryableByClass)}, o.Retryables...)
	})
}

// retryableByClass decides where the SDK's own list of codes is wrong for the services in
// use: it does not know SNS's "Throttled", and takes LimitExceededException, which means a
// quota, for throttling. Ten attempts at a quota take more than a minute.
func retryableByClass(err error) aws.Ternary {
	switch ClassOf(err) {
	case Throttled:
		return aws.TrueTernary
	case Quota:
		return aws.FalseTernary
	default:
		return aws.UnknownTernary
	}
}

// guardOnceOnly swaps the retry step of the operations named in onceOnly.
func guardOnceOnly(stack *middleware.Stack) error {
	if !slices.Contains(onceOnly, stack.ID()) {
		return nil
	}
	_, err := stack.Finalize.Swap("Retry", retry.NewAttemptMiddleware(refusedOnly{newRetryer()}, smithyhttp.RequestCloner))
	return err
}

// refusedOnly retries what AWS has certainly not carried out.
type refusedOnly struct{ aws.Retryer }

func (r refusedOnly) IsErrorRetryable(err error) bool {
	return Is(err, Throttled) && r.Retryer.IsErrorRetryable(err)
}
