package sandbox

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// network are calls on a network load balancer "files" with a TCP listener on port
// 2222, made without a security group.
func (w *elbWorld) network() map[string]refusal {
	w.t.Helper()
	ctx, tcp := w.t.Context(), elbtypes.ProtocolEnumTcp
	done := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	lb, err := w.api.ELB.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: aws.String("files"), Type: elbtypes.LoadBalancerTypeEnumNetwork, Subnets: w.subnets[:1]})
	done(err)
	arn, vpc := lb.LoadBalancers[0].LoadBalancerArn, lb.LoadBalancers[0].VpcId
	group, err := w.api.ELB.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{Name: aws.String("files"), Protocol: tcp, Port: aws.Int32(2222), VpcId: vpc, TargetType: elbtypes.TargetTypeEnumIp})
	done(err)
	forward := func(to *string) []elbtypes.Action {
		return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: to}}
	}
	listener, err := w.api.ELB.CreateListener(ctx, &elb.CreateListenerInput{LoadBalancerArn: arn, Port: aws.Int32(2222), Protocol: tcp, DefaultActions: forward(group.TargetGroups[0].TargetGroupArn)})
	done(err)
	groups, err := w.api.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
	done(err)
	return map[string]refusal{
		"a security group for a network load balancer made without one": {func() error {
			_, err := w.api.ELB.SetSecurityGroups(ctx, &elb.SetSecurityGroupsInput{LoadBalancerArn: arn, SecurityGroups: []string{*groups.SecurityGroups[0].GroupId}})
			return err
		}, "InvalidConfigurationRequest"},
		"an attribute of another type of load balancer": {func() error {
			_, err := w.api.ELB.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
				LoadBalancerArn: arn, Attributes: []elbtypes.LoadBalancerAttribute{{Key: aws.String("idle_timeout.timeout_seconds"), Value: aws.String("60")}},
			})
			return err
		}, "InvalidConfigurationRequest"},
		"a rule on a TCP listener": {func() error {
			_, err := w.api.ELB.CreateRule(ctx, &elb.CreateRuleInput{ListenerArn: listener.Listeners[0].ListenerArn, Priority: aws.Int32(1), Actions: forward(group.TargetGroups[0].TargetGroupArn), Conditions: []elbtypes.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{"/"}}}})
			return err
		}, "InvalidConfigurationRequest"},
		"HTTP on a network load balancer": {func() error {
			_, err := w.api.ELB.CreateListener(ctx, &elb.CreateListenerInput{LoadBalancerArn: arn, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: answer("text/plain")})
			return err
		}, "ValidationError"},
		"an HTTP target group behind TCP": {func() error {
			_, err := w.api.ELB.CreateListener(ctx, &elb.CreateListenerInput{LoadBalancerArn: arn, Port: aws.Int32(80), Protocol: tcp, DefaultActions: forward(&w.group)})
			return err
		}, "InvalidConfigurationRequest"},
		"a path for a TCP health check": {func() error {
			_, err := w.api.ELB.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{Name: aws.String("path"), Protocol: tcp, Port: aws.Int32(22), VpcId: vpc, HealthCheckPath: aws.String("/")})
			return err
		}, "ValidationError"},
	}
}
