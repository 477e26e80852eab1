package rules

import (
	"maps"
	"slices"
	"strings"
)

// Service is what cicdctl asks of one AWS service: names of operations, sorted by
// what IAM can tie them to. A test holds the lists against the interfaces of the
// clients, so that neither can have what the other has not.
type Service struct {
	SDK    string // package of AWS's SDK, where IAM calls the service something else
	Prefix string // of its actions
	Part   string // the policy that changes go into
	// Birth is the condition key that tells a tagging at birth from a later one: AWS asks
	// for the action of Tag when something is made with tags, too. Where it has such a key,
	// only what carries cicdctl's tags can be tagged later; elsewhere the two look alike,
	// so Tag is among Made as well.
	Birth string
	Tag   string
	Read  []string
	// Made are what makes a resource: the request carries cicdctl's tags.
	Made []string
	// Ours are changes of what carries cicdctl's tags. What is made inside of something
	// is here too: EC2 asks about the new resource and about the one that it is in.
	Ours []string
	// Free are changes that IAM cannot tie to tags, or that touch what has none: the
	// default ACL and group of a VPC, which are emptied.
	Free []string
	// Tied are calls that a statement of their own ties to something else.
	Tied []string
}

// Parts of the operators' policy: IAM takes 6,144 characters each.
const (
	partNetwork  = "network"
	partPlatform = "platform"
	partData     = "data"
	partWatch    = "monitoring"
)

func words(text string) []string { return strings.Fields(text) }

