package awsapi

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"golang.org/x/time/rate"

	"gitlab.com/cicd/cicdctl/internal/awsapi/recording"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Options say which account is meant and how it is talked to.
type Options struct {
	Version string // of cicdctl, for the user agent
	// Install replaces the wire with something in-process; the AWS environment is
	// then left alone. Nil talks to AWS, or to AWS_ENDPOINT_URL.
	Install func(*aws.Config)
	// Unlimited leaves out the rate limits; for accounts that have none.
	Unlimited bool
	// Hold is asked before every call, by the service's ID and the operation's name: "EC2",
	// "CreateVpc". The call is not made when it returns an error. May be nil.
	Hold func(ctx context.Context, service, operation string) error
	// Role is assumed with the credentials of the environment. Nil takes these as they are, as
	// does Install, whose account asks nobody who he is.
	Role *Role
	// Record writes down what is asked and answered. May be nil.
	Record *recording.Recorder
}

// Factory makes the clients of one account, a Set for each region.
type Factory struct {
	cfg       aws.Config
	pathStyle bool
	elsewhere bool // an endpoint stands for AWS
	real      bool // it is AWS that answers
	made      *atomic.Int64
	identity  atomic.Pointer[Identity] // nil until somebody has asked

	mu   sync.Mutex
	sets map[string]*Set
}

// Identity is who the credentials belong to.
type Identity struct {
	Account   string // 12 digits
	ARN       string // of the caller, a session's for a role
	Partition string // "aws"
}

// idleConnections are kept open to each host: a sweep makes some thirty calls at once.
const idleConnections = 64

// Load reads the standard AWS environment: profile, SSO, role, AWS_ENDPOINT_URL.
// It makes no call.
func Load(ctx context.Context, opts Options) (*Factory, error) {
	var cfg aws.Config
	if opts.Install != nil {
		opts.Install(&cfg)
	} else {
		client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = 4*idleConnections, idleConnections
		})
		var err error
		// The region of the environment is never used: every Set names its own.
		// What the SDK has to say of its connections is nothing to the operator.
		if cfg, err = config.LoadDefaultConfig(ctx, config.WithHTTPClient(client), config.WithRegion("eu-west-3"), config.WithLogger(logging.Nop{})); err != nil {
			return nil, lang.Errorf("read the AWS configuration: %w", err)
		}
	}
	made := new(atomic.Int64)
	cfg.Retryer = newRetryer
	if opts.Record != nil {
		cfg.APIOptions = append(cfg.APIOptions, opts.Record.Add)
	}
	cfg.APIOptions = append(cfg.APIOptions, counting(made), guardOnceOnly, awsmiddleware.AddUserAgentKeyValue("cicdctl", opts.Version))
	if opts.Role != nil && opts.Install == nil { // it changes nothing, and comes before all that may be held back
		assume := cfg.Copy()
		assume.APIOptions = slices.Clone(cfg.APIOptions)
		cfg.Credentials = opts.Role.credentials(assume)
	}
	if opts.Hold != nil {
		cfg.APIOptions = append(cfg.APIOptions, holding(opts.Hold)) // before it is counted
	}
	if !opts.Unlimited {
		cfg.APIOptions = append(cfg.APIOptions, (&throttle{buckets: map[bucketKey]*rate.Limiter{}}).add)
	}
	return &Factory{
		cfg: cfg,
		// Only AWS itself answers to bucket names as hosts.
		made:      made,
		pathStyle: cfg.BaseEndpoint != nil || os.Getenv("AWS_ENDPOINT_URL_S3") != "",
		elsewhere: cfg.BaseEndpoint != nil || os.Getenv("AWS_ENDPOINT_URL_CLOUDWATCH") != "",
		real:      opts.Install == nil && cfg.BaseEndpoint == nil && os.Getenv("AWS_ENDPOINT_URL_PRICING") == "",
		sets:      map[string]*Set{},
	}, nil
}

// PricesAreReal reports whether it is AWS that tells prices, and no account that stands for AWS.
func (f *Factory) PricesAreReal() bool { return f.real }

// Calls is how many calls were made, repeated ones once.
func (f *Factory) Calls() int { return int(f.made.Load()) }

