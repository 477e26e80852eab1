package mototest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// These tests hold the launcher to what AWS documents for each place where moto
// is mended, through the SDK that the product uses.

func location() *s3types.CreateBucketConfiguration {
	return &s3types.CreateBucketConfiguration{LocationConstraint: Region}
}

// must ends the test on an error and passes the answer on.
func must[T any](t *testing.T) func(T, error) T {
	return func(answer T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func codeOf(err error) string {
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		return refusal.ErrorCode()
	}
	return ""
}

func TestBucketPolicy(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	tests := map[string]struct {
		condition string
		want      string
	}{
		"a refusal of requests without TLS lets the others through": {`,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`, ""},
		"a refusal of everything refuses":                           {"", "AccessDenied"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bucket := aws.String("policy-" + id + "-" + strings.ToLower(test.want) + "x")
			must[*s3.CreateBucketOutput](t)(client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: location()}))
			policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"` + test.condition + `}]}`
			must[*s3.PutBucketPolicyOutput](t)(client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: &policy}))
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("k"), Body: strings.NewReader("x")})
			if got := codeOf(err); got != test.want {
				t.Errorf("PutObject: %v, want code %q", err, test.want)
			}
		})
	}
}

func TestNewBucket(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	ctx, bucket := t.Context(), aws.String("new-"+id)
	made := location()
	made.Tags = []s3types.Tag{{Key: aws.String("owner"), Value: aws.String("me")}, {Key: aws.String("for"), Value: aws.String("you")}}
	must[*s3.CreateBucketOutput](t)(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: made}))
	if tags := must[*s3.GetBucketTaggingOutput](t)(client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: bucket})).TagSet; len(tags) != 2 {
		t.Errorf("tags %v", tags)
	}
	block := must[*s3.GetPublicAccessBlockOutput](t)(client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: bucket})).PublicAccessBlockConfiguration
	if !aws.ToBool(block.BlockPublicAcls) || !aws.ToBool(block.BlockPublicPolicy) || !aws.ToBool(block.IgnorePublicAcls) || !aws.ToBool(block.RestrictPublicBuckets) {
		t.Errorf("public access block %+v", block)
	}
	owner := must[*s3.GetBucketOwnershipControlsOutput](t)(client.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: bucket})).OwnershipControls
	if owner.Rules[0].ObjectOwnership != s3types.ObjectOwnershipBucketOwnerEnforced {
		t.Errorf("ownership %v", owner.Rules)
	}
	encryption := func() s3types.ServerSideEncryptionRule {
		return must[*s3.GetBucketEncryptionOutput](t)(client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})).ServerSideEncryptionConfiguration.Rules[0]
	}
	algorithm := func() s3types.ServerSideEncryption {
		return encryption().ApplyServerSideEncryptionByDefault.SSEAlgorithm
	}
	if algorithm() != s3types.ServerSideEncryptionAes256 {
		t.Errorf("encryption %s", algorithm())
	}
	must[*s3.PutBucketEncryptionOutput](t)(client.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: bucket, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
		Rules: []s3types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms},
			BucketKeyEnabled:                   aws.Bool(true),
			BlockedEncryptionTypes:             &s3types.BlockedEncryptionTypes{EncryptionType: []s3types.EncryptionType{s3types.EncryptionTypeSseC}},
		}},
	}}))
	if rule := encryption(); !aws.ToBool(rule.BucketKeyEnabled) || rule.BlockedEncryptionTypes == nil || !slices.Equal(rule.BlockedEncryptionTypes.EncryptionType, []s3types.EncryptionType{s3types.EncryptionTypeSseC}) {
		t.Errorf("encryption %+v", rule)
	}
	must[*s3.DeleteBucketEncryptionOutput](t)(client.DeleteBucketEncryption(ctx, &s3.DeleteBucketEncryptionInput{Bucket: bucket}))
	if algorithm() != s3types.ServerSideEncryptionAes256 {
		t.Errorf("encryption after it was deleted: %s", algorithm())
	}
	put := must[*s3.PutObjectOutput](t)(client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("k"), Body: strings.NewReader("x")}))
	for etag, want := range map[string]string{aws.ToString(put.ETag): "", `"other"`: "PreconditionFailed"} {
		_, err := client.CopyObject(ctx, &s3.CopyObjectInput{
			Bucket: bucket, Key: aws.String("copy"), CopySource: aws.String(*bucket + "/k"), CopySourceIfMatch: aws.String(etag),
		})
		if codeOf(err) != want {
			t.Errorf("copy of %s: %v, want code %q", etag, err, want)
		}
	}
}