// Services are all services in use.
func Services() []Service {
	return []Service{
		{
			Prefix: "ec2", Part: partNetwork, Birth: "ec2:CreateAction", Tag: "CreateTags",
			Read: words(`DescribeAddresses DescribeAvailabilityZones DescribeClientVpnAuthorizationRules DescribeClientVpnConnections
				DescribeClientVpnEndpoints DescribeClientVpnRoutes DescribeClientVpnTargetNetworks DescribeCustomerGateways
				DescribeFlowLogs DescribeInstanceTypeOfferings DescribeInstances DescribeInternetGateways DescribeKeyPairs
				DescribeLaunchTemplateVersions DescribeLaunchTemplates DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaces
				DescribeRouteTables DescribeSecurityGroups DescribeSubnets DescribeTags DescribeVpcAttribute DescribeVpcEndpoints
				DescribeVpcPeeringConnections DescribeVpcs DescribeVpnConnections DescribeVpnGateways
				ExportClientVpnClientCertificateRevocationList ExportClientVpnClientConfiguration GetEbsEncryptionByDefault`),
			Made: words(`AllocateAddress CreateClientVpnEndpoint CreateCustomerGateway CreateFlowLogs CreateInternetGateway CreateLaunchTemplate
				CreateNatGateway CreateNetworkAcl CreateRouteTable CreateSecurityGroup CreateSubnet CreateVpc CreateVpcEndpoint
				CreateVpnConnection CreateVpnGateway ImportKeyPair`),
			Ours: words(`ApplySecurityGroupsToClientVpnTargetNetwork AssociateClientVpnTargetNetwork AssociateRouteTable AssociateVpcCidrBlock
				AttachInternetGateway AttachVpnGateway AuthorizeClientVpnIngress AuthorizeSecurityGroupEgress
				AuthorizeSecurityGroupIngress CreateClientVpnEndpoint CreateFlowLogs CreateLaunchTemplateVersion CreateNatGateway
				CreateNetworkAcl CreateNetworkAclEntry CreateRoute CreateRouteTable CreateSecurityGroup CreateSubnet CreateTags
				CreateVpcEndpoint CreateVpnConnection CreateVpnConnectionRoute DeleteClientVpnEndpoint DeleteClientVpnRoute
				DeleteCustomerGateway DeleteFlowLogs DeleteInternetGateway DeleteKeyPair DeleteLaunchTemplate DeleteNatGateway
				DeleteNetworkAcl DeleteRoute DeleteRouteTable DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints
				DeleteVpnConnection DeleteVpnConnectionRoute DeleteVpnGateway DetachInternetGateway DetachVpnGateway
				DisableVgwRoutePropagation DisassociateClientVpnTargetNetwork DisassociateRouteTable DisassociateVpcCidrBlock
				ImportClientVpnClientCertificateRevocationList ModifyClientVpnEndpoint ModifySubnetAttribute ModifyVpcAttribute
				ModifyVpcEndpoint ModifyVpnConnection ModifyVpnConnectionOptions ModifyVpnTunnelOptions ReleaseAddress
				ReplaceNetworkAclEntry ReplaceRoute ReplaceRouteTableAssociation RevokeClientVpnIngress TerminateClientVpnConnections`),
			Free: words(`DeleteNetworkAclEntry EnableEbsEncryptionByDefault ReplaceNetworkAclAssociation RevokeSecurityGroupEgress RevokeSecurityGroupIngress`),
		},
		{
			SDK: "elasticloadbalancingv2", Prefix: "elasticloadbalancing", Part: partPlatform,
			Birth: "elasticloadbalancing:CreateAction", Tag: "AddTags",
			Read: words(`DescribeListenerCertificates DescribeListeners DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeRules DescribeTags
				DescribeTargetGroupAttributes DescribeTargetGroups`),
			Made: words(`CreateListener CreateLoadBalancer CreateRule CreateTargetGroup`),
			Ours: words(`AddListenerCertificates AddTags DeleteListener DeleteLoadBalancer DeleteRule DeleteTargetGroup ModifyListener
				ModifyLoadBalancerAttributes ModifyRule ModifyTargetGroup ModifyTargetGroupAttributes RemoveListenerCertificates
				RemoveTags SetSecurityGroups SetSubnets`),
			Free: words(`SetRulePriorities`),
		},
		{
			Prefix: "acm", Part: partNetwork, // partPlatform is full
			Read: words(`DescribeCertificate GetCertificate ListCertificates ListTagsForCertificate`),
			Made: words(`AddTagsToCertificate ImportCertificate RequestCertificate`),
			Ours: words(`AddTagsToCertificate DeleteCertificate ImportCertificate RemoveTagsFromCertificate`), // in the place of one of ours
		},
		{
			Prefix: "route53", // tied to types and names of records instead
			Read:   words(`ListHostedZones ListResourceRecordSets ListTagsForResources`),
			Free:   words(`ChangeResourceRecordSets`),
		},
		{
			Prefix: "autoscaling", Part: partPlatform,
			Read: words(`DescribeAutoScalingGroups DescribeInstanceRefreshes DescribeScalingActivities`),
			Made: words(`CreateAutoScalingGroup CreateOrUpdateTags`),
			Ours: words(`CreateOrUpdateTags DeleteAutoScalingGroup DeleteTags SetInstanceProtection UpdateAutoScalingGroup`),
			Tied: words(`StartInstanceRefresh`), // to tags as well, in a part with room
		},
		{
			Prefix: "ecs", Part: partPlatform, Birth: "ecs:CreateAction", Tag: "TagResource",
			Read: words(`DescribeCapacityProviders DescribeClusters DescribeServices DescribeTaskDefinition DescribeTasks
				ListAccountSettings ListClusters ListContainerInstances ListServices ListTaskDefinitionFamilies ListTaskDefinitions ListTasks`),
			Made: words(`CreateCapacityProvider CreateCluster CreateService RegisterTaskDefinition`),
			Ours: words(`DeleteCapacityProvider DeleteCluster DeleteService DeleteTaskDefinitions DeregisterContainerInstance
				PutClusterCapacityProviders TagResource UntagResource UpdateCapacityProvider UpdateCluster UpdateService`),
			Free: words(`DeregisterTaskDefinition`),
			Tied: words(`ExecuteCommand PutAccountSettingDefault`), // to tags, in a part with room; to the name of the setting
		},
		{
			Prefix: "ecr", Part: partPlatform,
			Read: words(`DescribeImageScanFindings DescribeImages DescribeRepositories GetLifecyclePolicy ListTagsForResource`),
			Made: words(`CreateRepository TagResource`),
			Ours: words(`BatchGetImage DeleteRepository PutImage PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy TagResource UntagResource`),
		},
		{
			Prefix: "iam", Part: partPlatform,
			Read: words(`GetAccountAuthorizationDetails GetInstanceProfile GetOpenIDConnectProvider GetRole ListInstanceProfiles
				ListOpenIDConnectProviders SimulatePrincipalPolicy`),
			Made: words(`CreateInstanceProfile CreateOpenIDConnectProvider CreateRole TagInstanceProfile TagOpenIDConnectProvider TagRole`),
			Ours: words(`AddClientIDToOpenIDConnectProvider AddRoleToInstanceProfile AttachRolePolicy DeleteInstanceProfile
				DeleteOpenIDConnectProvider DeleteRole DeleteRolePolicy DetachRolePolicy PutRolePolicy RemoveRoleFromInstanceProfile
				TagInstanceProfile TagOpenIDConnectProvider TagRole UntagInstanceProfile UntagRole UpdateAssumeRolePolicy`),
			Free: words(`CreateServiceLinkedRole`), // takes no tags; tied to services
		},
		{
			SDK: "cloudwatchlogs", Prefix: "logs", Part: partWatch,
			Read: words(`DescribeLogGroups DescribeMetricFilters FilterLogEvents GetLogEvents ListTagsForResource`),
			Made: words(`CreateLogGroup TagResource`),
			Ours: words(`AssociateKmsKey DeleteLogGroup DeleteMetricFilter PutMetricFilter PutRetentionPolicy TagResource UntagResource`),
		},
		{
			Prefix: "rds", Part: partData,
			Read: words(`DescribeDBClusterAutomatedBackups DescribeDBClusterParameterGroups DescribeDBClusterParameters DescribeDBClusterSnapshots DescribeDBClusters
				DescribeDBInstances DescribeDBMajorEngineVersions DescribeDBSubnetGroups DescribeEventSubscriptions
				DescribeExportTasks DescribeOrderableDBInstanceOptions ListTagsForResource`),
			Made: words(`AddTagsToResource CopyDBClusterSnapshot CreateDBCluster CreateDBClusterParameterGroup CreateDBInstance
				CreateDBSubnetGroup CreateEventSubscription RestoreDBClusterFromSnapshot RestoreDBClusterToPointInTime`),
			Ours: words(`AddTagsToResource DeleteDBCluster DeleteDBClusterParameterGroup DeleteDBClusterSnapshot DeleteDBInstance
				DeleteDBSubnetGroup DeleteEventSubscription FailoverDBCluster ModifyDBCluster ModifyDBClusterParameterGroup ModifyDBInstance
				ModifyDBSubnetGroup ModifyEventSubscription RebootDBInstance RemoveSourceIdentifierFromSubscription RemoveTagsFromResource StartDBCluster StartExportTask StopDBCluster`),
		},
		{
			Prefix: "s3", Part: partData, // tied to the buckets' names instead
			Read: words(`GetBucketEncryption GetBucketLifecycleConfiguration GetBucketLogging GetBucketOwnershipControls GetBucketPolicy GetBucketTagging
				GetBucketVersioning GetObject GetObjectTagging GetPublicAccessBlock HeadBucket HeadObject ListBuckets
				ListObjectVersions ListObjectsV2`),
			Free: words(`CopyObject CreateBucket DeleteBucket DeleteBucketPolicy DeleteObject DeleteObjects PutBucketEncryption
				PutBucketLifecycleConfiguration PutBucketLogging PutBucketOwnershipControls PutBucketPolicy PutBucketTagging PutBucketVersioning
				PutObject PutObjectTagging PutPublicAccessBlock RestoreObject`),
			Tied: words(`GetObjectLegalHold GetObjectLockConfiguration GetObjectRetention`), // to who removes buckets
		},
		{
			Prefix: "kms", Part: partData,
			Read: words(`DescribeKey GetKeyPolicy GetKeyRotationStatus GetPublicKey ListAliases ListKeys ListResourceTags`),
			Made: words(`CreateKey TagResource`),
			Ours: words(`CancelKeyDeletion ScheduleKeyDeletion TagResource UntagResource`),
			// KMS takes up to five minutes to go by new tags ("ABAC for AWS KMS").
			Free: words(`CreateAlias DeleteAlias EnableKey EnableKeyRotation PutKeyPolicy UpdateAlias`),
			Tied: words(`Sign`), // to how certificates are signed: the key is too new for its tags, as above
		},
		{
			Prefix: "backup", Part: partData,
			Read: words(`DescribeRegionSettings GetBackupPlan GetBackupSelection ListBackupPlans ListBackupSelections ListBackupVaults
				ListRecoveryPointsByBackupVault ListTags`),
			Made: words(`CreateBackupPlan CreateBackupVault TagResource`),
			Ours: words(`CreateBackupSelection DeleteBackupPlan DeleteBackupSelection DeleteBackupVault DeleteRecoveryPoint TagResource
				UntagResource UpdateBackupPlan`),
			Free: words(`UpdateRegionSettings`),
		},
		{
			Prefix: "scheduler", Part: partData,
			Read: words(`GetSchedule ListScheduleGroups ListSchedules ListTagsForResource`),
			Made: words(`CreateScheduleGroup TagResource`),
			Ours: words(`DeleteScheduleGroup TagResource UntagResource`),
			Free: words(`CreateSchedule DeleteSchedule UpdateSchedule`), // only groups have tags
		},
		{
			Prefix: "sqs", Part: partData,
			Read: words(`GetQueueAttributes ListQueueTags ListQueues`),
			Made: words(`CreateQueue TagQueue`),
			Ours: words(`DeleteQueue SetQueueAttributes TagQueue UntagQueue`),
		},
		{
			Prefix: "secretsmanager", Part: partPlatform, // but no value of an app's is read
			Read: words(`DescribeSecret GetResourcePolicy ListSecrets`),
			Made: words(`CreateSecret TagResource`),
			Ours: words(`DeleteResourcePolicy DeleteSecret PutSecretValue RestoreSecret TagResource UntagResource UpdateSecret`),
			Tied: words(`GetSecretValue`), // to the secrets of VPN connections
		},
		{
			Prefix: "cloudtrail", Part: partWatch,
			Read: words(`DescribeTrails GetEventSelectors GetTrailStatus ListTags`),
			Made: words(`AddTags CreateTrail`),
			Ours: words(`AddTags DeleteTrail PutEventSelectors StartLogging UpdateTrail`),
		},
		{
			Prefix: "cloudwatch", Part: partWatch,
			Read: words(`DescribeAlarms GetDashboard ListTagsForResource`),
			Made: words(`PutMetricAlarm TagResource`),
			Ours: words(`DeleteAlarms PutMetricAlarm TagResource UntagResource`),
			Free: words(`DeleteDashboards PutDashboard`), // dashboards have no tags
		},
		{
			Prefix: "sns", Part: partWatch,
			Read: words(`GetTopicAttributes ListSubscriptions ListTagsForResource ListTopics`),
			Made: words(`CreateTopic TagResource`),
			Ours: words(`DeleteTopic SetTopicAttributes Subscribe TagResource UntagResource`),
			Free: words(`Unsubscribe`),
		},
		{
			SDK: "applicationautoscaling", Prefix: "application-autoscaling", Part: partWatch, // partPlatform is full
			Read: words(`DescribeScalableTargets DescribeScalingPolicies ListTagsForResource`),
			Made: words(`RegisterScalableTarget TagResource`),
			Ours: words(`DeleteScalingPolicy DeregisterScalableTarget PutScalingPolicy RegisterScalableTarget TagResource UntagResource`),
		},
		{
			SDK: "eventbridge", Prefix: "events", Part: partWatch,
			Read: words(`ListRules ListTagsForResource ListTargetsByRule`),
			Made: words(`PutRule TagResource`),
			Ours: words(`DeleteRule PutRule PutTargets RemoveTargets TagResource UntagResource`),
		},
		{SDK: "cloudcontrol", Prefix: "cloudformation", Read: words(`GetResource`)},
		{Prefix: "pricing", Read: words(`GetProducts`)},
		{Prefix: "servicequotas", Read: words(`GetAWSDefaultServiceQuota GetServiceQuota`)},
		{Prefix: "ssm", Read: words(`GetParameter`)},
		{Prefix: "sts", Read: words(`GetCallerIdentity`)},
		{SDK: "resourcegroupstaggingapi", Prefix: "tag", Read: words(`GetResources`)},
	}
}

