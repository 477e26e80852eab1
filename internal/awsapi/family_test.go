package awsapi

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// terraformCodes are the error codes that Terraform's AWS provider handles for the
// services in use (internal/service/*/errors.go; a service that names none there handles
// its SDK's exceptions), and what they mean here. Unknown are those that say that a
// request was wrong, which no class helps with.
var terraformCodes = map[string]map[Class]string{
	"EC2": {
		NotFound: `Client.InvalidHostID.NotFound InvalidAMIID.NotFound InvalidAddress.NotFound InvalidAllocationID.NotFound
			InvalidAssociationID.NotFound InvalidAssociation.NotFound InvalidAttachmentID.NotFound InvalidCapacityReservationId.NotFound
			InvalidCarrierGatewayID.NotFound InvalidClientVpnActiveAssociationNotFound InvalidClientVpnAssociationIdNotFound
			InvalidClientVpnEndpointAuthorizationRuleNotFound InvalidClientVpnEndpointId.NotFound InvalidClientVpnRouteNotFound
			InvalidCustomerGatewayID.NotFound InvalidDhcpOptionID.NotFound InvalidDhcpOptionsID.NotFound InvalidElasticIpID.NotFound
			InvalidFleetId.NotFound InvalidFlowLogId.NotFound InvalidGatewayID.NotFound InvalidGroup.NotFound InvalidHostID.NotFound
			InvalidIpamId.NotFound InvalidIpamPoolAllocationId.NotFound InvalidIpamPoolId.NotFound InvalidIpamScopeId.NotFound
			InvalidInstanceConnectEndpointId.NotFound InvalidInstanceID.NotFound InvalidInternetGatewayID.NotFound InvalidKeyPair.NotFound
			InvalidLaunchTemplateId.NotFound InvalidLaunchTemplateId.VersionNotFound InvalidLaunchTemplateName.NotFoundException
			InvalidNetworkAclEntry.NotFound InvalidNetworkAclID.NotFound InvalidNetworkInterfaceID.NotFound InvalidPermission.NotFound
			InvalidPoolID.NotFound InvalidPrefixListID.NotFound InvalidPrefixListId.NotFound InvalidPublicIpv4PoolID.NotFound
			InvalidRoute.NotFound InvalidRouteTableID.NotFound InvalidRouteTableId.NotFound InvalidSecurityGroupID.NotFound
			InvalidSecurityGroupRuleId.NotFound InvalidSnapshot.NotFound InvalidSpotInstanceRequestID.NotFound
			InvalidSubnetCidrReservationID.NotFound InvalidSubnetID.NotFound InvalidSubnetId.NotFound InvalidTransitGatewayID.NotFound
			InvalidTransitGatewayAttachmentID.NotFound InvalidVpcCidrBlockAssociationID.NotFound InvalidVpcEndpointId.NotFound
			InvalidVpcEndpoint.NotFound InvalidVpcEndpointServiceId.NotFound InvalidVpcEndpointService.NotFound InvalidVpcID.NotFound
			InvalidVpcPeeringConnectionID.NotFound InvalidVpnConnectionID.NotFound InvalidVpnGatewayAttachment.NotFound
			InvalidVpnGatewayID.NotFound InvalidVolume.NotFound NatGatewayNotFound TransitGatewayRouteTablePropagation.NotFound
			Gateway.NotAttached`,
		Exists: `InvalidPermission.Duplicate NetworkAclEntryAlreadyExists RouteAlreadyExists`,
		InUse: `DependencyViolation IncorrectState InvalidGroup.InUse InvalidSnapshot.InUse ConcurrentMutationLimitExceeded
			ResourceNotReady VolumeInUse OperationNotPermitted`,
		Throttled:   `SnapshotCreationPerVolumeRateExceeded RequestLimitExceeded Client.RequestLimitExceeded`,
		Quota:       `VpnConnectionLimitExceeded VpnGatewayLimitExceeded VcpuLimitExceeded InstanceLimitExceeded`,
		Credentials: `AuthFailure`,
		Closed:      `PendingVerification`,
		Unknown: `InsufficientInstanceCapacity InvalidAMIID.Unavailable InvalidInstanceID InvalidLaunchTemplateId.Malformed InvalidParameter
			InvalidParameterCombination InvalidParameterException InvalidParameterValue InvalidPlacementGroup.Unknown InvalidServiceName
			PrefixListVersionMismatch UnsupportedOperation`,
	},
	"S3": {
		NotFound: `MetadataConfigurationNotFound NoSuchBucket NoSuchBucketPolicy NoSuchConfiguration NoSuchCORSConfiguration
			NoSuchLifecycleConfiguration NoSuchKey NoSuchPublicAccessBlockConfiguration NoSuchTagSet NoSuchTagSetError NoSuchUpload
			NoSuchWebsiteConfiguration ObjectLockConfigurationNotFoundError OwnershipControlsNotFoundError
			ReplicationConfigurationNotFoundError ServerSideEncryptionConfigurationNotFoundError`,
		Exists: `BucketAlreadyExists BucketAlreadyOwnedByYou`,
		InUse:  `BucketNotEmpty OperationAborted`,
		Denied: `AccessDenied`,
		Closed: `AccountProblem AllAccessDisabled`,
		Unknown: `IllegalLocationConstraintException InvalidArgument InvalidBucketState InvalidRequest MalformedPolicy MethodNotAllowed
			NotImplemented UnsupportedArgument KMS.NotFoundException KMS.DisabledException`,
	},
	"RDS": {
		NotFound: `DBClusterNotFoundFault DBInstanceNotFound DBSubnetGroupNotFoundFault DBClusterParameterGroupNotFound IamRoleNotFound
			DBClusterSnapshotNotFoundFault ExportTaskNotFound DBClusterAutomatedBackupNotFoundFault ResourceNotFoundFault`,
		Exists: `DBClusterAlreadyExistsFault DBInstanceAlreadyExists DBClusterSnapshotAlreadyExistsFault DBSubnetGroupAlreadyExists`,
		InUse: `InvalidDBClusterStateFault InvalidDBInstanceState InvalidDBSubnetGroupStateFault InvalidDBParameterGroupState
			InvalidDBClusterSnapshotStateFault DBInstanceNotReady`,
		Quota:   `DBClusterQuotaExceededFault InstanceQuotaExceeded SnapshotQuotaExceeded DBSubnetQuotaExceededFault StorageQuotaExceeded`,
		Unknown: `InvalidAction InvalidParameterCombination InvalidParameterValue ValidationError KMSKeyNotAccessibleFault`,
	},
	"ECS": {
		NotFound: `ClusterNotFoundException ServiceNotFoundException ResourceNotFoundException TargetNotFoundException`,
		InUse:    `DependencyViolation UpdateInProgressException ResourceInUseException ClusterContainsTasksException`,
		Quota:    `LimitExceededException AttributeLimitExceededException`,
		Closed:   `BlockedException`,
		Unknown:  `ClientException InvalidParameterException PlatformUnknownException UnsupportedFeatureException`,
	},
	"Elastic Load Balancing v2": {
		NotFound: `LoadBalancerNotFound TargetGroupNotFound ListenerNotFound RuleNotFound CertificateNotFound SubnetNotFound`,
		Exists:   `DuplicateLoadBalancerName DuplicateTargetGroupName DuplicateListener PriorityInUse`,
		InUse:    `ResourceInUse OperationNotPermitted`,
		Quota:    `TooManyLoadBalancers TooManyTargetGroups TooManyListeners TooManyRules TooManyCertificates`,
		Denied:   `AccessDenied`,
		Unknown:  `ValidationError InvalidAction InvalidConfigurationRequest InvalidSubnet DuplicateTagKeys UnsupportedProtocol`,
	},
	"Auto Scaling": {
		NotFound: `ActiveInstanceRefreshNotFound`,
		Exists:   `AlreadyExists`,
		InUse:    `ResourceInUse ScalingActivityInProgress ResourceContention InstanceRefreshInProgress IdempotentCallInProgress`,
		Quota:    `LimitExceeded`,
		Unknown:  `ValidationError ServiceLinkedRoleFailure`,
	},
	"IAM": {
		NotFound: `NoSuchEntity`,
		Exists:   `EntityAlreadyExists`,
		InUse:    `DeleteConflict ConcurrentModification EntityTemporarilyUnmodifiable`,
		Quota:    `LimitExceeded`,
		Unknown:  `MalformedPolicyDocument InvalidInput UnmodifiableEntity`,
	},
	"KMS": {
		NotFound: `NotFoundException`,
		Exists:   `AlreadyExistsException`,
		InUse:    `KMSInvalidStateException`,
		Quota:    `LimitExceededException`,
		Unknown:  `DisabledException MalformedPolicyDocumentException UnsupportedOperationException`,
	},
	"CloudTrail":      {NotFound: `TrailNotFoundException KmsKeyNotFoundException`, Exists: `TrailAlreadyExistsException`, Quota: `MaximumNumberOfTrailsExceededException`},
	"CloudWatch":      {NotFound: `ResourceNotFound DashboardNotFoundError`, Quota: `LimitExceeded LimitExceededFault`},
	"CloudWatch Logs": {NotFound: `ResourceNotFoundException`, Exists: `ResourceAlreadyExistsException`, InUse: `OperationAbortedException`, Quota: `LimitExceededException`, Unknown: `ValidationException`},
	"ECR":             {NotFound: `RepositoryNotFoundException RepositoryPolicyNotFoundException ImageNotFoundException`, Exists: `RepositoryAlreadyExistsException ImageTagAlreadyExistsException`},
	"Backup":          {NotFound: `ResourceNotFoundException`, Exists: `AlreadyExistsException`, Denied: `AccessDeniedException`, Quota: `LimitExceededException`},
	"Route 53":        {NotFound: `NoSuchHostedZone HostedZoneNotFound NoSuchChange`, Exists: `HostedZoneAlreadyExists`, Throttled: `PriorRequestNotComplete ThrottlingException`, Quota: `LimitsExceeded TooManyHostedZones`, Denied: `AccessDenied`},
	"Secrets Manager": {NotFound: `ResourceNotFoundException`, Exists: `ResourceExistsException`, Unknown: `MalformedPolicyDocumentException InvalidRequestException`},
	"SNS":             {NotFound: `NotFound ResourceNotFound`, Throttled: `Throttled KMSThrottling`, Quota: `TopicLimitExceeded`, InUse: `ConcurrentAccess`},
	"SQS":             {NotFound: `QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue`, Throttled: `KmsThrottled RequestThrottled`, Quota: `OverLimit`, InUse: `QueueDeletedRecently`},
	"SSM":             {NotFound: `ParameterNotFound`, Quota: `ParameterLimitExceeded`, Unknown: `ValidationException`},
	"Service Quotas":  {NotFound: `NoSuchResourceException`, Quota: `QuotaExceededException`, Throttled: `TooManyRequestsException`},
}