func TestKeysByARN(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client, ctx := kms.NewFromConfig(config), t.Context()
	key := must[*kms.CreateKeyOutput](t)(client.CreateKey(ctx, &kms.CreateKeyInput{})).KeyMetadata.Arn
	must[*kms.GetKeyPolicyOutput](t)(client.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: key}))
	must[*kms.DisableKeyOutput](t)(client.DisableKey(ctx, &kms.DisableKeyInput{KeyId: key}))
	must[*kms.EnableKeyOutput](t)(client.EnableKey(ctx, &kms.EnableKeyInput{KeyId: key}))
	must[*kms.ScheduleKeyDeletionOutput](t)(client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: key, PendingWindowInDays: aws.Int32(7)}))
	must[*kms.CancelKeyDeletionOutput](t)(client.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: key}))
}

func TestKeyPairById(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client, ctx := ec2.NewFromConfig(config), t.Context()
	pair := must[*ec2.CreateKeyPairOutput](t)(client.CreateKeyPair(ctx, &ec2.CreateKeyPairInput{KeyName: aws.String("k")}))
	must[*ec2.DeleteKeyPairOutput](t)(client.DeleteKeyPair(ctx, &ec2.DeleteKeyPairInput{KeyPairId: pair.KeyPairId}))
	if left := must[*ec2.DescribeKeyPairsOutput](t)(client.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{})).KeyPairs; len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestServiceKeepsItsSettings(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	client := ecs.NewFromConfig(config)
	ctx := t.Context()
	cluster := aws.String("c")
	must[*ecs.CreateClusterOutput](t)(client.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: cluster}))
	register := func() string {
		out := must[*ecs.RegisterTaskDefinitionOutput](t)(client.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
			Family:               aws.String("f"),
			ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("web"), Image: aws.String("i:1"), Memory: aws.Int32(64)}},
		}))
		return aws.ToString(out.TaskDefinition.TaskDefinitionArn)
	}
	describe := func() ecstypes.Service {
		out := must[*ecs.DescribeServicesOutput](t)(client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{"s"}}))
		if len(out.Services) != 1 {
			t.Fatalf("%d services", len(out.Services))
		}
		return out.Services[0]
	}
	register()
	strategy := []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("p"), Weight: 1, Base: 1}}
	breaker := &ecstypes.DeploymentCircuitBreaker{Enable: true, Rollback: true}
	input := &ecs.CreateServiceInput{
		Cluster: cluster, ServiceName: aws.String("s"), TaskDefinition: aws.String("f:1"), DesiredCount: aws.Int32(2),
		CapacityProviderStrategy:      strategy,
		HealthCheckGracePeriodSeconds: aws.Int32(30),
		EnableExecuteCommand:          true,
		PlacementStrategy:             []ecstypes.PlacementStrategy{{Type: ecstypes.PlacementStrategyTypeSpread, Field: aws.String("instanceId")}},
		DeploymentConfiguration:       &ecstypes.DeploymentConfiguration{DeploymentCircuitBreaker: breaker, MaximumPercent: aws.Int32(150)},
	}
	must[*ecs.CreateServiceOutput](t)(client.CreateService(ctx, input))
	again := must[*ecs.CreateServiceOutput](t)(client.CreateService(ctx, input))

	ignore := []cmp.Option{
		cmpopts.IgnoreUnexported(ecstypes.CapacityProviderStrategyItem{}, ecstypes.DeploymentConfiguration{}, ecstypes.DeploymentCircuitBreaker{}, ecstypes.PlacementStrategy{}),
		cmpopts.IgnoreFields(ecstypes.DeploymentConfiguration{}, "Strategy", "BakeTimeInMinutes"),
	}
	same := func(what string, want, got any) {
		t.Helper()
		if diff := cmp.Diff(want, got, ignore...); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	counted := func() int32 {
		return must[*ecs.DescribeClustersOutput](t)(client.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{*cluster}})).Clusters[0].ActiveServicesCount
	}
	same("services of the cluster", int32(1), counted())
	first := describe()
	same("a second creation", aws.ToString(first.ServiceArn), aws.ToString(again.Service.ServiceArn))
	same("strategy", strategy, first.CapacityProviderStrategy)
	same("launch type", ecstypes.LaunchType(""), first.LaunchType)
	same("grace period", int32(30), aws.ToInt32(first.HealthCheckGracePeriodSeconds))
	same("exec", true, first.EnableExecuteCommand)
	same("placement", input.PlacementStrategy, first.PlacementStrategy)
	same("deployment configuration", &ecstypes.DeploymentConfiguration{
		DeploymentCircuitBreaker: breaker, MaximumPercent: aws.Int32(150), MinimumHealthyPercent: aws.Int32(100),
	}, first.DeploymentConfiguration)
	same("running", []int32{2, 0}, []int32{first.RunningCount, first.PendingCount})
	same("rollout", ecstypes.DeploymentRolloutStateCompleted, first.Deployments[0].RolloutState)

	other := *input
	other.DesiredCount = aws.Int32(3)
	if _, err := client.CreateService(ctx, &other); codeOf(err) != "InvalidParameterException" {
		t.Errorf("another creation under the same name: %v", err)
	}

	arn := register()
	must[*ecs.UpdateServiceOutput](t)(client.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: cluster, Service: aws.String("s"), TaskDefinition: aws.String("f:2"), DesiredCount: aws.Int32(1),
		DeploymentConfiguration: &ecstypes.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(50)},
	}))
	second := describe()
	same("what the update doesn't name", strategy, second.CapacityProviderStrategy)
	same("updated configuration", &ecstypes.DeploymentConfiguration{
		DeploymentCircuitBreaker: breaker, MaximumPercent: aws.Int32(150), MinimumHealthyPercent: aws.Int32(50),
	}, second.DeploymentConfiguration)
	same("task definition", arn, aws.ToString(second.TaskDefinition))
	same("its deployment", arn, aws.ToString(second.Deployments[0].TaskDefinition))
	if aws.ToString(first.Deployments[0].Id) == aws.ToString(second.Deployments[0].Id) {
		t.Error("another task definition is not another deployment")
	}
	must[*ecs.DeleteServiceOutput](t)(client.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: cluster, Service: aws.String("s"), Force: aws.Bool(true)}))
	list := must[*ecs.ListServicesOutput](t)(client.ListServices(ctx, &ecs.ListServicesInput{Cluster: cluster}))
	same("listed after the deletion", 0, len(list.ServiceArns))
	same("services of the cluster after the deletion", int32(0), counted())

	// The capacity provider is none of the account's, which moto doesn't mind.
	meant(t, id, "ecs:CreateService capacityProviderStrategy[].capacityProvider")
	// The cluster has no tags, which the tagging API has to survive. AWS tells of the other only.
	labelled := must[*ecs.CreateClusterOutput](t)(client.CreateCluster(ctx, &ecs.CreateClusterInput{
		ClusterName: aws.String("tagged"), Tags: []ecstypes.Tag{{Key: aws.String("owner"), Value: aws.String("us")}},
	})).Cluster.ClusterArn
	tagged := must[*resourcegroupstaggingapi.GetResourcesOutput](t)(resourcegroupstaggingapi.NewFromConfig(config).
		GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{})).ResourceTagMappingList
	if !slices.ContainsFunc(tagged, func(one taggingtypes.ResourceTagMapping) bool { return *one.ResourceARN == *labelled }) {
		t.Errorf("GetResources lists %v and not %s", tagged, *labelled)
	}
}