// renamed are the actions of operations where AWS gives them another name, or asks
// for several (S3 user guide, "Required permissions for Amazon S3 API operations").
var renamed = map[string][]string{
	"s3:CopyObject":                      {"s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"},
	"s3:CreateBucket":                    {"s3:CreateBucket", "s3:TagResource"}, // tagged in the call
	"s3:DeleteObject":                    {"s3:DeleteObject", "s3:GetObject"},   // with If-Match
	"s3:DeleteObjects":                   {"s3:DeleteObject", "s3:DeleteObjectVersion"},
	"s3:GetBucketEncryption":             {"s3:GetEncryptionConfiguration"},
	"s3:GetBucketLifecycleConfiguration": {"s3:GetLifecycleConfiguration"},
	"s3:GetObject":                       {"s3:GetObject", "s3:GetObjectVersion"}, // of earlier keys
	"s3:GetObjectLockConfiguration":      {"s3:GetBucketObjectLockConfiguration"},
	"s3:GetPublicAccessBlock":            {"s3:GetBucketPublicAccessBlock"},
	"s3:HeadBucket":                      {"s3:ListBucket"},
	"s3:HeadObject":                      {"s3:GetObject", "s3:GetObjectVersion"},
	"s3:ListBuckets":                     {"s3:ListAllMyBuckets"},
	"s3:ListObjectVersions":              {"s3:ListBucketVersions"},
	"s3:ListObjectsV2":                   {"s3:ListBucket"},
	"s3:PutBucketEncryption":             {"s3:PutEncryptionConfiguration"},
	"s3:PutBucketLifecycleConfiguration": {"s3:PutLifecycleConfiguration"},
	"s3:PutObject":                       {"s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"}, // with tags, and If-Match
	"s3:PutPublicAccessBlock":            {"s3:PutBucketPublicAccessBlock"},
}

