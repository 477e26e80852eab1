package elb

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type targetGroup struct {
	elbtypes.TargetGroup
	tags       provision.Tags
	attributes map[string]string
}

// TargetGroupKind is where a load balancer finds the containers of one service in
// one environment. ECS registers them.
func TargetGroupKind() *provision.Type {
	id := func(g *targetGroup) string { return aws.ToString(g.TargetGroupArn) }
	fixed := func(field, fix string, want func(*provision.Step, target) string, have func(*targetGroup) string) provision.Field[target, *targetGroup] {
		return kit.Immutable(field, want, have, lang.Sprintf("a target group's %s cannot be changed; %s", field, fix))
	}
	const replace = "take the service out of the spec, run again, and put it back; or give it another name"
	return provision.Define(provision.Kind[target, *targetGroup]{
		Name:      "elb/target-group",
		ARN:       "elasticloadbalancing:targetgroup/",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[target, *targetGroup]{Free: freePart},
		Impact:    provision.Impact[*targetGroup]{Stateless: true},
		DependsOn: provision.Existing("ec2/vpc"),
		Want:      targets,
		List: func(ctx context.Context, w *provision.Sweep) ([]*targetGroup, error) {
			return kit.Pointers(targetGroups(ctx, w))
		},
		Describe: func(ctx context.Context, w *provision.Sweep, g *targetGroup) error { return g.describe(ctx, w) },
		Removal:  provision.Removal[*targetGroup]{Listed: true, Refused: refusesTargets},
		ID:       id,
		Tags:     func(g *targetGroup) provision.Tags { return g.tags },
		Naming: provision.Naming[target, *targetGroup]{
			Key:       func(g *targetGroup) string { return aws.ToString(g.TargetGroupName) },
			KeyOf:     func(_ *provision.Scope, d target) string { return d.Name },
			ExtraTags: func(_ *provision.Scope, d target) provision.Tags { return serviceLabels(d.App, d.Service, d.Env) },
		},
		Create: func(ctx context.Context, s *provision.Step, d target) (*targetGroup, error) {
			h := health(d)
			in := &elb.CreateTargetGroupInput{
				Name: aws.String(d.Name), TargetType: elbtypes.TargetTypeEnumIp, Protocol: d.Protocol,
				Port: aws.Int32(int32(d.Port)), VpcId: aws.String(s.ID("ec2/vpc", "vpc")), Tags: elbTags.To(s.Tags),
				HealthCheckEnabled: h.HealthCheckEnabled, HealthCheckProtocol: h.HealthCheckProtocol, HealthCheckPort: h.HealthCheckPort, HealthCheckPath: h.HealthCheckPath,
				Matcher: h.Matcher, HealthCheckIntervalSeconds: h.HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds: h.HealthCheckTimeoutSeconds,
				HealthyThresholdCount: h.HealthyThresholdCount, UnhealthyThresholdCount: h.UnhealthyThresholdCount,
			}
			if d.Protocol == elbtypes.ProtocolEnumHttp {
				in.ProtocolVersion = aws.String("HTTP1")
			}
			return kit.Get(ctx, s.API.ELB.CreateTargetGroup, in, func(o *elb.CreateTargetGroupOutput) *targetGroup {
				// TCP to addresses hides the client unless told otherwise.
				return &targetGroup{TargetGroup: o.TargetGroups[0], tags: s.Tags, attributes: map[string]string{deregistrationDelay: bornDelay, keepClient: "false"}}
			})
		},
		Delete: func(ctx context.Context, s *provision.Step, g *targetGroup) error {
			return kit.Do(ctx, s.API.ELB.DeleteTargetGroup, &elb.DeleteTargetGroupInput{TargetGroupArn: g.TargetGroupArn})
		},
		Retag: retagELB(id),
		Untag: untagELB(id),
		Limits: provision.Limits[target, *targetGroup]{
			Quota: &provision.Quota{Service: "elasticloadbalancing", Code: "L-B22855CB", Name: "target groups per region"},
		},
		Fields: []provision.Field[target, *targetGroup]{
			fixed("target type", replace, func(*provision.Step, target) string { return "ip" }, func(g *targetGroup) string { return string(g.TargetType) }),
			fixed("protocol", replace, func(_ *provision.Step, d target) string { return string(d.Protocol) }, func(g *targetGroup) string { return string(g.Protocol) }),
			fixed("port", "the runtime decides it: "+replace,
				func(_ *provision.Step, d target) string { return strconv.Itoa(int(d.Port)) },
				func(g *targetGroup) string { return strconv.Itoa(int(aws.ToInt32(g.Port))) }),
			fixed("VPC", replace, func(s *provision.Step, _ target) string { return s.ID("ec2/vpc", "vpc") }, func(g *targetGroup) string { return aws.ToString(g.VpcId) }),
			{
				Name: "health check",
				Want: func(_ *provision.Step, d target) string { return healthText(health(d)) },
				Have: func(g *targetGroup) string { return healthText(g.TargetGroup) },
				Set: func(ctx context.Context, s *provision.Step, d target, g *targetGroup) error {
					h := health(d)
					return kit.Do(ctx, s.API.ELB.ModifyTargetGroup, &elb.ModifyTargetGroupInput{
						TargetGroupArn: g.TargetGroupArn, HealthCheckEnabled: h.HealthCheckEnabled, HealthCheckProtocol: h.HealthCheckProtocol, HealthCheckPort: h.HealthCheckPort,
						HealthCheckPath: h.HealthCheckPath, Matcher: h.Matcher, HealthCheckIntervalSeconds: h.HealthCheckIntervalSeconds,
						HealthCheckTimeoutSeconds: h.HealthCheckTimeoutSeconds, HealthyThresholdCount: h.HealthyThresholdCount, UnhealthyThresholdCount: h.UnhealthyThresholdCount,
					})
				},
			},
			targetAttribute("deregistration delay in seconds", deregistrationDelay, wantDelay, ""),
			targetAttribute("client addresses kept", keepClient, "false", elbtypes.ProtocolEnumTcp),
		},
	})
}

func targetGroups(ctx context.Context, w *provision.Sweep) ([]targetGroup, error) {
	p := elb.NewDescribeTargetGroupsPaginator(w.ELB, &elb.DescribeTargetGroupsInput{})
	all, err := kit.All(ctx, p, func(o *elb.DescribeTargetGroupsOutput) []elbtypes.TargetGroup { return o.TargetGroups })
	if w.OwnOnly() { // to which others are nothing
		all = kit.Where(all, func(g elbtypes.TargetGroup) bool {
			return kit.Concerns(w, func(client string) bool {
				return strings.HasPrefix(aws.ToString(g.TargetGroupName), rules.Lower(client)+"-")
			})
		})
	}
	return withTags(ctx, w, all, err, func(g elbtypes.TargetGroup) *string { return g.TargetGroupArn }, func(g elbtypes.TargetGroup, tags provision.Tags) targetGroup {
		return targetGroup{TargetGroup: g, tags: tags}
	})
}

func (g *targetGroup) describe(ctx context.Context, w *provision.Sweep) error {
	out, err := w.ELB.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: g.TargetGroupArn})
	if err == nil {
		g.attributes = targetValues.Of(out.Attributes)
	}
	return err
}
