package awsapi

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// Class is what an error of AWS means to the engine.
type Class string

// The classes. Ambiguous means that nobody knows whether the call took effect.
const (
	Unknown     Class = "unknown"
	NotFound    Class = "not found"
	Exists      Class = "exists"
	InUse       Class = "in use"
	Throttled   Class = "throttled"
	Ambiguous   Class = "ambiguous"
	Denied      Class = "denied"
	Credentials Class = "credentials"
	Quota       Class = "quota"
	Closed      Class = "closed" // to this account, until AWS Support opens it
)

// classes is the one table of error codes. A code that means different things in
// different services is keyed "<service>.<code>" too.
var classes = table(map[Class]string{
	NotFound: `InvalidVpcID.NotFound InvalidSubnetID.NotFound InvalidSubnetId.NotFound InvalidGroup.NotFound InvalidGroupId.Malformed
		NatGatewayNotFound InvalidNatGatewayID.NotFound InvalidAllocationID.NotFound InvalidAddressID.NotFound InvalidRouteTableID.NotFound InvalidRouteTableId.NotFound
		InvalidNetworkAclID.NotFound InvalidNetworkAclEntry.NotFound InvalidPermission.NotFound InvalidKeyPair.NotFound
		InvalidLaunchTemplateName.NotFoundException InvalidLaunchTemplateId.NotFound InvalidLaunchTemplateId.NotFoundException
		InvalidVpcEndpointId.NotFound InvalidVpcEndpoint.NotFound InvalidVpcCidrBlockAssociationID.NotFound InvalidInternetGatewayID.NotFound InvalidRoute.NotFound
		InvalidAssociationID.NotFound Gateway.NotAttached InvalidVpnGatewayID.NotFound InvalidVpnGatewayAttachment.NotFound
		InvalidCustomerGatewayID.NotFound InvalidVpnConnectionID.NotFound NoSuchEntity NoSuchEntityException NoSuchBucket NoSuchKey NoSuchVersion NotFound
		NoSuchTagSet NoSuchBucketPolicy NoSuchLifecycleConfiguration NoSuchPublicAccessBlockConfiguration
		OwnershipControlsNotFoundError ServerSideEncryptionConfigurationNotFoundError NotFoundException ResourceNotFoundException
		RepositoryNotFoundException LifecyclePolicyNotFoundException ClusterNotFoundException ServiceNotFoundException
		ServiceNotActiveException DBClusterNotFoundFault DBInstanceNotFound DBInstanceNotFoundFault DBSubnetGroupNotFoundFault
		DBParameterGroupNotFound DBParameterGroupNotFoundFault DBClusterParameterGroupNotFound DBClusterSnapshotNotFoundFault
		LoadBalancerNotFound TargetGroupNotFound ListenerNotFound RuleNotFound NoSuchResourceException ParameterNotFound
		InvalidLaunchTemplateId.VersionNotFound QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue ExportTaskNotFound
		InvalidFlowLogId.NotFound TrailNotFoundException ResourceNotFound DashboardNotFoundError ImageNotFoundException ScanNotFoundException
		CertificateNotFound NoSuchHostedZone InvalidClientVpnEndpointId.NotFound InvalidClientVpnAssociationIdNotFound
		InvalidClientVpnEndpointAuthorizationRuleNotFound InvalidClientVpnRouteNotFound InvalidClientVpnConnection.IdNotFound
		InvalidClientVpnConnection.UserNotFound InvalidClientVpnSubnetId.NotFound`,
	Exists: `InvalidSubnet.Conflict InvalidGroup.Duplicate InvalidKeyPair.Duplicate InvalidPermission.Duplicate RouteAlreadyExists
		NetworkAclEntryAlreadyExists Resource.AlreadyAssociated BucketAlreadyOwnedByYou BucketAlreadyExists EntityAlreadyExists
		EntityAlreadyExistsException AlreadyExistsException AlreadyExists RepositoryAlreadyExistsException ResourceAlreadyExistsException
		DBClusterAlreadyExistsFault DBInstanceAlreadyExists DBInstanceAlreadyExistsFault DBSubnetGroupAlreadyExists
		DBSubnetGroupAlreadyExistsFault DBParameterGroupAlreadyExists DBParameterGroupAlreadyExistsFault SubscriptionAlreadyExist DuplicateLoadBalancerName
		DuplicateTargetGroupName DuplicateListener PriorityInUse InvalidLaunchTemplateName.AlreadyExistsException PreconditionFailed
		AlreadyExistsFault QueueAlreadyExists QueueNameExists ExportTaskAlreadyExists FlowLogAlreadyExists TrailAlreadyExistsException
		ImageAlreadyExistsException ResourceExistsException InvalidClientVpnDuplicateAssociationException
		InvalidClientVpnDuplicateAuthorizationRule InvalidClientVpnDuplicateRoute`,
	InUse: `DependencyViolation ResourceInUse ResourceInUseFault ResourceInUseException DeleteConflict InvalidIPAddress.InUse InvalidCidrBlock.InUse
		ClusterContainsServicesException ClusterContainsTasksException ClusterContainsContainerInstancesException
		ClusterContainsCapacityProviderException InvalidDBClusterStateFault InvalidDBInstanceState InvalidDBInstanceStateFault
		InvalidDBSubnetGroupStateFault InvalidEventSubscriptionState InvalidDBParameterGroupState InvalidDBClusterSnapshotStateFault ScalingActivityInProgress BucketNotEmpty OperationAborted
		ConditionalRequestConflict UpdateInProgressException OperationNotPermitted IncorrectState ConcurrentModification
		ConcurrentModificationException ConcurrentAccess StaleTag OptInRequired.Pending KMSInvalidStateException ConflictException
		QueueDeletedRecently AWS.SimpleQueueService.QueueDeletedRecently RequestInProgressException ConcurrentMutationLimitExceeded
		ResourceNotReady EntityTemporarilyUnmodifiable ResourceContention InstanceRefreshInProgress IdempotentCallInProgress
		DBInstanceNotReady InvalidDBSnapshotState InvalidExportTaskStateFault OperationAbortedException VolumeInUse
		InvalidClientVpnSubnetId.DuplicateAz InvalidVpnConnection.InvalidState InvalidVpnGatewayState`,
	Throttled: `RequestLimitExceeded Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException
		TooManyRequestsException SlowDown ProvisionedThroughputExceededException TransactionInProgressException BandwidthLimitExceeded
		PriorRequestNotComplete EC2ThrottledException Throttled KMSThrottling KmsThrottled SnapshotCreationPerVolumeRateExceeded`,
	Denied: `AccessDenied AccessDeniedException Forbidden UnauthorizedOperation AuthorizationError NotAuthorizedException
		AuthorizationErrorException`,
	Credentials: `ExpiredToken ExpiredTokenException RequestExpired InvalidClientTokenId UnrecognizedClientException AuthFailure
		InvalidAccessKeyId SignatureDoesNotMatch MissingAuthenticationToken InvalidSignatureException UnauthorizedSSOToken
		RequestTimeTooSkewed`,
	Quota: `VpcLimitExceeded AddressLimitExceeded NatGatewayLimitExceeded SubnetLimitExceeded RouteLimitExceeded SecurityGroupLimitExceeded
		NetworkAclLimitExceeded NetworkAclEntryLimitExceeded RouteTableLimitExceeded RulesPerSecurityGroupLimitExceeded
		InternetGatewayLimitExceeded VpcEndpointLimitExceeded LimitExceeded LimitExceededException TooManyBuckets
		DBClusterQuotaExceededFault InstanceQuotaExceeded TooManyLoadBalancers TooManyTargetGroups TooManyListeners TooManyRules
		DBParameterGroupQuotaExceeded DBSubnetGroupQuotaExceeded ServiceQuotaExceededException
		FlowLogLimitExceeded TopicLimitExceeded SubscriptionLimitExceeded MaximumNumberOfTrailsExceededException TooManyCertificates
		TooManyHostedZones LimitsExceeded OverLimit CustomerGatewayLimitExceeded VpnGatewayLimitExceeded VpnGatewayAttachmentLimitExceeded
		VpnConnectionLimitExceeded ClientVpnEndpointLimitExceeded`,
	// EC2 and S3 API references, "Error codes"; ECS API reference, BlockedException.
	Closed: `PendingVerification Blocked BlockedException AccountProblem AllAccessDisabled NotSignedUp`,
})

