package awsapi

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// limit is a token bucket of AWS: burst calls at once, refilled per second.
type limit struct {
	service    string   // the SDK's service id
	operations []string // prefixes; the first family that matches counts
	burst      int
	perSecond  rate.Limit
}

// limits is the one table of AWS's request rates that cicdctl could run into.
// EC2: developer guide, "Request throttling"; the others: the services' quotas
// pages, rounded down. Services that are not named have no limit here.
var limits = []limit{
	{"EC2", []string{"CreateVpcEndpoint", "ModifyVpcEndpoint", "DeleteVpcEndpoints"}, 4, 0.3},
	{"EC2", []string{"CreateNatGateway"}, 10, 1},
	{"EC2", []string{"CreateTags", "DeleteTags"}, 100, 10},
	{"EC2", []string{"DescribeSecurityGroups", "DescribeNetworkInterfaces", "DescribeInstances"}, 50, 10},
	{"EC2", []string{"Describe", "Get"}, 100, 20},
	{"EC2", []string{""}, 50, 5},
	{"RDS", []string{""}, 50, 10},
	{"ECS", []string{"CreateCapacityProvider", "UpdateCapacityProvider", "DeleteCapacityProvider", "PutClusterCapacityProviders", "CreateCluster", "DeleteCluster"}, 10, 1},
	{"ECS", []string{""}, 50, 20},
	{"KMS", []string{"CreateKey", "ScheduleKeyDeletion", "CreateAlias"}, 5, 5},
	{"KMS", []string{""}, 30, 15},
	{"IAM", []string{""}, 50, 15},
	{"Auto Scaling", []string{""}, 50, 10},
	{"Elastic Load Balancing v2", []string{""}, 50, 10},
	{"CloudWatch Logs", []string{""}, 10, 5},
	{"CloudWatch", []string{"PutMetricAlarm", "DeleteAlarms"}, 3, 3},
	{"CloudWatch", []string{""}, 10, 9},
	// Not documented; others were throttled from some 30 a second on.
	{"CloudControl", []string{""}, 20, 15},
	{"CloudTrail", []string{"Describe", "Get", "List"}, 10, 10},
	{"CloudTrail", []string{""}, 1, 1},
	{"SNS", []string{"ListSubscriptions", "ListTopics"}, 30, 30},
	{"ACM", []string{"DescribeCertificate", "ListTagsForCertificate", "DeleteCertificate"}, 10, 10},
	{"ACM", []string{""}, 5, 5},
	{"Route 53", []string{""}, 5, 5}, // of the account, in all regions together
	{"SSM", []string{""}, 40, 10},
	{"Service Quotas", []string{""}, 10, 5},
	{"Backup", []string{""}, 10, 5},
	{"Scheduler", []string{"CreateScheduleGroup", "DeleteScheduleGroup", "ListScheduleGroups", "ListTagsForResource", "TagResource", "UntagResource"}, 10, 10},
	{"Scheduler", []string{""}, 50, 50},
	{"Resource Groups Tagging API", []string{""}, 15, 5},
}

// Rate is what AWS allows of an operation in one region of an account: so many calls at once, and so
// many a second in the long run; 0 where no limit is known. The family is what shares the limit.
func Rate(service, operation string) (family string, burst int, perSecond float64) {
	i := familyOf(service, operation)
	if i < 0 {
		return service, 0, 0
	}
	l := limits[i]
	family = service
	if l.operations[0] != "" {
		family += " " + strings.Join(l.operations, ", ")
	}
	return family, l.burst, float64(l.perSecond)
}

// familyOf is the place of an operation's limit in the table, or -1.
func familyOf(service, operation string) int {
	return slices.IndexFunc(limits, func(l limit) bool {
		return l.service == service && slices.ContainsFunc(l.operations, func(prefix string) bool { return strings.HasPrefix(operation, prefix) })
	})
}

// throttle keeps the token buckets of one account: one per family and region.
type throttle struct {
	mu      sync.Mutex
	buckets map[bucketKey]*rate.Limiter
}

type bucketKey struct {
	family int
	region string
}

// add puts the wait under the retryer, so that every attempt waits.
func (t *throttle) add(stack *middleware.Stack) error {
	wait := middleware.FinalizeMiddlewareFunc("RateLimit", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if b := t.bucket(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), awsmiddleware.GetRegion(ctx)); b != nil {
			if err := b.Wait(ctx); err != nil {
				return middleware.FinalizeOutput{}, middleware.Metadata{}, noTime(ctx, err)
			}
		}
		return next.HandleFinalize(ctx, in)
	})
	return stack.Finalize.Insert(wait, "Retry", middleware.After)
}

// noTime is why a call did not get its turn. The limiter does not wait for a turn that
// would come after the context's end, and then says so in an error of its own: that is
// the end of the context all the same, only told early. The SDK does not repeat it.
func noTime(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		err = lang.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	return &aws.RequestCanceledError{Err: err}
}

func (t *throttle) bucket(service, operation, region string) *rate.Limiter {
	family := familyOf(service, operation)
	if family < 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := bucketKey{family, region}
	if t.buckets[key] == nil {
		t.buckets[key] = rate.NewLimiter(limits[family].perSecond, limits[family].burst)
	}
	return t.buckets[key]
}