func TestNatGateway(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client := ec2.NewFromConfig(config)
	ctx := t.Context()
	vpc := must[*ec2.CreateVpcOutput](t)(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")}))
	subnet := must[*ec2.CreateSubnetOutput](t)(client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.1.0.0/24")}))
	address := must[*ec2.AllocateAddressOutput](t)(client.AllocateAddress(ctx, &ec2.AllocateAddressInput{}))
	input := &ec2.CreateNatGatewayInput{
		SubnetId: subnet.Subnet.SubnetId, AllocationId: address.AllocationId, ClientToken: aws.String("token"),
		TagSpecifications: []ec2types.TagSpecification{{
			ResourceType: ec2types.ResourceTypeNatgateway,
			Tags:         []ec2types.Tag{{Key: aws.String("owner"), Value: aws.String("me")}},
		}},
	}
	one := must[*ec2.CreateNatGatewayOutput](t)(client.CreateNatGateway(ctx, input))
	two := must[*ec2.CreateNatGatewayOutput](t)(client.CreateNatGateway(ctx, input))
	if aws.ToString(one.NatGateway.NatGatewayId) != aws.ToString(two.NatGateway.NatGatewayId) {
		t.Error("the same token made a second gateway")
	}
	if got := one.NatGateway.ConnectivityType; got != ec2types.ConnectivityTypePublic {
		t.Errorf("connectivity type %q", got)
	}
	changed := *input
	changed.AllocationId = aws.String("eipalloc-other")
	if _, err := client.CreateNatGateway(ctx, &changed); codeOf(err) != "IdempotentParameterMismatch" {
		t.Errorf("the same token with another address: %v", err)
	}
	for value, want := range map[string]int{"me": 1, "m*": 1, "you": 0} {
		found := must[*ec2.DescribeNatGatewaysOutput](t)(client.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{
			Filter: []ec2types.Filter{{Name: aws.String("tag:owner"), Values: []string{value}}},
		}))
		if got := len(found.NatGateways); got != want {
			t.Errorf("%d gateways tagged owner=%s, want %d", got, value, want)
		}
	}
	must[*ec2.DeleteNatGatewayOutput](t)(client.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: one.NatGateway.NatGatewayId}))
	left := must[*ec2.DescribeAddressesOutput](t)(client.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: []string{*address.AllocationId}}))
	if got := left.Addresses[0].AssociationId; got != nil {
		t.Errorf("the address of the deleted gateway is still associated: %s", *got)
	}
	if _, err := client.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: aws.String("nat-0")}); codeOf(err) != "NatGatewayNotFound" {
		t.Errorf("deleting an unknown gateway: %v", err)
	}
}