func table(byClass map[Class]string) map[string]Class {
	out := map[string]Class{}
	for class, codes := range byClass {
		for code := range strings.FieldsSeq(codes) {
			out[code] = class
		}
	}
	return out
}

// meanings are codes whose class only the message tells.
var meanings = []struct {
	code  string
	text  string // lower case, in the message
	class Class
}{
	{"InvalidParameterException", "not idempotent", Exists},       // ECS CreateService of an existing name
	{"InvalidParameter", "already exists with different", Exists}, // SNS CreateTopic
	{"ConflictException", "already exists", Exists},               // Scheduler; otherwise somebody else is changing the same thing
	{"ClientException", "already exists", Exists},                 // ECS CreateCapacityProvider
	{"InvalidParameterException", "already exists", Exists},       // ECS capacity providers, newer wording
	{"ClientException", "not found", NotFound},                    // ECS task definitions
	{"ClientException", "unable to describe task definition", NotFound},
	{"ClientException", "capacity provider does not exist", NotFound},
	{"ClientException", "associated with cluster", InUse},            // ECS DeleteCapacityProvider
	{"ValidationError", "autoscalinggroup name not found", NotFound}, // DeleteAutoScalingGroup
	{"ValidationError", "group not found", NotFound},
	// RegisterScalableTarget with tags of one that another run has registered. Its reference says that
	// tags are for new ones, and not how that is told: both wordings are guesses.
	{"ValidationException", "already registered", Exists},
	{"ValidationException", "existing scalable target", Exists},
	{"InvalidParameterException", "referenced container instance", NotFound},
	{"InvalidParameterException", "is in use", InUse},
	{"InvalidParameterValue", "already has an internet gateway attached", Exists},
	// AttachVpnGateway and DetachVpnGateway while a connection at the gateway is made or removed:
	// "This call cannot be completed because there are pending VPNs or Virtual Interfaces"
	// (terraform-provider-aws issue 11720).
	{"InvalidParameterValue", "pending vpns or virtual interfaces", InUse},
	// ReleaseAddress right after the NAT gateway that had the address is gone.
	{"AuthFailure", "do not have permission to access the specified resource", InUse},
	{"InvalidParameterException", "still draining", InUse},      // ECS CreateService after DeleteService
	{"InvalidRequestException", "recovery point", InUse},        // DeleteBackupVault
	{"InvalidRequestException", "must be deleted prior", InUse}, // DeleteBackupPlan
	// ChangeResourceRecordSets: CREATE of a record that is there, DELETE of one that isn't.
	{"InvalidChangeBatch", "but it already exists", Exists},
	{"InvalidChangeBatch", "but it was not found", NotFound},
	{"InvalidRequestException", "scheduled for deletion", InUse}, // CreateSecret right after DeleteSecret
	// CreateServiceLinkedRole: "Service role name AWSServiceRoleForECS has been taken in this account,
	// please try a different suffix."
	{"InvalidInput", "has been taken in this account", Exists},
	// PutClusterCapacityProviders while the cluster is made or changed: Terraform's provider,
	// internal/service/ecs/cluster_capacity_providers.go.
	{"ClientException", "cluster was not active", InUse},
	{"InvalidParameterException", "cluster was not active", InUse},
	// CreateLoadBalancer in an account that is new: "This AWS account currently does not support
	// creating load balancers. For more information, please contact AWS Support."
	{"OperationNotPermitted", "does not support creating load balancers", Closed},
}