func TestTheCodesThatTerraformHandlesHaveTheirClass(t *testing.T) {
	t.Parallel()
	for service, byClass := range terraformCodes {
		for want, codes := range byClass {
			for code := range strings.FieldsSeq(codes) {
				if got := ClassOf(answered(service, "Any", 400, code, "as the test wants it")); got != want {
					t.Errorf("%s of %s is %s, want %s", code, service, got, want)
				}
			}
		}
	}
}

func TestWhatPassesByItself(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err  error
		want bool
	}{
		"RDS while its service-linked role is made": {answered("RDS", "CreateDBCluster", 400, "InvalidParameterValue",
			"Unable to create the resource. Verify that you have permission to create service linked role. Otherwise wait and try again later"), true},
		"RDS without credentials for its service-linked role": {answered("RDS", "CreateDBSubnetGroup", 400, "InvalidParameterValue",
			"Missing necessary credentials to call IAM ServiceLinkedRoles"), true},
		"ECS while its service-linked role is made": {answered("ECS", "CreateCluster", 400, "InvalidParameterException",
			"Unable to assume the service linked role. Please verify that the ECS service linked role exists."), true},
		"Auto Scaling while its service-linked role is made": {answered("Auto Scaling", "CreateAutoScalingGroup", 500, "ServiceLinkedRoleFailure",
			"The service-linked role is not yet ready for use."), true},
		"somebody who may not make the role": {answered("RDS", "CreateDBCluster", 403, "AccessDenied",
			"User is not authorized to perform: iam:CreateServiceLinkedRole"), false},
		"another value that is wrong":                 {answered("RDS", "CreateDBCluster", 400, "InvalidParameterValue", "Invalid retention period"), false},
		"what was made a moment ago":                  {answered("EC2", "CreateRoute", 400, "InvalidGatewayID.NotFound", ""), true},
		"an account that may not make load balancers": {answered("Elastic Load Balancing v2", "CreateLoadBalancer", 400, "OperationNotPermitted", newAccount), false},
		"a role of a service that does not exist":     {answered("IAM", "CreateServiceLinkedRole", 400, "InvalidInput", "rsd.amazonaws.com is not a valid service"), false},
		"no answer of AWS":                            {errors.New("service linked role"), false},
		"CloudTrail that has not heard of a role's policy": {answered("CloudTrail", "UpdateTrail", 400, "InvalidCloudWatchLogsLogGroupArnException",
			"Access denied. Check the permissions for your role."), true},
		"CloudTrail that has not heard of a role's policy, newer wording": {answered("CloudTrail", "UpdateTrail", 400, "InvalidCloudWatchLogsLogGroupArnException",
			"Access denied. Verify in IAM that the role has adequate permissions."), true},
		"CloudTrail that has not heard of a role": {answered("CloudTrail", "UpdateTrail", 400, "InvalidCloudWatchLogsRoleArnException",
			"Access denied. Check the trust relationships for your role."), true},
		"CloudTrail that takes no group of another region": {answered("CloudTrail", "UpdateTrail", 400, "InvalidCloudWatchLogsLogGroupArnException",
			"CloudTrail cannot validate the specified log group ARN."), false},
		"a listener's target group without a load balancer": {answered("ECS", "CreateService", 400, "InvalidParameterException", "The target group does not have an associated load balancer."), true},
	}
	for name, c := range cases {
		if got := Propagating(c.err); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// newAccount is what AWS tells accounts that it has not opened load balancers to.
const newAccount = "This AWS account currently does not support creating load balancers. For more information, please contact AWS Support."

func TestMessagesThatDecide(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err    error
		want   Class
		remedy string
	}{
		"a new account makes a load balancer": {answered("Elastic Load Balancing v2", "CreateLoadBalancer", 400, "OperationNotPermitted", newAccount), Closed, "AWS Support"},
		"a protected load balancer":           {answered("Elastic Load Balancing v2", "DeleteLoadBalancer", 400, "OperationNotPermitted", "Load balancer 'x' cannot be deleted because deletion protection is enabled"), InUse, ""},
		"a cluster that is still being made":  {answered("ECS", "PutClusterCapacityProviders", 400, "ClientException", "Cluster was not ACTIVE."), InUse, ""},
		"an account that is being verified":   {answered("EC2", "CreateNatGateway", 400, "PendingVerification", "Your account is currently being verified."), Closed, "AWS Support"},
		"a clock that is wrong":               {answered("S3", "ListBuckets", 403, "RequestTimeTooSkewed", ""), Credentials, "clock"},
	}
	for name, c := range cases {
		if got := ClassOf(c.err); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if got := Remedy(c.err); !strings.Contains(got, c.remedy) {
			t.Errorf("%s: the remedy is %q, which does not name %s", name, got, c.remedy)
		}
	}
}

func TestTheRateLimitsHaveNoTimeBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	err := noTime(t.Context(), errors.New("rate: Wait(n=1) would exceed context deadline"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v is not the end of the context", err)
	}
}