// Actions are what IAM asks for an operation of the service.
func (s Service) Actions(operation string) []string {
	name := s.Prefix + ":" + operation
	if other := renamed[name]; other != nil {
		return other
	}
	return []string{name}
}

// Package is the service's package in AWS's SDK.
func (s Service) Package() string {
	if s.SDK != "" {
		return s.SDK
	}
	return s.Prefix
}

func (s Service) actions(operations []string) []string {
	var out []string
	for _, op := range operations {
		out = append(out, s.Actions(op)...)
	}
	return out
}

// PolicyDocument is one IAM policy, to be attached to who works with cicdctl.
type PolicyDocument struct {
	Name string // "cicdctl-read"
	Text string // JSON
}

// Size is how many characters IAM counts: white space is free.
func (d PolicyDocument) Size() int { return len(strings.Join(strings.Fields(d.Text), "")) }

// MaxPolicy is how many of them a managed policy may have (IAM quotas).
const MaxPolicy = 6144

// tagKey says whose a resource is.
const tagKey = "cicdctl:managed-by"

// managed is met where a tag with such a key says that it is cicdctl's.
func managed(key string) object { return object{key + "/" + tagKey: "cicdctl"} }

// here is met in the regions of the document. Services that answer for all regions
// from one of them cannot have it.
func here(more object) map[string]any {
	var names []string
	for _, r := range Regions() {
		names = append(names, r.Name)
	}
	c := object{"aws:RequestedRegion": names}
	maps.Copy(c, more)
	return object{"StringEquals": c}
}

// global are the services whose calls go to one region for all; the tagging service's
// about IAM do.
func (s Service) global() bool {
	return slices.Contains([]string{"iam", "route53", "sts", "tag"}, s.Prefix)
}

var everywhere = []string{"*"}

// allow makes a statement, or none without actions. Actions are sorted and each is
// there once.
func allow(sid string, actions []string, resources []string, condition map[string]any) []statement {
	if len(actions) == 0 {
		return nil
	}
	slices.Sort(actions)
	return []statement{{Sid: sid, Effect: "Allow", Action: slices.Compact(actions), Resource: resources, Condition: condition}}
}

// bucketARNs are all names that cicdctl's buckets can have: those of the account
// regional namespaces of the document's regions.
func bucketARNs(objects string) []string {
	var out []string
	for _, r := range Regions() {
		out = append(out, "arn:aws:s3:::*"+BucketSuffix("*", r.Name)+objects)
	}
	return out
}

// escrowARNs are what is in the admin bucket for clients: their private keys, and the
// indexes of their people's certificates.
var escrowARNs = []string{"arn:aws:s3:::cicdctl-admin-*-an/keys/*", "arn:aws:s3:::cicdctl-admin-*-an/vpn/*"}