// Code is AWS's error code, or "".
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// ClassOf says what an error means.
func ClassOf(err error) Class {
	if err == nil {
		return Unknown
	}
	// EC2 says here and there whose fault it is as well.
	code, message := strings.TrimPrefix(Code(err), "Client."), strings.ToLower(err.Error())
	for _, m := range meanings {
		if m.code == code && strings.Contains(message, m.text) {
			return m.class
		}
	}
	if class, known := classes[code]; known {
		return class
	}
	if class := family(code); class != Unknown {
		return class
	}
	if errors.Is(err, context.Canceled) {
		return Unknown
	}
	if strings.Contains(message, "get credentials") || strings.Contains(message, "refresh cached credentials") || strings.Contains(message, "sso token") || strings.Contains(message, "no valid providers in chain") {
		return Credentials
	}
	var answer *awshttp.ResponseError
	var sent *smithyhttp.RequestSendError
	var network net.Error
	switch {
	case errors.As(err, &answer) && answer.HTTPStatusCode() >= 500:
		return Ambiguous
	case errors.As(err, &sent), errors.As(err, &network) && network.Timeout():
		return Ambiguous
	}
	return Unknown
}

// Is reports whether the error is of one of the classes.
func Is(err error, of ...Class) bool {
	if err == nil {
		return false
	}
	return slices.Contains(of, ClassOf(err))
}

// IgnoreNotFound returns nil for what is not there.
func IgnoreNotFound(err error) error {
	if Is(err, NotFound) {
		return nil
	}
	return err
}