// holding asks before every call whether it may be made.
func holding(hold func(ctx context.Context, service, operation string) error) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Hold", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			if err := hold(ctx, middleware.GetServiceID(ctx), middleware.GetOperationName(ctx)); err != nil {
				return middleware.InitializeOutput{}, middleware.Metadata{}, err
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	}
}

// counting counts calls before the SDK repeats any.
func counting(made *atomic.Int64) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Count", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			made.Add(1)
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	}
}

// Set returns the clients for a region; the same ones every time.
func (f *Factory) Set(region string) *Set {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sets[region]; s != nil {
		return s
	}
	cfg := f.cfg.Copy()
	cfg.Region = region
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), remember(region)) // before it is counted
	s := &Set{
		Region: region,
		EC2:    ec2.NewFromConfig(cfg),
		RDS:    rds.NewFromConfig(cfg),
		ECS:    ecs.NewFromConfig(cfg),
		ECR:    ecr.NewFromConfig(cfg),
		ELB:    elasticloadbalancingv2.NewFromConfig(cfg),
		ASG:    autoscaling.NewFromConfig(cfg),
		S3: s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.UsePathStyle = f.pathStyle
			o.APIOptions = append(o.APIOptions, expectOwner(func(ctx context.Context) (string, error) { return f.account(ctx, region) }))
		}),
		IAM:  iam.NewFromConfig(cfg),
		KMS:  kms.NewFromConfig(cfg),
		Logs: cloudwatchlogs.NewFromConfig(cfg),
		SSM:  ssm.NewFromConfig(cfg),
		// What it does not tell is unknown, and stops nobody.
		Quotas:      servicequotas.NewFromConfig(cfg, func(o *servicequotas.Options) { o.RetryMaxAttempts = shortcutAttempts }),
		STS:         sts.NewFromConfig(cfg),
		Tagging:     resourcegroupstaggingapi.NewFromConfig(cfg),
		Scheduler:   scheduler.NewFromConfig(cfg),
		SQS:         sqs.NewFromConfig(cfg),
		Backup:      backup.NewFromConfig(cfg),
		EventBridge: eventbridge.NewFromConfig(cfg),
		AppScaling:  applicationautoscaling.NewFromConfig(cfg),
		SNS:         sns.NewFromConfig(cfg),
		CloudTrail:  cloudtrail.NewFromConfig(cfg),
		ACM:         acm.NewFromConfig(cfg),
		Route53:     route53.NewFromConfig(cfg, func(o *route53.Options) { o.Region = route53Region }),
		// The services themselves tell what it does not.
		CloudControl: cloudcontrol.NewFromConfig(cfg, func(o *cloudcontrol.Options) { o.RetryMaxAttempts = shortcutAttempts }),
		Secrets:      secretsmanager.NewFromConfig(cfg),
		// What it does not tell is without a price, and stops nobody.
		Pricing: pricing.NewFromConfig(cfg, func(o *pricing.Options) { o.Region, o.RetryMaxAttempts = pricingRegion, shortcutAttempts }),
		CloudWatch: cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) {
			// The SDK speaks CBOR, which only AWS itself understands; JSON is the same to it.
			if f.elsewhere {
				o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
			}
		}),
	}
	f.sets[region] = s
	return s
}

// Identity asks AWS who is calling.
func (f *Factory) Identity(ctx context.Context, region string) (Identity, error) {
	out, err := f.Set(region).STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if role, ok := errors.AsType[*RoleError](err); ok {
		return Identity{}, role // the first call assumes it
	}
	if err != nil {
		return Identity{}, lang.Errorf("ask AWS who is calling: %w", err)
	}
	id := Identity{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn), Partition: "aws"}
	if parts := strings.Split(id.ARN, ":"); len(parts) > 1 {
		id.Partition = parts[1]
	}
	f.identity.Store(&id)
	return id, nil
}

// account is whose the credentials are. Runs have asked for the identity first, so
// that it costs no call.
func (f *Factory) account(ctx context.Context, region string) (string, error) {
	if id := f.identity.Load(); id != nil {
		return id.Account, nil
	}
	id, err := f.Identity(ctx, region)
	return id.Account, err
}