func TestNetworkACL(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client := ec2.NewFromConfig(config)
	ctx := t.Context()
	vpc := must[*ec2.CreateVpcOutput](t)(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")}))
	acl := must[*ec2.CreateNetworkAclOutput](t)(client.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: vpc.Vpc.VpcId})).NetworkAcl.NetworkAclId
	must[*ec2.CreateNetworkAclEntryOutput](t)(client.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: acl, RuleNumber: aws.Int32(10), Protocol: aws.String("1"), RuleAction: ec2types.RuleActionAllow,
		Egress: aws.Bool(false), CidrBlock: aws.String("10.0.0.0/8"),
		IcmpTypeCode: &ec2types.IcmpTypeCode{Type: aws.Int32(3), Code: aws.Int32(-1)},
	}))
	out := must[*ec2.DescribeNetworkAclsOutput](t)(client.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{*acl}}))
	denied := map[bool]bool{}
	for _, entry := range out.NetworkAcls[0].Entries {
		switch aws.ToInt32(entry.RuleNumber) {
		case 32767:
			denied[aws.ToBool(entry.Egress)] = entry.RuleAction == ec2types.RuleActionDeny
		case 10:
			if icmp := entry.IcmpTypeCode; icmp == nil || aws.ToInt32(icmp.Type) != 3 || aws.ToInt32(icmp.Code) != -1 {
				t.Errorf("ICMP type and code: %+v", icmp)
			}
		}
	}
	if !denied[true] || !denied[false] {
		t.Errorf("the last entries deny: %v", denied)
	}
	_, err := client.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: acl, RuleNumber: aws.Int32(11), Egress: aws.Bool(true)})
	if got := codeOf(err); got != "InvalidNetworkAclEntry.NotFound" {
		t.Errorf("deleting an entry that is not there: %v", err)
	}
	_, err = client.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{"acl-0"}})
	if got := codeOf(err); got != "InvalidNetworkAclID.NotFound" {
		t.Errorf("describing an ACL that is not there: %v", err)
	}
}

func TestLaunchTemplateTags(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client := ec2.NewFromConfig(config)
	ctx := t.Context()
	tag := func(kind ec2types.ResourceType) []ec2types.Tag {
		return []ec2types.Tag{{Key: aws.String("for"), Value: aws.String(string(kind))}}
	}
	template := must[*ec2.CreateLaunchTemplateOutput](t)(client.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String("t"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
			InstanceType: ec2types.InstanceTypeT3Small, UserData: aws.String("Zm9v"),
			TagSpecifications: []ec2types.LaunchTemplateTagSpecificationRequest{{ResourceType: "instance", Tags: tag("instance")}},
		},
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: "launch-template", Tags: tag("launch-template")}},
	})).LaunchTemplate.LaunchTemplateId
	for range 20 {
		must[*ec2.CreateLaunchTemplateVersionOutput](t)(client.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: template, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{UserData: aws.String("YmFy")},
		}))
	}
	must[*ec2.CreateTagsOutput](t)(client.CreateTags(ctx, &ec2.CreateTagsInput{
		Resources: []string{*template}, Tags: []ec2types.Tag{{Key: aws.String("later"), Value: aws.String("yes")}},
	}))
	versions := must[*ec2.DescribeLaunchTemplateVersionsOutput](t)(client.DescribeLaunchTemplateVersions(ctx,
		&ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: template})).LaunchTemplateVersions
	if len(versions) != 21 {
		t.Fatalf("%d versions, want 21", len(versions))
	}
	data := versions[slices.IndexFunc(versions, func(v ec2types.LaunchTemplateVersion) bool { return aws.ToInt64(v.VersionNumber) == 1 })].LaunchTemplateData
	if len(data.TagSpecifications) != 1 || data.TagSpecifications[0].ResourceType != "instance" || aws.ToString(data.UserData) != "Zm9v" {
		t.Errorf("version 1: %+v", data)
	}
	found := must[*ec2.DescribeLaunchTemplatesOutput](t)(client.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{
		Filters: []ec2types.Filter{{Name: aws.String("tag:later"), Values: []string{"yes"}}},
	})).LaunchTemplates
	if len(found) != 1 || len(found[0].Tags) != 2 {
		t.Errorf("found by its later tag: %+v", found)
	}
}