// propagating are phrases of errors that pass by themselves once AWS has heard
// everywhere of something just made: IAM takes seconds to minutes. A service whose
// service-linked role is being made says so in words of its own: RDS "Unable to create the
// resource. Verify that you have permission to create service linked role. Otherwise wait and
// try again later", or which credentials it misses for ServiceLinkedRoles. S3 and Elastic Load
// Balancing try whether the bucket's policy lets them write logs there, CloudTrail whether the role
// lets it: "Access denied. Check the permissions for your role." (Terraform's provider,
// internal/service/cloudtrail/trail.go).
var propagating = lazyregexp.New(`(?i)service.?linked.?role|invalid iam ?instance ?profile|instance profile .*(not|does not) (exist|valid|found)|unable to assume|cannot be assumed|could not be assumed|trust relationship|(role|profile).* is (not valid|invalid)|invalid principal|kms key .*(not found|does not exist|disabled)|does not have an associated load balancer|not authorized to use the specified kms key|is not authorized to call|does not exist|must allow .* to assume|Insufficient(S3BucketPolicy|EncryptionPolicy)Exception|must have a fully-qualified domain name|InvalidTargetBucketForLogging|access denied for bucket|InvalidCloudWatchLogs(Role|LogGroup)ArnException: access denied`)

// Propagating reports whether the error may be nothing but news that has not got
// round yet. It is only to be asked about things that this run has made.
func Propagating(err error) bool {
	if err == nil {
		return false
	}
	if Is(err, NotFound) {
		return true
	}
	// What AWS said, without the operation's name: CreateServiceLinkedRole has one of the phrases in it.
	said, ok := errors.AsType[smithy.APIError](err)
	return ok && said.ErrorCode() != "" && !Is(err, Denied, Credentials, Quota, Closed) && propagating.MatchString(said.ErrorCode()+": "+said.ErrorMessage())
}

// iamPrefixes are the services whose IAM prefix is not their lower-case id.
var iamPrefixes = map[string]string{
	"Elastic Load Balancing v2": "elasticloadbalancing", "CloudWatch Logs": "logs", "Service Quotas": "servicequotas",
	"Resource Groups Tagging API": "tag", "Auto Scaling": "autoscaling", "Route 53": "route53", "Secrets Manager": "secretsmanager",
	"CloudControl": "cloudformation", "EventBridge": "events", "Application Auto Scaling": "application-autoscaling",
}

// iamActions are the operations whose IAM action has another name.
var iamActions = map[string]string{
	"s3:ListBuckets": "s3:ListAllMyBuckets", "s3:HeadBucket": "s3:ListBucket", "s3:HeadObject": "s3:GetObject",
	"s3:CopyObject": "s3:PutObject", "s3:ListObjectsV2": "s3:ListBucket",
	"s3:DeleteObjects": "s3:DeleteObject", "s3:ListObjectVersions": "s3:ListBucketVersions",
	"s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock", "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
	"s3:GetBucketEncryption": "s3:GetEncryptionConfiguration", "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
	"s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration", "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
	"s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
}

var actionInMessage = lazyregexp.New(`not authorized to perform:? ([a-zA-Z0-9-]+:[A-Za-z0-9*]+)`)

// Action is the IAM action that a refused call needs: as AWS names it, or from the operation.
func Action(err error) string {
	if m := actionInMessage.FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	var op *smithy.OperationError
	if !errors.As(err, &op) {
		return ""
	}
	prefix, special := iamPrefixes[op.ServiceID]
	if !special {
		prefix = strings.ToLower(op.ServiceID)
	}
	action := prefix + ":" + op.OperationName
	if other, renamed := iamActions[action]; renamed {
		return other
	}
	return action
}

// Remedy says what a person can do about an error of AWS, or "".
func Remedy(err error) string {
	switch ClassOf(err) {
	case Denied:
		if action := Action(err); action != "" {
			return lang.Sprintf("your credentials lack the IAM action %s; ask for it, or take another profile with AWS_PROFILE", action)
		}
		return lang.Say("your credentials lack a permission; take another profile with AWS_PROFILE")
	case Credentials:
		switch Code(err) {
		case "":
			return lang.Say("no usable AWS credentials: set AWS_PROFILE, run aws sso login, or try --sandbox, which needs none")
		case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
			return lang.Say("your AWS session has expired: run aws sso login, or renew the token, and run the same command again")
		default:
			return lang.Say("AWS does not accept these credentials: check AWS_PROFILE, AWS_ACCESS_KEY_ID and the machine's clock")
		}
	case Quota:
		return lang.Say("an AWS quota is used up: cicdctl doctor shows which; ask for more in the Service Quotas console")
	case Closed:
		return lang.Say("AWS has not opened this to the account, which is usual for new ones: open a case with AWS Support, or wait for the mail that says it is verified, and run the same command again")
	case Throttled:
		return lang.Say("AWS is throttling this account; run the same command again in a few minutes")
	case Ambiguous:
		return lang.Say("AWS did not answer properly; run the same command again: it goes on where it stopped")
	default:
		return ""
	}
}
