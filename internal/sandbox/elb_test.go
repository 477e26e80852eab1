package sandbox

import (
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// What ELB refuses, it refuses here: each row is one call on a load balancer
// "web" with a protected listener on port 80 and a rule with priority 1.
func TestLoadBalancerRefusals(t *testing.T) {
	t.Parallel()
	w := newELBWorld(t)
	tests := map[string]refusal{
		"a name that is taken, with another scheme": {w.create("web", elbtypes.LoadBalancerSchemeEnumInternal, w.subnets...), "DuplicateLoadBalancerName"},
		"a name of 33 letters":                      {w.create("a23456789012345678901234567890123", "", w.subnets...), "ValidationError"},
		"a name that AWS keeps for itself":          {w.create("internal-web", "", w.subnets...), "ValidationError"},
		"one AZ only":                               {w.create("other", "", w.subnets[0]), "ValidationError"},
		"a subnet that is not there":                {w.create("other", "", w.subnets[0], "subnet-0"), "SubnetNotFound"},
		"deleting a protected load balancer": {func() error {
			_, err := w.api.ELB.DeleteLoadBalancer(t.Context(), &elb.DeleteLoadBalancerInput{LoadBalancerArn: &w.balancer})
			return err
		}, "OperationNotPermitted"},
		"a port that is taken, with another answer": {w.listen(80, "text/html"), "DuplicateListener"},
		"a rule with a priority that is taken": {func() error {
			_, err := w.api.ELB.CreateRule(t.Context(), &elb.CreateRuleInput{
				ListenerArn: &w.listener, Priority: aws.Int32(1), Actions: answer("text/plain"),
				Conditions: []elbtypes.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{"/*"}}},
			})
			return err
		}, "PriorityInUse"},
		"deleting a target group in use": {func() error {
			_, err := w.api.ELB.DeleteTargetGroup(t.Context(), &elb.DeleteTargetGroupInput{TargetGroupArn: &w.group})
			return err
		}, "ResourceInUse"},
		"tags of 21 resources": {func() error {
			_, err := w.api.ELB.DescribeTags(t.Context(), &elb.DescribeTagsInput{ResourceArns: make([]string, 21)})
			return err
		}, "ValidationError"},
	}
	maps.Copy(tests, w.network())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := awsapi.Code(test.call()); got != test.want {
				t.Errorf("code %q, want %q", got, test.want)
			}
		})
	}
}

type refusal = struct {
	call func() error
	want string
}

type elbWorld struct {
	t                         *testing.T
	account                   *Account
	factory                   *awsapi.Factory
	api                       *awsapi.Set
	subnets                   []string
	balancer, listener, group string
}

func answer(contentType string) []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("404"), ContentType: &contentType}}}
}

func (w *elbWorld) create(name string, scheme elbtypes.LoadBalancerSchemeEnum, subnets ...string) func() error {
	return func() error {
		_, err := w.api.ELB.CreateLoadBalancer(w.t.Context(), &elb.CreateLoadBalancerInput{Name: &name, Scheme: scheme, Subnets: subnets})
		return err
	}
}

func (w *elbWorld) listen(port int32, contentType string) func() error {
	return func() error {
		_, err := w.api.ELB.CreateListener(w.t.Context(), &elb.CreateListenerInput{
			LoadBalancerArn: &w.balancer, Port: &port, Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: answer(contentType),
		})
		return err
	}
}

func newELBWorld(t *testing.T) *elbWorld {
	t.Helper()
	ctx := t.Context()
	account, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(ctx, awsapi.Options{Install: account.Install})
	if err != nil {
		t.Fatal(err)
	}
	w := &elbWorld{t: t, account: account, factory: factory, api: factory.Set("eu-west-3")}
	done := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	vpc, err := w.api.EC2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	done(err)
	gateway, err := w.api.EC2.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	done(err)
	_, err = w.api.EC2.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway.InternetGateway.InternetGatewayId, VpcId: vpc.Vpc.VpcId})
	done(err)
	for zone, cidr := range map[string]string{"a": "10.0.0.0/24", "b": "10.0.1.0/24"} {
		subnet, err := w.api.EC2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: &cidr, AvailabilityZone: aws.String("eu-west-3" + zone)})
		done(err)
		w.subnets = append(w.subnets, *subnet.Subnet.SubnetId)
	}
	balancer, err := w.api.ELB.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: w.subnets})
	done(err)
	w.balancer = *balancer.LoadBalancers[0].LoadBalancerArn
	_, err = w.api.ELB.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
		LoadBalancerArn: &w.balancer, Attributes: []elbtypes.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: aws.String("true")}},
	})
	done(err)
	group, err := w.api.ELB.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{Name: aws.String("web"), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: vpc.Vpc.VpcId})
	done(err)
	w.group = *group.TargetGroups[0].TargetGroupArn
	listener, err := w.api.ELB.CreateListener(ctx, &elb.CreateListenerInput{LoadBalancerArn: &w.balancer, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: answer("text/plain")})
	done(err)
	w.listener = *listener.Listeners[0].ListenerArn
	_, err = w.api.ELB.CreateRule(ctx, &elb.CreateRuleInput{
		ListenerArn: &w.listener, Priority: aws.Int32(1), Actions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &w.group}},
		Conditions: []elbtypes.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{"/api/*"}}},
	})
	done(err)
	return w
}
