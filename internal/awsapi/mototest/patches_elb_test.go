package mototest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

func TestLoadBalancer(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	network, client, ctx := ec2.NewFromConfig(config), elb.NewFromConfig(config), t.Context()
	vpc := must[*ec2.CreateVpcOutput](t)(network.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")})).Vpc.VpcId
	var subnets []string
	for zone, cidr := range map[string]string{"a": "10.1.0.0/24", "b": "10.1.1.0/24"} {
		subnet := must[*ec2.CreateSubnetOutput](t)(network.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String(cidr), AvailabilityZone: aws.String(Region + zone)}))
		subnets = append(subnets, *subnet.Subnet.SubnetId)
	}
	arn := must[*elb.CreateLoadBalancerOutput](t)(client.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: subnets})).LoadBalancers[0].LoadBalancerArn

	told := must[*elb.DescribeLoadBalancerAttributesOutput](t)(client.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: arn}))
	attributes := map[string]string{}
	for _, a := range told.Attributes {
		attributes[*a.Key] = *a.Value
	}
	if got := attributes["routing.http.desync_mitigation_mode"]; got != "defensive" {
		t.Errorf("desync mitigation of a new load balancer is %q", got)
	}

	answer := []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("404")}}}
	listener := must[*elb.CreateListenerOutput](t)(client.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: arn, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: answer,
	})).Listeners[0].ListenerArn
	var rules []*string
	for priority, path := range []string{"/a", "/b", "/c"} {
		made := must[*elb.CreateRuleOutput](t)(client.CreateRule(ctx, &elb.CreateRuleInput{
			ListenerArn: listener, Priority: aws.Int32(int32(priority + 1)), Actions: answer,
			Conditions: []elbtypes.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{path}}},
		}))
		rules = append(rules, made.Rules[0].RuleArn)
	}
	host := func(priority int32, config *elbtypes.HostHeaderConditionConfig) (*elb.CreateRuleOutput, error) {
		return client.CreateRule(ctx, &elb.CreateRuleInput{
			ListenerArn: listener, Priority: aws.Int32(priority), Actions: answer,
			Conditions: []elbtypes.RuleCondition{{Field: aws.String("host-header"), HostHeaderConfig: config}},
		})
	}
	made := must[*elb.CreateRuleOutput](t)(host(50, &elbtypes.HostHeaderConditionConfig{RegexValues: []string{`^preview\..*$`}}))
	if got := made.Rules[0].Conditions[0].HostHeaderConfig.RegexValues; len(got) != 1 {
		t.Errorf("a host's expression reads back as %v", got)
	}
	if _, err := host(51, &elbtypes.HostHeaderConditionConfig{Values: []string{"preview.*"}}); codeOf(err) != "ValidationError" {
		t.Errorf("a star after the last dot of a host: %v", err)
	}
	must[*elb.CreateRuleOutput](t)(host(52, &elbtypes.HostHeaderConditionConfig{Values: []string{"*.shop.example"}}))
	order := func(first, second int32) (*elb.SetRulePrioritiesOutput, error) {
		return client.SetRulePriorities(ctx, &elb.SetRulePrioritiesInput{RulePriorities: []elbtypes.RulePriorityPair{
			{RuleArn: rules[0], Priority: aws.Int32(first)}, {RuleArn: rules[1], Priority: aws.Int32(second)},
		}})
	}
	must[*elb.SetRulePrioritiesOutput](t)(order(2, 1))
	if _, err := order(1, 3); codeOf(err) != "PriorityInUse" {
		t.Errorf("the priority of a third rule: %v", err)
	}
	now := must[*elb.DescribeRulesOutput](t)(client.DescribeRules(ctx, &elb.DescribeRulesInput{RuleArns: []string{*rules[0]}}))
	if got := *now.Rules[0].Priority; got != "2" {
		t.Errorf("after the swap and a refusal the first rule has priority %s", got)
	}

	tag := elbtypes.Tag{Key: aws.String("owner"), Value: aws.String("us")}
	must[*elb.AddTagsOutput](t)(client.AddTags(ctx, &elb.AddTagsInput{ResourceArns: []string{*listener, *rules[0]}, Tags: []elbtypes.Tag{tag}}))
	tagged := must[*resourcegroupstaggingapi.GetResourcesOutput](t)(resourcegroupstaggingapi.NewFromConfig(config).GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{
		TagFilters: []taggingtypes.TagFilter{{Key: tag.Key, Values: []string{*tag.Value}}},
	}))
	if len(tagged.ResourceTagMappingList) != 2 {
		t.Errorf("of a listener and a rule with tags, GetResources shows %v", tagged.ResourceTagMappingList)
	}

	protect := func(on string) {
		t.Helper()
		must[*elb.ModifyLoadBalancerAttributesOutput](t)(client.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: arn, Attributes: []elbtypes.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: aws.String(on)}},
		}))
	}
	protect("true")
	if _, err := client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: arn}); codeOf(err) != "OperationNotPermitted" {
		t.Errorf("deleting a protected load balancer: %v", err)
	}
	protect("false")
	must[*elb.DeleteLoadBalancerOutput](t)(client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: arn}))
}

// What comes to addresses over TCP loses the client's address, unless somebody asks for it.
func TestTargetGroupTellsWhetherAddressesAreKept(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	network, client, ctx := ec2.NewFromConfig(config), elb.NewFromConfig(config), t.Context()
	vpc := must[*ec2.CreateVpcOutput](t)(network.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")})).Vpc.VpcId
	for of, want := range map[elbtypes.TargetTypeEnum]string{elbtypes.TargetTypeEnumIp: "false", elbtypes.TargetTypeEnumInstance: "true"} {
		group := must[*elb.CreateTargetGroupOutput](t)(client.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
			Name: aws.String("files-" + string(of)), VpcId: vpc, Port: aws.Int32(22), Protocol: elbtypes.ProtocolEnumTcp, TargetType: of,
		})).TargetGroups[0]
		told := must[*elb.DescribeTargetGroupAttributesOutput](t)(client.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: group.TargetGroupArn}))
		got := ""
		for _, a := range told.Attributes {
			if *a.Key == "preserve_client_ip.enabled" {
				got = *a.Value
			}
		}
		if got != want {
			t.Errorf("of %s: %q, want %q", of, got, want)
		}
	}
}
