package elb

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

const (
	deregistrationDelay = "deregistration_delay.timeout_seconds"
	bornDelay           = "300" // API reference, TargetGroupAttribute
	// wantDelay is how long a deployment waits for requests that are under way.
	// AWS's 300 s would make each deployment five minutes longer.
	wantDelay = "30"
	// keepClient is whether targets see the addresses of those who connect. They do
	// not: the client's network ACL lets in the edge only, where the load balancer
	// stands, and its security group has judged them already.
	keepClient = "preserve_client_ip.enabled"
)

// health is how a target shows that it can work: looked at every 15 s, it gets
// requests after 30 s and loses them after 45 s. TCP is well when it connects.
func health(d target) elbtypes.TargetGroup {
	h := elbtypes.TargetGroup{
		HealthCheckEnabled: aws.Bool(true), HealthCheckProtocol: d.Protocol, HealthCheckPort: aws.String("traffic-port"),
		HealthCheckIntervalSeconds: aws.Int32(15), HealthCheckTimeoutSeconds: aws.Int32(5), HealthyThresholdCount: aws.Int32(2), UnhealthyThresholdCount: aws.Int32(3),
	}
	if d.Health != d.Port {
		h.HealthCheckPort = aws.String(strconv.Itoa(int(d.Health)))
	}
	if d.Protocol == elbtypes.ProtocolEnumHttp {
		h.HealthCheckPath, h.Matcher = aws.String(rules.HealthPath), &elbtypes.Matcher{HttpCode: aws.String("200")}
	}
	return h
}

func healthText(g elbtypes.TargetGroup) string {
	codes, path := "", ""
	if g.Matcher != nil && g.HealthCheckProtocol != elbtypes.ProtocolEnumTcp {
		codes, path = aws.ToString(g.Matcher.HttpCode), aws.ToString(g.HealthCheckPath)
	}
	return kit.Lines([]string{
		"checks " + kit.OnOff(aws.ToBool(g.HealthCheckEnabled)), "protocol " + string(g.HealthCheckProtocol), "port " + aws.ToString(g.HealthCheckPort),
		"path " + path, "codes " + codes,
		fmt.Sprintf("interval %d s", aws.ToInt32(g.HealthCheckIntervalSeconds)), fmt.Sprintf("timeout %d s", aws.ToInt32(g.HealthCheckTimeoutSeconds)),
		fmt.Sprintf("healthy after %d", aws.ToInt32(g.HealthyThresholdCount)), fmt.Sprintf("unhealthy after %d", aws.ToInt32(g.UnhealthyThresholdCount)),
	})
}

// targetAttribute is an attribute of target groups of a protocol; of all when that is empty.
func targetAttribute(field, key, want string, of elbtypes.ProtocolEnum) provision.Field[target, *targetGroup] {
	return provision.Field[target, *targetGroup]{
		Name: field, Want: func(*provision.Step, target) string { return want },
		Have: func(g *targetGroup) string {
			if of != "" && g.Protocol != of {
				return provision.Keep
			}
			return g.attributes[key]
		},
		Set: func(ctx context.Context, s *provision.Step, _ target, g *targetGroup) error {
			return kit.Do(ctx, s.API.ELB.ModifyTargetGroupAttributes, &elb.ModifyTargetGroupAttributesInput{
				TargetGroupArn: g.TargetGroupArn, Attributes: targetValues.To(provision.Tags{key: want}),
			})
		},
	}
}

// targetValues are attributes as Elastic Load Balancing has them: keys with values, as tags are.
var targetValues = kit.TagCodec[elbtypes.TargetGroupAttribute](func(a *elbtypes.TargetGroupAttribute) (key, value **string) { return &a.Key, &a.Value })
